"""Simulated years for measuring both protections on the same data: linked two-way tables and one three-way table.

`A` is six linked two-way tables, `B` one of 8 x 5 x 6 with every margin, `C` three linked two-way tables. Categories
are skewed as in a helhedsplan's year: a few take most. Without `gentagne` every event is a person of its own.
`D` is one small two-way table.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import numpy as np

from rådgivning.statistik.knowledge import Cell
from rådgivning.statistik.tables import Nøgle, Tælling, nøgle

ENHED = "kontakter"
STØRRELSER = {"art": 4, "alder": 6, "udfald": 6, "emne": 12, "kilde": 10, "tid": 12, "x": 8, "y": 5, "z": 6}
SÆT: Mapping[str, Sequence[tuple[str, ...]]] = {
    "A": [
        ("art", "alder"),
        ("art", "udfald"),
        ("emne", "udfald"),
        ("emne", "alder"),
        ("art", "tid"),
        ("kilde", "alder"),
    ],
    "B": [("x", "y", "z")],
    "C": [("art", "alder"), ("art", "udfald"), ("emne", "udfald")],
    "D": [("art", "udfald")],
}


@dataclass(frozen=True)
class Simuleret:
    """The true counts of a simulated year, the sums that tie them, and its tables by name and dimensions."""

    celler: Mapping[Nøgle, Tælling]
    summer: Sequence[tuple[Nøgle, tuple[Nøgle, ...]]]
    dims: Mapping[str, list[str]]
    tabeller: Mapping[str, tuple[str, ...]]

    def som_json(self, værdier: Mapping[Nøgle, int | None], regel: Mapping[str, Any]) -> dict[str, Any]:
        """A release of some values in the form of design.md section 6."""
        return {
            "tables": [
                {"name": name, "cells": [{"key": dict(key), "value": værdier[key]} for key in _keys(names, self.dims)]}
                for name, names in self.tabeller.items()
            ],
            "dims": dict(self.dims),
            "known_rule": dict(regel),
        }


def simuleret(sæt: str, antal: int, frø: int = 1, gentagne: float = 0.0) -> Simuleret:
    """A year of `antal` events. `gentagne` is the share of events that belong to somebody who has been there before."""
    dims = _dimensioner(sæt)
    return _counted(sæt, dims, _events(dims, antal, random.Random(f"{sæt}-{antal}-{frø}"), gentagne))


class SimuleretÅr:
    """A year of events, each in a month: what any stretch of it counts. Only for sets without a dimension of time."""

    def __init__(self, sæt: str, antal: int, frø: int = 1) -> None:
        self.sæt, self.dims = sæt, _dimensioner(sæt)
        draw = random.Random(f"år-{sæt}-{antal}-{frø}")
        self.events = _events(self.dims, antal, draw, 0.0)
        for event in self.events:
            event["måned"] = f"2026-{draw.randrange(1, 13):02}"

    def stykke(self, første: int, sidste: int) -> Simuleret:
        """The months from one to another, both included."""
        months = [f"2026-{month:02}" for month in range(første, sidste + 1)]
        own = _counted(self.sæt, self.dims, [event for event in self.events if event["måned"] in months])
        return replace(own, dims={**own.dims, "tid": months})

    def tæl(self, cells: Iterable[Cell]) -> dict[Cell, Tælling]:
        """The true counts of cells, published or not; each event is a person of its own."""
        inside: dict[tuple[str, frozenset[str]], Any] = {}
        found = {}
        for cell in cells:
            rows = np.ones(len(self.events), dtype=bool)
            for limit in [*cell.limits, ("måned", cell.months)]:
                if limit not in inside:
                    inside[limit] = np.array([event[limit[0]] in limit[1] for event in self.events], dtype=bool)
                rows &= inside[limit]
            count = int(rows.sum())
            found[cell] = Tælling(count, count)
        return found


def _dimensioner(sæt: str) -> dict[str, list[str]]:
    return {name: [f"{name}{number}" for number in range(STØRRELSER[name])] for table in SÆT[sæt] for name in table}


def _counted(sæt: str, dims: Mapping[str, list[str]], events: Sequence[Mapping[str, Any]]) -> Simuleret:
    tables = {"_".join(names): names for names in SÆT[sæt]}
    celler: dict[Nøgle, Tælling] = {}
    summer: dict[tuple[Nøgle, tuple[Nøgle, ...]], None] = {}
    for names in tables.values():
        for limits in _subsets(names):
            counted: dict[tuple[str, ...], list[int]] = {}
            for event in events:
                counted.setdefault(tuple(event[name] for name in limits), []).append(event["person"])
            for values in product(*(dims[name] for name in limits)):
                own = counted.get(values, [])
                key = nøgle(ENHED, **dict(zip(limits, values, strict=True)))
                celler[key] = Tælling(len(own), len(set(own)))
                for name in names:
                    if name not in limits:
                        parts = tuple(nøgle(ENHED, **_dims(key), **{name: value}) for value in dims[name])
                        summer[key, parts] = None
    return Simuleret(celler, list(summer), {**dims, "enhed": [ENHED]}, tables)


def _events(dims: Mapping[str, list[str]], antal: int, draw: random.Random, gentagne: float) -> list[dict[str, Any]]:
    weights = {name: [1 / (1 + number) ** 1.3 for number in range(len(values))] for name, values in dims.items()}
    events: list[dict[str, Any]] = []
    for number in range(antal):
        event: dict[str, Any] = {name: draw.choices(values, weights[name])[0] for name, values in dims.items()}
        again = bool(events) and draw.random() < gentagne
        event["person"] = draw.choice(events)["person"] if again else number
        events.append(event)
    return events


def _subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(len(names), -1, -1):
        yield from combinations(names, size)


def _dims(key: Nøgle) -> dict[str, Any]:
    return {name: value for name, value in key if name != "enhed"}


def _keys(names: tuple[str, ...], dims: Mapping[str, list[str]]) -> list[Nøgle]:
    return [
        nøgle(ENHED, **dict(zip(limits, values, strict=True)))
        for limits in _subsets(names)
        for values in product(*(dims[name] for name in limits))
    ]
