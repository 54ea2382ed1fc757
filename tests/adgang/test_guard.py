"""The guard: undeclared routes, errors of every kind, first sign-in, and what survives an error."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask, abort, render_template_string
from sqlmodel import select

from rådgivning import database
from rådgivning.adgang.headers import HEADERS
from rådgivning.adgang.permissions import (
    Forbudt,
    Konflikt,
    Ret,
    Rolle,
    check_declarations,
    current_role,
    current_user,
    har_ret,
    kræver,
    offentlig,
)
from rådgivning.adgang.users import opret_bruger
from rådgivning.database import current_session, new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Begrænset, Shredded
from rådgivning.nøgler.opening import MåIkkeÅbne
from rådgivning.nøgler.restriction import KAN_IKKE_ÆNDRES
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør, skriv
from tests.conftest import KODEORD, Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
BEBOER = new_id()


def raises(error: Exception) -> Callable[[], str]:
    """A view that reads somebody and then fails."""

    @kræver(Ret.EGEN_ADGANG)
    def view() -> str:
        skriv(current_session(), Handling.ÅBNET, "beboer", [new_id()], anledning="før fejlen")
        raise error

    return view


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with pages that fail in every way."""
    app.testing = False
    for name, error in {
        "forbudt": Forbudt("beboer"),
        "kuvert": MåIkkeÅbne("beboer"),
        "slettet": Shredded("Nøglen til denne person er slettet."),
        "konflikt": Konflikt("En anden har rettet imens."),
        "begrænset": Begrænset(KAN_IKKE_ÆNDRES, BEBOER),
        "fejl": RuntimeError("Zxq Prøvesen står i fejlen"),
    }.items():
        app.add_url_rule(f"/prøve/{name}", name, raises(error))

    @kræver(Ret.EGEN_ADGANG)
    def status(kode: int) -> str:
        skriv(current_session(), Handling.ÅBNET, "beboer", anledning="før fejlen")
        abort(kode)

    app.add_url_rule("/prøve/status/<int:kode>", "status", status)
    return app


def seneste(kontekst: Nøglekontekst) -> list[tuple[str, str]]:
    """Handling and anledning or status of the reads and refusals, oldest first."""
    with kontekst.session(Aktør()) as session:
        query = select(Spor).where(Spor.kæde != "system", Spor.handling != Handling.LOGGET_IND)
        entries = sorted(session.exec(query).all(), key=lambda e: e.nr)
        return [(e.handling, e.anledning or str(e.detaljer.get("status", ""))) for e in entries]


def test_a_route_that_does_not_say_who_may_use_it_does_not_start(app: Flask) -> None:
    check_declarations(app)
    app.add_url_rule("/åben", "åben", lambda: "hej")
    with pytest.raises(RuntimeError, match="/åben"):
        check_declarations(app)


@pytest.mark.parametrize(
    ("side", "status", "afvist"),
    [
        ("forbudt", 403, True),
        ("kuvert", 403, True),
        ("slettet", 404, True),
        ("konflikt", 409, False),
        ("fejl", 500, False),
        ("status/404", 404, True),
        ("status/413", 413, True),
        ("status/418", 418, False),
        ("status/422", 422, False),
    ],
)
def test_every_error_is_a_danish_page_with_headers_and_keeps_the_read(
    klient: Klienter, kontekst: Nøglekontekst, side: str, status: int, afvist: bool
) -> None:
    client = klient(Rolle.LEDER)
    svar = client.get(f"/prøve/{side}")
    assert svar.status_code == status
    assert '<html lang="da">' in svar.text
    assert "Prøvesen" not in svar.text
    assert {name: svar.headers.get(name) for name in HEADERS} == HEADERS
    assert svar.headers["Cache-Control"] == "no-store"
    refusal = [(Handling.AFVIST, str(status))] if afvist else []
    assert seneste(kontekst) == [(Handling.ÅBNET, "før fejlen"), *refusal]


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_that_a_resident_is_restricted_is_told_to_who_works_with_her_alone(klient: Klienter) -> None:
    for rolle in (Rolle.BEBOERRÅDGIVER, Rolle.DATABESKYTTELSE, Rolle.INKASSO, Rolle.EJENDOMSDRIFT, Rolle.LEDER):
        svar = klient(rolle).get("/prøve/begrænset")
        told = "egrænset" in svar.text or "databeskyttelse" in svar.text.partition("<main")[2]
        assert (svar.status_code, told) == (409, rolle in {Rolle.BEBOERRÅDGIVER, Rolle.DATABESKYTTELSE}), rolle
        assert (str(BEBOER) in svar.text) == (rolle == Rolle.BEBOERRÅDGIVER)
        assert told or "Giv beboerrådgiveren besked" in svar.text


def test_an_error_of_ours_is_logged_by_number_without_its_text(
    klient: Klienter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        svar = klient(Rolle.LEDER).get("/prøve/fejl")
    assert "RuntimeError" in caplog.text
    assert "Prøvesen" not in caplog.text
    number = caplog.text.partition("fejl ")[2][:12]
    assert number in svar.text


def test_unknown_pages_and_methods_are_refused_and_in_the_trail(klient: Klienter, kontekst: Nøglekontekst) -> None:
    client = klient(Rolle.LEDER)
    assert client.get("/findes-ikke").status_code == 404
    assert client.post("/delmål", data={"csrf_token": client.csrf()}).status_code == 405
    assert klient(None).get("/findes-ikke").status_code == 404
    assert seneste(kontekst) == [(Handling.AFVIST, "404"), (Handling.AFVIST, "405")]


def test_static_files_are_cached_and_need_no_session(klient: Klienter) -> None:
    with klient(None).get("/static/app.css") as svar:
        assert svar.status_code == 200
        assert svar.headers["Cache-Control"] == "public, max-age=3600"
        assert svar.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_a_one_time_password_opens_only_the_page_where_it_is_changed(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        plan = personale.helhedsplan.id
        opret_bruger(session, plan, "ny", "Nye Opdigtet", Rolle.LEDER, KODEORD, skal_skifte=True)
        session.commit()
    client = klient(None)
    assert client.log_ind("ny").status_code == 303
    assert client.get("/delmål").headers["Location"] == "/kodeord"
    assert "Vælg din egen adgangskode" in client.get("/kodeord").text
    assert client.get("/sessioner").headers["Location"] == "/kodeord"
    new = "en helt anden sætning"
    assert client.send("/kodeord", {"gammelt": KODEORD, "nyt": new, "gentaget": new}).status_code == 303
    assert client.get("/delmål").status_code == 200


def test_outside_a_request_of_a_user_nobody_has_a_right(app: Flask) -> None:
    with app.test_request_context():
        assert not har_ret(Ret.HJÆLP)
        with pytest.raises(Forbudt):
            current_user()


def test_templates_and_views_know_role_and_rights(app: Flask, klient: Klienter) -> None:
    @offentlig
    def view() -> str:
        return render_template_string("{{ har_ret(Ret.STATISTIK) }}") + str(current_role())

    app.add_url_rule("/prøve/ret", "ret", view)
    assert klient(Rolle.LEDER).get("/prøve/ret").text == "Trueleder"
    menu = klient(Rolle.LEDER).get("/delmål").text
    assert '<a href="/delmål" aria-current="page">' in menu
    assert 'href="/beboere"' not in menu


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_a_database_that_is_busy_for_too_long_says_try_again(
    app: Flask, klient: Klienter, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = klient(Rolle.LEDER)
    monkeypatch.setattr(database, "BUSY_MS", 50)
    app.extensions["nøgler"].engine.dispose()
    with sqlite3.connect(settings.instance / "raadgivning.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = client.get("/delmål")
        other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 503
    assert "optaget" in answer.text
    assert client.get("/delmål").status_code == 200
