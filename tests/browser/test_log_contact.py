"""The main job: a contact is logged with few taps, with and without JavaScript, by touch and by keyboard."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.residents import hent_beboer
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.opening import open_sealed
from tests.browser.conftest import Finger, Åbner
from tests.conftest import KODEORD

pytestmark = pytest.mark.browser


def søg_frem(side: Page, tekst: str) -> Locator:
    """Type into the search for a resident; the suggestions."""
    side.get_by_label("Beboer", exact=True).press_sequentially(tekst)
    return side.get_by_role("listbox", name="Forslag").get_by_role("option")


def den_ene(session: Session) -> tuple[Kontakt, KontaktData]:
    """The only contact there is."""
    kontakt = session.exec(select(Kontakt)).one()
    data = open_sealed(session, kontakt, KontaktData, "prøve")
    session.commit()
    return kontakt, data


def test_six_taps_beyond_the_search_on_the_first_day_and_four_from_then_on(
    db: Session, zxq: uuid.UUID, vindue: Åbner
) -> None:
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    side, finger = opened.side, Finger()
    finger.tryk(side.get_by_role("link", name="En-til-en rådgivning"))
    søg_frem(side, "zxq").filter(has_text="Zxq Prøvesen").tap()
    finger.vælg(side.get_by_label("Hovedemne"), "Gæld")
    finger.vælg(side.get_by_label("Udfald"), "Råd givet")
    finger.tryk(side.get_by_role("radio", name="Telefon"))
    finger.vælg(side.get_by_label("Henvist af"), "Beboeren selv")
    finger.tryk(side.get_by_role("button", name="Gem kontakten"))
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()
    assert finger.gange == 6

    finger = Finger()
    finger.tryk(side.get_by_role("link", name="En-til-en rådgivning").first)
    finger.vælg(side.get_by_label("Hovedemne"), "Bolig og flytning")
    finger.vælg(side.get_by_label("Udfald"), "Ny aftale")
    finger.tryk(side.get_by_role("button", name="Gem kontakten"))
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()
    expect(side.get_by_role("heading", name="Bolig og flytning")).to_be_visible()
    assert finger.gange == 4

    database.clock.read = lambda: datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    side = opened.gå("/")
    side = opened.log_ind("beboerrådgiver")
    side.get_by_label("Find en beboer").press_sequentially("0121")
    side.get_by_role("option", name="Zxq Prøvesen").tap()
    expect(side.get_by_role("heading", name="Zxq Prøvesen")).to_be_visible()
    expect(side.get_by_role("listitem").filter(has_text="fredag den 20. november 2026")).to_have_count(2)


def test_a_new_resident_and_a_follow_up_come_with_the_contact_and_the_task_is_done_with_one_tap(
    db: Session, vindue: Åbner
) -> None:
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    side = opened.gå("/kontakter/ny?art=en_til_en")
    expect(side.get_by_role("group", name="Ny beboer")).to_be_hidden()
    søg_frem(side, "Testa Opdigtet").filter(has_text="opret ny beboer").tap()
    ny = side.get_by_role("group", name="Ny beboer")
    ny.get_by_label("Telefon").fill("20 99 99 99")
    side.get_by_label("Afdeling").select_option("aab55")
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_label("Udfald").select_option("ny_aftale")
    side.get_by_label("Personligt fremmøde").check()
    side.get_by_label("Henvist af").select_option("kollega")
    side.get_by_label("En anden dag").check()
    side.get_by_label("Følg op den").fill("2026-11-20")
    side.get_by_label("Opgave", exact=False).fill("Ring om budgettet")
    side.get_by_role("button", name="Gem kontakten").tap()
    expect(side.get_by_role("heading", name="Testa Opdigtet")).to_be_visible()

    side = opened.gå("/")
    expect(side.get_by_role("link", name="Ring om budgettet")).to_be_visible()
    side.get_by_role("button", name="Udført").tap()
    expect(side.get_by_text("Opgaven er markeret som udført.")).to_be_visible()
    expect(side.get_by_role("link", name="Ring om budgettet")).to_have_count(0)
    kontakt, _data = den_ene(db)
    assert kontakt.beboer_id is not None
    assert hent_beboer(db, kontakt.beboer_id)[1].telefon == "+4520999999"


def test_an_anonymous_contact_of_outreach_work_asks_what_belongs_to_it_and_no_name(db: Session, vindue: Åbner) -> None:
    side = vindue(Rolle.BEBOERRÅDGIVER).gå("/kontakter/ny?art=en_til_en")
    expect(side.get_by_label("Anledning")).to_be_hidden()
    side.get_by_label("Opsøgende arbejde").first.check()
    side.get_by_label("Anonym").check()
    side.get_by_label("Afdeling").select_option("aab55")
    side.get_by_label("Anledning").select_option("naboklage")
    expect(side.get_by_label("Klager")).to_be_visible()
    side.get_by_role("radiogroup", name="Beboeren blev truffet").get_by_label("Nej").check()
    side.get_by_label("Ved døren").check()
    side.get_by_label("Henvist af").select_option("ejendomsdrift")
    side.get_by_role("button", name="Gem kontakten").tap()
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()
    kontakt, data = den_ene(db)
    assert kontakt.beboer_id is None
    assert (data.udfald, data.anledning) == ("ikke_truffet", "naboklage")


def test_without_javascript_the_same_contact_is_logged_and_a_refusal_keeps_every_field(
    db: Session, zxq: uuid.UUID, vindue: Åbner
) -> None:
    side = vindue(Rolle.BEBOERRÅDGIVER, 320, js=False).gå("/kontakter/ny?art=en_til_en")
    side.get_by_label("Beboer", exact=True).fill("zxq")
    side.get_by_label("Notat").fill("Skrevet før søgningen")
    side.get_by_role("button", name="Find").click()
    side.get_by_label("Zxq Prøvesen").check()
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_role("radio", name="Telefon").check()
    side.get_by_label("Henvist af").select_option("kollega")
    side.get_by_label("Om en uge").check()
    side.get_by_role("button", name="Gem kontakten").click()

    expect(side.get_by_role("heading", name="Formularen kunne ikke gemmes")).to_be_visible()
    expect(side.get_by_label("Notat")).to_have_value("Skrevet før søgningen")
    expect(side.get_by_label("Hovedemne")).to_have_value("gæld")
    expect(side.get_by_label("Henvist af")).to_have_value("kollega")
    expect(side.get_by_label("Om en uge")).to_be_checked()
    expect(side.get_by_text("Zxq Prøvesen")).to_be_visible()
    side.get_by_label("Udfald").select_option("råd_givet")
    side.get_by_role("button", name="Gem kontakten").click()
    expect(side.get_by_role("heading", name="Zxq Prøvesen")).to_be_visible()
    kontakt, data = den_ene(db)
    assert (kontakt.beboer_id, data.notat, data.form) == (zxq, "Skrevet før søgningen", "telefon")


@pytest.mark.parametrize("js", [True, False])
def test_a_double_click_on_save_makes_one_contact(db: Session, vindue: Åbner, js: bool) -> None:
    side = vindue(Rolle.BEBOERRÅDGIVER, js=js).gå("/kontakter/ny?art=en_til_en")
    side.get_by_label("Anonym").check()
    side.get_by_label("Afdeling").select_option("aab55")
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_label("Udfald").select_option("råd_givet")
    side.get_by_label("Personligt fremmøde").check()
    side.get_by_label("Henvist af").select_option("ukendt")
    side.get_by_role("button", name="Gem kontakten").dblclick()
    side.wait_for_url(re.compile("/kontakter(?!/ny)"))
    den_ene(db)


def tab_til(side: Page, tekst: str) -> None:
    """Press Tab until the control with this label has the focus."""
    label = "e => e.labels?.[0]?.innerText || e.getAttribute('aria-label') || e.innerText || ''"
    for _ in range(60):
        side.keyboard.press("Tab")
        found = side.evaluate(f"({label})(document.activeElement)").strip()
        if found.removesuffix(" (skal udfyldes)").split("\n")[0] == tekst:
            return
    raise AssertionError(f"Tab never reaches {tekst}")


def test_the_keyboard_alone_is_enough_from_login_to_saved(db: Session, zxq: uuid.UUID, vindue: Åbner) -> None:
    opened = vindue(None, 1280)
    side, tast = opened.gå("/log-ind"), opened.side.keyboard
    tab_til(side, "Brugernavn")
    tast.type("beboerrådgiver")
    tab_til(side, "Adgangskode")
    tast.type(KODEORD)
    tast.press("Enter")
    side.wait_for_url(lambda url: "/log-ind" not in url)
    tab_til(side, "En-til-en rådgivning")
    tast.press("Enter")
    side.wait_for_url("**/kontakter/ny*")
    tab_til(side, "Beboer")
    tast.type("prøve")
    expect(side.get_by_role("option", name="Zxq Prøvesen")).to_be_visible()
    tast.press("ArrowDown")
    expect(side.get_by_role("option", name="Zxq Prøvesen")).to_have_attribute("aria-selected", "true")
    tast.press("Enter")
    for felt, tekst in (("Hovedemne", "Husleje"), ("Udfald", "Ny")):
        tab_til(side, felt)
        tast.type(tekst)
    tab_til(side, "Personligt fremmøde")
    tast.press("Space")
    tab_til(side, "Henvist af")
    tast.type("Kollega")
    tab_til(side, "Gem kontakten")
    tast.press("Enter")
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()
    kontakt, data = den_ene(db)
    assert (kontakt.beboer_id, data.hovedemne, data.udfald, data.form, data.kilde) == (
        zxq, "husleje_restance", "ny_aftale", "fremmøde", "kollega",
    )  # fmt: skip
