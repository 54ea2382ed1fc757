"""Two at once on PostgreSQL: whoever decides by a user's row holds it, and everybody locks in one order."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from rådgivning.adgang.factors import PASSKEY, faktorer, nulstil, tilføj
from rådgivning.adgang.identities import mærke
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.login import Forbindelse, Skift, log_ind, skift_eget_kodeord
from rådgivning.adgang.models import Bruger, BrugerFaktor, BrugerSession, Kladde, Mellemtrin
from rådgivning.adgang.oidc_login import afmeld_gennem
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.second_step import fortsæt
from rådgivning.adgang.sessions import end_sessions, start_session
from rådgivning.adgang.steps import Trin, begynd
from rådgivning.adgang.users import gem_kodeord, hash_kodeord, spær_bruger, åbn_bruger
from rådgivning.database import new_id, now
from rådgivning.databeskyttelse.retention_users import slet_navne
from rådgivning.databeskyttelse.rights_review import Afgørelse, afgør
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, skriv
from tests.adgang.factors.cases import NAVN, ROLLE, kode, med_app
from tests.conftest import KODEORD, Personale
from tests.limit import vent_på

pytestmark = pytest.mark.parametrize("databasetype", ["postgresql"], indirect=True)
FRA = Forbindelse(b"n" * 32, "192.0.2.1", "prøve")
Åbn = Callable[[], Session]


@pytest.fixture
def åbn(kontekst: Nøglekontekst, settings: Settings) -> Åbn:
    """A new Session of the program's."""

    def make() -> Session:
        session = kontekst.session(Aktør())
        session.info["settings"] = settings
        return session

    return make


@pytest.fixture
def bruger(personale: Personale) -> Bruger:
    """The beboerrådgiver."""
    return personale.brugere[ROLLE]


class Samtidig:
    """Something another request does; `venter` returns once it waits for a lock of ours."""

    def __init__(self, åbn: Åbn, gør: Callable[[Session], Any]) -> None:
        self.svar: Any = None
        self.fejl: Exception | None = None
        self._åbn, self._gør = åbn, gør
        self.tråd = Thread(target=self._kør)
        self.tråd.start()

    def _kør(self) -> None:
        with self._åbn() as session:
            try:
                self.svar = self._gør(session)
                session.commit()
            except Exception as fejl:  # noqa: BLE001
                self.fejl = fejl

    def venter(self) -> None:
        """Wait until it stands still before one of our locks."""
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with self._åbn() as session:
                if session.execute(waiting).scalar_one():
                    return
            time.sleep(0.02)
        raise AssertionError("it did not wait")

    def færdig(self) -> Any:
        """What came of it."""
        vent_på([self.tråd])
        assert self.fejl is None, self.fejl
        return self.svar


def test_a_password_that_is_being_replaced_signs_nobody_in(åbn: Åbn, bruger: Bruger) -> None:
    new = hash_kodeord("en helt anden sætning")
    with åbn() as session:
        gem_kodeord(session, lås_bruger(session, bruger.id), new, skal_skifte=True)
        session.flush()
        thief = Samtidig(åbn, lambda other: log_ind(other, FRA, NAVN, KODEORD))
        thief.venter()
        session.commit()
    assert (thief.færdig().token, thief.færdig().trin_id) == ("", None)
    with åbn() as session:
        assert session.exec(select(BrugerSession)).all() == []
        assert session.get_one(Bruger, bruger.id).kodeord == new


def test_who_is_being_blocked_comes_in_neither_with_a_password_nor_with_a_code(
    åbn: Åbn, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    med_app(kontekst, bruger)
    with åbn() as session:
        half = begynd(session, Trin.KODE, bruger_id=bruger.id).id
        session.commit()
        spær_bruger(session, lås_bruger(session, bruger.id))
        session.flush()
        second = Samtidig(åbn, lambda other: fortsæt(other, FRA, half, kode()))
        second.venter()
        session.commit()
    assert second.færdig().token == ""
    with åbn() as session:
        assert session.exec(select(BrugerSession)).all() == []
        assert [faktor.sidst_brugt for faktor in faktorer(session, bruger.id)] == [None], "and the code is not used up"


def test_a_one_time_password_given_meanwhile_is_not_replaced_by_her_own_change(åbn: Åbn, bruger: Bruger) -> None:
    handed_over = hash_kodeord("den udleverede kode fra før")
    skift = Skift(FRA, KODEORD, "en helt anden sætning")
    with åbn() as session:
        gem_kodeord(session, lås_bruger(session, bruger.id), handed_over, skal_skifte=True)
        session.flush()
        change = Samtidig(åbn, lambda other: skift_eget_kodeord(other, bruger.id, skift, new_id()))
        change.venter()
        session.commit()
    assert not change.færdig().skiftet
    with åbn() as session:
        row = session.get_one(Bruger, bruger.id)
        assert (row.kodeord, row.skal_skifte) == (handed_over, True)


def test_of_two_first_factors_at_once_one_is_the_first(åbn: Åbn, bruger: Bruger) -> None:
    def passkey() -> BrugerFaktor:
        row = new_id()
        return BrugerFaktor(
            id=row, bruger_id=bruger.id, slags=PASSKEY, navn="x", nøgle=b"x", legitimation=row.bytes, oprettet=now()
        )

    with åbn() as session:
        for _ in range(2):
            start_session(session, bruger, "prøve")
        session.commit()
        one, other_one = session.exec(select(BrugerSession.id)).all()

    def add(session: Session, behold: Any) -> None:
        lås_bruger(session, bruger.id)
        tilføj(session, passkey(), behold)

    with åbn() as session:
        add(session, one)
        later = Samtidig(åbn, lambda other: add(other, other_one))
        later.venter()
        session.commit()
    later.færdig()
    with åbn() as session:
        living = session.exec(select(BrugerSession.id).where(col(BrugerSession.afsluttet).is_(None))).all()
        assert living == [one], "the second was no first one, and ends nothing"


def test_a_reset_waits_for_a_session_before_it_touches_what_was_begun_in_it(åbn: Åbn, bruger: Bruger) -> None:
    """Sessions before steps: whoever begins something holds her session and goes on to the step."""
    with åbn() as session:
        start_session(session, bruger, "prøve")
        session.commit()
        mine = session.exec(select(BrugerSession.id)).one()
        begynd(session, Trin.APP, bruger_id=bruger.id, session_id=mine, data=b"en")
        session.commit()
        session.exec(select(BrugerSession).where(BrugerSession.id == mine).with_for_update()).one()
        reset = Samtidig(åbn, lambda other: nulstil(other, other.get_one(Bruger, bruger.id)))
        reset.venter()
        begynd(session, Trin.APP, bruger_id=bruger.id, session_id=mine, data=b"to")
        session.commit()
    assert reset.færdig() == 0
    with åbn() as session:
        assert session.exec(select(Mellemtrin)).all() == []


def test_the_code_sent_twice_at_once_signs_in_once_and_neither_locks_the_other_out(
    åbn: Åbn, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    med_app(kontekst, bruger)
    for _ in range(5):
        with åbn() as session:
            half = begynd(session, Trin.KODE, bruger_id=bruger.id).id
            for faktor in faktorer(session, bruger.id):
                faktor.tæller = 0
                session.add(faktor)
            session.commit()
        both = [Samtidig(åbn, lambda other, h=half: fortsæt(other, FRA, h, kode())) for _ in range(2)]  # type: ignore[misc]
        assert sorted(bool(one.færdig().token) for one in both) == [False, True]


def test_signing_her_out_waits_before_it_takes_the_sessions_of_one_who_is_being_signed_in(
    åbn: Åbn, bruger: Bruger
) -> None:
    """A sign-in on a new device writes to the trail first and to its session after."""
    with åbn() as session:
        start_session(session, bruger, "prøve")
        session.commit()

    def sign_out(other: Session) -> int:
        ended = end_sessions(other, bruger.id)
        skriv(other, Handling.LOGGET_UD, "bruger", [bruger.id])
        return ended

    with åbn() as session:
        lås_bruger(session, bruger.id)
        skriv(session, Handling.LOGGET_IND, "enhed", anledning="ny enhed")
        out = Samtidig(åbn, sign_out)
        out.venter()
        session.exec(select(BrugerSession).with_for_update()).one().netværk = "192.0.2.x"
        session.commit()
    assert out.færdig() == 1


def test_a_draft_is_saved_while_its_user_is_locked(åbn: Åbn, bruger: Bruger, personale: Personale) -> None:
    with åbn() as session, åbn() as other:
        lås_bruger(session, bruger.id)
        other.execute(text("SET lock_timeout = '5s'"))
        plan, today_ = personale.helhedsplan.id, now().date()
        other.add(
            Kladde(helhedsplan_id=plan, sealed=b"x", ejer_id=bruger.id, formular="/x", gemt=now(), udløber=today_)
        )
        other.flush()


def dpo(session: Session, personale: Personale) -> None:
    """Act as databeskyttelse."""
    me = personale.brugere[Rolle.DATABESKYTTELSE]
    session.info["aktør"] = Aktør(me.id, Rolle.DATABESKYTTELSE, me.helhedsplan_id)


def test_blocking_her_in_the_review_and_her_signing_in_or_out_wait_and_lock_nobody_out(
    åbn: Åbn, bruger: Bruger, personale: Personale
) -> None:
    def block(other: Session) -> None:
        dpo(other, personale)
        afgør(other, bruger.id, Afgørelse.SPÆRRES, "Er holdt op")

    with åbn() as session:
        session.info["aktør"] = Aktør(bruger.id, ROLLE, bruger.helhedsplan_id)
        lås_bruger(session, bruger.id)
        blocked = Samtidig(åbn, block)
        blocked.venter()
        skriv(session, Handling.LOGGET_UD, "bruger", [bruger.id])
        session.commit()
    blocked.færdig()
    with åbn() as session:
        assert session.get_one(Bruger, bruger.id).spærret is not None


def test_who_is_let_in_again_meanwhile_keeps_the_name_whose_time_is_over(
    åbn: Åbn, bruger: Bruger, personale: Personale
) -> None:
    def clean(other: Session) -> int:
        other.info["aktør"] = Aktør(helhedsplan_id=bruger.helhedsplan_id)
        return slet_navne(other, bruger.helhedsplan_id, now().date(), 10)

    with åbn() as session:
        row = session.get_one(Bruger, bruger.id)
        row.spærret = now() - timedelta(days=2000)
        session.commit()
        dpo(session, personale)
        lås_bruger(session, bruger.id)
        night = Samtidig(åbn, clean)
        night.venter()
        åbn_bruger(session, row)
        session.commit()
    assert night.færdig() == 0
    with åbn() as session:
        assert session.get_one(Bruger, bruger.id).brugernavn == NAVN


def test_two_users_whose_sessions_end_at_the_service_are_both_locked_before_the_trail(
    åbn: Åbn, personale: Personale
) -> None:
    folk = sorted((personale.brugere[ROLLE], personale.brugere[Rolle.LEDER]), key=lambda row: row.id)
    with åbn() as session:
        for row in folk:
            start_session(session, row, "prøve", oidc=b"s" * 32 + (mærke("https://id.example.dk", "sid-1") or b""))
            session.commit()
    with åbn() as session:
        session.info["aktør"] = Aktør(folk[1].id, folk[1].rolle, folk[1].helhedsplan_id)
        lås_bruger(session, folk[1].id)
        out = Samtidig(åbn, lambda other: afmeld_gennem(other, "https://id.example.dk", "", "sid-1", "jti-1"))
        out.venter()
        skriv(session, Handling.LOGGET_UD, "bruger", [folk[1].id])
        session.commit()
    assert out.færdig() == 2
