"""Consents as the other rooms use them."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.dansk import om_måneder
from rådgivning.database import new_id
from rådgivning.kontakter.log import log_kontakt, ret_kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import MåIkkeÅbne, destroy_key
from rådgivning.overblik.removal import omfang, slet
from rådgivning.samtykker import consents, sharing
from rådgivning.samtykker.consents import Tilstand, tilstand
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Personale
from tests.databeskyttelse.retention_cases import SAMTALE

I_GÅR, I_MORGEN = IDAG - timedelta(days=1), IDAG + timedelta(days=1)


def beboer(db: Session) -> uuid.UUID:
    """A resident who may consent."""
    made = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    return made


def samtykke(
    db: Session, om: uuid.UUID, *modtagere: str, til: date | None = I_MORGEN, nr: uuid.UUID | None = None
) -> uuid.UUID:
    """A consent to sharing with these."""
    data = SamtykkeData(formål="Aftale om huslejen", modtagere=list(modtagere), måde="mundtligt", givet=IDAG)
    made = consents.giv(db, om, data, til=til, id=nr).id
    db.commit()
    return made


@pytest.mark.parametrize(
    ("til", "trukket", "expected"),
    [
        (None, None, Tilstand.GYLDIGT),
        (IDAG + timedelta(days=31), None, Tilstand.GYLDIGT),
        (IDAG + timedelta(days=30), None, Tilstand.UDLØBER),
        (IDAG, None, Tilstand.UDLØBER),
        (I_GÅR, None, Tilstand.UDLØBET),
        (None, IDAG, Tilstand.TRUKKET),
        (I_GÅR, I_GÅR, Tilstand.TRUKKET),
    ],
)
def test_a_consent_holds_through_its_last_day_and_not_after_its_withdrawal(
    til: date | None, trukket: date | None, expected: Tilstand
) -> None:
    assert tilstand(til, trukket, IDAG) is expected
    assert expected.gælder == (expected.etiket in {"Gyldigt", "Udløber snart"})


def test_six_months_later_is_the_same_day_or_the_months_last() -> None:
    assert om_måneder(date(2026, 11, 20), 6) == date(2027, 5, 20)
    assert om_måneder(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert om_måneder(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert om_måneder(date(2026, 6, 30), 6) == date(2026, 12, 30)


def test_sharing_needs_a_consent_to_opkrævning_that_holds_today(db: Session) -> None:
    om, anden = beboer(db), beboer(db)
    assert not sharing.må_deles(db, om)
    samtykke(db, om, "kommune", "jobcenter")
    udløbet = samtykke(db, om, "opkrævning", til=I_MORGEN)
    assert sharing.må_deles(db, om)
    assert sharing.må_deles(db, om, "kommune")
    assert not sharing.må_deles(db, om, "læge")
    assert not sharing.må_deles(db, anden)
    assert sharing.må_deles_for(db, [om, anden, None]) == {om}
    row = db.get_one(Samtykke, udløbet)
    row.til = I_GÅR
    db.flush()
    assert not sharing.må_deles(db, om)
    uden_slut = samtykke(db, om, "opkrævning", til=None)
    assert sharing.må_deles(db, om)
    consents.træk_tilbage(db, uden_slut)
    assert not sharing.må_deles(db, om)
    assert sharing.må_deles_for(db, []) == set()


def test_asking_whether_something_may_be_shared_opens_nothing_and_needs_no_right_to(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    om = beboer(db)
    made = samtykke(db, om, "opkrævning")
    before = len(db.exec(select(Spor)).all())
    db.rollback()
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as inkasso:
        assert sharing.må_deles(inkasso, om)
        with pytest.raises(MåIkkeÅbne):
            consents.hent_samtykke(inkasso, made, "vis")
        inkasso.commit()
    assert len(db.exec(select(Spor)).all()) == before
    db.rollback()
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør(me.bruger_id, me.rolle, uuid.uuid4(), me.åbner)) as other:
        assert not sharing.må_deles(other, om)
        with pytest.raises(IkkeFundet):
            consents.træk_tilbage(other, made)


def test_the_same_form_twice_is_one_consent_and_withdrawing_twice_keeps_the_first_day(db: Session) -> None:
    om, id_ = beboer(db), new_id()
    assert samtykke(db, om, "kommune", nr=id_) == samtykke(db, om, "opkrævning", nr=id_) == id_
    assert not sharing.må_deles(db, om)
    assert [consents.træk_tilbage(db, id_).trukket for _ in range(2)] == [IDAG, IDAG]
    db.commit()
    [line] = consents.samtykker_fra(db, om)
    assert (line.stand, line.data and line.data.formål) == (Tilstand.TRUKKET, "Aftale om huslejen")
    entries = db.exec(select(Spor).where(Spor.genstand == "samtykke").order_by("nr")).all()
    assert [(e.handling, e.anledning) for e in entries] == [
        (Handling.OPRETTET, ""),
        (Handling.ÅBNET, "træk samtykke tilbage"),
        (Handling.ÆNDRET, "trukket tilbage"),
        (Handling.ÅBNET, "vis beboer"),
    ]
    assert all(e.beboere == [str(om)] for e in entries)


def test_the_overview_tells_apart_what_holds_what_soon_ends_and_what_has_ended(db: Session) -> None:
    om = beboer(db)
    længe = samtykke(db, om, "kommune", til=IDAG + timedelta(days=90))
    snart = samtykke(db, om, "kommune", til=IDAG + timedelta(days=3))
    trukket = samtykke(db, om, "kommune")
    consents.træk_tilbage(db, trukket)
    udløbet = samtykke(db, om, "kommune")
    db.get_one(Samtykke, udløbet).til = I_GÅR
    db.commit()
    assert consents.antal(db) == consents.Antal(2, 1, 2)
    shown = {vis: [s.samtykke.id for s in consents.samtykker(db, vis, 1)[0]] for vis in ("gyldige", "udløber")}
    assert shown == {"gyldige": [snart, længe], "udløber": [snart]}
    assert {s.samtykke.id for s in consents.samtykker(db, "ophørte", 1)[0]} == {trukket, udløbet}
    first = consents.samtykker(db, "gyldige", 1)[0][0]
    assert first.beboer is not None
    assert first.beboer.navn == "Zxq Prøvesen"
    assert [s.samtykke.id for s in consents.samtykker_fra(db, om)][:2] == [længe, snart]


def test_consents_go_with_the_resident_and_no_erased_one_can_give_any(db: Session) -> None:
    om, erased = beboer(db), beboer(db)
    samtykke(db, om, "opkrævning")
    consents.træk_tilbage(db, samtykke(db, om, "kommune"))
    assert omfang(db, om).samtykker == 2
    slet(db, om, Slettegrund.ØNSKE)
    db.commit()
    assert db.exec(select(Samtykke)).all() == []
    assert consents.slet_beboers_samtykker(db, om) == 0
    destroy_key(db, erased)
    db.commit()
    for who in (om, erased, new_id()):
        with pytest.raises(IkkeFundet):
            samtykke(db, who, "kommune")


def test_a_renewal_ends_the_one_it_takes_over_from_and_only_the_same_residents(db: Session) -> None:
    om, anden = beboer(db), beboer(db)
    old = samtykke(db, om, "kommune")
    data = SamtykkeData(formål="Igen", modtagere=["læge"], givet=IDAG, fornyer=old)
    with pytest.raises(IkkeFundet):
        consents.giv(db, anden, data, til=I_MORGEN)
    db.rollback()
    consents.giv(db, om, data, til=I_MORGEN)
    db.commit()
    assert {line.stand for line in consents.samtykker_fra(db, om)} == {Tilstand.FORNYET, Tilstand.UDLØBER}
    assert db.get_one(Samtykke, old).fornyet == IDAG
    assert consents.antal(db) == consents.Antal(1, 1, 1)
    assert sharing.gjaldt(db, om, {"læge"}, IDAG)
    assert not sharing.gjaldt(db, om, {"kommune"}, IDAG)


def test_what_was_withdrawn_says_when_how_and_with_what_effect(db: Session) -> None:
    om = beboer(db)
    id_ = samtykke(db, om, "kommune")
    consents.træk_tilbage(db, id_, den=I_GÅR, måde="telefon", virkning="Zxq: kommunen sletter mailen")
    db.commit()
    [line] = consents.samtykker_fra(db, om)
    assert line.data is not None
    assert (line.samtykke.trukket, line.data.trukket_måde, line.data.virkning[:3]) == (I_GÅR, "telefon", "Zxq")
    assert b"Zxq" not in line.samtykke.sealed


@pytest.mark.parametrize(
    ("givet", "til", "trukket", "dag", "gjaldt"),
    [
        (I_GÅR, I_MORGEN, None, IDAG, True),
        (IDAG, I_MORGEN, None, I_GÅR, False),
        (I_GÅR, I_GÅR, None, I_GÅR, True),
        (I_GÅR, I_GÅR, None, IDAG, False),
        (I_GÅR, I_MORGEN, IDAG, IDAG, False),
        (I_GÅR, I_MORGEN, IDAG, I_GÅR, True),
    ],
)
def test_whether_it_was_allowed_is_asked_of_the_day_on_which_it_was_told(
    db: Session, givet: date, til: date, trukket: date | None, dag: date, gjaldt: bool
) -> None:
    om = beboer(db)
    made = consents.giv(db, om, SamtykkeData(modtagere=["læge"], givet=givet), til=til)
    made.trukket = trukket
    db.commit()
    assert sharing.gjaldt(db, om, {"læge"}, dag) is gjaldt


def test_a_consent_to_the_kommune_covers_its_offices_and_nobody_else(db: Session) -> None:
    om = beboer(db)
    samtykke(db, om, "kommune")
    for place in ("cvv", "cbf", "borgerservice", "jobcenter"):
        sharing.kræv_brobygning(db, om, place, IDAG)
    for place in ("gældsrådgivning", "læge", "forening", "helhedsplan", "social_økonomisk_rådgivning", "andet"):
        with pytest.raises(sharing.SamtykkeMangler):
            sharing.kræv_brobygning(db, om, place, IDAG)
    samtykke(db, om, "andet", "læge")
    for place in ("læge", "helhedsplan", "andet"):
        sharing.kræv_brobygning(db, om, place, IDAG)
    with pytest.raises(sharing.SamtykkeMangler):
        sharing.kræv_brobygning(db, None, "læge", IDAG)


def test_a_contact_in_which_something_was_told_needs_a_consent_of_that_day(db: Session) -> None:
    om = beboer(db)
    data = SAMTALE.model_copy(update={"brobygning_til": "cvv", "brobygning_delt": True})
    with pytest.raises(sharing.SamtykkeMangler):
        log_kontakt(db, data, dato=IDAG, beboer_id=om)
    db.rollback()
    with pytest.raises(sharing.SamtykkeMangler):
        log_kontakt(db, data, dato=IDAG)
    db.rollback()
    without = log_kontakt(db, data.model_copy(update={"brobygning_delt": False}), dato=IDAG, beboer_id=om)
    with pytest.raises(sharing.SamtykkeMangler):
        ret_kontakt(db, without.id, data, dato=IDAG, beboer_id=om, version=1)
    db.rollback()
    given = samtykke(db, om, "kommune")
    made = log_kontakt(db, data, dato=IDAG, beboer_id=om)
    db.commit()
    consents.træk_tilbage(db, given)
    db.commit()
    with pytest.raises(sharing.SamtykkeMangler):
        log_kontakt(db, data, dato=IDAG, beboer_id=om)
    db.rollback()
    changed = ret_kontakt(db, made.id, data.model_copy(update={"notat": "x"}), dato=IDAG, beboer_id=om, version=1)
    assert changed.version == 2


def test_a_contact_in_which_something_was_told_moves_to_no_resident_and_no_day_without_a_consent(db: Session) -> None:
    om, anden = beboer(db), beboer(db)
    data = SAMTALE.model_copy(update={"brobygning_til": "cvv", "brobygning_delt": True})
    samtykke(db, om, "kommune")
    made = log_kontakt(db, data, dato=IDAG, beboer_id=om).id
    db.commit()
    before = IDAG - timedelta(days=60)
    for beboer_id, dag in ((anden, IDAG), (None, IDAG), (om, before)):
        with pytest.raises(sharing.SamtykkeMangler):
            ret_kontakt(db, made, data, dato=dag, beboer_id=beboer_id, version=1)
        db.rollback()
    silent = data.model_copy(update={"brobygning_delt": False})
    assert ret_kontakt(db, made, silent, dato=before, beboer_id=anden, version=1).version == 2
    samtykke(db, anden, "kommune")
    assert ret_kontakt(db, made, data, dato=IDAG, beboer_id=anden, version=2).version == 3
