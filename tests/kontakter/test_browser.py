"""The form in a real browser: the promised number of taps, and the same work without JavaScript."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.residents import hent_beboer
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.prefill import husk_vaner
from tests.browser.conftest import Åbner, adresse, browser, databasetype, vindue  # noqa: F401
from tests.conftest import IDAG
from tests.kontakter.conftest import samtale
from tests.kontakter.test_form import only

pytestmark = pytest.mark.browser


def test_six_taps_log_a_contact_with_a_known_resident(db: Session, zxq: uuid.UUID, vindue: Åbner) -> None:  # noqa: F811
    husk_vaner(db, samtale())
    db.commit()
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    side = opened.gå("/")
    side.get_by_role("link", name="En-til-en rådgivning").first.tap()
    side.get_by_label("Beboer", exact=True).tap()
    side.keyboard.type("zxq")
    side.get_by_role("option", name="Zxq Prøvesen").tap()
    side.get_by_label("Hovedemne").select_option("ydelser")
    side.get_by_label("Udfald").select_option("råd_givet")
    side.get_by_role("button", name="Gem kontakten").tap()
    side.wait_for_url("**/beboere/**")
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()
    saved = only(db)
    assert (saved.beboer_id, saved.data.form, saved.data.kilde) == (zxq, "fremmøde", "beboeren_selv")
    assert not opened.klager


def test_fields_follow_the_art_and_a_new_resident_is_made_on_the_way(db: Session, vindue: Åbner) -> None:  # noqa: F811
    side = vindue(Rolle.BEBOERRÅDGIVER).gå("/kontakter/ny?art=en_til_en")
    expect(side.get_by_label("Anledning")).to_be_hidden()
    side.get_by_label("Opsøgende arbejde").check()
    side.get_by_label("Anledning").select_option("naboklage")
    expect(side.get_by_label("Klager")).to_be_visible()
    side.get_by_label("Beboer", exact=True).press_sequentially("Testa Opdigtet")
    side.get_by_role("option", name="opret ny beboer").click()
    side.get_by_label("Telefon", exact=True).first.fill("20 99 99 99")
    side.get_by_label("Afdeling", exact=False).first.select_option("aab55")
    side.get_by_role("radiogroup", name="Beboeren blev truffet").get_by_label("Nej").check()
    side.get_by_label("Ved døren").check()
    side.get_by_label("Henvist af").select_option("ejendomsdrift")
    side.get_by_role("button", name="Gem kontakten").click()
    side.wait_for_url("**/beboere/**")
    saved = only(db)
    assert saved.beboer_id is not None
    assert hent_beboer(db, saved.beboer_id)[1].navn == "Testa Opdigtet"
    assert (saved.data.udfald, saved.data.anledning) == ("ikke_truffet", "naboklage")


def test_what_is_typed_is_kept_as_a_draft_and_offered_again(vindue: Åbner) -> None:  # noqa: F811
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    side = opened.gå("/kontakter/ny")
    side.get_by_label("Notat").fill("En halv sætning")
    expect(side.get_by_text("Kladde gemt kl.")).to_be_visible()
    side = opened.gå("/kontakter/ny")
    expect(side.get_by_label("Notat")).to_have_value("En halv sætning")
    side.get_by_role("button", name="Kassér kladden").click()
    expect(side.get_by_label("Notat")).to_have_value("")


def test_without_javascript_the_same_contact_can_be_logged(db: Session, zxq: uuid.UUID, vindue: Åbner) -> None:  # noqa: F811
    side = vindue(Rolle.BEBOERRÅDGIVER, 320, js=False).gå("/kontakter/ny?art=en_til_en")
    side.get_by_label("Beboer", exact=True).fill("zxq")
    side.get_by_label("Notat").fill("Skrevet før søgningen")
    side.get_by_role("button", name="Find").click()
    side.get_by_label("Zxq Prøvesen").check()
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_label("Udfald").select_option("afsluttet")
    side.get_by_label("Telefon", exact=True).last.check()
    side.get_by_label("Henvist af").select_option("kollega")
    side.get_by_role("button", name="Gem kontakten").click()
    saved = only(db)
    assert (saved.beboer_id, saved.data.notat) == (zxq, "Skrevet før søgningen")


@pytest.mark.parametrize("bredde", [320, 390, 1280])
def test_no_page_of_the_room_scrolls_sideways_or_breaks_a_rule_of_access(
    db: Session,
    zxq: uuid.UUID,
    vindue: Åbner,  # noqa: F811
    bredde: int,
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    kontakt_id = log_kontakt(db, samtale(notat="x" * 400), dato=IDAG, beboer_id=zxq).id
    db.commit()
    opened = vindue(Rolle.BEBOERRÅDGIVER, bredde)
    for path in ("/ny", f"/ny/{zxq}", "", f"/{kontakt_id}", f"/{kontakt_id}/ret", f"/{kontakt_id}/slet", "/import"):
        side = opened.gå(f"/kontakter{path}")
        assert side.evaluate("document.documentElement.scrollWidth") <= bredde, path
        found = Axe().run(side)
        assert found.violations_count == 0, (path, found.generate_report())
    assert not opened.klager
