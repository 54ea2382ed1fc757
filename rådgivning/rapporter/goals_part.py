"""The blocks that answer the delmål: indicators, their years, sources, the daily work behind, the leder's comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from rådgivning.dansk import tal
from rådgivning.plan.schema import Aktivitet, Figur, Indikator
from rådgivning.rapporter.document import (
    UDELADT_FORKLARET,
    Blok,
    Celle,
    Graf,
    Overskrift,
    Punkter,
    Tabelblok,
    Tekst,
)
from rådgivning.statistik.arrears import Udsættelser
from rådgivning.statistik.contributions import Bidrag, Sagstal
from rådgivning.statistik.goals import AFTALEN, DelmålVisning, IndikatorVisning, OmrådeVisning

INGEN_INDIKATOR: Final = "Kilderne har ingen indikator til dette delmål."
NO_SUCH: Final = "–"
KOMMENTAR: Final = "Kommentar"
UDEN_INDIKATOR: Final = "Delmål uden indikator"
_HØJDE: Final = 60.0
_IKKE_TALT: Final = "Tal fra aftalen, undersøgelser og registre; ikke talt i rådgivningen"


@dataclass(frozen=True)
class Svar:
    """What answers the delmål: the leder's comments by delmål, the udsættelser by indicator, the period in words, how
    its counts are protected, and whether they are rounded, so that none is left out."""

    kommentarer: Mapping[str, str]
    udsættelser: Mapping[str, Udsættelser]
    periode: str
    beskyttet: str
    afrundet: bool


def indsatsområder(areas: Sequence[OmrådeVisning], svar: Svar) -> Iterator[Blok]:
    """Every indsatsområde with its delmål."""
    for area in areas:
        yield Overskrift(tekst=area.indsatsområde.navn)
        bare = [goal for goal in area.delmål if goal.bare_tekst and not svar.kommentarer.get(goal.nøgle)]
        for goal in area.delmål:
            if goal not in bare:
                yield from _goal(goal, svar)
        if bare:
            yield Overskrift(tekst=UDEN_INDIKATOR, niveau=2)
            yield Tekst(tekst="Kilderne har ingen indikator til disse delmål, og intet tælles til dem.", stil="note")
            yield Punkter(punkter=tuple(("", goal.delmål.tekst) for goal in bare))
        if area.uden_delmål:
            yield Overskrift(tekst="Aktiviteter", niveau=2)
            yield Tekst(tekst="Kilderne siger ikke, hvilket delmål den enkelte aktivitet understøtter.", stil="note")
            yield Punkter(punkter=tuple(_activity(activity) for activity in area.uden_delmål))


def afsnit_af(tekst: str) -> list[str]:
    """The paragraphs of what somebody wrote, an empty line between them; a single line end is a blank."""
    return [" ".join(part.split()) for part in tekst.split("\n\n") if part.strip()]


def _goal(goal: DelmålVisning, svar: Svar) -> Iterator[Blok]:
    yield Overskrift(tekst=("Overordnet mål: " if goal.delmål.overordnet else "") + goal.delmål.tekst, niveau=2)
    if goal.indikatorer:
        yield _table(goal)
        yield Punkter(punkter=tuple(_source(shown) for shown in goal.indikatorer))
        for shown in goal.indikatorer:
            yield from _trend(shown)
            yield from _worked(shown, svar.periode)
            if shown.nøgle in svar.udsættelser:
                yield from _evictions(shown, svar.udsættelser[shown.nøgle], svar.periode)
    else:
        yield Tekst(tekst=INGEN_INDIKATOR, stil="note")
    yield from _counts(goal, svar.periode, svar.beskyttet)
    if goal.bidrag:
        yield from _contributions(goal, goal.bidrag, svar)
    if goal.aktiviteter:
        yield Overskrift(tekst="Aktiviteterne bag", niveau=3)
        yield Punkter(punkter=tuple(_activity(activity) for activity in goal.aktiviteter))
    if kommentar := afsnit_af(svar.kommentarer.get(goal.nøgle, "")):
        yield Overskrift(tekst=KOMMENTAR, niveau=3)
        for paragraph in kommentar:
            yield Tekst(tekst=paragraph, stil="kommentar")


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


def _counts(goal: DelmålVisning, periode: str, beskyttet: str) -> Iterator[Blok]:
    together = [(shown.indikator, shown.sammenholdt) for shown in goal.indikatorer if shown.sammenholdt]
    counts: list[Sagstal] = [*(beside.sagstal for _indicator, beside in together), *goal.optællinger]
    if not counts:
        return
    yield Overskrift(tekst=f"Fra det daglige arbejde, {periode}", niveau=3)
    rounded = [count for count in counts if not count.offentlig]
    shown = Tabelblok(
        navn=f"optællinger_{goal.nøgle}",
        titel=f"Optællinger fra det daglige arbejde, {periode}: {goal.delmål.tekst}",
        enhed="Optællinger",
        hoved=("Optælling", "Antal"),
        rækker=tuple((count.etiket + (" (præcist)" if count.offentlig else ""), count.værdi) for count in counts),
        tal=(1,),
        bredder=(4, 1),
        billedtekst=False,
        beskyttelse=beskyttet,
        sted="papir",
    )
    yield shown
    if rounded:  # the public ones have a place of their own in spreadsheets, which says that they are exact
        rows = tuple((count.etiket, count.værdi) for count in rounded)
        yield shown.model_copy(update={"rækker": rows, "sted": "ark"})
    note = "Tallene støtter delmålet og lægges ikke sammen med indikatorerne."
    if any(count.offentlig for count in counts):
        note += " »Præcist« er tal, som aftalen selv offentliggør; de andre er beskyttet."
    if any(count.værdi is None for count in counts):
        note += f" {UDELADT_FORKLARET}"
    yield Tekst(tekst=note, stil="note")


def _contributions(goal: DelmålVisning, bidrag: Bidrag, svar: Svar) -> Iterator[Blok]:
    """What each activity did; where nothing is left out, a figure that is missing is one that is not counted for it."""
    title = f"Hvad hver aktivitet bidrog med, {svar.periode}"
    yield Overskrift(tekst=title, niveau=3)
    yield Tabelblok(
        navn=f"bidrag_{goal.nøgle}",
        titel=f"{title}: {goal.delmål.tekst}",
        enhed="Optællinger",
        hoved=("Aktivitet", *bidrag.kolonner),
        rækker=tuple(
            (name, *(NO_SUCH if value is None and svar.afrundet else value for value in values))
            for name, values in bidrag.rækker
        ),
        tal=tuple(range(1, len(bidrag.kolonner) + 1)),
        billedtekst=False,
        beskyttelse=svar.beskyttet,
    )
    if not svar.afrundet and any(value is None for _name, values in bidrag.rækker for value in values):
        yield Tekst(tekst=UDELADT_FORKLARET, stil="note")


def _evictions(indicator: IndikatorVisning, shown: Udsættelser, periode: str) -> Iterator[Blok]:
    yield Overskrift(tekst="Udsættelser pr. år og afdeling", niveau=3)
    yield Tabelblok(
        navn=f"udsættelser_{indicator.nøgle}",
        titel=f"Udsættelser på baggrund af restance pr. kalenderår: {navn(indicator.indikator)}",
        hoved=tuple(shown.kolonner),
        rækker=tuple(tuple(row) for row in shown.rækker),
        tal=tuple(range(1, len(shown.kolonner))),
        billedtekst=False,
        sted="papir",
    )
    yield Tekst(tekst="– betyder, at tallet ikke er oplyst eller ikke vises for det år.", stil="note")
    if not shown.nøgletal:
        return
    yield Overskrift(tekst=f"Restancesagerne, {periode}", niveau=3)
    yield Tabelblok(
        navn=f"nøgletal_{indicator.nøgle}",
        titel=f"Nøgletal for afsluttede restancesager: {navn(indicator.indikator)}",
        hoved=("Nøgletal", "Tal", "Sådan er det regnet"),
        rækker=tuple((figure.titel, figure.værdi, figure.forklaring) for figure in shown.nøgletal),
        tal=(),
        bredder=(3, 2, 5),
        billedtekst=False,
        sted="papir",
    )
    yield Tekst(tekst="Regnet af de beskyttede tal, så andelene er omtrentlige.", stil="note")


def _activity(activity: Aktivitet) -> tuple[str, str]:
    said = [part for part in (activity.status, activity.beskrivelse) if part]
    return f"{activity.navn.removesuffix('.')}.", " ".join(
        part[:1].upper() + part[1:].removesuffix(".") + "." for part in said
    )


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
