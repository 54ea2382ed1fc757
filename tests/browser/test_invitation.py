"""From the work list to a letter: cases are ticked, looked at on a phone in two directions, and taken as one file."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from tests.browser.conftest import Åbner
from tests.browser.test_every_page import BREDDER, UNDER_AXE, axe, sideways
from tests.conftest import Personale
from tests.restancer.factories import sag


@pytest.mark.browser
def test_two_are_invited_from_the_list_one_of_them_in_arabic(
    kontekst: Nøglekontekst, personale: Personale, vindue: Åbner
) -> None:
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        ids: list[uuid.UUID] = [sag(session, navn=f"Zxq Prøvesen {n}").id for n in "AB"]
    opened = vindue(Rolle.BEBOERRÅDGIVER, 390)
    side = opened.gå("/restancer")
    for sag_id in ids:
        side.locator(f"label[for='vælg-{sag_id}']").click()
    side.get_by_role("button", name="Indkald de valgte til samtale").click()
    side.get_by_label("Hvilken dag?").fill("2026-11-24")
    side.get_by_label("Første samtale klokken").fill("10:00")
    side.get_by_label("Hvor?").fill("Kontoret")
    side.get_by_label("Telefon, beboeren kan ringe til").fill("20 12 34 56")
    side.locator(f"select[name=sprog_{ids[1].hex}]").select_option("ar")
    side.get_by_role("button", name="Se brev og sms").click()
    summaries = side.locator("section.indkaldelse summary")
    expect(summaries.nth(1)).to_be_visible()
    for summary in summaries.all():
        summary.click()
    expect(side.locator("article[dir=rtl]")).to_have_count(1)
    expect(side.locator("article[lang=da]")).to_have_count(2)
    wrong = []
    for bredde in BREDDER:
        side.set_viewport_size({"width": bredde, "height": 844})
        wrong += [f"{bredde}: scrolls sideways"] if sideways(side) > 0 else []
        wrong += axe(side) if bredde in UNDER_AXE else []
    assert wrong + opened.klager == []
    side.get_by_role("button", name="Kopiér sms").first.click()
    expect(side.locator("[data-kopiér] + [role=status]").first).not_to_be_empty()
    with side.expect_download() as download:
        side.get_by_role("button", name="Lav og gem som forsøg").click()
    assert download.value.suggested_filename == "indkaldelser.pdf"
    assert len(PdfReader(io.BytesIO(Path(download.value.path()).read_bytes())).pages) == 3
    opened.gå(f"/restancer/{ids[1]}")
    expect(side.locator("main")).to_contain_text("Indkaldelse til samtale")
