"""Controlled rounding: every cell becomes a multiple of the base, and every sum still adds up.

One integer model holds all tables of a counting unit, so a margin that two tables share is one variable. The model
looks for the figures nearest to the truth, with each cell's distance told a little wrong: by a draw from HMAC-SHA256
under a secret seed. So the draw decides where two ways are about as near, above all which cells give way for the sums,
and now and then against a nearer one; a rerun gives the same figures, and nobody without the seed can invert them. What
a cell ought to be is told as wishes of different weight: the strongest are demands where they can be met. A model has
always a solution.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import highspy

from rådgivning.statistik.tables import Nøgle, Tælling, orden


class RundingFejl(Exception):
    """The figures could not be protected; nothing may be published."""


STOR, LILLE, UÆNDRET, BUNDET = 200, 2_000, 20_000, 200_000
"""Weights: a large cell beside the adjacent multiples, a small one beyond 0 and the base, an unchanged cell that moves,
a figure that contradicts one already published."""
UENDELIG = 10**9
_PRIS = 40
_TVIVL, _SJÆLDEN = 1.0, 40
"""By how many events a draw moves a cell's distance at most, but for a few draws that move it by the whole base."""
_NODES = 300


class Ønske(NamedTuple):
    """A wish for a cell, in units of the base: stay inside, at a price for each unit outside; `hældning` is the price
    of each unit up inside."""

    mindst: int
    højst: int
    vægt: int
    hældning: int = 0

    def spejlet(self, hele: int) -> Ønske:
        """The same wish told of what is left of the whole."""
        return Ønske(hele - self.højst, hele - self.mindst, self.vægt, -self.hældning)


@dataclass(frozen=True)
class Regel:
    """How a report is protected."""

    base: int = 5
    tærskel: int = 5
    knuder: int = _NODES


@dataclass(frozen=True)
class Opgave:
    """What is to be rounded. `uligheder` are pairs whose first may not be published above the sum of the second."""

    celler: dict[Nøgle, Tælling]
    summer: list[tuple[Nøgle, tuple[Nøgle, ...]]]
    uligheder: Sequence[tuple[Nøgle, tuple[Nøgle, ...]]] = ()
    ønsker: dict[Nøgle, list[Ønske]] = field(default_factory=dict)
    lofter: dict[Nøgle, int] = field(default_factory=dict)


def afrund(
    opgave: Opgave,
    regel: Regel,
    frø: bytes,
    mærker: Mapping[Nøgle, bytes] | None = None,
    uløst: list[bool] | None = None,
) -> dict[Nøgle, int]:
    """The value to publish for every cell. Wishes, ceilings and `uløst` are those of `løs`, in units of the base."""
    wishes = {}
    for cell, count in opgave.celler.items():
        name = (mærker or {}).get(cell) or json.dumps(cell, ensure_ascii=False).encode()
        wishes[cell] = [naturligt(count, regel, frø, name), *opgave.ønsker.get(cell, ())]
    ceilings = {cell: opgave.lofter.get(cell, UENDELIG) for cell in opgave.celler}
    found = løs(wishes, ceilings, opgave.summer, opgave.uligheder, regel.knuder, uløst=uløst)
    return {cell: value * regel.base for cell, value in found.items()}


def naturligt(count: Tælling, regel: Regel, frø: bytes, navn: bytes) -> Ønske:
    """What a count would be by itself: one of the adjacent multiples, 0 for 0, 0 or the base for few persons."""
    antal, persons = count
    if antal == 0:
        return Ønske(0, 0, LILLE)
    small = persons < regel.tærskel
    low, high = (0, 1) if small else (antal // regel.base, -(-antal // regel.base))
    digest = hmac.digest(frø, b"rounding:" + navn, hashlib.sha256)
    nearer = 2 * min(antal - low * regel.base, regel.base) - regel.base  # by how much up is nearer than down, in events
    lean = (nearer + _moved(int.from_bytes(digest[:8]) / 2**63 - 1, regel.base)) / regel.base
    price = max(1, round(_PRIS * abs(lean)))
    return Ønske(low, high, LILLE if small else STOR, -price if lean > 0 else price)


def _moved(drawn: float, base: int) -> float:
    """What a draw between -1 and 1 adds to a distance: little, so that the figures are near the truth, and now and then
    so much that every way remains possible."""
    usual = max(_TVIVL, _TVIVL * base / 5)
    return math.copysign(usual * abs(drawn) + (base - usual) * abs(drawn) ** _SJÆLDEN, drawn)


def løs(
    ønsker: Mapping[Nøgle, Sequence[Ønske]],
    lofter: Mapping[Nøgle, int],
    summer: Sequence[tuple[Nøgle, tuple[Nøgle, ...]]],
    uligheder: Sequence[tuple[Nøgle, tuple[Nøgle, ...]]] = (),
    knuder: int = _NODES,
    ellers: Mapping[Nøgle, int] | None = None,
    uløst: list[bool] | None = None,
) -> dict[Nøgle, int]:
    """Values between 0 and the ceilings that add up and meet the wishes as well as can be, in units of the base.

    First every wish is a demand, then only the heavier ones, and at last none. The work is limited by a number of
    nodes, the same on every machine; the best solution then found counts, and if there is none, `ellers` (default: all
    0), which must add up. `uløst` then gets a mark: the figures are protected, but further from the truth than need be.
    """
    weights = sorted({wish.vægt for wishes in ønsker.values() for wish in wishes})
    for demanded in (*weights, UENDELIG):
        bounds = {cell: _bounds(wishes, lofter[cell], demanded) for cell, wishes in ønsker.items()}
        if all(low <= high for low, high in bounds.values()):
            model = _Model(ønsker, bounds, knuder)
            found = model.solve(summer, uligheder)
            if found is not None:
                if not model.bedst and uløst is not None:
                    uløst.append(True)
                return found
    if uløst is not None:
        uløst.append(True)
    return {cell: 0 if ellers is None else ellers[cell] for cell in ønsker}


def _bounds(wishes: Iterable[Ønske], ceiling: int, demanded: int) -> tuple[int, int]:
    low, high = 0, ceiling
    for wish in wishes:
        if wish.vægt >= demanded:
            low, high = max(low, wish.mindst), min(high, wish.højst)
    return low, high


class _Model:
    """One integer model. A cell is its lower bound and a column for each stretch with one price; prices only rise."""

    def __init__(
        self, ønsker: Mapping[Nøgle, Sequence[Ønske]], bounds: Mapping[Nøgle, tuple[int, int]], knuder: int
    ) -> None:
        self.cost: list[float] = [0.0]  # a model where everything is settled already must still be checked, not "empty"
        self.high: list[float] = [0.0]
        self.rows: list[tuple[float, float, list[int], list[float]]] = []
        self.knuder, self.bedst = knuder, False
        self.constant = {cell: low for cell, (low, _high) in bounds.items()}
        self.column = {cell: self._stretches(ønsker[cell], *bounds[cell]) for cell in sorted(bounds, key=orden)}

    def solve(
        self,
        summer: Iterable[tuple[Nøgle, tuple[Nøgle, ...]]],
        uligheder: Iterable[tuple[Nøgle, tuple[Nøgle, ...]]],
    ) -> dict[Nøgle, int] | None:
        """The values; None when there is no solution, or none was found."""
        for total, parts in summer:
            self._add_row(total, parts, 0.0)
        for small, large in uligheder:
            self._add_row(small, large, -highspy.kHighsInf)
        solver = self._load()
        solver.run()
        self.bedst = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if solver.getInfo().primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return None
        value = solver.getSolution().col_value
        return {
            cell: self.constant[cell] + sum(round(value[column]) for column in columns)
            for cell, columns in self.column.items()
        }

    def _stretches(self, wishes: Sequence[Ønske], low: int, high: int) -> list[int]:
        ends = {end for wish in wishes for end in (wish.mindst, wish.højst) if low < end < high}
        marks = sorted({low, high, *ends})
        columns = []
        for start, end in pairwise(marks):
            price = sum(
                -wish.vægt if start < wish.mindst else wish.vægt if start >= wish.højst else wish.hældning
                for wish in wishes
            )
            self.cost.append(float(price))
            self.high.append(highspy.kHighsInf if end >= UENDELIG else float(end - start))
            columns.append(len(self.cost) - 1)
        return columns

    def _add_row(self, total: Nøgle, parts: Iterable[Nøgle], low: float) -> None:
        index: list[int] = []
        factor: list[float] = []
        shift = 0.0
        for cell, sign in ((total, 1.0), *((part, -1.0) for part in parts)):
            shift += sign * self.constant[cell]
            index += self.column[cell]
            factor += [sign] * len(self.column[cell])
        self.rows.append((low - shift, -shift, index, factor))

    def _load(self) -> highspy.Highs:
        solver = quiet_solver()
        solver.setOptionValue("mip_max_nodes", self.knuder)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 0.5)
        count = len(self.cost)
        solver.addVars(count, [0.0] * count, self.high)
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
