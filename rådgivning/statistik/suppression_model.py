"""What suppression is decided on: how far an attacker can move each count, and how far she must be able to.

Counts are told as deviations from the true ones. A shown count does not move; a blank one may go up as far as the sums
let it, and down to what its largest contributor knows of herself. Every sum must hold for the deviations too. A
requirement says that a count must be able to move so far one way; it is met when one linear program finds such a move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import highspy

from rådgivning.statistik.rounding import quiet_solver

CLOSE = 1e-6


class Tilstand(Enum):
    """Whether a count is known to the attacker, never known to her, or ours to blank."""

    VIST = "vist"
    ÅBEN = "åben"
    VALG = "valg"


class Krav(NamedTuple):
    """A count must be able to move `afstand` in the direction `vej` (1 up, -1 down). `betinget`: only if blank."""

    celle: int
    vej: int
    afstand: float
    betinget: bool = False


@dataclass
class Problem:
    """Counts by number: how far down and up a blank one may move, and the sums, each adding up to nought."""

    ned: list[float] = field(default_factory=list)
    op: list[float] = field(default_factory=list)
    tilstand: list[Tilstand] = field(default_factory=list)
    rækker: list[tuple[list[int], list[float]]] = field(default_factory=list)
    krav: list[Krav] = field(default_factory=list)
    vægt: list[float] = field(default_factory=list)

    @property
    def valg(self) -> list[int]:
        """The counts that are ours to show or blank."""
        return [number for number, state in enumerate(self.tilstand) if state is Tilstand.VALG]


class Svar(NamedTuple):
    """How far a count could move; the move itself; and how much each count's freedom limits it (for the cuts)."""

    nået: float
    flytning: Sequence[float]
    priser: Sequence[float]


class Angriber:
    """One linear program, asked again and again how far a count can move while others are shown or blank."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.arbejde = 0
        self.solver = quiet_solver()
        self.solver.setOptionValue("presolve", "off")
        count = len(problem.ned)
        self.valg = problem.valg
        self.low = [
            0.0 if state is Tilstand.VIST else -down for state, down in zip(problem.tilstand, problem.ned, strict=True)
        ]
        self.high = [
            0.0 if state is Tilstand.VIST else up for state, up in zip(problem.tilstand, problem.op, strict=True)
        ]
        self.solver.addVars(count, self.low, self.high)
        for index, factor in problem.rækker:
            self.solver.addRow(0.0, 0.0, len(index), index, factor)

    def vis(self, blanke: Sequence[float]) -> None:
        """Blank the counts of `problem.valg` as told: 0 shown, 1 blank, and between (for the relaxed master)."""
        for number, blank in zip(self.valg, blanke, strict=True):
            self.low[number] = -self.problem.ned[number] * blank
            self.high[number] = self.problem.op[number] * blank
        numbers = self.valg
        self.solver.changeColsBounds(
            len(numbers), numbers, [self.low[number] for number in numbers], [self.high[number] for number in numbers]
        )

    def sæt(self, celle: int, blank: float) -> None:
        """Blank or show one count."""
        self.low[celle], self.high[celle] = -self.problem.ned[celle] * blank, self.problem.op[celle] * blank
        self.solver.changeColBounds(celle, self.low[celle], self.high[celle])

    def når(self, krav: Krav) -> Svar:
        """How far the count of a requirement can move its way, no further than asked."""
        cell, sense = krav.celle, krav.vej
        solver = self.solver
        low, high = self.low[cell], self.high[cell]
        if krav.betinget:
            low, high = -self.problem.ned[cell], self.problem.op[cell]
        own = (low, min(high, krav.afstand)) if sense > 0 else (max(low, -krav.afstand), high)
        solver.changeColBounds(cell, *own)
        solver.changeColCost(cell, float(-sense))
        solver.run()
        info, solution = solver.getInfo(), solver.getSolution()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            solver.clearSolver()
            solver.run()
            info, solution = solver.getInfo(), solver.getSolution()
        self.arbejde += info.simplex_iteration_count
        move = list(solution.col_value)
        found = Svar(sense * move[cell], move, solution.col_dual)
        solver.changeColCost(cell, 0.0)
        solver.changeColBounds(cell, self.low[cell], self.high[cell])
        return found
