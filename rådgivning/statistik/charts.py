"""Charts as SVG: presentation attributes only (the CSP allows no styles), legible in black and white.

480 units wide with the label above each bar, so that the text stays legible on a phone. The values drawn are the ones
given, which must be protected already; axis, order and description follow from them alone. A value left out (None) has
no bar and shows as a dot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zlib import crc32

from markupsafe import Markup

from rådgivning.dansk import tal

WIDTH: Final = 480
_BAR, _GAP, _LABEL, _TEXT = 18, 8, 20, 14
_ROOM_FOR_NUMBER, _ROOM_FOR_NAME = 64, 136
_INK, _GRID = "#1a1a1a", "#767676"
_FILLS = ("#0b5394", "#ffffff", "#8ab4d8", "#4d4d4d", "#e6e6e6", "#2f7d5b", "#f2c14e", "#7a3e65")
"""Neighbours differ in lightness as well as in hue, and in hatching where that is not enough."""
_WHITE: Final = "#ffffff"
_HATCHES = (
    None,
    ("M0 6 L6 0", _INK),
    None,
    ("M0 3 L6 3", _WHITE),
    ("M3 0 L3 6", _INK),
    ("M0 0 L6 6", _WHITE),
    ("M0 0 L6 6 M0 6 L6 0", _INK),
    ("M3 0 L3 6 M0 3 L6 3", _WHITE),
)
SERIER: Final = len(_FILLS)
"""How many series can be told apart."""
UDELADT: Final = "∙"
Tal = int | None
Rækker = Sequence[tuple[str, Sequence[Tal]]]


def picture(title: str, series: Sequence[str], rows: Rækker, sums: Sequence[Tal] = ()) -> Markup:
    """A table's chart: bars divided by the columns, or the rows' sums when the columns are too many to tell apart.

    `sums` are the table's own; left out, the rows are added up.
    """
    if len(series) <= SERIER:
        return stacked(title, series, rows, sums)
    return bars(title, [(label, total) for (label, _), total in zip(rows, sums or _sums(rows), strict=True)])


def _sums(rows: Rækker) -> list[Tal]:
    """What the rows add up to, where nothing is left out."""
    return [None if None in values else sum(value or 0 for value in values) for _label, values in rows]


def bars(title: str, values: Sequence[tuple[str, Tal]]) -> Markup:
    """Horizontal bars, one a category, with the number at the end."""
    return grouped(title, [""], [(label, [value]) for label, value in values])


def grouped(title: str, series: Sequence[str], rows: Rækker) -> Markup:
    """For each category one bar a series, the series told apart by fill and hatching as well as by order."""
    top = max((value or 0 for _label, values in rows for value in values), default=0) or 1
    scale = (WIDTH - _ROOM_FOR_NUMBER) / top
    y = 4.0
    parts: list[Markup] = []
    if len(series) > 1:
        legend, y = _legend(series, y)
        parts.append(legend)
    for label, values in rows:
        y += _LABEL
        parts.append(_text(0, y - 6, label))
        for number, value in enumerate(values):
            parts.append(_bar(number, 0, y, (value or 0) * scale, _BAR))
            parts.append(_text((value or 0) * scale + 6, y + _BAR - 4, _vist(value)))
            y += _BAR + 2
        y += _GAP
    return _svg(title, _describe(series, rows), y, parts)


def stacked(title: str, series: Sequence[str], rows: Rækker, sums: Sequence[Tal] = ()) -> Markup:
    """For each category one bar divided by series, with the sum at the end."""
    top = max((sum(value or 0 for value in values) for _label, values in rows), default=0) or 1
    scale = (WIDTH - _ROOM_FOR_NUMBER) / top
    legend, y = _legend(series, 4)
    parts = [legend]
    for (label, values), total in zip(rows, sums or _sums(rows), strict=True):
        y += _LABEL
        parts.append(_text(0, y - 6, label))
        x = 0.0
        for number, value in enumerate(values):
            parts.append(_bar(number, x, y, (value or 0) * scale, _BAR))
            x += (value or 0) * scale
        parts.append(_text(x + 6, y + _BAR - 4, _vist(total)))
        y += _BAR + _GAP
    return _svg(title, _describe(series, rows), y, parts)


def trend(
    title: str, points: Sequence[tuple[str, float]], unit: str, lines: Sequence[tuple[str, float]] = ()
) -> Markup:
    """A line through the points, oldest first, with horizontal lines such as a baseline or a target, each named."""
    height, left, floor = 200, 8, 180
    width = WIDTH - (_ROOM_FOR_NAME if lines else 0)
    top = max([value for _label, value in points] + [value for _label, value in lines] + [1]) * 1.15
    step = (width - 2 * left - 40) / max(len(points) - 1, 1)

    def place(number: int, value: float) -> tuple[float, float]:
        return left + 20 + number * step, floor - value / top * (floor - 24)

    parts = [Markup('<path d="M0 {} H{}" stroke="{}" stroke-width="1"/>').format(floor, WIDTH, _GRID)]
    free = float(height)
    for number, (label, value) in enumerate(sorted(lines, key=lambda line: line[1])):
        y = place(0, value)[1]
        free = min(y + 5, free - _LABEL)
        dash = "6 4" if number % 2 == 0 else "2 3"
        parts.append(
            Markup('<path d="M0 {0} H{1}" stroke="{2}" stroke-width="1.5" stroke-dasharray="{3}"/>').format(
                _short(y), width, _INK, dash
            )
        )
        parts.append(_text(width + 6, free, f"{label}: {tal(value)}"))
    corners = [place(number, value) for number, (_label, value) in enumerate(points)]
    if corners:
        path = " ".join(f"{'L' if number else 'M'}{_short(x)} {_short(y)}" for number, (x, y) in enumerate(corners))
        parts.append(Markup('<path d="{}" fill="none" stroke="{}" stroke-width="2.5"/>').format(path, _FILLS[0]))
    for number, ((x, y), (label, value)) in enumerate(zip(corners, points, strict=True)):
        parts.append(Markup('<circle cx="{}" cy="{}" r="4" fill="{}"/>').format(_short(x), _short(y), _FILLS[0]))
        beside = [point[1] for point in corners[max(number - 1, 0) : number + 2] if point[0] != x]
        low = y + 24 < floor and all(other < y for other in beside)
        parts.append(_text(x, y + 20 if low and beside else y - 9, tal(value), anchor="middle", halo=True))
        parts.append(_text(x, floor + 16, label, anchor="middle"))
    told = [f"{label}: {tal(value)} {unit}" for label, value in [*points, *lines]]
    return _svg(title, "; ".join(told), height + 4, parts)


def _svg(title: str, description: str, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {0} {1}" width="100%" '
        'aria-labelledby="graf-{2}-titel graf-{2}-tekst" font-size="{3}" font-family="inherit">'
        '<title id="graf-{2}-titel">{4}</title><desc id="graf-{2}-tekst">{5}</desc>'
        "<defs>{6}</defs>{7}</svg>"
    ).format(
        WIDTH,
        _short(height),
        (number := crc32(f"{title}\n{description}".encode())),
        _TEXT,
        title,
        description,
        _patterns(number),
        Markup("").join(parts).replace(_HERE, f"graf-{number}"),
    )


_HERE: Final = "graf-her"


def _patterns(chart: int) -> Markup:
    return Markup("").join(
        Markup(
            '<pattern id="graf-{0}-{1}" width="6" height="6" patternUnits="userSpaceOnUse">'
            '<path d="{2}" stroke="{3}" stroke-width="1.5"/></pattern>'
        ).format(chart, number, *hatch)
        for number, hatch in enumerate(_HATCHES)
        if hatch
    )


def _bar(number: int, x: float, y: float, width: float, height: float) -> Markup:
    """A bar in its series' fill, with the hatching drawn over it."""
    if not width:
        return Markup()
    series = number % len(_FILLS)
    where = (_short(x), _short(y), _short(width), height)
    bar = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="1"/>').format(
        *where, _FILLS[series], _INK
    )
    if _HATCHES[series] is None:
        return bar
    return bar + Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="url(#{}-{})"/>').format(*where, _HERE, series)


def _legend(series: Sequence[str], y: float) -> tuple[Markup, float]:
    """One line a series: names are long and the picture narrow."""
    parts = []
    for number, name in enumerate(series):
        parts += [_bar(number, 0, y, 14, 14), _text(20, y + 12, name)]
        y += 20
    return Markup("").join(parts), y + 4


def _text(x: float, y: float, text: str, anchor: str = "start", *, halo: bool = False) -> Markup:
    """A text; with a halo, lines behind it do not cross it out."""
    around = Markup(' stroke="{}" stroke-width="4" paint-order="stroke"').format(_WHITE) if halo else ""
    return Markup('<text x="{}" y="{}" fill="{}" text-anchor="{}"{}>{}</text>').format(
        _short(x), _short(y), _INK, anchor, around, text
    )


def _describe(series: Sequence[str], rows: Rækker) -> str:
    """The same numbers in words, for those who cannot see the picture."""
    if len(series) == 1:
        return "; ".join(f"{label}: {_sagt(values[0])}" for label, values in rows)
    return "; ".join(
        f"{label}: " + ", ".join(f"{name} {_sagt(value)}" for name, value in zip(series, values, strict=True))
        for label, values in rows
    )


def _vist(value: Tal) -> str:
    return UDELADT if value is None else tal(value)


def _sagt(value: Tal) -> str:
    return "udeladt" if value is None else tal(value)


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
