"""Making, blocking and changing users."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger, BrugerSession
from rådgivning.adgang.passwords import KodeordFejl, passer
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import egne_sessioner, find_session, start_session
from rådgivning.adgang.users import (
    BrugerFejl,
    brugere,
    find_bruger,
    opret_bruger,
    sidst_brugt,
    skift_kodeord,
    spær_bruger,
    åbn_bruger,
)
from rådgivning.database import now
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import KODEORD, Personale


@pytest.fixture
def session(db: Session, settings: Settings) -> Session:
    """A Session that knows the settings, as create_app makes it."""
    db.info["settings"] = settings
    return db


def opret(session: Session, personale: Personale, **changed: Any) -> Bruger:
    """A new leder, with some things changed."""
    values = {"brugernavn": "anna", "navn": "Anna Opdigtet", "rolle": Rolle.LEDER, "kodeord": KODEORD} | changed
    return opret_bruger(session, personale.helhedsplan.id, **values)


def test_a_user_is_found_however_the_name_is_typed(session: Session, personale: Personale) -> None:
    anna = opret(session, personale, brugernavn="  Anna.Øst ", skal_skifte=True)
    session.commit()
    found = find_bruger(session, "ANNA.ØST")
    assert found is not None
    assert (found.id, found.brugernavn, found.skal_skifte) == (anna.id, "anna.øst", True)
    assert passer(KODEORD, found.kodeord)
    assert find_bruger(session, "ukendt") is None
    assert anna.id in {b.id for b in brugere(session, personale.helhedsplan.id)}
    assert brugere(session, uuid.uuid4()) == []
    entry = session.exec(select(Spor).where(Spor.handling == Handling.OPRETTET, Spor.genstand == "bruger")).one()
    assert entry.rækker == [str(anna.id)]


@pytest.mark.parametrize(
    "changed",
    [
        {"brugernavn": "a"},
        {"brugernavn": "anna hansen"},
        {"brugernavn": "anna@eksempel.dk"},
        {"brugernavn": "leder"},
        {"rolle": Rolle.INKASSO},
        {"boligorganisation": "aab"},
        {"rolle": Rolle.EJENDOMSDRIFT, "boligorganisation": ""},
    ],
)
def test_a_user_that_cannot_be_is_refused(session: Session, personale: Personale, changed: dict[str, Any]) -> None:
    with pytest.raises(BrugerFejl):
        opret(session, personale, **changed)
    with pytest.raises(KodeordFejl):
        opret(session, personale, kodeord="kort")
    session.rollback()
    assert find_bruger(session, "anna") is None


def test_two_who_take_the_same_name_at_once_end_with_one_user(
    session: Session, personale: Personale, monkeypatch: pytest.MonkeyPatch
) -> None:
    opret(session, personale)
    session.commit()
    # As if the other transaction had committed between the look-up and the insert.
    monkeypatch.setattr("rådgivning.adgang.users.find_bruger", lambda *_: None)
    with pytest.raises(BrugerFejl):
        opret(session, personale)


def test_blocking_ends_every_session_at_once_and_unblocking_gives_none_back(
    session: Session, personale: Personale
) -> None:
    leder = session.get_one(Bruger, personale.brugere[Rolle.LEDER].id)
    tokens = [start_session(session, leder, "Firefox på Linux") for _ in range(2)]
    session.commit()
    assert all(find_session(session, token).levende for token in tokens)
    spær_bruger(session, leder)
    session.commit()
    assert not any(find_session(session, token).levende for token in tokens)
    assert all(find_session(session, token).spærret for token in tokens)
    first = leder.spærret
    spær_bruger(session, leder)
    assert leder.spærret == first
    åbn_bruger(session, leder)
    session.commit()
    assert not any(find_session(session, token).levende for token in tokens)


def test_a_new_password_ends_the_other_sessions(session: Session, personale: Personale) -> None:
    leder = session.get_one(Bruger, personale.brugere[Rolle.LEDER].id)
    kept, ended = (start_session(session, leder, "Firefox på Linux") for _ in range(2))
    session.commit()
    mine = find_session(session, kept).session_id
    skift_kodeord(session, leder, "en helt anden sætning", behold=mine)
    session.commit()
    assert find_session(session, kept).levende
    assert not find_session(session, ended).levende
    assert [s.id for s in egne_sessioner(session, leder.id)] == [mine]
    assert passer("en helt anden sætning", leder.kodeord)
    with pytest.raises(KodeordFejl):
        skift_kodeord(session, leder, "kort")


def test_a_session_that_ran_idle_counts_as_ended_for_good(session: Session, personale: Personale) -> None:
    leder = session.get_one(Bruger, personale.brugere[Rolle.LEDER].id)
    token = start_session(session, leder, "Firefox på Linux")
    row = session.exec(select(BrugerSession)).one()
    row.sidst_set = now() - timedelta(hours=2)
    session.add(row)
    session.commit()
    spær_bruger(session, leder)
    session.commit()
    assert session.exec(select(BrugerSession.afsluttet)).one() is not None
    assert not find_session(session, token).levende


def test_last_use_is_the_latest_of_sign_in_and_sessions(session: Session, personale: Personale) -> None:
    leder = session.get_one(Bruger, personale.brugere[Rolle.LEDER].id)
    assert sidst_brugt(session, personale.helhedsplan.id) == {}
    leder.sidst_logget_ind = now() - timedelta(days=40)
    session.add(leder)
    session.commit()
    assert sidst_brugt(session, personale.helhedsplan.id) == {leder.id: now() - timedelta(days=40)}
    start_session(session, leder, "Firefox på Linux")
    session.commit()
    assert sidst_brugt(session, personale.helhedsplan.id) == {leder.id: now()}
