"""Residents handed over from the list, read by the colleague, given back: on a phone, with JavaScript and without."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.kontakter.log import log_kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.trail import Aktør
from tests.browser.conftest import Åbner
from tests.browser.test_every_page import axe, sideways
from tests.conftest import IDAG, Personale, opret_testbruger
from tests.databeskyttelse.retention_cases import SAMTALE

pytestmark = pytest.mark.browser
NOTAT = "Kun mellem os"


@pytest.mark.parametrize("js", [True, False])
def test_residents_are_chosen_on_the_list_handed_over_read_and_given_back(
    db: Session, kontekst: Nøglekontekst, personale: Personale, zxq: uuid.UUID, vindue: Åbner, js: bool
) -> None:
    opret_beboer(db, BeboerData(navn="Testa Opdigtet", afdeling="aab55", note=NOTAT))
    log_kontakt(db, SAMTALE, dato=IDAG, beboer_id=zxq)
    db.commit()
    with kontekst.session(Aktør()) as session:
        opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega").navn = "Zxq Kollega"
        session.commit()
    min_, hendes = vindue(Rolle.BEBOERRÅDGIVER, js=js), vindue(None, js=js)
    side = min_.gå("/beboere")
    for navn in ("Testa Opdigtet", "Zxq Prøvesen"):
        side.get_by_label(f"Vælg: {navn}").check()
    assert sideways(side) == 0
    assert js is False or axe(side) == []
    side.get_by_role("button", name="Overdrag de valgte").tap()
    expect(side.get_by_text("også alle dine notater")).to_be_visible()
    expect(side.get_by_label("Zxq Prøvesen")).to_be_checked()
    side.get_by_label("Zxq Prøvesen").uncheck()
    side.get_by_role("button", name="Overdrag").tap()
    expect(side.get_by_text("Vælg, hvem der overtager.").first).to_be_visible()
    assert sideways(side) == 0
    assert js is False or axe(side) == []
    side.get_by_label("Hvem overtager?").select_option(label="Zxq Kollega")
    side.get_by_label("Beboeren ønsker det").check()
    side.get_by_role("button", name="Overdrag").tap()
    expect(side.get_by_text("Beboeren er overdraget, og kollegaen har fået besked.")).to_be_visible()
    assert sideways(side) == 0
    assert js is False or axe(side) == []
    hendes.gå("/log-ind")
    side = hendes.log_ind("kollega")
    side = hendes.gå("/overdragelser")
    side.get_by_role("link", name="2026").first.tap()
    side.get_by_role("link", name="Testa Opdigtet").tap()
    expect(side.get_by_text(NOTAT)).to_be_visible()
    hendes.side.go_back()
    side.get_by_role("button", name="Giv tilbage").tap()
    expect(side.get_by_text("Overdragelsen er gjort om")).to_be_visible()
    side.get_by_role("link", name="Testa Opdigtet").tap()
    expect(side.get_by_text("Skjult: kollegas notat").first).to_be_visible()
    expect(side.get_by_text(NOTAT)).to_be_hidden()
