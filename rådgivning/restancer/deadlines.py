"""The days of the road of a restancesag, counted as the law and the field count them. Pure functions of dates.

A hverdag is Monday to Saturday unless it is a helligdag: that is how the law counts (Saturday too, UfR 2022.1586 V).
A working day is one to act on: no Saturday, Sunday, helligdag or grundlovsdag. Store bededag is an ordinary day since
2024; 24 and 31 December are no helligdage by law.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rådgivning.dansk import TIDSZONE, er_helligdag

DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
GRUNDLOVSDAG = (6, 5)
BREVENES_DAG = 27
"""Around this day of the month the ophævelser go out (Fagbladet Boligen, February 2022)."""


def _is_hverdag(day: date) -> bool:
    return day.weekday() != SUNDAY and not er_helligdag(day)


def er_arbejdsdag(day: date) -> bool:
    """Whether something can be done on the day: no Saturday, Sunday, helligdag or grundlovsdag."""
    return _is_hverdag(day) and day.weekday() != SATURDAY and (day.month, day.day) != GRUNDLOVSDAG


def arbejdsdag(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not er_arbejdsdag(day):
        day += DAY
    return day


def næste_hverdag(day: date) -> date:
    """The next working day."""
    return arbejdsdag(day + DAY)


def skrevet(tidspunkt: datetime) -> date:
    """The Danish day on which something was written down."""
    return tidspunkt.astimezone(TIDSZONE).date()


def sidste_rettidige(forfaldsdag: date) -> date:
    """The last day on which rent due on `forfaldsdag` is paid in time (almenlejeloven § 44, stk. 2)."""
    return arbejdsdag(forfaldsdag)


def tidligste_påkrav(forfaldsdag: date) -> date:
    """The first day for a påkrav: after the third hverdag after the last timely day (almenlejeloven § 90, stk. 2).

    It may be a Saturday. For rent due on a Saturday or Sunday two readings exist; this is the later one.
    """
    day = sidste_rettidige(forfaldsdag)
    for _hverdag in range(4):
        day += DAY
        while not _is_hverdag(day):
            day += DAY
    return day


def sidste_betaling(fremme: date) -> date:
    """The last day to pay after a påkrav that arrived on `fremme`: 14 calendar days (ØLK 3 July 2012), moved when the
    last one is a Saturday, Sunday, helligdag or grundlovsdag (almenlejeloven § 90, stk. 2)."""
    return arbejdsdag(fremme + 14 * DAY)


def tidligste_ophævelse(fremme: date) -> date:
    """The day after the last day to pay (almenlejeloven § 90, stk. 1, nr. 1, and stk. 2)."""
    return sidste_betaling(fremme) + DAY


def ophævelser_ventes(fremme: date) -> date:
    """The first working day from the 27th on after the last day to pay: when ophævelser usually go out. Practice."""
    day = tidligste_ophævelse(fremme)
    while day.day != BREVENES_DAG:
        day += DAY
    return arbejdsdag(day)


def fogedsag_ventes(ophævet: date) -> date:
    """When a request to the fogedret can be expected: about a week after the ophævelse. Practice, not law."""
    return arbejdsdag(ophævet + 7 * DAY)


def kommunens_afgørelse(udsat: date) -> date:
    """The last day for the kommune to decide that there is no ground for help: 14 days after the fogedret's notice that
    the fogedforretning was carried out (retssikkerhedsloven § 5 a, stk. 2)."""
    return arbejdsdag(udsat + 14 * DAY)


def at_handle_på(lovfrist: date, skrevet_ind: date) -> date:
    """The working day to act on: the deadline of the rule, moved over days when nothing is open; the next working day
    when it had passed already as the event was written down."""
    day = arbejdsdag(lovfrist)
    return day if day >= skrevet_ind else næste_hverdag(skrevet_ind)
