"""Signing in: the same answer for every failure, slower and slower, never locked out for good."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from flask import Flask
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang import login, passwords
from rådgivning.adgang.limits import ADRESSE, BRUGER, KENDT, PAR, VINDUE, Forsøg
from rådgivning.adgang.login import Forbindelse, log_ind
from rådgivning.adgang.models import Bruger, BrugerSession, Loginforsøg
from rådgivning.adgang.passwords import er_forældet
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import spær_bruger
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import KODEORD, Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


class Ur:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.tid = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        database.clock.read = lambda: self.tid

    def frem(self, skridt: timedelta) -> None:
        """Let time pass."""
        self.tid += skridt


@pytest.fixture
def ur() -> Ur:
    """The clock; conftest puts the real one back."""
    return Ur()


@pytest.fixture
def session(kontekst: Nøglekontekst, personale: Personale, settings: Settings) -> Iterator[Session]:
    """A Session of nobody, as a request begins with."""
    with kontekst.session(Aktør(rolle="ingen")) as session:
        session.info["settings"] = settings
        yield session


def prøv(session: Session, kodeord: str, sted: str = HOME, brugernavn: str = "leder") -> str | int:
    """Sign in; "ind", "forkert", or the seconds to wait."""
    session.info["aktør"] = Aktør(rolle="ingen")
    udfald = log_ind(session, Forbindelse(b"n" * 32, sted, "Firefox på Linux"), brugernavn, kodeord)
    return "ind" if udfald.token else udfald.vent or "forkert"


@pytest.mark.usefixtures("personale")
def test_the_right_password_opens_and_every_failure_looks_the_same(app: Flask, klient: Klienter) -> None:
    client = klient(None)
    assert client.log_ind("leder").status_code == 303
    wrong, unknown = klient(None).log_ind("leder", "forkert"), klient(None).log_ind("ukendt-person", "forkert")
    assert wrong.status_code == unknown.status_code == 422
    assert "Brugernavnet eller adgangskoden er forkert" in wrong.text
    strip = {"leder": "X", "ukendt-person": "X"}
    pages = [svar.text for svar in (wrong, unknown)]
    for name, mark in strip.items():
        pages = [page.replace(f'value="{name}"', f'value="{mark}"') for page in pages]
    assert [len(page) for page in pages] == [len(pages[0])] * 2
    assert klient(None).send("/log-ind", {"brugernavn": "leder", "kodeord": ""}).status_code == 422


def test_a_blocked_user_gets_the_same_answer_and_the_trail_knows_why(session: Session, personale: Personale) -> None:
    leder = session.get_one(Bruger, personale.brugere[Rolle.LEDER].id)
    spær_bruger(session, leder)
    session.commit()
    assert prøv(session, KODEORD) == "forkert"
    assert prøv(session, "forkert") == "forkert"
    assert prøv(session, "forkert", brugernavn="ukendt") == "forkert"
    entries = session.exec(select(Spor).where(Spor.handling == Handling.LOG_IND_AFVIST)).all()
    seen = sorted((e.kæde == "system", e.anledning, tuple(e.rækker)) for e in entries)
    leder_id = str(personale.brugere[Rolle.LEDER].id)
    assert seen == [
        (False, "forkert brugernavn eller adgangskode", (leder_id,)),
        (False, "spærret bruger", (leder_id,)),
        (True, "forkert brugernavn eller adgangskode", ()),
    ]
    assert all(e.aktør is None for e in entries)


def test_guessing_from_one_place_waits_longer_and_longer(session: Session, ur: Ur) -> None:
    assert [prøv(session, "forkert") for _ in range(PAR.frie)] == ["forkert"] * PAR.frie
    waits = []
    for _ in range(7):
        wait = prøv(session, KODEORD)
        assert isinstance(wait, int)
        waits.append(wait)
        ur.frem(timedelta(seconds=wait))
        assert prøv(session, "forkert") == "forkert"
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    refused = session.exec(select(Spor.anledning).where(Spor.handling == Handling.LOG_IND_AFVIST)).all()
    assert refused.count("for mange forsøg") == 7
    assert len(refused) == PAR.frie + 14


def test_waiting_it_out_lets_the_right_password_in_and_forgets_the_failures(session: Session, ur: Ur) -> None:
    for _ in range(PAR.frie):
        prøv(session, "forkert")
    ur.frem(timedelta(seconds=30))
    assert prøv(session, KODEORD) == "ind"
    assert [prøv(session, "forkert") for _ in range(PAR.frie)] == ["forkert"] * PAR.frie
    ur.frem(VINDUE + timedelta(seconds=1))
    assert [prøv(session, "forkert") for _ in range(PAR.frie - 1)] == ["forkert"] * (PAR.frie - 1)
    assert prøv(session, KODEORD) == "ind"


def test_a_stranger_cannot_lock_a_user_out_where_she_has_signed_in_before(session: Session, ur: Ur) -> None:
    assert prøv(session, KODEORD, HOME) == "ind"
    for number in range(BRUGER.frie):
        assert prøv(session, "forkert", f"198.51.100.{number}") == "forkert"
    assert prøv(session, "forkert", "198.51.100.99") == 5
    assert prøv(session, KODEORD, HOME) == "ind"
    ur.frem(KENDT + timedelta(days=1))
    for number in range(BRUGER.frie):
        assert prøv(session, "forkert", f"198.51.100.{number}") == "forkert"
    assert prøv(session, KODEORD, HOME) == 5
    ur.frem(timedelta(minutes=1))
    assert prøv(session, KODEORD, HOME) == "ind"


def test_one_place_cannot_try_many_names(session: Session, ur: Ur) -> None:
    for number in range(ADRESSE.frie):
        assert prøv(session, "forkert", ELSEWHERE, f"navn{number}") == "forkert"
    assert prøv(session, KODEORD, ELSEWHERE) == 5
    assert prøv(session, KODEORD, HOME) == "ind"
    ur.frem(timedelta(seconds=6))
    assert prøv(session, KODEORD, ELSEWHERE) == "ind"


def test_a_right_password_takes_its_own_attempt_back(session: Session, ur: Ur) -> None:
    for _ in range(BRUGER.frie + 5):
        assert prøv(session, KODEORD, HOME) == "ind"
    assert prøv(session, KODEORD, ELSEWHERE) == "ind"


def test_old_counters_are_forgotten_and_none_holds_a_name(session: Session, ur: Ur) -> None:
    prøv(session, "forkert", brugernavn="zxq-prøvesen")
    ur.frem(3 * VINDUE)
    assert prøv(session, KODEORD) == "ind"
    rows = session.exec(select(Loginforsøg)).all()
    assert len(rows) == 3
    assert all(len(row.nøgle) == 32 for row in rows)


def test_an_ipv6_subscriber_is_one_place_and_nonsense_is_one_too() -> None:
    keys = {tuple(Forsøg(b"k", "leder", f"2001:db8:1:2::{n}").nøgler()) for n in range(1, 5)}
    assert len(keys) == 1
    assert tuple(Forsøg(b"k", "leder", "2001:db8:1:3::1").nøgler()) not in keys
    assert Forsøg(b"k", "leder", "").nøgler() == Forsøg(b"k", "leder", "vås").nøgler()
    assert Forsøg(b"andet", "leder", "").nøgler() != Forsøg(b"k", "leder", "").nøgler()


def test_too_many_attempts_are_answered_429_in_danish(klient: Klienter) -> None:
    client = klient(None)
    for _ in range(PAR.frie):
        assert client.log_ind("leder", "forkert").status_code == 422
    svar = client.log_ind("leder")
    assert svar.status_code == 429
    assert svar.headers["Retry-After"] == "30"
    assert "Vent 30 sekunder" in svar.text
    assert client.log_ind("inkasso").status_code == 303


def test_a_long_wait_is_told_in_minutes(klient: Klienter, ur: Ur) -> None:
    client = klient(None)
    for _ in range(PAR.frie):
        client.log_ind("leder", "forkert")
    for seconds in (30, 60, 120):
        ur.frem(timedelta(seconds=seconds))
        client.log_ind("leder", "forkert")
    assert "Vent 4 minutter" in client.log_ind("leder").text


def test_no_transaction_is_open_while_the_password_is_hashed(
    session: Session, personale: Personale, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = passwords.passer

    def watched(kodeord: str, gemt: str | None) -> bool:
        seen.append(session.in_transaction())
        return real(kodeord, gemt)

    monkeypatch.setattr(login, "passer", watched)
    assert prøv(session, KODEORD) == "ind"
    leder = personale.brugere[Rolle.LEDER]
    her = session.exec(select(BrugerSession.id)).one()
    skift = login.Skift(login.Forbindelse(b"k" * 32, "127.0.0.1"), KODEORD, "en helt anden sætning")
    assert login.skift_eget_kodeord(session, leder.id, skift, her).skiftet
    assert seen == [False, False]


def test_guessing_the_old_password_from_a_session_left_open_is_slowed_down(klient: Callable[..., Klient]) -> None:
    leder = klient(Rolle.LEDER)
    ny = "en helt anden sætning"
    answers = [
        leder.send("/kodeord", {"gammelt": f"forkert {n}", "nyt": ny, "gentaget": ny}) for n in range(PAR.frie + 1)
    ]
    assert [answer.status_code for answer in answers] == [422] * len(answers)
    assert "Den nuværende adgangskode er forkert." in answers[0].text
    assert "prøvet for mange gange" in answers[-1].text
    answer = leder.send("/kodeord", {"gammelt": KODEORD, "nyt": ny, "gentaget": ny})
    assert "prøvet for mange gange" in answer.text


def test_new_passwords_that_may_not_be_used_do_not_slow_her_down(klient: Callable[..., Klient]) -> None:
    leder = klient(Rolle.LEDER)
    ny = "en helt anden sætning"
    for _ in range(PAR.frie + 1):
        weak = leder.send("/kodeord", {"gammelt": KODEORD, "nyt": "hemmelighed", "gentaget": "hemmelighed"})
        assert weak.status_code == 422
        assert "prøvet for mange gange" not in weak.text
    assert leder.send("/kodeord", {"gammelt": KODEORD, "nyt": ny, "gentaget": ny}).status_code == 303


def test_an_outdated_hash_is_made_anew_at_the_next_sign_in(session: Session, personale: Personale) -> None:
    old = Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=19456)
    leder = session.get_one(Bruger, personale.brugere[Rolle.LEDER].id)
    leder.kodeord = old.derive_phc_encoded(KODEORD.encode())
    session.add(leder)
    session.commit()
    assert prøv(session, KODEORD) == "ind"
    session.expire_all()
    assert not er_forældet(session.get_one(Bruger, leder.id).kodeord)
    assert prøv(session, KODEORD) == "ind"


@pytest.mark.parametrize(
    ("næste", "goal"),
    [
        ("/sessioner", "/sessioner"),
        ("/delmål?år=2026", "/delmål?år=2026"),
        ("/findes-ikke", "/"),
        ("/log-ud", "/"),
        ("//eksempel.dk/", "/"),
        ("/\\eksempel.dk", "/"),
        ("https://eksempel.dk/", "/"),
        ("", "/"),
    ],
)
@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_after_signing_in_only_a_page_of_ours_follows(klient: Klienter, næste: str, goal: str) -> None:
    client = klient(None)
    svar = client.post(
        "/log-ind",
        query_string={"næste": næste},
        data={"brugernavn": "leder", "kodeord": KODEORD, "csrf_token": client.csrf()},
    )
    assert svar.status_code == 303
    with client.application.test_request_context():
        assert svar.location in {goal, goal.replace("å", "%C3%A5")}
