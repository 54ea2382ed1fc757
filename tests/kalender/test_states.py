"""Which status may follow which, for whom, and when two visits overlap: plain rules, no database."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning.kalender.agenda import mandag, tidsrum
from rådgivning.kalender.states import FØLGER, STÅR, Side, Status, må, overlapper, slut
from tests.conftest import IDAG

R, D = Side.RÅDGIVER, Side.DRIFT


def kan(status: Status, egen: Side, afventer: str, dage: int = 1) -> set[Status]:
    """Where a side may take a booking so many days away."""
    dato = IDAG + timedelta(days=dage)
    return {ny for ny in Status if må(status, ny, egen=egen, afventer=afventer, dato=dato, idag=IDAG)}


def test_only_who_is_asked_confirms_or_refuses_and_both_may_move_or_cancel() -> None:
    flyt = {Status.FORESLÅET, Status.AFLYST}
    assert kan(Status.FORESLÅET, R, "rådgiver") == flyt | {Status.BEKRÆFTET, Status.AFVIST}
    assert kan(Status.FORESLÅET, D, "rådgiver") == flyt
    assert kan(Status.FORESLÅET, D, "drift") == flyt | {Status.BEKRÆFTET, Status.AFVIST}
    assert kan(Status.BEKRÆFTET, D, "") == flyt
    assert kan(Status.AFVIST, R, "") == {Status.FORESLÅET}


def test_only_the_beboerrådgiver_and_not_before_the_day_says_that_it_took_place() -> None:
    assert Status.GENNEMFØRT in kan(Status.BEKRÆFTET, R, "", 0)
    assert Status.GENNEMFØRT not in kan(Status.BEKRÆFTET, R, "", 1)
    assert Status.GENNEMFØRT not in kan(Status.BEKRÆFTET, D, "", -1)


@pytest.mark.parametrize("status", [Status.AFLYST, Status.GENNEMFØRT])
def test_what_is_cancelled_or_done_stays(status: Status) -> None:
    assert all(kan(status, egen, egen, dage) == set() for egen in Side for dage in (-1, 0, 1))
    assert set(FØLGER) == set(Status)
    assert set(Status) - {Status.AFVIST, Status.AFLYST} == STÅR


KLOKKEN = st.times(time(6), time(21)).map(lambda t: t.replace(second=0, microsecond=0))
MINUTTER = st.integers(1, 180)


@given(KLOKKEN, MINUTTER, KLOKKEN, MINUTTER)
def test_two_visits_overlap_exactly_when_they_share_a_minute(a: time, m: int, b: time, n: int) -> None:
    def occupied(start: time, varighed: int) -> set[int]:
        first = start.hour * 60 + start.minute
        return set(range(first, first + varighed))

    assert overlapper(a, m, b, n) == bool(occupied(a, m) & occupied(b, n)) == overlapper(b, n, a, m)


def test_a_visit_is_shown_from_when_to_when_and_stays_in_its_day() -> None:
    assert tidsrum(time(9, 30), 45) == "09.30–10.15"
    assert slut(time(23, 30), 120) == time(23, 59)
    assert mandag(date(2027, 1, 2)) == date(2026, 12, 28)
