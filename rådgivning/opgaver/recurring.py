"""Tasks that come again: which day is the next. Pure functions of dates.

A series is its first day and its rhythm; every deadline in it is counted from the first day, so that a weekend, a short
month or a postponed task never moves those that follow.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from rådgivning.dansk import er_helligdag, om_måneder

FLEST_GANGE = 2000


class Gentagelse(StrEnum):
    """How often a task comes again."""

    INGEN = ""
    UGE = "uge"
    FJORTEN_DAGE = "fjorten_dage"
    MÅNED = "måned"

    @property
    def etiket(self) -> str:
        """What people read."""
        return _ETIKETTER[self]


_ETIKETTER = {
    Gentagelse.INGEN: "Nej",
    Gentagelse.UGE: "Hver uge",
    Gentagelse.FJORTEN_DAGE: "Hver anden uge",
    Gentagelse.MÅNED: "Hver måned på samme dato",
}


def arbejdsdag(dag: date) -> date:
    """The day itself, or the next that is neither weekend nor helligdag."""
    while dag.weekday() > 4 or er_helligdag(dag):
        dag += timedelta(days=1)
    return dag


def gang(start: date, gentages: Gentagelse, n: int) -> date:
    """The n-th day of a series counted from its first, whatever kind of day that is."""
    match gentages:
        case Gentagelse.UGE:
            return start + timedelta(days=7 * n)
        case Gentagelse.FJORTEN_DAGE:
            return start + timedelta(days=14 * n)
        case _:
            return om_måneder(start, n)


def næste_gang(start: date, gentages: Gentagelse, sidste: date, slut: date | None, dag: date) -> date | None:
    """The series' next day after `sidste` whose deadline has not passed on `dag`; None when the series has ended.

    What a long absence skipped is not made up for: a task that was to be done weekly is done once.
    """
    if gentages is Gentagelse.INGEN:
        return None
    days = (gang(start, gentages, n) for n in range(1, FLEST_GANGE))
    found = next((day for day in days if day > sidste and arbejdsdag(day) >= dag), None)
    return None if found is None or (slut is not None and found > slut) else found
