"""Every page as every role in a real browser: axe has no objection, nothing scrolls sideways or trips the CSP."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from tests.adgang.objects import Genstand
from tests.adgang.test_matrix import Rute, Verden, ruter
from tests.browser.conftest import Vindue, Åbner
from tests.conftest import Personale

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ROLLER = [*Rolle, None]
BREDDER = (1280, 1000, 390, 320)
UNDER_AXE = (1280, 390)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def axe(side: Page) -> list[str]:
    """What axe-core objects to on the page, one line each."""
    side.wait_for_load_state()  # a click waits only until the answer begins
    if not side.evaluate("typeof window.axe === 'object'"):
        side.evaluate(AXE)
    found: dict[str, Any] = side.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


def sideways(side: Page) -> int:
    """By how many pixels the page is wider than its window, when its style sheets are there."""
    side.wait_for_load_state()
    found: int = side.evaluate(SIDEWAYS)
    return found


def pages(verden: Verden, rolle: Rolle | None) -> list[str]:
    """The paths of every page the role may open, with objects of its own behind them."""
    found = []
    for rute in ruter(verden.app):
        if rute.metode != "GET" or not rute.åben_for(verden.app, rolle) or _is_no_page(rute):
            continue
        thing = verden.genstand(rute, verden.personale.brugere[rolle]) if rolle else Genstand({})
        found.append(rute.url(verden.app, thing.argumenter))
    return found


def _is_no_page(rute: Rute) -> bool:
    return rute.rule.rule in {"/healthz", "/readyz"} or "hent" in rute.rule.rule or rute.rule.rule.endswith(".svg")


def check(vindue: Vindue, sti: str) -> list[str]:
    """What is wrong with one page: opened wide, then narrowed as when a window is made smaller."""
    wrong = []
    side = vindue.side
    side.set_viewport_size({"width": BREDDER[0], "height": 844})
    vindue.gå(sti)
    for bredde in BREDDER:
        side.set_viewport_size({"width": bredde, "height": 844})
        if sideways(side) > 0:
            wrong.append(f"{sti} {bredde}: scrolls sideways")
        if bredde in UNDER_AXE:
            wrong += [f"{sti} {bredde}: {found}" for found in axe(side)]
    wrong += [f"{sti}: {klage}" for klage in vindue.klager]
    vindue.klager.clear()
    return wrong


@pytest.mark.browser
@pytest.mark.parametrize("rolle", ROLLER)
def test_every_page_is_accessible_and_fits(
    app: Flask, kontekst: Nøglekontekst, personale: Personale, settings: Settings, vindue: Åbner, rolle: Rolle | None
) -> None:
    opened = vindue(rolle)  # before she has a second factor among her objects
    stier = pages(Verden(app, kontekst, personale, settings), rolle)
    wrong = [fault for sti in stier for fault in check(opened, sti)]
    assert stier
    assert wrong == []
