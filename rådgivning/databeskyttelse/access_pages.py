"""Pages about how one user gets in: ending one of her sessions, and giving her another role."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Ret, Rolle, kræver
from rådgivning.adgang.sessions import Slut, egne_sessioner, end_sessions
from rådgivning.adgang.stepup import frisk
from rådgivning.adgang.typed import typed_again
from rådgivning.adgang.users import BrugerFejl
from rådgivning.database import current_session
from rådgivning.databeskyttelse.forms import RolleFormular
from rådgivning.databeskyttelse.shutting_out import giv_rolle
from rådgivning.databeskyttelse.user_pages import another, done
from rådgivning.plan.lister import valg
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv


def add_pages(pages: Blueprint) -> None:
    """Add this file's pages to the room's."""
    pages.add_url_rule(
        "/brugere/<uuid:id>/sessioner/<uuid:session_id>/afslut", view_func=afslut_session, methods=["POST"]
    )
    pages.add_url_rule("/brugere/<uuid:id>/rolle", view_func=rolle, methods=["GET", "POST"])


@kræver(Ret.BRUGERE)
@frisk
def afslut_session(id: uuid.UUID, session_id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Sign a user out in one place."""
    session = current_session()
    found = another(id)
    if session_id not in {row.id for row in egne_sessioner(session, found.id)}:
        raise IkkeFundet("brugersession", session_id)
    end_sessions(session, found.id, session_id, slut=Slut.ANDEN)
    skriv(session, Handling.LOGGET_UD, "brugersession", [session_id])
    return done(id, "Sessionen er afsluttet.")


@kræver(Ret.BRUGERE)
@frisk
def rolle(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Another role or boligorganisation; she is signed out everywhere and signs in with the new rights."""
    session = current_session()
    found = another(id)
    form = RolleFormular(
        valg(session, found.helhedsplan_id, "boligorganisation"),
        data={"rolle": found.rolle, "boligorganisation": found.boligorganisation},
        **typed_again(),
    )
    if not form.validate_on_submit():
        return render_template("databeskyttelse/rolle.html", form=form, den=found), 422 if form.is_submitted() else 200
    try:
        changed = giv_rolle(session, found, Rolle(form.rolle.data), form.boligorganisation.data)
    except BrugerFejl as fejl:
        form.boligorganisation.errors = [str(fejl)]
        return render_template("databeskyttelse/rolle.html", form=form, den=found), 422
    if not changed:
        flash("Rollen er den samme som før. Intet er ændret.", "info")
        return redirect(url_for(".bruger", id=id), 303)
    return done(id, "Rollen er ændret. Brugeren er logget ud alle steder og logger ind med de nye rettigheder.")
