"""Pages of signing in through a service: there, back again, out of it, and tying one's account there to one's user.

The way there begins with a click on a page of ours and never by itself, and goes by GET: browsers hold a form's
redirect against `form-action`, which names nobody but us. What is remembered of it lies in the signed form cookie of
that very browser, so that an answer to what somebody else began is worth nothing here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, Response, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from rådgivning.adgang.browser import forbindelse, hand_over, own_page
from rådgivning.adgang.forms import KnytFormular
from rådgivning.adgang.identities import IdentitetFejl, brug_en_gang, brugers_identitet, passer_kode
from rådgivning.adgang.oidc_login import (
    UkendtKonto,
    afmeld_gennem,
    afvis_svar,
    bekræft_gennem,
    knyt_gennem,
    log_ind_gennem,
)
from rådgivning.adgang.oidc_setup import SVAR, UD, OidcFejl
from rådgivning.adgang.permissions import Ret, current_user_id, indlogget, kræver, offentlig
from rådgivning.adgang.second_step_views import code_is_missing, signed_in
from rådgivning.adgang.stepup import frisk
from rådgivning.database import current_session, now, today
from rådgivning.spor.strangers import sted

if TYPE_CHECKING:
    from rådgivning.adgang.oidc import Anmodning, Udbyder
    from rådgivning.adgang.oidc_tokens import Bevis

LOG_IND, BEKRÆFT, KNYT = "log-ind", "bekræft", "knyt"
LEVETID: Final = timedelta(minutes=10)
SAMTIDIGE: Final = 3
LONGEST: Final = 300
_BEGUN, _CODE = "oidc", "oidc_kode"


@dataclass(frozen=True)
class Vej:
    """One way to the service and back, as this browser remembers it."""

    formål: str
    begyndt: float
    næste: str = ""
    bruger: str = ""


def add_pages(pages: Blueprint) -> None:
    """Add this file's pages to the room's; every template knows what the service is called, "" without one."""
    pages.add_url_rule("/log-ind/oidc", view_func=oidc_begynd)
    pages.add_url_rule(SVAR, view_func=oidc_svar)
    pages.add_url_rule(UD, view_func=oidc_ud)
    pages.add_url_rule("/log-ind/oidc/afmeld", view_func=oidc_afmeld, methods=["POST"])
    pages.add_url_rule("/identitet", view_func=identitet, methods=["GET", "POST"])
    pages.record(lambda state: _exempt(state.app))
    pages.app_context_processor(lambda: {"oidc_navn": _name()})


def _exempt(app: Any) -> None:
    """The service's own call brings a signed token, and no form of ours."""
    app.extensions["csrf"].exempt(oidc_afmeld)


def udbyder() -> Udbyder | None:
    """The service of this instance."""
    return cast("Udbyder | None", current_app.extensions.get("oidc"))


def _name() -> str:
    service = udbyder()
    return service.opsætning.navn if service is not None else ""


@offentlig
def oidc_begynd() -> ResponseReturnValue:
    """On to the service: from a link on a page of ours, not because another site sent her."""
    service, formål = udbyder(), request.args.get("formål", LOG_IND)
    ours = request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
    user = indlogget()
    if service is None or not ours or (formål != LOG_IND and user is None):
        return redirect(url_for("adgang.log_ind"), 303)
    if formål == KNYT and _CODE not in cookie:
        return redirect(url_for("adgang.identitet"), 303)
    vej = Vej(
        formål if formål in {BEKRÆFT, KNYT} else LOG_IND,
        now().timestamp(),
        own_page(request.args.get("næste", "")[:LONGEST]),
        str(user.id) if user is not None and formål != LOG_IND else "",
    )
    state = secrets.token_urlsafe(32)
    current_session().rollback()
    try:
        url = service.adresse(_asked(vej, state))
    except OidcFejl as fejl:
        return _refused(fejl, vej)
    begun = {**cookie.get(_BEGUN, {}), state: vars(vej)}
    cookie[_BEGUN] = dict(sorted(begun.items(), key=lambda item: item[1]["begyndt"])[-SAMTIDIGE:])
    return redirect(url, 302)


def _asked(vej: Vej, state: str) -> Anmodning:
    """Nonce and verifier are the state's own, and known to nobody who does not know our key. Whoever confirms or ties
    must sign in there anew: at a shared computer the service may still hold a colleague's sign-in."""
    from rådgivning.adgang.oidc import Anmodning

    return Anmodning(state, _secret("nonce", state), _secret("verifier", state), frisk=vej.formål != LOG_IND)


def _secret(name: str, state: str) -> str:
    return hmac.new(current_app.config["SECRET_KEY"], f"oidc {name}\0{state}".encode(), hashlib.sha256).hexdigest()


@offentlig
def oidc_svar() -> ResponseReturnValue:
    """Back from the service: only for the browser that went, once, and within ten minutes."""
    service = udbyder()
    if service is None:
        return redirect(url_for("adgang.log_ind"), 303)
    svar = {name: request.args[name] for name in ("state", "code", "iss", "error") if name in request.args}
    vej = None
    try:
        vej = _begun(svar.get("state", ""))
        bevis = service.bevis(_asked(vej, svar["state"]), svar, datetime.fromtimestamp(vej.begyndt, UTC))
    except OidcFejl as fejl:
        return _refused(fejl, vej)
    return _DONE[vej.formål](vej, bevis)


def _begun(state: str) -> Vej:
    """What this browser began under this state; it is used up in the cookie, and for whoever kept the cookie."""
    begun: dict[str, Any] = dict(cookie.get(_BEGUN, {}))
    found = begun.pop(state, None)
    cookie[_BEGUN] = begun
    if found is None:
        raise OidcFejl("ukendt state")
    vej = Vej(**found)
    if now().timestamp() - vej.begyndt > LEVETID.total_seconds():
        raise OidcFejl("for gammel state")
    session = current_session()
    unused = brug_en_gang(session, "state", state)
    session.commit()
    if not unused:
        raise OidcFejl("brugt state")
    return vej


def _sign_in(vej: Vej, bevis: Bevis) -> ResponseReturnValue:
    try:
        udfald = log_ind_gennem(current_session(), bevis, forbindelse())
    except UkendtKonto:
        return render_template("adgang/oidc_ukendt.html", subjekt=bevis.subjekt), 403
    if udfald.trin_id is not None:
        response = code_is_missing(udfald.trin_id)
        response.location = url_for("adgang.kode", næste=vej.næste)
        return response
    response = signed_in(udfald.token)
    response.location = vej.næste
    return response


def _prove_again(vej: Vej, bevis: Bevis) -> ResponseReturnValue:
    if not _same_user(vej):
        return _refused(OidcFejl("en anden bruger"), vej)
    try:
        token = bekræft_gennem(current_session(), bevis, current_user_id(), g.tilstand.session_id, g.tilstand.faktor)
    except UkendtKonto:
        return _not_done(vej, "en anden konto"), 403
    except OidcFejl as fejl:
        return _refused(fejl, vej)
    g.tilstand = replace(g.tilstand, bevist=now(), bekræftet=now())
    page = redirect(vej.næste, 303) if vej.næste != "/" else Response(render_template("adgang/oidc_bekræftet.html"))
    hand_over(cast("Response", page), token)
    return page


def _tie(vej: Vej, bevis: Bevis) -> ResponseReturnValue:
    if not _same_user(vej) or _CODE not in cookie:
        return _refused(OidcFejl("en anden bruger"), vej)
    try:
        knyt_gennem(current_session(), bevis, current_user_id(), cookie.pop(_CODE))
    except IdentitetFejl as fejl:
        flash(str(fejl), "fejl")
        return redirect(url_for("adgang.identitet"), 303)
    flash(f"Din konto hos {_name()} er knyttet. Næste gang kan du logge ind med den.")
    return redirect(url_for("adgang.sessioner"), 303)


_DONE = {LOG_IND: _sign_in, BEKRÆFT: _prove_again, KNYT: _tie}


def _same_user(vej: Vej) -> bool:
    user = indlogget()
    return user is not None and str(user.id) == vej.bruger


def _refused(fejl: OidcFejl, vej: Vej | None) -> ResponseReturnValue:
    """Say that it came to nothing, and write why where databeskyttelse sees it. `vej`: what she was on her way to."""
    current_session().rollback()
    afvis_svar(current_session(), fejl, "GET", _place() if indlogget() is None else "")
    return _not_done(vej, fejl.årsag, os=fejl.os), 503 if fejl.os else 400


def _not_done(vej: Vej | None, årsag: str, *, os: bool = False) -> str:
    """The page in the words of what she was doing. An answer to nothing that was begun here tells only who is in."""
    begun = vej.formål if vej is not None else LOG_IND if indlogget() is None else ""
    formål = begun if begun == LOG_IND or indlogget() is not None else LOG_IND
    næste = vej.næste if vej is not None else ""
    return render_template("adgang/oidc_afvist.html", os=os, årsag=årsag, formål=formål, næste=næste)


def _place() -> str:
    return sted(current_app.extensions["nøgler"].audit_key, request.remote_addr or "", today())


@offentlig
def oidc_ud() -> ResponseReturnValue:
    """Signed out here; and a way to sign out of the service as well, where the next person would still be let in."""
    service = udbyder()
    current_session().rollback()
    return render_template("adgang/oidc_ud.html", ud=service.ud_adresse() if service is not None else "")


@offentlig
def oidc_afmeld() -> ResponseReturnValue:
    """Back-channel logout: the service says that a user has signed out there."""
    service, session = udbyder(), current_session()
    session.rollback()
    if service is None:
        return jsonify(error="invalid_request"), 400
    try:
        sub, sid, jti = service.afmelding(request.form.get("logout_token", ""))
    except OidcFejl as fejl:
        afvis_svar(session, fejl, "POST", _place())
        return jsonify(error="invalid_request"), 400
    afmeld_gennem(session, service.opsætning.udsteder, sub, sid, jti)
    return "", 200


@kræver(Ret.EGEN_ADGANG)
@frisk
def identitet() -> ResponseReturnValue:
    """Tie one's account at the service to oneself, with a code from databeskyttelse."""
    service, session, form = udbyder(), current_session(), KnytFormular()
    known = brugers_identitet(session, current_user_id(), service.opsætning.udsteder) if service is not None else None
    page = {"form": form, "kendt": known, "klar": _CODE in cookie}
    if not form.is_submitted() or service is None:
        return render_template("adgang/identitet.html", **page)
    mark = passer_kode(session, current_user_id(), form.kode.data) if form.validate() else ""
    if not mark:
        form.kode.errors = form.kode.errors or ["Koden er forkert, brugt eller for gammel. Bed om en ny."]
        return render_template("adgang/identitet.html", **page), 422
    cookie[_CODE] = mark
    return redirect(url_for("adgang.identitet"), 303)
