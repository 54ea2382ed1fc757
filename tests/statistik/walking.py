"""A walk through everything that a role can reach: every route it may use, every link and choice on the pages, each
answer kept whole, with nothing taken out but what is random by design (form tokens, cookies)."""

from __future__ import annotations

import html
import itertools
import re
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit
from zlib import crc32

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rådgivning import create_app
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Ret, Rolle, declared_rights
from rådgivning.settings import Settings
from tests.adgang.test_matrix import Rute, Verden, ruter
from tests.conftest import LANG, Klient

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
_FORM = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>.*?</form>', re.DOTALL)
_ACTION = re.compile(r'\baction="([^"]*)"')
_SELECT = re.compile(r'<select\b[^>]*\bname="([^"]+)".*?</select>', re.DOTALL)
_OPTION = re.compile(r'<option\b[^>]*\bvalue="([^"]*)"')
_TOKEN = re.compile(rb'(csrf[-_]token"[^>]*(?:content|value)=")[^"]+')
_LEAVES = ("adgang.log_ud", "adgang.log_ud_alle", "static")
_SECRETS = re.compile(r"^/to-trin|/passkey|/oidc")
"""Where secrets and challenges are drawn anew each time: random by design, and about the reader herself."""
MOST = 2000 if LANG else 5
"""So many pages of a kind are enough; a file that is slow to make is of one kind with every other of its format."""


class Svar(NamedTuple):
    """An answer as the browser gets it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def svar(response: TestResponse) -> Svar:
    """An answer without its cookies and form tokens; what else differs between two walks is something to explain."""
    headers = tuple(sorted((name, value) for name, value in response.headers.items() if name != "Set-Cookie"))
    return Svar(response.status_code, headers, _TOKEN.sub(rb"\1", response.data))


@dataclass(frozen=True)
class Rundtur:
    """What a role is to be sent through: paths to get, and forms to send empty."""

    rolle: Rolle | None
    stier: Sequence[str]
    poster: Sequence[str]


def find_vej(
    app: Flask, verden: Verden, rolle: Rolle | None, klient: FlaskClient, kun: frozenset[Ret] | None = None
) -> Rundtur:
    """Every page of a role: the routes it may use, and all that these pages lead to; of some rights only, if named."""
    mine = verden.personale.brugere[rolle or Rolle.LEDER]
    open_to = [
        r
        for r in ruter(app)
        if r.åben_for(app, rolle)
        and r.rule.endpoint not in _LEAVES
        and not _SECRETS.search(r.rule.rule)
        and (kun is None or declared_rights(app.view_functions[r.rule.endpoint]) & kun)
    ]
    known: dict[str, None] = {}
    kinds: Counter[tuple[str, str]] = Counter()
    waiting = [unquote(r.url(app, verden.genstand(r, mine).argumenter)) for r in open_to if r.metode == "GET"]
    while waiting:
        path = waiting.pop(0)
        kind = _kind(app, path)
        if path in known or kinds[kind] >= (1 if kind[1] in ("pdf", "docx") and not LANG else MOST):
            continue
        known[path] = None
        kinds[kind] += 1
        answer = hent(klient, path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            waiting += [found for found in fører_til(path, answer.text) if _may(app, open_to, found)]
    posts = [unquote(r.url(app, verden.genstand(r, mine).argumenter)) for r in open_to if r.metode == "POST"]
    return Rundtur(rolle, list(known), posts)


def hent(klient: FlaskClient, path: str) -> TestResponse:
    """A page; one that is not made yet is waited for."""
    for _ in range(600):
        answer = klient.get(path)
        if answer.mimetype != "text/html" or "Tallene laves" not in answer.text:
            return answer
        sleep(0.1)
    raise AssertionError(path)


def fører_til(path: str, page: str) -> Iterator[str]:
    """The paths that a page's links name, and those that its choices make when sent by GET."""
    for link in map(html.unescape, _LINK.findall(page)):
        parts = urlsplit(link)
        if not parts.netloc and not parts.scheme and (parts.path or parts.query):
            yield unquote(parts.path or urlsplit(path).path) + (f"?{unquote(parts.query)}" if parts.query else "")
    for form in _FORM.findall(page):
        action = _ACTION.search(form)
        chosen = {m[1]: _OPTION.findall(m[0]) for m in _SELECT.finditer(form)}
        for name, value in ((name, value) for name, values in chosen.items() for value in values):
            yield f"{unquote(action[1] if action else path)}?{unquote(urlencode({name: value}))}"


def _kind(app: Flask, path: str) -> tuple[str, str]:
    """The route that answers a path, and the file format it names; empty when there is none."""
    adapter = app.url_map.bind("localhost")
    if not adapter.test(urlsplit(path).path, method="GET"):
        return "", ""
    endpoint, values = adapter.match(urlsplit(path).path, method="GET")
    return endpoint, str(values.get("form", ""))


def _may(app: Flask, open_to: Sequence[Rute], path: str) -> bool:
    return _kind(app, path)[0] in {rute.rule.endpoint for rute in open_to if rute.metode == "GET"}


def gå(app: Flask, bruger: Bruger | None, tur: Rundtur) -> dict[str, Svar]:
    """Every answer of a walk by its path."""
    klient = _klient(app, bruger)
    return {f"{tur.rolle} {path}": svar(klient.get(path)) for path in tur.stier}


def send_tomt(app: Flask, bruger: Bruger | None, tur: Rundtur) -> dict[str, Svar]:
    """The answers to the forms of a walk, sent with nothing but the token."""
    klient, found = _klient(app, bruger), {}
    for path in tur.poster:
        found[f"{tur.rolle} POST {path}"] = svar(klient.send(path))
        if bruger is not None and klient.get("/sessioner").status_code != 200:
            klient.sign_in(bruger)
    return found


def _klient(app: Flask, bruger: Bruger | None) -> Klient:
    app.test_client_class = Klient
    klient = app.test_client()
    assert isinstance(klient, Klient)
    if bruger is not None:
        klient.sign_in(bruger)
    return klient


@contextmanager
def åben(settings: Settings) -> Iterator[Flask]:
    """The application on an instance; what it makes beside a request is waited for, so that every walk is alike."""
    app = create_app(settings)
    app.testing = True
    app.config["TAL_VENT"] = 300.0
    yield app
    app.extensions["nøgler"].close()


@contextmanager
def ens_numre(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """New ids follow from the path alone: the same in every walk."""
    made = itertools.count()
    get = FlaskClient.open

    def opened(client: FlaskClient, path: str, **kwargs: Any) -> TestResponse:
        nonlocal made
        made = itertools.count(crc32(path.encode()) << 64)
        return get(client, path, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=next(made)))
        patch.setattr(FlaskClient, "open", opened)
        yield


def første_forskel(one: Svar, other: Svar) -> str:
    """Where two answers part, in a few words."""
    if one.status != other.status:
        return f"status {one.status} / {other.status}"
    if one.headers != other.headers and one.body == other.body:
        return f"headers {set(one.headers) ^ set(other.headers)}"
    at = next((n for n, (a, b) in enumerate(zip(one.body, other.body, strict=False)) if a != b), 0)
    return f"body at {at}: {one.body[max(at - 60, 0) : at + 40]!r} / {other.body[max(at - 60, 0) : at + 40]!r}"


def forskelle(one: dict[str, Svar], other: dict[str, Svar]) -> dict[str, str]:
    """The paths whose answers differ, each with where."""
    assert other.keys() <= one.keys()
    return {path: første_forskel(one[path], other[path]) for path in other if one[path] != other[path]}


def kopi(settings: Settings, folder: Path) -> Settings:
    """The same instance, keys and all, in another folder."""
    shutil.copytree(settings.instance, folder)
    shutil.copy2(settings.key_file, folder.with_name(f"{folder.name}.nøgle"))
    return Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
