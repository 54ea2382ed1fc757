"""Controlled rounding: every cell of a report becomes a multiple of the base, and every sum still adds up.

One integer model holds all tables, so a margin that two tables share is one variable. Which way a cell is rounded is
drawn from HMAC-SHA256 under a secret seed, and the model then departs from the draw as little as additivity allows: a
rerun gives the same figures, and nobody without the seed can invert them. A cell with fewer than `tærskel` distinct
persons is published as 0 or as the base, however many events those persons have. A true 0 stays 0.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import highspy

from rådgivning.statistik.tables import Nøgle, Tælling


class RundingFejl(Exception):
    """The figures could not be protected; nothing may be published."""


class Tidsgrænse(RundingFejl):
    """The solver did not finish in its time."""


class Umulig(RundingFejl):
    """No rounding keeps to what is already published and still adds up."""


class Slack(IntEnum):
    """How far cells may move when strict rounding has no solution: the first level that works is used."""

    NONE = 0
    LARGE_CELLS = 1
    ALL_CELLS = 2


@dataclass(frozen=True)
class Opgave:
    """What is to be rounded. `mindst` and `højst` are published values that earlier releases force on a cell.

    `uligheder` are pairs whose first may not be published above the second.
    """

    celler: Mapping[Nøgle, Tælling]
    summer: Sequence[tuple[Nøgle, tuple[Nøgle, ...]]]
    mindst: Mapping[Nøgle, int] = field(default_factory=dict)
    højst: Mapping[Nøgle, int] = field(default_factory=dict)
    uligheder: Sequence[tuple[Nøgle, Nøgle]] = ()


@dataclass(frozen=True)
class Regel:
    """How a report is protected."""

    base: int = 5
    tærskel: int = 5
    tidsgrænse: float = 20.0


def afrund(opgave: Opgave, regel: Regel, frø: bytes, mærker: Mapping[Nøgle, bytes] | None = None) -> dict[Nøgle, int]:
    """The value to publish for every cell; raises Tidsgrænse or Umulig, and never gives unprotected figures.

    `mærker` names what a cell really counts, so that the same months draw the same number in every report (default:
    the key itself).
    """
    draws = _draws(opgave.celler, frø, mærker or {})
    for slack in Slack:
        found = _Model(opgave, regel, draws, slack).solve()
        if found is not None:
            return found
    raise Umulig("no additive rounding agrees with what is already published")


def _draws(cells: Iterable[Nøgle], frø: bytes, mærker: Mapping[Nøgle, bytes]) -> dict[Nøgle, tuple[float, int]]:
    """For each cell a number in [0, 1) that decides its direction, and the cost of departing from it."""
    draws = {}
    for cell in cells:
        name = mærker.get(cell) or json.dumps(cell, ensure_ascii=False).encode()
        digest = hmac.digest(frø, b"rounding:" + name, hashlib.sha256)
        direction = int.from_bytes(digest[:8]) / 2**64
        draws[cell] = (direction, 1000 + int.from_bytes(digest[8:12]) % 1000)
    return draws


_INFINITY = highspy.kHighsInf
_INFEASIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
_STEPS = 1000
_PENALTY = {Slack.LARGE_CELLS: 50_000, Slack.ALL_CELLS: 500_000}


class _Model:
    """One integer model in units of the base. Columns: each cell, and where allowed its steps beyond the adjacent."""

    def __init__(self, opgave: Opgave, regel: Regel, draws: Mapping[Nøgle, tuple[float, int]], slack: Slack) -> None:
        self.opgave, self.regel, self.draws, self.slack = opgave, regel, draws, slack
        self.cost: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[float, float, list[int], list[float]]] = []
        self._add_column(0.0, 0)  # a model where everything is settled already must still be checked, not "empty"
        self.column = {cell: self._add_cell(cell) for cell in sorted(opgave.celler)}
        self.constant = {cell: self._constant(cell) for cell in self.column}

    def solve(self) -> dict[Nøgle, int] | None:
        """The published values, None when this much slack is not enough; raises Tidsgrænse."""
        for total, parts in self.opgave.summer:
            self._add_row([(total, 1.0), *((part, -1.0) for part in parts)], 0.0, 0.0)
        for small, large in self.opgave.uligheder:
            self._add_row([(small, 1.0), (large, -1.0)], -_INFINITY, 0.0)
        solver = self._load()
        solver.run()
        status = solver.getModelStatus()
        if status in _INFEASIBLE:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise Tidsgrænse(f"the solver did not reach a proven optimum: {status}")
        value = solver.getSolution().col_value
        return {
            cell: self.regel.base * (self.constant[cell] + sum(round(value[i]) * sign for i, sign in columns))
            for cell, columns in self.column.items()
        }

    def _bounds(self, cell: Nøgle) -> tuple[int, int]:
        """The adjacent multiples a cell may take, narrowed by what is published already (which wins)."""
        count, persons = self.opgave.celler[cell]
        if count == 0:
            low = high = 0
        elif persons < self.regel.tærskel:
            low, high = 0, 1
        else:
            low, high = count // self.regel.base, -(-count // self.regel.base)
        floor, ceiling = self._published(cell)
        if ceiling is None:
            return max(low, floor), max(high, floor)
        if floor > ceiling:
            raise Umulig("earlier releases contradict each other")
        return min(max(low, floor), ceiling), max(min(high, ceiling), floor)

    def _published(self, cell: Nøgle) -> tuple[int, int | None]:
        """What earlier releases leave a cell, in units of the base."""
        ceiling = self.opgave.højst.get(cell)
        return self.opgave.mindst.get(
            cell, 0
        ) // self.regel.base, None if ceiling is None else ceiling // self.regel.base

    def _add_cell(self, cell: Nøgle) -> list[tuple[int, int]]:
        low, high = self._bounds(cell)
        count, persons = self.opgave.celler[cell]
        columns = []
        if high > low:
            up = self.draws[cell][0] < min(1.0, count / self.regel.base - low)
            cost = self.draws[cell][1]
            columns.append((self._add_column(-cost if up else cost, high - low), 1))
        large = count > 0 and persons >= self.regel.tærskel
        if self.slack is Slack.ALL_CELLS or (self.slack is Slack.LARGE_CELLS and large):
            penalty = _PENALTY[Slack.LARGE_CELLS if large else Slack.ALL_CELLS]
            floor, ceiling = self._published(cell)
            above = _STEPS if ceiling is None else ceiling - high
            columns.append((self._add_column(penalty, above), 1))
            columns.append((self._add_column(penalty, low - floor), -1))
        return columns

    def _constant(self, cell: Nøgle) -> int:
        return self._bounds(cell)[0]

    def _add_column(self, cost: float, high: int) -> int:
        self.cost.append(float(cost))
        self.low.append(0.0)
        self.high.append(float(high))
        return len(self.cost) - 1

    def _add_row(self, terms: Iterable[tuple[Nøgle, float]], low: float, high: float) -> None:
        index: list[int] = []
        factor: list[float] = []
        shift = 0.0
        for cell, sign in terms:
            shift += sign * self.constant[cell]
            for column, own in self.column[cell]:
                index.append(column)
                factor.append(sign * own)
        self.rows.append((low - shift, high - shift, index, factor))

    def _load(self) -> highspy.Highs:
        solver = quiet_solver()
        solver.setOptionValue("time_limit", self.regel.tidsgrænse)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 0.5)
        count = len(self.cost)
        solver.addVars(count, self.low, self.high)
        solver.changeColsCost(count, list(range(count)), self.cost)
        for column in range(count):
            solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        for low, high, index, factor in self.rows:
            solver.addRow(low, high, len(index), index, factor)
        return solver


def quiet_solver() -> highspy.Highs:
    """A solver that writes nothing and does the same on every run: one thread, a fixed seed."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("random_seed", 0)
    return solver
