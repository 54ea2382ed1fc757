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

from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict

from rådgivning.adgang.administration import ny_browser
from rådgivning.adgang.browser import for_ofte, forbindelse, her, own_page, renew
from rådgivning.adgang.factors import PASSKEY, TOTP, faktorer
from rådgivning.adgang.forms import BekræftFormular
from rådgivning.adgang.headers import SAFE_METHODS
from rådgivning.adgang.login import Udfald
from rådgivning.adgang.passkeys import udfordring
from rådgivning.adgang.permissions import IkkeFundet, Ret, Rolle, current_role, current_user, current_user_id, kræver
from rådgivning.adgang.proof import TJENESTE, Mig, bevis_igen, bevis_med_passkey
from rådgivning.adgang.typed import UDELADES
from rådgivning.database import current_session, now
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

P = ParamSpec("P")
FORKERT = "Adgangskoden er forkert."
MÆRKE = "bekræft_"
PASSKEY_FELT = "bekræft_passkey"


def er_frisk() -> bool:
    """Whether this session proved who it is within `settings.frisk_minutter`; signing in counts."""
    settings: Settings = current_app.extensions["settings"]
    bevist = g.tilstand.bevist
    return bevist is not None and now() - bevist < timedelta(minutes=settings.frisk_minutter)


def frisk(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let a view run only for who has proved lately who she is. Stands under `@kræver(...)`."""

    @wraps(view)
    def fresh(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        question = None if er_frisk() else bevis_først()
        return view(*args, **kwargs) if question is None else question

    return fresh


def kendt_browser(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let databeskyttelse change how she signs in from a browser that is new to her only when she has proved there who
    she is: what whoever sits at it adds would else be the proof. Her very first factor has none before it to prove
    anything with. Stands under `@frisk`."""

    @wraps(view)
    def known(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        question = bevis_først() if _new_browser() and not current_user().uden_faktor else None
        return view(*args, **kwargs) if question is None else question

    return known


def bevis_først() -> ResponseReturnValue | None:
    """The question who she is, in answer to this request; None when the request itself holds the right answer, and goes
    on without it."""
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
        return None
    return _page(form, _typed(), request.referrer), 422


@kræver(Ret.LOGIN)
def bekræft() -> ResponseReturnValue:
    """Prove again who one is, then on to the page that asked for it."""
    form = BekræftFormular()
    if not form.is_submitted():
        return _page(form, [], request.referrer)
    if form.validate() and _proved(form):
        return redirect(own_page(request.args.get("næste", "")), 303)
    return _page(form, [], ""), 422


def _new_browser() -> bool:
    settings = current_app.extensions["settings"]
    return current_role() is Rolle.DATABESKYTTELSE and ny_browser(current_session(), settings, g.tilstand)


def _note() -> None:
    session = current_session()
    skriv(session, Handling.AFVIST, str(request.endpoint), anledning="skal bekræftes igen", detaljer={"status": 401})
    session.commit()


def _typed() -> list[tuple[str, str]]:
    """Every field that was sent, but the question's own, the token and passwords."""
    pairs = request.form.items(multi=True)
    return [(name, value) for name, value in pairs if name == "formular_id" or not UDELADES.fullmatch(name)]


def _page(form: BekræftFormular, felter: list[tuple[str, str]], fra: str | None) -> str:
    session = current_session()
    mine = faktorer(session, current_user_id())
    return render_template(
        "adgang/bekræft.html",
        form=form,
        felter=felter,
        fil=bool(request.files),
        tilbage=own_page(urlsplit(fra or "").path),
        minutter=current_app.extensions["settings"].frisk_minutter,
        to_trin=bool(mine),
        ny_browser=_new_browser() or (er_frisk() and request.endpoint != "adgang.bekræft"),
        kun_tjeneste=not mine and g.tilstand.faktor == TJENESTE,
        app=any(faktor.slags == TOTP for faktor in mine),
        passkey=her() is not None and any(faktor.slags == PASSKEY for faktor in mine),
    )


def _proved(form: BekræftFormular) -> bool:
    """Check what was given; when it is right, this request goes on in the renewed session."""
    if not form.bekræft_kodeord.data and not request.form.get(PASSKEY_FELT):
        form.bekræft_kodeord.errors = ["Skriv din adgangskode."]
        return False
    udfald = _udfald(form)
    if udfald.token:
        g.tilstand = replace(g.tilstand, bevist=now(), bekræftet=now())
        renew(udfald.token)
        return True
    message = for_ofte(udfald.vent) if udfald.vent else ""
    if request.form.get(PASSKEY_FELT):
        form.form_errors.append("Passkeyen kunne ikke bruges. Prøv igen, eller skriv adgangskode og kode.")
    elif udfald.kode:
        form.bekræft_kode.errors = [message or "Koden er forkert, eller den er brugt før."]
    else:
        form.bekræft_kodeord.errors = [message or FORKERT]
    return False


def _udfald(form: BekræftFormular) -> Udfald:
    session, mig = current_session(), _me()
    svar, sted = request.form.get(PASSKEY_FELT, ""), her()
    if svar and sted is not None:
        return bevis_med_passkey(session, mig, sted, svar)
    return bevis_igen(session, mig, form.bekræft_kodeord.data, form.bekræft_kode.data)


def _me() -> Mig:
    return Mig(current_user_id(), g.tilstand.session_id, forbindelse(), g.tilstand.faktor)


@kræver(Ret.LOGIN)
def passkey_udfordring() -> ResponseReturnValue:
    """What the browser needs to use one of this user's passkeys."""
    session, sted = current_session(), her()
    if sted is None:
        raise IkkeFundet("bruger_faktor")
    made = udfordring(session, sted, current_user_id(), g.tilstand.session_id)
    session.commit()
    return current_app.response_class(made.json, mimetype="application/json")
