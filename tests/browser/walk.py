"""Walking a site as a user does: sign in, open a page, follow what it links to until every kind of page was seen."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from playwright.sync_api import Page, Response, expect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from rådgivning.adgang.permissions import RETTIGHEDER, Rolle, declared_rights
from tests.adgang.objects import KUN_HELE
from tests.browser.conftest import VENT
from tests.browser.tls import Forside

IKKE_SIDER = {"static", "adgang.log_ud", "drift.healthz", "drift.readyz"}
STEDER = "a[href^='/'], form[action^='/']"
"""Where a page leads: what is sent is shown again at its own address, after a sign-in or with what was wrong."""
DERHEN = "all => all.map(one => one.getAttribute('href') || one.getAttribute('action'))"
FILER = {"adgang.qr", "databeskyttelse.brev"}
"""What is fetched and not shown, besides whatever is called `hent`."""
FINE = {200, 202}
"""What a page answers that is there; 202: its figures are being made."""
ALTID_FØRST = ("/log-ind?", quote("/bekræft?", safe="/?"))
"""Where one is sent before a page that she has not got to yet."""
FLERE = 12
"""How many more pages of a kind are opened, in search of kinds that only some of them lead to."""


def log_ind(side: Page, forside: Forside, bruger: tuple[str, str]) -> None:
    """Sign in."""
    side.goto(f"{forside.adresse}/log-ind")
    side.get_by_label("Brugernavn").fill(bruger[0])
    side.get_by_label("Adgangskode").fill(bruger[1])
    side.get_by_role("button", name="Log ind").click()
    side.wait_for_url(lambda url: "/log-ind" not in url)


def åbn(side: Page, url: str, kodeord: str) -> int:
    """Open a page; when the program first asks who one is, say so. The status of what came in the end."""
    answer = side.goto(url)
    if urlsplit(side.url).path == quote("/bekræft") and "n%C3%A6ste=" in side.url:
        side.get_by_label("Adgangskode").fill(kodeord)
        with side.expect_response(
            lambda found: found.request.method == "GET" and found.request.is_navigation_request()
        ) as info:
            side.get_by_role("button", name="Fortsæt").click()
        answer = info.value
        expect(side.get_by_role("heading", name="Bekræft, at det er dig")).to_have_count(0)
    assert answer is not None
    return answer.status


class Gang:
    """One user's walk over the site, in a window of hers: the kinds of pages that answered, each with its path."""

    def __init__(self, side: Page, forside: Forside, kort: MapAdapter, bruger: tuple[str, str]) -> None:
        self.side, self.adresse, self.kort, self.kodeord = side, forside.adresse, kort, bruger[1]
        self.mødt: dict[str, str] = {}
        side.on("response", self._met)
        log_ind(side, forside, bruger)

    def _met(self, answer: Response) -> None:
        first = answer.headers.get("location", "").startswith(ALTID_FØRST)
        sti = unquote(urlsplit(answer.url).path)
        there = answer.request.method == "GET" and answer.status in {*FINE, 303} and not first
        if there and (kind := self.kind(sti)):
            self.mødt.setdefault(kind, sti)

    def gå(self, sti: str) -> Page:
        """Open a page that is there."""
        status = åbn(self.side, self.adresse + sti, self.kodeord)
        assert status in FINE, (self.kind(sti), status)
        return self.side

    def kind(self, sti: str) -> str:
        """The kind of page a path leads to; "" for what is no page."""
        try:
            kind, _arguments = self.kort.match(unquote(urlsplit(sti).path), method="GET")
        except (HTTPException, RequestRedirect):
            return ""
        return "" if kind in IKKE_SIDER else str(kind)

    def crawl(self, stier: list[str], søgte: set[str], højst: int) -> None:
        """Follow the links of every page, one page of each kind before another of the same, until `højst` kinds are met
        or all of `søgte`, or nothing is left to open."""
        queue, again, opened = deque(stier), deque[str](), Counter[str]()
        seen = set(stier)
        while (queue or again) and len(opened) < højst and søgte - set(self.mødt):
            first = bool(queue)
            sti = queue.popleft() if first else again.popleft()
            kind = self.kind(sti)
            if not kind or opened[kind] > FLERE:
                continue
            if first and opened[kind]:
                again.append(sti)
                continue
            opened[kind] += 1
            new = [link for link in self.links(kind, sti) if link not in seen]
            seen.update(new)
            queue.extend(new)

    def links(self, kind: str, sti: str) -> list[str]:
        """Where a page leads. What is a file is fetched, if there is one, and leads nowhere."""
        if kind in FILER or kind.partition(".")[2].startswith("hent"):
            assert self.side.request.get(self.adresse + sti, timeout=VENT).status in {200, 404}, kind
            self.mødt.setdefault(kind, sti)
            return []
        status = åbn(self.side, self.adresse + sti, self.kodeord)
        refused = {409, 403} if kind in KUN_HELE else {409}  # what is restricted; a colleague's, with an explanation
        assert status in FINE | refused, (kind, status)
        return [str(sted) for sted in self.side.locator(STEDER).evaluate_all(DERHEN)]


def kinds(app: Any, rolle: Rolle) -> set[str]:
    """Every kind of page the role may open."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
        and rule.endpoint not in IKKE_SIDER
        and (not (needed := declared_rights(app.view_functions[rule.endpoint])) or needed & RETTIGHEDER[rolle])
    }


def without_arguments(app: Any, rolle: Rolle) -> list[str]:
    """The paths of the role's pages that need no argument."""
    wanted = kinds(app, rolle)
    return [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in wanted and not rule.arguments]
