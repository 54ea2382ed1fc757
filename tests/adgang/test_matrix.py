"""Every role, route, method and owner: the app's own URL map is walked, so a new route is covered at once.

What depends on rows runs on both databases; what the guard refuses before any row is read, on one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from sqlmodel import Session, col, func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from rådgivning import database
from rådgivning.adgang.headers import HEADERS
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, ÅBNER, Rolle, declared_rights
from rådgivning.database import Base, new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.models import Helhedsplan
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.adgang.objects import (
    FASTE,
    FORESPØRGSEL,
    FÆLLES,
    KUN_DELTAGERES,
    KUN_EGNE,
    KUN_HELE,
    KUN_KLADDE,
    MÆRKE,
    OBJEKTER,
    OVERALT,
    Genstand,
    Sted,
)
from tests.conftest import Klient, Personale, opret_testbruger

Klienter = Callable[[Rolle | None], Klient]
ROLLER = [*Rolle, None]


@dataclass(frozen=True)
class Rute:
    """One route with one method."""

    rule: Rule
    metode: str

    @property
    def rum(self) -> str:
        """The room it belongs to."""
        return str(self.rule.endpoint).partition(".")[0]

    def url(self, app: Flask, argumenter: dict[str, Any]) -> str:
        """The path for these values."""
        with app.test_request_context():
            values = argumenter | FORESPØRGSEL.get(self.rule.endpoint, {})
            return url_for(self.rule.endpoint, **values)

    def åben_for(self, app: Flask, rolle: Rolle | None) -> bool:
        """Whether the role may use it at all."""
        needed = declared_rights(app.view_functions[self.rule.endpoint])
        return not needed or (rolle is not None and bool(needed & RETTIGHEDER[rolle]))


def ruter(app: Flask) -> list[Rute]:
    """All routes of the app; those that end the session come last."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    found = [Rute(rule, metode) for rule in rules for metode in sorted(rule.methods or ()) if metode in METODER]
    return sorted(found, key=lambda r: (r.rule.endpoint == "adgang.log_ud", r.rule.rule, r.metode))


METODER = {"GET", "POST", "PUT", "PATCH", "DELETE"}


class Verden:
    """The database around the app: makes objects, reads the trail, compares before and after."""

    def __init__(self, app: Flask, kontekst: Nøglekontekst, personale: Personale, settings: Settings) -> None:
        self.app, self.kontekst, self.personale, self.settings = app, kontekst, personale, settings
        with kontekst.session(Aktør()) as session:
            session.expire_on_commit = False
            own = personale.helhedsplan
            values = own.model_dump(exclude={"id", "nøgle"})
            self.fremmed_plan = Helhedsplan(nøgle="fremmed", **values)
            session.add(self.fremmed_plan)
            session.flush()
            self.kolleger = {r: opret_testbruger(session, own, r, f"kollega-{r}") for r in Rolle}
            self.fremmede = {r: opret_testbruger(session, self.fremmed_plan, r, f"fremmed-{r}") for r in Rolle}
            session.commit()

    def genstand(self, rute: Rute, ejer: Bruger) -> Genstand:
        """An object for the route's arguments, owned by a user and standing in her helhedsplan."""
        wanted = set(rute.rule.arguments)
        if not wanted:
            return Genstand({})
        own = ejer.helhedsplan_id == self.personale.helhedsplan.id
        plan = self.personale.helhedsplan if own else self.fremmed_plan
        with self.kontekst.session(Aktør(ejer.id, ejer.rolle, plan.id)) as session:
            sted = Sted(session, self.settings, plan, ejer)
            everywhere = {name: OVERALT[name](sted) for name in wanted & set(OVERALT)}
            values = {name: one.argumenter["id"] for name, one in everywhere.items()}
            values |= {name: FASTE[name] for name in wanted & set(FASTE)}
            made = OBJEKTER[rute.rum](sted) if wanted - set(values) else Genstand({})
            session.commit()
        values |= {name: value for name, value in made.argumenter.items() if name in wanted}
        missing = wanted - set(values)
        assert not missing, f"{rute.rule.rule}: no value for {missing} in tests/adgang/objects.py"
        return Genstand(values, made.tabel or next((one.tabel for one in everywhere.values()), ""))

    def afviste(self) -> list[Spor]:
        """All refusals so far, latest last."""
        with self.kontekst.session(Aktør()) as session:
            query = select(Spor).where(Spor.handling == Handling.AFVIST).order_by(col(Spor.tidspunkt), col(Spor.nr))
            return list(session.exec(query).all())

    def antal_afviste(self) -> int:
        """How many refusals there are."""
        with self.kontekst.session(Aktør()) as session:
            return session.exec(select(func.count()).where(Spor.handling == Handling.AFVIST)).one()

    def indhold(self) -> dict[str, list[Any]]:
        """Every row of every table but those that any request may touch."""
        rørte = {"spor", "spor_hoved", "spor_nævnt", "brugersession", "loginforsøg", "fremmed_afvist"}
        with Session(self.kontekst.engine) as session:
            return {
                table.name: sorted(map(repr, session.execute(table.select()).all()))
                for table in Base.metadata.sorted_tables
                if table.name not in rørte
            }


@pytest.fixture
def verden(app: Flask, kontekst: Nøglekontekst, personale: Personale, settings: Settings) -> Verden:
    """The world of one test."""
    return Verden(app, kontekst, personale, settings)


class Gang:
    """One user's walk: sends requests, watches what every answer must have, and signs in again when signed out."""

    def __init__(self, verden: Verden, klient: Klienter, rolle: Rolle | None) -> None:
        self.verden, self.klienter, self.rolle = verden, klient, rolle
        self._sign_in()

    def _sign_in(self) -> None:
        self.klient = self.klienter(self.rolle)
        self.token = self.klient.csrf()

    def send(self, rute: Rute, argumenter: dict[str, Any]) -> TestResponse:
        """The answer of a route; a POST carries the CSRF token and nothing else."""
        url = rute.url(self.verden.app, argumenter)
        data = None if rute.metode == "GET" else {"csrf_token": self.token}
        svar = self.klient.open(url, method=rute.metode, data=data)
        for name, value in HEADERS.items():
            assert svar.headers.get(name) == value, (url, name)
        assert svar.headers["Cache-Control"] == "no-store", url
        assert svar.status_code < 500, (url, svar.text)
        if rute.metode != "GET" and self.rolle is not None and self.klient.get("/sessioner").status_code != 200:
            self._sign_in()
        return svar


def se_alt(rolle: Rolle, tabel: str) -> bool:
    """Whether a role sees all rows of a table in its helhedsplan, not only its own."""
    if rolle is Rolle.BEBOERRÅDGIVER and tabel in KUN_DELTAGERES:
        return False
    return tabel not in KUN_EGNE and (tabel not in ÅBNER[rolle] or ÅBNER[rolle][tabel].omfang != "egne")


@pytest.mark.parametrize("rolle", list(Rolle))
def test_a_role_gets_what_it_may_and_only_its_own_where_that_is_the_rule(
    verden: Verden, klient: Klienter, rolle: Rolle
) -> None:
    gang = Gang(verden, klient, rolle)
    wrong: list[object] = []
    for rute in ruter(verden.app):
        if not rute.åben_for(verden.app, rolle):
            continue
        own = verden.genstand(rute, verden.personale.brugere[rolle])
        status = gang.send(rute, own.argumenter).status_code
        if status in {401, 403, 404, 405}:
            wrong.append((rute, "own", status))
        if not set(own.argumenter) - FÆLLES:
            continue
        other = verden.genstand(rute, verden.kolleger[rolle])
        status = gang.send(rute, other.argumenter).status_code
        covered = rolle is Rolle.BEBOERRÅDGIVER and rute.rule.endpoint in KUN_HELE
        if (covered and status != 403) or (status not in {401, 403, 404}) != (se_alt(rolle, own.tabel) and not covered):
            wrong.append((rute, "a colleague's", status))
    assert wrong == []


@pytest.mark.parametrize("rolle", list(Rolle))
def test_what_is_elsewhere_or_nowhere_is_not_found_and_the_refusal_is_in_the_trail(
    verden: Verden, klient: Klienter, rolle: Rolle
) -> None:
    gang = Gang(verden, klient, rolle)
    wrong: list[object] = []
    for rute in ruter(verden.app):
        if not rute.åben_for(verden.app, rolle) or not rute.rule.arguments - FÆLLES:
            continue
        elsewhere = verden.genstand(rute, verden.fremmede[rolle]).argumenter
        nowhere = {name: value if name in FÆLLES else new_id() for name, value in elsewhere.items()}
        before = verden.indhold()
        for argumenter in (elsewhere, nowhere):
            count = verden.antal_afviste()
            svar = gang.send(rute, argumenter)
            assert MÆRKE not in svar.text, rute
            if (rute.rule.endpoint, rute.metode) in KUN_KLADDE:
                assert svar.status_code == 422
                continue
            entry = verden.afviste()[-1] if verden.antal_afviste() == count + 1 else None
            if svar.status_code != 404 or entry is None:
                wrong.append((rute, argumenter is nowhere, svar.status_code, verden.antal_afviste() - count))
                continue
            assert entry.aktør == verden.personale.brugere[rolle].id
            assert entry.detaljer["status"] == 404
            assert {str(v) for n, v in argumenter.items() if n not in FÆLLES} >= set(entry.rækker) != set()
        if verden.indhold() != before:
            wrong.append((rute, "changed something"))
    assert wrong == []


@pytest.mark.parametrize("databasetype", ["sqlite"])
@pytest.mark.parametrize("rolle", ROLLER)
def test_what_a_role_may_not_is_refused_shows_nothing_changes_nothing_and_is_in_the_trail(
    verden: Verden, klient: Klienter, rolle: Rolle | None
) -> None:
    gang = Gang(verden, klient, rolle)
    closed = [r for r in ruter(verden.app) if not r.åben_for(verden.app, rolle)]
    assert closed
    targets = [(r, verden.genstand(r, verden.kolleger[Rolle.BEBOERRÅDGIVER]).argumenter) for r in closed]
    before = verden.indhold()
    for minute, (rute, argumenter) in enumerate(targets):
        if rolle is None:  # a stranger's same refusal within a minute is counted, and told when the minute is over
            at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(minutes=minute)
            database.clock.read = lambda at=at: at  # type: ignore[misc]
        count = verden.antal_afviste()
        svar = gang.send(rute, argumenter)
        assert svar.status_code == (303 if rolle is None else 403), rute
        assert rolle is not None or svar.location.startswith("/log-ind?"), rute
        assert MÆRKE not in svar.text
        assert verden.antal_afviste() == count + 1, rute
        entry = verden.afviste()[-1]
        assert entry.aktør == (None if rolle is None else verden.personale.brugere[rolle].id)
        assert entry.detaljer == {"status": 401 if rolle is None else 403, "metode": rute.metode}
    assert verden.indhold() == before


@pytest.mark.parametrize("databasetype", ["sqlite"])
@pytest.mark.parametrize("rolle", [Rolle.LEDER, Rolle.DATABESKYTTELSE])
def test_a_role_without_envelopes_opens_none_whatever_it_asks_for(
    verden: Verden, klient: Klienter, rolle: Rolle
) -> None:
    assert set(ÅBNER[rolle]) <= {"nødadgang", "gennemset"}
    gang = Gang(verden, klient, rolle)
    for rute in ruter(verden.app):
        argumenter = verden.genstand(rute, verden.kolleger[Rolle.BEBOERRÅDGIVER]).argumenter
        assert MÆRKE.encode() not in gang.send(rute, argumenter).data, rute
    with verden.kontekst.session(Aktør()) as session:
        # The feed's address is its own key: whoever fetches it, its reads are those of the user it was made for.
        mine = Spor.aktør == verden.personale.brugere[rolle].id
        query = select(Spor.genstand).where(Spor.handling == Handling.ÅBNET, mine).distinct()
        # A request is what databeskyttelse is there for; nothing of the resident's own is opened until it is known
        # that it is she who asks. Why a resident was opened in an emergency stands in an envelope of its own.
        assert set(session.exec(query).all()) <= {"spor", "anmodning", "nødadgang", "gennemset"}


@pytest.mark.parametrize("databasetype", ["sqlite"])
@pytest.mark.parametrize("rolle", list(Rolle))
def test_no_form_is_taken_without_its_token_or_from_another_site(
    verden: Verden, klient: Klienter, rolle: Rolle
) -> None:
    gang = Gang(verden, klient, rolle)
    posts = [r for r in ruter(verden.app) if r.metode != "GET" and r.åben_for(verden.app, rolle)]
    targets = [(r, verden.genstand(r, verden.personale.brugere[rolle]).argumenter) for r in posts]
    before = verden.indhold()
    for rute, argumenter in targets:
        url = rute.url(verden.app, argumenter)
        assert gang.klient.open(url, method=rute.metode).status_code == 400, rute
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
            svar = gang.klient.open(url, method=rute.metode, data={"csrf_token": gang.token}, headers=headers)
            assert svar.status_code == 403, (rute, headers)
    assert verden.indhold() == before


def test_after_a_walk_through_everything_the_trail_holds_and_names_nobody(verden: Verden, klient: Klienter) -> None:
    gang = Gang(verden, klient, Rolle.BEBOERRÅDGIVER)
    for rute in ruter(verden.app):
        gang.send(rute, verden.genstand(rute, verden.personale.brugere[Rolle.BEBOERRÅDGIVER]).argumenter)
    with verden.kontekst.session(Aktør()) as session:
        assert tjek(session, verden.kontekst.audit_key) == []
        for entry in session.exec(select(Spor)).all():
            text = entry.model_dump_json(exclude={"mac"})
            assert not any(name in text for name in (MÆRKE, "Testa", "kollega", "fremmed"))


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_every_argument_of_every_route_has_an_object(app: Flask) -> None:
    named = {name: rute.rum for rute in ruter(app) for name in rute.rule.arguments - set(OVERALT) - set(FASTE)}
    assert set(named.values()) <= set(OBJEKTER)
