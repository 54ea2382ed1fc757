"""The true counts of the tables' cells with the persons behind each.

Nothing here leaves the program: the counts go to `rounding.py`, and only what comes back may be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.columns import Kolonne, Kolonner, Måneder, kolonner, optæl, seneste
from rådgivning.statistik.periods import Periode, months_of
from rådgivning.statistik.tables import (
    DIMENSIONER,
    ENHEDER,
    IKKE_ADDITIVE,
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
    return Tæller(fakta, tabeller, kategorier).tæl(periode, tabeller, None)


Form = tuple[str, tuple[Værdi, ...]]
"""A dimension to count by: its fact dimension and, when it is a coarser one, its groups."""


class Tæller:
    """Facts ready to be counted into some tables, for any stretch of time; those in `stræk` are counted at once.

    `kategorier` gives each dimension's keys in order. What stands in none counts as `uoplyst`, which every dimension
    has: which rows a table has must not tell what somebody's fact says.
    """

    def __init__(
        self,
        fakta: Iterable[Fakta],
        tabeller: Sequence[Tabel],
        kategorier: Mapping[str, Sequence[str]],
        stræk: Iterable[Måneder] = (),
    ) -> None:
        self._dims = {name: list(dict.fromkeys([*kategorier.get(name, ()), UOPLYST])) for name in DIMENSIONER}
        self._units = kolonner(fakta, dict.fromkeys(tabel.enhed for tabel in tabeller), self._dims)
        self._stræk: list[Måneder | None] = list(stræk)
        self._counted: dict[tuple[str, tuple[Form, ...], Måneder | None], dict[tuple[str, ...], Tælling]] = {}
        self._latest: dict[tuple[str, Måneder | None], Kolonner] = {}

    def brugte_måneder(self, enhed: str) -> frozenset[str]:
        """The months that have something of a unit."""
        return self._units[enhed].brugte_måneder

    def tæl(self, periode: Periode, tabeller: Sequence[Tabel], måneder: Måneder | None) -> Optalt:
        """Count some months (None: all facts) into every cell of some tables, by the period's times."""
        dims = {**{name: list(keys) for name, keys in self._dims.items()}, "tid": list(periode.tider)}
        counted = Optalt({}, [], {"enhed": list(ENHEDER), **dims})
        for tabel in tabeller:
            self._count_table(counted, tabel, måneder)
        counted.summer += [tie for key in counted.celler for tie in dele(key, counted.celler.__contains__)]
        counted.summer += [tie for tie in afledte(dims) if tie[0] in counted.celler]
        counted.summer = list(dict.fromkeys(counted.summer))
        return counted

    def _count_table(self, counted: Optalt, tabel: Tabel, måneder: Måneder | None) -> None:
        """Count a table's cells, unless another table has counted them, and note its sums."""
        for chosen in udvalg(led(tabel, counted.dims)):
            keys = _keys(tabel.enhed, chosen)
            if all(key in counted.celler for key in keys.values()):
                continue
            own = [dimension for dimension in chosen if dimension.navn != "tid"]
            time = next((number for number, dimension in enumerate(chosen) if dimension.navn == "tid"), None)
            for values, key in keys.items():
                months = måneder if time is None else _months(values[time], måneder)
                rest = values if time is None else (*values[:time], *values[time + 1 :])
                counted.celler[key] = self._cell(tabel.enhed, own, months, rest)
        counted.summer += tabelsummer(tabel, counted.dims)

    def _cell(self, enhed: str, efter: Sequence[Led], måneder: Måneder | None, værdier: tuple[Værdi, ...]) -> Tælling:
        shape = tuple(
            (dimension.fin, tuple(dimension.værdier) if dimension.navn != dimension.fin else ()) for dimension in efter
        )
        if (enhed, shape, måneder) not in self._counted:
            self._count(enhed, shape, måneder)
        key = tuple(_label(value) for value in værdier)
        return self._counted[enhed, shape, måneder].get(key, _NONE)

    def _count(self, enhed: str, shape: tuple[Form, ...], måneder: Måneder | None) -> None:
        stretches = list(dict.fromkeys([måneder, *self._stræk]))
        if enhed in IKKE_ADDITIVE:
            for one in stretches:
                if (enhed, one) not in self._latest:
                    self._latest[enhed, one] = seneste(self._units[enhed], one)
                facts = self._latest[enhed, one]
                (self._counted[enhed, shape, one],) = optæl(facts, [_column(facts, *own) for own in shape], [None])
            return
        facts = self._units[enhed]
        by = [_column(facts, *own) for own in shape]
        for one, found in zip(stretches, optæl(facts, by, stretches), strict=True):
            self._counted[enhed, shape, one] = found


_NONE = Tælling(0, 0)


def _months(tid: Værdi, måneder: Måneder | None) -> Måneder:
    months = frozenset(months_of(str(tid)) or ())
    return months if måneder is None else months & måneder


def _label(værdi: Værdi) -> str:
    """What a category is called among the values of a column: several fine ones together have no name of their own."""
    return "\0".join(liste(værdi))


def _column(facts: Kolonner, fin: str, grupper: tuple[Værdi, ...]) -> Kolonne:
    """A dimension's value in each fact; with groups, the group that has it."""
    fine = facts.dimensioner[fin]
    if not grupper:
        return fine
    group = {key: number for number, value in enumerate(grupper) for key in liste(value)}
    codes = np.array([group[value] for value in fine.værdier], dtype=np.int64)
    return Kolonne(codes[fine.koder], [_label(value) for value in grupper])


def _keys(enhed: str, chosen: Sequence[Led]) -> dict[tuple[Værdi, ...], Nøgle]:
    found: dict[tuple[Værdi, ...], dict[str, Værdi]] = {(): {}}
    for dimension in chosen:
        found = {
            (*values, value): {**own, dimension.fin: value}
            for values, own in found.items()
            for value in dimension.værdier
        }
    return {values: nøgle(enhed, **own) for values, own in found.items()}
