"""The blocks that answer the delmål: their indicators, the daily work behind, the activities, the leder's comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rådgivning.plan.agreement import Aktivitet
from rådgivning.rapporter.document import UDELADT_FORKLARET, Blok, Overskrift, Punkter, Tabelblok, Tekst
from rådgivning.rapporter.indicators_part import forløb, navn, oversigt
from rådgivning.statistik.arrears import Udsættelser
from rådgivning.statistik.contributions import Bidrag, Sagstal
from rådgivning.statistik.goals import DelmålVisning, IndikatorVisning, OmrådeVisning

INGEN_INDIKATOR: Final = "Kilderne har ingen indikator til dette delmål."
NO_SUCH: Final = "–"
KOMMENTAR: Final = "Kommentar"
UDEN_INDIKATOR: Final = "Delmål uden indikator"


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
        yield from oversigt(goal)
        for shown in goal.indikatorer:
            yield from forløb(shown, svar.periode)
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
