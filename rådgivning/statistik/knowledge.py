"""What published figures say, as cells with intervals and the sums between them.

The unit of knowledge is a Cell: a counting unit, the categories it is limited to, and a set of months. Two cells of
different tables or releases that are the same Cell have the same true count. The sums are made in `ties.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from rådgivning.statistik.bands import Categories
from rådgivning.statistik.periods import months_of

INFINITY = float("inf")
UNIT, TIME = "enhed", "tid"
UNKNOWN = frozenset({""})
"""The months of a release that says nothing of time."""


class Cell(NamedTuple):
    """A true count the attacker wants: unit, limits (dimension, categories), months (empty when none has begun)."""

    unit: str
    limits: frozenset[tuple[str, frozenset[str]]]
    months: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """The dimensions it is limited in."""
        return frozenset(name for name, _categories in self.limits)

    def contains(self, other: Cell) -> bool:
        """Whether everything counted in `other` is counted here too."""
        theirs = dict(other.limits)
        return (
            self.unit == other.unit
            and other.months <= self.months
            and all(name in theirs and theirs[name] <= values for name, values in self.limits)
        )


@dataclass(frozen=True)
class Published:
    """A release, and for each month it counts which copy of its facts that was (`serie.nr`, see fakta/freezing.py).

    Months without a copy had not begun and were empty. Without `stande` a month is the same in all releases.
    """

    content: Mapping[str, Any]
    stande: Mapping[str, str] | None = None

    @cached_property
    def _categories(self) -> Categories:
        return Categories([self.content["dims"]])

    def months(self, codes: Sequence[str]) -> frozenset[str]:
        """The months of time codes; two copies of a month are two different months."""
        found = {month for code in codes for month in months_of(code) or (code,)} or UNKNOWN
        if self.stande is None:
            return frozenset(found)
        return frozenset(f"{month}@{self.stande[month]}" for month in found if month in self.stande)

    def cell(self, key: Mapping[str, Any], categories: Categories | None = None) -> Cell:
        """What a key of this release counts. `categories` are those of all releases that are attacked together."""
        dims = self.content["dims"]
        categories = categories or self._categories
        limits = []
        for name, value in key.items():
            if name not in (UNIT, TIME):
                values = categories.of(name, listed(value))
                if values not in (categories.of(name, dims[name]), categories.everything(name)):
                    limits.append((name, values))
        codes = listed(key.get(TIME, dims.get(TIME, [])))
        return Cell(str(key.get(UNIT, "")), frozenset(limits), self.months(codes))


def listed(value: Any) -> list[str]:
    """One category or several, as a list."""
    return [value] if isinstance(value, str) else list(value)


@dataclass
class Knowledge:
    """Everything published, in the attacker's terms.

    `sums` are (whole, parts) with parts that may be unpublished; `at_most` are (smaller, parts of something larger).
    `slack` are the cells whose distance from the true count only the method's habit tells. `never` are cells that the
    definitions leave empty.
    """

    intervals: dict[Cell, tuple[float, float]] = field(default_factory=dict)
    values: dict[Cell, float] = field(default_factory=dict)
    slack: set[Cell] = field(default_factory=set)
    sums: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    at_most: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    published: list[tuple[int, str, Mapping[str, Any], Cell]] = field(default_factory=list)
    public: set[Cell] = field(default_factory=set)
    shown: dict[Cell, float] = field(default_factory=dict)
    never: set[Cell] = field(default_factory=set)
    categories: Categories = field(default_factory=lambda: Categories([]))

    def is_exempt(self, cell: Cell, threshold: int) -> bool:
        """Whether the number was given away on purpose, or never was a secret.

        That is a public total, an exact count that is not small, months that had not begun, and what the definitions
        leave empty.
        """
        return cell in self.public or not cell.months or cell in self.never or self.shown.get(cell, 0) >= threshold

    def is_shown_empty(self, cell: Cell) -> bool:
        """Whether a 0 shown as a true 0 says that there is nobody in a cell: itself or one that contains it."""
        return any(shown == 0 and nought.contains(cell) for nought, shown in self.shown.items())

    def narrow(self, cell: Cell, low: float, high: float) -> None:
        """Add an interval; one that contradicts an earlier one is kept as both ends, for the attack to notice."""
        before = self.intervals.get(cell, (0.0, INFINITY))
        self.intervals[cell] = (max(before[0], low), min(before[1], high))


def read(releases: Sequence[Published], categories: Categories) -> Knowledge:
    """What each published cell says by itself."""
    knowledge = Knowledge()
    for number, release in enumerate(releases):
        rule = release.content.get("known_rule", {})
        for table in release.content["tables"]:
            for published in table["cells"]:
                cell = release.cell(published["key"], categories)
                knowledge.published.append((number, table["name"], published["key"], cell))
                _interval(knowledge, rule, cell, published)
    return knowledge


def _interval(knowledge: Knowledge, rule: Mapping[str, Any], cell: Cell, published: Mapping[str, Any]) -> None:
    value = published["value"]
    if published.get("agreed") or published.get("public"):
        knowledge.public.add(cell)
    if published.get("public"):
        knowledge.narrow(cell, value, value)
        knowledge.shown[cell] = value
    elif value is None:
        highest = rule.get("suppressed_max")
        knowledge.narrow(cell, rule.get("suppressed_min") or 0, INFINITY if highest is None else highest)
    elif isinstance(value, Mapping):
        knowledge.narrow(cell, value["lo"], INFINITY if value["hi"] is None else value["hi"])
    else:
        low, high = possible(rule, value)
        knowledge.narrow(cell, low, high)
        knowledge.values[cell] = value
        if low == high:
            knowledge.shown[cell] = value
        else:
            knowledge.slack.add(cell)


def possible(rule: Mapping[str, Any], value: int) -> tuple[int, int]:
    """The true counts that a rule lets stand behind a published one. Noughts are noughts in every method.

    A `threshold` above the base says that counts below it become 0 or the base.
    """
    distance = _distance(rule)
    low, high = max(1 if value and distance else 0, value - distance), value + distance
    if rule.get("method") == "controlled-rounding" and value <= int(rule.get("base", 1)):
        high = max(high, int(rule.get("threshold") or 0) - 1)
    return low, high


def _distance(rule: Mapping[str, Any]) -> int:
    """How far the rule lets a true count lie from a published one."""
    method, base = rule.get("method", "exact"), int(rule.get("base", 1))
    if method == "cell-key":
        return int(rule.get("max_deviation") or 0)
    if method in ("controlled-rounding", "random-rounding"):
        return base - 1
    return base // 2 if method == "rounding" else 0
