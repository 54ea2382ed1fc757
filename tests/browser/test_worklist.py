"""The work list on a phone: two taps for an attempt, one to take it back, without JavaScript too; filters that stay."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.households import flyt_ind
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.restancer.tenancies import knyt_lejemål
from tests.browser.conftest import Finger, Åbner
from tests.browser.test_every_page import axe, sideways
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


def test_the_list_breaks_no_word_and_stays_in_its_frame_from_tablet_to_desk(db: Session, vindue: Åbner) -> None:
    mødt = skridt("fogedsag", date(2026, 11, 18), frist=date(2026, 11, 24))
    sag(db, skridt("forfalden", date(2026, 11, 2)), mødt, navn="Zxq Prøvesen")
    db.rollback()
    rådgiver = vindue(Rolle.BEBOERRÅDGIVER, 1280)
    side = rådgiver.gå("/restancer")
    for width in (768, 1000, 1280):
        side.set_viewport_size({"width": width, "height": 900})
        assert sideways(side) == 0, width
        heights = side.evaluate(
            """() => [document.querySelector("summary.button"), document.querySelector("main a.button")]
            .map((button) => button.getBoundingClientRect().height)"""
        )
        assert heights[0] == heights[1], width


def test_a_caption_that_is_shown_is_a_line_on_a_phone_and_no_column_of_letters(db: Session, vindue: Åbner) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", afdeling="aab55")).id
    hjem = knyt_lejemål(db, sag(db, skridt("påkrav", date(2026, 11, 6)), navn="Testa Opdigtet").id)
    assert hjem is not None
    flyt_ind(db, beboer, hjem)
    db.commit()
    side = vindue(Rolle.BEBOERRÅDGIVER, 390).gå(f"/beboere/{beboer}")
    caption = side.locator("caption.table-caption").first
    assert caption.evaluate("node => node.offsetWidth > 5 * node.offsetHeight")
