"""What every page shows around itself: the menu of the user's rights, and who she is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request

from rådgivning.adgang.permissions import Ret, har_ret, indlogget
from rådgivning.database import now
from rådgivning.settings import Settings


@dataclass(frozen=True)
class Menupunkt:
    """One item of the menu."""

    titel: str
    url: str
    aktiv: bool


HØJESTE_SIDE = 100_000
MENU = (
    ("I dag", "/", Ret.KONTAKTER),
    ("Beboere", "/beboere", Ret.BEBOERE),
    ("Kontakter", "/kontakter", Ret.KONTAKTER),
    ("Henvisninger", "/henvisninger", Ret.HENVISNINGER),
    ("Mine henvisninger", "/henvisninger", Ret.HENVIS),
    ("Restancer", "/restancer", Ret.RESTANCER),
    ("Mine restancer", "/restancer", Ret.INDBERET_RESTANCE),
    ("Kalender", "/kalender", Ret.KALENDER),
    ("Opgaver", "/opgaver", Ret.OPGAVER),
    ("Samtykker", "/samtykker", Ret.SAMTYKKER),
    ("Sundhedstjek", "/sundhedstjek", Ret.SUNDHEDSTJEK),
    ("Delmål", "/delmål", Ret.DELMÅL),
    ("Målinger", "/målinger", Ret.MÅLINGER),
    ("Planen", "/plan", Ret.PLAN),
    ("Indkaldelser", "/indkaldelse/tekster", Ret.INDKALDELSESTEKSTER),
    ("Tal", "/statistik", Ret.STATISTIK),
    ("Rapporter", "/rapporter", Ret.STATISTIK),
    ("Databeskyttelse", "/databeskyttelse", Ret.REGISTREREDE),
    ("Brugere", "/brugere", Ret.BRUGERE),
    ("Spor", "/spor", Ret.SPOR),
)


def init_navigation(app: Flask) -> None:
    """Make the menu and the rights known to every template."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    return {
        "navigation": _menu(),
        "bruger": indlogget(),
        "har_ret": har_ret,
        "Ret": Ret,
        "session_sekunder": _seconds_left(),
        "session_slut": _seconds_to_the_end(),
    }


def sidetal() -> int:
    """Which page of a list is asked for, from 1; never more than a database can count to."""
    return min(max(request.args.get("side", 1, type=int), 1), HØJESTE_SIDE)


def _seconds_left() -> int | None:
    """How long the session lives if nothing more is done: until its idle end, or its absolute end if that is sooner."""
    if indlogget() is None:
        return None
    settings: Settings = current_app.extensions["settings"]
    return int(min(settings.session_idle, g.tilstand.udløber - now()).total_seconds())


def _seconds_to_the_end() -> int | None:
    """How long until the session ends however much it is used."""
    return None if indlogget() is None else int((g.tilstand.udløber - now()).total_seconds())


def _menu() -> list[Menupunkt]:
    path = request.path
    return [
        Menupunkt(titel, url, path == url or (url != "/" and path.startswith(url + "/")))
        for titel, url, ret in MENU
        if har_ret(ret)
    ]
