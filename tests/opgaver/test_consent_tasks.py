"""Consents that end become tasks: in time, once, for the right one, and gone when the consent is renewed."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.consent_tasks import følg_samtykke
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import hent_opgave, slet_opgave
from rådgivning.samtykker import consents
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from tests.conftest import IDAG, Personale
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
