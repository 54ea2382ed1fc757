"""The linear and integer programs of the attack: how far can one cell go, when all of a piece must still agree?"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence

import highspy

from rådgivning.statistik.presolve import INFINITY, Row
from rådgivning.statistik.rounding import quiet_solver

_CLOSE = 1e-6
_PRIMAL = 4
_SWEEPS = 60
_WORTHWHILE = 0.97
_SMALL, _NODES, _FEW_NODES = 400, 2_000, 60
_UNBOUNDED = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)


class AngrebFejl(Exception):
    """The attack could not be carried out, so nothing is known to be safe."""


class Program:
    """A piece's open columns. `low` and `high` hold what is proven of every world, `least` and `most` the ends of the
    whole-numbered worlds that were seen: the truth lies between, and only the second proves that a cell is safe."""

    def __init__(
        self, columns: Sequence[int], rows: Iterable[Row], low: Sequence[float], high: Sequence[float]
    ) -> None:
        self.columns = list(columns)
        self.place = {column: number for number, column in enumerate(self.columns)}
        self.low = [low[column] for column in self.columns]
        self.high = [high[column] for column in self.columns]
        self.rows = [self._row(row, low) for row in rows]
        self.least, self.most = [INFINITY] * len(self.columns), [-INFINITY] * len(self.columns)
        self.linear = self._load()
        self.whole: highspy.Highs | None = None
        self.world: list[float] | None = None
        self.solved = 0

    def start(self, values: Mapping[int, float]) -> bool:
        """Find a world, as near as may be to some values; False when there is none."""
        first = self._near(values)
        if first is None:
            return False
        if not self._remember(first):
            self._integer([0.0] * len(self.columns))
        return True

    def note(self, column: int, least: float, most: float) -> None:
        """Values the column has in worlds found elsewhere."""
        place = self.place[column]
        self.least[place], self.most[place] = min(self.least[place], least), max(self.most[place], most)

    def ends(self, column: int) -> tuple[float, float, float, float]:
        """A column's proven bounds, and the ends that were seen."""
        place = self.place[column]
        return self.low[place], self.high[place], self.least[place], self.most[place]

    def extreme(self, column: int, sense: int, *, whole: bool) -> None:
        """Settle one end (1 the highest, -1 the lowest) of a column; with `whole` also in whole numbers."""
        place = self.place[column]
        seen, bound = (self.most, self.high) if sense > 0 else (self.least, self.low)
        if abs(seen[place] - bound[place]) <= _CLOSE:
            return
        cost = [0.0] * len(self.columns)
        cost[place] = -float(sense)
        value, fractional = self._solve(cost, place, sense)
        bound[place] = _inside(value, sense)
        if fractional and (whole or len(self.columns) <= _SMALL):
            found = self._integer(cost)
            if found is not None:
                bound[place] = (
                    max(bound[place], _inside(found, -1)) if sense < 0 else min(bound[place], _inside(-found, 1))
                )

    def least_above(self, column: int, least: float) -> float | None:
        """The column's value in a whole-numbered world that has as little of it as may be, but so much; None if none
        was found."""
        place, cost = self.place[column], [0.0] * len(self.columns)
        cost[place] = 1.0
        self.linear.changeColBounds(place, least, self.high[place])
        solution = self._run(cost)
        self.linear.changeColBounds(place, self.low[place], self.high[place])
        if solution is None or self._remember(solution):
            return None if solution is None else round(solution[place])
        whole, self.world = self._integers(), None
        whole.changeColBounds(place, least, self.high[place])
        self._integer(cost)
        whole.changeColBounds(place, self.low[place], self.high[place])
        return None if self.world is None else self.world[place]

    def sweep(self, columns: Sequence[int], needed: Callable[[int], bool]) -> None:
        """Push many columns at once towards ends not seen yet; stops when it no longer pays."""
        draw = random.Random(0)  # noqa: S311  # any directions will do, but the same on every run  # nosec B311
        before = len(columns) + 1
        for _ in range(_SWEEPS):
            wanted = [column for column in columns if needed(column)]
            if not wanted or len(wanted) > before * _WORTHWHILE:
                return
            before = len(wanted)
            cost = [0.0] * len(self.columns)
            for column in wanted:
                cost[self.place[column]] = self._missing(self.place[column], draw)
            solution = self._run(cost)
            if solution is not None and not self._remember(solution) and len(self.columns) <= _SMALL:
                self._integer(cost)

    def _missing(self, place: int, draw: random.Random) -> float:
        """The price that pushes a column to an end not seen yet, drawn when neither was."""
        up, down = self.most[place] < self.high[place] - _CLOSE, self.least[place] > self.low[place] + _CLOSE
        return draw.choice([-1.0, 1.0]) if up == down else -1.0 if up else 1.0

    def _row(self, row: Row, low: Sequence[float]) -> tuple[float, float, list[int], list[float]]:
        """A row of the open columns; what is settled moves to the other side."""
        factors: dict[int, float] = {}
        settled = 0.0
        for columns, sign in ((row.plus, 1.0), (row.minus, -1.0)):
            for column in columns:
                if column in self.place:
                    place = self.place[column]
                    factors[place] = factors.get(place, 0.0) + sign
                else:
                    settled += sign * low[column]
        return -settled, -settled if row.equal else INFINITY, list(factors), list(factors.values())

    def _load(self) -> highspy.Highs:
        solver = quiet_solver()
        solver.setOptionValue("simplex_strategy", _PRIMAL)  # only the objective changes: the last vertex stays feasible
        solver.addVars(len(self.columns), self.low, self.high)
        for low, high, index, factor in self.rows:
            solver.addRow(low, high, len(index), index, factor)
        return solver

    def _near(self, values: Mapping[int, float]) -> list[float] | None:
        solver = self._load()
        count = len(self.columns)
        for column in self.columns:
            if column in values:
                place = self.place[column]
                solver.addVar(0.0, INFINITY)
                solver.changeColCost(count, 1.0)
                solver.addRow(values[column], INFINITY, 2, [place, count], [1.0, 1.0])
                solver.addRow(-INFINITY, values[column], 2, [place, count], [1.0, -1.0])
                count += 1
        solver.run()
        self.solved += 1
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return None
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise AngrebFejl(f"a linear program of the attack was not solved: {solver.getModelStatus()}")
        return list(solver.getSolution().col_value)[: len(self.columns)]

    def _run(self, cost: list[float]) -> list[float] | None:
        """A best world for a price of each column; None when there is no end to it."""
        self.linear.changeColsCost(len(cost), list(range(len(cost))), cost)
        self.linear.run()
        self.solved += 1
        status = self.linear.getModelStatus()
        if status in _UNBOUNDED:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise AngrebFejl(f"a linear program of the attack was not solved: {status}")
        return list(self.linear.getSolution().col_value)

    def _solve(self, cost: list[float], place: int, sense: int) -> tuple[float, bool]:
        """The end of a column, and whether the world it was found in is not one of whole numbers."""
        solution = self._run(cost)
        if solution is None:
            (self.most if sense > 0 else self.least)[place] = INFINITY * sense
            return INFINITY * sense, False
        return solution[place], not self._remember(solution)

    def _integers(self) -> highspy.Highs:
        """The same program in whole numbers."""
        if self.whole is None:
            self.whole = self._load()
            count = len(self.columns)
            for place in range(count):
                self.whole.changeColIntegrality(place, highspy.HighsVarType.kInteger)
            self.whole.setOptionValue("mip_max_nodes", _NODES if count <= _SMALL else _FEW_NODES)
            self.whole.setOptionValue("mip_rel_gap", 0.0)
            self.whole.setOptionValue("mip_abs_gap", 0.5)
        return self.whole

    def _integer(self, cost: list[float]) -> float | None:
        """The least price of a whole-numbered world, or a bound of it when the work ran out. Notes the world."""
        solver = self._integers()
        solver.changeColsCost(len(cost), list(range(len(cost))), cost)
        solver.run()
        self.solved += 1
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            raise AngrebFejl("the published figures contradict each other")
        info = solver.getInfo()
        if info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible):
            self._remember(list(solver.getSolution().col_value))
        bound = info.mip_dual_bound
        return bound if abs(bound) < 1e12 else None

    def _remember(self, solution: Sequence[float]) -> bool:
        """Note a world if it is one of whole numbers and every row holds exactly."""
        world = [float(round(value)) for value in solution]
        if any(abs(value - exact) > _CLOSE for value, exact in zip(solution, world, strict=True)):
            return False
        for low, high, index, factor in self.rows:
            total = sum(world[place] * sign for place, sign in zip(index, factor, strict=True))
            if total < low - _CLOSE or total > high + _CLOSE:
                return False
        if any(value < low or value > high for value, low, high in zip(world, self.low, self.high, strict=True)):
            return False
        self.world = world
        self.least = list(map(min, self.least, world))
        self.most = list(map(max, self.most, world))
        return True


def _inside(value: float, sense: int) -> float:
    """The whole number a bound leaves possible."""
    if abs(value) == INFINITY:
        return value
    return float(-((-value + _CLOSE) // 1)) if sense < 0 else float((value + _CLOSE) // 1)


def loosen(low: list[float], high: list[float], columns: Sequence[int], rows: Iterable[Row]) -> None:
    """Let go of the bounds of as few of some columns as it takes for a world to exist: there the method went further.

    Those are then known only not to be negative.
    """
    solver = quiet_solver()
    count, loose = len(low), set(columns)
    lows = [0.0 if column in loose else low[column] for column in range(count)]
    highs = [INFINITY if column in loose else max(low[column], high[column]) for column in range(count)]
    solver.addVars(count + len(columns), lows + [0.0] * len(columns), highs + [INFINITY] * len(columns))
    for row in rows:
        index, factor = [*row.plus, *row.minus], [1.0] * len(row.plus) + [-1.0] * len(row.minus)
        solver.addRow(0.0, 0.0 if row.equal else INFINITY, len(index), index, factor)
    for extra, column in enumerate(columns, count):
        solver.changeColCost(extra, 1.0)
        solver.addRow(low[column], INFINITY, 2, [column, extra], [1.0, 1.0])
        solver.addRow(-INFINITY, high[column], 2, [column, extra], [1.0, -1.0])
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise AngrebFejl("the published figures contradict each other")
    value = solver.getSolution().col_value
    for extra, column in enumerate(columns, count):
        if value[extra] > _CLOSE:
            low[column], high[column] = 0.0, INFINITY
