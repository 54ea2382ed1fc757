"""How published cells hang together: sums over categories and months, and what cannot exceed what.

Cells limited in the same dimensions are a family. Its atoms are the products of the coarsest pieces of each dimension
(and of time) that all its cells, and those of families with more dimensions, are unions of. A family's cells are sums
of its atoms, and so are the atoms of a family with fewer dimensions: that ties every table, margin and coarser
category to every other, whichever release they stand in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations, product

from rådgivning.fakta.arrears import afværget
from rådgivning.statistik.bands import Categories
from rådgivning.statistik.knowledge import Cell, Knowledge, Published, read
from rådgivning.statistik.tables import IKKE_ADDITIVE, MINDRE_END, UOPLYST

DERIVED, PHASE, OUTCOME, CASES = "afværget", "fase", "restance_udfald", "restancesager"
Names = frozenset[str]
Piece = frozenset[str]
_COVERS = 64


def knowledge_of(releases: Sequence[Published]) -> Knowledge:
    """Read releases into one body of knowledge."""
    categories = Categories([release.content["dims"] for release in releases])
    knowledge = read(releases, categories)
    knowledge.categories = categories
    sums: dict[tuple[Cell, tuple[Cell, ...]], None] = {}
    derived = list(_derived(knowledge, categories))
    wanted = {part for _whole, parts in derived for part in parts}
    wanted |= {cell._replace(unit=large) for small, large in MINDRE_END for cell in _cells_of(knowledge, small)}
    for unit in sorted({cell.unit for cell in knowledge.intervals}):
        cells = list(_cells_of(knowledge, unit))
        asked = [cell for cell in wanted if cell.unit == unit]
        groups = [cells]
        if unit in IKKE_ADDITIVE:
            groups = [[cell for cell in cells if cell.months == span] for span in {cell.months for cell in cells}]
            _tie_stretches(knowledge, cells)
        for group in groups:
            population = _Population(group, asked, categories)
            sums.update(dict.fromkeys(population.sums()))
            if unit not in IKKE_ADDITIVE:
                knowledge.at_most += population.growing()
    known = {cell for whole, parts in sums for cell in (whole, *parts)} | set(knowledge.intervals)
    for whole, parts in derived:
        if known.issuperset(parts):
            sums[whole, parts] = None
    for small, large in MINDRE_END:
        for cell in _cells_of(knowledge, small):
            if (other := cell._replace(unit=large)) in known:
                knowledge.at_most.append((cell, (other,)))
    _tie_public(knowledge)
    knowledge.sums = list(sums)
    return knowledge


def _cells_of(knowledge: Knowledge, unit: str) -> Iterator[Cell]:
    return (cell for cell in knowledge.intervals if cell.unit == unit and cell.months)


class _Population:
    """The cells of a counting unit: in which families they stand, and each family's atoms."""

    def __init__(self, cells: Sequence[Cell], asked: Iterable[Cell], categories: Categories) -> None:
        self.families = _closed({cell.names for cell in cells})
        self.cells = list(dict.fromkeys([*cells, *(cell for cell in asked if cell.names in self.families)]))
        self.unit = cells[0].unit
        self.times: dict[Names, list[Piece]] = {}
        self.pieces: dict[Names, dict[str, list[Piece]]] = {}
        for names in self.families:
            above = [cell for cell in self.cells if cell.names >= names]
            self.times[names] = _partition({cell.months for cell in above})
            self.pieces[names] = {
                name: _partition({dict(cell.limits)[name] for cell in above}, categories.everything(name))
                for name in sorted(names)
            }

    def sums(self) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
        """Every cell as atoms of its family, and every family's atoms added up to the families below."""
        for cell in self.cells:
            yield from self._sum(cell, cell.names)
        for names in self.families:
            smaller = [other for other in self.families if other < names]
            for below in smaller:
                if not any(below < between for between in smaller):
                    for whole in self._grid(below, names):
                        yield from self._sum(whole, names)
                        yield from self._sum(whole, below)

    def growing(self) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
        """Within a serie, a later copy of a month has everything the earlier one had."""
        for names in self.families:
            later = _later(self.times[names])
            for limits in self._limits(names, names) if later else ():
                for before, after in later:
                    yield Cell(self.unit, limits, before), tuple(Cell(self.unit, limits, span) for span in after)

    def _sum(self, whole: Cell, names: Names) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
        limits = dict(whole.limits)
        choices = [
            [(name, piece) for piece in pieces if name not in limits or piece <= limits[name]]
            for name, pieces in self.pieces[names].items()
        ]
        times = [months for months in self.times[names] if months <= whole.months]
        parts = tuple(
            Cell(self.unit, frozenset(chosen), months)
            for chosen in map(frozenset, product(*choices))
            for months in times
        )
        if parts != (whole,):
            yield whole, parts

    def _grid(self, names: Names, pieces_of: Names) -> Iterator[Cell]:
        """The cells of a family at the coarseness of one with more dimensions."""
        for limits in self._limits(names, pieces_of):
            for months in self.times[pieces_of]:
                yield Cell(self.unit, limits, months)

    def _limits(self, names: Names, pieces_of: Names) -> Iterator[frozenset[tuple[str, Piece]]]:
        choices = [[(name, piece) for piece in self.pieces[pieces_of][name]] for name in sorted(names)]
        return map(frozenset, product(*choices))


def _closed(families: set[Names]) -> list[Names]:
    """The families, what two of them share, and the family of the totals: tables meet in what they share."""
    found = {*families, frozenset[str]()}
    while True:
        shared = {one & other for one, other in combinations(found, 2)} - found
        if not shared:
            return sorted(found, key=lambda names: (len(names), sorted(names)))
        found |= shared


def _partition(unions: Collection[Piece], everything: Piece = frozenset()) -> list[Piece]:
    """The coarsest pieces of which all the sets are unions; what is in none of them is a piece too."""
    members: dict[frozenset[Piece], set[str]] = {}
    for one in sorted(everything.union(*unions)):
        members.setdefault(frozenset(union for union in unions if one in union), set()).add(one)
    return [frozenset(piece) for piece in members.values()]


def _copy(month: str) -> tuple[str, str]:
    """A month and the serie of its copy, and the copy's number within the serie."""
    serie, _, number = month.rpartition(".")
    return serie, number


def grown(month: str, later: str) -> bool:
    """Whether a copy of a month has everything that another has."""
    (serie, number), (other, after) = _copy(month), _copy(later)
    return month == later or (bool(serie) and serie == other and number < after)


def _later(spans: Sequence[Piece]) -> list[tuple[Piece, tuple[Piece, ...]]]:
    """For each span, those that together have everything it has and more, in later copies."""
    found = []
    months = sorted({month for span in spans for month in span})
    for span in spans:
        after = []
        for month in span:
            copies = sorted((_copy(other)[1], other) for other in months if other != month and grown(month, other))
            if not copies:
                break
            after.append(copies[0][1])
        else:
            found.append((span, tuple(other for other in spans if not other.isdisjoint(after))))
    return found


def _tie_stretches(knowledge: Knowledge, cells: Sequence[Cell]) -> None:
    """Distinct persons: a stretch has at least those of one inside it, and at most those of what covers it."""
    totals = [cell for cell in cells if not cell.limits]
    for small in totals:
        reach = {
            other: frozenset(month for month in small.months if any(grown(month, own) for own in other.months))
            for other in totals
            if other != small
        }
        useful = {other: months for other, months in reach.items() if months}
        knowledge.at_most += [(small, cover) for cover in _covers(small.months, useful)]


def _covers(months: Piece, reach: dict[Cell, Piece]) -> list[tuple[Cell, ...]]:
    """Sets of stretches that together reach all the months, none of them needlessly."""
    found: list[tuple[Cell, ...]] = []
    waiting: list[tuple[tuple[Cell, ...], Piece]] = [((), months)]
    while waiting and len(found) < _COVERS:
        chosen, left = waiting.pop()
        if not left:
            if all(months - frozenset().union(*(reach[one] for one in chosen if one != other)) for other in chosen):
                found.append(chosen)
            continue
        first = min(left)
        waiting += [((*chosen, other), left - reached) for other, reached in reach.items() if first in reached]
    return list(dict.fromkeys(tuple(sorted(cover, key=repr)) for cover in found))


def _tie_public(knowledge: Knowledge) -> None:
    """A public total is part of every cell that contains it, and every cell inside it is part of it."""
    for public in sorted(knowledge.public, key=repr):
        for cell in knowledge.intervals:
            if cell != public and cell.contains(public):
                knowledge.at_most.append((public, (cell,)))
            elif cell != public and public.contains(cell):
                knowledge.at_most.append((cell, (public,)))


def _derived(knowledge: Knowledge, categories: Categories) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
    """Whether a case was averted follows from its furthest phase and its outcome: such cells as sums of those.

    What no phase and outcome lead to is never counted, and everybody can know it.
    """
    phases, outcomes, values = (categories.everything(name) for name in (PHASE, OUTCOME, DERIVED))
    for cell in list(_cells_of(knowledge, CASES)) if values and phases and outcomes else ():
        limits = dict(cell.limits)
        known = limits.pop(DERIVED, None)
        parts = []
        for phase, outcome in product(sorted(limits.pop(PHASE, phases)), sorted(limits.pop(OUTCOME, outcomes))):
            if (afværget(phase, outcome) or UOPLYST) in (known or values):
                pair = {(PHASE, frozenset({phase})), (OUTCOME, frozenset({outcome}))}
                parts.append(cell._replace(limits=frozenset({*limits.items(), *pair})))
        if not parts:
            knowledge.never.add(cell)
        if known:
            yield cell, tuple(parts)
