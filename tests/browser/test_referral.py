"""A referral from the caretaker's phone to the beboerrådgiver's desk and back as one word: its status."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from rådgivning.adgang.permissions import Rolle
from tests.browser.conftest import Vindue, Åbner

pytestmark = pytest.mark.browser
NOTAT = "Samtalen handlede om opsparet gæld til SKAT."
# The casework that must stay unknown to the referrer: note, topic, outcome, art, and the resident's own phone number.
SAGSARBEJDE = ("Samtalen", "SKAT", "Gæld", "Råd givet", "En-til-en", "20 12 12 34")


def send(window: Vindue) -> str:
    """File a referral on one page; returns where it can be followed."""
    side = window.gå("/henvisninger/ny")
    side.get_by_label("Beboerens navn").fill("Zxq Prøvesen")
    side.get_by_label("Adresse").fill("Opdigtet Allé 7")
    side.get_by_label("Afdeling").select_option("aab55")
    side.get_by_label("Hvorfor henviser du?").select_option("bekymring")
    side.get_by_label("Akut: samme dag").check()
    side.get_by_role("radio", name="Ja").check()
    side.get_by_role("button", name="Send henvisning").tap()
    expect(side.get_by_role("heading", name="Henvisning: Zxq Prøvesen")).to_be_visible()
    return side.url.removeprefix(window.adresse)


def ser(window: Vindue, sti: str, status: str) -> None:
    """What the referrer sees: this status, in the list and on the page, and no word of the casework."""
    for sted in ("/henvisninger", sti):
        side = window.gå(sted)
        expect(side.get_by_role("main").get_by_text(status, exact=True).first).to_be_visible()
        tekst = side.get_by_role("main").inner_text()
        assert [spor for spor in SAGSARBEJDE if spor in tekst] == []


def log_samtale(side: Page) -> None:
    """Log the talk that the referral led to."""
    side.get_by_role("link", name="Log kontakt").click()
    expect(side.get_by_text("Zxq Prøvesen, Opdigtet Allé 7").first).to_be_visible()
    side.get_by_label("En-til-en rådgivning").check()
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_label("Udfald").select_option("råd_givet")
    side.get_by_role("radio", name="Hjemmebesøg").check()
    side.get_by_label("Henvist af").select_option("ejendomsdrift")
    side.get_by_label("Notat").fill(NOTAT)
    side.get_by_role("button", name="Gem kontakten").click()
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()


def test_the_referrer_follows_four_statuses_and_learns_nothing_else(zxq: uuid.UUID, vindue: Åbner) -> None:
    drift = vindue(Rolle.EJENDOMSDRIFT)
    sti = send(drift)
    ser(drift, sti, "Modtaget")

    rådgiver = vindue(Rolle.BEBOERRÅDGIVER, 1280)
    side = rådgiver.gå("/")
    række = side.get_by_role("row").filter(has_text="Bekymring for en beboer")
    expect(række).to_contain_text("Akut: samme dag")
    række.get_by_role("link", name="Zxq Prøvesen").click()
    kendt = side.get_by_role("radio", name="Zxq Prøvesen, Opdigtet Allé 7, 20 12 12 34 (ligner samme person)")
    expect(kendt).to_be_checked()
    side.get_by_role("button", name="Tag op").click()
    expect(side.get_by_text("Knyttet til beboeren Zxq Prøvesen")).to_be_visible()
    ser(drift, sti, "Taget op")

    log_samtale(side)
    side = rådgiver.gå(sti)
    side.get_by_role("button", name="Kontakt opnået").click()
    expect(side.get_by_text("Den, der henviste, kan nu se, at der er opnået kontakt.")).to_be_visible()
    ser(drift, sti, "Kontakt opnået")

    side.get_by_role("link", name="Afslut").click()
    side.get_by_label("Hvordan endte det?").select_option("råd_givet")
    side.get_by_label("Note").fill(NOTAT)
    side.get_by_role("button", name="Afslut henvisning").click()
    expect(side.get_by_text("Henvisningen er afsluttet.")).to_be_visible()
    ser(drift, sti, "Afsluttet")
    expect(drift.gå(f"/beboere/{zxq}").get_by_text("Din rolle giver ikke adgang til denne side.")).to_be_visible()
