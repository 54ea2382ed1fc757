"""A real server on loopback, a real Chromium, and hands that count what they do.

Every browser test lies in this folder: Playwright can be started only once in a process.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from tests.conftest import KODEORD

CHROMIUM = "/usr/bin/chromium"
VENT = 120_000
"""Milliseconds: a busy machine makes a page's figures, or a page, slowly; what never comes costs this once."""
FLAG = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A page that says 422 or 409 is what some journeys are about; the browser reports every such answer.
SVAR = "Failed to load resource: the server responded with a status of 4"
ZXQ = BeboerData(navn="Zxq Prøvesen", telefon="+4520121234", adresse="Opdigtet Allé 7", afdeling="aab55")


@pytest.fixture
def databasetype() -> str:
    """The browser sees no difference between databases: one is enough here."""
    return "sqlite"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    expect.set_options(timeout=VENT / 2)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAG)
        yield chromium
        chromium.close()


@dataclass
class Vindue:
    """A browser window of one person, and what the browser complained about."""

    side: Page
    adresse: str
    klager: list[str] = field(default_factory=list)

    def gå(self, sti: str) -> Page:
        """Open a path of the application."""
        self.side.goto(self.adresse + sti)
        return self.side

    def log_ind(self, brugernavn: str, kodeord: str = KODEORD) -> Page:
        """Sign in on the page that is open."""
        self.side.get_by_label("Brugernavn").fill(brugernavn)
        self.side.get_by_label("Adgangskode").fill(kodeord)
        self.side.get_by_role("button", name="Log ind").click()
        self.side.wait_for_url(lambda url: "/log-ind" not in url)
        return self.side


class Finger:
    """A finger on a touch screen that counts: each tap, and each field set, is one."""

    def __init__(self) -> None:
        self.gange = 0

    def tryk(self, sted: Locator) -> None:
        """Tap."""
        sted.tap()
        self.gange += 1

    def vælg(self, felt: Locator, etiket: str) -> None:
        """Choose from a drop-down."""
        felt.select_option(label=etiket)
        self.gange += 1


Åbner = Callable[..., Vindue]


@pytest.fixture
def vindue(browser: Browser, adresse: str) -> Iterator[Åbner]:
    """Open a window as a role (None: a stranger), at a width, with or without JavaScript.

    When the journey is over, no window may have met a script error or a message of the content security policy.
    """
    contexts = []
    windows: list[Vindue] = []

    def make(rolle: Rolle | None, bredde: int = 390, *, js: bool = True) -> Vindue:
        context = browser.new_context(
            viewport={"width": bredde, "height": 844}, java_script_enabled=js, locale="da-DK", has_touch=bredde < 800
        )
        context.set_default_timeout(VENT)
        contexts.append(context)
        side = context.new_page()
        opened = Vindue(side, adresse)
        windows.append(opened)
        side.on("console", lambda m: opened.klager.append(m.text) if m.type in {"error", "warning"} else None)
        side.on("pageerror", lambda e: opened.klager.append(str(e)))
        if rolle is not None:
            opened.gå("/log-ind")
            opened.log_ind(str(rolle))
        return opened

    yield make
    for context in contexts:
        context.close()
    assert [klage for window in windows for klage in window.klager if not klage.startswith(SVAR)] == []


@pytest.fixture
def zxq(db: Session) -> uuid.UUID:
    """The id of the invented resident Zxq Prøvesen."""
    beboer_id = opret_beboer(db, ZXQ).id
    db.commit()
    return beboer_id
