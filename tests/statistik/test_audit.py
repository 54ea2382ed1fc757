"""The attacker: finds what careless publishing gives away, and nothing in ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import highspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rådgivning.statistik import programs
from rådgivning.statistik.attack import AngrebFejl
from rådgivning.statistik.audit import AuditResult, Published, Verdict, audit
from rådgivning.statistik.rounding import Regel, afrund, quiet_solver
from tests.statistik.cases import FRØ, fakta, kontakt, opgave, optalt, som_json

Grid = Sequence[Sequence[int | None]]


def tabel(grid: Grid, rule: Mapping[str, Any], margins: Grid | None = None) -> dict[str, Any]:
    """A two-way table with margins as a release; None is a blank. `margins` replaces the inner sums' source."""
    true = margins or grid
    rows, columns = [f"r{i}" for i in range(len(grid))], [f"k{i}" for i in range(len(grid[0]))]
    cells: list[dict[str, Any]] = [
        {"key": {"r": rows[i], "k": columns[j]}, "value": grid[i][j]}
        for i, j in product(range(len(rows)), range(len(columns)))
    ]
    cells += [{"key": {"r": row}, "value": sum(v or 0 for v in true[i])} for i, row in enumerate(rows)]
    cells += [{"key": {"k": column}, "value": sum(r[j] or 0 for r in true)} for j, column in enumerate(columns)]
    cells.append({"key": {}, "value": sum(v or 0 for r in true for v in r)})
    return {"tables": [{"name": "t", "cells": cells}], "dims": {"r": rows, "k": columns}, "known_rule": dict(rule)}


def fund(result: AuditResult, **key: str) -> tuple[int, int, Verdict]:
    """What the attacker knows of one cell."""
    found = next(finding for finding in result.findings if finding.key == key)
    return found.low, found.high, found.verdict


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 300), st.integers(0, 10_000))
def test_our_rounding_leaves_no_cell_open(antal: int, frø: int) -> None:
    counted = optalt(fakta(antal, frø))
    release = som_json(counted, afrund(opgave(counted), Regel(), FRØ))
    result = audit([release])
    assert result.summary()["EXACT"] == result.summary()["SMALL"] == result.summary()["NARROW"] == 0


def test_a_rounded_nought_is_up_to_four_and_no_disclosure() -> None:
    counted = optalt([kontakt()])
    values = dict.fromkeys(counted.celler, 0)
    result = audit([som_json(counted, values)])
    assert result.passed
    never = [finding for finding in result.findings if finding.high == 0]  # what no road and end can lead to
    assert {finding.table for finding in never} == {"restancesager_afværget_udfald"}
    assert {(finding.low, finding.high) for finding in result.findings if finding not in never} == {(0, 4)}


@pytest.mark.parametrize(("base", "verdict"), [(3, Verdict.SMALL), (5, Verdict.NARROW)])
def test_plain_rounding_pins_small_cells(base: int, verdict: Verdict) -> None:
    true = [[2, 20], [17, 40]]
    rounded = [[base * round(value / base) for value in row] for row in true]
    low, high, found = fund(audit([tabel(rounded, {"method": "rounding", "base": base})]), r="r0", k="k0")
    assert low <= 2 <= high
    assert found is verdict


def test_plain_rounding_that_does_not_add_up_gives_a_cell_away_exactly() -> None:
    release = tabel([[0, 0], [0, 0]], {"method": "rounding", "base": 5})
    release["tables"][0]["cells"][-1]["value"] = 5
    assert fund(audit([release]))[0] == 3
    for cell, value in zip(release["tables"][0]["cells"], [0, 0, 0, 0, 5, 0, 5, 5, 10], strict=True):
        cell["value"] = value
    result = audit([release])
    assert fund(result, r="r0", k="k0")[:2] != (0, 2)
    assert not result.passed


def test_one_blank_in_a_line_is_no_blank() -> None:
    true = [[2, 20, 30], [11, 12, 13], [14, 15, 16]]
    shown: Grid = [[None, 20, 30], [11, 12, 13], [14, 15, 16]]
    result = audit([tabel(shown, {"method": "suppression", "suppressed_min": 1}, true)])
    assert fund(result, r="r0", k="k0") == (2, 2, Verdict.EXACT)
    assert not result.passed


def test_two_blanks_in_every_line_can_still_leave_one_exact() -> None:
    """Blanks in two blocks of two by two, and the known smallest value pins one: 1 + x = 2 in its row."""
    true = [[1, 1, 20, 30], [3, 9, 25, 35], [21, 31, 2, 8], [22, 32, 7, 3]]
    shown: Grid = [
        [None, None, 20, 30],
        [None, None, 25, 35],
        [21, 31, None, None],
        [22, 32, None, None],
    ]
    result = audit([tabel(shown, {"method": "suppression", "suppressed_min": 1}, true)])
    assert fund(result, r="r0", k="k0") == (1, 1, Verdict.EXACT)
    assert fund(result, r="r2", k="k2")[2] is not Verdict.EXACT
    unknown = audit([tabel(shown, {"method": "suppression"}, true)])
    assert fund(unknown, r="r0", k="k0")[:2] == (0, 2)


def test_well_chosen_blanks_and_large_counts_pass() -> None:
    true = [[6, 20], [30, 40]]
    shown: Grid = [[None, None], [None, None]]
    assert audit([tabel(shown, {"method": "suppression", "suppressed_min": 1}, true)]).passed


def test_an_interval_and_a_union_of_categories_are_understood() -> None:
    release = tabel([[9, 9, 9]], {"method": "suppression"})
    cells = release["tables"][0]["cells"]
    cells[0]["value"] = {"lo": 1, "hi": 3}
    cells[3:] = [{"key": {"r": "r0", "k": ["k0", "k1"]}, "value": None}]
    cells[1]["value"] = 10
    result = audit([release])
    assert fund(result, r="r0", k="k0") == (1, 3, Verdict.SMALL)
    assert next(f for f in result.findings if isinstance(f.key["k"], list)).low == 11


def test_a_published_small_count_is_exact_and_a_nought_shown_on_purpose_no_disclosure() -> None:
    result = audit([tabel([[0, 3], [50, 60]], {"method": "exact"})])
    assert fund(result, r="r0", k="k0") == (0, 0, Verdict.OK)
    assert fund(result, r="r0", k="k1")[2] is Verdict.EXACT
    assert fund(result, r="r1", k="k1")[2] is Verdict.OK


def test_the_same_cell_rounded_twice_is_found() -> None:
    first = _total(0)
    second = _total(5)
    assert audit([first]).passed
    assert audit([second]).passed
    assert {finding.verdict for finding in audit([first, second]).findings} == {Verdict.SMALL}


def test_a_quarter_above_its_year_is_found_through_the_months() -> None:
    year, quarter = _total(0, "2026"), _total(5, "2026-K1")
    result = audit([year, quarter])
    assert [finding.verdict for finding in result.findings] == [Verdict.SMALL, Verdict.SMALL]
    assert audit([_total(5, "2026"), _total(5, "2026-K1")]).passed


def test_four_quarters_and_their_year_are_one_sum() -> None:
    quarters = [_total(0, f"2026-K{number}") for number in range(1, 5)]
    result = audit([_total(20, "2026"), *quarters])
    assert {finding.verdict for finding in result.findings[1:]} == {Verdict.EXACT}


def test_an_unfinished_month_only_grows_within_a_serie() -> None:
    def made(value: int, stand: str) -> Published:
        return Published(_total(value, "2026-03"), {"2026-03": stand})

    assert not audit([made(5, "1.0000"), made(0, "1.0001")]).passed
    assert audit([made(0, "1.0000"), made(5, "1.0001")]).passed
    assert audit([made(5, "1.0000"), made(0, "2.0000")]).passed


def test_residents_of_a_year_are_no_sum_but_at_least_those_of_a_quarter() -> None:
    def residents(value: int, time: str) -> dict[str, Any]:
        return _total(value, time, "beboere")

    assert audit([residents(20, "2026"), *(residents(20, f"2026-K{number}") for number in range(1, 5))]).passed
    assert not audit([residents(0, "2026"), residents(5, "2026-K1")]).passed


def test_more_residents_than_contacts_gives_both_away() -> None:
    result = audit([_total(5, "2026", "beboere"), _total(0, "2026")])
    assert {finding.verdict for finding in result.findings} == {Verdict.SMALL}


def test_a_public_total_is_exempt_but_bounds_what_contains_it() -> None:
    def released(rounded: int) -> dict[str, Any]:
        release = _total(rounded, "2026", "restancesager")
        release["dims"]["afdeling"] = ["aab55", "andre"]
        key = {"enhed": "restancesager", "afdeling": "aab55"}
        release["tables"].append({"name": "o", "cells": [{"key": key, "value": 3, "public": True}]})
        return release

    assert audit([released(5)]).passed
    below = audit([released(0)])
    assert [finding.verdict for finding in below.findings] == [Verdict.SMALL, Verdict.OK]


def test_figures_that_contradict_the_method_make_the_attacker_allow_more_for_some() -> None:
    release = tabel([[0, 0], [0, 0]], {"method": "controlled-rounding", "base": 5})
    release["tables"][0]["cells"][-1]["value"] = 100
    result = audit([release])
    assert not result.strict
    assert audit([_total(0), _total(20)]).strict is False


def test_figures_that_contradict_each_other_are_an_error() -> None:
    release = tabel([[1, 2], [3, 4]], {"method": "exact"})
    release["tables"][0]["cells"][-1]["value"] = 100
    with pytest.raises(AngrebFejl):
        audit([release])


def test_two_exact_values_of_one_cell_are_an_error() -> None:
    releases = [{**_total(value), "known_rule": {"method": "exact"}} for value in (30, 40)]
    with pytest.raises(AngrebFejl):
        audit(releases)


def test_an_attack_that_does_not_finish_is_an_error_not_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient() -> highspy.Highs:
        solver = quiet_solver()
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("simplex_iteration_limit", 0)
        return solver

    monkeypatch.setattr(programs, "quiet_solver", impatient)
    shown: Grid = [[None, None, 9], [None, None, 9], [9, 9, None]]
    true = [[6, 20, 9], [30, 40, 9], [9, 9, 9]]
    with pytest.raises(AngrebFejl):
        audit([tabel(shown, {"method": "suppression"}, true)])


def _total(value: int, time: str = "2026", unit: str = "kontakter") -> dict[str, Any]:
    return {
        "tables": [{"name": "t", "cells": [{"key": {"enhed": unit}, "value": value}]}],
        "dims": {"enhed": [unit], "tid": [time]},
        "known_rule": {"method": "controlled-rounding", "base": 5},
    }
