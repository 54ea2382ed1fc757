"""What a report says on paper, whatever writes it: PDF and DOCX share the words, the tables and the charts.

All of it follows from the protected figures of one release. Texts come out without signs that steer a program.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import typst

from rådgivning.dansk import lang_dato, tal
from rådgivning.rapporter.report import Rapport
from rådgivning.statistik.charts import WIDTH, picture
from rådgivning.statistik.display import Visning

SKRIFTER: Final = Path(__file__).resolve().parents[1] / "skrifter"
OFFENTLIGE: Final = "Tal, som aftalen selv offentliggør"
OFFENTLIG_HOVED: Final = ["Optælling", "Antal", "Hvorfor tallet er præcist"]
SÅDAN: Final = "Sådan er tallene beskyttet"
INDHOLD: Final = "Indhold"
FOR_STORT: Final = "Der er ikke plads til et diagram med så mange rækker. Se tabellen."
KUN_NUL: Final = "Alle tal i tabellen er 0 efter afrundingen, så der er intet diagram."
TOM: Final = (
    "Der er ingen tal i perioden. Tallene kommer fra kontakter, restancesager og Sundhedstjek. Er der få "
    "registreringer, vises de som 0."
)
_SMAL: Final = 7
_MEST: Final = 12
_BREDEST: Final = 120.0
_HØJEST: Final = 180.0
_SIDE: Final = 205.0
_LINJE: Final = 7.0
_LAVEST: Final = 110.0
_MINDST: Final = 0.14
_STEERING: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF])


@dataclass(frozen=True)
class Billede:
    """A chart: SVG, its width in millimetres on the page, and the same protected numbers in words."""

    svg: str
    bredde: float
    tekst: str


@dataclass(frozen=True)
class Ark:
    """A table as it stands on a page; a very wide one is divided, each part with the row labels."""

    titel: str
    hoved: Sequence[str]
    rækker: Sequence[Sequence[str]]
    sum_kolonne: bool


@dataclass(frozen=True)
class Afsnit:
    """One table's section. `bred`: the table needs a page on its side."""

    titel: str
    noter: Sequence[str]
    billede: Billede | None
    ark: Sequence[Ark]
    bred: bool


@dataclass(frozen=True)
class Papir:
    """The whole report."""

    plan: str
    periode: str
    opgjort: str
    oprettet: datetime
    metode: str
    offentlige: Sequence[Sequence[str]]
    tom: bool
    afsnit: Sequence[Afsnit]

    @property
    def titel(self) -> str:
        """The document's title in its properties and its running head."""
        return f"{self.plan}: {self.periode}"


def papir(rapport: Rapport) -> Papir:
    """The report of a release in the words and tables of paper."""
    return Papir(
        plain(rapport.plan),
        plain(f"Tal for {rapport.periode}"),
        f"Opgjort {lang_dato(rapport.release.oprettet)}",
        rapport.release.oprettet.replace(microsecond=0),
        plain(rapport.metode),
        [[plain(t.titel), tal(t.værdi), plain(t.begrundelse)] for t in rapport.offentlige],
        rapport.release.tom,
        [] if rapport.release.tom else [_section(table) for table in rapport.tabeller],
    )


def plain(text: str) -> str:
    """The text alone: no control signs, none that turn the direction of what follows, none that nobody can show."""
    kept = (" " if sign.isspace() else sign for sign in text.translate(_STEERING))
    return "".join(sign for sign in kept if unicodedata.category(sign) not in {"Cc", "Cs", "Co", "Cn"})


@cache
def fonts() -> typst.Fonts:
    """The fonts that come with the program and no others, so that a report looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(SKRIFTER)])


def _section(table: Visning) -> Afsnit:
    noter = [plain(note) for note in (f"{table.enhed}, afrundet.", *table.noter)]
    billede = None
    if not any(value for _label, values in table.rækker for value in values):
        noter.append(KUN_NUL)
    elif (billede := _picture(table)) is None:
        noter.append(FOR_STORT)
    return Afsnit(plain(table.titel), noter, billede, _sheets(table), _wide(table))


def _wide(table: Visning) -> bool:
    return len(table.kolonner) >= _SMAL


def _picture(table: Visning) -> Billede | None:
    """The page's own chart, on one page with a narrow table; None when its letters would be too small to read."""
    rows = [(plain(label), values) for label, values in table.indre]
    svg = str(picture(plain(table.titel), [plain(name) for name in table.serier], rows))
    found = re.search(r'viewBox="0 0 \d+ ([\d.]+)"', svg)
    assert found  # noqa: S101  # our own chart
    room = _HØJEST if _wide(table) else max(_LAVEST, _SIDE - _LINJE * len(table.rækker))
    scale = min(_BREDEST / WIDTH, room / float(found[1]))
    if scale < _MINDST:
        return None
    svg = svg.replace('font-family="inherit"', 'font-family="Noto Sans, Noto Naskh Arabic"', 1)
    told = "; ".join(f"{label}: {tal(values[-1])}" for label, values in table.rækker)
    return Billede(svg, round(scale * WIDTH, 1), plain(f"Søjlediagram. {table.titel}. {told}"))


def _sheets(table: Visning) -> list[Ark]:
    headings = [plain(name) for name in table.kolonner]
    rows = [[plain(text) for text in row] for row in table.tekstrækker]
    parts = -(-len(headings) // _MEST)
    size = -(-len(headings) // parts)
    return [
        Ark(
            plain(table.titel) + (f" (del {number} af {parts})" if parts > 1 else ""),
            [plain(table.hoved), *headings[first : first + size]],
            [[row[0], *row[1 + first : 1 + first + size]] for row in rows],
            number == parts,
        )
        for number, first in enumerate(range(0, len(headings), size), 1)
    ]
