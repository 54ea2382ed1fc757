"""Blanking by linear programs, one requirement after the other, and then showing again what need not be blank.

Never optimal, always safe: where the integer program starts, and what is used when its work runs out.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from rådgivning.statistik.rounding import quiet_solver
from rådgivning.statistik.suppression_model import CLOSE, Angriber, Krav, Problem, Tilstand

INFINITY = float("inf")


class Umuligt(Exception):
    """A requirement cannot be met even when everything that may be blank is."""


def grådig(problem: Problem, blanke: Iterable[int] = ()) -> set[int]:
    """Blank what each requirement needs, the hardest first. `blanke` are blank already."""
    found = set(blanke)
    moves = _Flytninger(problem, found)
    for krav in sorted((krav for krav in problem.krav if not krav.betinget), key=lambda krav: -krav.afstand):
        found |= moves.nye(krav)
    missing = True
    while missing:
        new = {cell for krav in problem.krav if krav.betinget and krav.celle in found for cell in moves.nye(krav)}
        missing = not new <= found
        found |= new
    return found


class _Flytninger:
    """The cheapest move that meets a requirement: what is blank moves for nothing, the rest costs by the unit."""

    def __init__(self, problem: Problem, blanke: set[int]) -> None:
        self.problem, self.blanke = problem, set[int]()
        self.valg = problem.valg
        self.solver = quiet_solver()
        count = len(problem.ned)
        shown = [state is Tilstand.VIST for state in problem.tilstand]
        low = [0.0 if fixed else -down for fixed, down in zip(shown, problem.ned, strict=True)]
        high = [0.0 if fixed else up for fixed, up in zip(shown, problem.op, strict=True)]
        self.solver.addVars(count, low, high)
        for index, factor in problem.rækker:
            self.solver.addRow(0.0, 0.0, len(index), index, factor)
        self.afstand = {}
        for offset, cell in enumerate(self.valg):
            self.afstand[cell] = count + offset
            self.solver.addVar(0.0, problem.op[cell] + problem.ned[cell])
            self.solver.changeColCost(count + offset, 1.0)
            self.solver.addRow(0.0, float("inf"), 2, [count + offset, cell], [1.0, 1.0])
            self.solver.addRow(0.0, float("inf"), 2, [count + offset, cell], [1.0, -1.0])
        self._blank(blanke)

    def nye(self, krav: Krav) -> set[int]:
        """What must be blank besides. Raises Umuligt."""
        cell, problem = krav.celle, self.problem
        solver = self.solver
        low, high = -problem.ned[cell], problem.op[cell]
        solver.changeColBounds(cell, *((krav.afstand, high) if krav.vej > 0 else (low, -krav.afstand)))
        solver.run()
        if solver.getInfo().primal_solution_status != 2:
            raise Umuligt
        value = solver.getSolution().col_value
        solver.changeColBounds(cell, low, high)
        new = {other for other in self.valg if abs(value[other]) > CLOSE} - self.blanke
        self._blank(new)
        return new

    def _blank(self, cells: Iterable[int]) -> None:
        for cell in cells:
            self.blanke.add(cell)
            self.solver.changeColCost(self.afstand[cell], 0.0)


def ryddet(problem: Problem, blanke: set[int], angriber: Angriber, slut: float = INFINITY) -> set[int]:
    """Show again, largest weight first, what no requirement needs. After `slut` the rest stays blank."""
    kept = set(blanke)
    angriber.vis([float(cell in kept) for cell in problem.valg])
    asked = [krav for krav in problem.krav if not krav.betinget or krav.celle in kept]
    for krav in asked:
        _kan(angriber, krav)
    for cell in sorted(kept, key=lambda cell: (-problem.vægt[cell], cell)):
        if time.monotonic() > slut:
            break
        others = [krav for krav in asked if not krav.betinget or krav.celle != cell]
        angriber.sæt(cell, 0.0)
        refused = next((krav for krav in others if not _kan(angriber, krav)), None)
        if refused is None:
            kept.discard(cell)
            asked = others
        else:
            angriber.sæt(cell, 1.0)
            asked = [refused, *(krav for krav in asked if krav != refused)]  # what was in the way soon is again
    return kept


def _kan(angriber: Angriber, krav: Krav) -> bool:
    return angriber.kan(krav, krav.afstand) or angriber.når(krav).nået >= krav.afstand - CLOSE
