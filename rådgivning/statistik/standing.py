"""How an indicator stands: to its target where the plan sets one, else which way it went since the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from rådgivning.dansk import tal
from rådgivning.plan.agreement import Figur, Indikator, Retning


@dataclass(frozen=True)
class Status:
    """How an indicator stands: a short mark, its kind (neutral, info, ok, advarsel, fejl), and the reason in words."""

    mærke: str
    slags: str
    tekst: str = ""


INGEN_NY = Status("Ingen ny måling", "neutral")
KAN_IKKE = Status("Kan ikke beregnes", "neutral")


class Målt(Protocol):
    """A year's value: a måling, or a point of a series."""

    @property
    def år(self) -> int: ...
    @property
    def værdi(self) -> Decimal: ...
    @property
    def n(self) -> int | None: ...


def status(indikator: Indikator, seneste: Målt | None, i_dag: date) -> Status:
    """How the latest value stands. Only a target of the plan gives a green or a red light; otherwise it is told which
    way the value went since the baseline."""
    if seneste is None:
        return INGEN_NY
    if indikator.grænse is not None:
        return _under(indikator.grænse, seneste, i_dag)
    if indikator.mål is not None:
        return _reached(indikator, indikator.mål, seneste, i_dag)
    if indikator.baseline is None:
        return Status("Målt", "info", f"{_told(indikator)} i {seneste.år}; aftalen har ingen baseline.")
    return _moved(indikator, indikator.baseline, seneste)


def _told(indikator: Indikator) -> str:
    return "Beregnet" if indikator.formel else "Målt"


def _under(grænse: Decimal, seneste: Målt, i_dag: date) -> Status:
    value, limit = tal(seneste.værdi), tal(grænse)
    if seneste.værdi >= grænse:
        return Status(f"Ikke under {limit}", "fejl", f"{value} i {seneste.år}.")
    if seneste.år >= i_dag.year:
        return Status(f"Under {limit} indtil nu", "info", f"{value} i {seneste.år}, som ikke er slut.")
    return Status(f"Under {limit}", "ok", f"{value} i {seneste.år}.")


def _reached(indikator: Indikator, mål: Decimal, seneste: Målt, i_dag: date) -> Status:
    up = indikator.retning is Retning.OP
    value = f"{med_enhed(seneste.værdi, indikator)} i {seneste.år}."
    if indikator.formel and seneste.år >= i_dag.year:
        return Status("Indtil nu", "info", f"{value[:-1]}, som ikke er slut.")
    if seneste.værdi == mål or (seneste.værdi > mål) == up:
        return Status("Målet er nået", "ok", value)
    base = indikator.baseline
    if base is not None and seneste.værdi != base.værdi and (seneste.værdi > base.værdi) == up:
        return Status("På vej mod målet", "advarsel", f"{value} Baseline var {med_enhed(base.værdi, indikator)}.")
    return Status("Målet er ikke nået", "fejl", value)


def _moved(indikator: Indikator, baseline: Figur, seneste: Målt) -> Status:
    change = seneste.værdi - baseline.værdi
    unit = "procentpoint" if indikator.enhed == "%" else indikator.enhed
    if change == 0:
        return Status("Uændret", "neutral", f"Det samme i {seneste.år} som i {baseline.år}.")
    moved = f"{'Steget' if change > 0 else 'Faldet'} {tal(abs(change))} {unit} fra {baseline.år} til {seneste.år}"
    if indikator.enhed == "%" and not indikator.registertal and not indikator.formel:
        if seneste.n is None or seneste.n == 0:
            return Status("Usikker ændring", "info", f"{moved}. Antal svar er ikke oplyst: det kan være tilfældigt.")
        margin = usikkerhed(seneste.n, baseline.n)
        if abs(change) <= margin:
            return Status("Usikker ændring", "info", f"{moved}. Usikkerheden er ± {tal(margin, 1)} procentpoint.")
    if (change > 0) == (indikator.retning is Retning.OP):
        return Status("Den ønskede vej", "info", f"{moved}.")
    return Status("Den forkerte vej", "info", f"{moved}.")


def usikkerhed(n: int, n_baseline: int | None) -> Decimal:
    """About how far, in percentage points, two surveys may differ by chance: √(1/n + 1/n₀).

    A baseline whose n the sources do not tell is taken to have had as many answers.
    """
    other = n_baseline or n
    return 100 * (Decimal(1) / n + Decimal(1) / other).sqrt()


def med_enhed(value: Decimal, indikator: Indikator) -> str:
    """The value as it is read: `7,8 %`."""
    return f"{tal(value)}\u00a0{indikator.enhed}"
