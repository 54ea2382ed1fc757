"""Whoever knocks ten thousand times stands in the trail with the right number, in a few entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlmodel import Session, col, func, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import now
from rådgivning.spor.check import tjek
from rådgivning.spor.models import FremmedAfvist, Handling, Spor
from rådgivning.spor.strangers import FLEST_STEDER, MANGE, sted
from rådgivning.spor.trail import SYSTEM, afslut_fremmede, skriv
from tests.conftest import Klient

Klienter = Callable[[Rolle | None], Klient]


def refusals(session: Session) -> list[Spor]:
    """What strangers were refused, as the trail has it."""
    session.rollback()
    query = select(Spor).where(Spor.kæde == SYSTEM, Spor.handling == Handling.AFVIST)
    found = list(session.exec(query.order_by(col(Spor.nr))).all())
    session.expunge_all()
    session.rollback()
    return found


def later(minutes: int) -> None:
    """Let time pass."""
    at = now() + timedelta(minutes=minutes)
    database.clock.read = lambda: at


def counted(entries: list[Spor]) -> int:
    """How many refusals the entries tell of."""
    return sum(int(entry.detaljer.get("antal", 1)) for entry in entries)


def test_a_flood_becomes_two_entries_a_minute_and_no_refusal_is_lost(klient: Klienter, db: Session) -> None:
    stranger = klient(None)
    for _ in range(20):
        assert stranger.get("/beboere").status_code == 303
        assert stranger.get("/findes-ikke").status_code == 404
    assert len(refusals(db)) == 2
    assert sum(db.exec(select(FremmedAfvist.antal)).all()) == 40
    db.rollback()
    later(1)
    stranger.get("/beboere")
    entries = refusals(db)
    assert [(e.genstand, e.detaljer.get("antal")) for e in entries[2:]] == [
        ("beboere.liste", 19),
        ("ukendt side", 19),
        ("beboere.liste", None),
    ]
    assert counted(entries) == 41
    assert entries[2].detaljer["minut"] == "2026-11-20T09:00"
    assert entries[2].anledning == "gentaget i samme minut"


def test_the_check_and_the_page_write_what_is_still_only_counted(klient: Klienter, db: Session) -> None:
    stranger, dpo = klient(None), klient(Rolle.DATABESKYTTELSE)
    for _ in range(5):
        stranger.get("/brugere")
    later(2)
    assert "antal 4" in dpo.get("/spor?kæde=system").text
    for _ in range(3):
        stranger.get("/brugere")
    later(2)
    db.rollback()
    assert tjek(db, db.info["audit_key"]) == []
    assert counted(refusals(db)) == 8
    assert db.exec(select(func.count()).select_from(FremmedAfvist)).one() == 0


def test_an_entry_says_neither_address_nor_who_comes_again_the_next_day(klient: Klienter, db: Session) -> None:
    stranger = klient(None)
    for _ in range(2):
        stranger.get("/brugere", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    later(1)
    afslut_fremmede(db)
    db.commit()
    last = refusals(db)[-1]
    assert last.detaljer["antal"] == 1
    assert "198.51" not in str(last.detaljer)
    key, day = db.info["audit_key"], date(2026, 11, 20)
    assert last.detaljer["sted"] == sted(key, "198.51.100.200", day)
    assert sted(key, "198.51.101.7", day) != last.detaljer["sted"] != sted(key, "198.51.100.7", date(2026, 11, 21))
    assert sted(key, "2001:db8:1:2::9", day) == sted(key, "2001:db8:1:ffff::1", day)
    assert sted(key, "vrøvl", day) == sted(key, "", day)


def test_a_flood_from_everywhere_fills_no_table(db: Session) -> None:
    for number in range(FLEST_STEDER + 50):
        place = sted(db.info["audit_key"], f"10.{number}.0.1", date(2026, 11, 20))
        skriv(db, Handling.AFVIST, "side", sted=place, detaljer={"status": 401, "metode": "GET"})
    db.commit()
    assert db.exec(select(func.count()).select_from(FremmedAfvist)).one() == FLEST_STEDER + 1
    assert db.exec(select(FremmedAfvist.antal).where(FremmedAfvist.sted == MANGE)).one() == 50


def test_a_refusal_counted_before_an_error_is_not_undone_with_the_request(db: Session) -> None:
    for _ in range(3):
        skriv(db, Handling.AFVIST, "side", sted="abcdefgh", detaljer={"status": 404, "metode": "GET"})
        db.rollback()
        db.commit()
    assert db.exec(select(FremmedAfvist.antal)).one() == 3
