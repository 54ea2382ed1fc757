"""Cell suppression: exact counts with blanks, as few as can be, over all tables and earlier releases together.

First the counts that tell of too few persons are left out, then as many others as it takes that nobody can work them
out from sums, from noughts (always shown, and known to be), from a record of her own, or from earlier releases.
The attacker has the last word: a pattern she comes too close through is not returned.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rådgivning.statistik.attack import AngrebFejl
from rådgivning.statistik.audit import AuditResult, audit
from rådgivning.statistik.bands import Categories
from rådgivning.statistik.knowledge import Cell, Published, read
from rådgivning.statistik.suppression_cuts import ARBEJDE, færrest
from rådgivning.statistik.suppression_greedy import Umuligt, grådig
from rådgivning.statistik.suppression_problem import Modstrid, Stof, dele, er_følsom
from rådgivning.statistik.tables import Tælling
from rådgivning.statistik.ties import knowledge_of

METODE = "suppression"
FRIST = 45.0
"""Seconds after which the best patterns so far count: together with the attack's own time less than a minute."""
_ATTEMPTS, _DEL, _MINDST = 4, 0.6, 3.0
"""A pattern may be refused by the attack: each attempt has this part of the seconds left, or at least these few."""


class UdeladelseFejl(Exception):
    """No choice of blanks is safe beside what is published. `revision` is the attack that found the last wanting."""

    def __init__(self, reason: str, revision: AuditResult | None = None) -> None:
        super().__init__(reason)
        self.revision = revision


@dataclass(frozen=True)
class Udeladt:
    """A release with blanks, and what is known of how good it is.

    `primære` blanks tell of too few persons (or were blank before), `supplerende` hide them; no pattern has fewer of
    the latter than `mindst`. `grådigt` and `ryddet` are how many linear programs alone would blank, before and after
    showing again what need not be blank.
    """

    indhold: dict[str, Any]
    primære: int
    supplerende: int
    mindst: int
    grådigt: int
    ryddet: int
    revision: AuditResult

    @property
    def bevist(self) -> bool:
        """Whether no pattern has fewer blanks."""
        return self.supplerende == self.mindst


def regel(tærskel: int) -> dict[str, Any]:
    """What a release with blanks says of its method: a blank is at least 1, for noughts are shown."""
    return {"method": METODE, "suppressed_min": 1, "threshold": tærskel}


def celler(releases: Sequence[Published]) -> list[Cell]:
    """Every cell that releases show, and every one that can be had by subtracting those."""
    viden = knowledge_of(releases)
    found = [*viden.intervals, *(cell for whole, parts in viden.sums for cell in (whole, *parts))]
    return list(dict.fromkeys(found))


def udelad(
    nyt: Published,
    tællinger: Mapping[Cell, Tælling],
    tidligere: Sequence[Published] = (),
    *,
    tærskel: int = 5,
    arbejde: int = ARBEJDE,
    slut: float | None = None,
) -> Udeladt:
    """Choose the blanks of a new release. Raises UdeladelseFejl.

    `nyt` has every true count; `tællinger` are the true counts, with the persons behind them, of every cell of it and
    of the `tidligere` releases, and of any that follow from these by subtraction and must be hidden too (`celler`).
    `arbejde`, and `slut` (of time.monotonic, default: in FRIST seconds), limit the search for the fewest blanks, never
    the protection.
    """
    shown: set[Cell] = set()
    result, end = None, time.monotonic() + FRIST if slut is None else slut
    for _ in range(_ATTEMPTS):
        begun = time.monotonic()
        stop = begun + max(_MINDST, _DEL * (end - begun))
        found = _once(nyt, tællinger, tidligere, tærskel, arbejde, stop, shown)
        result = found.revision
        if result.passed:
            return found
        viden = knowledge_of([*tidligere, nyt])
        refused = {nyt.cell(one.key, viden.categories) for one in result.open if one.release == len(tidligere)}
        again = {cell for cell in refused if not er_følsom(tællinger[cell], tærskel)} - shown
        if not again:
            break
        shown |= again
    raise UdeladelseFejl("the attack comes too close to somebody", result)


def _once(
    nyt: Published,
    tællinger: Mapping[Cell, Tælling],
    tidligere: Sequence[Published],
    tærskel: int,
    arbejde: int,
    end: float,
    vist: Collection[Cell],
) -> Udeladt:
    viden = knowledge_of([*tidligere, nyt])
    kinds = viden.categories
    cells = {nyt.cell(cell["key"], kinds): cell for table in nyt.content["tables"] for cell in table["cells"]}
    own = {cell for cell, published in cells.items() if not published.get("public")}
    blank = {cell for cell in own if tællinger[cell].antal}
    viden = knowledge_of([*tidligere, Published(_with_blanks(nyt, blank, kinds), nyt.stande)])
    before = read(tidligere, kinds).intervals
    fixed = {cell for cell in own if cell in before and before[cell][0] == before[cell][1]}
    kept = {cell for cell in own & blank if cell in before} - fixed
    few = {cell for cell in own - fixed if er_følsom(tællinger[cell], tærskel)}
    chosen: set[Cell] = set()
    least = greedy = cleared = 0
    try:
        for part in dele(Stof(viden, tællinger, own, tærskel, kept, vist)):
            found = færrest(part.problem, arbejde, end)
            arbejde -= min(arbejde, found.arbejde)
            chosen |= {cell for index in found.blanke if isinstance(cell := part.celler[index], Cell)}
            least, greedy, cleared = least + found.mindst, greedy + found.grådigt, cleared + found.ryddet
        content = _with_blanks(nyt, few | kept | chosen, kinds)
        revision = audit([*tidligere, Published(content, nyt.stande)], threshold=tærskel, exact=False)
    except (Umuligt, Modstrid, AngrebFejl) as fejl:
        raise UdeladelseFejl(str(fejl) or "a requirement cannot be met") from fejl
    return Udeladt(content, len(few | kept), len(chosen), least, greedy, cleared, revision)


def skøn(nyt: Published, tællinger: Mapping[Cell, Tælling], *, tærskel: int = 5) -> frozenset[Cell]:
    """About what would be blank: quickly, by linear programs alone, never to be published."""
    few = {cell for cell, count in tællinger.items() if er_følsom(count, tærskel)}
    blank = {cell for cell, count in tællinger.items() if count.antal}
    viden = knowledge_of([Published(_with_blanks(nyt, blank, knowledge_of([nyt]).categories))])
    found = set(few)
    for part in dele(Stof(viden, tællinger, set(tællinger), tærskel)):
        found |= {cell for index in grådig(part.problem) if isinstance(cell := part.celler[index], Cell)}
    return frozenset(found)


def _with_blanks(release: Published, blank: Collection[Cell], kinds: Categories) -> dict[str, Any]:
    """The release's content with some cells left out."""
    tables = [
        {
            **table,
            "cells": [
                {**cell, "value": None}
                if not cell.get("public") and release.cell(cell["key"], kinds) in blank
                else cell
                for cell in table["cells"]
            ],
        }
        for table in release.content["tables"]
    ]
    return {**release.content, "tables": tables}
