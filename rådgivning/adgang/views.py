"""Pages: sign in and out, own sessions, own password, and where forms save their drafts."""

from __future__ import annotations

import re
import uuid

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from rådgivning.adgang import factor_views, oidc_views, second_step_views, session_views, stepup
from rådgivning.adgang.browser import for_ofte, forbindelse, her, own_page, renew
from rådgivning.adgang.forms import KodeordFormular, LoginFormular
from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.login import Skift, Udfald, log_ind, log_ud, skift_eget_kodeord
from rådgivning.adgang.passwords import KodeordFejl
from rådgivning.adgang.permissions import Ret, current_user_id, declared_rights, har_ret, kræver, offentlig
from rådgivning.adgang.second_step_views import signed_in
from rådgivning.adgang.typed import take_return
from rådgivning.dansk import tidspunkt
from rådgivning.database import current_session, now

FORKERT = "Brugernavnet eller adgangskoden er forkert."


def make_blueprint() -> Blueprint:
    """The room's pages."""
    pages = Blueprint("adgang", __name__)
    pages.add_url_rule("/log-ind", "log_ind", log_ind_side, methods=["GET", "POST"])
    pages.add_url_rule("/log-ud", "log_ud", log_ud_side, methods=["POST"])
    pages.add_url_rule("/bekræft", view_func=stepup.bekræft, methods=["GET", "POST"])
    pages.add_url_rule("/bekræft/passkey", view_func=stepup.passkey_udfordring, methods=["POST"])
    pages.add_url_rule("/kodeord", view_func=kodeord, methods=["GET", "POST"])
    second_step_views.add_pages(pages)
    factor_views.add_pages(pages)
    session_views.add_pages(pages)
    oidc_views.add_pages(pages)
    pages.add_url_rule("/kladde", view_func=kladde, methods=["POST"])
    return pages


@offentlig
def log_ind_side() -> ResponseReturnValue:
    """Sign in; then on to where she was going, if that is a page of ours."""
    form = LoginFormular()
    if not form.is_submitted():
        return render_template("adgang/log_ind.html", form=form, her=her())
    if not form.validate():
        return render_template("adgang/log_ind.html", form=form, her=her()), 422
    udfald = log_ind(current_session(), forbindelse(), form.brugernavn.data, form.kodeord.data)
    if udfald.trin_id is not None:
        return second_step_views.code_is_missing(udfald.trin_id)
    return signed_in(udfald.token) if udfald.token else _not_signed_in(form, udfald)


def _not_signed_in(form: LoginFormular, udfald: Udfald) -> ResponseReturnValue:
    if not udfald.vent:
        form.form_errors.append(FORKERT)
        return render_template("adgang/log_ind.html", form=form, her=her()), 422
    form.form_errors.append(for_ofte(udfald.vent))
    return render_template("adgang/log_ind.html", form=form, her=her()), 429, {"Retry-After": str(udfald.vent)}


@kræver(Ret.LOGIN)
def log_ud_side() -> ResponseReturnValue:
    """Sign out, and have the browser forget what it holds of ours, but for which device it is."""
    session = current_session()
    log_ud(session, current_user_id(), g.tilstand.session_id)
    session.commit()
    cookie.clear()
    ud = "adgang.oidc_ud" if g.tilstand.oidc else "adgang.log_ind"
    response = make_response(redirect(url_for(ud), 303))
    response.delete_cookie(
        current_app.config["LOGIN_COOKIE"], path="/", secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True
    )
    # Not "cookies": that would take those of every other site under the same domain, and the one that knows the device.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@kræver(Ret.LOGIN)
def kodeord() -> ResponseReturnValue:
    """Change one's own password."""
    form = KodeordFormular()
    if not form.is_submitted():
        return render_template("adgang/kodeord.html", form=form)
    if form.validate() and _changed(form):
        flash("Adgangskoden er skiftet. Du er logget ud alle andre steder.")
        on = take_return()
        return redirect(own_page(on) if on else url_for("adgang.sessioner"), 303)
    return render_template("adgang/kodeord.html", form=form), 422


def _changed(form: KodeordFormular) -> bool:
    try:
        skift = Skift(forbindelse(), form.gammelt.data, form.nyt.data)
        udfald = skift_eget_kodeord(current_session(), current_user_id(), skift, g.tilstand.session_id)
    except KodeordFejl as fejl:
        form.nyt.errors = [str(fejl)]
        return False
    if udfald.vent:
        form.gammelt.errors = [for_ofte(udfald.vent)]
    elif not udfald.skiftet:
        form.gammelt.errors = ["Den nuværende adgangskode er forkert."]
    else:
        renew(udfald.token)
    return udfald.skiftet


@kræver(Ret.KLADDE)
def kladde() -> ResponseReturnValue:
    """Save what has been typed so far in the form whose path is `formular`; the text stays sealed."""
    formular = request.values.get("formular", "")
    if not _may_have_draft(formular):
        return jsonify(fejl="Formularen findes ikke."), 422
    felter = {navn: værdier for navn, værdier in request.form.to_dict(flat=False).items() if navn != "formular"}
    session = current_session()
    if not gem_kladde(session, formular, felter):
        return jsonify(fejl="Kladden er for lang til at blive gemt undervejs."), 413
    session.commit()
    return jsonify(gemt=tidspunkt(now())[-5:])


def _may_have_draft(formular: str) -> bool:
    """Whether it is the path of a form this user may open, with nothing in it but ids: a path is stored in clear."""
    if not re.match("/(?!/)", formular):
        return False
    try:
        endpoint, values = current_app.url_map.bind("").match(formular, method="GET")
    except HTTPException:
        return False
    mine = any(har_ret(ret) for ret in declared_rights(current_app.view_functions[endpoint]))
    return mine and all(isinstance(value, uuid.UUID) for value in values.values())
