"""PDF/UA-1 through typst: tagged, with bookmarks, in memory. Texts go in as data and are never read as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from rådgivning.rapporter.document import Blok, Dokument, Graf, Overskrift, Punkter, Tabelblok, Tekst
from rådgivning.rapporter.drawing import fonts, plain, på_papir
from rådgivning.rapporter.figures import bred
from rådgivning.rapporter.sheets import ark

_TEMPLATE: Final = Path(__file__).resolve().parent / "rapport.typ"
_LONG_WORD: Final = re.compile(r"\S{25,}")
_PIECE: Final = 10
_NEAREST: Final = str.maketrans({"∙": "•", "−": "–", "→": "->", "←": "<-", "≤": "<=", "≥": ">="})
"""Signs the fonts in skrifter/ lack, and what stands for them."""


class RapportFejl(Exception):
    """The report cannot be written in this format; a Danish sentence says what to do."""


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def skriv_pdf(dokument: Dokument) -> bytes:
    """The report as a tagged PDF. Raises RapportFejl for a sign that no font has."""
    try:
        return typst.compile(
            _template(),
            sys_inputs={"data": json.dumps(_as_data(dokument))},
            font_paths=fonts(),
            format="pdf",
            pdf_standards="ua-1",
            timestamp=int(dokument.oprettet.timestamp()),
        )
    except typst.TypstError:
        raise RapportFejl(
            "Et tegn i planens, listernes eller rapportens tekst kan ikke vises i PDF. Ret det, eller hent Word-filen."
        ) from None


def _as_data(dokument: Dokument) -> dict[str, Any]:
    day = dokument.oprettet
    return {
        "løbende": plain(dokument.fuld_titel).translate(_NEAREST),
        "dag": [day.year, day.month, day.day, day.hour, day.minute, day.second],
        "forside": [_shown(text) for text in (dokument.plan, dokument.titel, dokument.periode, dokument.opgjort)],
        "status": [_shown(text) for text in dokument.status],
        "metode": _shown(dokument.metode),
        "blokke": [data for block in dokument.blokke for data in _block(block)],
        "indhold": bool(dokument.overskrifter),
    }


def _block(block: Blok) -> Iterator[dict[str, Any]]:
    match block:
        case Overskrift():
            yield {"slags": "overskrift", "niveau": block.niveau, "tekst": _shown(block.tekst)}
        case Tekst():
            yield {"slags": "tekst", "stil": block.stil, "tekst": _shown(block.tekst)}
        case Punkter():
            yield {"slags": "punkter", "punkter": [[_shown(text) for text in point] for point in block.punkter]}
        case Graf():
            svg, width = på_papir(block)
            yield {"slags": "graf", "svg": svg.translate(_NEAREST), "bredde": width, "tekst": plain(block.tekst)}
        case Tabelblok():
            if block.sted != "ark":
                yield _table(block)
        case _:
            yield {"slags": "side"}


def _table(table: Tabelblok) -> dict[str, Any]:
    return {
        "slags": "tabel",
        "bred": bred(table),
        "bredder": table.bredder,
        "tal": table.tal,
        "sum_række": table.sum_række,
        "ark": [
            {
                "titel": _shown(sheet.titel) if sheet.billedtekst else "",
                "hoved": [_shown(text) for text in sheet.hoved],
                "rækker": [[_shown(text) for text in row] for row in sheet.rækker],
                "sum": sheet.sum_kolonne,
            }
            for sheet in ark(table)
        ],
    }


def _shown(text: str) -> str:
    """Plain text. Danish words break by their syllables; a longer one than any of those gets places where it may."""
    return _LONG_WORD.sub(
        lambda word: "\u00ad".join(word[0][at : at + _PIECE] for at in range(0, len(word[0]), _PIECE)),
        plain(text).translate(_NEAREST),
    )
