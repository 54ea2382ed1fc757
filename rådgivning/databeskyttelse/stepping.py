"""A page of a request that is not ready for it sends whoever opens it back to the request, and says what is missing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.headers import SAFE_METHODS
from rådgivning.adgang.permissions import Konflikt, Ret, har_ret, hent
from rådgivning.database import current_session
from rådgivning.databeskyttelse.models import Anmodning

View = Callable[[uuid.UUID], ResponseReturnValue]


def når_klar(view: View) -> View:
    """A page opened too early goes back with a message; what is sent too early is refused (409) as everywhere."""

    @wraps(view)
    def ready(anmodning_id: uuid.UUID) -> ResponseReturnValue:
        try:
            return view(anmodning_id)
        except Konflikt as missing:
            if request.method not in SAFE_METHODS:
                raise
            row = hent(current_session(), Anmodning, anmodning_id)
            flash(str(missing), "advarsel")
            own = har_ret(Ret.REGISTREREDE)
            back = url_for("databeskyttelse.anmodning", anmodning_id=row.id) if own else f"/beboere/{row.beboer_id}"
            return redirect(back, 303)

    return ready
