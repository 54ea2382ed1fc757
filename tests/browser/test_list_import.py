"""A restance list in a real browser: its columns, a look at it, the progress without a reload, and what is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from tests.browser.conftest import Vindue, Åbner
from tests.browser.test_every_page import axe, sideways
from tests.restancer.factories import sag
from tests.restancer.list_cases import csv, row

pytestmark = pytest.mark.browser


def fine(side: Page) -> None:
    """Nothing axe objects to, and nothing that scrolls sideways on a phone."""
    for bredde in (1280, 390):
        side.set_viewport_size({"width": bredde, "height": 844})
        assert axe(side) == []
        assert sideways(side) <= 0


def upload(window: Vindue, data: bytes, dag: str) -> Page:
    """Choose a file and look at what it would do."""
    side = window.gå("/restancer/lister/ny")
    side.get_by_label("Fil", exact=True).set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": data})
    side.get_by_label("Boligorganisation").select_option("aab")
    side.get_by_label("Listen er pr.").fill(dag)
    side.get_by_role("button", name="Kontrollér listen").click()
    return side


def test_a_list_is_looked_at_imported_and_the_next_one_tells_what_is_gone(db: Session, vindue: Åbner) -> None:
    sag(db)
    window = vindue(Rolle.BEBOERRÅDGIVER, 1280)
    data = csv("55-0107-2;Testa Opdigtet;;55;900;02.11.2026;;", *(row(n) for n in range(1, 60)), row(99, "0"))
    side = upload(window, data.replace("lejemål".encode(), b"Bolig", 1), "2026-11-03")
    expect(side.get_by_role("heading", name="Kontrollér listen")).to_be_visible()
    side.get_by_role("link", name="Ret, hvad kolonnerne er").click()
    fine(side)
    side.get_by_label("Lejemål nr.").select_option("Bolig")
    side.get_by_role("button", name="Videre").click()
    expect(side.get_by_role("table", name="Rækker, der er afvist")).to_contain_text("Række 62")
    fine(side)
    side.get_by_role("button", name="Importér listen").click()
    expect(side.get_by_text("Vælg, hvilken sag rækken er.").first).to_be_visible()
    side.get_by_label("Ingen af dem: en ny sag").check()
    side.get_by_role("button", name="Importér listen").click()
    expect(side.get_by_text("60 nye, 0 ændrede, 0 uændrede, 1 afvist")).to_be_visible()
    fine(side)
    side.get_by_role("link", name="Find beboerne til 60 sager").click()
    fine(side)
    side = upload(window, csv(*(row(n) for n in range(2, 60))), "2026-11-10")
    expect(side.get_by_role("heading", name="Ikke længere på listen")).to_be_visible()
    side.get_by_role("button", name="Importér listen").click()
    expect(side.get_by_role("table", name="Ikke længere på listen")).to_be_visible()
    fine(side)
    side.get_by_role("row").filter(has_text="Zxq1 ").get_by_role("button", name="Luk som betalt").click()
    expect(side.get_by_text("Sagen er lukket som betalt.")).to_be_visible()
