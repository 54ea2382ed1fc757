"""What the sign-in's pages have to do with the browser: the cookie of the session, and where it is sent afterwards."""

from __future__ import annotations

import hashlib
import hmac

from flask import Response, after_this_request, current_app, request
from werkzeug.exceptions import HTTPException

from rådgivning.adgang.devices import enhed
from rådgivning.adgang.login import Forbindelse
from rådgivning.adgang.passkeys import Sted, sted
from rådgivning.adgang.permissions import declared_rights


def hand_over(response: Response, token: str) -> None:
    """Give the browser a session's token."""
    response.set_cookie(
        current_app.config["LOGIN_COOKIE"],
        token,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def renew(token: str) -> None:
    """Let this request's answer give the browser its session's new token."""

    def give(response: Response) -> Response:
        hand_over(response, token)
        return response

    after_this_request(give)


def own_page(path: str) -> str:
    """The path if it is a page of ours for who is signed in, else the front page: nobody is sent to another site, nor
    to the sign-in service by a link that somebody else made."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/"
    return path if _page_exists(path) else "/"


def _page_exists(path: str) -> bool:
    try:
        endpoint, _values = current_app.url_map.bind("").match(path.partition("?")[0], method="GET")
    except HTTPException:
        return False
    return bool(declared_rights(current_app.view_functions[endpoint]))


def forbindelse() -> Forbindelse:
    """Where this request comes from, as the counters of attempts and the list of sessions know it."""
    words = enhed(request.headers.get("User-Agent", ""), request.headers.get("Sec-CH-UA", ""))
    cookie = request.cookies.get(current_app.config["DEVICE_COOKIE"], "")
    return Forbindelse(limit_key(), request.remote_addr or "", words, cookie)


def her() -> Sted | None:
    """Where passkeys are good, None when they cannot be used at all."""
    return sted(current_app.extensions["settings"], request.host_url)


def limit_key() -> bytes:
    """The key under which names and addresses are hashed for the counters of attempts."""
    return hmac.digest(current_app.config["SECRET_KEY"], b"sign-in limits", hashlib.sha256)


def for_ofte(vent: int) -> str:
    """What is said when so many seconds have to pass before the next attempt."""
    wait = f"{vent} sekunder" if vent < 120 else f"{-(-vent // 60)} minutter"
    return f"Der er prøvet for mange gange. Vent {wait}, og prøv igen."
