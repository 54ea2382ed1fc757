"""The blocks of a release's tables: what stands above each, its chart, and the table with its sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from rådgivning.dansk import tal
from rådgivning.rapporter.document import (
    UDELADT,
    UDELADT_FORKLARET,
    Blok,
    Graf,
    Overskrift,
    Sideskift,
    Tabelblok,
    Tekst,
)
from rådgivning.rapporter.drawing import passer
from rådgivning.statistik.charts import SERIER
from rådgivning.statistik.display import OffentligVisning, Visning

OFFENTLIGE: Final = "Tal, som aftalen selv offentliggør"
OFFENTLIG_HOVED: Final = ("Optælling", "Antal", "Hvorfor tallet er præcist")
FOR_STORT: Final = "Der er ikke plads til et diagram med så mange rækker. Se tabellen."
KUN_NUL: Final = "Alle tal i tabellen er 0 efter afrundingen, så der er intet diagram."
_SMAL: Final = 7
_HØJEST: Final = 180.0
_SIDE: Final = 205.0
_LINJE: Final = 7.0
_LAVEST: Final = 110.0


def offentlige(totals: Sequence[OffentligVisning], niveau: Literal[1, 2] = 1) -> Iterator[Blok]:
    """The exact totals with their reasons; nothing when there are none."""
    if not totals:
        return
    yield Overskrift(tekst=OFFENTLIGE, niveau=niveau)
    yield Tabelblok(
        navn="offentlige",
        titel=OFFENTLIGE,
        hoved=OFFENTLIG_HOVED,
        rækker=tuple((total.titel, total.værdi, total.begrundelse) for total in totals),
        tal=(1,),
        bredder=(3, 1, 4),
        billedtekst=False,
        sted="papir",
    )
    for total in totals:
        yield Tabelblok(
            navn=total.navn,
            titel=total.titel,
            hoved=("", "Antal"),
            rækker=(("", total.værdi),),
            tal=(1,),
            beskyttelse=f"præcist: {total.begrundelse}",
            sted="ark",
        )


def afsnit(table: Visning, beskyttet: str, kort: str, niveau: Literal[1, 2] = 1) -> Iterator[Blok]:
    """A table on a page of its own. `beskyttet` is the sentence of how it was protected, `kort` the same for a cell."""
    yield Sideskift()
    yield Overskrift(tekst=table.titel, niveau=niveau)
    for note in (beskyttet, *table.noter, *([UDELADT_FORKLARET] if table.udeladte else [])):
        yield Tekst(tekst=note)
    yield from _chart(table)
    columns = len(table.kolonner)
    yield Tabelblok(
        navn=table.navn,
        titel=table.titel,
        enhed=table.enhed,
        hoved=(table.hoved, *table.kolonner),
        rækker=tuple((label, *values) for label, values in table.rækker),
        tal=tuple(range(1, columns + 1)),
        sum_række=True,
        sum_kolonne=columns > 1,
        billedtekst=False,
        beskyttelse=kort,
    )


def bred(table: Tabelblok) -> bool:
    """Whether a table needs a page on its side."""
    return len(table.hoved) > _SMAL


def _chart(table: Visning) -> Iterator[Blok]:
    """Bars divided by the columns, or of the row sums when the columns are too many to tell apart."""
    if not any(value for _label, values in table.rækker for value in values):
        yield Tekst(tekst=KUN_NUL)
        return
    wide = len(table.kolonner) >= _SMAL
    told = "; ".join(f"{label}: {_told(values[-1])}" for label, values in table.rækker)
    chart = Graf(
        form="stablet" if 1 < len(table.serier) <= SERIER else "søjler",
        titel=table.titel,
        serier=tuple(table.serier),
        rækker=tuple((label, tuple(values)) for label, values in table.indre),
        sum=tuple(table.summer),
        tekst=f"Søjlediagram. {table.titel}. {told}",
        plads=_HØJEST if wide else max(_LAVEST, _SIDE - _LINJE * len(table.rækker)),
    )
    yield chart if passer(chart) else Tekst(tekst=FOR_STORT)


def _told(value: int | None) -> str:
    return f"{UDELADT} (udeladt)" if value is None else tal(value)
