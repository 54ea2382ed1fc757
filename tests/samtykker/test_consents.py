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
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import MåIkkeÅbne, destroy_key
from rådgivning.overblik.removal import omfang, slet
from rådgivning.samtykker import consents
from rådgivning.samtykker.consents import Tilstand, tilstand
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Personale

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
    assert not consents.må_deles(db, om)
    samtykke(db, om, "kommune", "jobcenter")
    udløbet = samtykke(db, om, "opkrævning", til=I_MORGEN)
    assert consents.må_deles(db, om)
    assert not consents.må_deles(db, om, "kommune")
    assert not consents.må_deles(db, anden)
    assert consents.må_deles_for(db, [om, anden, None]) == {om}
    row = db.get_one(Samtykke, udløbet)
    row.til = I_GÅR
    db.flush()
    assert not consents.må_deles(db, om)
    uden_slut = samtykke(db, om, "opkrævning", til=None)
    assert consents.må_deles(db, om)
    consents.træk_tilbage(db, uden_slut)
    assert not consents.må_deles(db, om)
    assert consents.må_deles_for(db, []) == set()


def test_asking_whether_something_may_be_shared_opens_nothing_and_needs_no_right_to(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    om = beboer(db)
    made = samtykke(db, om, "opkrævning")
    before = len(db.exec(select(Spor)).all())
    db.rollback()
    with kontekst.session(personale.aktør(Rolle.INKASSO)) as inkasso:
        assert consents.må_deles(inkasso, om)
        with pytest.raises(MåIkkeÅbne):
            consents.hent_samtykke(inkasso, made, "vis")
        inkasso.commit()
    assert len(db.exec(select(Spor)).all()) == before
    db.rollback()
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør(me.bruger_id, me.rolle, uuid.uuid4(), me.åbner)) as other:
        assert not consents.må_deles(other, om)
        with pytest.raises(IkkeFundet):
            consents.træk_tilbage(other, made)


def test_the_same_form_twice_is_one_consent_and_withdrawing_twice_keeps_the_first_day(db: Session) -> None:
    om, id_ = beboer(db), new_id()
    assert samtykke(db, om, "kommune", nr=id_) == samtykke(db, om, "opkrævning", nr=id_) == id_
    assert not consents.må_deles(db, om)
    assert [consents.træk_tilbage(db, id_).trukket for _ in range(2)] == [IDAG, IDAG]
    db.commit()
    [line] = consents.samtykker_fra(db, om)
    assert (line.stand, line.data and line.data.formål) == (Tilstand.TRUKKET, "Aftale om huslejen")
    entries = db.exec(select(Spor).where(Spor.genstand == "samtykke").order_by("nr")).all()
    assert [(e.handling, e.anledning) for e in entries] == [
        (Handling.OPRETTET, ""),
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
