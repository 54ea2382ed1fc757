"""Which facts figures are counted from."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest
from sqlalchemy import text
from sqlmodel import Session

from rådgivning.database import på_tværs
from rådgivning.fakta.facts import fjern, ret
from rådgivning.fakta.freezing import antal_nu, lukkede, opdatér
from rådgivning.fakta.models import FrossetMåned
from rådgivning.fakta.rows import Fakta, læs
from tests.conftest import IDAG, Personale
from tests.statistik.cases import faktum, gem, kontakt

MÅNEDER = ("2026-02", "2026-03", "2026-04")


def _frys(db: Session, personale: Personale, nu: str = "2026-04") -> tuple[list[Fakta], dict[str, str]]:
    stande = opdatér(db, personale.helhedsplan.id, MÅNEDER, nu)
    facts = læs(db, personale.helhedsplan.id, stande)
    db.commit()
    return sorted(facts, key=repr), stande


def test_the_first_copy_takes_all_facts_of_the_months_that_have_begun(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, [kontakt("2026-02"), kontakt("2026-03"), kontakt("2026-04")])
    facts, stande = _frys(db, personale, "2026-03")
    assert sorted(fact.måned for fact in facts) == ["2026-02", "2026-03"]
    assert stande == {"2026-02": "1.0000", "2026-03": "1.0000"}


def test_a_correction_or_removal_for_few_persons_changes_no_closed_month(db: Session, personale: Personale) -> None:
    ids = gem(db, personale.helhedsplan.id, [kontakt("2026-02", number) for number in range(10)])
    before = _frys(db, personale)
    fjern(db, ids[0])
    ret(db, ids[1], art="servicebesøg")
    ret(db, ids[2], måned="2026-03")
    db.commit()
    assert _frys(db, personale) == before


def test_one_person_however_busy_opens_no_copy(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, [kontakt("2026-04", number) for number in range(10)])
    before = _frys(db, personale)
    gem(db, personale.helhedsplan.id, [kontakt("2026-04", 99) for _ in range(12)])
    assert _frys(db, personale) == before


def test_five_persons_renew_an_open_month_and_only_additions_keep_the_serie(db: Session, personale: Personale) -> None:
    ids = gem(db, personale.helhedsplan.id, [kontakt("2026-04", number) for number in range(10)])
    _frys(db, personale)
    gem(db, personale.helhedsplan.id, [kontakt("2026-04", number) for number in range(20, 25)])
    facts, stande = _frys(db, personale)
    assert len(facts) == 15
    assert stande["2026-04"] == "1.0001"
    for faktum_id in ids[:5]:
        fjern(db, faktum_id)
    db.commit()
    facts, stande = _frys(db, personale)
    assert len(facts) == 10
    assert stande["2026-04"] == "2.0000"


def test_a_closed_month_never_changes_and_what_comes_too_late_counts_in_the_first_open_one(
    db: Session, personale: Personale
) -> None:
    ids = gem(db, personale.helhedsplan.id, [kontakt("2026-02", number) for number in range(10)])
    facts, before = _frys(db, personale, "2026-03")
    for faktum_id in ids[:6]:
        fjern(db, faktum_id)
    ret(db, ids[7], måned="2026-03")
    gem(db, personale.helhedsplan.id, [kontakt("2026-02", number, art="servicebesøg") for number in range(20, 27)])
    later, stande = _frys(db, personale, "2026-03")
    assert [fact for fact in later if fact.måned == "2026-02"] == facts
    assert stande["2026-02"] == before["2026-02"]
    carried = [fact for fact in later if fact.måned == "2026-03"]
    assert [fact.art for fact in carried] == ["servicebesøg"] * 7  # the moved one counts where it was published
    row = db.get_one(FrossetMåned, (personale.helhedsplan.id, "2026-03"))
    assert (row.efterregistrerede, row.rettede) == (7, 7)
    assert _frys(db, personale, "2026-04")[0] == later
    gem(db, personale.helhedsplan.id, [kontakt("2026-02", number) for number in range(30, 36)])
    assert Counter(fact.måned for fact in _frys(db, personale)[0]) == {"2026-02": 10, "2026-03": 7, "2026-04": 6}
    row = db.get_one(FrossetMåned, (personale.helhedsplan.id, "2026-04"))
    assert (row.efterregistrerede, row.rettede) == (6, 0)  # each is told of once


def test_what_is_carried_over_new_year_counts_as_one_person(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, [kontakt("2025-12", 1)])
    opdatér(db, plan, ["2025-12"], "2026-01")
    gem(db, plan, [kontakt("2025-12", number) for number in range(2, 9)] + [kontakt("2026-01", 1)])
    facts = læs(db, plan, opdatér(db, plan, ["2026-01"], "2026-01"))
    assert len(facts) == 8
    assert len({fact.pseudonym for fact in facts}) == 2
    assert {fact.måned for fact in facts} == {"2026-01"}
    gem(db, plan, [kontakt("2026-01", number) for number in range(2, 9)])
    assert len(læs(db, plan, opdatér(db, plan, ["2026-01"], "2026-02"))) == 15
    assert db.get_one(FrossetMåned, (plan, "2026-01")).rettede == 0


def test_a_month_without_facts_waits_for_them_until_its_year_has_ended(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, [kontakt("2026-02", 1)])
    _frys(db, personale)
    assert lukkede(db, plan, MÅNEDER) == {"2026-02"}
    gem(db, plan, [kontakt("2026-03", number) for number in range(4)])
    assert len(_frys(db, personale)[0]) == 1  # not for so few
    opdatér(db, plan, MÅNEDER, "2027-01", lukkes_før="2026-12")
    assert lukkede(db, plan, MÅNEDER) == {"2026-02"}
    facts = læs(db, plan, opdatér(db, plan, MÅNEDER, "2027-01"))
    assert lukkede(db, plan, MÅNEDER) == set(MÅNEDER)
    assert len(facts) == 5


def test_a_count_as_it_is_now_has_the_copies_of_closed_months(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    ids = gem(db, plan, [kontakt("2026-03", number) for number in range(3)] + [kontakt("2026-04")])
    _frys(db, personale)
    fjern(db, ids[0])
    gem(db, plan, [kontakt("2026-03", 9), kontakt("2026-04"), kontakt("2026-04", art="opsøgende")])
    art = {"art": ["en_til_en"]}
    assert antal_nu(db, plan, ["2026-03"], "kontakt", art, "2026-04") == 3
    assert antal_nu(db, plan, MÅNEDER, "kontakt", art, "2026-04") == 6  # what came too late is in the open month


@pytest.mark.parametrize(
    "later",
    [
        [kontakt("2026-02") for _ in range(5)],
        [faktum("fremmøde", "2026-02", sted="vejleåparken", aldersgruppe="65+", antal=6)],
    ],
)
def test_nameless_contacts_and_heads_count_as_persons(db: Session, personale: Personale, later: list[Fakta]) -> None:
    _frys(db, personale)
    gem(db, personale.helhedsplan.id, later)
    assert len(_frys(db, personale)[0]) == len(later)


def test_when_it_closes_a_month_is_copied_a_last_time_whatever_came(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, [kontakt("2026-03", 1)])
    _frys(db, personale, "2026-03")
    gem(db, personale.helhedsplan.id, [kontakt("2026-03", 2)])
    assert len(_frys(db, personale, "2026-03")[0]) == 1
    facts, stande = _frys(db, personale, "2026-04")
    assert len(facts) == 2
    assert stande["2026-03"] == "1.0001"
    assert db.get_one(FrossetMåned, (personale.helhedsplan.id, "2026-03")).lukket_den == IDAG


def test_another_helhedsplan_has_its_own_copies(db: Session, personale: Personale) -> None:
    with på_tværs(db):
        gem(db, uuid.uuid4(), [kontakt("2026-02")])
    assert _frys(db, personale)[0] == []


@pytest.mark.usefixtures("som_ejer")
def test_when_a_month_closes_its_facts_lie_in_key_order(db: Session, personale: Personale) -> None:
    if db.get_bind().dialect.name == "postgresql":  # no holes that other tests have left
        db.connection().execute(text("TRUNCATE faktum, frosset_faktum"))
    gem(db, personale.helhedsplan.id, [kontakt("2026-03", number) for number in range(40)])
    _frys(db, personale, "2026-04")
    for table in ("faktum", "frosset_faktum"):
        ids = [str(row[0]) for row in db.connection().execute(text(f"SELECT id FROM {table}"))]
        assert len(ids) == 40
        assert ids == sorted(ids)
