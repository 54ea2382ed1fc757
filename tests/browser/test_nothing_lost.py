"""What is typed survives: drafts, a session that ends while typing, and two people on the same contact."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, func, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import end_sessions
from rådgivning.beboere.residents import opret_beboer
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import Kontakt, KontaktData
from tests.browser.conftest import ZXQ, Åbner
from tests.conftest import IDAG, Personale

pytestmark = pytest.mark.browser
SÆTNING = "Har åbnet brevet fra boligorganisationen & vil ringe <selv>. Æøå."


def skriv(side: Page, notat: str) -> None:
    """Fill in a form about a talk, up to the button."""
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_label("Udfald").select_option("råd_givet")
    side.get_by_label("Personligt fremmøde").check()
    side.get_by_label("Henvist af").select_option("jura")
    side.get_by_label("Notat").fill(notat)


def antal(session: Session) -> int:
    """How many contacts there are."""
    found = session.exec(select(func.count()).select_from(Kontakt)).one()
    session.commit()
    return found


def test_a_draft_is_offered_again_to_the_same_resident_alone_until_it_is_thrown_away(
    db: Session, zxq: uuid.UUID, vindue: Åbner
) -> None:
    other = opret_beboer(db, ZXQ.model_copy(update={"navn": "Testa Opdigtet"})).id
    db.commit()
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    side = opened.gå(f"/kontakter/ny/{zxq}?art=en_til_en")
    side.get_by_label("Notat").fill(SÆTNING)
    expect(side.get_by_text("Kladde gemt kl.")).to_be_visible()

    side = opened.gå(f"/kontakter/ny/{other}?art=en_til_en")
    expect(side.get_by_label("Notat")).to_have_value("")
    side = opened.gå("/kontakter/ny?art=en_til_en")
    expect(side.get_by_label("Notat")).to_have_value("")
    side = opened.gå("/")
    expect(side.get_by_role("heading", name="Ikke gemt endnu")).to_be_visible()

    side = opened.gå(f"/kontakter/ny/{zxq}")
    expect(side.get_by_text("Vi har hentet din kladde")).to_be_visible()
    expect(side.get_by_label("Notat")).to_have_value(SÆTNING)
    side.get_by_role("button", name="Kassér kladden").tap()
    expect(side.get_by_label("Notat")).to_have_value("")
    expect(side.get_by_text("Vi har hentet din kladde")).to_have_count(0)
    assert antal(db) == 0


@pytest.mark.parametrize("js", [True, False])
def test_a_session_that_ends_while_typing_costs_nothing_but_a_login(
    db: Session, zxq: uuid.UUID, personale: Personale, vindue: Åbner, js: bool
) -> None:
    opened = vindue(Rolle.BEBOERRÅDGIVER, js=js)
    side = opened.gå(f"/kontakter/ny/{zxq}?art=en_til_en")
    skriv(side, SÆTNING)
    end_sessions(db, personale.brugere[Rolle.BEBOERRÅDGIVER].id)
    db.commit()
    side.get_by_role("button", name="Gem kontakten").click()

    expect(side.get_by_text("Du var logget ud. Det, du skrev, er gemt")).to_be_visible()
    assert antal(db) == 0
    side = opened.log_ind("beboerrådgiver")
    expect(side.get_by_label("Notat")).to_have_value(SÆTNING)
    expect(side.get_by_label("Hovedemne")).to_have_value("gæld")
    expect(side.get_by_label("Udfald")).to_have_value("råd_givet")
    expect(side.get_by_label("Personligt fremmøde")).to_be_checked()
    expect(side.get_by_label("Henvist af")).to_have_value("jura")
    expect(side.get_by_text("Zxq Prøvesen, Opdigtet Allé 7")).to_be_visible()
    side.get_by_role("button", name="Gem kontakten").click()
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()
    assert antal(db) == 1


def test_the_second_of_two_windows_gets_409_with_both_versions_and_can_still_save(
    db: Session, zxq: uuid.UUID, vindue: Åbner
) -> None:
    data = KontaktData(
        art="en_til_en",
        aktivitet="beboerrådgivning",
        afdeling="aab55",
        form="telefon",
        kilde="kollega",
        hovedemne="gæld",
        udfald="råd_givet",
        notat="Det første",
    )
    kontakt = log_kontakt(db, data, dato=IDAG, beboer_id=zxq).id
    db.commit()
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    other = replace(opened, side=opened.side.context.new_page())
    for window in (opened, other):
        window.gå(f"/kontakter/{kontakt}/ret")
    opened.side.get_by_label("Notat").fill("Skrevet i det ene vindue")
    other.side.get_by_label("Notat").fill("Skrevet i det andet vindue")
    opened.side.get_by_role("button", name="Gem rettelsen").tap()
    expect(opened.side.get_by_text("Rettelsen er gemt.")).to_be_visible()

    side = other.side
    with side.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/ret")) as answer:
        side.get_by_role("button", name="Gem rettelsen").tap()
    assert answer.value.status == 409
    both = side.get_by_role("alert")
    expect(both).to_contain_text("Skrevet i det ene vindue")
    expect(both).to_contain_text("Skrevet i det andet vindue")
    expect(side.get_by_label("Notat")).to_have_value("Skrevet i det andet vindue")
    side.get_by_role("button", name="Gem rettelsen").tap()
    expect(side.get_by_text("Rettelsen er gemt.")).to_be_visible()
    expect(side.get_by_text("Skrevet i det andet vindue").first).to_be_visible()
