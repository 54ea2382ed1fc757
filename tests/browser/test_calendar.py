"""A visit from ejendomsdrift's phone to the beboerrådgiver's desk and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rådgivning.adgang.permissions import Rolle
from tests.browser.conftest import Åbner

pytestmark = pytest.mark.browser


def test_ejendomsdrift_books_the_beboerrådgiver_confirms_and_ejendomsdrift_sees_it(vindue: Åbner) -> None:
    drift = vindue(Rolle.EJENDOMSDRIFT, js=False)
    side = drift.gå("/kalender")
    side.get_by_role("link", name="Book et besøg").first.click()
    side.get_by_label("Indflytningssyn").check()
    side.get_by_label("Adresse").fill("Opdigtet Allé 7, st. tv.")
    side.get_by_label("Dato").fill("2026-11-23")
    side.get_by_label("Klokken").fill("10:15")
    side.get_by_label("Hvem går med?").fill("Ejendomsfunktionær Testa")
    side.get_by_label("Besked til beboerrådgiveren").fill("Nøglen er hos os")
    side.get_by_role("button", name="Foreslå besøget").click()
    expect(side.get_by_text("Det er beboerrådgiveren, der skal svare.")).to_be_visible()
    expect(side.get_by_text("Nøglen er hos os")).to_have_count(0)

    rådgiver = vindue(Rolle.BEBOERRÅDGIVER, 1280)
    side = rådgiver.gå("/")
    side.get_by_role("link", name="1 besøg venter på dit svar").click()
    side.get_by_role("link", name="mandag den 23. november 2026 kl. 10.15–11.00").click()
    expect(side.get_by_text("Nøglen er hos os")).to_be_visible()
    side.get_by_role("button", name="Bekræft").click()
    expect(side.get_by_text("Besøget er bekræftet.")).to_be_visible()

    side = drift.gå("/kalender?uge=2026-W48")
    række = side.get_by_role("row").filter(has_text="kl. 10.15–11.00")
    expect(række).to_contain_text("Bekræftet")
    række.get_by_role("link").click()
    expect(side.get_by_text("Ejendomsfunktionær Testa")).to_be_visible()
