"""Facts as columns of small numbers, so that a million of them can be counted for every stretch of time in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rådgivning.fakta.arrears import afværget
from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.tables import ENHEDER, IKKE_ADDITIVE, UOPLYST, Tælling

Måneder = frozenset[str]
Tal = NDArray[np.int64]


class Kolonne(NamedTuple):
    """A dimension of some facts: what each fact has, as its place in `værdier`."""

    koder: Tal
    værdier: Sequence[str]


@dataclass(frozen=True)
class Kolonner:
    """The facts of one counting unit by column. `måned` is a place in `måneder`, `person` the same for the same one."""

    dimensioner: Mapping[str, Kolonne]
    måned: Tal
    måneder: Sequence[str]
    antal: Tal
    person: Tal
    hoveder: bool = False

    def i(self, måneder: Måneder | None) -> NDArray[np.bool_]:
        """Which facts lie in some months; None is all."""
        return np.array([måneder is None or month in måneder for month in self.måneder], dtype=bool)[self.måned]

    def udvalg(self, valgt: Any) -> Kolonner:
        """Some of the facts."""
        dims = {name: Kolonne(own.koder[valgt], own.værdier) for name, own in self.dimensioner.items()}
        return Kolonner(dims, self.måned[valgt], self.måneder, self.antal[valgt], self.person[valgt], self.hoveder)


def kolonner(
    fakta: Iterable[Fakta], enheder: Iterable[str], kategorier: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Kolonner]:
    """The facts of some counting units. Of residents it is their contacts: `seneste` finds where each belongs. What a
    dimension of `kategorier` does not have counts as `uoplyst`; without them every key is a category."""
    by_fact: dict[str, list[Fakta]] = {enhed.fakta: [] for enhed in ENHEDER.values()}
    for fact in fakta:
        if fact.enhed in by_fact and (fact.enhed != "restancesag" or fact.udfald):
            by_fact[fact.enhed].append(fact)
    found = {}
    for navn in enheder:
        enhed = ENHEDER[navn]
        rows = by_fact[enhed.fakta]
        if navn in IKKE_ADDITIVE:
            rows = [fact for fact in rows if fact.pseudonym is not None]
        found[navn] = _unit(rows, enhed.kolonner, kategorier, hoveder=enhed.hoveder)
    return found


def _unit(
    rows: Sequence[Fakta], names: Mapping[str, str], kategorier: Mapping[str, Sequence[str]] | None, *, hoveder: bool
) -> Kolonner:
    place = {name: number for number, name in enumerate(Fakta._fields)}
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(Fakta._fields)
    dims = {
        name: _listed(_kolonne([value or UOPLYST for value in columns[place[column]]]), name, kategorier)
        for name, column in names.items()
        if name not in ("tid", "afværget")
    }
    if "afværget" in names:
        phase, end = dims["fase"], dims["restance_udfald"]
        course = zip(phase.koder, end.koder, strict=True)
        dims["afværget"] = _kolonne([afværget(phase.værdier[a], end.værdier[b]) or UOPLYST for a, b in course])
    months = _kolonne(columns[place["måned"]])
    codes: dict[Any, int] = {}
    persons = [
        number if code is None else codes.setdefault(code, len(rows) + len(codes))
        for number, code in enumerate(columns[place["pseudonym"]])
    ]
    return Kolonner(
        dims,
        months.koder,
        months.værdier,
        np.array(columns[place["antal"]], dtype=np.int64),
        np.array(persons, dtype=np.int64),
        hoveder,
    )


def _kolonne(values: Sequence[str]) -> Kolonne:
    """Values as places among the sorted different ones."""
    known = sorted(set(values))
    code = {value: number for number, value in enumerate(known)}
    return Kolonne(np.fromiter(map(code.__getitem__, values), dtype=np.int64, count=len(values)), known)


def _listed(own: Kolonne, name: str, kategorier: Mapping[str, Sequence[str]] | None) -> Kolonne:
    """A column whose values all stand in the dimension's list."""
    if kategorier is None:
        return own
    listed = set(kategorier.get(name, ()))
    merged = [value if value in listed else UOPLYST for value in own.værdier]
    known = sorted(set(merged))
    return Kolonne(np.array([known.index(value) for value in merged], dtype=np.int64)[own.koder], known)


def seneste(kontakter: Kolonner, måneder: Måneder | None) -> Kolonner:
    """One fact a resident: that of her latest month of some, and within it the last in key order, always the same."""
    found = kontakter.udvalg(kontakter.i(måneder))
    place, homes = found.måned, (found.dimensioner["afdeling"], found.dimensioner["aldersgruppe"])
    for home in homes:
        raw = [("" if value == UOPLYST else value) for value in home.værdier]
        rank = np.argsort(np.argsort(np.array(raw, dtype=object), kind="stable"), kind="stable")
        place = place * max(len(raw), 1) + rank[home.koder]
    order = np.lexsort((place, found.person))
    person = found.person[order]
    last = order[np.append(person[1:] != person[:-1], True)] if len(order) else order
    one = found.udvalg(last)
    return Kolonner(one.dimensioner, one.måned, one.måneder, np.ones(len(last), dtype=np.int64), one.person)


def optæl(
    facts: Kolonner, efter: Sequence[Kolonne], stræk: Sequence[Måneder | None]
) -> list[dict[tuple[str, ...], Tælling]]:
    """How many, and how many persons, by some dimensions in each of some stretches; what is empty is left out.

    A pseudonym holds for one calendar year: of several years, the fullest counts.
    """
    cell = np.zeros(len(facts.antal), dtype=np.int64)
    for column in efter:
        cell = cell * max(len(column.værdier), 1) + column.koder
    used, cell = np.unique(cell, return_inverse=True)
    names = _names(used, efter)
    size, months = len(used), len(facts.måneder)
    by_month = np.bincount(cell * months + facts.måned, weights=facts.antal, minlength=size * months)
    counts = by_month.reshape(size, months).round().astype(np.int64)
    seen = None if facts.hoveder else _seen(cell, facts)
    found = []
    for one in stræk:
        inside = np.array([one is None or month in one for month in facts.måneder], dtype=bool)
        total = counts[:, inside].sum(axis=1)
        persons = total if seen is None else _persons(seen, facts.måneder, inside, size)
        found.append({names[n]: Tælling(int(total[n]), int(persons[n])) for n in np.flatnonzero(total)})
    return found


def _names(used: Tal, efter: Sequence[Kolonne]) -> list[tuple[str, ...]]:
    parts: list[list[str]] = []
    for column in reversed(efter):
        used, code = np.divmod(used, max(len(column.værdier), 1))
        parts.append([column.værdier[number] for number in code])
    return list(zip(*reversed(parts), strict=True)) if parts else [()] * len(used)


def _seen(cell: Tal, facts: Kolonner) -> tuple[Tal, Tal, Tal]:
    """Every cell, person and month that go together, once, sorted by the first two."""
    people, months = int(facts.person.max(initial=0)) + 1, len(facts.måneder)
    packed = np.unique((cell * people + facts.person) * max(months, 1) + facts.måned)
    pair, month = np.divmod(packed, max(months, 1))
    return pair // people, pair, month


def _persons(seen: tuple[Tal, Tal, Tal], måneder: Sequence[str], inside: NDArray[np.bool_], size: int) -> Tal:
    cell, pair, month = seen
    most = np.zeros(size, dtype=np.int64)
    for year in sorted({name[:4] for name in måneder}):
        own = inside & np.array([name[:4] == year for name in måneder], dtype=bool)
        chosen = own[month]
        cells, pairs = cell[chosen], pair[chosen]
        first = np.append(True, pairs[1:] != pairs[:-1]) if len(pairs) else np.zeros(0, dtype=bool)
        most = np.maximum(most, np.bincount(cells[first], minlength=size))
    return most
