"""A sign-in on a device not seen before is told of, and the user says whether it was she."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from rådgivning import create_app, database
from rådgivning.adgang.browser import limit_key
from rådgivning.adgang.limits import PAR, Forsøg, tæl_forsøg
from rådgivning.adgang.models import BrugerSession, Enhed
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.seen_devices import kendt_hemmelighed, netværk
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.mail import brev
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Postopsætning, Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import KODEORD, Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"


def ind(client: Klient, browser: str, adresse: str = "192.0.2.17") -> None:
    """Sign in as the leder with this browser from this address."""
    data = {"brugernavn": "leder", "kodeord": KODEORD, "csrf_token": client.csrf()}
    environ: Any = {"REMOTE_ADDR": adresse}
    svar = client.post("/log-ind", data=data, headers={"User-Agent": browser}, environ_overrides=environ)
    assert svar.status_code == 303


def rækker(kontekst: Nøglekontekst) -> tuple[list[Enhed], list[Besked]]:
    """All devices by age, all notices of a new one."""
    news = select(Besked).where(Besked.slags == Slags.NY_ENHED)
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        devices = session.exec(select(Enhed)).all()
        return sorted(devices, key=lambda d: d.oprettet), list(session.exec(news).all())


def test_a_new_device_is_told_of_and_ended_by_the_one_whose_it_is_not(
    klient: Klienter, kontekst: Nøglekontekst
) -> None:
    office, thief = klient(None), klient(None)
    ind(office, FIREFOX)
    assert rækker(kontekst)[1] == []
    assert "på en ny enhed" not in office.get("/sessioner").text
    database.clock.read = lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    ind(thief, IPHONE, "2001:db8:77:1::9")
    ind(office, FIREFOX)
    devices, [besked] = rækker(kontekst)
    assert [d.beskrivelse for d in devices] == ["Firefox på Linux", "Safari på iPhone"]
    assert (besked.slags, besked.tal) == (Slags.NY_ENHED, {"Safari på iPhone": 1})
    notices = office.get("/beskeder").text
    assert "logget ind som dig på 1 ny enhed: Safari på iPhone" in notices
    assert "Var det ikke dig?" in notices
    page = office.get("/sessioner").text
    assert "Safari på iPhone, første gang 20.11.2026 kl. 13.00" in page
    assert "2001:db8:77::/48" in page
    assert "Samme netværk som dig nu" not in page
    assert "Det var ikke mig" not in thief.get("/sessioner").text
    assert thief.send(f"/sessioner/enheder/{devices[1].id}/min").status_code == 409
    svar = office.send(f"/sessioner/enheder/{devices[1].id}/ikke-min")
    assert (svar.status_code, svar.location) == (303, "/kodeord")
    assert thief.get("/sessioner").status_code == 303
    assert [d.beskrivelse for d in rækker(kontekst)[0]] == ["Firefox på Linux"]
    with kontekst.session(Aktør()) as session:
        trail = session.exec(select(Spor).where(Spor.genstand == "enhed")).all()
        assert [(e.handling, e.anledning) for e in trail] == [
            ("logget ind", "ny enhed"),
            ("logget ud", "ikke brugeren selv"),
        ]


@SQLITE
def test_a_device_is_named_confirmed_and_forgotten_and_known_after_signing_out(
    klient: Klienter, kontekst: Nøglekontekst
) -> None:
    office, phone = klient(None), klient(None)
    ind(office, FIREFOX)
    ind(phone, IPHONE)
    _office, telefon = rækker(kontekst)[0]
    side = f"/sessioner/enheder/{telefon.id}"
    assert phone.send(side, {"navn": ""}).status_code == 422
    assert "CPR" in phone.send(side, {"navn": "131052-1234"}).text
    assert phone.send(side, {"navn": "Telefonen"}).status_code == 303
    page = office.get("/sessioner").text
    assert "Telefonen" in page
    assert "Det var mig" in page
    assert office.send(f"{side}/min").status_code == 303
    assert "Det var mig" not in office.get("/sessioner").text
    phone.send("/log-ud")
    ind(phone, IPHONE)
    assert len(rækker(kontekst)[0]) == 2
    assert len(rækker(kontekst)[1]) == 1
    assert phone.send(f"{side}/glem").status_code == 409
    assert office.send(f"{side}/glem").status_code == 303
    assert phone.get("/sessioner").status_code == 303
    assert office.get(side).status_code == 404
    assert klient(Rolle.INKASSO).get(f"/sessioner/enheder/{_office.id}").status_code == 404


@SQLITE
def test_a_device_is_forgotten_after_a_year_and_its_row_ties_no_two_users(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    shared = klient(None)
    ind(shared, FIREFOX)
    cookie = shared.get_cookie("enhed")
    assert cookie is not None
    shared.log_ind("inkasso")
    again = shared.get_cookie("enhed")
    assert again is not None
    hers, før = again.value.split(".")
    assert (før, len({hers, før})) == (cookie.value, 2)
    first, second = rækker(kontekst)[0]
    assert first.mærke != second.mærke
    leder, inkasso = personale.brugere[Rolle.LEDER].id, personale.brugere[Rolle.INKASSO].id
    with kontekst.session(Aktør()) as session:
        assert kendt_hemmelighed(session, leder, again.value) == før
        assert kendt_hemmelighed(session, inkasso, again.value) == hers
        assert kendt_hemmelighed(session, leder, hers) == kendt_hemmelighed(session, inkasso, før) == ""
        assert kendt_hemmelighed(session, personale.brugere[Rolle.EJENDOMSDRIFT].id, again.value) == ""
        assert kendt_hemmelighed(session, leder, "") == ""
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(days=366)
    with kontekst.session(Aktør()) as session:
        assert kendt_hemmelighed(session, leder, again.value) == ""
    ind(shared, FIREFOX)
    [kept] = rækker(kontekst)[0]
    assert kept.id not in {first.id, second.id}


@SQLITE
def test_a_secret_known_to_somebody_else_is_never_taken_over_as_hers(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    """A colleague signs in at home and puts her cookie into the office's browser, where the leder then signs in."""
    home, office = klient(None), klient(None)
    home.log_ind("inkasso")
    planted = home.get_cookie("enhed")
    assert planted is not None
    office.set_cookie("enhed", planted.value)
    ind(office, FIREFOX)
    both = office.get_cookie("enhed")
    assert both is not None
    assert both.value.endswith(f".{planted.value}")
    leder = personale.brugere[Rolle.LEDER].id
    with kontekst.session(Aktør()) as session:
        assert kendt_hemmelighed(session, leder, both.value)
        assert kendt_hemmelighed(session, leder, planted.value) == ""
    ind(home, IPHONE)
    assert [b.tal for b in rækker(kontekst)[1]] == [{"Safari på iPhone": 1}], "she is told of the home that is not hers"


@SQLITE
def test_a_shared_browser_known_to_one_is_no_way_round_the_waiting_for_the_other(
    klient: Klienter, app: Flask, kontekst: Nøglekontekst
) -> None:
    shared = klient(None)
    ind(shared, FIREFOX)
    shared.send("/log-ud")
    with app.app_context():
        nøgle = limit_key()
    with kontekst.session(Aktør()) as session:  # somebody next door has tried both names too often
        for navn in ("leder", "inkasso"):
            for _ in range(PAR.frie):
                tæl_forsøg(session, Forsøg(nøgle, navn, "127.0.0.1"))
        session.commit()
    assert shared.log_ind("inkasso").status_code == 429
    assert shared.log_ind("leder").status_code == 303


@SQLITE
def test_a_browser_of_many_users_remembers_the_last_twelve(klient: Klienter, personale: Personale) -> None:
    client = klient(None)
    client.set_cookie("enhed", ".".join(f"{n:043}" for n in range(40)))
    ind(client, FIREFOX)
    cookie = client.get_cookie("enhed")
    assert cookie is not None
    assert len(cookie.value.split(".")) == 12
    assert cookie.value.endswith(f".{10:043}")
    client.send("/log-ud")
    ind(client, FIREFOX)
    again = client.get_cookie("enhed")
    assert again is not None
    assert again.value == cookie.value


@SQLITE
def test_a_cookie_that_is_not_ours_is_replaced(klient: Klienter) -> None:
    client = klient(None)
    client.set_cookie("enhed", "valgt af en anden")
    ind(client, FIREFOX)
    cookie = client.get_cookie("enhed")
    assert cookie is not None
    assert len(cookie.value) == 43


@SQLITE
def test_with_https_the_device_cookie_is_bound_to_the_host(settings: Settings, personale: Personale) -> None:
    app = create_app(replace(settings, https=True))
    app.test_client_class = Klient
    client = app.test_client()
    base = "https://localhost"
    token = client.get("/log-ind", base_url=base).text.partition('name="csrf-token" content="')[2].partition('"')[0]
    data = {"brugernavn": "leder", "kodeord": KODEORD, "csrf_token": token}
    svar = client.post("/log-ind", data=data, base_url=base)
    [cookie] = [c for c in svar.headers.getlist("Set-Cookie") if c.startswith("__Host-enhed=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"} <= set(cookie.split("; "))
    app.extensions["nøgler"].close()


def test_the_mail_names_no_device_and_says_what_to_do() -> None:
    post = Postopsætning("localhost", 25, "ingen", "fra@example.dk", "https://sager.example.dk")
    mail = brev(post, "til@example.dk", Slags.NY_ENHED, 1, {"Safari på iPhone": 1}, [new_id()])
    text = mail.get_content()
    assert mail["Subject"] == "Der er logget ind som dig på 1 ny enhed"
    assert "Var det ikke dig?" in text
    assert "Safari" not in text


def test_a_network_is_told_but_no_single_machine() -> None:
    assert netværk("87.49.12.200") == "87.49.12.x"
    assert netværk("2001:db8:77:1234::5") == "2001:db8:77::/48"
    assert netværk("") == ""


@SQLITE
def test_a_session_from_before_devices_were_known_is_still_shown(
    klient: Klienter, app: Flask, kontekst: Nøglekontekst
) -> None:
    client = klient(Rolle.LEDER)
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(BrugerSession.enhed_id)).all() == [None]
    assert "Vides ikke" in client.get("/sessioner").text
