"""The secret address of a feed: shown once, stored as a hash, acting as its user, and gone when it is revoked."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.limits import GÆT, HENTNING
from rådgivning.adgang.models import Bruger, Loginforsøg
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import spær_bruger, åbn_bruger
from rådgivning.kalender import bookings
from rådgivning.kalender.models import Kalenderfeed
from rådgivning.kalender.states import Status
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale, opret_testbruger
from tests.kalender.factories import ADRESSE, book

Klienter = Callable[[Rolle | None], Klient]
SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def lav(client: Klient) -> str:
    """Make a feed; returns its path."""
    page = client.send("/kalender/abonnement/ny").text
    found = re.search(r'value="http://localhost(/kalender/hent/([\w-]+)\.ics)"', page)
    assert found is not None
    assert len(found.group(2)) == 43  # 256 bits
    return found.group(1)


def begivenheder(client: Klient, path: str) -> dict[str, str]:
    """The feed's events: uid to status."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store"
    return {str(e["uid"]): str(e["status"]) for e in Calendar.from_ical(answer.data).walk("VEVENT")}


def test_a_feed_shows_what_its_user_may_see_and_nothing_personal(
    klient: Klienter, personale: Personale, db: Session
) -> None:
    bodil, drift, stranger = klient(Rolle.BEBOERRÅDGIVER), klient(Rolle.EJENDOMSDRIFT), klient(None)
    hers = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    kollega = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega").id
    db.commit()
    mine = book(db, hers, note="Zxqbesked", deltagere="Testa Opdigtet", lejemål="55-0207")
    other = book(db, hers, afdeling="steenbjerggård", start=time(14))
    colleagues = book(db, kollega, start=time(12))
    gone = book(db, hers, start=time(16))
    bookings.svar(db, gone, Status.AFLYST, version=1, besked="Zxqgrund")
    db.commit()
    uid = {name: f"{i}@raadgivning" for name, i in {"m": mine, "o": other, "c": colleagues, "g": gone}.items()}
    her_path, his_path = lav(bodil), lav(drift)
    assert begivenheder(stranger, her_path) == {uid["m"]: "TENTATIVE", uid["o"]: "TENTATIVE", uid["g"]: "CANCELLED"}
    assert begivenheder(stranger, his_path) == {uid["m"]: "TENTATIVE", uid["c"]: "TENTATIVE", uid["g"]: "CANCELLED"}
    text = stranger.get(his_path).text
    assert "SUMMARY:Servicebesøg\\, AAB 55" in text
    personal = (ADRESSE[:14], "Zxq", "Testa", "55-0207", "LOCATION", "DESCRIPTION", "ATTENDEE", "ORGANIZER")
    assert [word for word in personal if word in text] == []
    assert "Sidst hentet" in bodil.get("/kalender/abonnement").text
    reads = db.exec(select(Spor).where(Spor.anledning == "kalenderfeed", Spor.handling == Handling.ÅBNET)).all()
    assert {r.aktør for r in reads} == {hers, personale.brugere[Rolle.EJENDOMSDRIFT].id}


@SQLITE
def test_the_address_stands_in_the_feed_only_where_the_setting_allows(
    klient: Klienter, personale: Personale, db: Session, app: Flask
) -> None:
    book(db, personale.brugere[Rolle.BEBOERRÅDGIVER].id)
    path = lav(klient(Rolle.BEBOERRÅDGIVER))
    app.extensions["settings"] = replace(app.extensions["settings"], ics_adresse=True)
    (event,) = Calendar.from_ical(klient(None).get(path).data).walk("VEVENT")
    assert str(event["location"]) == ADRESSE


def test_a_revoked_a_renewed_an_unknown_and_a_blocked_users_address_are_not_found(
    klient: Klienter, personale: Personale, db: Session, kontekst: Nøglekontekst, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodil, stranger = klient(Rolle.BEBOERRÅDGIVER), klient(None)

    def status(path: str) -> int:
        """A stranger's refusals of one minute are counted together: each of these has a minute of its own."""
        later = database.now() + timedelta(minutes=1)
        monkeypatch.setattr(database.clock, "read", lambda: later)
        return stranger.get(path).status_code

    first = lav(bodil)
    second = lav(bodil)
    assert (status(first), status(second)) == (404, 200)
    with kontekst.session(Aktør()) as session:
        bruger = session.get_one(Bruger, personale.brugere[Rolle.BEBOERRÅDGIVER].id)
        spær_bruger(session, bruger)
        session.commit()
        assert status(second) == 404
        åbn_bruger(session, bruger)
        session.commit()
    assert status(second) == 200
    bodil = klient(Rolle.BEBOERRÅDGIVER)
    assert bodil.send("/kalender/abonnement/tilbagekald").status_code == 303
    assert status(second) == 404
    assert status(first[:-6] + "a.ics") == 404
    feeds = {f.id: f for f in db.exec(select(Kalenderfeed)).all()}
    refused = db.exec(select(Spor).where(Spor.handling == Handling.AFVIST, Spor.genstand == "kalenderfeed")).all()
    known = [r for r in refused if r.kæde == str(personale.helhedsplan.id)]
    assert sorted(r.rækker[0] for r in known) == sorted([str(i) for i in feeds] + [str(_newest(feeds))])
    assert [r.rækker for r in refused if r not in known] == [[]]
    assert tjek(db, kontekst.audit_key) == []


def _newest(feeds: dict[uuid.UUID, Kalenderfeed]) -> uuid.UUID:
    """The feed that was refused twice: while its user was blocked, and after it was revoked."""
    used = [f for f in feeds.values() if f.sidst_brugt is not None]
    return used[0].id


@SQLITE
@pytest.mark.parametrize("handling", ["afslut-sessioner", "nyt-kodeord"])
def test_who_is_shut_out_because_somebody_else_may_get_in_loses_the_feed_as_well(
    klient: Klienter, personale: Personale, handling: str
) -> None:
    path, stranger = lav(klient(Rolle.BEBOERRÅDGIVER)), klient(None)
    assert stranger.get(path).status_code == 200
    klient(Rolle.DATABESKYTTELSE).send(f"/brugere/{personale.brugere[Rolle.BEBOERRÅDGIVER].id}/{handling}")
    assert stranger.get(path).status_code == 404


@SQLITE
def test_the_token_stands_nowhere_but_on_the_page_that_shows_it(
    klient: Klienter, db: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bodil = klient(Rolle.BEBOERRÅDGIVER)
    path = lav(bodil)
    token = path.removeprefix("/kalender/hent/").removesuffix(".ics")
    svar = klient(None).get(path)
    assert (svar.status_code, svar.headers["Referrer-Policy"]) == (200, "same-origin")
    klient(None).get(f"/kalender/hent/{token}x.ics")
    assert token not in bodil.get("/kalender/abonnement").text
    rows = repr(db.exec(select(Kalenderfeed)).all())
    rows += "".join(s.model_dump_json(exclude={"mac"}) for s in db.exec(select(Spor)))
    rows += repr(db.exec(select(Loginforsøg)).all()) + caplog.text
    assert token not in rows


@SQLITE
def test_guessing_and_fetching_too_often_are_slowed_down_and_nobody_is_shut_out_for_good(
    klient: Klienter, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, path = klient(None), lav(klient(Rolle.BEBOERRÅDGIVER))
    for n in range(GÆT.frie):
        assert stranger.get(f"/kalender/hent/gæt{n}.ics").status_code == 404
    slow = stranger.get(path)
    assert (slow.status_code, int(slow.headers["Retry-After"])) == (429, 30)
    at = datetime(2026, 11, 20, 9, 0, 31, tzinfo=UTC)
    monkeypatch.setattr(database.clock, "read", lambda: at)
    assert stranger.get(path).status_code == 200
    monkeypatch.setattr(database.clock, "read", lambda: at + timedelta(hours=2))
    answers = [stranger.get(path).status_code for _ in range(HENTNING.frie + 1)]
    assert answers == [200] * HENTNING.frie + [429]
