"""A chart as SVG, and how large it is on paper; what fonts there are; texts without signs that steer a program."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import typst
from markupsafe import Markup

from rådgivning.rapporter.document import Graf
from rådgivning.statistik import charts

SKRIFTER: Final = Path(__file__).resolve().parents[1] / "skrifter"
_BREDEST: Final = 120.0
_MINDST: Final = 0.14
_STEERING: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF])


@cache
def fonts() -> typst.Fonts:
    """The fonts that come with the program and no others, so that a report looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(SKRIFTER)])


def plain(text: str) -> str:
    """The text alone: no control signs, none that turn the direction of what follows, none that nobody can show."""
    kept = (" " if sign.isspace() else sign for sign in text.translate(_STEERING))
    return "".join(sign for sign in kept if unicodedata.category(sign) not in {"Cc", "Cs", "Co", "Cn"})


def tegn(graf: Graf) -> Markup:
    """The chart as it stands on a page."""
    rows = [(plain(label), values) for label, values in graf.rækker]
    title = plain(graf.titel)
    if graf.form == "udvikling":
        points = [(label, float(values[0])) for label, values in rows if values[0] is not None]
        return charts.trend(title, points, graf.enhed, [(plain(name), value) for name, value in graf.linjer])
    whole = [(label, [None if v is None else int(v) for v in values]) for label, values in rows]
    if graf.form == "stablet":
        return charts.stacked(title, [plain(name) for name in graf.serier], whole, graf.sum)
    return charts.bars(title, [(label, value) for (label, _), value in zip(whole, graf.sum, strict=True)])


def passer(graf: Graf) -> bool:
    """Whether its letters are large enough to read on paper."""
    return _scale(graf, str(tegn(graf))) >= _MINDST


def på_papir(graf: Graf) -> tuple[str, float]:
    """The SVG with the fonts of paper, and its width in millimetres."""
    svg = str(tegn(graf))
    width = round(_scale(graf, svg) * charts.WIDTH, 1)
    return svg.replace('font-family="inherit"', 'font-family="Noto Sans, Noto Naskh Arabic"', 1), width


def _scale(graf: Graf, svg: str) -> float:
    found = re.search(r'viewBox="0 0 \d+ ([\d.]+)"', svg)
    assert found  # noqa: S101  # our own chart
    return min(_BREDEST / charts.WIDTH, graf.plads / float(found[1]))
