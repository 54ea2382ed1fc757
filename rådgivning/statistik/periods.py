"""Periods of a report and the coding of time in its cells.

A time code names a set of months: `2026`, `2026-K1`, `2026-03` or, where quarters of a plan year do not follow the
calendar, `2025-11/2026-01` (both months included). A report's own period is a year, a quarter or `planår-1`,
`planår-2` … counted from the plan's first month.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-K([1-4])")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_SPAN = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))/(\d{4}-(?:0[1-9]|1[0-2]))")
_PLAN_YEAR = re.compile(r"planår-([1-9]\d?)")


class UkendtPeriode(ValueError):
    """The text names no period of this plan."""


@dataclass(frozen=True)
class Periode:
    """A report's period: its months in order, and the categories of its time dimension."""

    navn: str
    måneder: tuple[str, ...]
    tider: tuple[str, ...]

    @property
    def er_kalenderår(self) -> bool:
        """Whether this is one whole calendar year."""
        return _YEAR.fullmatch(self.navn) is not None

    @property
    def kalenderår(self) -> str | None:
        """The calendar year that holds a quarter; None for years and plan years."""
        match = _QUARTER.fullmatch(self.navn)
        return match[1] if match else None


@lru_cache(maxsize=4096)
def months_between(first: str, last: str) -> tuple[str, ...]:
    """Every month from `first` to `last`, both included."""
    start, end = _number(first), _number(last)
    return tuple(_month(number) for number in range(start, end + 1))


@lru_cache(maxsize=4096)
def months_of(code: str) -> tuple[str, ...] | None:
    """The months a time code stands for, or None when it is none."""
    if match := _YEAR.fullmatch(code):
        return months_between(f"{match[1]}-01", f"{match[1]}-12")
    if match := _QUARTER.fullmatch(code):
        first = int(match[2]) * 3 - 2
        return months_between(f"{match[1]}-{first:02}", f"{match[1]}-{first + 2:02}")
    if _MONTH.fullmatch(code):
        return (code,)
    if match := _SPAN.fullmatch(code):
        return months_between(match[1], match[2])
    return None


def læs_periode(tekst: str, plan_fra: date, plan_til: date) -> Periode:
    """The period named by `2026`, `2026-K1` or `planår-1`; raises UkendtPeriode.

    Years and quarters must touch the plan; a plan year runs twelve months from the plan's first.
    """
    if match := _PLAN_YEAR.fullmatch(tekst):
        periode = _plan_year(int(match[1]), plan_fra)
    elif match := _YEAR.fullmatch(tekst):
        periode = Periode(tekst, _months(tekst), tuple(f"{tekst}-K{number}" for number in range(1, 5)))
    elif _QUARTER.fullmatch(tekst):
        periode = Periode(tekst, _months(tekst), _months(tekst))
    else:
        raise UkendtPeriode("no such period")
    if periode.måneder[-1] < month_of(plan_fra) or periode.måneder[0] > month_of(plan_til):
        raise UkendtPeriode("the plan does not reach this period")
    return periode


def perioder(plan_fra: date, plan_til: date, i_dag: date) -> tuple[str, ...]:
    """The names of all periods that have begun, newest first: plan years, then each year with its quarters."""
    last = min(plan_til, i_dag)
    if last < plan_fra:
        return ()
    plan_years = (_number(month_of(last)) - _number(month_of(plan_fra))) // 12 + 1
    names = [f"planår-{number}" for number in range(plan_years, 0, -1)]
    for year in range(last.year, plan_fra.year - 1, -1):
        names.append(str(year))
        for quarter in range(4, 0, -1):
            months = _months(f"{year}-K{quarter}")
            if months[0] <= month_of(last) and months[-1] >= month_of(plan_fra):
                names.append(f"{year}-K{quarter}")
    return tuple(names)


def month_of(day: date) -> str:
    """`2026-03` for a day in March 2026."""
    return f"{day.year}-{day.month:02}"


def month_days(month: str) -> tuple[date, date]:
    """A month's first and last day."""
    first = date(int(month[:4]), int(month[5:]), 1)
    return first, date(first.year, first.month, monthrange(first.year, first.month)[1])


def _plan_year(number: int, plan_fra: date) -> Periode:
    start = _number(month_of(plan_fra)) + 12 * (number - 1)
    spans = tuple(f"{_month(first)}/{_month(first + 2)}" for first in range(start, start + 12, 3))
    return Periode(f"planår-{number}", months_between(_month(start), _month(start + 11)), spans)


def _months(code: str) -> tuple[str, ...]:
    months = months_of(code)
    assert months is not None  # noqa: S101  # only called with codes that matched
    return months


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02}"
