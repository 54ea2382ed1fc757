"""Pages of one's own sessions and devices: see where one is signed in, name a device, end what is not one's own."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.forms import EnhedFormular
from rådgivning.adgang.models import Enhed
from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Ret, current_user_id, kræver
from rådgivning.adgang.seen_devices import (
    HUSKES,
    afvis,
    enheder,
    glem,
    godkend,
    hent_enhed,
    husk_enhed,
    navngiv,
    netværk,
)
from rådgivning.adgang.sessions import egne_sessioner, end_sessions, endte_sessioner
from rådgivning.adgang.stepup import bevis_først, frisk
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv


def add_pages(pages: Blueprint) -> None:
    """Add this file's pages to the room's."""
    pages.add_url_rule("/sessioner", view_func=sessioner)
    pages.add_url_rule("/sessioner/forlæng", view_func=forlæng, methods=["POST"])
    pages.add_url_rule("/sessioner/afslut-andre", view_func=afslut_andre, methods=["POST"])
    pages.add_url_rule("/sessioner/<uuid:session_id>/afslut", view_func=afslut, methods=["POST"])
    pages.add_url_rule("/sessioner/enheder/<uuid:enhed_id>", view_func=enhed_navn, methods=["GET", "POST"])
    pages.add_url_rule("/sessioner/enheder/<uuid:enhed_id>/min", view_func=min_enhed, methods=["POST"])
    pages.add_url_rule("/sessioner/enheder/<uuid:enhed_id>/ikke-min", view_func=ikke_min_enhed, methods=["POST"])
    pages.add_url_rule("/sessioner/enheder/<uuid:enhed_id>/glem", view_func=glem_enhed, methods=["POST"])


def know_device(response: Response, token: str) -> None:
    """Note on which device a session has begun, and let the browser show next time that it was here."""
    name = current_app.config["DEVICE_COOKIE"]
    secret = husk_enhed(current_session(), token, request.cookies.get(name, ""), request.remote_addr or "")
    response.set_cookie(
        name,
        secret,
        max_age=HUSKES,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


@kræver(Ret.EGEN_ADGANG)
def sessioner() -> ResponseReturnValue:
    """Where one is signed in and was, and the devices one is known on."""
    session, me = current_session(), current_user_id()
    devices = enheder(session, me)
    return render_template(
        "adgang/sessioner.html",
        sessioner=egne_sessioner(session, me),
        endte=endte_sessioner(session, me),
        enheder=devices,
        navne={device.id: device.navn for device in devices},
        nye=[device for device in devices if device.godkendt is None and device.id != g.tilstand.enhed_id],
        denne=g.tilstand.session_id,
        denne_enhed=g.tilstand.enhed_id,
        her=netværk(request.remote_addr or ""),
    )


@kræver(Ret.LOGIN)
def forlæng() -> ResponseReturnValue:
    """The answer to "Bliv logget ind": the guard has noted that the session was used, which is all it takes."""
    return "", 204


@kræver(Ret.EGEN_ADGANG)
@frisk
def afslut_andre() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    session = current_session()
    ended = end_sessions(session, current_user_id(), undtagen=g.tilstand.session_id)
    skriv(session, Handling.LOGGET_UD, "bruger", [current_user_id()], detaljer={"sessioner": ended})
    return _done("Du er logget ud alle andre steder.")


@kræver(Ret.EGEN_ADGANG)
@frisk
def afslut(session_id: uuid.UUID) -> ResponseReturnValue:
    """Sign out in one other place. Others' sessions are as unknown as those that never were."""
    session = current_session()
    if session_id not in {row.id for row in egne_sessioner(session, current_user_id())}:
        raise IkkeFundet("brugersession", session_id)
    end_sessions(session, current_user_id(), session_id)
    skriv(session, Handling.LOGGET_UD, "brugersession", [session_id])
    return _done("Sessionen er afsluttet.")


@kræver(Ret.EGEN_ADGANG)
def enhed_navn(enhed_id: uuid.UUID) -> ResponseReturnValue:
    """Call a device something, as "Telefonen"."""
    session = current_session()
    device = hent_enhed(session, current_user_id(), enhed_id)
    form = EnhedFormular(data={"navn": device.navn}, **typed_again())
    if not form.validate_on_submit():
        page = render_template("adgang/enhed.html", form=form, enhed=device)
        return page, 422 if form.is_submitted() else 200
    navngiv(session, device, form.navn.data)
    return _done("Navnet er gemt.")


@kræver(Ret.EGEN_ADGANG)
@frisk
def min_enhed(enhed_id: uuid.UUID) -> ResponseReturnValue:
    """A new device is hers: said from another one, since whoever sits at the new one would say so in any case. That
    other one is hers itself, or it has been proved in this session who sits there."""
    session = current_session()
    device = hent_enhed(session, current_user_id(), enhed_id)
    if device.id == g.tilstand.enhed_id:
        raise Konflikt("En ny enhed godkendes fra en, du har brugt før.")
    here = session.get(Enhed, g.tilstand.enhed_id) if g.tilstand.enhed_id is not None else None
    question = bevis_først() if g.tilstand.bekræftet is None and (here is None or here.godkendt is None) else None
    if question is not None:
        return question
    godkend(session, hent_enhed(session, current_user_id(), enhed_id))
    return _done("Godt. Enheden regnes nu for din.")


@kræver(Ret.EGEN_ADGANG)
@frisk
def ikke_min_enhed(enhed_id: uuid.UUID) -> ResponseReturnValue:
    """A new device is not hers: it is signed out and forgotten, and the password must be another."""
    session = current_session()
    afvis(session, hent_enhed(session, current_user_id(), enhed_id))
    session.commit()
    flash("Enheden er logget ud. Skift adgangskode nu, og sig det til jeres databeskyttelse.", "advarsel")
    return redirect(url_for("adgang.kodeord"), 303)


@kræver(Ret.EGEN_ADGANG)
@frisk
def glem_enhed(enhed_id: uuid.UUID) -> ResponseReturnValue:
    """Sign out on a device one no longer has, and forget it. This very one is left by signing out."""
    session = current_session()
    device = hent_enhed(session, current_user_id(), enhed_id)
    if device.id == g.tilstand.enhed_id:
        raise Konflikt("Det er den enhed, du sidder ved. Log ud i stedet.")
    ended = glem(session, device)
    skriv(session, Handling.SLETTET, "enhed", [enhed_id], detaljer={"sessioner": ended})
    return _done("Enheden er glemt og logget ud.")


def _done(besked: str) -> ResponseReturnValue:
    current_session().commit()
    flash(besked)
    return redirect(url_for("adgang.sessioner"), 303)
