"""The attacker: what can somebody work out from everything that is published?

She has the published JSON and nothing else: values, sums, what the method says about the distance between a published
and a true value, earlier releases. For each published cell two linear programs find the smallest and the largest true
count that agree with all of it. A report that lets her close in on a small count is not released.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rådgivning.statistik.attack import Attack, Progress, Range
from rådgivning.statistik.knowledge import Cell, Knowledge, Published
from rådgivning.statistik.ties import knowledge_of


class Verdict(StrEnum):
    """What the attacker knows of a cell."""

    EXACT = "EXACT"
    SMALL = "SMALL"
    ZERO = "ZERO"
    NARROW = "NARROW"
    OK = "OK"


REFUSED = frozenset(Verdict) - {Verdict.OK}
"""What stops a release. Worst first in `Verdict`."""


@dataclass(frozen=True)
class Finding:
    """One published cell: the true counts that are possible, and what that means.

    With `insider` the counts are those of the others, seen by somebody who is in the cell herself. Without `proven` the
    bounds are wide enough, but the work ran out before worlds were found that show it.
    """

    release: int
    table: str
    key: Mapping[str, Any]
    low: int
    high: int
    verdict: Verdict
    insider: bool = False
    proven: bool = True


@dataclass(frozen=True)
class AuditResult:
    """The attack's outcome. `strict` is False when the published figures contradict the method's usual distance, so
    that the attacker had to allow some cells a longer one. `solved` is the number of programs it took."""

    findings: tuple[Finding, ...]
    strict: bool = True
    solved: int = 0

    @property
    def open(self) -> tuple[Finding, ...]:
        """The cells that forbid the release, the worst first."""
        order = list(Verdict)
        found = [finding for finding in self.findings if finding.verdict in REFUSED]
        return tuple(
            sorted(found, key=lambda one: (order.index(one.verdict), one.insider, one.high - one.low, one.low))
        )

    @property
    def passed(self) -> bool:
        """Whether the releases may stand together."""
        return not self.open

    def summary(self) -> dict[str, int]:
        """How many cells got each verdict."""
        counted = Counter(finding.verdict for finding in self.findings)
        return {verdict.value: counted[verdict] for verdict in Verdict}


def audit(
    releases: Sequence[Mapping[str, Any] | Published],
    *,
    threshold: int = 5,
    exact: bool = True,
    insiders: Sequence[Mapping[Cell, tuple[float, float]]] = (),
    progress: Progress | None = None,
) -> AuditResult:
    """Attack releases together. Each is the JSON of design.md section 6, or a Published with the month it was made in.

    A cell with the same key is the same true count in all of them; months tie years, quarters and months together.
    Without `exact` a range that is proven wide enough may be wider than told: the same verdicts, sooner.
    `insiders` are what single persons know: of each cell they are in the least it can be, their own count, and the
    most, the same number when they are alone in it and know that. Somebody with one record in any one cell is always
    thought of. `progress` hears how many of the cells are settled.
    """
    published = [release if isinstance(release, Published) else Published(release) for release in releases]
    knowledge = knowledge_of(published)
    attack = Attack(knowledge, enough=None if exact else threshold, step=threshold - 1, progress=progress)
    judged = {cell: _judged(knowledge, attack, cell, threshold) for *_rest, cell in knowledge.published}
    for own in insiders:
        judged |= _from_inside(knowledge, attack, own, threshold, judged)
    findings = tuple(Finding(number, table, key, *judged[cell]) for number, table, key, cell in knowledge.published)
    return AuditResult(findings, attack.strict, attack.solved())


Judged = tuple[int, int, Verdict, bool, bool]


def _from_inside(
    knowledge: Knowledge,
    attack: Attack,
    own: Mapping[Cell, tuple[float, float]],
    threshold: int,
    judged: Mapping[Cell, Judged],
) -> dict[Cell, Judged]:
    """The cells where somebody closes in on the others, and nobody else did before."""
    found: dict[Cell, Judged] = {}
    for cell, proven in attack.known(own).items():
        least, most = own.get(cell, (0.0, math.inf))
        if least == most or judged[cell][2] is not Verdict.OK:
            continue
        others = Range(*(end - least for end in proven))
        verdict, sure = _judge(others, threshold - 1)
        shown = verdict is Verdict.ZERO and not least and knowledge.is_shown_empty(cell)
        if verdict is not Verdict.OK and not shown:
            found[cell] = (*_whole(others), verdict, True, sure)
    return found


def _judged(knowledge: Knowledge, attack: Attack, cell: Cell, threshold: int) -> Judged:
    """What is known of a cell, by anybody and then by those who are in it: they take themselves away, and so the
    others may be one fewer than the threshold."""
    found = attack.range_of(cell)
    low, high = _whole(found)
    verdict, proven = _judge(found, threshold)
    if knowledge.is_exempt(cell, threshold) or (verdict is Verdict.ZERO and knowledge.is_shown_empty(cell)):
        return low, high, Verdict.OK, False, True
    if verdict is Verdict.OK:
        inside = Range(*(end - 1 for end in attack.insider(cell)))
        others, known = _judge(inside, threshold - 1)
        if others is not Verdict.OK:
            return *_whole(inside), others, True, known
    return low, high, verdict, False, proven


def _whole(found: Range) -> tuple[int, int]:
    return math.ceil(found.low - 1e-6), (10**9 if found.high > 10**9 else math.floor(found.high + 1e-6))


def _judge(found: Range, threshold: int) -> tuple[Verdict, bool]:
    """The verdict on a range, and whether it is proven.

    What is proven of all worlds says what is given away; only worlds that were seen say that nothing is.
    """
    low, high = _whole(found)
    if high <= 0:
        return Verdict.ZERO, True
    if low == high:
        return Verdict.EXACT, True
    if low >= 1 and high < threshold:
        return Verdict.SMALL, True
    if low >= threshold:
        return Verdict.OK, True
    if high - low < threshold - 1:
        return Verdict.NARROW, True
    return (Verdict.OK, True) if found.most - found.least >= threshold - 1 else (Verdict.NARROW, False)


__all__ = ["AuditResult", "Cell", "Finding", "Published", "Verdict", "audit"]
