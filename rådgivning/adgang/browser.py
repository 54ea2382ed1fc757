"""What the sign-in's pages have to do with the browser: the cookie of the session, and where it is sent afterwards."""

from __future__ import annotations

import hashlib
import hmac

from flask import Response, current_app
from werkzeug.exceptions import HTTPException


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


def own_page(path: str) -> str:
    """The path if it is a page of ours that can be opened, else the front page: nobody is sent to another site."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/"
    return path if _page_exists(path) else "/"


def _page_exists(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path.partition("?")[0], method="GET")
    except HTTPException:
        return False
    return True


def limit_key() -> bytes:
    """The key under which names and addresses are hashed for the counters of attempts."""
    return hmac.digest(current_app.config["SECRET_KEY"], b"sign-in limits", hashlib.sha256)


def for_ofte(vent: int) -> str:
    """What is said when so many seconds have to pass before the next attempt."""
    wait = f"{vent} sekunder" if vent < 120 else f"{-(-vent // 60)} minutter"
    return f"Der er prøvet for mange gange. Vent {wait}, og prøv igen."
