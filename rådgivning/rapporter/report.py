"""The document of all figures of a release, and what every report says of its release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rådgivning.dansk import lang_dato
from rådgivning.plan.schema import PlanIndhold
from rådgivning.rapporter import figures
from rådgivning.rapporter.document import Blok, Dokument, Tabelblok, Tekst
from rådgivning.statistik.display import OffentligVisning, Visning, offentlige, visninger
from rådgivning.statistik.explaining import beskyttelse
from rådgivning.statistik.labels import Etiketter, metode, periode_navn
from rådgivning.statistik.release import Release
from rådgivning.statistik.release_words import efterslæb, stand

TOM: Final = (
    "Der er ingen tal i perioden. Tallene kommer fra kontakter, restancesager og Sundhedstjek. Er der få "
    "registreringer, vises de som 0."
)


@dataclass(frozen=True)
class Rapport:
    """A release with everything a reader needs beside its numbers."""

    release: Release
    plan: str
    periode: str
    metode: str
    tabeller: tuple[Visning, ...]
    offentlige: tuple[OffentligVisning, ...]


def rapport(indhold: PlanIndhold, release: Release) -> Rapport:
    """The figures of a release of this plan."""
    labels = Etiketter(indhold)
    return Rapport(
        release,
        indhold.helhedsplan.navn,
        periode_navn(release.periode),
        metode(release),
        tuple(visninger(release, labels)),
        tuple(offentlige(release, labels)),
    )


def tal_dokument(rapport: Rapport) -> Dokument:
    """Every table of a period, as the page of figures has them."""
    return Dokument(
        titel=f"Tal for {rapport.periode}",
        plan=rapport.plan,
        periode="",
        opgjort=opgjort(rapport.release),
        oprettet=rapport.release.oprettet,
        status=(stand(rapport.release), *efterslæb(rapport.release)),
        metode=rapport.metode,
        blokke=tuple(_figures(rapport)),
    )


def _figures(rapport: Rapport) -> Iterator[Blok]:
    if rapport.release.tom:
        yield Tekst(tekst=TOM)
    yield from figures.offentlige(rapport.offentlige)
    yield from tabeller(rapport, rapport.tabeller)


def tabeller(rapport: Rapport, tables: Sequence[Visning], niveau: Literal[1, 2] = 1) -> Iterator[Blok]:
    """Tables with how each was protected. When every figure is 0 they are left to the spreadsheets."""
    for table in tables:
        blocks = figures.afsnit(table, beskyttelse(rapport.release, table.tabel), kort(rapport.release), niveau)
        for block in blocks:
            if not rapport.release.tom:
                yield block
            elif isinstance(block, Tabelblok):
                yield block.model_copy(update={"sted": "ark"})


def opgjort(release: Release) -> str:
    """When the figures were made."""
    return f"Opgjort {lang_dato(release.oprettet)}"


def is_rounded(release: Release) -> bool:
    """Whether its figures are rounded; else some are left out."""
    return "base" in release.indhold["known_rule"]


def kort(release: Release) -> str:
    """How a cell is protected, in a few words."""
    rule = release.indhold["known_rule"]
    return f"afrundet til {rule['base']}" if is_rounded(release) else "præcist, hvor det ikke er udeladt"
