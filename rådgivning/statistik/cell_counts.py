"""The true count of any cell the attacker can think of, published or not. Nothing here leaves the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from rådgivning.fakta.rows import Fakta, Faktabord, bord
from rådgivning.statistik.columns import kolonner, seneste
from rådgivning.statistik.knowledge import Cell
from rådgivning.statistik.tables import ENHEDER, IKKE_ADDITIVE, Tælling

_Talt = Mapping[tuple[str, ...], tuple[int, Mapping[str, set[object]]]]


def tæl_celler(
    celler: Iterable[Cell], fakta: Iterable[Fakta], kategorier: Mapping[str, Sequence[str]] | None = None
) -> dict[Cell, Tælling]:
    """How many each cell counts, and how many persons: of several calendar years those of the fullest. `kategorier` are
    the tables' own; a key that stands in none counts as `uoplyst`."""
    groups: dict[tuple[str, frozenset[str], tuple[str, ...]], list[Cell]] = {}
    for cell in celler:
        months = frozenset(month.partition("@")[0] for month in cell.months)
        groups.setdefault((cell.unit, months, tuple(sorted(dict(cell.limits)))), []).append(cell)
    facts, found = bord(fakta), dict[Cell, Tælling]()
    for (unit, months, names), own in groups.items():
        counted = _counted(unit, names, facts.i(months), kategorier)
        for cell in own:
            found[cell] = _sum(counted, [sorted(dict(cell.limits)[name]) for name in names], unit)
    return found


def _counted(
    unit: str, names: tuple[str, ...], fakta: Faktabord, kategorier: Mapping[str, Sequence[str]] | None
) -> _Talt:
    """By categories: how many, and whose they are in each calendar year."""
    facts = kolonner(fakta, [unit], kategorier)[unit]
    if unit in IKKE_ADDITIVE:
        facts = seneste(facts, None)
    by = [[own.værdier[code] for code in own.koder] for own in (facts.dimensioner[name] for name in names)]
    rows = zip(*by, strict=True) if names else [()] * len(facts.antal)
    found: dict[tuple[str, ...], tuple[int, dict[str, set[object]]]] = {}
    for key, antal, month, person in zip(rows, facts.antal, facts.måned, facts.person, strict=True):
        year = facts.måneder[month][:4]
        before, persons = found.get(key, (0, {}))
        persons.setdefault(year, set()).add(person)
        found[key] = (before + int(antal), persons)
    return found


def _sum(counted: _Talt, categories: Sequence[Sequence[str]], unit: str) -> Tælling:
    parts = [counted[key] for key in product(*categories) if key in counted]
    antal = sum(own for own, _persons in parts)
    if ENHEDER[unit].hoveder:
        return Tælling(antal, antal)
    years = {year for _own, persons in parts for year in persons}
    persons = max((len(set[object]().union(*(own.get(year, ()) for _, own in parts))) for year in years), default=0)
    return Tælling(antal, persons)
