"""From everything published to what suppression decides on: the attacker's own model, with the true counts in it.

Earlier releases are fixed: what they show stays shown, what they leave out stays left out, and their small counts must
still be hidden when the new release stands beside them. Counts that no release has (the months between two quarters,
say) are free for the attacker to imagine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import highspy

from rådgivning.statistik.knowledge import Cell, Knowledge
from rådgivning.statistik.rounding import quiet_solver
from rådgivning.statistik.suppression_model import CLOSE, Angriber, Krav, Problem, Tilstand
from rådgivning.statistik.tables import Tælling

Ulighed = tuple[Cell, tuple[Cell, ...]]


class Modstrid(Exception):
    """The counts do not agree with what is published already, so nothing can be decided."""


@dataclass
class Del:
    """Counts that sums tie together, as a problem of its own. `uopfyldte` are requirements that nothing could meet."""

    celler: list[Cell | Ulighed]
    problem: Problem
    uopfyldte: int = 0


@dataclass(frozen=True)
class Stof:
    """All that is known and all that is true: `nye` are the new release's counts, `vist` those that must be shown."""

    viden: Knowledge
    tællinger: Mapping[Cell, Tælling]
    nye: Collection[Cell]
    tærskel: int
    blanke: Collection[Cell] = ()
    vist: Collection[Cell] = ()


def er_følsom(tælling: Tælling, tærskel: int) -> bool:
    """Whether a count tells of too few persons. Nought tells of nobody; twelve contacts of one person tell of one."""
    return tælling.antal > 0 and tælling.personer < tærskel


def dele(stof: Stof) -> Iterator[Del]:
    """The problems, one for each group of counts that move together. Raises Modstrid."""
    rows = _rows(stof.viden)
    values = _values(stof, rows)
    states = {cell: _state(stof, cell) for cell in values}
    for cells in _groups(rows, [cell for cell, state in states.items() if state is not Tilstand.VIST]):
        part = _part(stof, cells, rows, values, states)
        if part.problem.krav:
            yield part


def _rows(viden: Knowledge) -> list[list[tuple[Cell | Ulighed, float]]]:
    """Every sum as terms that add up to nought; a comparison has a term for what it lacks."""
    rows: list[list[tuple[Cell | Ulighed, float]]] = []
    for whole, parts in dict.fromkeys((whole, tuple(parts)) for whole, parts in viden.sums):
        rows.append([(whole, 1.0), *((part, -1.0) for part in parts)])
    for small, larger in dict.fromkeys(viden.at_most):
        rows.append([*((large, 1.0) for large in larger), (small, -1.0), ((small, larger), -1.0)])
    return rows


def _state(stof: Stof, cell: Cell | Ulighed) -> Tilstand:
    if not isinstance(cell, Cell) or cell not in stof.viden.intervals:
        return Tilstand.ÅBEN
    low, high = stof.viden.intervals[cell]
    if low == high or cell in stof.vist:
        return Tilstand.VIST
    own = cell in stof.nye and cell not in stof.blanke and not er_følsom(stof.tællinger[cell], stof.tærskel)
    return Tilstand.VALG if own else Tilstand.ÅBEN


def _values(stof: Stof, rows: list[list[tuple[Cell | Ulighed, float]]]) -> dict[Cell | Ulighed, float]:
    """The true counts, and for what no release has some that agree with them."""
    cells = dict.fromkeys([*stof.viden.intervals, *(cell for row in rows for cell, _factor in row)])
    number = {cell: index for index, cell in enumerate(cells)}
    solver = quiet_solver()
    for cell in cells:
        if isinstance(cell, Cell) and cell in stof.viden.intervals:
            low, high = stof.viden.intervals[cell]
            true = low if low == high else float(stof.tællinger[cell].antal)
            solver.addVar(true, true)
        elif isinstance(cell, Cell) and cell in stof.tællinger:
            true = float(stof.tællinger[cell].antal)
            solver.addVar(true, true)
        else:
            solver.addVar(0.0, highspy.kHighsInf)
    for row in rows:
        factors: dict[int, float] = {}
        for cell, factor in row:
            factors[number[cell]] = factors.get(number[cell], 0.0) + factor
        solver.addRow(0.0, 0.0, len(factors), list(factors), list(factors.values()))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise Modstrid("the counts disagree with what is published")
    found = solver.getSolution().col_value
    return {cell: max(0.0, found[index]) for cell, index in number.items()}


def _groups(
    rows: list[list[tuple[Cell | Ulighed, float]]], cells: Collection[Cell | Ulighed]
) -> Iterator[list[Cell | Ulighed]]:
    """Counts that some chain of sums joins, without those that cannot move."""
    parent: dict[Cell | Ulighed, Cell | Ulighed] = {cell: cell for cell in cells}

    def root(cell: Cell | Ulighed) -> Cell | Ulighed:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for row in rows:
        moving = [cell for cell, _factor in row if cell in parent]
        for cell in moving[1:]:
            parent[root(cell)] = root(moving[0])
    groups: dict[Cell | Ulighed, list[Cell | Ulighed]] = {}
    for cell in parent:
        groups.setdefault(root(cell), []).append(cell)
    yield from groups.values()


def _part(
    stof: Stof,
    cells: list[Cell | Ulighed],
    rows: list[list[tuple[Cell | Ulighed, float]]],
    values: Mapping[Cell | Ulighed, float],
    states: Mapping[Cell | Ulighed, Tilstand],
) -> Del:
    """A group as a problem, with totals shown if that leaves enough room for everything that must be hidden."""
    number = {cell: index for index, cell in enumerate(cells)}
    own = [[(number[cell], factor) for cell, factor in row if cell in number] for row in rows]
    sums = list(dict.fromkeys(tuple(row) for row in own if row))
    totals = {number[cell] for cell in cells if isinstance(cell, Cell) and not cell.limits} & {
        number[cell] for cell in cells if states[cell] is Tilstand.VALG
    }
    for shown in (totals, set[int]()):
        problem = Problem(rækker=[([index for index, _ in row], [factor for _, factor in row]) for row in sums])
        for index, cell in enumerate(cells):
            down, up = _room(stof, cell, values[cell])
            problem.ned.append(down)
            problem.op.append(up)
            problem.tilstand.append(Tilstand.VIST if index in shown else states[cell])
            problem.vægt.append(values[cell])
        part = Del(cells, problem)
        if _ask(stof, part) or not shown:
            break
    return part


def _room(stof: Stof, cell: Cell | Ulighed, value: float) -> tuple[float, float]:
    """How far a blank count may be thought down and up.

    Down to what its largest contributor can have: all of it but one for each other person. Further than twice what any
    requirement asks is never looked, so the attacker can if anything do more.
    """
    far = 2.0 * (stof.tærskel - 1)
    if isinstance(cell, Cell) and cell in stof.viden.intervals:
        return min(far, max(0.0, stof.tællinger[cell].personer - 1.0)), far
    return min(far, value), far


def _ask(stof: Stof, part: Del) -> bool:
    """Note what each blank count must be able to do, as far as it can be done at all; whether all of it can."""
    problem, part.uopfyldte = part.problem, 0
    angriber = Angriber(problem)
    angriber.vis([1.0] * len(problem.valg))

    def far(krav: Krav) -> float:
        if krav.afstand <= 0 or angriber.kan(krav, krav.afstand):
            return max(0.0, krav.afstand)
        return math.floor(angriber.når(krav).nået + CLOSE)

    for index, cell in enumerate(part.celler):
        if isinstance(cell, Cell) and cell in stof.tællinger and problem.tilstand[index] is not Tilstand.VIST:
            found = _asked(stof, cell, index, problem.tilstand[index], far)
            few = er_følsom(stof.tællinger[cell], stof.tærskel)
            part.uopfyldte += few and sum(krav.afstand for krav in found) < stof.tærskel - 1
            problem.krav += [krav for krav in found if krav.afstand > 0]
    return part.uopfyldte == 0


def _asked(stof: Stof, cell: Cell, index: int, tilstand: Tilstand, far: Callable[[Krav], float]) -> list[Krav]:
    """The requirements of one count, as far as they can be met.

    A count of few persons must be able to be as small as one contributor alone, and so large that somebody who knows
    her own part still finds room for `tærskel` values; one that no release has, but that can be had by subtraction,
    must leave anybody else that room. A count of enough persons that is left out to hide others must not come out as
    small, nor, if it was left out before, exactly.
    """
    count, t = stof.tællinger[cell], stof.tærskel
    published = cell in stof.viden.intervals
    if er_følsom(count, t):
        down_far = far(Krav(index, -1, min(count.personer - 1 if published else count.antal, t - 1)))
        up = max(t - count.antal if published else 0, t - 1 - down_far)
        return [Krav(index, -1, down_far), Krav(index, 1, far(Krav(index, 1, up)))]
    if not published:
        return []
    up = max(2 * t - 2 - count.antal, 1 if tilstand is Tilstand.ÅBEN else 0)
    mine = tilstand is Tilstand.VALG
    return [Krav(index, 1, far(Krav(index, 1, up, mine)), mine)]
