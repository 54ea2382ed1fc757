"""A real server on loopback and a real Chromium for each journey."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from rådgivning.adgang.permissions import Rolle
from tests.conftest import KODEORD

CHROMIUM = "/usr/bin/chromium"
FLAG = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def databasetype() -> str:
    """The browser sees no difference between databases: one is enough here."""
    return "sqlite"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAG)
        yield chromium
        chromium.close()


@pytest.fixture
def adresse(app: Flask) -> Iterator[str]:
    """The address of the running application."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@dataclass
class Vindue:
    """A signed-in page, and what the browser complained about."""

    side: Page
    adresse: str
    klager: list[str] = field(default_factory=list)

    def gå(self, sti: str) -> Page:
        """Open a path of the application."""
        self.side.goto(self.adresse + sti)
        return self.side


Åbner = Callable[..., Vindue]


@pytest.fixture
def vindue(browser: Browser, adresse: str) -> Iterator[Åbner]:
    """Open a window as a role (None: a stranger), at a width, with or without JavaScript."""
    contexts = []

    def make(rolle: Rolle | None, bredde: int = 390, *, js: bool = True) -> Vindue:
        context = browser.new_context(
            viewport={"width": bredde, "height": 844}, java_script_enabled=js, locale="da-DK", has_touch=bredde < 800
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        side = context.new_page()
        opened = Vindue(side, adresse)
        side.on("console", lambda m: opened.klager.append(m.text) if m.type in {"error", "warning"} else None)
        side.on("pageerror", lambda e: opened.klager.append(str(e)))
        if rolle is not None:
            opened.gå("/log-ind")
            side.get_by_label("Brugernavn").fill(str(rolle))
            side.get_by_label("Adgangskode").fill(KODEORD)
            side.get_by_role("button", name="Log ind").click()
            side.wait_for_url(lambda url: "/log-ind" not in url)
        return opened

    yield make
    for context in contexts:
        context.close()
