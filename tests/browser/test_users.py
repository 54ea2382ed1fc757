"""Databeskyttelse makes a user, who chooses her own password, and blocks her, which ends her session at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from rådgivning.adgang.permissions import Rolle
from tests.browser.conftest import Åbner

pytestmark = pytest.mark.browser
EGET = "fire-tilfældige-ord-her"


def test_a_new_user_chooses_her_own_password_first_and_is_out_the_moment_she_is_blocked(vindue: Åbner) -> None:
    vagt = vindue(Rolle.DATABESKYTTELSE, 1280)
    side = vagt.gå("/brugere")
    side.get_by_role("link", name="Ny bruger").click()
    side.get_by_label(re.compile("^Navn")).fill("Testa Nyansat")
    side.get_by_label("Brugernavn").fill("testa.ny")
    side.get_by_label("Beboerrådgiver").check()
    side.get_by_role("button", name="Opret bruger").click()
    expect(side.get_by_text("Koden vises kun denne ene gang.")).to_be_visible()
    kode = side.get_by_role("definition").nth(1).inner_text()

    ny = vindue(None)
    ny.gå("/log-ind")
    side = ny.log_ind("testa.ny", kode)
    expect(side.get_by_role("heading", name="Vælg din egen adgangskode")).to_be_visible()
    for sti in ("/", "/beboere", "/kontakter/ny"):
        expect(ny.gå(sti).get_by_role("heading", name="Vælg din egen adgangskode")).to_be_visible()
    side.get_by_label("Nuværende adgangskode").fill(kode)
    side.get_by_label(re.compile("^Ny adgangskode (?!igen)")).fill(EGET)
    side.get_by_label("Ny adgangskode igen").fill(EGET)
    side.get_by_role("button", name="Skift adgangskode").tap()
    expect(side.get_by_text("Adgangskoden er skiftet.")).to_be_visible()
    expect(ny.gå("/").get_by_role("heading", name="I dag", exact=True)).to_be_visible()

    side = vagt.side
    side.get_by_role("link", name="Videre til brugeren").click()
    side.get_by_role("button", name="Spær bruger").click()
    expect(side.get_by_role("button", name="Åbn igen")).to_be_visible()
    expect(ny.gå("/beboere").get_by_role("heading", name="Log ind")).to_be_visible()
    ny.side.get_by_label("Brugernavn").fill("testa.ny")
    ny.side.get_by_label("Adgangskode").fill(EGET)
    ny.side.get_by_role("button", name="Log ind").tap()
    expect(ny.side.get_by_text("Brugernavnet eller adgangskoden er forkert.").first).to_be_visible()
