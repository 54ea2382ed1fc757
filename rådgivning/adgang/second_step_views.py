"""Pages of the second step of signing in: the code after the password, and the passkey instead of both."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from rådgivning.adgang.browser import for_ofte, forbindelse, hand_over, her, own_page
from rådgivning.adgang.factors import PASSKEY, faktorer
from rådgivning.adgang.forms import KodeFormular
from rådgivning.adgang.limits import tæl_udfordring, udfordring_lykkedes
from rådgivning.adgang.passkeys import udfordring
from rådgivning.adgang.permissions import IkkeFundet, offentlig
from rådgivning.adgang.recovery_codes import FÅ, tilbage
from rådgivning.adgang.second_step import GENOPRETTELSE, fortsæt, halvvejs, log_ind_med_passkey
from rådgivning.adgang.session_views import know_device
from rådgivning.adgang.sessions import Slut, end_sessions
from rådgivning.adgang.typed import carry_typed
from rådgivning.database import current_session
from rådgivning.spor.trail import aktør

_TRIN, _UDFORDRING = "trin", "udfordring"
FORFRA = "Begynd forfra med din adgangskode: det tog for lang tid, eller koden var forkert for mange gange."
FORKERT = "Koden er forkert, eller den er brugt før."
PASSKEY_FORKERT = "Passkeyen kunne ikke bruges. Prøv igen, eller log ind med brugernavn og adgangskode."


def add_pages(pages: Blueprint) -> None:
    """Add this file's pages to the room's."""
    pages.add_url_rule("/log-ind/kode", view_func=kode, methods=["GET", "POST"])
    pages.add_url_rule("/log-ind/passkey", view_func=passkey, methods=["POST"])
    pages.add_url_rule("/log-ind/passkey/udfordring", view_func=log_ind_udfordring, methods=["POST"])


def code_is_missing(trin_id: uuid.UUID) -> Response:
    """On to the page that asks for the code."""
    cookie[_TRIN] = str(trin_id)
    return make_response(redirect(url_for("adgang.kode", næste=request.args.get("næste")), 303))


def signed_in(token: str) -> Response:
    """A new token and an empty form cookie: nothing from before the sign-in is worth anything after it."""
    session = current_session()
    if g.tilstand.bruger is not None and g.tilstand.levende:
        end_sessions(session, g.tilstand.bruger.id, g.tilstand.session_id, slut=Slut.IGEN)
        session.commit()
    carry_typed(aktør(session).bruger_id)
    response = make_response(redirect(own_page(request.args.get("næste", "")), 303))
    know_device(response, token)
    hand_over(response, token)
    return response


@offentlig
def kode() -> ResponseReturnValue:
    """Ask for the code, from the app or from paper."""
    session, form, trin_id = current_session(), KodeFormular(), _kept(_TRIN)
    bruger = halvvejs(session, trin_id)
    if bruger is None:
        return _again()
    bruger_id = bruger.id
    if not form.is_submitted():
        return _page(form, bruger_id)
    if not form.validate():
        return _page(form, bruger_id), 422
    udfald = fortsæt(session, forbindelse(), trin_id, form.kode.data)
    if udfald.token:
        answer = signed_in(udfald.token)
        if udfald.faktor == GENOPRETTELSE:
            _tell_when_few(bruger_id)
        return answer
    if udfald.udløbet:
        return _again()
    form.kode.errors = [for_ofte(udfald.vent) if udfald.vent else FORKERT]
    return _page(form, bruger_id), 429 if udfald.vent else 422


def _page(form: KodeFormular, bruger_id: uuid.UUID) -> str:
    kinds = {faktor.slags for faktor in faktorer(current_session(), bruger_id)}
    return render_template("adgang/kode.html", form=form, slags=kinds, her=her() if PASSKEY in kinds else None)


def _again() -> ResponseReturnValue:
    cookie.pop(_TRIN, None)
    flash(FORFRA, "info")
    return redirect(url_for("adgang.log_ind", næste=request.args.get("næste")), 303)


def _tell_when_few(bruger_id: uuid.UUID) -> None:
    left = tilbage(current_session(), bruger_id)
    if left <= FÅ:
        words = {0: "ingen genoprettelseskoder", 1: "1 genoprettelseskode"}.get(left, f"{left} genoprettelseskoder")
        flash(f"Du har {words} tilbage. Lav nye under »Login i to trin«.", "advarsel")


@offentlig
def log_ind_udfordring() -> ResponseReturnValue:
    """What the browser needs to use any passkey of this site; nothing about anybody."""
    session, sted = current_session(), her()
    if sted is None:
        raise IkkeFundet("bruger_faktor")
    fra = forbindelse()
    wait = tæl_udfordring(session, fra.nøgle, fra.adresse, fra.cookie)
    made = udfordring(session, sted, None, None) if not wait else None
    session.commit()
    if made is None:
        return "", 429, {"Retry-After": str(int(wait.total_seconds()) + 1)}
    cookie[_UDFORDRING] = str(made.trin_id)
    return current_app.response_class(made.json, mimetype="application/json")


@offentlig
def passkey() -> ResponseReturnValue:
    """Sign in with the passkey that answered."""
    sted, trin_id = her(), _kept(_UDFORDRING)
    cookie.pop(_UDFORDRING, None)
    if sted is None:
        raise IkkeFundet("bruger_faktor")
    session, fra = current_session(), forbindelse()
    udfald = log_ind_med_passkey(session, fra, sted, trin_id, request.form.get("svar", ""))
    if udfald.token:
        udfordring_lykkedes(session, fra.nøgle, fra.adresse, fra.cookie)
        session.commit()
        return signed_in(udfald.token)
    flash(PASSKEY_FORKERT, "fejl")
    return redirect(url_for("adgang.log_ind", næste=request.args.get("næste")), 303)


def _kept(name: str) -> uuid.UUID | None:
    """The id that this browser's signed form cookie holds."""
    kept = cookie.get(name)
    return uuid.UUID(kept) if kept else None
