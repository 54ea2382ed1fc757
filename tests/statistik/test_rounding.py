"""Controlled rounding."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.earlier import bounds
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.rounding import Opgave, Regel, Tidsgrænse, Umulig, afrund
from rådgivning.statistik.tables import Nøgle, Tælling, nøgle
from tests.statistik.cases import FRØ, fakta, faktum, kontakt, opgave, optalt

HELE_ÅR = st.builds(fakta, st.integers(0, 300), st.integers(0, 10_000))


@settings(max_examples=25, deadline=None)
@given(HELE_ÅR, st.sampled_from([3, 5, 10]), st.integers(3, 8))
def test_rounding_is_additive_zero_restricted_in_multiples_and_the_same_every_time(
    rows: list[Fakta], base: int, tærskel: int
) -> None:
    counted = optalt(rows)
    regel = Regel(base=base, tærskel=tærskel)
    values = afrund(opgave(counted), regel, FRØ)
    for total, parts in counted.summer:
        assert values[total] == sum(values[part] for part in parts)
    for cell, (count, persons) in counted.celler.items():
        assert values[cell] % base == 0
        assert values[cell] >= 0
        if count == 0:
            assert values[cell] == 0
        elif persons < tærskel:
            assert values[cell] in (0, base)
    assert afrund(opgave(counted), regel, FRØ) == values


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 400), st.integers(0, 10_000))
def test_rounding_stays_adjacent_when_nobody_has_many_contacts(antal: int, frø: int) -> None:
    counted = optalt([row._replace(pseudonym=None) for row in fakta(antal, frø)])
    values = afrund(opgave(counted), Regel(), FRØ)
    for cell, (count, persons) in counted.celler.items():
        if persons >= min(count, 5) and ("enhed", "beboere") not in cell:
            assert abs(values[cell] - count) < 5


def test_another_seed_and_another_mark_give_other_figures() -> None:
    counted = optalt(fakta(300))
    first = afrund(opgave(counted), Regel(), FRØ)
    assert afrund(opgave(counted), Regel(), b"y" * 32) != first
    marks = {cell: b"again:" + str(cell).encode() for cell in counted.celler}
    assert afrund(opgave(counted), Regel(), FRØ, marks) != first


def test_the_direction_is_drawn_and_right_on_average() -> None:
    cell = nøgle("kontakter")
    task = Opgave({cell: Tælling(7, 7)}, ())
    drawn = [afrund(task, Regel(), bytes([number]) * 32)[cell] for number in range(200)]
    assert set(drawn) == {5, 10}
    assert 6.5 < sum(drawn) / len(drawn) < 7.5


@pytest.mark.parametrize("frø", [b"a" * 32, b"b" * 32, b"c" * 32, b"d" * 32])
def test_one_person_with_twelve_contacts_is_shown_as_nought_or_the_base(frø: bytes) -> None:
    others = [row for row in fakta(300) if row.hovedemne != "vold"]
    counted = optalt(others + [kontakt("2026-04", 999, hovedemne="vold", aldersgruppe="65+") for _ in range(12)])
    values = afrund(opgave(counted), Regel(), frø)
    assert counted.celler[nøgle("kontakter", hovedemne="vold")] == Tælling(12, 1)
    assert values[nøgle("kontakter", hovedemne="vold")] in (0, 5)
    assert values[nøgle("kontakter", hovedemne="vold", aldersgruppe="65+")] in (0, 5)


def test_one_person_with_a_hundred_contacts_moves_the_margins_rather_than_show() -> None:
    rows = fakta(100) + [kontakt("2026-04", 999, art="servicebesøg") for _ in range(100)]
    counted = optalt([row for row in rows if row.art != "servicebesøg" or row.pseudonym == b"2026-999"])
    values = afrund(opgave(counted), Regel(), FRØ)
    assert values[nøgle("kontakter", art="servicebesøg")] in (0, 5)
    for total, parts in counted.summer:
        assert values[total] == sum(values[part] for part in parts)


def test_a_multiple_of_the_base_with_persons_enough_stays() -> None:
    counted = optalt([faktum("fremmøde", "2026-02", sted="vejleåparken", aldersgruppe="65+", antal=10)])
    values = afrund(opgave(counted), Regel(), FRØ)
    assert values[nøgle("fremmøde", sted="vejleåparken", tid="2026-K1")] == 10


def test_what_is_published_is_kept_even_when_the_facts_are_gone() -> None:
    row, column = nøgle("kontakter", art="a"), nøgle("kontakter")
    task = Opgave({row: Tælling(0, 0), column: Tælling(0, 0)}, [(column, (row,))], {column: 5}, {column: 5})
    assert afrund(task, Regel(), FRØ) == {row: 5, column: 5}


def test_a_whole_is_at_least_its_published_part_and_a_smaller_unit_at_most_the_larger() -> None:
    a, b = nøgle("beboere"), nøgle("kontakter")
    cells = {a: Tælling(3, 3), b: Tælling(3, 3)}
    for number in range(20):
        values = afrund(Opgave(cells, (), {b: 5}, {}, [(a, b)]), Regel(), bytes([number]) * 32)
        assert values[b] == 5
        values = afrund(Opgave(cells, (), {}, {b: 0}, [(a, b)]), Regel(), bytes([number]) * 32)
        assert values == {a: 0, b: 0}


def test_contradicting_demands_are_named_not_guessed() -> None:
    a, b = nøgle("kontakter", art="a"), nøgle("kontakter")
    cells = {a: Tælling(3, 3), b: Tælling(3, 3)}
    with pytest.raises(Umulig):
        afrund(Opgave(cells, [(b, (a,))], {a: 5, b: 0}, {a: 5, b: 0}), Regel(), FRØ)
    with pytest.raises(Umulig):
        afrund(Opgave(cells, (), {a: 10}, {a: 5}), Regel(), FRØ)


def test_a_solver_out_of_time_gives_no_figures() -> None:
    with pytest.raises(Tidsgrænse):
        afrund(opgave(optalt(fakta(300))), Regel(tidsgrænse=0.0), FRØ)


def test_equal_months_bind_and_parts_limit() -> None:
    counted = optalt([kontakt("2026-02") for _ in range(7)])
    keys: dict[Nøgle, int] = {nøgle("kontakter"): 10}
    stande = {f"2026-{month:02}": "1.0000" for month in range(1, 13)}
    earlier = Published(
        {"tables": [{"name": "x", "cells": [{"key": dict(key), "value": value} for key, value in keys.items()]}],
         "dims": counted.dims, "known_rule": {}},
        stande,
    )  # fmt: skip
    total = nøgle("kontakter")
    same = bounds(counted, stande, [earlier], 5)
    assert (same.mindst[total], same.højst[total]) == (10, 10)
    later = bounds(counted, {**stande, "2026-11": "1.0001"}, [earlier], 5)
    assert later.mindst[total] == 10
    assert total not in later.højst
    fewer = bounds(counted, {key: value for key, value in stande.items() if key != "2026-12"}, [earlier], 5)
    assert fewer.højst[total] == 10
    other = bounds(counted, {**stande, "2026-11": "2.0000"}, [earlier], 5)
    assert total not in other.mindst
