"""The true counts of the tables' cells with the persons behind each.

Nothing here leaves the program: the counts go to `rounding.py`, and only what comes back may be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

from rådgivning.fakta.arrears import afværget
from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.periods import Periode, months_of
from rådgivning.statistik.tables import (
    DIMENSIONER,
    ENHEDER,
    UOPLYST,
    Led,
    Nøgle,
    Summer,
    Tabel,
    Tælling,
    Værdi,
    afledte,
    dele,
    led,
    liste,
    nøgle,
    tabelsummer,
    udvalg,
)


@dataclass
class Optalt:
    """The true counts of a period: cells, the sums that tie them, every category."""

    celler: dict[Nøgle, Tælling]
    summer: Summer
    dims: dict[str, list[str]]


def tæl(
    fakta: Iterable[Fakta],
    periode: Periode,
    kategorier: Mapping[str, Sequence[str]],
    tabeller: Sequence[Tabel],
) -> Optalt:
    """Count a period's facts into every cell of some tables. `kategorier` gives each dimension's keys in order."""
    rows = _by_unit(fakta, periode, {tabel.enhed for tabel in tabeller})
    dims = _categories(rows, periode, kategorier)
    counted = Optalt({}, [], {"enhed": list(ENHEDER), **dims})
    for tabel in tabeller:
        _count_table(counted, tabel, rows[tabel.enhed])
    counted.summer += [tie for key in counted.celler for tie in dele(key, counted.celler.__contains__)]
    counted.summer += [tie for tie in afledte(dims) if tie[0] in counted.celler]
    counted.summer = list(dict.fromkeys(counted.summer))
    return counted


_NONE = Tælling(0, 0)
Columns = Mapping[str, Sequence[Any]]
"""A unit's facts by column: its dimensions, how many each counts, whose it is, and in which calendar year."""


def _by_unit(fakta: Iterable[Fakta], periode: Periode, enheder: Iterable[str]) -> dict[str, Columns]:
    times = {month: time for time in periode.tider for month in months_of(time) or ()}
    by_fact: dict[str, list[Fakta]] = {enhed.fakta: [] for enhed in ENHEDER.values()}
    for fact in fakta:
        if fact.enhed in by_fact and (fact.enhed != "restancesag" or fact.udfald):
            by_fact[fact.enhed].append(fact)
    units: dict[str, Columns] = {}
    for enhed in map(ENHEDER.__getitem__, enheder):
        rows = by_fact[enhed.fakta] if enhed.navn != "beboere" else _latest(by_fact["kontakt"])
        columns: dict[str, Sequence[Any]] = dict(
            zip(Fakta._fields, zip(*rows, strict=True) if rows else _EMPTY, strict=True)
        )
        units[enhed.navn] = {
            **{
                name: [value or UOPLYST for value in columns[column]]
                for name, column in enhed.kolonner.items()
                if name not in ("tid", "afværget")
            },
            "afværget": [
                afværget(*course) or UOPLYST for course in zip(columns["fase"], columns["udfald"], strict=True)
            ],
            "tid": [times.get(month, "") for month in columns["måned"]],
            "antal": columns["antal"] if enhed.navn != "beboere" else [1] * len(rows),
            "person": [code or number for number, code in enumerate(columns["pseudonym"])],
            "år": [month[:4] for month in columns["måned"]],
        }
    return units


_EMPTY: tuple[tuple[Any, ...], ...] = ((),) * len(Fakta._fields)


def _latest(kontakter: Iterable[Fakta]) -> list[Fakta]:
    """One fact a resident: that of her latest month, and within it the last in key order, always the same."""
    named = [fact for fact in kontakter if fact.pseudonym is not None]
    named.sort(key=attrgetter("måned", "afdeling", "aldersgruppe"))
    return list({fact.pseudonym: fact for fact in named}.values())


def _categories(
    units: Mapping[str, Columns], periode: Periode, kategorier: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Each dimension's categories, and those in the facts that stand in no list: they may not vanish from the sums."""
    dims = {name: list(kategorier.get(name, ())) for name in DIMENSIONER}
    for name in DIMENSIONER[1:]:
        dims[name] += sorted(set().union(*(columns.get(name, ()) for columns in units.values())) - set(dims[name]))
    dims["tid"] = list(periode.tider)
    return dims


def _count_table(counted: Optalt, tabel: Tabel, columns: Columns) -> None:
    """Count a table's cells, unless another table has counted them, and note its sums."""
    for chosen in udvalg(led(tabel, counted.dims)):
        keys = _keys(tabel.enhed, chosen)
        if all(key in counted.celler for key in keys.values()):
            continue
        found = _count(
            [_column(columns, dimension) for dimension in chosen], columns, heads=ENHEDER[tabel.enhed].hoveder
        )
        for values, key in keys.items():
            counted.celler[key] = found.get(values, _NONE)
    counted.summer += tabelsummer(tabel, counted.dims)


def _keys(enhed: str, chosen: Sequence[Led]) -> dict[tuple[Værdi, ...], Nøgle]:
    found: dict[tuple[Værdi, ...], dict[str, Værdi]] = {(): {}}
    for dimension in chosen:
        found = {
            (*values, value): {**own, dimension.fin: value}
            for values, own in found.items()
            for value in dimension.værdier
        }
    return {values: nøgle(enhed, **own) for values, own in found.items()}


def _column(columns: Columns, dimension: Led) -> Sequence[Any]:
    """A dimension's value in each fact; of a coarser one the group that has it."""
    fine = columns[dimension.fin]
    if dimension.navn == dimension.fin:
        return fine
    group = {key: value for value in dimension.værdier for key in liste(value)}
    return [group[value] for value in fine]


def _count(by: Sequence[Sequence[Any]], columns: Columns, *, heads: bool) -> dict[tuple[Any, ...], Tælling]:
    """Count by some dimensions. A pseudonym holds for one calendar year: of several years, the fullest counts.

    `heads` counts each head as a person.
    """
    keys = list(zip(*by, strict=True)) if by else [()] * len(columns["antal"])
    totals: dict[tuple[Any, ...], int] = {}
    for key, antal in zip(keys, columns["antal"], strict=True):
        totals[key] = totals.get(key, 0) + antal
    if heads:
        return {key: Tælling(antal, antal) for key, antal in totals.items()}
    persons: dict[tuple[Any, ...], int] = {}
    in_year = Counter(map(itemgetter(0, 1), set(zip(keys, columns["år"], columns["person"], strict=True))))
    for (key, _year), number in in_year.items():
        persons[key] = max(persons.get(key, 0), number)
    return {key: Tælling(antal, persons[key]) for key, antal in totals.items()}


def kolonner(fakta: Iterable[Fakta], enhed: str) -> Columns:
    """The facts that a unit counts, by column: its dimensions but time, `antal`, `person` and `år`."""
    return _by_unit(fakta, Periode("", (), ()), [enhed])[enhed]
