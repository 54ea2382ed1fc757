"""One of the two reports as a document: introduction, the delmål answered, tables, public totals, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rådgivning.dansk import dato, lang_dato
from rådgivning.plan.models import Måling
from rådgivning.plan.schema import PlanIndhold
from rådgivning.rapporter import figures, goals_part, indicators_part
from rådgivning.rapporter.document import Blok, Dokument, Overskrift, Punkter, Sideskift, Tekst
from rådgivning.rapporter.kinds import Rapportslags
from rådgivning.rapporter.report import TOM, is_rounded, kort, opgjort, rapport, tabeller
from rådgivning.statistik.arrears import Udsættelser, udsættelser
from rådgivning.statistik.goals import OmrådeVisning, vis_delmål
from rådgivning.statistik.release import Release
from rådgivning.statistik.release_words import efterslæb, stand

INDLEDNING: Final = "Indledning"
"""The heading of the leder's introduction; its key among the texts is ""."""
KILDER: Final = "Kilder"
KLADDE: Final = "Kladde: rapporten er ikke gjort færdig."


@dataclass(frozen=True)
class Grundlag:
    """What a report is made of, beside the leder's texts."""

    slags: Rapportslags
    indhold: PlanIndhold
    målinger: Sequence[Måling]
    release: Release
    år: Mapping[int, Release]
    """The calendar years' releases, for figures year by year."""
    i_dag: date


def statusrapport(grundlag: Grundlag, tekster: Mapping[str, str], udgave: int | None) -> Dokument:
    """The report with its texts (by delmål key, "" the introduction). `udgave` is None while it is a draft."""
    release, head = grundlag.release, grundlag.indhold.helhedsplan
    made = rapport(grundlag.indhold, release)
    finished = KLADDE if udgave is None else f"{udgave}. udgave, gjort færdig {lang_dato(grundlag.i_dag)}."
    plan = f"Helhedsplanen løber fra {dato(head.fra)} til {dato(head.til)}."
    draft = f"Aftalen foreligger som udkast: »{head.udkast}«." if head.udkast else ""
    areas = vis_delmål(grundlag.indhold, grundlag.målinger, release.periode, release, grundlag.i_dag, grundlag.år)
    return Dokument(
        titel=grundlag.slags.titel,
        plan=made.plan,
        periode=made.periode,
        opgjort=opgjort(release),
        oprettet=release.oprettet,
        status=tuple(text for text in (finished, plan, draft, stand(release), *efterslæb(release)) if text),
        metode=made.metode,
        blokke=tuple(_blocks(grundlag, tekster, areas)),
    )


def _blocks(grundlag: Grundlag, tekster: Mapping[str, str], areas: Sequence[OmrådeVisning]) -> Iterator[Blok]:
    release = grundlag.release
    made = rapport(grundlag.indhold, release)
    yield Sideskift()
    if introduction := goals_part.afsnit_af(tekster.get("", "")):
        yield Overskrift(tekst=INDLEDNING)
        for paragraph in introduction:
            yield Tekst(tekst=paragraph)
    answers = goals_part.Svar(tekster, _evictions(grundlag, areas), made.periode, kort(release), is_rounded(release))
    yield from indicators_part.til_regneark(areas)
    yield from goals_part.indsatsområder(areas, answers)
    yield from figures.offentlige(made.offentlige)
    if release.tom:
        yield Tekst(tekst=TOM)
    wanted = grundlag.slags.tabeller
    yield from tabeller(made, [table for name in wanted for table in made.tabeller if table.tabel == name])
    yield Sideskift()
    yield Overskrift(tekst=KILDER)
    yield Punkter(punkter=tuple(_sources(grundlag)))


def _evictions(grundlag: Grundlag, areas: Sequence[OmrådeVisning]) -> dict[str, Udsættelser]:
    """Udsættelser by year for the indicators that count them."""
    found = {}
    for shown in (indicator for area in areas for goal in area.delmål for indicator in goal.indikatorer):
        official = {point.år: point.værdi for point in shown.serie}
        table = udsættelser(grundlag.indhold, shown.nøgle, official, grundlag.release, grundlag.år, grundlag.i_dag)
        if table is not None:
            found[shown.nøgle] = table
    return found


def _sources(grundlag: Grundlag) -> Iterator[tuple[str, str]]:
    for document in grundlag.indhold.helhedsplan.dokumenter:
        yield f"{document.titel}.", f"{document.udgave}."
    registers = {måling.kilde for måling in grundlag.målinger}
    registers |= {indicator.datakilde for indicator in grundlag.indhold.indikator.values()}
    yield "Målinger og baseline:", f"{', '.join(sorted(registers))}."
    release = grundlag.release
    version = "" if release.plan_version is None else f" Planens {release.plan_version}. version."
    yield "Tal fra det daglige arbejde:", f"rådgivningens egen registrering, udgivelse {release.nummer}.{version}"
