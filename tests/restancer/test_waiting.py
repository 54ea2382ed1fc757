"""What the facts say of contact: reached before the ophævelse or not, and how long it took."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.waiting import BÅND, INGEN, nået_i_tide, ventetid
from tests.restancer.factories import skridt

OPRETTET = date(2026, 11, 2)
OPHÆVET = skridt("ophævet", date(2026, 11, 26))


@pytest.mark.parametrize(
    ("dage", "bånd"),
    [
        (-3, "0-1"),
        (1, "0-1"),
        (2, "2-3"),
        (4, "4-7"),
        (7, "4-7"),
        (8, "8-14"),
        (15, "15-30"),
        (31, "31+"),
        (400, "31+"),
    ],
)
def test_the_wait_is_counted_in_bands(dage: int, bånd: str) -> None:
    assert ventetid(OPRETTET, OPRETTET + timedelta(days=dage)) == bånd
    assert ventetid(OPRETTET, None) == INGEN


def test_the_bands_follow_each_other_without_a_gap() -> None:
    for (_key, _first, last), (_next, first, _last) in pairwise(BÅND):
        assert last is not None
        assert first == last + 1
    assert BÅND[-1][2] is None


@pytest.mark.parametrize(
    ("hændelser", "kontaktet", "svar"),
    [
        ([], None, "nej"),
        ([], date(2026, 12, 24), "ja"),
        ([skridt("påkrav", date(2026, 11, 6))], date(2026, 12, 24), "ja"),
        ([OPHÆVET], date(2026, 11, 26), "ja"),
        ([OPHÆVET], date(2026, 11, 27), "nej"),
        ([OPHÆVET], None, "nej"),
        ([OPHÆVET.model_copy(update={"annulleret": True})], date(2026, 11, 27), "ja"),
        ([skridt("fogedsag", date(2026, 12, 1))], date(2026, 12, 2), "nej"),  # an ophævelse nobody wrote down
        ([skridt("udsat", date(2026, 12, 1), udfald="udsat")], date(2026, 12, 1), "ja"),
        ([skridt("lukket", date(2026, 12, 1), udfald="betalt")], date(2026, 12, 2), "ja"),
    ],
)
def test_in_time_is_on_or_before_the_day_of_the_ophævelse(
    hændelser: list[Hændelse], kontaktet: date | None, svar: str
) -> None:
    assert nået_i_tide(hændelser, kontaktet) == svar
