"""The linear programs of the attack: one model of all that is published, asked for each cell's extremes."""

from __future__ import annotations

import math
import random

import highspy

from rådgivning.statistik.knowledge import INFINITY, Cell, Knowledge
from rådgivning.statistik.rounding import quiet_solver

_CLOSE = 1e-7
_UNBOUNDED = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)
_PRIMAL = 4
_SWEEPS = 200
_WORTHWHILE = 0.99


class AngrebFejl(Exception):
    """The attack could not be carried out, so nothing is known to be safe."""


class Attack:
    """All that is known as one linear model. A unit is a model of its own unless something ties it to another."""

    def __init__(self, knowledge: Knowledge, enough: int | None = None) -> None:
        """With `enough`, a range that is proven to be that wide is not looked into further."""
        self.strict = True
        self._models: dict[Cell, _Model] = {}
        for cells in _components(knowledge):
            model = _Model(cells, knowledge, enough)
            self.strict &= model.strict
            self._models.update(dict.fromkeys(cells, model))

    def model_of(self, cell: Cell) -> _Model:
        """The linear model a cell belongs to."""
        return self._models[cell]

    def range_of(self, cell: Cell) -> tuple[float, float]:
        """The smallest and largest true count of a cell that agree with everything published."""
        model = self.model_of(cell)
        return model.extreme(cell, -1), model.extreme(cell, 1)


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
    for whole, parts in knowledge.sums:
        for part in parts:
            parent[root(part)] = root(whole)
    for small, large in knowledge.at_most:
        parent[root(small)] = root(large)
    groups: dict[Cell, list[Cell]] = {}
    for cell in parent:
        groups.setdefault(root(cell), []).append(cell)
    return list(groups.values())


class _Model:
    """One linear model, solved again and again with another objective from where the last one ended."""

    def __init__(self, cells: list[Cell], knowledge: Knowledge, enough: int | None) -> None:
        self.enough = enough
        self.column = {cell: number for number, cell in enumerate(cells)}
        self.low = [knowledge.intervals.get(cell, (0.0, INFINITY))[0] for cell in cells]
        self.high = [knowledge.intervals.get(cell, (0.0, INFINITY))[1] for cell in cells]
        self.rows = _rows(self.column, knowledge)
        self.strict = True
        self.solver = self._load()
        if not self._feasible():
            self.strict = False
            self._relax([cell for cell in cells if knowledge.slack.get(cell)])
        self.least = list(self.seen)
        self.most = list(self.seen)
        self._sweep([self.column[cell] for cell in cells if cell in knowledge.intervals])

    def extreme(self, cell: Cell, sense: int) -> float:
        """The cell's largest (sense 1) or smallest (-1) value. A solution already seen at the bound proves it."""
        column = self.column[cell]
        if self._proven(column, sense):
            return self.most[column] if sense > 0 else self.least[column]
        return self._solve(column, sense)

    def _proven(self, column: int, sense: int) -> bool:
        """Whether no further solution is needed for one end of a cell's range."""
        if self.enough is not None:
            least, most = math.ceil(self.least[column] - _CLOSE), math.floor(self.most[column] + _CLOSE)
            if most - least >= self.enough:
                return True
        if sense > 0:
            return self.most[column] >= self.high[column] - _CLOSE
        return self.least[column] <= self.low[column] + _CLOSE

    def _solve(self, column: int, sense: int) -> float:
        self.solver.changeColCost(column, float(-sense))
        self.solver.run()
        status, solution = self.solver.getModelStatus(), list(self.solver.getSolution().col_value)
        self.solver.changeColCost(column, 0.0)
        if status in _UNBOUNDED:
            return INFINITY * sense
        if status != highspy.HighsModelStatus.kOptimal:
            raise AngrebFejl(f"a linear program of the attack was not solved: {status}")
        self._remember(solution)
        return solution[column]

    def _sweep(self, columns: list[int]) -> None:
        """Push many cells at once towards bounds that no solution has reached yet; most ranges are proven this way.

        Stops when it no longer pays; what is left is solved cell by cell.
        """
        draw = random.Random(0)  # noqa: S311  # any directions will do, but the same on every run
        everything = list(range(len(self.low)))
        unreached = len(columns) * 2
        for _ in range(_SWEEPS):
            cost = [0.0] * len(self.low)
            left = 0
            for column in columns:
                up = self.high[column] < INFINITY and not self._proven(column, 1)
                down = not self._proven(column, -1)
                left += up + down
                cost[column] = draw.choice([-1.0, 1.0]) if up and down else float(down - up)
            if left == 0 or left > unreached * _WORTHWHILE:
                break
            unreached = left
            self.solver.changeColsCost(len(cost), everything, cost)
            self.solver.run()
            if self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                self._remember(self.solver.getSolution().col_value)
        self.solver.changeColsCost(len(everything), everything, [0.0] * len(everything))

    def _remember(self, values: list[float]) -> None:
        self.least = list(map(min, self.least, values))
        self.most = list(map(max, self.most, values))

    def _load(self) -> highspy.Highs:
        solver = quiet_solver()
        solver.setOptionValue("simplex_strategy", _PRIMAL)  # only the objective changes: the last vertex stays feasible
        count = len(self.low)
        solver.addVars(count, self.low, [max(low, high) for low, high in zip(self.low, self.high, strict=True)])
        for low, high, index, factor in self.rows:
            solver.addRow(low, high, len(index), index, factor)
        return solver

    def _feasible(self) -> bool:
        if any(low > high for low, high in zip(self.low, self.high, strict=True)):
            return False
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        self.seen = list(self.solver.getSolution().col_value)
        return True

    def _relax(self, rounded: list[Cell]) -> None:
        """Let go of the distance of as few cells as the figures force: somewhere the method went further.

        Those cells are then known only not to be negative.
        """
        columns = [self.column[cell] for cell in rounded]
        solver = self._load()
        count = len(self.low)
        for offset, column in enumerate(columns):
            solver.changeColBounds(column, 0.0, INFINITY)
            solver.addVar(0.0, INFINITY)
            solver.changeColCost(count + offset, 1.0)
            solver.addRow(self.low[column], INFINITY, 2, [column, count + offset], [1.0, 1.0])
            solver.addRow(-INFINITY, self.high[column], 2, [column, count + offset], [1.0, -1.0])
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise AngrebFejl("the published figures contradict each other")
        value = solver.getSolution().col_value
        for offset, column in enumerate(columns):
            if value[count + offset] > _CLOSE:
                self.low[column], self.high[column] = 0.0, INFINITY
        self.solver = self._load()
        if not self._feasible():
            raise AngrebFejl("the published figures contradict each other")


def _rows(column: dict[Cell, int], knowledge: Knowledge) -> list[tuple[float, float, list[int], list[float]]]:
    rows = []
    for whole, parts in knowledge.sums:
        if whole in column:
            index = [column[whole], *(column[part] for part in parts)]
            rows.append((0.0, 0.0, index, [1.0] + [-1.0] * len(parts)))
    for small, large in knowledge.at_most:
        if small in column:
            rows.append((0.0, INFINITY, [column[large], column[small]], [1.0, -1.0]))
    return rows
