"""Nothing that the leder or databeskyttelse typed is lost when the session ends, and it comes back to her alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlmodel import select

from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import end_sessions
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
NY_BRUGER = "/brugere/ny"


def _end(kontekst: Nøglekontekst, settings: Settings, personale: Personale, rolle: Rolle) -> None:
    with kontekst.session(Aktør()) as session:
        session.info["settings"] = settings
        end_sessions(session, personale.brugere[rolle].id)
        session.commit()


def _lost(klient: Klient, sti: str, felter: dict[str, Any], rolle: Rolle) -> str:
    """Send a form with an ended session, sign in as `rolle`, and open the form again."""
    answer = klient.send(sti, felter)
    assert answer.status_code == 303
    assert "/log-ind" in answer.headers["Location"]
    assert klient.log_ind(str(rolle)).status_code == 303
    page: str = klient.get(sti).text
    return page


def test_a_måling_typed_into_an_ended_session_stands_there_after_signing_in(
    app: Flask, klient: Klienter, kontekst: Nøglekontekst, settings: Settings, personale: Personale
) -> None:
    indikator = next(iter(personale.helhedsplan.indhold["indikator"]))
    leder, sti = klient(Rolle.LEDER), f"/målinger/ny/{indikator}"
    _end(kontekst, settings, personale, Rolle.LEDER)
    page = _lost(leder, sti, {"år": "2026", "værdi": "71,5", "kilde": "Prøvemåling", "note": "skrevet"}, Rolle.LEDER)
    assert "71,5" in page
    assert "Prøvemåling" in page
    assert "skrevet" in page
    assert "71,5" not in leder.get(sti).text
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(Kladde)).all() == []


def test_what_one_user_typed_is_never_shown_to_another(
    app: Flask, klient: Klienter, kontekst: Nøglekontekst, settings: Settings, personale: Personale
) -> None:
    browser = klient(Rolle.DATABESKYTTELSE)
    _end(kontekst, settings, personale, Rolle.DATABESKYTTELSE)
    _lost(browser, NY_BRUGER, {"navn": "Testa Opdigtet", "brugernavn": "testa"}, Rolle.LEDER)
    browser.send("/log-ud")
    assert browser.log_ind("databeskyttelse").status_code == 303
    assert "Testa Opdigtet" not in browser.get(NY_BRUGER).text


def test_a_user_being_made_stands_there_after_signing_in(
    app: Flask, klient: Klienter, kontekst: Nøglekontekst, settings: Settings, personale: Personale
) -> None:
    browser = klient(None)
    browser.log_ind("databeskyttelse")  # in a browser that is known as hers
    _end(kontekst, settings, personale, Rolle.DATABESKYTTELSE)
    page = _lost(browser, NY_BRUGER, {"navn": "Testa Opdigtet", "brugernavn": "testa"}, Rolle.DATABESKYTTELSE)
    assert "Testa Opdigtet" in page


def test_what_is_too_large_for_a_cookie_is_not_promised(
    app: Flask, klient: Klienter, kontekst: Nøglekontekst, settings: Settings, personale: Personale
) -> None:
    browser = klient(Rolle.DATABESKYTTELSE)
    _end(kontekst, settings, personale, Rolle.DATABESKYTTELSE)
    browser.send(NY_BRUGER, {"navn": "x" * 3000})
    assert "står klar" not in browser.get("/log-ind").text
