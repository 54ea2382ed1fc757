"""From true counts to figures that may leave: round, attack, and draw again where the attack came too close."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rådgivning.statistik.attack import AngrebFejl
from rådgivning.statistik.audit import AuditResult, audit
from rådgivning.statistik.basis import Grundlag
from rådgivning.statistik.earlier import bounds
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.rounding import Opgave, Regel, RundingFejl, afrund
from rådgivning.statistik.tables import Nøgle, Optalt, mindre_end

METODE = "controlled-rounding"
_ATTEMPTS = 10
Slags = tuple[str, frozenset[tuple[str, frozenset[str]]]]
"""A kind of cell: unit and limits, in whatever period."""


class IkkeBeskyttet(Exception):
    """The figures could not be made safe, so they are not shown. `revision` is the attack that found them wanting."""

    def __init__(self, reason: str, revision: AuditResult | None = None) -> None:
        super().__init__(reason)
        self.revision = revision


def beskyt(grundlag: Grundlag, frø: bytes) -> tuple[bytes, AuditResult]:
    """Round and attack together with all earlier releases; raises IkkeBeskyttet when no drawing withstands it."""
    redrawn: Counter[Slags] = Counter()
    result: AuditResult | None = None
    for _ in range(_ATTEMPTS):
        try:
            data = content_of(grundlag.optalt, _round(grundlag, frø, redrawn), grundlag.regel)
            released = [Published(json.loads(data), grundlag.stande), *grundlag.tidligere]
            result = audit(released, threshold=grundlag.regel.tærskel, exact=False)
        except (RundingFejl, AngrebFejl) as fejl:
            raise IkkeBeskyttet(str(fejl)) from fejl
        if result.passed:
            return data, result
        again = _too_close(released, result)
        if not again:
            break
        redrawn.update(again)
    raise IkkeBeskyttet("the attack comes too close to somebody", result)


def _too_close(released: Sequence[Published], result: AuditResult) -> set[Slags]:
    """The kinds of cells to draw again: those the attack found in this report or, through it, in an earlier one."""
    own = {(cell.unit, cell.limits) for cell, _entry in released[0].cells()}
    found = {released[finding.release].cell(finding.key) for finding in result.open}
    direct = {(cell.unit, cell.limits) for cell in found} & own
    units = {cell.unit for cell in found}
    return direct or {kind for kind in own if kind[0] in units}


def _round(grundlag: Grundlag, frø: bytes, redrawn: Counter[Slags]) -> dict[Nøgle, int]:
    """Round the report. A quarter is rounded inside its year, so that the two can never contradict each other."""
    earlier = list(grundlag.tidligere)
    if grundlag.året is not None:
        year = _round_one(grundlag, grundlag.året, earlier, frø, redrawn)
        earlier.append(Published(json.loads(content_of(grundlag.året, year, grundlag.regel)), grundlag.stande))
    return _round_one(grundlag, grundlag.optalt, earlier, frø, redrawn)


def _round_one(
    grundlag: Grundlag, optalt: Optalt, earlier: list[Published], frø: bytes, redrawn: Counter[Slags]
) -> dict[Nøgle, int]:
    limits = bounds(optalt, grundlag.stande, earlier, grundlag.regel.base)
    opgave = Opgave(optalt.celler, optalt.summer, limits.mindst, limits.højst, mindre_end(optalt))
    own = Published({"dims": optalt.dims})
    marks = {key: _mark(grundlag, own, key, redrawn) for key in optalt.celler}
    return afrund(opgave, grundlag.regel, frø, marks)


def _mark(grundlag: Grundlag, own: Published, key: Nøgle, redrawn: Counter[Slags]) -> bytes:
    """What a cell counts, the same in every report: helhedsplan, unit, limits, months, and how often it was redrawn."""
    cell = own.cell(dict(key))
    limits = sorted((name, sorted(values)) for name, values in cell.limits)
    again = redrawn[cell.unit, cell.limits]
    counts = [str(grundlag.helhedsplan_id), cell.unit, limits, sorted(cell.months), again]
    return json.dumps(counts, ensure_ascii=False).encode()


def content_of(optalt: Optalt, values: Mapping[Nøgle, int], regel: Regel) -> bytes:
    """The JSON of a release (design.md section 6), always the same bytes for the same figures."""
    tables: list[dict[str, Any]] = [
        {"name": name, "cells": [{"key": dict(key), "value": values[key]} for key in keys]}
        for name, keys in optalt.tabeller.items()
    ]
    for total in optalt.offentlige:
        key = {name: chosen[0] if len(chosen) == 1 else list(chosen) for name, chosen in total.nøgle.items()}
        cell = {"key": {**key, "enhed": total.enhed}, "value": total.antal, "public": True}
        tables.append({"name": f"offentlig_{total.navn}", "cells": [cell]})
    content = {"tables": tables, "dims": optalt.dims, "known_rule": {"method": METODE, "base": regel.base}}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def cell_key(key: Mapping[str, Any]) -> Nøgle:
    """A JSON key as a cell's key."""
    return tuple(sorted((name, tuple(value) if isinstance(value, list) else value) for name, value in key.items()))
