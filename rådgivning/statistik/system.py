"""A calendar year's system: the one set of rounded figures that every report of the year is a sum of.

Because all reports are sums of the same non-negative multiples of the base, they are together one possible world in
which no count is small: nothing published can prove one. It does not matter which report is asked for first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from rådgivning.statistik.blocks import Måneder, Årsdeling, kode
from rådgivning.statistik.periods import Periode, months_of
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.tables import (
    DIMENSIONER,
    ENHEDER,
    Nøgle,
    OffentligtTal,
    Tabel,
    i_perioden,
    orden,
    tabelnøgler,
)

METODE = "controlled-rounding"
Værdier = dict[str, dict[Nøgle, int]]


@dataclass(frozen=True)
class System:
    """`blokke` has values by block, and by month for what is shown over time; `beboere` by stretch. 0 is left out.

    `stande` says which copy of each month was counted, `mærker` by stretch which cells' counts (keyed, not the counts),
    `tabeller` which tables it was made for, without their texts; `uløst` that the solver's work ran out before the
    best figures were found.
    """

    deling: Årsdeling
    base: int
    dims: Mapping[str, Sequence[str]]
    stande: Mapping[str, str]
    blokke: Værdier
    beboere: Værdier
    mærker: Mapping[str, Mapping[Nøgle, str]] = field(default_factory=dict)
    tabeller: tuple[Tabel, ...] = ()
    uløst: bool = False

    def passer(self, deling: Årsdeling, base: int) -> bool:
        """Whether it is cut and rounded in the same way, so that another can be made from it."""
        return (self.deling, self.base) == (deling, base)

    def værdi(self, måneder: Måneder, key: Nøgle) -> int:
        """The published value of a cell without time, of months that are a sum of blocks, months or a stretch."""
        if ("enhed", "beboere") in key:
            return self.beboere.get(kode(måneder), {}).get(key, 0)
        return sum(self.blokke.get(code, {}).get(key, 0) for code in self._dele(måneder))

    def _dele(self, måneder: Måneder) -> list[str]:
        inside = [kode(block) for block in self.deling.blokke if set(block) <= set(måneder)]
        whole = sum(len(block) for block in self.deling.blokke if kode(block) in inside) == len(måneder)
        return inside if whole else list(måneder)

    @cached_property
    def tid(self) -> frozenset[str]:
        """The year's months."""
        return frozenset(self.deling.måneder)

    def som_json(self) -> str:
        """To be stored."""
        return json.dumps(
            {
                "base": self.base,
                "dims": self.dims,
                "planmåned": self.deling.planmåned,
                "blokke": {code: _pairs(values) for code, values in self.blokke.items()},
                "beboere": {code: _pairs(values) for code, values in self.beboere.items()},
                "mærker": {code: _pairs(marks) for code, marks in self.mærker.items()},
                "uløst": self.uløst,
                "tabeller": [tabel[:4] + tabel[6:] for tabel in self.tabeller],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def fra_json(cls, år: str, stande: Mapping[str, str], text: str) -> System:
        """As it was stored."""
        read = json.loads(text)
        values: dict[str, Any] = {
            name: {code: {_key(key): value for key, value in pairs} for code, pairs in read[name].items()}
            for name in ("blokke", "beboere", "mærker")
        }
        tables = tuple(_tabel(*fields) for fields in read.get("tabeller", ()))
        made = cls(Årsdeling(år, read["planmåned"]), read["base"], read["dims"], dict(stande), **values)
        return replace(made, tabeller=tables, uløst=read.get("uløst", False))


def _pairs(values: Mapping[Nøgle, Any]) -> list[list[Any]]:
    return [[key, values[key]] for key in sorted(values, key=orden) if values[key]]


def _key(key: Iterable[tuple[str, str | list[str]]]) -> Nøgle:
    return tuple((name, value if isinstance(value, str) else tuple(value)) for name, value in key)


def _tabel(navn: str, enhed: str, dimensioner: list[str], kun_kalenderår: bool, grupper: list[Any]) -> Tabel:
    groups = tuple((name, tuple((key, tuple(keys)) for key, keys in found)) for name, found in grupper)
    return Tabel(navn, enhed, tuple(dimensioner), kun_kalenderår, grupper=groups)


def rapport(
    systemer: Sequence[System],
    periode: Periode,
    lister: Mapping[str, Sequence[str]],
    regel: Regel,
    offentlige: Sequence[OffentligtTal] = (),
    tabeller: Sequence[Tabel] | None = None,
) -> dict[str, Any]:
    """A period's report (design.md section 6) as a sum of the systems of the calendar years it touches: those of some
    tables (default: the first system's) that all of these have."""
    dims: dict[str, list[str]] = {"enhed": list(ENHEDER), "tid": list(periode.tider)}
    for name in DIMENSIONER[1:]:
        extra = {key for system in systemer for key in system.dims.get(name, ())} - set(lister.get(name, ()))
        dims[name] = [*lister.get(name, ()), *sorted(extra)]
    tables: list[dict[str, Any]] = []
    for tabel in i_perioden(fælles(systemer, tabeller), periode):
        keys = [key for part in tabelnøgler(tabel, dims) for key in part]
        cells = [{"key": dict(key), "value": _value(systemer, periode.måneder, key)} for key in keys]
        tables.append({"name": tabel.navn, "cells": cells})
    for total in offentlige:
        cell = {"key": total.som_nøgle(), "value": total.antal, "public": True}
        tables.append({"name": f"offentlig_{total.navn}", "cells": [cell]})
    small = {"threshold": regel.tærskel} if regel.base < regel.tærskel else {}  # what is below it is 0 or the base
    warm = {"warm": True} if any(system.uløst for system in systemer) else {}
    return {"tables": tables, "dims": dims, "known_rule": {"method": METODE, "base": regel.base, **small, **warm}}


def fælles(systemer: Sequence[System], tabeller: Sequence[Tabel] | None = None) -> list[Tabel]:
    """Those of some tables that every one of some systems has."""
    wanted = (systemer[0].tabeller if systemer else ()) if tabeller is None else tabeller
    return [tabel for tabel in wanted if all(tabel.ren in system.tabeller for system in systemer)]


def _value(systemer: Sequence[System], måneder: Måneder, key: Nøgle) -> int:
    limits = dict(key)
    time = limits.pop("tid", None)
    months = måneder if time is None else months_of(str(time)) or ()
    bare = tuple(sorted(limits.items()))
    own = [(system, tuple(month for month in months if month in system.tid)) for system in systemer]
    return sum(system.værdi(part, bare) for system, part in own if part)
