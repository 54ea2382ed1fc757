"""The work list on a phone: two taps for an attempt, one to take it back, without JavaScript too; filters that stay."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from tests.browser.conftest import Finger, Åbner
from tests.browser.test_every_page import axe
from tests.restancer.factories import sag, skridt

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("js", [True, False])
def test_an_attempt_is_two_taps_from_the_list_and_filters_are_still_there_the_next_time(
    db: Session, vindue: Åbner, js: bool
) -> None:
    sag(db, skridt("påkrav", date(2026, 11, 6)), navn="Zxq Prøvesen")
    sag(db, skridt("ophævet", date(2026, 11, 19)), navn="Testa Opdigtet", afdeling="steenbjerggård")
    db.rollback()
    rådgiver = vindue(Rolle.BEBOERRÅDGIVER, 390, js=js)
    side, finger = rådgiver.gå("/restancer"), Finger()
    finger.tryk(side.locator("summary", has_text="Kontaktforsøg hos Zxq Prøvesen"))
    finger.tryk(side.get_by_role("group", name="Ringede hos Zxq").get_by_role("button", name="Ikke truffet"))
    assert finger.gange == 2
    expect(side.get_by_text("Kontaktforsøget er skrevet ind.")).to_be_visible()
    expect(side.get_by_text("Sidst 20.11.2026: Telefon, ikke truffet")).to_be_visible()
    if js:
        assert axe(side) == []
    finger.tryk(side.get_by_role("button", name="Fortryd"))
    expect(side.get_by_text("Ingen forsøg endnu")).to_have_count(2)
    side.locator("summary", has_text="Filtre og rækkefølge").tap()
    side.get_by_label("Afdeling").select_option("Steenbjerggård")
    side.get_by_role("button", name="Vis", exact=True).tap()
    expect(side.get_by_role("link", name="Testa Opdigtet")).to_be_visible()
    assert "?" not in side.url
    rådgiver.gå("/")
    expect(rådgiver.gå("/restancer").get_by_role("link", name="Zxq Prøvesen")).to_have_count(0)
    side.get_by_role("button", name="Nulstil").tap()
    expect(side.get_by_role("link", name="Zxq Prøvesen")).to_be_visible()
