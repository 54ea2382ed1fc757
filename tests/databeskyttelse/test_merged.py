"""Somebody who is two merged residents: what her rights give her of both, and what waits while nothing of her goes."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from rådgivning import database
from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.beboere.restriction import begræns, ophæv
from rådgivning.database import new_id
from rådgivning.databeskyttelse.collecting import saml
from rådgivning.databeskyttelse.models import Slags
from rådgivning.databeskyttelse.requests import afvis, registrér
from rådgivning.databeskyttelse.retention_run import gør_endelige
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_many
from rådgivning.overblik import merging
from rådgivning.overblik.models import Sammenlægning
from tests.conftest import IDAG, Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
Tre = tuple[uuid.UUID, uuid.UUID, uuid.UUID]


@pytest.fixture
def tre(db: Session) -> Tre:
    """Three residents."""
    ids = [opret_beboer(db, BeboerData(navn=f"Zxq {navn}")).id for navn in ("Kanel", "Timian", "Basilikum")]
    db.commit()
    return ids[0], ids[1], ids[2]


def læg_sammen(db: Session, beholdt: uuid.UUID, udgået: uuid.UUID, versioner: tuple[int, int] = (1, 1)) -> uuid.UUID:
    """Merge as the page would; the merge's id."""
    made = merging.slå_sammen(db, new_id(), beholdt_id=beholdt, udgået_id=udgået, valg={}, versioner=versioner).id
    db.commit()
    return made


def test_an_indsigt_tells_who_read_her_before_she_was_merged_and_what_each_merge_changed(
    db: Session, tre: Tre, kontekst: Nøglekontekst, personale: Personale
) -> None:
    kanel, timian, basilikum = tre
    nysgerrig = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "nysgerrig").id
    db.commit()
    with kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=nysgerrig)) as session:
        hent_beboer(session, basilikum, "vis beboer")
        open_many(session, [session.get_one(Beboer, one) for one in tre], BeboerData, "vis beboere")
        session.commit()
    læg_sammen(db, timian, basilikum)
    læg_sammen(db, kanel, timian, (1, 2))
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        hers = saml(session, kanel)
        assert [one.anledning for one in hers.læst if one.bruger == str(nysgerrig)] == ["vis beboer", "vis beboere"]
        gone = {post.indhold["udgået"]["navn"] for post in hers.poster["sammenlægning"]}
        assert gone == {"Zxq Timian", "Zxq Basilikum"}


@pytest.mark.parametrize("hvorfor", ["begrænset", "indsigt"])
def test_the_account_of_a_merge_stays_while_nothing_of_her_goes(
    hvorfor: str, db: Session, tre: Tre, kontekst: Nøglekontekst, personale: Personale
) -> None:
    kanel, timian, basilikum = tre
    merges = [læg_sammen(db, timian, basilikum), læg_sammen(db, kanel, timian, (1, 2))]
    asked = registrér(db, Slags.INDSIGT, modtaget=IDAG, beboer_id=kanel, id=new_id()).id
    if hvorfor == "begrænset":
        begræns(db, kanel)
    db.commit()
    database.clock.read = lambda: datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(days=31)

    def nat() -> list[bool]:
        with kontekst.session(systemet(personale.helhedsplan.id)) as session:
            gør_endelige(session)
            session.commit()
        db.expire_all()
        emptied = [db.get_one(Sammenlægning, id_).tømt for id_ in merges]
        db.rollback()
        return emptied

    if hvorfor == "begrænset":
        afvis(db, asked, "andet", "x")
        db.commit()
        assert nat() == [False, False]
        ophæv(db, kanel)
    else:
        assert nat() == [False, False]
        afvis(db, asked, "andet", "x")
    db.commit()
    assert nat() == [True, True]
