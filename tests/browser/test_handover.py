"""Residents handed over from the list, read by the colleague, given back: on a phone, with JavaScript and without."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beboere.restriction import begræns
from rådgivning.database import now
from rådgivning.kontakter.log import log_kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.samtykker.consents import giv
from rådgivning.samtykker.models import SamtykkeData
from rådgivning.spor.trail import Aktør
from tests.browser.conftest import Åbner
from tests.browser.test_every_page import axe, check, sideways
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
    expect(side.get_by_text("Overdraget: 1 beboer. Kollegaen har fået besked.")).to_be_visible()
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


def test_what_only_a_colleagues_rows_and_one_who_has_left_show_is_accessible_and_fits(
    db: Session, kontekst: Nøglekontekst, personale: Personale, zxq: uuid.UUID, vindue: Åbner
) -> None:
    anonym = log_kontakt(db, SAMTALE.model_copy(update={"notat": NOTAT}), dato=IDAG).id
    words = SamtykkeData(formål="Afdrag", hvad="Restancen", modtagere=["kommune"], givet=IDAG, ordlyd=NOTAT)
    samtykke = giv(db, zxq, words, til=IDAG + timedelta(days=9)).id
    fri = opret_beboer(db, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id
    giv(db, fri, words, til=IDAG + timedelta(days=9))
    begræns(db, fri)
    db.commit()
    with kontekst.session(Aktør()) as session:
        left = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "væk")
        opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
        session.flush()
        væk = left.id
        session.commit()
    with kontekst.session(replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=væk)) as session:
        opret_beboer(session, BeboerData(navn="Zxq Efterladt", afdeling="aab55"))
        session.commit()
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, væk).spærret = now()
        session.commit()
    hendes, dpo = vindue(None), vindue(Rolle.DATABESKYTTELSE)
    hendes.gå("/log-ind")
    hendes.log_ind("kollega")
    stier = [f"/kontakter/{anonym}", f"/nødadgang/sag/kontakt/{anonym}", f"/samtykker/{samtykke}", f"/beboere/{fri}"]
    assert [fault for sti in [*stier, "/nødadgang", "/overdragelser"] for fault in check(hendes, sti)] == []
    assert [fault for sti in ("/overdragelser", "/overdragelser/alle") for fault in check(dpo, sti)] == []
    side = dpo.gå("/overdragelser/alle")
    side.get_by_label("Alle sager fra").select_option(index=1)
    side.locator("#til").select_option(index=1)
    side.get_by_label("Kollegaen er holdt op").check()
    side.get_by_role("button", name="Overdrag alle sager").click()
    expect(side.get_by_text("Overdraget: 1 beboer. Modtageren har fået besked.")).to_be_visible()
    expect(side.get_by_text("Zxq Efterladt")).to_be_hidden()
