"""A year's demo in two browsers for two roles, over HTTPS: the headers of every answer are right, and no person of the
demo stands in an address, in a line of the log, in a temporary file or in any other file of the instance."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from rådgivning import create_app
from rådgivning.adgang.headers import HEADERS
from rådgivning.adgang.permissions import RETTIGHEDER, Rolle, declared_rights
from rådgivning.settings import Settings
from tests.browser.conftest import CHROMIUM, FLAG, VENT
from tests.browser.personer import alle_personer, as_read, pattern, written
from tests.browser.tls import Forside, Svar, front
from tests.conftest import ISHØJ, LANG
from tests.drift.server import run, server

pytestmark = pytest.mark.browser
SLAGS = 1000 if LANG else 12
"""How many kinds of pages each role's crawl visits; the long form visits all it finds, and these are the fewest."""
MINDST = {Rolle.BEBOERRÅDGIVER: 80 if LANG else SLAGS, Rolle.DATABESKYTTELSE: 50 if LANG else SLAGS}
IKKE_SIDER = {"static", "adgang.log_ud", "drift.healthz", "drift.readyz"}


@dataclass(frozen=True)
class Demo:
    """A year's demo that is served: its settings, passwords by role, and where its process leaves things."""

    settings: Settings
    kodeord: dict[str, tuple[str, str]]
    port: int
    log: Path
    midlertidig: Path


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Made and served by the program's own verbs, as behind a front server."""
    instance, log, midlertidig = tmp_path / "år", tmp_path / "server.log", tmp_path / "tmp"
    midlertidig.mkdir()
    made = run(instance, "demo", "--kun-data")
    assert made.returncode == 0, made.stderr
    users = [line.split() for line in (instance / "demo-brugere.txt").read_text(encoding="utf-8").splitlines()]
    settings = Settings.from_environment({}, instance)
    extra = {"RAADGIVNING_HTTPS": "1", "RAADGIVNING_PROXYER": "1", "TMPDIR": str(midlertidig)}
    with server(instance, "start", "--udvikling", "--bind", "127.0.0.1:PORT", log=log, **extra) as (port, _process):
        kodeord = {line[0]: (line[1], line[2]) for line in users if len(line) == 3}
        yield Demo(replace(settings, development=True, anden_faktor="kan"), kodeord, port, log, midlertidig)


@pytest.fixture
def forside(demo: Demo, tmp_path: Path) -> Iterator[Forside]:
    """The front server."""
    with front(demo.port, tmp_path) as running:
        yield running


@pytest.fixture
def to_browsere(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Two browsers that know nothing of one another."""
    other = browser.browser_type.launch(executable_path=CHROMIUM, args=FLAG)
    contexts = [
        which.new_context(ignore_https_errors=True, locale="da-DK", accept_downloads=True) for which in (browser, other)
    ]
    for context in contexts:
        context.set_default_timeout(VENT)
    yield contexts
    for context in contexts:
        context.close()
    other.close()


def headers_wrong(svar: Svar) -> list[str]:
    """What is wrong with the headers of one answer."""
    wrong = [name for name, value in HEADERS.items() if svar.alle(name) != [value]]
    cache = "public, max-age=3600" if svar.sti.startswith("/static/") else "no-store"
    wrong += [] if svar.alle("Cache-Control") == [cache] else ["Cache-Control"]
    wrong += [] if "max-age=63072000" in "".join(svar.alle("Strict-Transport-Security")) else ["HSTS"]
    for cookie in svar.alle("Set-Cookie"):
        name, *parts = (part.strip() for part in cookie.split(";"))
        flags = {part.split("=")[0].lower(): part for part in parts}
        fine = name.startswith("__Host-") and {"secure", "httponly", "samesite", "path"} <= set(flags)
        if not fine or flags["path"] != "Path=/" or "domain" in flags:
            wrong.append(f"Set-Cookie {name.split('=')[0]}")
    return [f"{svar.metode} {urlsplit(svar.sti).path}: {found}" for found in wrong]


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


def crawl(side: Page, forside: Forside, kort: MapAdapter, stier: list[str], kodeord: str) -> dict[str, str]:
    """Follow the links of every page, one page of each kind; kinds with the path that was visited."""
    queue, visited = deque(stier), dict[str, str]()
    while queue and len(visited) < SLAGS:
        sti = queue.popleft()
        try:
            kind, _arguments = kort.match(urlsplit(sti).path, method="GET")
        except (HTTPException, RequestRedirect):
            continue
        if kind in visited or kind in IKKE_SIDER:
            continue
        visited[kind] = sti
        if "hent" in sti or sti.endswith(".svg"):
            assert side.request.get(forside.adresse + sti, timeout=VENT).status in {200, 404}, (
                kind
            )  # 404: nothing there to fetch
            continue
        assert åbn(side, forside.adresse + sti, kodeord) in {200, 202}, kind  # 202: figures are being made
        links = side.locator("a[href^='/']").evaluate_all("found => found.map(link => link.getAttribute('href'))")
        queue.extend(links)
    return visited


def log_ind(side: Page, forside: Forside, bruger: tuple[str, str]) -> None:
    """Sign in."""
    side.goto(f"{forside.adresse}/log-ind")
    side.get_by_label("Brugernavn").fill(bruger[0])
    side.get_by_label("Adgangskode").fill(bruger[1])
    side.get_by_role("button", name="Log ind").click()
    side.wait_for_url(lambda url: "/log-ind" not in url)


def dagens_arbejde(side: Page, forside: Forside, navn: str, tmp_path: Path) -> None:
    """The beboerrådgiver's acts: search, open, print, log, leave a draft, an attempt in a restancesag, a referral."""
    side.goto(forside.adresse)
    side.get_by_label("Find en beboer").press_sequentially(navn)
    side.get_by_role("option", name=navn).first.click()
    expect(side.get_by_role("heading", name=navn).first).to_be_visible()
    side.pdf(path=tmp_path / "udskrift.pdf")
    (tmp_path / "udskrift.pdf").unlink()
    side.goto(f"{forside.adresse}/kontakter/ny?art=en_til_en")
    side.get_by_label("Beboer", exact=True).press_sequentially(navn)
    side.get_by_role("listbox", name="Forslag").get_by_role("option").first.click()
    side.get_by_label("Hovedemne").select_option("gæld")
    side.get_by_label("Udfald").select_option("råd_givet")
    side.get_by_role("radio", name="Telefon").check()
    side.get_by_label("Henvist af").select_option("beboeren_selv")
    side.get_by_label("Notat").fill(f"Zxqnotat om {navn}")
    side.get_by_role("button", name="Gem kontakten").click()
    expect(side.get_by_text("Kontakten er gemt.")).to_be_visible()
    side.goto(f"{forside.adresse}/kontakter/ny?art=en_til_en")
    side.get_by_label("Notat").fill(f"Om {navn}, ikke færdig")
    expect(side.get_by_text("Kladde gemt kl.")).to_be_visible()
    side.goto(f"{forside.adresse}/restancer")
    side.locator("summary", has_text="Kontaktforsøg hos").first.click()
    side.get_by_role("button", name="Ikke truffet").first.click()
    expect(side.get_by_text("Kontaktforsøget er skrevet ind.")).to_be_visible()
    side.goto(f"{forside.adresse}/henvisninger/ny")
    side.get_by_label("Beboerens navn").fill(navn)
    side.get_by_label("Afdeling").select_option("aab55")
    side.get_by_label("Hvorfor henviser du?").select_option("bekymring")
    side.get_by_label("Hvem henviser?").select_option(index=1)
    side.get_by_label("Akut: samme dag").check()
    side.get_by_role("radio", name="Ja", exact=True).check()
    side.get_by_role("button", name="Gem henvisning").click()
    expect(side.get_by_role("heading", name=f"Henvisning: {navn}")).to_be_visible()


def vagtens_arbejde(side: Page, forside: Forside, navn: str, kodeord: str, tmp_path: Path) -> None:
    """databeskyttelse's acts: what was read, the trail as a file, and a request written down."""
    assert åbn(side, f"{forside.adresse}/spor/læst", kodeord) == 200
    assert åbn(side, f"{forside.adresse}/spor", kodeord) == 200
    with side.expect_download() as download:
        side.get_by_role("button", name="Hent filen").click()
    download.value.save_as(tmp_path / "udtræk")
    assert (tmp_path / "udtræk").stat().st_size > 1000
    assert åbn(side, f"{forside.adresse}/databeskyttelse/anmodninger/ny", kodeord) == 200
    side.get_by_label(re.compile("^Navn")).fill(navn)
    side.get_by_label("Adresse").fill("Zxqvej 7")
    side.locator("input[name=slags][value=indsigt]").check()
    side.get_by_role("button", name="Registrér anmodningen").click()
    expect(side.get_by_role("heading", level=1)).not_to_have_text("Ny anmodning")


def test_a_person_is_found_however_she_is_written() -> None:
    found = pattern(written({"Ærla Åbensen", "+4520121234", "Opdigtet Allé 7", "Lo Ny"}, "opdigtet\n"))
    for text in ("Ærla Åbensen", quote("Ærla Åbensen"), quote_plus("ærla åbensen"), "x=Åbensen&", '"\\u00c5bensen"',
                 "20121234", "20 12 12 34", "%2B4520121234", quote("Opdigtet Allé 7"), "q=lo+ny",
                 "q%3Dlo+ny", "a\\nlo ny"):  # fmt: skip
        assert found.search(text.casefold()), text
    assert found.search(as_read(quote(quote("x=Ærla Åbensen", safe=""))))
    for text in ("opdigtet", "a20121234f", "melo nyt"):
        assert not found.search(text), text


@pytest.mark.lang
def test_two_roles_work_through_a_year_and_no_person_stands_where_she_should_not(
    demo: Demo, forside: Forside, to_browsere: list[BrowserContext], tmp_path: Path
) -> None:
    personer, navn, brugere = alle_personer(demo.settings)
    assert len(personer) > 500
    app = create_app(replace(demo.settings, https=False))
    kort = app.url_map.bind(urlsplit(forside.adresse).netloc)
    sider = dict(zip(MINDST, (context.new_page() for context in to_browsere), strict=True))
    asked: list[str] = []
    for rolle, side in sider.items():
        side.on("request", lambda request: asked.append(request.url))
        log_ind(side, forside, demo.kodeord[rolle])
    vagt, vagts_kodeord = sider[Rolle.DATABESKYTTELSE], demo.kodeord[Rolle.DATABESKYTTELSE][1]
    dagens_arbejde(sider[Rolle.BEBOERRÅDGIVER], forside, navn, tmp_path)
    vagtens_arbejde(vagt, forside, navn, vagts_kodeord, tmp_path)
    assert åbn(vagt, f"{forside.adresse}/findes-ikke", vagts_kodeord) == 404
    assert åbn(vagt, f"{forside.adresse}/kontakter/ny", vagts_kodeord) == 403
    for rolle, side in sider.items():
        stier = ["/", *without_arguments(app, rolle)]
        visited = crawl(side, forside, kort, stier, demo.kodeord[rolle][1])
        print(rolle, len(visited), "kinds of pages; not met:", sorted(kinds(app, rolle) - set(visited)))
        assert len(visited) >= MINDST[rolle]
    app.extensions["nøgler"].close()

    assert [wrong for svar in forside.svar for wrong in headers_wrong(svar)] == []
    cookies = {cookie.split("=")[0] for svar in forside.svar for cookie in svar.alle("Set-Cookie")}
    assert cookies >= {"__Host-raadgivning", "__Host-formular"}
    assert {200, 303, 403, 404} <= {svar.status for svar in forside.svar}
    plan = ISHØJ.read_text(encoding="utf-8")
    forms = written(personer | brugere, plan)
    anyone, residents = pattern(forms), pattern(written(personer, "\n".join([plan, *brugere])))
    lines = asked + [svar.sti for svar in forside.svar]
    lines += [place for svar in forside.svar for place in svar.alle("Location")]
    left = [demo.log, *(path for path in demo.midlertidig.rglob("*") if path.is_file())]
    lines += [line for path in left for line in read(path).splitlines()]
    assert [line for line in lines if anyone.search(as_read(line))] == []
    kept = [path for path in demo.settings.instance.rglob("*") if path.is_file() and path.name != "demo-brugere.txt"]
    assert {path.name for path in kept} >= {"raadgivning.db", "nøgler.db"}
    for path in kept:
        assert residents.findall(read(path).casefold()) == [], path
    size = sum(path.stat().st_size for path in kept)
    print(f"{len(forside.svar)} answers, {len(personer)} texts in {len(forms)} forms, {len(lines)} lines, {size} bytes")


def read(path: Path) -> str:
    """A file as text, whatever it holds."""
    return path.read_bytes().decode("utf-8", "replace")


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
