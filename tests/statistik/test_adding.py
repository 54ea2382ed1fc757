"""A table added to a year whose figures are published: nothing published moves, and all of it is attacked together."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.adding import lav_system
from rådgivning.statistik.blocks import Årsdeling
from rådgivning.statistik.protection import beskyt
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.sharing import Årsgrundlag
from rådgivning.statistik.system import System, rapport
from rådgivning.statistik.tables import Nøgle, Tabel, nøgle
from tests.statistik.cases import FRØ, GRUPPER, LISTER, TABELLER, fakta, kontakt

DELING = Årsdeling("2026", 11)
EGNE = [
    Tabel("egen_kilde_afdeling", "kontakter", ("kilde", "afdeling")),
    Tabel("egen_hovedemne_tid", "kontakter", ("hovedemne", "tid")),
    Tabel("egen_alder_art", "kontakter", ("aldersgruppe", "art")),
    Tabel("egen_grov", "beboere", ("aldersgruppe_grov", "boligområde"), grupper=tuple(GRUPPER.items())),
    Tabel("egen_ventetid_tid", "restancesager", ("ventetid", "tid")),
    Tabel("egen_form", "kontakter", ("form",)),
]


def grundlag(
    rows: Sequence[Fakta], tabeller: Sequence[Tabel], gammel: System | None = None, base: int = 5
) -> Årsgrundlag:
    """A year's facts as the maker of its system gets them."""
    stande = {month: "1.0001" for month in DELING.måneder if month < "2026-12"}
    regel = Regel(base=base, tærskel=base)
    return Årsgrundlag(uuid.UUID(int=1), DELING, rows, stande, LISTER, [], regel, tabeller, gammel)


def alle_tal(system: System) -> dict[tuple[str, Nøgle], int]:
    """Every value of every report of the year."""
    found: dict[tuple[str, Nøgle], int] = {}
    for periode in system.deling.rapporter():
        content = rapport([system], periode, LISTER, Regel())
        for table in content["tables"]:
            for cell in table["cells"]:
                key = tuple(sorted((k, tuple(v) if isinstance(v, list) else v) for k, v in cell["key"].items()))
                assert found.setdefault((periode.navn, key), cell["value"]) == cell["value"]
    return found


@pytest.mark.parametrize("base", [3, 5])
def test_added_tables_move_no_published_figure_and_the_attack_on_all_of_it_finds_nobody(base: int) -> None:
    rows = fakta(150)
    old = lav_system(grundlag(rows, TABELLER, base=base), FRØ)
    before = alle_tal(old)
    new, result = beskyt(grundlag(rows, [*TABELLER, *EGNE], old, base), FRØ)
    after = alle_tal(new)
    assert {key: after[key] for key in before} == before
    assert {tabel.navn for tabel in new.tabeller} == {tabel.navn for tabel in [*TABELLER, *EGNE]}
    assert result.passed
    assert len(after) > len(before) + 100
    for periode in new.deling.rapporter():
        for table in rapport([new], periode, LISTER, Regel())["tables"]:
            total = next(cell["value"] for cell in table["cells"] if set(cell["key"]) == {"enhed"})
            inner = max(len(cell["key"]) for cell in table["cells"])
            assert total == sum(cell["value"] for cell in table["cells"] if len(cell["key"]) == inner)
    again = lav_system(
        grundlag(rows, [*TABELLER, *EGNE], System.fra_json("2026", new.stande, new.som_json()), base), FRØ
    )
    assert alle_tal(again) == after


def test_an_added_table_is_near_the_truth_and_stays_when_others_come_and_it_is_taken_away() -> None:
    rows = fakta(600)
    old = lav_system(grundlag(rows, TABELLER), FRØ)
    new = lav_system(grundlag(rows, [*TABELLER, EGNE[0]], old), FRØ)
    figures = {key: value for (period, key), value in alle_tal(new).items() if period == "2026" and len(key) == 3}
    off = [
        abs(
            value
            - sum(1 for r in rows if r.enhed == "kontakt" and (r.kilde, r.afdeling) == (own["kilde"], own["afdeling"]))
        )
        for key, value in figures.items()
        if {"kilde", "afdeling"} < (own := dict(key)).keys()
    ]
    assert len(off) >= 6
    assert sum(off) / len(off) <= 4
    without = lav_system(grundlag(rows, [*TABELLER, EGNE[1]], new), FRØ)
    assert EGNE[0] in without.tabeller
    assert alle_tal(new).items() <= alle_tal(without).items()


def test_a_table_that_finds_no_room_between_published_margins_is_left_out_of_that_year() -> None:
    """Art goes with afdeling and with kilde, but these two go against one another: no table has these margins."""
    pairs = [Tabel(f"egen_{a}_{b}", "kontakter", (a, b)) for a, b in combinations(("art", "afdeling", "kilde"), 2)]
    three = Tabel("egen_tre", "kontakter", ("art", "afdeling", "kilde"))
    ways = {
        "art": ("en_til_en", "opsøgende"),
        "afdeling": ("aab55", "steenbjerggård"),
        "kilde": ("jura", "ejendomsdrift"),
    }
    part = {nøgle("kontakter"): 10}
    part |= {nøgle("kontakter", **{name: value}): 5 for name, values in ways.items() for value in values}
    for one, other, turned in (("art", "afdeling", 0), ("art", "kilde", 0), ("afdeling", "kilde", 1)):
        for number, value in enumerate(ways[one]):
            part[nøgle("kontakter", **{one: value, other: ways[other][(number + turned) % 2]})] = 5
    basis = grundlag([], [*pairs, three])
    old = System(DELING, 5, {}, basis.stande, {"2026-01/2026-03": part}, {}, {}, tuple(pairs))
    made = lav_system(replace(basis, gammel=old), FRØ)
    assert made.tabeller == tuple(pairs)
    assert alle_tal(old).items() <= alle_tal(made).items()
    assert three in lav_system(basis, FRØ).tabeller


def test_facts_that_change_after_a_table_was_added_move_only_what_they_concern() -> None:
    rows = fakta(150)
    new = lav_system(grundlag(rows, [*TABELLER, *EGNE[:2]], lav_system(grundlag(rows, TABELLER), FRØ)), FRØ)
    more = [*rows, *(kontakt("2026-11", 900 + number, kilde="jura") for number in range(9))]
    later = grundlag(more, [*TABELLER, *EGNE[:2]], new)
    changed = lav_system(replace(later, stande={**later.stande, "2026-11": "1.0002"}), FRØ)
    before, after = alle_tal(new), alle_tal(changed)
    assert {key for key in before if before[key] != after[key]}
    assert all(before[key] == after[key] for key in before if key[0] in ("2026-K1", "2026-K2", "2026-K3"))


def test_when_the_work_runs_out_the_figures_are_protected_all_the_same_and_it_is_said() -> None:
    basis = grundlag(fakta(150), TABELLER)
    system, result = beskyt(replace(basis, regel=Regel(knuder=0)), FRØ)
    assert result.passed
    stored = System.fra_json("2026", system.stande, system.som_json())
    assert stored.uløst == system.uløst
    rule = rapport([replace(stored, uløst=True)], DELING.rapporter()[0], LISTER, Regel())["known_rule"]
    assert rule == {"method": "controlled-rounding", "base": 5, "warm": True}
    assert "warm" not in rapport([lav_system(basis, FRØ)], DELING.rapporter()[0], LISTER, Regel())["known_rule"]
