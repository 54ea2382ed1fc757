"""Pages on which the leder enters, corrects and removes yearly målinger."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session
from rådgivning.plan import edit_views, invitation_views, measurements, version_views
from rådgivning.plan.agreement import Indikator
from rådgivning.plan.forms import MålingFormular, SletMåling, versionsnummer
from rådgivning.plan.models import Måling
from rådgivning.plan.plans import plan


def make_blueprint() -> Blueprint:
    """The room's pages."""
    pages = Blueprint("plan", __name__)
    pages.add_url_rule("/målinger", view_func=målinger)
    pages.add_url_rule("/målinger/ny/<indikator>", view_func=ny_måling, methods=["GET", "POST"])
    pages.add_url_rule("/målinger/<uuid:id>", view_func=ret_måling, methods=["GET", "POST"])
    pages.add_url_rule("/målinger/<uuid:id>/slet", view_func=slet_måling, methods=["GET", "POST"])
    invitation_views.add_pages(pages)
    version_views.add_pages(pages)
    edit_views.add_pages(pages)
    return pages


@kræver(Ret.MÅLINGER)
def målinger() -> ResponseReturnValue:
    """Every indicator with the agreement's figures and the målinger since."""
    session = current_session()
    helhedsplan_id = current_helhedsplan_id()
    by_indicator: dict[str, list[Måling]] = {}
    for måling in measurements.alle_målinger(session, helhedsplan_id):
        by_indicator.setdefault(måling.indikator, []).append(måling)
    return render_template(
        "plan/målinger.html",
        indhold=plan(session, helhedsplan_id),
        målinger=by_indicator,
        slettede=measurements.slettede(session, helhedsplan_id),
    )


@kræver(Ret.MÅLINGER)
def ny_måling(indikator: str) -> ResponseReturnValue:
    """Enter a måling of one indicator."""
    session = current_session()
    indicator = _indicator(indikator)
    again = typed_again()
    form = MålingFormular(**again)
    if not form.is_submitted():
        if again:
            return render_template("plan/måling.html", form=form, indikator=indicator)
        form.kilde.process_data(indicator.datakilde)
        return render_template("plan/måling.html", form=form, indikator=indicator)
    if session.get(Måling, form.formular_id.data) is not None:
        measurements.hent_måling(session, form.formular_id.data)
        return redirect(url_for(".målinger"), 303)
    data = form.godkendt(session, current_helhedsplan_id(), indikator, indicator)
    if data is None:
        return render_template("plan/måling.html", form=form, indikator=indicator), 422
    measurements.opret_måling(session, current_helhedsplan_id(), indicator, data, form.formular_id.data)
    session.commit()
    flash("Målingen er gemt.")
    return redirect(url_for(".målinger"), 303)


@kræver(Ret.MÅLINGER)
def ret_måling(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Correct a måling; what it said before is shown below the form."""
    session = current_session()
    måling = measurements.hent_måling(session, id)
    indicator = _indicator(måling.indikator)
    again = typed_again()
    form = MålingFormular(**again)
    status = 200
    if form.is_submitted():
        data = form.godkendt(session, måling.helhedsplan_id, måling.indikator, indicator, måling.id)
        status = 422 if data is None else _correct(form, måling, data)
        if status == 200:
            flash("Målingen er rettet.")
            return redirect(url_for(".målinger"), 303)
    elif not again:
        form.vis(måling)
    page = render_template(
        "plan/måling.html",
        form=form,
        indikator=indicator,
        måling=måling,
        tidligere=measurements.tidligere(session, måling),
    )
    return page, status


def _correct(form: MålingFormular, måling: Måling, data: measurements.MålingData) -> int:
    """Save the correction: 200; or 409 when somebody else was faster, with what was typed still in the form."""
    session = current_session()
    try:
        measurements.ret_måling(session, måling, data, versionsnummer(form.version))
    except measurements.MålingÆndret as error:
        form.form_errors = [str(error)]
        form.version.process_data(måling.version)
        return 409
    session.commit()
    return 200


@kræver(Ret.MÅLINGER)
def slet_måling(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Ask, then remove a måling."""
    session = current_session()
    måling = measurements.hent_måling(session, id)
    form = SletMåling()
    if form.validate_on_submit():
        measurements.slet_måling(session, måling, versionsnummer(form.version))
        session.commit()
        flash("Målingen er slettet.")
        return redirect(url_for(".målinger"), 303)
    form.version.process_data(måling.version)
    page = render_template("plan/slet_måling.html", form=form, måling=måling, indikator=_indicator(måling.indikator))
    return page, 422 if form.is_submitted() else 200


def _indicator(nøgle: str) -> Indikator:
    found = plan(current_session(), current_helhedsplan_id()).indikator.get(nøgle)
    if found is None or found.formel:
        raise IkkeFundet("indikator")
    return found
