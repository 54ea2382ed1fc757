"""Pages of one's own second factors: add an app or a passkey, make recovery codes, remove what is not used any more."""

from __future__ import annotations

import uuid
from io import BytesIO

import segno
from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.browser import her, own_page, renew
from rådgivning.adgang.enrolment import NyPasskey, begynd_app, ny_app, ny_passkey, påbegyndt_frø
from rådgivning.adgang.factors import (
    HØJST,
    PASSKEY,
    TOTP,
    faktorer,
    findes_faktor,
    fjern,
    hent_faktor,
    slut_andre,
    tjek_antal,
    underret,
)
from rådgivning.adgang.forms import MISTET, AppFormular, FaktorFormular, FjernFormular
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.passkeys import PasskeyFejl, ny_udfordring
from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Ret, current_user_id, indlogget, kræver
from rådgivning.adgang.recovery_codes import ANTAL, FÅ, Kodesæt, gem_sæt, nyt_sæt, tilbage
from rådgivning.adgang.sessions import nyt_token
from rådgivning.adgang.stepup import frisk, kendt_browser
from rådgivning.adgang.totp import adresse
from rådgivning.adgang.typed import take_return
from rådgivning.database import current_session
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

FJERNET = "Den er fjernet og kan ikke bruges til at logge ind mere. Du er logget ud alle andre steder."
GLEMT = (
    " Kun den enhed, du sidder ved, regnes nu for din, og en hemmelig kalenderadresse virker ikke mere."
    " Skift også adgangskode, hvis nogen kan have set den."
)
FORKERT = "Koden er forkert. Vent på den næste kode i appen, og se, om telefonens ur går rigtigt."


def add_pages(pages: Blueprint) -> None:
    """Add this file's pages to the room's."""
    pages.add_url_rule("/to-trin", view_func=to_trin)
    pages.add_url_rule("/to-trin/app", view_func=app, methods=["GET", "POST"])
    pages.add_url_rule("/to-trin/app/qr.svg", view_func=qr)
    pages.add_url_rule("/to-trin/passkey", view_func=passkey_ny, methods=["GET", "POST"])
    pages.add_url_rule("/to-trin/passkey/udfordring", view_func=passkey_ny_udfordring, methods=["POST"])
    pages.add_url_rule("/to-trin/koder", view_func=koder, methods=["POST"])
    pages.add_url_rule("/to-trin/<uuid:faktor_id>/fjern", view_func=fjern_faktor, methods=["GET", "POST"])


@kræver(Ret.LOGIN)
def to_trin() -> ResponseReturnValue:
    """One's own factors; the first page of all for who must have one and has none."""
    session, me = current_session(), current_user_id()
    user = indlogget()
    mine = faktorer(session, me)
    return render_template(
        "adgang/to_trin.html",
        faktorer=mine,
        koder=tilbage(session, me),
        få=FÅ,
        begynder=user is not None and user.uden_faktor,
        her=her(),
        plads={slags: sum(f.slags == slags for f in mine) < most for slags, most in HØJST.items()},
    )


@kræver(Ret.LOGIN)
@frisk
@kendt_browser
def app() -> ResponseReturnValue:
    """Add an app: it reads the picture, and shows a first code."""
    session, me, form = current_session(), current_user_id(), AppFormular()
    if form.is_submitted() and findes_faktor(session, me, form.formular_id.data):
        flash("Appen er tilføjet.", "info")
        return redirect(url_for("adgang.to_trin"), 303)
    tjek_antal(session, me, TOTP)
    frø = påbegyndt_frø(session, me, g.tilstand.session_id)
    if frø is None:
        frø = begynd_app(session, me, g.tilstand.session_id)
        session.commit()
    if not form.is_submitted():
        return _app_page(form, frø)
    if form.validate():
        sæt = _codes_if_first(me)
        token = ny_app(session, form.formular_id.data, me, g.tilstand.session_id, form.navn.data, form.kode.data)
        if token:
            return _added(token, sæt, "Appen er tilføjet.")
        form.kode.errors = [FORKERT]
    return _app_page(form, frø), 422


def _app_page(form: AppFormular, frø: str) -> str:
    groups = " ".join(frø[i : i + 4] for i in range(0, len(frø), 4))
    return render_template("adgang/app.html", form=form, frø=groups)


@kræver(Ret.LOGIN)
@frisk
def qr() -> ResponseReturnValue:
    """The picture that the app reads."""
    session, me = current_session(), current_user_id()
    frø = påbegyndt_frø(session, me, g.tilstand.session_id)
    if frø is None:
        raise IkkeFundet("mellemtrin")
    picture = BytesIO()
    code = segno.make(adresse(frø, session.get_one(Bruger, me).brugernavn), error="m", micro=False)
    code.save(picture, kind="svg", scale=5, border=4, light="#fff", svgclass=None, lineclass=None)
    return current_app.response_class(picture.getvalue(), mimetype="image/svg+xml")


@kræver(Ret.LOGIN)
@frisk
@kendt_browser
def passkey_ny() -> ResponseReturnValue:
    """Add a passkey: the browser makes it, and its answer comes with the form."""
    session, me, form, sted = current_session(), current_user_id(), FaktorFormular(), her()
    if sted is None:
        flash("Passkeys kan ikke bruges her endnu: den, der driver systemet, skal først sætte sidens adresse.", "info")
        return redirect(url_for("adgang.to_trin"), 303)
    if form.is_submitted() and findes_faktor(session, me, form.formular_id.data):
        flash("Passkeyen er tilføjet.", "info")
        return redirect(url_for("adgang.to_trin"), 303)
    tjek_antal(session, me, PASSKEY)
    session.rollback()
    if not form.is_submitted():
        return render_template("adgang/passkey.html", form=form)
    if form.validate():
        sæt = _codes_if_first(me)
        ny = NyPasskey(form.formular_id.data, me, form.navn.data)
        try:
            token = ny_passkey(session, sted, ny, g.tilstand.session_id, request.form.get("svar", ""))
            return _added(token, sæt, "Passkeyen er tilføjet.")
        except PasskeyFejl:
            session.commit()
            form.form_errors.append("Passkeyen blev ikke lavet. Prøv igen.")
    return render_template("adgang/passkey.html", form=form), 422


@kræver(Ret.LOGIN)
@frisk
def passkey_ny_udfordring() -> ResponseReturnValue:
    """What the browser needs to make a passkey."""
    session, sted = current_session(), her()
    if sted is None:
        raise IkkeFundet("bruger_faktor")
    made = ny_udfordring(session, sted, current_user_id(), g.tilstand.session_id)
    session.commit()
    return current_app.response_class(made, mimetype="application/json")


@kræver(Ret.LOGIN)
@frisk
@kendt_browser
def koder() -> ResponseReturnValue:
    """Ten new recovery codes, shown this once; those from before work no more, nor does a session that began before."""
    session, me = current_session(), current_user_id()
    if not faktorer(session, me):
        raise Konflikt("Tilføj først en passkey eller en app.")
    session.rollback()
    sæt = nyt_sæt()
    _store(sæt)
    slut_andre(session, me, g.tilstand.session_id)
    session.commit()
    return _codes_page(sæt, andre_ude=True)


@kræver(Ret.LOGIN)
@frisk
@kendt_browser
def fjern_faktor(faktor_id: uuid.UUID) -> ResponseReturnValue:
    """Remove one, after asking why; the last one stays."""
    session, me, form = current_session(), current_user_id(), FjernFormular()
    faktor = hent_faktor(session, me, faktor_id)
    ene = len(faktorer(session, me)) < 2
    if not ene and not form.validate_on_submit():
        page = render_template("adgang/fjern_faktor.html", faktor=faktor, form=form)
        return page, 422 if form.is_submitted() else 200
    if ene and not form.is_submitted():
        return render_template("adgang/fjern_faktor.html", faktor=faktor, ene=True)
    mistet = form.mistet.data == MISTET
    fjern(session, faktor, g.tilstand.session_id, mistet=mistet)
    token = nyt_token(session, g.tilstand.session_id)
    session.commit()
    renew(token)
    flash(FJERNET + (GLEMT if mistet else ""))
    return redirect(url_for("adgang.to_trin"), 303)


def _codes_if_first(me: uuid.UUID) -> Kodesæt | None:
    """Recovery codes for who has none, made while no transaction is open."""
    session = current_session()
    none = tilbage(session, me) == 0
    session.rollback()
    return nyt_sæt() if none else None


def _added(token: str, sæt: Kodesæt | None, besked: str) -> ResponseReturnValue:
    """Store what was added in one transaction with the recovery codes, and show these if they are new."""
    if sæt is not None:
        _store(sæt)
    current_session().commit()
    renew(token)
    flash(besked)
    on = take_return()
    if sæt is not None:
        return _codes_page(sæt, videre=own_page(on))
    return redirect(own_page(on) if on else url_for("adgang.to_trin"), 303)


def _store(sæt: Kodesæt) -> None:
    session, me = current_session(), current_user_id()
    gem_sæt(session, me, sæt)
    underret(session, me)
    skriv(session, Handling.OPRETTET, "genoprettelseskode", anledning="nye koder", detaljer={"antal": ANTAL})


def _codes_page(sæt: Kodesæt, *, andre_ude: bool = False, videre: str = "/") -> str:
    return render_template("adgang/koder.html", koder=sæt.koder, andre_ude=andre_ude, videre=videre)
