"""What is published binds what comes next: the same count keeps its figure, a part never outgrows the whole.

Without this, rounding the same cell 0 in one report and 5 in another would prove that it is one to four.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rådgivning.statistik.knowledge import NOT_ADDITIVE_IN_TIME, Cell, Published
from rådgivning.statistik.tables import Nøgle, Optalt


@dataclass
class Bounds:
    """Published values that earlier releases force on cells."""

    mindst: dict[Nøgle, int] = field(default_factory=dict)
    højst: dict[Nøgle, int] = field(default_factory=dict)


def bounds(optalt: Optalt, stande: Mapping[str, str], earlier: Sequence[Published], base: int) -> Bounds:
    """The bounds of every cell of a report from the releases before it, and from its own public totals."""
    own = Published({"dims": optalt.dims}, stande)
    known = _by_kind(earlier)
    found = Bounds()
    for key, (count, _persons) in optalt.celler.items():
        cell = own.cell(dict(key))
        floor, ceiling = _from_releases(cell, known.get((cell.unit, cell.limits), ()))
        floor = max(floor, base if key in optalt.sete else 0)
        for total in optalt.offentlige:
            if cell.contains(own.cell({**total.nøgle, "enhed": total.enhed})):
                floor = max(floor, -(-min(total.antal, count) // base) * base)
        if floor:
            found.mindst[key] = floor if ceiling is None else min(floor, ceiling)
        if ceiling is not None:
            found.højst[key] = ceiling
    return found


Seen = list[tuple[frozenset[str], int]]


def _by_kind(earlier: Iterable[Published]) -> dict[tuple[str, object], Seen]:
    known: dict[tuple[str, object], Seen] = {}
    for release in earlier:
        for cell, entry in release.cells():
            if not entry.get("public"):
                known.setdefault((cell.unit, cell.limits), []).append((cell.months, entry["value"]))
    return known


def _from_releases(cell: Cell, seen: Iterable[tuple[frozenset[str], int]]) -> tuple[int, int | None]:
    """The least and the most that may be published for a cell. Equal months decide; parts and wholes only limit."""
    parts = [0]
    wholes: list[int] = []
    for months, value in seen:
        if months == cell.months:
            return value, value
        if cell.unit in NOT_ADDITIVE_IN_TIME and cell.limits:
            continue
        if _part_of(months, cell.months):
            parts.append(value)
        elif _part_of(cell.months, months):
            wholes.append(value)
    return max(parts), min(wholes, default=None)


def _part_of(small: frozenset[str], large: frozenset[str]) -> bool:
    """Whether each month of the first is in the second, in the same copy or a later one of its serie."""
    copies = dict(_serie(month) for month in large)
    return all(serie in copies and number <= copies[serie] for serie, number in map(_serie, small))


def _serie(month: str) -> tuple[str, str]:
    serie, _, number = month.rpartition(".")
    return (serie, number) if serie else (number, "")
