"""A contact that is logged is an attempt in the household's open restancesager, and follows the contact for good."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from flask import Flask
from sqlmodel import Session

from rådgivning.beboere.households import flyt_ind, knyt_sag, opret_lejemål
from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beboere.restriction import begræns, ophæv
from rådgivning.database import new_id
from rådgivning.kontakter.log import Slettegrund, log_kontakt, ret_kontakt, slet_kontakt
from rådgivning.kontakter.models import Kontakt
from rådgivning.restancer.attempts import annullér_forsøg, gyldige
from rådgivning.restancer.cases import hent_sag, knyt_beboer, luk_sag
from rådgivning.restancer.models import Restancesag
from rådgivning.restancer.talks import følg_kontakt
from tests.kontakter.conftest import samtale
from tests.restancer.factories import sag

DAG = date(2026, 11, 20)


@pytest.fixture
def sagen(db: Session) -> Restancesag:
    """An open case of a resident, in a Session as the pages have it."""
    db.info["efter_kontakt"] = (følg_kontakt,)
    beboer = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", afdeling="aab55")).id
    made = sag(db)
    knyt_beboer(db, made.id, beboer_id=beboer)
    db.commit()
    return made


def log(db: Session, beboer: uuid.UUID | None, dato: date = DAG, **felter: object) -> Kontakt:
    """A logged contact."""
    return log_kontakt(db, samtale(**felter), dato=dato, beboer_id=beboer, id=new_id())


def told(db: Session, made: Restancesag) -> list[tuple[str, bool | None]]:
    """The attempts that count."""
    return [(f.måde, f.truffet) for f in gyldige(hent_sag(db, made.id)[1])]


def test_every_page_writes_it_down(app: Flask) -> None:
    with app.extensions["make_session"]() as session:
        assert følg_kontakt in session.info["efter_kontakt"]


def test_a_talk_is_contact_made_and_a_closed_door_is_not(db: Session, sagen: Restancesag) -> None:
    log(db, sagen.beboer_id, form="ved_døren", art="opsøgende", truffet=False)
    assert told(db, sagen) == [("bankede_på", False)]
    assert hent_sag(db, sagen.id)[1].kontaktet is None
    log(db, sagen.beboer_id, form="telefon")
    log(db, sagen.beboer_id, form="fremmøde")
    assert {*told(db, sagen)} == {("bankede_på", False), ("samtale", True), ("telefon", True)}
    assert hent_sag(db, sagen.id)[1].kontaktet == DAG


def test_it_follows_a_correction_and_goes_with_a_deletion(db: Session, sagen: Restancesag) -> None:
    kontakt = log(db, sagen.beboer_id, form="telefon")
    other = opret_beboer(db, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    ret_kontakt(db, kontakt.id, samtale(form="fremmøde"), dato=date(2026, 11, 19), beboer_id=sagen.beboer_id, version=1)
    assert told(db, sagen) == [("samtale", True)]
    assert hent_sag(db, sagen.id)[1].kontaktet == date(2026, 11, 19)
    ret_kontakt(db, kontakt.id, samtale(), dato=DAG, beboer_id=other, version=2)
    assert told(db, sagen) == []
    second = log(db, sagen.beboer_id)
    slet_kontakt(db, second.id, Slettegrund.FEJL)
    assert told(db, sagen) == []
    assert hent_sag(db, sagen.id)[1].kontaktet is None


def test_what_was_taken_back_in_the_case_stays_taken_back(db: Session, sagen: Restancesag) -> None:
    kontakt = log(db, sagen.beboer_id, form="telefon")
    annullér_forsøg(db, sagen.id, kontakt.id)
    ret_kontakt(db, kontakt.id, samtale(), dato=DAG, beboer_id=sagen.beboer_id, version=1)
    assert told(db, sagen) == []


def test_only_open_cases_of_the_household_from_their_first_day_on(db: Session, sagen: Restancesag) -> None:
    log(db, None)
    log(db, sagen.beboer_id, date(2026, 11, 1))
    assert told(db, sagen) == []
    partner = opret_beboer(db, BeboerData(navn="Testa Prøvesen", afdeling="aab55")).id
    home = opret_lejemål(db, LejemålData(nummer="55-0107-2", boligorganisation="aab", afdeling="aab55")).id
    flyt_ind(db, partner, home)
    knyt_sag(db, home, sagen.id)
    db.commit()
    log(db, partner)
    assert len(told(db, sagen)) == 1
    luk_sag(db, sagen.id, udfald="betalt", dato=DAG, kilde="opkrævning", hændelse_id=new_id())
    log(db, partner)
    assert len(told(db, sagen)) == 1


def test_a_restricted_housemates_case_stays_as_it_is_and_keeps_nobody_from_logging(
    db: Session, sagen: Restancesag
) -> None:
    assert sagen.beboer_id is not None
    andre = opret_beboer(db, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    home = opret_lejemål(db, LejemålData(nummer="55-0107-2", boligorganisation="aab", medlemmer=[andre])).id
    knyt_sag(db, home, sagen.id)
    begræns(db, sagen.beboer_id)
    db.commit()
    kontakt = log(db, andre, form="telefon")
    db.commit()
    slet_kontakt(db, kontakt.id, Slettegrund.FEJL)
    db.commit()
    assert sagen.version == 2
    ophæv(db, sagen.beboer_id)
    log(db, andre, form="telefon")
    assert told(db, sagen) == [("telefon", True)]
