"""Step-up: what is exported, erased or changed about users wants a proof of who asks that is not old.

A GET goes by way of `/bekræft` and comes back. A POST is answered with the same question and everything that was typed
in hidden fields of it, so that the answer sends the form itself once more: nothing is stored, lost or done before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Response, after_this_request, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict

from rådgivning.adgang.browser import for_ofte, hand_over, limit_key, own_page
from rådgivning.adgang.forms import BekræftFormular
from rådgivning.adgang.headers import SAFE_METHODS
from rådgivning.adgang.permissions import Ret, current_user_id, kræver
from rådgivning.adgang.proof import bevis_igen
from rådgivning.adgang.typed import UDELADES
from rådgivning.database import current_session, now
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

P = ParamSpec("P")
FORKERT = "Adgangskoden er forkert."
MÆRKE = "bekræft_"


def er_frisk() -> bool:
    """Whether this session proved who it is within `settings.frisk_minutter`; signing in counts."""
    settings: Settings = current_app.extensions["settings"]
    bevist = g.tilstand.bevist
    return bevist is not None and now() - bevist < timedelta(minutes=settings.frisk_minutter)


def frisk(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let a view run only for who has proved lately who she is. Stands under `@kræver(...)`."""

    @wraps(view)
    def fresh(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if er_frisk():
            return view(*args, **kwargs)
        if request.method in SAFE_METHODS:
            _note()
            næste = request.full_path if request.query_string else request.path
            return redirect(url_for("adgang.bekræft", næste=næste), 303)
        form = BekræftFormular()
        asked = any(name.startswith(MÆRKE) for name in request.form)
        if not asked:
            _note()
            return _page(form, _typed(), request.referrer), 403
        if form.validate() and _proved(form):
            request.form = ImmutableMultiDict(_typed())
            return view(*args, **kwargs)
        return _page(form, _typed(), request.referrer), 422

    return fresh


@kræver(Ret.EGEN_ADGANG)
def bekræft() -> ResponseReturnValue:
    """Prove again who one is, then on to the page that asked for it."""
    form = BekræftFormular()
    if not form.is_submitted():
        return _page(form, [], request.referrer)
    if form.validate() and _proved(form):
        return redirect(own_page(request.args.get("næste", "")), 303)
    return _page(form, [], ""), 422


def _note() -> None:
    session = current_session()
    skriv(session, Handling.AFVIST, str(request.endpoint), anledning="skal bekræftes igen", detaljer={"status": 401})
    session.commit()


def _typed() -> list[tuple[str, str]]:
    """Every field that was sent, but the question's own, the token and passwords."""
    pairs = request.form.items(multi=True)
    return [(name, value) for name, value in pairs if name == "formular_id" or not UDELADES.fullmatch(name)]


def _page(form: BekræftFormular, felter: list[tuple[str, str]], fra: str | None) -> str:
    return render_template(
        "adgang/bekræft.html",
        form=form,
        felter=felter,
        fil=bool(request.files),
        tilbage=own_page(urlsplit(fra or "").path),
        minutter=current_app.extensions["settings"].frisk_minutter,
    )


def _proved(form: BekræftFormular) -> bool:
    """Check what was given; when it is right, this request goes on in the renewed session."""
    udfald = bevis_igen(
        current_session(),
        current_user_id(),
        g.tilstand.session_id,
        limit_key(),
        request.remote_addr or "",
        form.bekræft_kodeord.data,
    )
    if not udfald.token:
        form.bekræft_kodeord.errors = [for_ofte(udfald.vent) if udfald.vent else FORKERT]
        return False
    g.tilstand = replace(g.tilstand, bevist=now())
    after_this_request(_renewed(udfald.token))
    return True


def _renewed(token: str) -> Callable[[Response], Response]:
    def renew(response: Response) -> Response:
        hand_over(response, token)
        return response

    return renew
