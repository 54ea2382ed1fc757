"""The plan's lists as forms and tables ask for them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session

from rådgivning.plan import lister
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import Listenavn
from tests.conftest import Personale


@pytest.fixture
def databasetype() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


def test_choices_stand_in_the_order_of_the_plan(db: Session, personale: Personale) -> None:
    assert lister.arter(db, personale.helhedsplan.id) == [
        ("en_til_en", "En-til-en rådgivning"),
        ("opsøgende", "Opsøgende arbejde"),
        ("indflytningssyn", "Indflytningssyn"),
        ("servicebesøg", "Servicebesøg"),
    ]


def test_hovedemne_takes_its_choices_from_emne(db: Session, personale: Personale) -> None:
    key = personale.helhedsplan.id
    assert lister.valg(db, key, "hovedemne") == lister.valg(db, key, "emne")
    assert lister.etiket(db, key, "hovedemne", "gæld") == "Gæld"


def test_topics_come_in_groups_with_danish_headings(db: Session, personale: Personale) -> None:
    groups = lister.grupper(db, personale.helhedsplan.id, "emne")
    assert list(groups) == ["Økonomi", "Bolig", "Helbred og trivsel", "Familie", "Arbejde og hverdag", "Andet"]
    assert ("ensomhed_netværk", "Ensomhed og netværk") in groups["Helbred og trivsel"]
    assert "Kommune" in lister.grupper(db, personale.helhedsplan.id, "brobygning_til")


def test_outcomes_follow_the_art(db: Session, personale: Personale) -> None:
    talk = dict(lister.valg(db, personale.helhedsplan.id, "udfald", art="en_til_en"))
    visit = dict(lister.valg(db, personale.helhedsplan.id, "udfald", art="servicebesøg"))
    assert "betalingsaftale" in talk
    assert "ikke_truffet" not in talk
    assert "ikke_truffet" in visit
    assert "betalingsaftale" not in visit


def test_an_unknown_key_is_shown_as_it_is_and_none_as_nothing(db: Session, personale: Personale) -> None:
    assert lister.etiket(db, personale.helhedsplan.id, "form", "brevdue") == "brevdue"
    assert lister.etiket(db, personale.helhedsplan.id, "form", "") == ""
    assert not lister.er_gyldig(db, personale.helhedsplan.id, "form", "brevdue")


def test_a_list_there_is_no_such_thing_as_is_a_mistake_of_ours(db: Session, personale: Personale) -> None:
    with pytest.raises(ValueError, match="brevduer"):
        lister.valg(db, personale.helhedsplan.id, "brevduer")


def test_afdelinger_can_be_asked_for_by_boligorganisation_and_day(db: Session, personale: Personale) -> None:
    key = personale.helhedsplan.id
    assert list(lister.afdelinger(db, key)) == ["aab55", "steenbjerggård", "vildtbanegård_1", "vildtbanegård_2"]
    assert list(lister.afdelinger(db, key, boligorganisation="ishøj_boligselskab")) == ["steenbjerggård"]
    assert lister.afdelinger(db, key, på_dato=date(2025, 10, 31)) == {}
    assert lister.etiket(db, key, "afdeling", "vildtbanegård_2") == "Vildtbanegård II"
    assert lister.etiket(db, key, "boligorganisation", "aab") == "Boligforeningen AAB"


def test_a_contact_can_be_logged_on_advice_offers_only(db: Session, personale: Personale) -> None:
    key = personale.helhedsplan.id
    assert dict(lister.tilbud(db, key)) == {
        "beboerrådgivning": "Beboerrådgivning",
        "social_økonomisk_rådgivning": "Social- og økonomisk rådgivning",
    }
    assert [offer for offer, _ in lister.tilbud(db, key, art="indflytningssyn")] == ["beboerrådgivning"]


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2008, 11, 20), "18-24"),
        (date(2008, 11, 21), "ukendt"),
        (date(2001, 11, 20), "25-29"),
        (date(2001, 11, 21), "18-24"),
        (date(1961, 11, 20), "65+"),
        (date(1920, 1, 1), "65+"),
        (None, "ukendt"),
    ],
)
def test_the_age_band_is_that_of_the_day(born: date | None, band: str, db: Session, personale: Personale) -> None:
    assert lister.aldersgruppe(db, personale.helhedsplan.id, born, date(2026, 11, 20)) == band


def test_every_age_over_17_has_exactly_one_band(db: Session, personale: Personale) -> None:
    bands = plan(db, personale.helhedsplan.id).liste[Listenavn.ALDERSGRUPPE].values()
    for age in range(18, 110):
        fits = [b for b in bands if b.alder_fra is not None and b.alder_fra <= age <= (b.alder_til or 200)]
        assert len(fits) == 1
