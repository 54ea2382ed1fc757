"""Delmål answered: what the agreement started from, what has been measured since, and the protected counts beside it.

Survey figures and casework counts stand side by side and are never added. Pure values: the pages only lay them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from rådgivning.dansk import tal
from rådgivning.plan.models import Måling
from rådgivning.plan.schema import Aktivitet, Delmål, Figur, Filter, Indikator, Indsatsområde, PlanIndhold, Retning
from rådgivning.statistik.charts import trend
from rådgivning.statistik.periods import Periode, month_days
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import ENHEDER


@dataclass(frozen=True)
class Status:
    """How an indicator stands: a short mark, its kind (neutral, info, ok, advarsel, fejl), and the reason in words."""

    mærke: str
    slags: str
    tekst: str = ""


INGEN_NY = Status("Ingen ny måling", "neutral")


@dataclass(frozen=True)
class Punkt:
    """One year's value in an indicator's series; `aftalt` when the agreement itself states it."""

    år: int
    værdi: Decimal
    aftalt: bool


@dataclass(frozen=True)
class Sagstal:
    """A casework count of the chosen period. `offentlig` ones are exact, others rounded; `flere` are sums of such."""

    etiket: str
    værdi: int
    offentlig: bool = False
    flere: bool = False
    begrundelse: str = ""


@dataclass(frozen=True)
class Sammenholdt:
    """The official number of a calendar year beside the casework's own count; neither replaces the other."""

    år: int
    officiel: Måling | None
    sagstal: Sagstal

    @property
    def forskel(self) -> Decimal | None:
        """Official minus casework; None before the official number has come."""
        return None if self.officiel is None else self.officiel.værdi - self.sagstal.værdi


@dataclass(frozen=True)
class IndikatorVisning:
    """An indicator with its målinger since the baseline, oldest first."""

    nøgle: str
    indikator: Indikator
    målinger: Sequence[Måling]
    status: Status
    serie: Sequence[Punkt]
    sammenholdt: Sammenholdt | None

    @property
    def mål(self) -> str:
        """The target in words."""
        if self.indikator.grænse is not None:
            return f"Under {tal(self.indikator.grænse)} om året"
        return "Skal stige" if self.indikator.retning is Retning.OP else "Skal falde"

    @property
    def graf(self) -> Markup | None:
        """The series as a line beside baseline and ceiling; None when there are not two years to join."""
        if len(self.serie) < 2:
            return None
        lines = []
        if self.indikator.baseline is not None:
            lines.append((f"Baseline {self.indikator.baseline.år}", float(self.indikator.baseline.værdi)))
        if self.indikator.grænse is not None:
            lines.append(("Målet er under", float(self.indikator.grænse)))
        points = [(str(point.år), float(point.værdi)) for point in self.serie]
        return trend(self.indikator.navn, points, self.indikator.enhed, lines)

    @property
    def rækker(self) -> list[list[str]]:
        """The series as a table: year, value, where it comes from."""
        origin = {True: "Aftalen", False: "Måling"}
        return [[str(point.år), tal(point.værdi), origin[point.aftalt]] for point in self.serie]


@dataclass(frozen=True)
class DelmålVisning:
    """A delmål with everything that answers it."""

    nøgle: str
    delmål: Delmål
    indikatorer: Sequence[IndikatorVisning]
    aktiviteter: Sequence[Aktivitet]
    optællinger: Sequence[Sagstal]

    @property
    def bare_tekst(self) -> bool:
        """Whether there is nothing to show but the goal itself."""
        return not (self.indikatorer or self.aktiviteter or self.optællinger)


@dataclass(frozen=True)
class OmrådeVisning:
    """An indsatsområde with its delmål, and the activities of which the sources do not say which one they support."""

    indsatsområde: Indsatsområde
    delmål: Sequence[DelmålVisning]
    uden_delmål: Sequence[Aktivitet]


def vis_delmål(
    indhold: PlanIndhold,
    målinger: Sequence[Måling],
    periode: Periode,
    release: Release | None,
    i_dag: date,
) -> list[OmrådeVisning]:
    """Every indsatsområde and delmål that held in the period. Without a release there are no counts."""
    first, last = _days(periode)
    areas = []
    for key, area in indhold.indsatsområde.items():
        goals = [
            _goal(indhold, goal_key, målinger, periode, release, i_dag)
            for goal_key, goal in indhold.delmål.items()
            if goal.indsatsområde == key and goal.gælder_mellem(first, last)
        ]
        loose = [a for a in indhold.aktivitet.values() if a.indsatsområde == key and not a.understøtter]
        areas.append(OmrådeVisning(area, goals, [a for a in loose if a.gælder_mellem(first, last)]))
    return areas


def _days(periode: Periode) -> tuple[date, date]:
    return month_days(periode.måneder[0])[0], month_days(periode.måneder[-1])[1]


def _goal(
    indhold: PlanIndhold,
    key: str,
    målinger: Sequence[Måling],
    periode: Periode,
    release: Release | None,
    i_dag: date,
) -> DelmålVisning:
    first, last = _days(periode)
    counts = {
        name: found
        for name, count in indhold.optælling.items()
        if key in count.delmål and (found := _count(indhold, name, release)) is not None
    }
    beside = {indhold.optælling[name].indikator: found for name, found in counts.items()}
    return DelmålVisning(
        nøgle=key,
        delmål=indhold.delmål[key],
        indikatorer=[
            vis_indikator(name, indicator, målinger, periode, beside.get(name), i_dag)
            for name, indicator in indhold.indikator.items()
            if indicator.delmål == key
        ],
        aktiviteter=[a for a in indhold.aktivitet.values() if key in a.understøtter and a.gælder_mellem(first, last)],
        optællinger=[found for name, found in counts.items() if not indhold.optælling[name].indikator],
    )


def _count(indhold: PlanIndhold, name: str, release: Release | None) -> Sagstal | None:
    """The count as the release has it; None when the release has no such cell."""
    count = indhold.optælling[name]
    if release is None:
        return None
    if count.offentlig:
        exact = release.offentlig(name)
        return None if exact is None else Sagstal(count.etiket, exact, offentlig=True, begrundelse=count.begrundelse)
    unit, dims = celle(count.filter)
    value = release.sum(unit, **dims) if unit else None
    several = any(len(values) > 1 for values in dims.values())
    return None if value is None else Sagstal(count.etiket, value, flere=several)


def celle(valgt: Filter) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """A filter over facts in the report's own words: its unit and dimensions; no unit when the report has none such."""
    for unit in ENHEDER.values():
        if unit.fakta == valgt.enhed and unit.navn != "beboere":
            names = {column: name for name, column in unit.kolonner.items()}
            return unit.navn, {names.get(column, column): values for column, values in valgt.dimensioner().items()}
    return "", {}


def vis_indikator(
    nøgle: str,
    indikator: Indikator,
    målinger: Sequence[Måling],
    periode: Periode,
    sagstal: Sagstal | None,
    i_dag: date,
) -> IndikatorVisning:
    """One indicator: its målinger, its series with one value a year, how it stands, and the two counts side by side."""
    own = [måling for måling in målinger if måling.indikator == nøgle]
    chosen = _one_a_year(own, indikator.datakilde)
    agreed = {figure.år: Punkt(figure.år, figure.værdi, aftalt=True) for figure in indikator.figurer()}
    later = {year: Punkt(year, måling.værdi, aftalt=False) for year, måling in chosen.items() if year not in agreed}
    compared = None
    if sagstal is not None and periode.er_kalenderår:
        year = int(periode.navn)
        compared = Sammenholdt(year, chosen.get(year), sagstal)
    return IndikatorVisning(
        nøgle=nøgle,
        indikator=indikator,
        målinger=own,
        status=status(indikator, chosen[max(chosen)] if chosen else None, i_dag),
        serie=sorted((agreed | later).values(), key=lambda point: point.år),
        sammenholdt=compared,
    )


def _one_a_year(målinger: Sequence[Måling], datakilde: str) -> dict[int, Måling]:
    """One måling a year: the one from the indicator's own source, else the last entered."""
    chosen: dict[int, Måling] = {}
    for måling in sorted(målinger, key=lambda m: (m.kilde.casefold() == datakilde.casefold(), m.oprettet)):
        chosen[måling.år] = måling
    return chosen


def status(indikator: Indikator, seneste: Måling | None, i_dag: date) -> Status:
    """How the latest måling stands to the target or, where a direction is wanted, to the baseline."""
    if seneste is None:
        return INGEN_NY
    if indikator.grænse is not None:
        return _under(indikator.grænse, seneste, i_dag)
    if indikator.baseline is None:
        return Status("Målt", "info", f"Målt i {seneste.år}; aftalen har ingen baseline.")
    return _moved(indikator, indikator.baseline, seneste)


def _under(grænse: Decimal, seneste: Måling, i_dag: date) -> Status:
    value, limit = tal(seneste.værdi), tal(grænse)
    if seneste.værdi >= grænse:
        return Status(f"Ikke under {limit}", "fejl", f"{value} i {seneste.år}.")
    if seneste.år >= i_dag.year:
        return Status(f"Under {limit} indtil nu", "info", f"{value} i {seneste.år}, som ikke er slut.")
    return Status(f"Under {limit}", "ok", f"{value} i {seneste.år}.")


def _moved(indikator: Indikator, baseline: Figur, seneste: Måling) -> Status:
    change = seneste.værdi - baseline.værdi
    unit = "procentpoint" if indikator.enhed == "%" else indikator.enhed
    if change == 0:
        return Status("Uændret", "neutral", f"Det samme i {seneste.år} som i {baseline.år}.")
    moved = f"{'Steget' if change > 0 else 'Faldet'} {tal(abs(change))} {unit} fra {baseline.år} til {seneste.år}"
    if indikator.enhed == "%" and not indikator.registertal:
        if seneste.n is None or seneste.n == 0:
            return Status("Usikker ændring", "info", f"{moved}. Antal svar er ikke oplyst: det kan være tilfældigt.")
        margin = usikkerhed(seneste.n, baseline.n)
        if abs(change) <= margin:
            return Status("Usikker ændring", "info", f"{moved}. Usikkerheden er ± {tal(margin, 1)} procentpoint.")
    if (change > 0) == (indikator.retning is Retning.OP):
        return Status("Den ønskede vej", "ok", f"{moved}.")
    return Status("Den forkerte vej", "advarsel", f"{moved}.")


def usikkerhed(n: int, n_baseline: int | None) -> Decimal:
    """About how far, in percentage points, two surveys may differ by chance: √(1/n + 1/n₀).

    A baseline whose n the sources do not tell is taken to have had as many answers.
    """
    other = n_baseline or n
    return 100 * (Decimal(1) / n + Decimal(1) / other).sqrt()
