"""What published figures say, as cells with intervals and the sums between them.

The unit of knowledge is a Cell: a counting unit, the categories it is limited to, and a set of months. Two cells of
different tables or releases that are the same Cell have the same true count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any, NamedTuple

from rådgivning.statistik.periods import months_of
from rådgivning.statistik.tables import IKKE_ADDITIVE, MINDRE_END, Nøgle, afledte

INFINITY = float("inf")
UNIT, TIME = "enhed", "tid"
DERIVED, DERIVED_FROM = "afværget", ("fase", "restance_udfald")


class Cell(NamedTuple):
    """A true count the attacker wants: unit, limits (dimension, categories), months (empty when time is unknown)."""

    unit: str
    limits: frozenset[tuple[str, frozenset[str]]]
    months: frozenset[str]

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

    def months(self, codes: Sequence[str]) -> frozenset[str]:
        """The months of time codes; two copies of a month are two different months."""
        found = {month for code in codes for month in months_of(code) or (code,)}
        if self.stande is None:
            return frozenset(found)
        return frozenset(f"{month}@{self.stande[month]}" for month in found if month in self.stande)

    def cell(self, key: Mapping[str, Any]) -> Cell:
        """What a key of this release counts."""
        dims = self.content["dims"]
        limits = []
        for name, value in key.items():
            values = frozenset(listed(value))
            if name not in (UNIT, TIME) and values != frozenset(dims[name]):
                limits.append((name, values))
        codes = listed(key.get(TIME, dims.get(TIME, [])))
        return Cell(str(key.get(UNIT, "")), frozenset(limits), self.months(codes))


def listed(value: Any) -> list[str]:
    """One category or several, as a list."""
    return [value] if isinstance(value, str) else list(value)


@dataclass
class Knowledge:
    """Everything published, in the attacker's terms.

    `sums` are (whole, parts) with parts that may be unpublished; `at_most` pairs (smaller, larger).
    """

    intervals: dict[Cell, tuple[float, float]] = field(default_factory=dict)
    slack: dict[Cell, bool] = field(default_factory=dict)
    sums: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    at_most: list[tuple[Cell, Cell]] = field(default_factory=list)
    published: list[tuple[int, str, Mapping[str, Any], Cell]] = field(default_factory=list)
    public: set[Cell] = field(default_factory=set)
    shown: dict[Cell, float] = field(default_factory=dict)

    def is_exempt(self, cell: Cell, threshold: int) -> bool:
        """Whether the number was given away on purpose: a public total, or an unrounded count that is not small."""
        return cell in self.public or self.shown.get(cell, 0) >= threshold

    def narrow(self, cell: Cell, low: float, high: float) -> None:
        """Add an interval; one that contradicts an earlier one is kept as both ends, for the attack to notice."""
        before = self.intervals.get(cell, (0.0, INFINITY))
        self.intervals[cell] = (max(before[0], low), min(before[1], high))


def knowledge_of(releases: Sequence[Published]) -> Knowledge:
    """Read releases into one body of knowledge."""
    knowledge = Knowledge()
    for number, release in enumerate(releases):
        _Reader(knowledge, number, release).read()
    _tie_months(knowledge)
    _tie_public(knowledge)
    _tie_units(knowledge)
    _tie_derived(knowledge, releases)
    return knowledge


class _Reader:
    """Reads one release: its cells, and each table's cells as sums of the table's finest ones."""

    def __init__(self, knowledge: Knowledge, number: int, release: Published) -> None:
        self.knowledge, self.number, self.release = knowledge, number, release
        self.dims: Mapping[str, list[str]] = release.content["dims"]
        self.rule: Mapping[str, Any] = release.content.get("known_rule", {})

    def read(self) -> None:
        for table in self.release.content["tables"]:
            keys = [cell["key"] for cell in table["cells"]]
            names = sorted({name for key in keys for name in key if name != UNIT})
            cells = {self.release.cell(key): key for key in keys}
            for published in table["cells"]:
                cell = self.release.cell(published["key"])
                self.knowledge.published.append((self.number, table["name"], published["key"], cell))
                self._interval(cell, published)
            for cell, key in cells.items():
                parts = tuple(self.release.cell(part) for part in self._finest(key, names))
                if parts != (cell,):
                    self.knowledge.sums.append((cell, parts))

    def _finest(self, key: Mapping[str, Any], names: list[str]) -> Iterator[dict[str, Any]]:
        choices = [listed(key.get(name, self.dims[name])) for name in names]
        unit = {UNIT: key[UNIT]} if UNIT in key else {}
        for values in product(*choices):
            yield {**unit, **dict(zip(names, values, strict=True))}

    def _interval(self, cell: Cell, published: Mapping[str, Any]) -> None:
        value = published["value"]
        knowledge = self.knowledge
        if published.get("agreed"):
            knowledge.public.add(cell)
        if published.get("public"):
            knowledge.public.add(cell)
            knowledge.narrow(cell, value, value)
        elif value is None:
            knowledge.narrow(cell, self.rule.get("suppressed_min", 0), INFINITY)
        elif isinstance(value, Mapping):
            knowledge.narrow(cell, value["lo"], value["hi"])
        else:
            distance = _distance(self.rule)
            knowledge.narrow(cell, max(0, value - distance), value + distance)
            if distance:
                knowledge.slack[cell] = True
            else:
                knowledge.shown[cell] = value


def _distance(rule: Mapping[str, Any]) -> int:
    """How far the rule lets a true count lie from a published one."""
    method, base = rule.get("method", "exact"), int(rule.get("base", 1))
    if method == "controlled-rounding":
        return base - 1
    return base // 2 if method == "rounding" else 0


def _tie_months(knowledge: Knowledge) -> None:
    """Counts of overlapping spans of time share their months; distinct persons only grow with a longer span."""
    spans: dict[tuple[str, frozenset[Any]], set[frozenset[str]]] = {}
    for cell in knowledge.intervals:
        spans.setdefault((cell.unit, cell.limits), set()).add(cell.months)
    for (unit, limits), months in spans.items():
        if len(months) < 2:
            continue
        if unit in IKKE_ADDITIVE:
            if not limits:
                knowledge.at_most += [
                    (Cell(unit, limits, a), Cell(unit, limits, b)) for a in months for b in months if a < b
                ]
            continue
        blocks = _blocks(months)
        for span in months:
            parts = tuple(Cell(unit, limits, block) for block in blocks if block <= span)
            if parts != (Cell(unit, limits, span),):
                knowledge.sums.append((Cell(unit, limits, span), parts))
        knowledge.at_most += _growing(unit, limits, blocks)


def _blocks(spans: set[frozenset[str]]) -> list[frozenset[str]]:
    """The coarsest pieces of which all the spans are unions."""
    members: dict[frozenset[frozenset[str]], set[str]] = {}
    for month in sorted(set().union(*spans)):
        members.setdefault(frozenset(span for span in spans if month in span), set()).add(month)
    return [frozenset(block) for block in members.values()]


def _growing(unit: str, limits: frozenset[Any], blocks: list[frozenset[str]]) -> list[tuple[Cell, Cell]]:
    """Within a serie, a later copy of a month has everything the earlier one had."""
    copies: dict[str, list[tuple[str, Cell]]] = {}
    for block in blocks:
        if len(block) == 1:
            (name,) = block
            serie, _, number = name.rpartition(".")
            if serie:
                copies.setdefault(serie, []).append((number, Cell(unit, limits, block)))
    pairs: list[tuple[Cell, Cell]] = []
    for same in copies.values():
        in_order = [cell for _number, cell in sorted(same, key=lambda copy: copy[0])]
        pairs += pairwise(in_order)
    return pairs


def _tie_public(knowledge: Knowledge) -> None:
    """A public total is part of every cell that contains it."""
    for small in knowledge.public:
        knowledge.at_most += [
            (small, large) for large in knowledge.intervals if large != small and large.contains(small)
        ]


def _tie_units(knowledge: Knowledge) -> None:
    """Who is counted as a resident has a contact in the same cell."""
    for small, large in MINDRE_END:
        for cell in knowledge.intervals:
            if cell.unit == small and (other := cell._replace(unit=large)) in knowledge.intervals:
                knowledge.at_most.append((cell, other))


def _tie_derived(knowledge: Knowledge, releases: Sequence[Published]) -> None:
    """A cell that follows from cells of another table is their sum, in every stretch of time that shows it."""
    dims: dict[str, list[str]] = {name: [] for name in (DERIVED, *DERIVED_FROM)}
    for release in releases:
        for name, known in dims.items():
            known += [key for key in release.content["dims"].get(name, ()) if key not in known]
    ties = {_limits(whole): [_limits(part) for part in parts] for whole, parts in afledte(dims)}
    for cell in list(knowledge.intervals):
        if cell.limits in ties and cell.unit == "restancesager":
            knowledge.sums.append((cell, tuple(cell._replace(limits=part) for part in ties[cell.limits])))


def _limits(key: Nøgle) -> frozenset[tuple[str, frozenset[str]]]:
    return frozenset((name, frozenset(listed(value))) for name, value in key if name != UNIT)
