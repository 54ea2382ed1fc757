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

from rådgivning.statistik.attack import Attack
from rådgivning.statistik.knowledge import Cell, Published, knowledge_of


class Verdict(StrEnum):
    """What the attacker knows of a cell."""

    EXACT = "EXACT"
    SMALL = "SMALL"
    ZERO = "ZERO"
    NARROW = "NARROW"
    OK = "OK"


REFUSED = frozenset({Verdict.EXACT, Verdict.SMALL, Verdict.NARROW})
"""A cell proven to be 0 tells of nobody; the other three come too close to somebody."""


@dataclass(frozen=True)
class Finding:
    """One published cell: the true counts that are possible, and what that means."""

    release: int
    table: str
    key: Mapping[str, Any]
    low: int
    high: int
    verdict: Verdict


@dataclass(frozen=True)
class AuditResult:
    """The attack's outcome. `strict` is False when the published figures contradict the method's usual distance, so
    that the attacker had to allow some cells a longer one."""

    findings: tuple[Finding, ...]
    strict: bool = True

    @property
    def open(self) -> tuple[Finding, ...]:
        """The cells that forbid the release."""
        return tuple(finding for finding in self.findings if finding.verdict in REFUSED)

    @property
    def passed(self) -> bool:
        """Whether the releases may stand together."""
        return not self.open

    def summary(self) -> dict[str, int]:
        """How many cells got each verdict."""
        counted = Counter(finding.verdict for finding in self.findings)
        return {verdict.value: counted[verdict] for verdict in Verdict}


def audit(releases: Sequence[Mapping[str, Any] | Published], *, threshold: int = 5, exact: bool = True) -> AuditResult:
    """Attack releases together. Each is the JSON of design.md section 6, or a Published with the month it was made in.

    A cell with the same key is the same true count in all of them; months tie years, quarters and months together.
    Without `exact` a range that is proven wide enough may be wider than told: the same verdicts, sooner.
    """
    published = [release if isinstance(release, Published) else Published(release) for release in releases]
    knowledge = knowledge_of(published)
    attack = Attack(knowledge, enough=None if exact else threshold - 1)
    bounds = {cell: _whole(attack.range_of(cell)) for cell in knowledge.intervals}
    findings = tuple(
        Finding(
            number,
            table,
            key,
            *bounds[cell],
            _judge(*bounds[cell], threshold, exempt=knowledge.is_exempt(cell, threshold)),
        )
        for number, table, key, cell in knowledge.published
    )
    return AuditResult(findings, strict=attack.strict)


def _whole(interval: tuple[float, float]) -> tuple[int, int]:
    low, high = interval
    return math.ceil(low - 1e-6), (10**9 if high > 10**9 else math.floor(high + 1e-6))


def _judge(low: int, high: int, threshold: int, *, exempt: bool) -> Verdict:
    """The verdict on an interval. A published 0 of a rounded table means 0 to 4, so only a proven 0 is ZERO."""
    if exempt:
        return Verdict.OK
    if high <= 0:
        return Verdict.ZERO
    if low == high:
        return Verdict.EXACT
    if low >= 1 and high < threshold:
        return Verdict.SMALL
    if high - low < threshold - 1 and low < threshold:
        return Verdict.NARROW
    return Verdict.OK


__all__ = ["AuditResult", "Cell", "Finding", "Published", "Verdict", "audit"]
