"""A resident who is there already: pointed out while typing, chosen instead, merged, and told apart again."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from tests.browser.conftest import Åbner
from tests.browser.test_every_page import axe, sideways

pytestmark = pytest.mark.browser


def test_whoever_is_there_already_is_pointed_out_and_can_be_chosen(zxq: uuid.UUID, vindue: Åbner) -> None:
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    side = opened.gå("/beboere/ny")
    side.get_by_label("Navn").press_sequentially("Zxq Prövsen")
    expect(side.get_by_text("Findes beboeren allerede?")).to_be_visible()
    expect(side.get_by_role("link", name="Zxq Prøvesen")).to_have_attribute("href", f"/beboere/{zxq}")
    assert axe(side) == []
    side = opened.gå("/kontakter/ny?art=en_til_en")
    side.get_by_label("Beboer", exact=True).press_sequentially("Helt ny")
    side.get_by_role("option", name="opret ny beboer").tap()
    side.locator("#ny_telefon").press_sequentially("20121234")
    side.get_by_role("button", name="Vælg Zxq Prøvesen").tap()
    expect(side.get_by_label("Beboer", exact=True)).to_have_value("Zxq Prøvesen")
    expect(side.locator("[data-søg-valgt]")).to_contain_text("Zxq Prøvesen, Opdigtet Allé 7, 20 12 12 34")
    expect(side.get_by_role("button", name="Vælg Zxq Prøvesen")).to_be_hidden()
    assert axe(side) == []


@pytest.mark.parametrize("js", [True, False])
def test_two_are_compared_merged_and_told_apart_again_on_a_phone(
    db: Session, zxq: uuid.UUID, vindue: Åbner, js: bool
) -> None:
    opret_beboer(db, BeboerData(navn="Zxq Prøvsen", telefon="+4520121234", note="Tolk: " + "opdigtisk" * 30))
    db.commit()
    opened = vindue(Rolle.BEBOERRÅDGIVER, js=js)
    side = opened.gå("/beboere")
    for name, title in (("ligner hinanden", "Mulige dubletter"), ("Sammenlign", "Læg to beboere sammen")):
        side.get_by_role("link", name=name).first.tap()
        expect(side.get_by_role("heading", name=title)).to_be_visible()
        assert sideways(side) == 0
        assert js is False or axe(side) == []
    side.get_by_role("button", name="Læg sammen").tap()
    expect(side.get_by_text("De to beboere er lagt sammen")).to_be_visible()
    side.get_by_role("link", name="Fortryd sammenlægningen").tap()
    expect(side.get_by_role("heading", name="Fortryd sammenlægningen?")).to_be_visible()
    assert sideways(side) == 0
    assert js is False or axe(side) == []
    side.get_by_role("button", name="Skil de to ad igen").tap()
    expect(side.get_by_text("Der er to beboere igen")).to_be_visible()
    side = opened.gå("/beboere/dubletter")
    side.get_by_role("button", name="Ikke den samme").tap()
    expect(side.get_by_text("Ingen mulige dubletter")).to_be_visible()
