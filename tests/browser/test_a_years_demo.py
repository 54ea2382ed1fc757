"""A year's demo in two browsers for two roles, over HTTPS: the headers of every answer are right, and no person of the
demo stands in an address, in a line of the log, in a temporary file or in any other file of the instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext

from rådgivning import create_app
from rådgivning.adgang.headers import HEADERS
from rådgivning.adgang.permissions import Rolle
from rådgivning.settings import Settings
from tests.browser.conftest import CHROMIUM, FLAG, VENT
from tests.browser.deeds import dagens_arbejde, kollegas_notat, sjælden_vagt, sjældent_arbejde, to_apps, vagtens_arbejde
from tests.browser.personer import alle_personer, as_read, pattern, written
from tests.browser.tls import Forside, Svar, front
from tests.browser.walk import Gang, kinds, without_arguments, åbn
from tests.conftest import ISHØJ, LANG
from tests.drift.server import run, server

pytestmark = pytest.mark.browser
SLAGS = 1000 if LANG else 12
"""How many kinds of pages each role's walk opens; the long form opens every kind that there is."""
KOLLEGA = "kollega"
ROLLER = (Rolle.BEBOERRÅDGIVER, Rolle.DATABESKYTTELSE)
EFTER = {"adgang.fjern_faktor", "databeskyttelse.konto"}
"""Kinds of pages that are opened when the walk is over: who has a second factor is asked for it, and the way to an
account at a sign-in service is shown only where there is one."""


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
        kodeord = {line[0] if len(line) == 3 else KOLLEGA: (line[-2], line[-1]) for line in users}
        yield Demo(replace(settings, development=True, anden_faktor="kan"), kodeord, port, log, midlertidig)


@pytest.fixture
def forside(demo: Demo, tmp_path: Path) -> Iterator[Forside]:
    """The front server."""
    with front(demo.port, tmp_path) as running:
        yield running


@pytest.fixture
def vinduer(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """Two browsers that know nothing of one another, one for each role; a colleague has a window in the first."""
    other = browser.browser_type.launch(executable_path=CHROMIUM, args=FLAG)
    hvor = {Rolle.BEBOERRÅDGIVER: browser, Rolle.DATABESKYTTELSE: other, KOLLEGA: browser}
    contexts = {
        str(hvem): which.new_context(ignore_https_errors=True, locale="da-DK", accept_downloads=True)
        for hvem, which in hvor.items()
    }
    for context in contexts.values():
        context.set_default_timeout(VENT)
    yield contexts
    for context in contexts.values():
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
    demo: Demo, forside: Forside, vinduer: dict[str, BrowserContext], tmp_path: Path
) -> None:
    personer, navn, brugere = alle_personer(demo.settings)
    assert len(personer) > 500
    app = create_app(replace(demo.settings, https=False))
    kort = app.url_map.bind(urlsplit(forside.adresse).netloc)
    asked: list[str] = []

    def ind(hvem: str) -> Gang:
        side = vinduer[hvem].new_page()
        side.on("request", lambda request: asked.append(request.url))
        return Gang(side, forside, kort, demo.kodeord[hvem])

    hun, vagt = gange = [ind(rolle) for rolle in ROLLER]
    dagens_arbejde(hun, navn, tmp_path)
    vagtens_arbejde(vagt, navn, tmp_path)
    assert åbn(vagt.side, f"{forside.adresse}/findes-ikke", vagt.kodeord) == 404
    assert åbn(vagt.side, f"{forside.adresse}/kontakter/ny", vagt.kodeord) == 403
    stier = ["/"]
    if LANG:
        stier += [kollegas_notat(ind(KOLLEGA)), sjældent_arbejde(hun), sjælden_vagt(vagt)]
    for rolle, gang in zip(ROLLER, gange, strict=True):
        wanted = kinds(app, rolle)
        mine = [sti for sti in stier if gang.kind(sti) in wanted]
        gang.crawl([*mine, *without_arguments(app, rolle)], wanted - EFTER, SLAGS)
        if LANG:
            to_apps(gang)
            if "databeskyttelse.konto" in wanted:
                gang.gå(gang.mødt["databeskyttelse.bruger"] + "/konto")
            assert wanted - set(gang.mødt) == set(), rolle
        print(rolle, len(gang.mødt), "kinds of pages of", len(wanted))
        assert len(gang.mødt) >= min(SLAGS, len(wanted))
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
