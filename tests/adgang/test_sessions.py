"""Sessions end when they should, and a user sees and ends her own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlmodel import col, select

from rådgivning import create_app, database
from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import find_bruger, spær_bruger
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import KODEORD, Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def gå(skridt: timedelta) -> None:
    """Let time pass since ten o'clock."""
    database.clock.read = lambda: START + skridt


def er_inde(client: Klient) -> bool:
    """Whether the client is signed in."""
    return client.get("/sessioner").status_code == 200


def test_a_session_ends_after_an_idle_hour_and_use_prolongs_it(klient: Klienter) -> None:
    client = klient(Rolle.LEDER)
    for minutes in (55, 110, 165):
        gå(timedelta(minutes=minutes))
        assert er_inde(client)
    gå(timedelta(minutes=165 + 60))
    assert not er_inde(client)
    assert unquote(client.get("/sessioner").location) == "/log-ind?næste=/sessioner"


def test_a_session_ends_after_its_absolute_time_however_much_it_is_used(klient: Klienter) -> None:
    client = klient(Rolle.LEDER)
    for halves in range(1, 24):
        gå(timedelta(minutes=30 * halves))
        assert client.send("/sessioner/forlæng").status_code == 204
    gå(timedelta(hours=12))
    assert not er_inde(client)


def test_the_page_says_how_long_the_session_lives(klient: Klienter) -> None:
    client = klient(Rolle.LEDER)
    assert 'name="session-sekunder" content="3600"' in client.get("/sessioner").text
    for halves in range(1, 24):
        gå(timedelta(minutes=30 * halves))
        client.get("/sessioner")
    assert 'name="session-sekunder" content="1800"' in client.get("/sessioner").text
    assert "session-sekunder" not in klient(None).get("/log-ind").text


def test_a_blocked_user_is_out_with_her_next_click(klient: Klienter, kontekst: Nøglekontekst) -> None:
    client = klient(Rolle.LEDER)
    assert er_inde(client)
    with kontekst.session(Aktør()) as session:
        leder = find_bruger(session, "leder")
        assert leder is not None
        spær_bruger(session, leder)
        session.commit()
    assert not er_inde(client)
    assert client.log_ind("leder").status_code == 422


def test_signing_in_gives_a_new_token_and_an_empty_form_cookie(klient: Klienter, app: Flask) -> None:
    client = klient(Rolle.LEDER)
    first, form = client.get_cookie("raadgivning"), client.csrf()
    assert first is not None
    assert client.log_ind("leder").status_code == 303
    second = client.get_cookie("raadgivning")
    assert second is not None
    assert second.value != first.value
    assert client.post("/sessioner/forlæng", data={"csrf_token": form}).status_code == 400
    stale = app.test_client()
    stale.set_cookie("raadgivning", first.value)
    assert stale.get("/sessioner").status_code == 303
    stale.set_cookie("raadgivning", "gættet")
    assert stale.get("/sessioner").status_code == 303


def test_a_token_brought_along_by_a_stranger_is_not_taken_over(klient: Klienter) -> None:
    client = klient(None)
    client.set_cookie("raadgivning", "valgt-af-en-anden")
    assert client.log_ind("leder").status_code == 303
    cookie = client.get_cookie("raadgivning")
    assert cookie is not None
    assert cookie.value != "valgt-af-en-anden"


def test_signing_out_ends_the_session_and_clears_the_browser(klient: Klienter, kontekst: Nøglekontekst) -> None:
    client = klient(Rolle.LEDER)
    token = client.get_cookie("raadgivning")
    svar = client.send("/log-ud")
    assert (svar.status_code, svar.location) == (303, "/log-ind")
    assert svar.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("formular") is None
    assert client.get_cookie("raadgivning") is None
    assert token is not None
    client.set_cookie("raadgivning", token.value)
    assert not er_inde(client)
    with kontekst.session(Aktør()) as session:
        handlinger = session.exec(select(Spor.handling).where(Spor.genstand == "bruger").order_by(col(Spor.nr))).all()
        assert handlinger[-2:] == [Handling.LOGGET_IND, Handling.LOGGET_UD]


def test_own_sessions_are_listed_in_words_and_ended_one_by_one(klient: Klienter) -> None:
    here, phone, third = klient(Rolle.LEDER), klient(None), klient(None)
    chrome = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
    data = {"brugernavn": "leder", "kodeord": KODEORD}
    phone.post("/log-ind", data={**data, "csrf_token": phone.csrf()}, headers={"User-Agent": chrome})
    third.log_ind("leder")
    page = here.get("/sessioner").text
    assert page.count("Afslut</button>") == 2
    assert "Chrome på Android" in page
    assert page.count("Denne her") == 1
    with here.application.app_context(), here.application.extensions["make_session"]() as session:
        rows = session.exec(select(BrugerSession).where(BrugerSession.enhed == "Chrome på Android")).all()
        phone_id = rows[0].id
    assert here.send(f"/sessioner/{phone_id}/afslut").status_code == 303
    assert (er_inde(here), er_inde(phone), er_inde(third)) == (True, False, True)
    assert here.send(f"/sessioner/{phone_id}/afslut").status_code == 404
    assert here.send("/sessioner/afslut-andre").status_code == 303
    assert (er_inde(here), er_inde(third)) == (True, False)
    assert here.get("/sessioner").text.count("Afsluttet fra en anden enhed 20.11.2026 kl. 10.00") == 2
    here.send("/log-ud")
    here.log_ind("leder")
    assert "Logget ud 20.11.2026" in here.get("/sessioner").text
    gå(timedelta(hours=13))
    here.log_ind("leder")
    assert "Løb ud, sidst brugt 20.11.2026 kl. 10.00" in here.get("/sessioner").text


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_ending_sessions_wants_a_proof_that_is_not_old(klient: Klienter) -> None:
    here, other = klient(Rolle.LEDER), klient(Rolle.LEDER)
    gå(timedelta(minutes=16))
    assert er_inde(other)
    asked = here.send("/sessioner/afslut-andre")
    assert asked.status_code == 403
    assert "Bekræft, at det er dig" in asked.text
    assert er_inde(other)
    assert here.send("/sessioner/afslut-andre", {"bekræft_kodeord": KODEORD}).status_code == 303
    assert (er_inde(here), er_inde(other)) == (True, False)


def test_changing_the_password_needs_the_old_one_and_ends_the_other_sessions(klient: Klienter) -> None:
    here, other = klient(Rolle.LEDER), klient(Rolle.LEDER)
    assert here.get("/kodeord").status_code == 200
    new = "en helt anden sætning"

    def skift(gammelt: str, nyt: str, gentaget: str = "") -> tuple[int, str]:
        svar = here.send("/kodeord", {"gammelt": gammelt, "nyt": nyt, "gentaget": gentaget or nyt})
        assert gammelt not in svar.text
        return svar.status_code, svar.text

    for gammelt, nyt, gentaget, besked in (
        ("forkert gammel kode", new, "", "Den nuværende adgangskode er forkert."),
        (KODEORD, "kort", "", "mindst 12 tegn"),
        (KODEORD, KODEORD, "", "en anden end den gamle"),
        (KODEORD, new, "noget helt andet", "ikke ens"),
    ):
        status, text = skift(gammelt, nyt, gentaget)
        assert status == 422
        assert besked in text
    assert er_inde(other)
    assert skift(KODEORD, new)[0] == 303
    assert (er_inde(here), er_inde(other)) == (True, False)
    assert klient(None).log_ind("leder").status_code == 422
    assert klient(None).log_ind("leder", new).status_code == 303


def test_sessions_of_last_month_are_forgotten(klient: Klienter, kontekst: Nøglekontekst) -> None:
    klient(None).log_ind("leder")
    gå(timedelta(days=32))
    klient(None).log_ind("leder")
    with kontekst.session(Aktør()) as session:
        assert [row.oprettet for row in session.exec(select(BrugerSession)).all()] == [now()]


@pytest.mark.parametrize("https", [True, False])
def test_cookies_are_http_only_lax_and_with_https_bound_to_the_host(
    settings: Settings, personale: Personale, https: bool
) -> None:
    app = create_app(replace(settings, https=https))
    app.test_client_class = Klient
    client = app.test_client()
    assert isinstance(client, Klient)
    base = "https://localhost" if https else "http://localhost"
    page = client.get("/log-ind", base_url=base)
    token = page.text.partition('name="csrf-token" content="')[2].partition('"')[0]
    data = {"brugernavn": "leder", "kodeord": KODEORD, "csrf_token": token}
    svar = client.post("/log-ind", data=data, base_url=base)
    assert svar.status_code == 303
    cookies = [*page.headers.getlist("Set-Cookie"), *svar.headers.getlist("Set-Cookie")]
    names = ["__Host-raadgivning", "__Host-formular"] if https else ["raadgivning", "formular"]
    for name in names:
        cookie = next(c for c in reversed(cookies) if c.startswith(f"{name}="))
        parts = set(cookie.split("; ")[1:])
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= parts
        assert ("Secure" in parts) == https
        assert not any(part.startswith("Domain") for part in parts)
    assert ("Strict-Transport-Security" in svar.headers) == https
    app.extensions["nøgler"].engine.dispose()
    app.extensions["nøgler"].keystore.engine.dispose()
