"""Worlds made without solving: one that agrees with everything, and the same with some more events of one kind.

An event counts in every cell that has its categories and its month, so all sums still add up. If no bound is passed,
the changed world agrees with everything published too, and both ends of a range are proven by looking.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from rådgivning.fakta.arrears import afværget
from rådgivning.statistik.bands import Categories
from rådgivning.statistik.knowledge import Cell
from rådgivning.statistik.presolve import Row, by_column
from rådgivning.statistik.tables import MINDRE_END, UOPLYST
from rådgivning.statistik.ties import CASES, DERIVED, OUTCOME, PHASE, grown

_TRIES = 12


Event = tuple[int, ...]
"""What happens once more: the columns it counts in."""


class Worlds:
    """A world, and which events can be added to it or taken from it so many times."""

    def __init__(
        self, cells: Sequence[Cell], rows: Sequence[Row], bounds: tuple[Sequence[float], Sequence[float]],
        world: Sequence[float], categories: Categories,
    ) -> None:  # fmt: skip
        self.cells, self.rows, self.world = cells, rows, world
        self.low, self.high = bounds
        self.kinds = _Kinds(cells, categories)
        self.rows_of = by_column(rows)
        self.spare = [sum(world[one] for one in row.plus) - sum(world[one] for one in row.minus) for row in rows]

    def event(self, column: int, times: int) -> Event | None:
        """An event of a column that can happen `times` more (or, below 0, fewer) times."""
        for event in self.kinds.events(column):
            if self._fits(event, times):
                return event
        return None

    def _fits(self, event: Event, times: int) -> bool:
        for column in event:
            if not self.low[column] <= self.world[column] + times <= self.high[column]:
                return False
        change: dict[int, int] = {}
        inside = set(event)
        for number in {number for column in event for number in self.rows_of.get(column, ())}:
            row = self.rows[number]
            change[number] = sum(one in inside for one in row.plus) - sum(one in inside for one in row.minus)
        return all(
            moved == 0 or (not self.rows[number].equal and self.spare[number] + min(moved * times, 0) >= 0)
            for number, moved in change.items()
        )


class _Kinds:
    """Every kind of event, and the columns it counts in."""

    def __init__(self, cells: Sequence[Cell], categories: Categories) -> None:
        self.cells, self.categories = cells, categories
        self.at: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
        self.names: dict[str, dict[tuple[str, ...], None]] = {}
        self.later: dict[str, dict[str, None]] = {}
        months = sorted({month for cell in cells for month in cell.months})
        by_name: dict[str, list[str]] = {}
        for month in months:
            by_name.setdefault(month.partition("@")[0], []).append(month)
        for same in by_name.values():
            for month in same:
                self.later[month] = dict.fromkeys(other for other in same if grown(month, other))
        for column, cell in enumerate(cells):
            limits = sorted(cell.limits)
            self.names.setdefault(cell.unit, {})[tuple(name for name, _values in limits)] = None
            for chosen in product(*([(name, value) for value in values] for name, values in limits)):
                self.at.setdefault((cell.unit, chosen), []).append(column)
        self.draw = random.Random(0)  # noqa: S311  # any event will do, but the same on every run  # nosec B311

    def events(self, column: int) -> Iterator[Event]:
        """Events that count in a column; what it does not say is drawn."""
        cell = self.cells[column]
        for _ in range(_TRIES):
            month = self.draw.choice(sorted(cell.months))
            months = frozenset(self.later[month])
            yield tuple(self._columns(cell.unit, months, self._drawn(cell)))

    def _drawn(self, cell: Cell) -> dict[str, str]:
        limits = dict(cell.limits)
        chosen: dict[str, str] = {}
        units = [cell.unit, *(large for small, large in MINDRE_END if small == cell.unit)]
        for name in sorted({name for unit in units for names in self.names.get(unit, ()) for name in names}):
            chosen[name] = self.draw.choice(sorted(limits.get(name) or self.categories.everything(name)))
        if cell.unit == CASES and DERIVED in chosen:
            chosen.update(self._course(limits))
        return chosen

    def _course(self, limits: Mapping[str, frozenset[str]]) -> dict[str, str]:
        """A phase, an outcome and what follows from them."""
        phases, outcomes, values = (
            limits.get(name) or self.categories.everything(name) for name in (PHASE, OUTCOME, DERIVED)
        )
        courses = [
            (phase, outcome, found)
            for phase, outcome in product(sorted(phases), sorted(outcomes))
            if (found := afværget(phase, outcome) or UOPLYST) in values
        ]
        return dict(zip((PHASE, OUTCOME, DERIVED), self.draw.choice(courses), strict=True)) if courses else {}

    def _columns(self, unit: str, months: frozenset[str], chosen: Mapping[str, str]) -> Iterator[int]:
        for own in (unit, *(large for small, large in MINDRE_END if small == unit)):
            for names in self.names.get(own, ()):
                for column in self.at.get((own, tuple((name, chosen[name]) for name in names)), ()):
                    if not self.cells[column].months.isdisjoint(months):
                        yield column
