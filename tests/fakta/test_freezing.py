"""Which facts figures are counted from."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text
from sqlmodel import Session

from rådgivning.fakta.facts import fjern, ret
from rådgivning.fakta.freezing import frys
from rådgivning.fakta.rows import Fakta
from tests.conftest import Personale
from tests.statistik.cases import faktum, gem, kontakt

MÅNEDER = ("2026-02", "2026-03", "2026-04")


def _frys(db: Session, personale: Personale, nu: str = "2026-04") -> tuple[list[Fakta], dict[str, str]]:
    frosset = frys(db, personale.helhedsplan.id, MÅNEDER, nu)
    db.commit()
    return sorted(frosset.fakta, key=repr), dict(frosset.stande)


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


def test_one_person_however_busy_does_not_open_a_closed_month(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, [kontakt("2026-02", number) for number in range(10)])
    before = _frys(db, personale)
    gem(db, personale.helhedsplan.id, [kontakt("2026-02", 99) for _ in range(12)])
    assert _frys(db, personale) == before


def test_five_persons_open_it_and_only_additions_keep_the_serie(db: Session, personale: Personale) -> None:
    ids = gem(db, personale.helhedsplan.id, [kontakt("2026-02", number) for number in range(10)])
    _frys(db, personale)
    gem(db, personale.helhedsplan.id, [kontakt("2026-02", number) for number in range(20, 25)])
    facts, stande = _frys(db, personale)
    assert len(facts) == 15
    assert stande["2026-02"] == "1.0001"
    for faktum_id in ids[:5]:
        fjern(db, faktum_id)
    db.commit()
    facts, stande = _frys(db, personale)
    assert len(facts) == 10
    assert stande["2026-02"] == "2.0000"


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


def test_after_its_end_a_month_is_copied_once_more_whatever_came(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, [kontakt("2026-03", 1)])
    _frys(db, personale, "2026-03")
    gem(db, personale.helhedsplan.id, [kontakt("2026-03", 2)])
    assert len(_frys(db, personale, "2026-03")[0]) == 1
    facts, stande = _frys(db, personale, "2026-04")
    assert len(facts) == 2
    assert stande["2026-03"] == "1.0001"
    gem(db, personale.helhedsplan.id, [kontakt("2026-03", 3)])
    assert len(_frys(db, personale, "2026-04")[0]) == 2


def test_another_helhedsplan_has_its_own_copies(db: Session, personale: Personale) -> None:
    gem(db, uuid.uuid4(), [kontakt("2026-02")])
    assert _frys(db, personale)[0] == []


def test_when_a_month_closes_its_facts_lie_in_key_order(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, [kontakt("2026-03", number) for number in range(40)])
    _frys(db, personale, "2026-04")
    for table in ("faktum", "frosset_faktum"):
        ids = [str(row[0]) for row in db.connection().execute(text(f"SELECT id FROM {table}"))]
        assert len(ids) == 40
        assert ids == sorted(ids)
