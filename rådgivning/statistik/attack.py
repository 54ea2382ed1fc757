"""The attack: all that is known as one model of whole numbers, asked for each cell's smallest and largest count.

Cheapest first: what plain arithmetic shows (`presolve.py`), worlds that need no solving (`worlds.py`), and only for
what is then still open linear and integer programs (`programs.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from rådgivning.statistik.knowledge import Cell, Knowledge
from rådgivning.statistik.presolve import INFINITY, Row, by_column, pieces, tighten
from rådgivning.statistik.programs import AngrebFejl, Program, loosen
from rådgivning.statistik.worlds import Worlds

__all__ = ["AngrebFejl", "Attack", "Range"]
Progress = Callable[[int, int], None]
"""Hears how many of the cells are settled, and of how many."""


class Range(NamedTuple):
    """What is proven of a count: it lies in `low` to `high`, and worlds with `least` and with `most` were seen."""

    low: float
    high: float
    least: float
    most: float


class Attack:
    """All that is known. Cells that nothing ties to one another are attacked apart."""

    def __init__(
        self,
        knowledge: Knowledge,
        enough: int | None = None,
        step: int = 4,
        progress: Progress | None = None,
    ) -> None:
        """With `enough`, a cell of which at least so many are proven, or whose worlds differ by `step`, is left."""
        self.strict = True
        self._models: dict[Cell, _Model] = {}
        asked = {cell for *_rest, cell in knowledge.published if not knowledge.is_exempt(cell, step + 1)}
        settled = 0
        for cells in _components(knowledge):
            model = _Model(cells, knowledge, asked, enough, step)
            heard = progress if model.asked else None
            model.settle(lambda done: heard(settled + done, len(asked)) if heard else None)  # noqa: B023
            settled += len(model.asked)
            self.strict &= model.strict
            self._models.update(dict.fromkeys(cells, model))

    def range_of(self, cell: Cell) -> Range:
        """The smallest and largest true count of a cell that agree with everything published."""
        return self._models[cell].range_of(cell)

    def model_of(self, cell: Cell) -> _Model:
        """The component a cell belongs to."""
        return self._models[cell]

    def insider(self, cell: Cell) -> Range:
        """The same for somebody who is counted in the cell herself."""
        return self._models[cell].insider(cell)

    def known(self, own: Mapping[Cell, tuple[float, float]]) -> dict[Cell, Range]:
        """The same for somebody who knows the bounds of some cells from her own records; only cells she may close in
        on."""
        found: dict[Cell, Range] = {}
        for model in {id(model): model for cell in own if (model := self._models.get(cell))}.values():
            found |= model.known(own)
        return found

    def solved(self) -> int:
        """How many programs had to be solved."""
        return sum(model.solved for model in {id(model): model for model in self._models.values()}.values())


def _components(knowledge: Knowledge) -> list[list[Cell]]:
    """Groups of cells that no sum and no comparison joins: each can be attacked by itself."""
    parent: dict[Cell, Cell] = {}

    def root(cell: Cell) -> Cell:
        parent.setdefault(cell, cell)
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for cell in knowledge.intervals:
        root(cell)
    for one, others in (*knowledge.sums, *knowledge.at_most):
        for other in others:
            parent[root(other)] = root(one)
        root(one)
    groups: dict[Cell, list[Cell]] = {}
    for cell in parent:
        groups.setdefault(root(cell), []).append(cell)
    return list(groups.values())


class _Model:
    """The cells of one component: `low` and `high` are proven, `least` and `most` the ends of the worlds seen."""

    def __init__(
        self, cells: list[Cell], knowledge: Knowledge, asked: set[Cell], enough: int | None, step: int
    ) -> None:
        self.cells, self.knowledge, self.enough, self.step = cells, knowledge, enough, step
        self.column = {cell: number for number, cell in enumerate(cells)}
        self.asked = [number for number, cell in enumerate(cells) if cell in asked]
        intervals = [knowledge.intervals.get(cell, (0.0, INFINITY)) for cell in cells]
        self.told = [low for low, _high in intervals], [high for _low, high in intervals]
        self.rows = _rows(self.column, knowledge)
        self.rows_of = by_column(self.rows)
        self.values = {self.column[cell]: value for cell, value in knowledge.values.items() if cell in self.column}
        self.solved = 0
        self.safe_inside: set[int] = set()
        self.by_names: dict[frozenset[str], list[int]] = {}
        self.strict = self._begin()
        if not self.strict:
            slack = [column for column, cell in enumerate(cells) if cell in knowledge.slack]
            loosen(*self.told, slack, self.rows)
            if not self._begin():
                raise AngrebFejl("the published figures contradict each other")

    def settle(self, progress: Callable[[int], None]) -> None:
        """Find out of every cell what is needed."""
        self._shift()
        done = sum(self._done(self._range(column)) for column in self.asked)
        for program in self.programs():
            self._solve(program, lambda settled: progress(done + settled))  # noqa: B023
            done = sum(self._done(self._range(column)) for column in self.asked)
        progress(len(self.asked))

    def range_of(self, cell: Cell) -> Range:
        """What is proven of a cell."""
        return self._range(self.column[cell])

    def _wider(self, cell: Cell) -> Iterator[int]:
        """The cells asked for that are limited in nothing that this one is not; only these can contain it."""
        if not self.by_names:
            for number in self.asked:
                self.by_names.setdefault(self.cells[number].names, []).append(number)
        for size in range(len(cell.names) + 1):
            for names in combinations(sorted(cell.names), size):
                yield from self.by_names.get(frozenset(names), ())

    def insider(self, cell: Cell) -> Range:
        """What is proven of a cell when somebody is known to be in it. A world with the most of it has her too."""
        column = self.column[cell]
        low, high = max(self.low[column], 1.0), self.high[column]
        if column in self.safe_inside:
            assert self.world is not None  # noqa: S101
            return Range(low, high, self.world[column] + 1, self.world[column] + self.step)
        if self.low[column] >= 1:
            return self.range_of(cell)
        for columns, rows in self.before:
            if column in columns:
                program = self.started.get(columns[0]) or Program(columns, rows, self.low, self.high)
                self.started[columns[0]] = program
                solved = program.solved
                least = program.least_above(column, low)
                self.solved += program.solved - solved
                return Range(low, high, high if least is None else least, max(self.most[column], low))
        return self.range_of(cell)

    def known(self, own: Mapping[Cell, tuple[float, float]]) -> dict[Cell, Range]:
        """What is proven of the cells that hang together with those somebody knows of. Empty if she cannot be right."""
        lows, highs = list(self.low), list(self.high)
        for cell, (low, high) in own.items():
            if (column := self.column.get(cell)) is not None:
                lows[column], highs[column] = max(lows[column], low), min(highs[column], high)
        told = {self.column[cell] for cell in own if cell in self.column}
        touched = {one for columns, _rows in self.before if not told.isdisjoint(columns) for one in columns}
        if not tighten(lows, highs, self.rows, self.rows_of):
            return {}
        found = {column: Range(lows[column], highs[column], lows[column], highs[column]) for column in touched}
        for columns, rows in pieces(lows, highs, self.rows):
            if not touched.isdisjoint(columns):
                program = Program(columns, rows, lows, highs)
                if not program.start(self.values):
                    return {}
                asked = [column for column in columns if column in self.asks]
                program.sweep(asked, lambda column: not self._done(Range(*program.ends(column))))  # noqa: B023
                for column in asked:
                    self._settle(program, column)
                found |= {column: Range(*program.ends(column)) for column in asked}
                self.solved += program.solved
        return {self.cells[column]: found[column] for column in touched & self.asks}

    @cached_property
    def before(self) -> list[tuple[list[int], list[Row]]]:
        """The pieces of what everybody knows."""
        return pieces(self.low, self.high, self.rows)

    def programs(self) -> Iterator[Program]:
        """The pieces that are not settled yet."""
        for columns, rows in pieces(self.low, self.high, self.rows):
            if any(not self._done(self._range(column)) for column in columns if column in self.asks):
                if columns[0] not in self.started:
                    self.started[columns[0]] = Program(columns, rows, self.low, self.high)
                yield self.started[columns[0]]

    def _begin(self) -> bool:
        """Find a world; False when there is none."""
        self.low, self.high = map(list, self.told)
        self.started: dict[int, Program] = {}
        self.asks = set(self.asked)
        if not tighten(self.low, self.high, self.rows, self.rows_of):
            return False
        world = self._published_world()
        if world is None:
            world = list(self.low)
            for columns, rows in pieces(self.low, self.high, self.rows):
                program = self.started[columns[0]] = Program(columns, rows, self.low, self.high)
                if not program.start(self.values):
                    return False
                for column, value in zip(columns, program.world or [INFINITY] * len(columns), strict=True):
                    world[column] = value
                self.solved += program.solved
        self.world = None if INFINITY in world else world
        self.least, self.most = list(world), [-INFINITY if value == INFINITY else value for value in world]
        return True

    def _published_world(self) -> list[float] | None:
        """The published values as a world, if they are one: what is not published follows from them."""
        low, high = list(self.low), list(self.high)
        for column, value in self.values.items():
            low[column] = high[column] = min(max(value, low[column]), high[column])
        fits = tighten(low, high, self.rows, self.rows_of)
        for column in range(len(low)):
            if fits and INFINITY > high[column] > low[column]:
                low[column] = high[column]
                fits = tighten(low, high, self.rows, self.rows_of, self.rows_of[column])
        return low if fits and low == high else None

    def _done(self, found: Range) -> bool:
        """Whether nothing more need be known of a column."""
        if self.enough is not None:
            wide = 1 if found.low >= self.enough else self.step
            if found.most - found.least >= wide:
                return True
        return found.least <= found.low and found.most >= found.high

    def _range(self, column: int) -> Range:
        return Range(self.low[column], self.high[column], self.least[column], self.most[column])

    def _shift(self) -> None:
        """Prove what can be proven by adding events to the world, or taking some from it."""
        if self.world is None:
            return
        bounds = (self.low, self.high)
        worlds = Worlds(self.cells, self.rows, bounds, self.world, self.knowledge.categories)
        for column in sorted(self.asked, key=lambda column: -len(self.cells[column].limits)):
            for times in self._times(column):
                if times and not self._done(self._range(column)) and (event := worlds.event(column, times)):
                    for other in event:
                        self.least[other] = min(self.least[other], self.world[other] + times)
                        self.most[other] = max(self.most[other], self.world[other] + times)
                    if times >= self.step:
                        self.safe_inside.update(event)

    def _times(self, column: int) -> tuple[int, ...]:
        """How many times an event should happen more, and fewer, to reach what is wanted."""
        assert self.world is not None  # noqa: S101
        if self.enough is not None or self.high[column] == INFINITY:
            half = (self.step + 1) // 2
            return self.step, -self.step, half, -half
        return int(self.high[column] - self.world[column]), int(self.low[column] - self.world[column])

    def _solve(self, program: Program, progress: Callable[[int], None]) -> None:
        """Settle what is open in a piece by programs, and take over what was proven."""
        for column in program.columns:
            program.note(column, self.least[column], self.most[column])
        asked = [column for column in program.columns if column in self.asks]
        program.sweep(asked, lambda column: not self._done(Range(*program.ends(column))))
        for number, column in enumerate(asked):
            self._settle(program, column)
            progress(number)
        for column in program.columns:
            self.low[column], self.high[column], self.least[column], self.most[column] = program.ends(column)
        self.solved += program.solved

    def _settle(self, program: Program, column: int) -> None:
        for sense in (1, -1):
            found = Range(*program.ends(column))
            if not self._done(found):
                program.extreme(column, sense, whole=found.most - found.least < self.step)


def _rows(column: Mapping[Cell, int], knowledge: Knowledge) -> list[Row]:
    found = [
        Row((column[whole],), tuple(column[part] for part in parts), equal=True)
        for whole, parts in knowledge.sums
        if whole in column
    ]
    found += [
        Row(tuple(column[large] for large in larger), (column[small],), equal=False)
        for small, larger in knowledge.at_most
        if small in column
    ]
    return found
