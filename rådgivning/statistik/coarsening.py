"""Coarser categories, proposed before anything is left out: what each proposal costs, and the tables it gives.

Few counts in many fields mean many blanks. Merging categories loses detail evenly; blanks lose it where it is thinnest.
The proposals are measured on rounded figures that are published already, or could be had at any time, so that choosing
tells nothing new: those of a year, and for what is shown by month those of a quarter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.periods import Periode, months_of
from rådgivning.statistik.plan_tables import med_grupper
from rådgivning.statistik.suppression import regel, skøn
from rådgivning.statistik.tables import GROVE, Nøgle, Tabel, Tælling, Værdi, led, liste, nøgle, udvalg

MÅNEDER = "måneder"
FORSLAG: Mapping[str, str] = {
    "aldersgruppe_grov": "Færre og bredere aldersgrupper",
    "boligområde": "Boligområder i stedet for afdelinger",
    "emnegruppe": "Emnegrupper i stedet for enkelte emner",
    MÅNEDER: "Kvartaler i stedet for måneder",
}
"""What may be made coarser, by the coarser dimension, in Danish."""


class Tab(NamedTuple):
    """What is lost, in percent of the finest tables without blanks: `felter` and `hændelser` are the shares of the
    fields that are not 0, and of what is counted in them, that would be left out; `opdeling` is the share of the detail
    (entropy) that is gone, through merging and blanks together."""

    felter: int
    hændelser: int
    opdeling: int


@dataclass(frozen=True)
class Forslag:
    """A choice of coarser categories, with how many fields its tables have, and what it loses."""

    grovere: tuple[str, ...]
    antal: int
    tab: Tab


def forgrovet(tabeller: Sequence[Tabel], grovere: Iterable[str], indhold: PlanIndhold) -> list[Tabel]:
    """Tables with some dimensions replaced by coarser ones; of two that become alike only the first."""
    coarse = {GROVE[name]: name for name in grovere if name in GROVE}
    found: dict[tuple[str, frozenset[str]], Tabel] = {}
    for tabel in tabeller:
        names = tuple(coarse.get(name, name) for name in tabel.dimensioner)
        found.setdefault((tabel.enhed, frozenset(names)), tabel._replace(dimensioner=names))
    return med_grupper(list(found.values()), indhold)


def forgrovet_tid(periode: Periode, grovere: Iterable[str]) -> Periode:
    """A quarter that is not shown by month, if that was chosen. Years are shown by quarter anyway."""
    return replace(periode, tider=(periode.navn,)) if _by_month(periode.tider) and MÅNEDER in set(grovere) else periode


def _by_month(tider: Sequence[str]) -> bool:
    return len(tider) > 1 and all(months_of(time) == (time,) for time in tider)


def mulige(tabeller: Sequence[Tabel], indhold: PlanIndhold) -> list[str]:
    """The coarser dimensions that would merge something in some table of a plan."""
    found = []
    for name in FORSLAG:
        tables = forgrovet([tabel for tabel in tabeller if GROVE.get(name) in tabel.dimensioner], [name], indhold)
        if name == MÅNEDER or any(
            len(keys) > 1 for t in tables for own, groups in t.grupper if own == name for _k, keys in groups
        ):
            found.append(name)
    return found


def forslag(udgivet: Mapping[str, Any], tabeller: Sequence[Tabel], indhold: PlanIndhold, tærskel: int) -> list[Forslag]:
    """What leaving out would cost on the figures of a rounded release: as it is, with each coarser dimension, with all
    that help. Months can be merged in a quarter's. A published base is taken to be few."""
    base = int(udgivet["known_rule"]["base"])
    inner = _inner(udgivet, tabeller)
    kept = [tabel for tabel in tabeller if tabel.navn in inner]
    by_month = _by_month(udgivet["dims"]["tid"]) and any(tabel.over_tid for tabel in kept)
    names = [name for name in mulige(kept, indhold) if by_month or name != MÅNEDER]
    choices = [(), *((name,) for name in names), tuple(names)]
    whole = sum(_entropy(values.values()) for values in inner.values()) or 1.0
    return [_measured(udgivet, inner, kept, choice, indhold, base, tærskel, whole) for choice in dict.fromkeys(choices)]


_Indre = Mapping[str, Mapping[Nøgle, int]]


def _inner(udgivet: Mapping[str, Any], tabeller: Sequence[Tabel]) -> dict[str, dict[Nøgle, int]]:
    """Each table's finest published values."""
    found = {}
    tables = {table["name"]: table["cells"] for table in udgivet["tables"]}
    for tabel in tabeller:
        if tabel.navn in tables and not set(tabel.dimensioner) & set(GROVE):
            size = len(tabel.dimensioner) + 1
            cells = {tuple(sorted(cell["key"].items())): cell["value"] for cell in tables[tabel.navn]}
            found[tabel.navn] = {key: value for key, value in cells.items() if len(key) == size}
    return found


def _measured(
    udgivet: Mapping[str, Any],
    inner: _Indre,
    tabeller: Sequence[Tabel],
    grovere: tuple[str, ...],
    indhold: PlanIndhold,
    base: int,
    tærskel: int,
    hele: float,
) -> Forslag:
    dims = udgivet["dims"]
    if MÅNEDER in grovere:
        dims, inner = _without_months(dims, inner)
    tables = forgrovet(tabeller, grovere, indhold)
    cells: dict[str, dict[Nøgle, int]] = {t.navn: _summed(t, inner[t.navn], dims) for t in tables}
    content = {
        "tables": [
            {"name": name, "cells": [{"key": dict(key), "value": value} for key, value in values.items()]}
            for name, values in cells.items()
        ],
        "dims": dims,
        "known_rule": regel(tærskel),
    }
    new = Published(content)
    counts = {
        new.cell(dict(key)): Tælling(value, value if value > base else min(value, tærskel - 1))
        for values in cells.values()
        for key, value in values.items()
    }
    blank = skøn(new, counts, tærskel=tærskel)
    finest = [
        (value, new.cell(dict(key)) in blank)
        for tabel in tables
        for key, value in cells[tabel.navn].items()
        if len(key) == len(tabel.dimensioner) + 1 and value
    ]
    left = sum(_entropy(_merged(new, cells[tabel.navn], blank, len(tabel.dimensioner) + 1)) for tabel in tables)
    fields, events = len(finest) or 1, sum(value for value, _ in finest) or 1
    return Forslag(
        grovere,
        fields,
        Tab(
            round(100 * sum(gone for _value, gone in finest) / fields),
            round(100 * sum(value for value, gone in finest if gone) / events),
            max(0, round(100 * (1 - left / hele))),
        ),
    )


def _without_months(dims: Mapping[str, Sequence[str]], inner: _Indre) -> tuple[dict[str, Sequence[str]], _Indre]:
    """A quarter's figures with its months added up."""
    year, month = dims["tid"][0].split("-")
    quarter = f"{year}-K{-(-int(month) // 3)}"
    found: dict[str, dict[Nøgle, int]] = {}
    for name, values in inner.items():
        own = found.setdefault(name, {})
        for key, value in values.items():
            whole = tuple((dimension, quarter if dimension == "tid" else part) for dimension, part in key)
            own[whole] = own.get(whole, 0) + value
    return {**dims, "tid": [quarter]}, found


def _summed(tabel: Tabel, inner: Mapping[Nøgle, int], dims: Mapping[str, Sequence[str]]) -> dict[Nøgle, int]:
    """A table's cells with all margins, from its finest values."""
    dimensions = led(tabel, dims)
    group: dict[str, dict[str, Værdi]] = {
        dimension.fin: {key: value for value in dimension.værdier for key in liste(value)} for dimension in dimensions
    }
    found: dict[Nøgle, int] = {}
    for chosen in udvalg(dimensions):
        for key, value in inner.items():
            own = dict(key)
            cell = nøgle(tabel.enhed, **{d.fin: group[d.fin][str(own[d.fin])] for d in chosen})
            found[cell] = found.get(cell, 0) + value
    return found


def _merged(new: Published, cells: Mapping[Nøgle, int], blank: frozenset[Any], size: int) -> list[int]:
    """A table's finest values with all that is left out as one."""
    shown, gone = [], 0
    for key, value in cells.items():
        if len(key) == size:
            if new.cell(dict(key)) in blank:
                gone += value
            else:
                shown.append(value)
    return [*shown, gone]


def _entropy(values: Iterable[int]) -> float:
    """How much detail a distribution has, in bits for each thing counted, times their number."""
    known = [value for value in values if value]
    total = sum(known)
    return sum(value * math.log2(total / value) for value in known)
