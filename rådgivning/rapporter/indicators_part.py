"""The blocks of the indicators: side by side, where they come from, through the years, and as numbers for sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from rådgivning.dansk import tal
from rådgivning.plan.agreement import Figur, Indikator
from rådgivning.rapporter.document import Blok, Celle, Graf, Punkter, Tabelblok, Tekst
from rådgivning.statistik.goals import AFTALEN, DelmålVisning, IndikatorVisning, OmrådeVisning

_HØJDE: Final = 60.0
_IKKE_TALT: Final = "Tal fra aftalen, undersøgelser og registre; ikke talt i rådgivningen"


def oversigt(goal: DelmålVisning) -> Iterator[Blok]:
    """The indicators of a delmål side by side, and where their figures come from."""
    yield _table(goal)
    yield Punkter(punkter=tuple(_source(shown) for shown in goal.indikatorer))


def forløb(shown: IndikatorVisning, periode: str) -> Iterator[Blok]:
    """An indicator through the years, and what its formula gives."""
    yield from _trend(shown)
    yield from _worked(shown, periode)


def _table(goal: DelmålVisning) -> Tabelblok:
    """The comparison group stands in the heading when all have the same."""
    others = {shown.indikator.sammenligning.gruppe for shown in goal.indikatorer if shown.indikator.sammenligning}
    group = next(iter(others)) if len(others) == 1 else ""
    return Tabelblok(
        navn=f"delmål_{goal.nøgle}",
        titel=f"Indikatorer: {goal.delmål.tekst}",
        hoved=("Indikator", "Baseline", group or "Sammenligning", "Mål", "Seneste måling", "Status"),
        rækker=tuple(_row(shown, group) for shown in goal.indikatorer),
        tal=(),
        bredder=(5, 3, 4, 3, 4, 4),
        billedtekst=False,
        sted="papir",
    )


def _row(shown: IndikatorVisning, group: str) -> tuple[Celle, ...]:
    indicator = shown.indikator
    other = indicator.sammenligning
    return (
        navn(indicator),
        _figure(indicator.baseline, indicator) if indicator.baseline else "Ingen baseline",
        (f"{other.gruppe}: " if other.gruppe != group else "") + _figure(other, indicator) if other else "–",
        shown.mål,
        _latest(shown),
        f"{shown.status.mærke}. {shown.status.tekst}".strip(),
    )


def _latest(shown: IndikatorVisning) -> str:
    """The newest value since the agreement, by måling or by formula."""
    later = [point for point in shown.serie if point.kilde != AFTALEN]
    if not later:
        return shown.beregning.svar if shown.beregning else "Ingen endnu"
    about = "Ca. " if shown.indikator.formel else ""
    return f"{about}{med_enhed(later[-1].værdi, shown.indikator.enhed)} ({later[-1].år})"


def navn(indicator: Indikator) -> str:
    """The indicator with the answers that count."""
    return f"{indicator.navn}: {indicator.svar}" if indicator.svar else indicator.navn


def med_enhed(værdi: Decimal, enhed: str, decimaler: int | None = None) -> str:
    """A percentage with its sign; other units stand in the heading or the name."""
    return f"{tal(værdi, decimaler)} %" if enhed == "%" else tal(værdi, decimaler)


def _figure(figur: Figur, indicator: Indikator) -> str:
    marks = f" [{', '.join(figur.fodnoter)}]" if figur.fodnoter else ""
    note = f" {figur.note}" if figur.note else ""
    return f"{med_enhed(figur.værdi, indicator.enhed, figur.decimaler)} ({figur.år}){marks}{note}"


def _source(shown: IndikatorVisning) -> tuple[str, str]:
    indicator = shown.indikator
    found = [f"Kilde: {indicator.datakilde}."]
    found += [f"[{mark}] {text}" for mark, text in indicator.fodnoter.items()]
    found += [indicator.note] if indicator.note else []
    sources = {måling.kilde for måling in shown.målinger} - {indicator.datakilde}
    found += [f"Senere målinger: {', '.join(sorted(sources))}."] if sources else []
    found += [f"Note til målingen {måling.år}: {måling.note}" for måling in shown.målinger if måling.note]
    return f"{indicator.navn.removesuffix('.')}.", " ".join(found)


def _trend(shown: IndikatorVisning) -> Iterator[Blok]:
    """The years as a line; nothing when there are not two to join."""
    indicator = shown.indikator
    if len(shown.serie) < 2:
        return
    told = "; ".join(f"{point.år}: {med_enhed(point.værdi, indicator.enhed)}" for point in shown.serie)
    named = "; ".join(f"{label}: {tal(value)}" for label, value in shown.linjer)
    title = f"Udvikling: {navn(indicator)}"
    yield Tekst(tekst=f"{title}, {indicator.enhed}. Kun år, der er oplyst tal for, er tegnet.", stil="note")
    yield Graf(
        form="udvikling",
        titel=title,
        rækker=tuple((str(point.år), (float(point.værdi),)) for point in shown.serie),
        linjer=tuple(shown.linjer),
        enhed=indicator.enhed,
        tekst=f"Linjediagram. {title}. {told}" + (f". {named}" if named else ""),
        plads=_HØJDE,
    )


def _worked(shown: IndikatorVisning, periode: str) -> Iterator[Blok]:
    """What the indicator's formula gives, and of which figures."""
    if shown.beregning is None:
        return
    parts = "; ".join(f"{name}: {value}" for name, value in shown.beregning.led)
    yield Tekst(tekst=f"{shown.indikator.navn}, {periode}: {shown.beregning.svar}")
    yield Tekst(tekst=f"Regnet som {shown.beregning.formel} af de beskyttede tal: {parts}.", stil="note")


def til_regneark(areas: Sequence[OmrådeVisning]) -> Iterator[Blok]:
    """Every indicator's figures as numbers, for XLSX and CSV."""
    goals = [(area, goal, shown) for area in areas for goal in area.delmål for shown in goal.indikatorer]
    if not goals:
        return
    yield Tabelblok(
        navn="indikatorer",
        titel="Indikatorer",
        hoved=(
            *("Indsatsområde", "Delmål", "Indikator", "Enhed", "Baseline, år", "Baseline", "Sammenligning, år"),
            *(
                "Sammenligning",
                "Seneste måling, år",
                "Seneste måling",
                "Mål",
                "Status",
                "Sammenlignet med",
                "Datakilde",
            ),
        ),
        rækker=tuple(_numbers(area, goal, shown) for area, goal, shown in goals),
        tal=(4, 5, 6, 7, 8, 9),
        beskyttelse=_IKKE_TALT,
        sted="ark",
    )
    yield Tabelblok(
        navn="indikatorer_år",
        titel="Indikatorer år for år",
        hoved=("Delmål", "Indikator", "Enhed", "År", "Værdi", "Kilde"),
        rækker=tuple(
            (goal.delmål.tekst, navn(shown.indikator), shown.indikator.enhed, row[0], float(point.værdi), row[2])
            for _area, goal, shown in goals
            for point, row in zip(shown.serie, shown.rækker, strict=True)
        ),
        tal=(4,),
        beskyttelse=_IKKE_TALT,
        sted="ark",
    )


def _numbers(area: OmrådeVisning, goal: DelmålVisning, shown: IndikatorVisning) -> tuple[Celle, ...]:
    indicator = shown.indikator
    first, other = indicator.baseline, indicator.sammenligning
    latest = next((point for point in reversed(shown.serie) if point.kilde != AFTALEN), None)
    return (
        area.indsatsområde.navn,
        goal.delmål.tekst,
        navn(indicator),
        indicator.enhed,
        *((first.år, float(first.værdi)) if first else ("", "")),
        *((other.år, float(other.værdi)) if other else ("", "")),
        *((latest.år, float(latest.værdi)) if latest else ("", "")),
        shown.mål,
        shown.status.mærke,
        other.gruppe if other else "",
        indicator.datakilde,
    )
