"""Figures are made beside the request: what pages show meanwhile, and what becomes of a maker that fails or is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import now
from rådgivning.statistik import protection
from rådgivning.statistik.adding import lav_system
from rådgivning.statistik.making import Tal, Værksted
from rådgivning.statistik.models import Talarbejde, Udgivelse
from rådgivning.statistik.periods import Periode
from rådgivning.statistik.rounding import RundingFejl
from tests.conftest import Klient, Personale
from tests.statistik.cases import fakta, gem, kontakt

Indlogget = Callable[[Rolle | None], Klient]
ALLE = timedelta(minutes=5)


class Port:
    """Stands before the solver: counts who comes, and lets nobody through while it is closed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.antal, self.åben, self.fejl = 0, threading.Event(), None
        monkeypatch.setattr(protection, "lav_system", self._gennem)

    fejl: Exception | None

    def _gennem(self, *args: Any, **kwargs: Any) -> Any:
        self.antal += 1
        assert self.åben.wait(60)
        if self.fejl is not None:
            raise self.fejl
        return lav_system(*args, **kwargs)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Iterator[Port]:
    """A closed door before the solver; pages do not wait at all. In the end it is opened and all threads are done."""
    app.config["TAL_VENT"] = 0
    made = Port(monkeypatch)
    yield made
    made.åben.set()
    færdig(app)


def færdig(app: Flask) -> None:
    """Wait until every maker is done."""
    shop: Værksted = app.extensions["talværksted"]
    shop.vent(list(shop.nøgler), ALLE.total_seconds())


@pytest.fixture
def plan(db: Session, personale: Personale) -> Any:
    """A helhedsplan with a year of facts."""
    gem(db, personale.helhedsplan.id, fakta(60))
    return personale.helhedsplan.id


def test_a_page_answers_at_once_and_one_thread_makes_the_figures(
    app: Flask, port: Port, plan: Any, db: Session, klient: Indlogget
) -> None:
    leder = klient(Rolle.LEDER)
    for sti in ("/statistik", "/statistik?periode=2026-K1", "/delmål", "/statistik"):
        answer = leder.get(sti)
        assert answer.status_code == 202
        assert "Tallene laves" in answer.text
        assert '<noscript><meta http-equiv="refresh"' in answer.text
        assert 'role="img"' not in answer.text
    assert leder.get("/statistik/hent/2026.csv").status_code == 303
    port.åben.set()
    færdig(app)
    assert port.antal == 1
    page = leder.get("/statistik")
    assert (page.status_code, "Tallene laves" in page.text) == (200, False)
    assert "Foreløbig" in page.text
    assert leder.get("/delmål").status_code == 200
    assert leder.get("/statistik/hent/2026.json").status_code == 200
    row = db.get_one(Talarbejde, (plan, "2026"))
    assert (row.puls, row.fejl, row.sekunder) == (None, "", 0)


def test_figures_in_force_are_shown_while_newer_ones_are_made(
    app: Flask, port: Port, plan: Any, db: Session, klient: Indlogget
) -> None:
    leder = klient(Rolle.LEDER)
    port.åben.set()
    leder.get("/statistik")
    færdig(app)
    before = leder.get("/statistik/hent/2026.json").data
    assert "på vej" not in leder.get("/statistik").text
    gem(db, plan, [kontakt("2026-11", number) for number in range(800, 830)])
    port.åben.clear()
    for sti in ("/statistik", "/delmål"):
        page = leder.get(sti)
        assert page.status_code == 200
        assert "nye tal er på vej" in page.text
    assert leder.get("/statistik/hent/2026.json").data == before
    port.åben.set()
    færdig(app)
    assert "på vej" not in leder.get("/statistik").text
    assert leder.get("/statistik/hent/2026.json").data != before


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fejl", [RundingFejl("Zxq"), KeyError("Zxq")])
def test_who_cannot_be_protected_is_told_and_not_tried_again_at_once(
    app: Flask, port: Port, plan: Any, db: Session, klient: Indlogget, fejl: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    leder = klient(Rolle.LEDER)
    port.fejl = fejl
    port.åben.set()
    assert leder.get("/statistik").status_code in (200, 202)
    færdig(app)
    for _ in range(3):
        page = leder.get("/statistik")
        assert page.status_code == 200
        assert "kunne ikke beskyttes" in page.text
    assert leder.get("/statistik/hent/2026.xlsx").status_code == 409
    assert port.antal == 1
    assert "Zxq" not in caplog.text or isinstance(fejl, RundingFejl)
    port.fejl = None
    database.clock.read = lambda: datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    leder = klient(Rolle.LEDER)
    leder.get("/statistik")
    færdig(app)
    assert "kunne ikke beskyttes" not in leder.get("/statistik").text
    assert db.exec(select(Udgivelse)).all() != []


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_another_workers_maker_is_waited_for_and_a_lost_one_replaced(
    app: Flask, port: Port, plan: Any, db: Session, klient: Indlogget
) -> None:
    leder = klient(Rolle.LEDER)
    db.add(Talarbejde(helhedsplan_id=plan, navn="2026", mærke="", startet=now(), puls=now()))
    db.commit()
    port.åben.set()
    assert leder.get("/statistik").status_code == 202
    færdig(app)
    assert port.antal == 0
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 3, tzinfo=UTC)  # nothing was heard of it for three minutes
    leder.get("/statistik")
    færdig(app)
    assert port.antal == 1
    assert leder.get("/statistik").status_code == 200


def test_how_long_it_takes_is_told_in_minutes_at_most() -> None:
    said = [Tal(Periode("2026", (), ()), None, sekunder=seconds).plejer for seconds in (None, 3, 59, 200)]
    assert said == [
        "Det tager som regel under et par minutter.",
        "Det plejer at tage under et minut.",
        "Det plejer at tage omkring et minut.",
        "Det plejer at tage omkring 3 minutter.",
    ]
