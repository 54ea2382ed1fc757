"""Hands are never refused, a program that empties the place is, and what it kept somebody from saving is not lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import event
from sqlmodel import select

from rådgivning import database
from rådgivning.adgang.models import Kladde
from rådgivning.adgang.pace import MANGE, Tempo
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale
from tests.limit import vent_på

Klienter = Callable[[Rolle | None], Klient]
SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Six calls in store, refilled one every ten seconds."""
    return replace(settings, kald=(6, 600))


def brug_op(client: Klient) -> None:
    """Call until the store is empty."""
    assert [client.get("/sessioner").status_code for _ in range(6)] == [200] * 6


@SQLITE
@pytest.mark.parametrize("rolle", list(Rolle))
def test_every_role_is_refused_for_a_while_and_nobody_else_is(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale, rolle: Rolle
) -> None:
    fast = klient(rolle)
    other = klient(Rolle.LEDER if rolle is not Rolle.LEDER else Rolle.INKASSO)
    brug_op(fast)
    for _ in range(4):
        refused = fast.get("/hjælp")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert "usædvanligt mange sider på kort tid" in refused.text
    assert "Du kan prøve igen om 10 sekunder." in refused.text
    assert other.get("/sessioner").status_code == 200
    with kontekst.session(Aktør()) as session:
        entries = session.exec(select(Spor).where(Spor.anledning == "for mange kald")).all()
        assert [e.aktør for e in entries] == [personale.brugere[rolle].id], "once a minute, however often it knocks"
    database.clock.read = lambda: START + timedelta(seconds=10)
    assert [fast.get("/sessioner").status_code for _ in range(2)] == [200, 429]
    assert fast.send("/log-ud").status_code == 303


@SQLITE
def test_what_was_typed_is_kept_as_a_draft(klient: Klienter, kontekst: Nøglekontekst) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    client.csrf()
    brug_op(client)
    refused = client.send("/kontakter/ny", {"notat": "skrevet i al hast"})
    assert (refused.status_code, "Det, du skrev, er gemt" in refused.text) == (429, True)
    for n in range(30):
        client.send("/kontakter/ny", {"notat": f"maskine {n}"})
    with kontekst.session(Aktør()) as session:
        assert len(session.exec(select(Kladde)).all()) == 1
    database.clock.read = lambda: START + timedelta(minutes=1)
    assert "maskine 18" in client.get("/kontakter/ny").text, "twenty a minute are kept, and no more"


@SQLITE
@pytest.mark.parametrize(("rolle", "side"), [(Rolle.DATABESKYTTELSE, "/brugere/ny"), (Rolle.LEDER, "/målinger/ny/")])
def test_a_role_without_drafts_finds_it_on_the_page_again(
    klient: Klienter, personale: Personale, rolle: Rolle, side: str
) -> None:
    if rolle is Rolle.LEDER:
        side += next(iter(personale.helhedsplan.indhold["indikator"]))
    client, typed = klient(rolle), {"navn": "Testa Opdigtet", "kilde": "Prøvemåling"}
    client.csrf()
    brug_op(client)
    assert "er gemt og står klar" in client.send(side, typed).text
    database.clock.read = lambda: START + timedelta(minutes=1)
    page = client.get(side).text
    assert ("Testa Opdigtet" in page) or ("Prøvemåling" in page)


@SQLITE
def test_a_call_writes_nothing(klient: Klienter, kontekst: Nøglekontekst) -> None:
    written: list[str] = []
    client = klient(Rolle.LEDER)
    client.get("/sessioner")
    engine = client.application.extensions["nøgler"].engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, sql, *_: written.append(sql.split()[0]))
    assert client.get("/sessioner").status_code == 200
    assert set(written) <= {"SELECT", "BEGIN"}


def test_hands_at_work_are_never_refused_and_a_program_gets_no_more_than_it_may() -> None:
    hands, machine, got = Tempo(300, 3000), Tempo(300, 3000), 0
    who, other = new_id(), new_id()
    assert not any(hands.vent(who, START + timedelta(seconds=1.5 * n)) for n in range(8 * 2400)), "every 1½ second"
    assert [hands.vent(other, START) for _ in range(60)] == [0.0] * 60, "a search as it is typed, and thumbed through"
    for tenth in range(2 * 36_000):
        got += machine.vent(who, START + timedelta(seconds=tenth / 10)) == 0
    assert 3000 < got <= 3000 + 2 * 3000


def test_many_at_once_get_no_more_than_one_would_and_the_idle_are_forgotten() -> None:
    tempo, who = Tempo(100, 1000), new_id()
    got: list[float] = []

    def call() -> None:
        got.extend(tempo.vent(who, START) for _ in range(200))

    threads = [Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    vent_på(threads)
    assert got.count(0.0) == 100
    for _ in range(MANGE):
        tempo.vent(new_id(), START)
    later = START + timedelta(hours=2)
    tempo.vent(new_id(), later)
    assert len(tempo._users) < MANGE
    assert tempo.vent(who, START - timedelta(days=1)) == 0, "a clock that is put back is no reason to refuse"


def test_the_limits_are_settings_with_a_floor() -> None:
    read = Settings.from_environment({"RAADGIVNING_KALD_MINUT": "60", "RAADGIVNING_KALD_TIME": "900"})
    assert (read.kald, Settings.from_environment({}).kald) == ((60, 900), (300, 3000))
    with pytest.raises(SettingsFejl, match="RAADGIVNING_KALD_MINUT skal være et helt tal fra 60"):
        Settings.from_environment({"RAADGIVNING_KALD_MINUT": "0"})
