"""A document on paper: tagged PDF through typst, in memory. Texts go in as data and are never read as markup."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

import typst

from rådgivning.databeskyttelse.documents import Dokument

_HERE: Final = Path(__file__).resolve().parent
_LONG_WORD: Final = re.compile(r"\S{25,}")


@cache
def _fonts() -> typst.Fonts:
    folder = str(_HERE.parent / "skrifter")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


@cache
def _template() -> bytes:
    return (_HERE / "dokument.typ").read_bytes()


def som_pdf(dokument: Dokument) -> bytes:
    """The document as a tagged PDF/UA-1."""
    day = dokument.lavet
    data = {
        "titel": dokument.titel,
        "manchet": dokument.manchet,
        "bund": dokument.bund,
        "dag": [day.year, day.month, day.day],
        "afsnit": [
            {
                "titel": part.titel,
                "tekst": [text for text in part.tekst if text],
                "hoved": list(part.hoved),
                "rækker": [[_shown(cell) for cell in row] for row in part.rækker],
            }
            for part in dokument.afsnit
        ],
    }
    return typst.compile(
        _template(),
        sys_inputs={"data": json.dumps(data)},
        font_paths=_fonts(),
        format="pdf",
        pdf_standards="ua-1",
        timestamp=int(day.timestamp()),
    )


def _shown(text: str) -> str:
    """A long word, as a file's name, may break."""
    return _LONG_WORD.sub(lambda word: "\u200b".join(word[0][at : at + 10] for at in range(0, len(word[0]), 10)), text)
