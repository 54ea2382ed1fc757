"""The report's true counts."""

from __future__ import annotations

from rådgivning.statistik.tables import Tælling, nøgle
from tests.statistik.cases import LISTER, fakta, faktum, kontakt, optalt


def test_every_sum_of_the_true_counts_adds_up() -> None:
    counted = optalt(fakta(500))
    for total, parts in counted.summer:
        assert counted.celler[total].antal == sum(counted.celler[part].antal for part in parts)


def test_empty_categories_are_there() -> None:
    counted = optalt([kontakt()])
    assert counted.celler[nøgle("kontakter", art="servicebesøg", tid="2026-K4")] == Tælling(0, 0)
    assert counted.dims["art"] == [*LISTER["art"], "uoplyst"]


def test_one_person_with_twelve_contacts_is_one_person() -> None:
    counted = optalt([kontakt(person=1) for _ in range(12)])
    assert counted.celler[nøgle("kontakter", art="en_til_en")] == Tælling(12, 1)
    assert counted.celler[nøgle("beboere")] == Tælling(1, 1)


def test_each_fact_without_a_pseudonym_is_a_person_of_its_own() -> None:
    counted = optalt([kontakt(), kontakt(), kontakt(person=1), kontakt(person=1)])
    assert counted.celler[nøgle("kontakter")] == Tælling(4, 3)
    assert counted.celler[nøgle("beboere")].antal == 1


def test_a_resident_counts_once_where_the_latest_month_puts_her() -> None:
    rows = [
        kontakt("2026-01", 1, afdeling="aab55"),
        kontakt("2026-05", 1, afdeling="steenbjerggård"),
        kontakt("2026-03", 1, afdeling="aab55"),
    ]
    counted = optalt(rows)
    assert counted.celler[nøgle("beboere", afdeling="aab55")].antal == 0
    assert counted.celler[nøgle("beboere", afdeling="steenbjerggård")].antal == 1
    assert optalt(list(reversed(rows))).celler == counted.celler


def test_head_counts_weigh_and_are_their_own_persons() -> None:
    counted = optalt([faktum("fremmøde", "2026-02", sted="vejleåparken", aldersgruppe="65+", antal=7)])
    assert counted.celler[nøgle("fremmøde", sted="vejleåparken", tid="2026-K1")] == Tælling(7, 7)


def test_a_restancesag_without_an_outcome_and_a_referral_are_not_counted() -> None:
    counted = optalt([faktum("restancesag", "2026-02"), faktum("henvisning", "2026-02")])
    assert not any(cell.antal for cell in counted.celler.values())


def test_a_key_that_no_list_has_keeps_its_facts_and_makes_no_row_of_its_own() -> None:
    counted = optalt([kontakt(art="gammel_art"), kontakt(afdeling="")])
    assert counted.dims == optalt([]).dims
    assert counted.celler[nøgle("kontakter", art="uoplyst")].antal == 1
    assert counted.celler[nøgle("kontakter", afdeling="uoplyst")].antal == 1
    assert counted.celler[nøgle("kontakter")].antal == 2


def test_over_two_calendar_years_the_same_person_cannot_make_a_crowd() -> None:
    rows = [kontakt("2025-12", number) for number in range(4)] + [kontakt("2026-02", number) for number in range(4)]
    counted = optalt(rows, "planår-1")
    assert counted.celler[nøgle("kontakter")] == Tælling(8, 4)
