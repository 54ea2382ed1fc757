"""Facts as columns of small numbers, so that a million of them can be counted for every stretch of time in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rådgivning.fakta.arrears import afværget
from rådgivning.fakta.rows import Fakta, Faktabord, bord
from rådgivning.statistik.tables import ENHEDER, IKKE_ADDITIVE, UOPLYST, Tælling

Måneder = frozenset[str]
Tal = NDArray[np.int64]


class Kolonne(NamedTuple):
    """A dimension of some facts: what each fact has, as its place in `værdier`."""

    koder: Tal
    værdier: Sequence[str]


@dataclass(frozen=True)
class Kolonner:
    """The facts of one counting unit by column, a person's together. `måned` is a place in `måneder`, `person` the same
    for the same one; where `hoveder`, every one counted is a person."""

    dimensioner: Mapping[str, Kolonne]
    måned: Tal
    måneder: Sequence[str]
    antal: Tal
    person: Tal
    hoveder: bool = False

    @property
    def brugte_måneder(self) -> frozenset[str]:
        """The months that have a fact."""
        return frozenset(self.måneder[code] for code in np.unique(self.måned))

    def udvalg(self, valgt: Any) -> Kolonner:
        """Some of the facts."""
        dims = {name: Kolonne(own.koder[valgt], own.værdier) for name, own in self.dimensioner.items()}
        return Kolonner(dims, self.måned[valgt], self.måneder, self.antal[valgt], self.person[valgt], self.hoveder)


def kolonner(
    fakta: Iterable[Fakta], enheder: Iterable[str], kategorier: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Kolonner]:
    """The facts of some counting units. Of residents it is their contacts: `seneste` finds where each belongs. What a
    dimension of `kategorier` does not have counts as `uoplyst`; without them every key is a category."""
    facts, found = bord(fakta), {}
    for navn in enheder:
        enhed = ENHEDER[navn]
        own = facts.er("enhed", (enhed.fakta,))
        if enhed.fakta == "restancesag":
            own &= ~facts.er("udfald", ("",))
        if navn in IKKE_ADDITIVE:
            own &= ~facts.er("pseudonym", (None,))
        unit = _unit(facts, np.flatnonzero(own), enhed.kolonner, kategorier, hoveder=enhed.hoveder)
        by = [unit.person, unit.måned, *_hjem(unit)] if navn in IKKE_ADDITIVE else [unit.person]
        found[navn] = unit.udvalg(np.lexsort(by[::-1]))
    return found


def _unit(
    facts: Faktabord,
    own: Tal,
    names: Mapping[str, str],
    kategorier: Mapping[str, Sequence[str]] | None,
    *,
    hoveder: bool,
) -> Kolonner:
    dims = {}
    for name, column in names.items():
        if name not in ("tid", "afværget"):
            labels = [value or UOPLYST for value in facts.værdier[column]]
            if kategorier is not None:
                listed = set(kategorier.get(name, ()))
                labels = [value if value in listed else UOPLYST for value in labels]
            dims[name] = _kolonne(facts.koder[column][own], labels)
    if "afværget" in names:
        phase, end = dims["fase"], dims["restance_udfald"]
        course = [afværget(a, b) or UOPLYST for a in phase.værdier for b in end.værdier]
        dims["afværget"] = _kolonne(phase.koder * len(end.værdier) + end.koder, course)
    months = _kolonne(facts.koder["måned"][own], facts.værdier["måned"])
    codes, known = facts.koder["pseudonym"][own].astype(np.int64), facts.værdier["pseudonym"]
    nameless = facts.er("pseudonym", (None,))[own]
    person = np.where(nameless, len(known) + np.arange(len(own)), codes)
    antal = np.array(facts.værdier["antal"], dtype=np.int64)[facts.koder["antal"][own]]
    return Kolonner(dims, months.koder, months.værdier, antal, person, hoveder)


def _kolonne(koder: NDArray[Any], værdier: Sequence[str]) -> Kolonne:
    """Codes as places among the sorted different values."""
    known = sorted(set(værdier))
    place = {value: number for number, value in enumerate(known)}
    return Kolonne(np.array([place[value] for value in værdier], dtype=np.int64)[koder], known)


def _hjem(facts: Kolonner) -> list[Tal]:
    """Where a resident belongs in each fact, as numbers in the order of the keys; what is not stated comes first."""
    found = []
    for home in (facts.dimensioner["afdeling"], facts.dimensioner["aldersgruppe"]):
        order = sorted(home.værdier, key=lambda value: "" if value == UOPLYST else value)
        found.append(np.array([order.index(value) for value in home.værdier], dtype=np.int64)[home.koder])
    return found


def seneste(kontakter: Kolonner, måneder: Måneder | None) -> Kolonner:
    """One fact a resident: that of her latest month of some, and within it the last in key order, always the same."""
    inside = np.array([måneder is None or month in måneder for month in kontakter.måneder], dtype=bool)
    chosen = np.flatnonzero(inside[kontakter.måned])
    person = kontakter.person[chosen]
    last = np.append(person[1:] != person[:-1], True) if len(chosen) else np.zeros(0, dtype=bool)
    one = kontakter.udvalg(chosen[last])
    return replace(one, antal=np.ones(len(one.antal), dtype=np.int64), hoveder=True)


def optæl(
    facts: Kolonner, efter: Sequence[Kolonne], stræk: Sequence[Måneder | None]
) -> list[dict[tuple[str, ...], Tælling]]:
    """How many, and how many persons, by some dimensions in each of some stretches; what is empty is left out.

    A pseudonym holds for one calendar year: of several years, the fullest counts.
    """
    cell = np.zeros(len(facts.antal), dtype=np.int64)
    for column in efter:
        cell = cell * max(len(column.værdier), 1) + column.koder
    used, cell = _brugte(cell)
    names, size, months = _names(used, efter), len(used), len(facts.måneder)
    inside = np.array([[one is None or month in one for one in stræk] for month in facts.måneder], dtype=float)
    inside = inside.reshape(months, len(stræk))
    by_month = np.bincount(cell * months + facts.måned, weights=facts.antal, minlength=size * months)
    counts = by_month.reshape(size, months) @ inside
    persons = counts if facts.hoveder else _persons(cell, facts, inside, size)
    found = []
    for total, people in zip(counts.T, persons.T, strict=True):
        found.append({names[n]: Tælling(int(total[n]), int(people[n])) for n in np.flatnonzero(total)})
    return found


def _brugte(tal: NDArray[Any]) -> tuple[Tal, Tal]:
    """Which small numbers occur, in order, and each as its place among them."""
    used = np.flatnonzero(np.bincount(tal))
    place = np.zeros(int(used.max(initial=-1)) + 1, dtype=np.int64)
    place[used] = np.arange(len(used))
    return used, place[tal]


def _names(used: Tal, efter: Sequence[Kolonne]) -> list[tuple[str, ...]]:
    parts: list[list[str]] = []
    for column in reversed(efter):
        used, code = np.divmod(used, max(len(column.værdier), 1))
        parts.append([column.værdier[number] for number in code])
    return list(zip(*reversed(parts), strict=True)) if parts else [()] * len(used)


def _persons(cell: Tal, facts: Kolonner, inside: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """How many persons each cell has in each stretch. The months in which a person is in a cell are a pattern of bits:
    patterns are counted once, and each stretch takes those it shares a month with."""
    most = np.zeros((size, inside.shape[1]))
    narrow = cell.astype(np.uint16) if size <= 1 << 16 else cell  # numbers of 16 bits are sorted in linear time
    order = np.argsort(narrow, kind="stable")
    for year in dict.fromkeys(name[:4] for name in facts.måneder):
        own = np.array([name[:4] == year for name in facts.måneder], dtype=bool)
        rows = order if own.all() else order[own[facts.måned[order]]]
        if not len(rows):
            continue
        cells, person = cell[rows], facts.person[rows]
        first = np.flatnonzero(np.append(True, (cells[1:] != cells[:-1]) | (person[1:] != person[:-1])))
        bit = np.array([1 << int(name[5:]) for name in facts.måneder], dtype=np.int64)
        pattern, kind = _brugte(np.bitwise_or.reduceat(bit[facts.måned[rows]], first))
        seen = np.bincount(cells[first] * len(pattern) + kind, minlength=size * len(pattern))
        shared = (pattern[:, None] & (bit * own) @ inside.astype(np.int64)) != 0
        most = np.maximum(most, seen.reshape(size, len(pattern)) @ shared.astype(float))
    return most
