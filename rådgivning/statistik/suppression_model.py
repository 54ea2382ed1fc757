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
import numpy as np
import numpy.typing as npt

from rådgivning.statistik.rounding import quiet_solver

CLOSE = 1e-6
_PRIMAL = 4
_KENDTE = 1000

Flytning = npt.NDArray[np.float64]


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
    flytning: Flytning
    priser: Sequence[float]


class Angriber:
    """One linear program, asked again and again how far a count can move while others are shown or blank.

    Moves once found are kept: one that is still allowed answers for every requirement it meets, without a program.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.arbejde = 0
        self.solver = quiet_solver()
        self.solver.setOptionValue("presolve", "off")
        self.solver.setOptionValue("simplex_strategy", _PRIMAL)  # a move that was possible mostly still is: start there
        self.valg = problem.valg
        shown = np.array([state is Tilstand.VIST for state in problem.tilstand])
        self.ned, self.op = np.where(shown, 0.0, problem.ned), np.where(shown, 0.0, problem.op)
        self.low, self.high = -self.ned, self.op.copy()
        self.kendte = np.zeros((_KENDTE, len(shown)))
        self.fundet = 0
        self._mulige: npt.NDArray[np.bool_] | None = None
        self.solver.addVars(len(shown), self.low, self.high)
        for index, factor in problem.rækker:
            self.solver.addRow(0.0, 0.0, len(index), index, factor)

    def vis(self, blanke: Sequence[float]) -> None:
        """Blank the counts of `problem.valg` as told: 0 shown, 1 blank, and between (for the relaxed master)."""
        part = np.asarray(blanke, dtype=float)
        self.low[self.valg], self.high[self.valg] = -self.ned[self.valg] * part, self.op[self.valg] * part
        self.solver.changeColsBounds(
            len(self.valg), np.array(self.valg, dtype=np.int32), self.low[self.valg], self.high[self.valg]
        )
        self._mulige = None

    def sæt(self, celle: int, blank: float) -> None:
        """Blank or show one count."""
        self.low[celle], self.high[celle] = -self.ned[celle] * blank, self.op[celle] * blank
        self.solver.changeColBounds(celle, self.low[celle], self.high[celle])
        self._mulige = None

    def _kend(self, move: Flytning) -> None:
        place = self.fundet % _KENDTE
        self.kendte[place] = move
        self.fundet += 1
        if self._mulige is not None:
            self._mulige[place] = self._tilladt(move)

    def _tilladt(self, moves: Flytning) -> npt.NDArray[np.bool_]:
        inside = (moves >= self.low - CLOSE) & (moves <= self.high + CLOSE)
        return np.asarray(inside.all(axis=-1))

    def kan(self, krav: Krav, afstand: float) -> bool:
        """Whether a move that is known takes the count of a requirement so far."""
        if self._mulige is None:
            self._mulige = self._tilladt(self.kendte)
        reached = self.kendte[self._mulige, krav.celle] * krav.vej
        return bool((reached >= afstand - CLOSE).any())

    def når(self, krav: Krav) -> Svar:
        """How far the count of a requirement can move its way, no further than asked."""
        cell, sense = krav.celle, krav.vej
        solver = self.solver
        low, high = self.low[cell], self.high[cell]
        if krav.betinget:
            low, high = -self.ned[cell], self.op[cell]
        own = (low, min(high, krav.afstand)) if sense > 0 else (max(low, -krav.afstand), high)
        solver.changeColBounds(cell, *own)
        solver.changeColCost(cell, float(-sense))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            solver.clearSolver()
            solver.run()
        self.arbejde += solver.getInfo().simplex_iteration_count
        solution = solver.getSolution()
        move = np.array(solution.col_value)
        solver.changeColCost(cell, 0.0)
        solver.changeColBounds(cell, self.low[cell], self.high[cell])
        if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            self._kend(move)
        return Svar(sense * move[cell], move, solution.col_dual)
