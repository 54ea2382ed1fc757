"""Passkeys in a real browser, with Chromium's own virtual authenticator."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect
from sqlmodel import select, update

from rådgivning import database
from rådgivning.adgang.limits import ADRESSE
from rådgivning.adgang.models import BrugerSession, Loginforsøg
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.browser.conftest import Vindue, Åbner

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As in production: a password alone gets nobody in who sees personal data."""
    return replace(settings, anden_faktor="skal", development=False)


def authenticator(vindue: Vindue) -> tuple[CDPSession, str]:
    """Give the window a phone-like authenticator that says yes; the protocol session and the authenticator's id."""
    cdp = vindue.side.context.new_cdp_session(vindue.side)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def credential(cdp: CDPSession, device: str) -> dict[str, Any]:
    """The one passkey the authenticator holds."""
    found: list[dict[str, Any]] = cdp.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert len(found) == 1
    return found[0]


@pytest.mark.browser
def test_a_passkey_is_made_signs_in_proves_again_and_a_copy_of_it_is_refused(
    vindue: Åbner, kontekst: Nøglekontekst
) -> None:
    opened = vindue(None)
    opened.adresse = opened.adresse.replace("127.0.0.1", "localhost")  # an address of numbers can have no passkey
    cdp, device = authenticator(opened)
    side = opened.gå("/log-ind")
    opened.log_ind(str(Rolle.BEBOERRÅDGIVER))
    expect(side.get_by_role("heading", level=1)).to_have_text("Sæt login i to trin op")
    side.get_by_role("link", name="Tilføj en passkey").click()
    side.get_by_role("button", name="Lav passkeyen").click()
    expect(side.locator("[data-passkey-fejl]")).to_have_text("Giv den et navn, så du kan kende den igen.")
    expect(side.get_by_label("Navn")).to_be_focused()
    assert cdp.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"] == []
    side.get_by_label("Navn").fill("Telefonen")
    side.get_by_label("Navn").press("Enter")
    expect(side.get_by_role("heading", level=1)).to_have_text("Dine genoprettelseskoder")
    expect(side.locator(".koder li")).to_have_count(10)
    made = credential(cdp, device)
    assert (made["isResidentCredential"], made["rpId"]) == (True, "localhost")
    side.get_by_role("link", name="Jeg har gemt koderne").click()

    side.context.clear_cookies(name="raadgivning")
    opened.gå("/sessioner")
    side.get_by_role("button", name="Brug en passkey").click()
    expect(side.get_by_role("heading", level=1)).to_have_text("Mine sessioner")

    database.clock.read = lambda: START + timedelta(minutes=16)
    opened.gå("/to-trin/app")
    expect(side.get_by_role("heading", level=1)).to_have_text("Bekræft, at det er dig")
    side.get_by_role("button", name="Bekræft med din passkey").click()
    expect(side.get_by_role("heading", level=1)).to_have_text("Tilføj en app med koder")
    side.wait_for_function("document.querySelector('img.qr').naturalWidth > 100")

    used = credential(cdp, device)
    assert used["signCount"] > made["signCount"]
    cdp.send("WebAuthn.removeCredential", {"authenticatorId": device, "credentialId": used["credentialId"]})
    cdp.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": {**used, "signCount": 0}})
    side.context.clear_cookies(name="raadgivning")
    opened.gå("/log-ind")
    side.get_by_role("button", name="Brug en passkey").click()
    expect(side.get_by_text("Passkeyen kunne ikke bruges.")).to_be_visible()

    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    side.get_by_role("button", name="Brug en passkey").click()
    expect(side.get_by_text("Passkeyen blev ikke brugt.")).to_be_visible()

    with kontekst.session(Aktør()) as session:
        session.execute(update(Loginforsøg).values(antal=ADRESSE.frie, lukket_til=now() + timedelta(seconds=41)))
        session.commit()
    side.get_by_role("button", name="Brug en passkey").click()
    expect(side.get_by_text(re.compile(r"Vent 4[12] sekunder, og prøv igen"))).to_be_visible()
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(Spor).where(Spor.anledning == "passkey er kopieret")).one()
        assert {row.faktor for row in session.exec(select(BrugerSession)).all()} == {"passkey"}


@pytest.mark.browser
def test_without_javascript_the_pages_say_that_passkeys_need_it_and_the_rest_works(vindue: Åbner) -> None:
    opened = vindue(None, js=False)
    opened.adresse = opened.adresse.replace("127.0.0.1", "localhost")
    side = opened.gå("/log-ind")
    expect(side.get_by_text("Passkeys kræver JavaScript")).to_be_visible()
    opened.log_ind(str(Rolle.INKASSO))
    side.get_by_role("link", name="Tilføj en app").click()
    expect(side.get_by_role("heading", level=1)).to_have_text("Tilføj en app med koder")
    expect(side.locator("img.qr")).to_be_visible()
