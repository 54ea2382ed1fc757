"""Whoever sits still is warned before she is signed out, may stay with one click, and is told when that is no use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Rolle
from tests.browser.conftest import Åbner

pytestmark = pytest.mark.browser
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_a_click_prolongs_the_session_and_another_ends_it(db: Session, vindue: Åbner) -> None:
    side = vindue(Rolle.DATABESKYTTELSE).side
    side.clock.install()
    side.reload()
    dialog = side.get_by_role("dialog", name="Du bliver snart logget ud")
    side.clock.fast_forward("57:00")
    expect(dialog).to_be_hidden()
    side.clock.fast_forward("01:30")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("længe siden, du sidst brugte")
    database.clock.read = lambda: START + timedelta(minutes=58)
    dialog.get_by_role("button", name="Bliv logget ind").click()
    expect(dialog).to_be_hidden()
    assert db.exec(select(BrugerSession.sidst_set)).one() == START + timedelta(minutes=58)
    db.rollback()  # SQLite has one writer at a time
    side.clock.fast_forward("58:30")
    dialog.get_by_role("button", name="Log ud nu").click()
    expect(side.get_by_role("heading", name="Log ind")).to_be_visible()


def test_at_the_absolute_end_nothing_is_promised_that_cannot_be_kept(db: Session, vindue: Åbner) -> None:
    opened = vindue(Rolle.DATABESKYTTELSE)
    side = opened.side
    side.clock.install()
    row = db.exec(select(BrugerSession)).one()
    row.udløber = START + timedelta(minutes=10)
    db.add(row)
    db.commit()
    side = opened.gå("/sessioner")
    dialog = side.get_by_role("dialog", name="Du bliver snart logget ud")
    side.clock.fast_forward("08:30")
    expect(dialog).to_contain_text("du skal logge ind igen")
    expect(dialog.get_by_role("button", name="Bliv logget ind")).to_be_hidden()
    dialog.get_by_role("button", name="Luk").click()
    side.clock.fast_forward("00:30")
    expect(dialog).to_be_hidden()
    database.clock.read = lambda: START + timedelta(minutes=11)
    side.clock.fast_forward("02:00")
    expect(side.get_by_role("heading", name="Log ind")).to_be_visible()
