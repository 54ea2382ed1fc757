"""PDF/UA-1 through typst: tagged, with bookmarks, in memory. Texts go in as data and are never read as markup."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from rådgivning.rapporter import paper
from rådgivning.rapporter.paper import Afsnit, Papir, fonts, papir
from rådgivning.rapporter.report import Rapport

_TEMPLATE: Final = Path(__file__).resolve().parent / "rapport.typ"
_LONG_WORD: Final = re.compile(r"\S{25,}")
_PIECE: Final = 10


class RapportFejl(Exception):
    """The report cannot be written in this format; a Danish sentence says what to do."""


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def skriv_pdf(rapport: Rapport) -> bytes:
    """The report as a tagged PDF. Raises RapportFejl for a sign that no font has."""
    page = papir(rapport)
    try:
        return typst.compile(
            _template(),
            sys_inputs={"data": json.dumps(_as_data(page))},
            font_paths=fonts(),
            format="pdf",
            pdf_standards="ua-1",
            timestamp=int(page.oprettet.timestamp()),
        )
    except typst.TypstError:
        raise RapportFejl(
            "Et tegn i planens eller listernes navne kan ikke vises i PDF. Ret navnet, eller hent tallene som Word."
        ) from None


def _as_data(page: Papir) -> dict[str, Any]:
    day = page.oprettet
    return {
        "titel": page.titel,
        "plan": _breakable(page.plan),
        "periode": page.periode,
        "dag": [day.year, day.month, day.day, day.hour, day.minute, day.second],
        "opgjort": page.opgjort,
        "sådan": paper.SÅDAN,
        "metode": page.metode,
        "indhold": paper.INDHOLD,
        "offentlige": {
            "titel": paper.OFFENTLIGE,
            "hoved": paper.OFFENTLIG_HOVED,
            "rækker": [[_breakable(text) for text in row] for row in page.offentlige],
        },
        "tom": paper.TOM if page.tom else "",
        "afsnit": [_section(part) for part in page.afsnit],
    }


def _section(part: Afsnit) -> dict[str, Any]:
    picture = part.billede
    return {
        "titel": _breakable(part.titel),
        "noter": [_breakable(note) for note in part.noter],
        "billede": {"svg": picture.svg, "bredde": picture.bredde, "tekst": picture.tekst} if picture else None,
        "bred": part.bred,
        "ark": [
            {
                "titel": _breakable(sheet.titel),
                "hoved": [_breakable(text) for text in sheet.hoved],
                "rækker": [[_breakable(text) for text in row] for row in sheet.rækker],
                "sum": sheet.sum_kolonne,
            }
            for sheet in part.ark
        ],
    }


def _breakable(text: str) -> str:
    """Danish words break by their syllables; a longer one than any of those gets places where it may, unseen."""
    return _LONG_WORD.sub(
        lambda word: "\u00ad".join(word[0][at : at + _PIECE] for at in range(0, len(word[0]), _PIECE)), text
    )
