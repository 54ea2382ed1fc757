"""A påkrav on a phone: its arrival is asked, what was corrected stays to be seen, and the help is one tap away."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.restancer import cases
from tests.browser.conftest import Åbner
from tests.browser.test_every_page import axe
from tests.restancer.factories import sag, skridt

pytestmark = pytest.mark.browser


def test_a_påkrav_is_put_right_on_a_phone_and_the_page_says_what_stood_before(db: Session, vindue: Åbner) -> None:
    sag_id = sag(db, skridt("forfalden", date(2026, 11, 2)), skridt("påkrav", date(2026, 11, 5))).id
    db.rollback()
    rådgiver = vindue(Rolle.BEBOERRÅDGIVER, 390)
    side = rådgiver.gå(f"/restancer/{sag_id}")
    expect(side.get_by_text("er den tidligste dag for et påkrav")).to_be_visible()
    side.get_by_role("link", name="Ret eller annullér Påkrav").click()
    side.get_by_label("Hvilken dag?").fill("2026-11-09")
    side.get_by_label("Dagen, påkravet kom frem").fill("2026-11-07")
    side.get_by_role("button", name="Gem rettelsen").click()
    expect(side.get_by_text("før det blev sendt").first).to_be_visible()
    side.get_by_label("Dagen, påkravet kom frem").fill("2026-11-10")
    side.get_by_role("button", name="Gem rettelsen").click()
    expect(side.get_by_text("Sidste dag at betale: tirsdag den 24. november 2026.")).to_be_visible()
    expect(side.get_by_text("Dagen var 05.11.2026. Kom frem var ikke skrevet.")).to_be_visible()
    expect(side.get_by_text("er den tidligste dag for et påkrav")).to_have_count(0)
    assert axe(side) == []
    side.get_by_role("link", name="Ny hændelse").click()
    fremme = side.get_by_label("Dagen, påkravet kom frem")
    side.get_by_label("Hvad er der sket?").select_option("ophævet")
    expect(fremme).to_be_hidden()
    side.get_by_label("Hvad er der sket?").select_option("påkrav")
    expect(fremme).to_be_visible()
    rådgiver.gå(f"/restancer/{sag_id}").get_by_role("link", name="Sådan regnes fristerne ud").click()
    expect(side.get_by_role("heading", name="2. Påkrav")).to_be_visible()
    assert axe(side) == []
    assert [klage for klage in rådgiver.klager if "422" not in klage] == []
    assert cases.hent_sag(db, sag_id)[1].hændelser[1].tidligere[0].dato == date(2026, 11, 5)
