"""Controlled rounding."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.audit import audit
from rådgivning.statistik.rounding import (
    BUNDET,
    LILLE,
    STOR,
    UENDELIG,
    UÆNDRET,
    Opgave,
    Regel,
    Ønske,
    afrund,
    løs,
    naturligt,
)
from rådgivning.statistik.tables import Tælling, nøgle
from tests.statistik.cases import FRØ, fakta, faktum, kontakt, opgave, optalt
from tests.statistik.simulated import simuleret

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


def test_every_way_is_drawn_the_nearer_multiple_likelier_and_counts_on_either_side_balance() -> None:
    up = {}
    for count in (6, 7, 8, 9):
        drawn = [naturligt(Tælling(count, count), Regel(), FRØ, b"%d" % number).hældning < 0 for number in range(5000)]
        up[count] = sum(drawn) / len(drawn)
    assert 0.003 < up[6] < 0.02 < up[7] < 0.1 < 0.9 < up[8] < 0.98 < up[9] < 0.997
    assert 1.97 < sum(up.values()) < 2.03


def test_another_key_moves_enough_cells_that_the_figures_do_not_follow_from_the_counts() -> None:
    year = simuleret("C", 1000)
    task = Opgave(dict(year.celler), list(year.summer))
    first, other = (afrund(task, Regel(), bytes([number]) * 32) for number in (1, 2))
    rounded = [cell for cell, count in year.celler.items() if count.antal % 5]
    assert sum(first[cell] != other[cell] for cell in rounded) > len(rounded) / 10


@pytest.mark.parametrize("sæt", ["A", "B", "C"])
@pytest.mark.parametrize("base", [3, 5])
@pytest.mark.parametrize("antal", [50, 300, 1000, 20_000])
def test_simulated_years_are_rounded_near_the_truth_and_add_up(sæt: str, base: int, antal: int) -> None:
    year = simuleret(sæt, antal, gentagne=0.3)
    values = afrund(Opgave(dict(year.celler), list(year.summer)), Regel(base=base), FRØ)
    assert all(values[whole] == sum(values[part] for part in parts) for whole, parts in year.summer)
    inner = [key for names in year.tabeller.values() for key in year.celler if len(key) == len(names) + 1]
    errors = [abs(values[key] - year.celler[key].antal) for key in inner]
    assert sum(errors) / len(errors) <= (1.5 if base == 5 else 1.2)
    if base == 5:
        assert audit([year.som_json(values, {"method": "controlled-rounding", "base": base})], exact=False).passed


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
    kept = {column: [Ønske(1, 1, BUNDET)]}
    task = Opgave({row: Tælling(0, 0), column: Tælling(0, 0)}, [(column, (row,))], ønsker=kept)
    assert afrund(task, Regel(), FRØ) == {row: 5, column: 5}


def test_a_ceiling_holds_and_a_smaller_unit_is_at_most_the_larger() -> None:
    a, b = nøgle("beboere"), nøgle("kontakter")
    cells = {a: Tælling(3, 3), b: Tælling(3, 3)}
    for number in range(20):
        seed = bytes([number]) * 32
        assert afrund(Opgave(cells, [], [(a, (b,))], lofter={b: 0}), Regel(), seed) == {a: 0, b: 0}
        up = {a: [Ønske(1, UENDELIG, BUNDET)]}
        assert afrund(Opgave(cells, [], [(a, (b,))], up), Regel(), seed) == {a: 5, b: 5}


def test_of_contradicting_wishes_the_heavier_wins() -> None:
    a, b = nøgle("kontakter", art="a"), nøgle("kontakter")
    wishes = {a: [Ønske(1, 1, UÆNDRET)], b: [Ønske(0, 0, BUNDET)]}
    assert løs(wishes, {a: 9, b: 9}, [(b, (a,))]) == {a: 0, b: 0}
    wishes = {a: [Ønske(1, 1, UÆNDRET), Ønske(3, 3, STOR)], b: []}
    assert løs(wishes, {a: 9, b: 9}, [(b, (a,))]) == {a: 1, b: 1}


def test_a_wish_told_of_the_rest_is_the_same_wish() -> None:
    cell = nøgle("kontakter")
    assert løs({cell: [Ønske(2, 3, STOR, 1).spejlet(7)]}, {cell: 7}, ()) == {cell: 5}
    assert løs({cell: [Ønske(2, UENDELIG, STOR).spejlet(7), Ønske(9, 9, STOR // 2)]}, {cell: 7}, ()) == {cell: 5}


def test_when_nothing_is_found_in_the_nodes_allowed_the_known_solution_counts() -> None:
    counted = optalt(fakta(300))
    wishes = {cell: [Ønske(count.antal // 5, count.antal // 5, STOR)] for cell, count in counted.celler.items()}
    ceilings = dict.fromkeys(counted.celler, 0)
    impossible = [(nøgle("kontakter"), (nøgle("beboere"),)), (nøgle("beboere"), (nøgle("kontakter"),))]
    assert set(løs(wishes, ceilings, [*counted.summer, *impossible], ellers=ceilings).values()) == {0}


def test_without_a_solution_in_the_work_allowed_comes_one_that_surely_adds_up() -> None:
    draw, size = random.Random(1), range(4)
    cube = {(a, b, c): nøgle("kontakter", art=f"{a}{b}{c}") for a in size for b in size for c in size}
    wishes = {cell: [Ønske(0, 1, LILLE, draw.choice([-10, 10]))] for cell in cube.values()}
    sums = []
    for axis in range(3):
        for a in size:
            for b in size:
                line = tuple(cell for place, cell in cube.items() if place[:axis] + place[axis + 1 :] == (a, b))
                sums.append((nøgle("kontakter", kilde=f"{axis}{a}{b}"), line))
    wishes |= {whole: [Ønske(wanted := draw.randint(0, 4), wanted, STOR)] for whole, _parts in sums}
    ceilings = dict.fromkeys(wishes, UENDELIG)
    surely = dict.fromkeys(cube.values(), 1) | {whole: 4 for whole, _parts in sums}
    unsolved: list[bool] = []
    assert løs(wishes, ceilings, sums, knuder=0, ellers=surely, uløst=unsolved) == surely
    assert unsolved == [True]
    assert set(løs(wishes, ceilings, sums, knuder=0).values()) == {0}
    found = løs(wishes, ceilings, sums)
    assert found != surely
    assert all(found[whole] == sum(found[part] for part in parts) for whole, parts in sums)
