"""Consents that end become tasks: in time, once, for the right one, and gone when the consent is renewed."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.consent_tasks import følg_samtykke
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import hent_opgave, slet_opgave
from rådgivning.overblik.handing import overdrag
from rådgivning.samtykker import consents
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Personale, opret_testbruger
from tests.databeskyttelse.retention_cases import Nat, på

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
UDLØBER = date(2027, 1, 20)


@pytest.fixture
def nat(kontekst: Nøglekontekst, personale: Personale) -> Nat:
    """The night's run."""
    return Nat(kontekst, personale)


def givet(db: Session, **more: object) -> uuid.UUID:
    """A resident's consent until 20 January 2027."""
    om = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    made = consents.giv(db, om, SamtykkeData(formål="x", modtagere=["læge"], givet=IDAG), til=UDLØBER).id
    db.commit()
    return made


def test_thirty_days_before_its_end_a_consent_becomes_one_task(db: Session, nat: Nat, personale: Personale) -> None:
    given = givet(db)
    first = UDLØBER - timedelta(days=30)
    assert nat(first - timedelta(days=1)).opgaver == 0
    assert [nat(first + timedelta(days=n)).opgaver for n in range(3)] == [1, 0, 0]
    task = db.exec(select(Opgave)).one()
    owner = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    assert (task.ejer_id, task.frist, task.beboer_id) == (owner, UDLØBER, db.get_one(Samtykke, given).beboer_id)
    assert hent_opgave(db, task.id)[1].titel == "Samtykket udløber 20.01.2027: spørg beboeren igen"
    slet_opgave(db, task.id)
    db.commit()
    assert nat(first + timedelta(days=5)).opgaver == 0


@pytest.mark.parametrize("rolle", [Rolle.BEBOERRÅDGIVER, Rolle.LEDER])
def test_who_has_the_resident_is_to_ask_again_and_who_wrote_it_down_only_when_she_works_as_another(
    db: Session, kontekst: Nøglekontekst, personale: Personale, nat: Nat, rolle: Rolle
) -> None:
    given = givet(db)
    with kontekst.session(Aktør()) as session:
        hun = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega").id
        session.commit()
    overdrag(db, [db.get_one(Samtykke, given).beboer_id], hun, "ønske", new_id())
    db.commit()
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, hun).rolle = rolle
        session.commit()
    assert nat(UDLØBER - timedelta(days=3)).opgaver == 1
    mig = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    assert db.exec(select(Opgave.ejer_id)).one() == (hun if rolle == Rolle.BEBOERRÅDGIVER else mig)
    assert db.get_one(Samtykke, given).ejer_id == mig


def test_the_task_goes_when_the_consent_is_renewed_and_a_withdrawal_makes_another(db: Session, nat: Nat) -> None:
    db.info["efter_samtykke"] = (følg_samtykke,)
    given = givet(db)
    nat(UDLØBER - timedelta(days=3))
    with på(UDLØBER - timedelta(days=2)):
        om = db.get_one(Samtykke, given).beboer_id
        again = SamtykkeData(formål="x", modtagere=["læge"], givet=IDAG, fornyer=given)
        new = consents.giv(db, om, again, til=UDLØBER + timedelta(days=100)).id
        db.commit()
        assert db.exec(select(Opgave)).all() == []
        for _ in range(2):
            consents.træk_tilbage(db, new)
        db.commit()
        [task] = db.exec(select(Opgave)).all()
        assert hent_opgave(db, task.id)[1].titel == "Sig til modtagerne, at samtykket er trukket tilbage"
        db.rollback()
    assert nat(UDLØBER).opgaver == 0
