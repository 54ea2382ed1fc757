"""The fewest blanks: an integer program that learns the requirements as cuts, each the proof that a pattern is unsafe.

The program asks for the fewest counts to blank, and among equally few for those that hide the least. Whenever its
answer leaves a requirement unmet, the linear program that shows it names every count whose freedom could have helped:
some of them must be blank, in this and in every other answer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import highspy

from rådgivning.statistik.rounding import quiet_solver
from rådgivning.statistik.suppression_greedy import INFINITY, grådig, ryddet
from rådgivning.statistik.suppression_model import CLOSE, Angriber, Krav, Problem, Tilstand

ARBEJDE = 800_000
"""Steps of the simplex method, so that every machine makes the same pattern: at most some 30 seconds of a processor."""
_NODES = 500
_RELAXED_ROUNDS = 40
_REPAIR_EVERY = 2
_SLAP = 0.3
_TIE_ROUNDS = 6
_MIP_STEP = 10


@dataclass(frozen=True)
class Fundet:
    """What to blank of `Problem.valg`; the least that any pattern must blank; how many linear programs alone blanked,
    before and after showing again what need not be blank."""

    blanke: frozenset[int]
    mindst: int
    grådigt: int
    ryddet: int
    arbejde: int


def færrest(problem: Problem, arbejde: int = ARBEJDE, slut: float = INFINITY) -> Fundet:
    """The smallest pattern of blanks that meets all requirements, or the best found with the work allowed, and until
    `slut` (of time.monotonic) should its steps be slow ones.

    Never more than linear programs alone find. Raises Umuligt when a requirement cannot be met.
    """
    return _Søgning(problem, arbejde, slut).find()


class _Søgning:
    """One search: the best pattern so far, what is proven, and the cuts learnt."""

    def __init__(self, problem: Problem, arbejde: int, slut: float) -> None:
        self.problem, self.arbejde, self.slut = problem, arbejde, slut
        self.angriber = Angriber(problem)
        greedy = grådig(problem)
        self.grådigt = len(greedy)
        self.bedst = ryddet(problem, greedy, self.angriber, slut)
        self.ryddet = len(self.bedst)
        self.mindst = 0
        self.hoved = _Hovedmodel(problem)

    def find(self) -> Fundet:
        for _ in range(_RELAXED_ROUNDS if self.arbejde else 0):
            pattern, bound = self.hoved.brøk()
            if self._proven(bound) or not self._more() or not self._learn(pattern):
                break
        self.hoved.gør_heltallig()
        rounds = 0
        while self.mindst < len(self.bedst) and self._more():
            rounds += 1
            chosen, bound, optimal = self.hoved.heltal(self.bedst, self.mindst)
            self._proven(bound)
            if not self._learn([float(cell in chosen) for cell in self.problem.valg]):
                self.bedst = chosen
                break
            if not optimal or rounds % _REPAIR_EVERY == 0:
                self._repair(chosen)
        self._hide_less()
        return Fundet(frozenset(self.bedst), self.mindst, self.grådigt, self.ryddet, self._work())

    def _more(self) -> bool:
        """Whether the search may go on."""
        left = self.slut - time.monotonic()
        self.hoved.solver.setOptionValue("time_limit", self.hoved.solver.getRunTime() + max(0.1, left))
        return left > 0 and self._work() < self.arbejde

    def _work(self) -> int:
        return self.angriber.arbejde + self.hoved.arbejde

    def _proven(self, bound: float) -> bool:
        """Note a bound on the price of every pattern; tell whether it settles the number of blanks."""
        self.mindst = min(len(self.bedst), max(self.mindst, math.ceil(bound - 100 * CLOSE)))
        return not self.bedst

    def _learn(self, pattern: Sequence[float]) -> int:
        """Find the requirements that a pattern leaves unmet and learn from them; tell how many, with those that there
        was no time to look at."""
        self.angriber.vis(pattern)
        blank = dict(zip(self.problem.valg, pattern, strict=True))
        unmet = 0
        for krav in self.problem.krav:
            asked = krav.afstand * (blank[krav.celle] if krav.betinget else 1.0)
            if asked > CLOSE and not self.angriber.kan(krav, asked):
                if time.monotonic() > self.slut:
                    return unmet + 1
                answer = self.angriber.når(krav)
                if answer.nået < asked - 10 * CLOSE:
                    unmet += self.hoved.lær(*_cut(self.problem, krav, answer.priser))
        return unmet

    def _hide_less(self) -> None:
        """Among patterns with as few blanks, look for one that hides less."""
        self.hoved.hellere_lidt(len(self.bedst))
        for _ in range(_TIE_ROUNDS):
            if not self.bedst or not self._more():
                break
            chosen, _bound, _optimal = self.hoved.heltal(self.bedst, -1.0)
            if not self._learn([float(cell in chosen) for cell in self.problem.valg]):
                self.bedst = chosen
                break

    def _repair(self, chosen: set[int]) -> None:
        """Make an unsafe pattern safe, for a better best."""
        repaired = ryddet(self.problem, grådig(self.problem, chosen), self.angriber, self.slut)
        if len(repaired) < len(self.bedst):
            self.bedst = repaired


class _Hovedmodel:
    """Which counts to blank: one 0-1 column each, and the cuts learnt so far.

    A blank costs one; when the fewest are found, it costs what it hides.
    """

    def __init__(self, problem: Problem) -> None:
        self.valg, self.arbejde = problem.valg, 0
        self.column = {cell: number for number, cell in enumerate(self.valg)}
        self.solver = quiet_solver()
        for name, value in (("mip_max_nodes", _NODES), ("mip_abs_gap", 0.999), ("mip_rel_gap", 0.0)):
            self.solver.setOptionValue(name, value)
        count = len(self.valg)
        self.vægt = [problem.vægt[cell] for cell in self.valg]
        self.solver.addVars(count, [0.0] * count, [1.0] * count)
        self.solver.changeColsCost(count, list(range(count)), [1.0] * count)

    def lær(self, mindst: float, faktorer: dict[int, float]) -> bool:
        """Add a cut."""
        index = [self.column[cell] for cell in faktorer]
        self.solver.addRow(mindst, highspy.kHighsInf, len(index), index, list(faktorer.values()))
        return True

    def brøk(self) -> tuple[list[float], float]:
        """The cheapest fractional pattern that meets all cuts, and its price; 0 when there was no time to find it."""
        self.solver.run()
        info = self.solver.getInfo()
        self.arbejde += info.simplex_iteration_count
        value = self.solver.getSolution().col_value
        done = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return [min(1.0, max(0.0, part)) for part in value], info.objective_function_value if done else 0.0

    def gør_heltallig(self) -> None:
        """From now on a count is shown or blank. Cuts that the last answer meets with room to spare are forgotten: a
        smaller program is a quicker one, and what is needed is soon learnt again."""
        told, least = self.solver.getSolution().row_value, self.solver.getLp().row_lower_
        loose = [row for row, (value, low) in enumerate(zip(told, least, strict=True)) if value > low + _SLAP]
        self.solver.deleteRows(len(loose), loose)
        for column in range(len(self.valg)):
            self.solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)

    def hellere_lidt(self, antal: int) -> None:
        """From now on at most so many blanks, and those that hide least."""
        numbers = list(range(len(self.valg)))
        self.solver.addRow(-highspy.kHighsInf, antal, len(numbers), numbers, [1.0] * len(numbers))
        self.solver.changeColsCost(len(numbers), numbers, self.vægt)
        self.solver.setOptionValue("mip_rel_gap", 0.02)

    def heltal(self, start: set[int], nok: float) -> tuple[set[int], float, bool]:
        """A pattern as cheap as `nok` or else the cheapest, the least that any costs, and whether it was all found."""
        self.solver.setOptionValue("objective_target", nok)
        solution = highspy.HighsSolution()
        solution.col_value = [float(cell in start) for cell in self.valg]
        self.solver.setSolution(solution)
        self.solver.run()
        info = self.solver.getInfo()
        self.arbejde += _MIP_STEP * max(1000, info.simplex_iteration_count)
        value = self.solver.getSolution().col_value
        chosen = {cell for cell, column in self.column.items() if value[column] > 0.5}
        return chosen, info.mip_dual_bound, self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def _cut(problem: Problem, krav: Krav, priser: Sequence[float]) -> tuple[float, dict[int, float]]:
    """What a proof says of every pattern: the requirement lives from the freedom of these counts and no others.

    No count can help with more than all that is missing, so that is as much as its factor says.
    """
    missing, factors = krav.afstand, {}
    for number, price in enumerate(priser):
        room = problem.op[number] * -price if price < 0 else problem.ned[number] * price
        if number != krav.celle and room > CLOSE:
            if problem.tilstand[number] is Tilstand.ÅBEN:
                missing -= room
            elif problem.tilstand[number] is Tilstand.VALG:
                factors[number] = room
    factors = {number: min(room, missing) / missing for number, room in factors.items()}
    return (0.0, {**factors, krav.celle: -1.0}) if krav.betinget else (1.0, factors)
