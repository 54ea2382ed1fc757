"""What a role without sealed drafts had typed when her session ended: in her own signed cookie, shown to her once.

The leder and databeskyttelse open no envelope, so nothing of theirs is sealed. Their forms hold figures and names of
users; what databeskyttelse types about a resident's request is kept nowhere.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from flask import request
from flask import session as cookie
from werkzeug.datastructures import MultiDict

from rådgivning.adgang.permissions import Indlogget, current_user_id

_NAME, _NEXT = "skrevet", "fortsæt"
LARGEST = 2500
# What proves who somebody is is never kept, by any role.
OM_BEBOERE = "/databeskyttelse/anmodninger"
UDELADES = re.compile("csrf_token|bekræft_.*|.*kodeord.*")


def keep_typed(user: Indlogget, felter: Mapping[str, list[str]]) -> bool:
    """Keep a form's fields for this user and page; False when they are too large for a cookie, or about a resident."""
    kept = {name: values for name, values in felter.items() if not UDELADES.fullmatch(name)}
    if len(json.dumps(kept)) > LARGEST or request.path.startswith(OM_BEBOERE):
        return False
    cookie[_NAME] = {"bruger": str(user.id), "sti": request.path, "felter": kept}
    return True


def carry_typed(bruger_id: uuid.UUID | None) -> None:
    """Empty the form cookie at sign-in, but for what this very user had typed."""
    typed = cookie.get(_NAME)
    cookie.clear()
    if typed is not None and typed["bruger"] == str(bruger_id):
        cookie[_NAME] = typed


def return_to(path: str, *, sent: bool) -> None:
    """Note where a user was going who has to finish signing in first; where she sent something weighs more."""
    if sent or _NEXT not in cookie:
        cookie[_NEXT] = path


def take_return() -> str:
    """Where she was going, "" for nowhere."""
    return str(cookie.pop(_NEXT, ""))


def typed_again() -> dict[str, Any]:
    """The form's `formdata` argument on the first visit of the page after signing in again; else nothing."""
    typed = cookie.get(_NAME)
    if request.method != "GET" or typed is None or typed["sti"] != request.path:
        return {}
    del cookie[_NAME]
    return {"formdata": MultiDict(typed["felter"])} if typed["bruger"] == str(current_user_id()) else {}
