"""Periods and time codes."""

from __future__ import annotations

from datetime import date

import pytest

from rådgivning.statistik.labels import periode_navn, tid
from rådgivning.statistik.periods import UkendtPeriode, months_of, perioder
from tests.statistik.cases import PLAN, periode


def test_a_year_has_quarters_and_a_quarter_has_months() -> None:
    assert periode("2026").tider == ("2026-K1", "2026-K2", "2026-K3", "2026-K4")
    assert periode("2026-K4").tider == ("2026-10", "2026-11", "2026-12")
    assert periode("2026-K4").kalenderår == "2026"


def test_a_plan_year_runs_twelve_months_from_the_plans_first() -> None:
    first = periode("planår-1")
    assert first.tider == ("2025-11/2026-01", "2026-02/2026-04", "2026-05/2026-07", "2026-08/2026-10")
    assert (first.måneder[0], first.måneder[-1]) == ("2025-11", "2026-10")
    assert first.kalenderår is None
    assert not first.er_kalenderår
    assert periode("planår-4").måneder[-1] == "2029-10"


@pytest.mark.parametrize("navn", ["", "26", "2026-K5", "2026-13", "planår-0", "planår-5", "2024", "2030", "2026-K1 "])
def test_what_is_no_period_of_the_plan_is_refused(navn: str) -> None:
    with pytest.raises(UkendtPeriode):
        periode(navn)


def test_only_periods_that_have_begun_are_offered_newest_first() -> None:
    assert perioder(*PLAN, date(2026, 4, 1)) == ("planår-1", "2026", "2026-K2", "2026-K1", "2025", "2025-K4")
    assert perioder(*PLAN, date(2025, 10, 1)) == ()


def test_time_codes_say_their_months() -> None:
    assert len(months_of("2026") or ()) == 12
    assert months_of("2026-02/2026-04") == ("2026-02", "2026-03", "2026-04")
    assert months_of("aab55") is None


@pytest.mark.parametrize(
    ("kode", "dansk"),
    [
        ("2026", "2026"),
        ("2026-K1", "1. kvartal 2026"),
        ("2026-03", "marts 2026"),
        ("2025-11/2026-01", "nov. 2025 – jan. 2026"),
    ],
)
def test_time_reads_as_danish(kode: str, dansk: str) -> None:
    assert tid(kode) == dansk


def test_a_plan_year_says_from_when_to_when() -> None:
    assert periode_navn(periode("planår-1")) == "planår 1 (november 2025 – oktober 2026)"
