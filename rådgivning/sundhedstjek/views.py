"""Pages of Sundhedstjek."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import Felter, kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, hent, kræver
from rådgivning.database import current_session, today
from rådgivning.henvisninger.handling import labels
from rådgivning.plan.forms import versionsnummer
from rådgivning.plan.lister import valg
from rådgivning.sundhedstjek import sessions
from rådgivning.sundhedstjek.forms import SletForm, TjekForm, form_for
from rådgivning.sundhedstjek.models import Sundhedstjek


def make_blueprint() -> Blueprint:
    """The room's pages."""
    bp = Blueprint("sundhedstjek", __name__, url_prefix="/sundhedstjek")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("/ny", view_func=ny, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>", view_func=ret, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/slet", view_func=slet, methods=["GET", "POST"])
    return bp


@kræver(Ret.SUNDHEDSTJEK)
def liste() -> ResponseReturnValue:
    """The sessions, the latest first."""
    side = sidetal()
    rows, sider = sessions.alle_tjek(current_session(), side)
    return render_template(
        "sundhedstjek/liste.html", linjer=rows, side=side, sider=sider, i_dag=today(), etiket=labels()
    )


def _form(kladde: Felter | None, linje: sessions.Tjeklinje | None = None) -> TjekForm:
    """The form with the plan's places, themes and age groups; a retired one stays where it was used."""
    session, plan_id = current_session(), current_helhedsplan_id()
    used = linje.tjek if linje else None
    kind = form_for(valg(session, plan_id, "aldersgruppe", også=linje.fremmøde.keys() if linje else ()))
    form = kind(formdata=kladde) if kladde else kind()
    form.sted.choices = valg(session, plan_id, "sundhedstjek_sted", også=(used.sted,) if used else ())
    form.tema.choices = valg(session, plan_id, "sundhedstjek_tema", også=(used.tema,) if used else ())
    return form


def _saved(besked: str) -> ResponseReturnValue:
    session = current_session()
    slet_kladde(session, request.path)
    session.commit()
    flash(besked)
    return redirect(url_for("sundhedstjek.liste"), 303)


@kræver(Ret.SUNDHEDSTJEK)
def ny() -> ResponseReturnValue:
    """Enter a session."""
    session = current_session()
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session, Sundhedstjek)
    form = _form(kladde)
    if not form.is_submitted() and kladde is None:
        form.dato.process_data(today())
        form.temamøde.process_data(False)
    if form.validate_on_submit():
        sessions.opret_tjek(session, form.som_data(), id=form.formular_id.data)
        return _saved("Sundhedstjekket er gemt.")
    page = render_template("sundhedstjek/tjek.html", form=form, kladde=kladde, tjek=None)
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.SUNDHEDSTJEK)
def ret(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """See and correct a session."""
    session = current_session()
    linje = sessions.vis_tjek(session, id)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = _form(kladde, linje)
    if not form.is_submitted() and kladde is None:
        form.vis(linje)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            sessions.ret_tjek(session, id, form.som_data(), versionsnummer(form.version))
        except sessions.TjekÆndret as error:
            form.form_errors = [str(error), "Gem igen, hvis det skal erstatte det, den anden skrev."]
            form.version.process_data(error.version)
            status = 409
        else:
            return _saved("Sundhedstjekket er rettet.")
    return render_template("sundhedstjek/tjek.html", form=form, kladde=kladde, tjek=linje.tjek), status


@kræver(Ret.SUNDHEDSTJEK)
def slet(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Ask why, then delete a session and its count."""
    session = current_session()
    tjek = hent(session, Sundhedstjek, id)
    form = SletForm()
    form.grund.choices = [(grund.value, grund.value.capitalize()) for grund in sessions.Slettegrund]
    if form.validate_on_submit():
        sessions.slet_tjek(session, id, sessions.Slettegrund(form.grund.data))
        session.commit()
        flash("Sundhedstjekket er slettet.")
        return redirect(url_for("sundhedstjek.liste"), 303)
    return render_template("sundhedstjek/slet.html", form=form, tjek=tjek), 422 if form.is_submitted() else 200
