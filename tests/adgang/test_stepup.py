"""Step-up: what is dangerous waits for a proof that is not old, and nothing typed is lost while it waits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import pytest
from flask import Flask, request
from sqlmodel import col, select

from rådgivning import database
from rådgivning.adgang.limits import PAR
from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Ret, Rolle, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import KODEORD, Klient

Klienter = Callable[[Rolle | None], Klient]
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
BEVIS = {"bekræft_kodeord": KODEORD}


def gå(skridt: timedelta) -> None:
    """Let time pass since ten o'clock."""
    database.clock.read = lambda: START + skridt


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a page that echoes what it was sent, for the fresh alone."""

    @kræver(Ret.BRUGERE)
    @frisk
    def farlig() -> str:
        felter = [f"{name}={value}" for name, value in request.form.items(multi=True) if name != "csrf_token"]
        return "|".join(["gjort", *felter, *request.args.getlist("q")])

    app.add_url_rule("/farlig", view_func=farlig, methods=["GET", "POST"])
    return app


def hidden(page: str) -> dict[str, list[str]]:
    """The hidden fields of the question, by name."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


def test_signing_in_counts_and_the_minutes_run_out(klient: Klienter) -> None:
    client = klient(Rolle.DATABESKYTTELSE)
    gå(timedelta(minutes=14, seconds=59))
    assert client.get("/farlig").text == "gjort"
    gå(timedelta(minutes=15))
    svar = client.get("/farlig?q=2")
    assert (svar.status_code, unquote(svar.location)) == (303, "/bekræft?næste=/farlig?q=2")


def test_a_page_comes_back_after_the_password_and_the_session_has_another_token(
    klient: Klienter, kontekst: Nøglekontekst
) -> None:
    client = klient(Rolle.DATABESKYTTELSE)
    gå(timedelta(minutes=16))
    old = client.get_cookie("raadgivning")
    svar = client.get("/farlig?q=2")
    assert "Bekræft, at det er dig" in client.get(svar.location).text
    assert client.send(svar.location, {}).status_code == 422
    wrong = client.send(svar.location, {"bekræft_kodeord": "forkert"})
    assert (wrong.status_code, "Adgangskoden er forkert." in wrong.text) == (422, True)
    assert client.get("/farlig").status_code == 303
    right = client.send(svar.location, BEVIS)
    assert (right.status_code, right.location) == (303, "/farlig?q=2")
    assert client.get(right.location).text == "gjort|2"
    new = client.get_cookie("raadgivning")
    assert old is not None
    assert new is not None
    assert new.value != old.value
    stale = client.application.test_client()
    stale.set_cookie("raadgivning", old.value)
    assert unquote(stale.get("/farlig").location).startswith("/log-ind")
    with kontekst.session(Aktør()) as session:
        seen = session.exec(select(Spor.handling, Spor.anledning).order_by(col(Spor.nr))).all()
        assert seen.count((Handling.AFVIST, "skal bekræftes igen")) == 2
        assert seen.count((Handling.AFVIST, "forkert adgangskode")) == 1
        assert seen.count((Handling.ÆNDRET, "bekræftet igen")) == 1
        row = session.exec(select(BrugerSession)).one()
        assert (row.bevist, row.faktor) == (START + timedelta(minutes=16), "totp")


def test_a_form_is_asked_about_where_it_was_sent_and_everything_typed_goes_along(klient: Klienter) -> None:
    client = klient(Rolle.DATABESKYTTELSE)
    gå(timedelta(minutes=16))
    typed = {
        "notat": 'Linje 1\nLinje 2 <b>"æøå"</b>',
        "emner": ["a", "b"],
        "formular_id": "17",
        "nyt_kodeord": "hemmeligt",
    }
    asked = client.send("/farlig?q=x", typed)
    assert asked.status_code == 403
    assert "Intet er gjort endnu" in asked.text
    assert "hemmeligt" not in asked.text
    kept = hidden(asked.text)
    assert kept == {"notat": [typed["notat"]], "emner": ["a", "b"], "formular_id": ["17"]} | {
        "csrf_token": kept["csrf_token"]
    }
    again = client.send("/farlig?q=x", {**kept, "bekræft_kodeord": "forkert"})
    assert again.status_code == 422
    assert hidden(again.text)["notat"] == [typed["notat"]]
    done = client.send("/farlig?q=x", {**kept, **BEVIS})
    assert done.status_code == 200
    assert done.text == f"gjort|notat={typed['notat']}|emner=a|emner=b|formular_id=17|x"
    assert client.send("/farlig").text == "gjort"


def test_a_file_is_said_not_to_go_along(klient: Klienter) -> None:
    client = klient(Rolle.DATABESKYTTELSE)
    gå(timedelta(minutes=16))
    asked = client.send("/farlig", {"fil": (BytesIO(b"x"), "x.csv")})
    assert "Filen, du valgte, kan ikke følge med" in asked.text


@pytest.mark.parametrize(
    "næste",
    [
        *("https://eksempel.dk/", "//eksempel.dk", "/\\eksempel.dk", "/findes-ikke", "", "/%09/eksempel.dk"),
        *("/static/../..//eksempel.dk", "/.//eksempel.dk", "/log-ind/oidc", "/log-ud"),
    ],
)
def test_nobody_is_sent_to_another_site(klient: Klienter, næste: str) -> None:
    client = klient(Rolle.DATABESKYTTELSE)
    svar = client.send(f"/bekræft?næste={næste}", BEVIS)
    assert (svar.status_code, svar.location) == (303, "/")


def test_guessing_from_a_session_left_open_is_slowed_down(klient: Klienter) -> None:
    client = klient(Rolle.DATABESKYTTELSE)
    gå(timedelta(minutes=16))
    for _ in range(PAR.frie):
        client.send("/bekræft", {"bekræft_kodeord": "forkert"})
    assert "Vent 30 sekunder" in client.send("/bekræft", BEVIS).text
    assert client.get("/farlig").status_code == 303


def test_a_role_without_the_right_is_refused_before_it_is_asked(klient: Klienter) -> None:
    client = klient(Rolle.LEDER)
    gå(timedelta(minutes=16))
    assert client.get("/farlig").status_code == 403
    assert client.send("/farlig", BEVIS).status_code == 403


def test_the_proof_is_kept_in_no_draft_and_no_cookie_when_the_session_ends_meanwhile(klient: Klienter) -> None:
    client = klient(Rolle.DATABESKYTTELSE)
    token = client.csrf()
    gå(timedelta(hours=2))
    client.post("/farlig", data={"csrf_token": token, "navn": "Testa", "bekræft_kode": "123456", **BEVIS})
    with client.session_transaction() as cookie:
        assert cookie["skrevet"]["felter"] == {"navn": ["Testa"]}
