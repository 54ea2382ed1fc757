"""Pages on which the organisation's own Word template for reports is kept."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Konflikt, Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session
from rådgivning.plan.forms import versionsnummer
from rådgivning.rapporter import templates
from rådgivning.rapporter.docx import skriv_docx, standardskabelon
from rådgivning.rapporter.formater import DOKUMENTER
from rådgivning.rapporter.forms import SkabelonForm


def add_pages(bp: Blueprint) -> None:
    """`/rapporter/skabelon`."""
    bp.add_url_rule("/rapporter/skabelon", view_func=skabelon, methods=["GET", "POST"])
    bp.add_url_rule("/rapporter/skabelon/standard", view_func=standard, methods=["POST"])
    bp.add_url_rule("/rapporter/skabelon/hent", view_func=hent_skabelon)
    bp.add_url_rule("/rapporter/skabelon/hent-prøve", view_func=hent_prøve)


@kræver(Ret.STATISTIK)
def skabelon() -> ResponseReturnValue:
    """See which template is in use, and put another in."""
    session = current_session()
    row = templates.skabelon(session, current_helhedsplan_id())
    form = SkabelonForm()
    status = 200
    if form.is_submitted():
        status = _save(form)
        if status == 303:
            flash("Skabelonen er lagt ind og bruges fra nu af.")
            return redirect(url_for(".skabelon"), 303)
    else:
        form.version.process_data(row.version if row else 0)
    page = render_template(
        "rapporter/skabelon.html",
        form=form,
        egen=row if row and row.indhold else None,
        version=row.version if row else 0,
        pladser=templates.SKAL_MED,
        typografier=templates.TYPOGRAFIER.values(),
    )
    return page, status


def _save(form: SkabelonForm) -> int:
    data = form.fil()
    if data is None:
        return 422
    session = current_session()
    try:
        templates.læg_ind(session, current_helhedsplan_id(), versionsnummer(form.version), data)
    except Konflikt as fejl:
        form.form_errors = [str(fejl)]
        return 409
    session.commit()
    return 303


@kræver(Ret.STATISTIK)
def standard() -> ResponseReturnValue:
    """Go back to the standard template; finished reports keep the one they were made with."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    row = templates.skabelon(session, helhedsplan_id)
    if row is not None and row.indhold:
        version = request.form.get("version", "")
        templates.læg_ind(session, helhedsplan_id, int(version) if version.isascii() and version.isdigit() else 0, None)
        session.commit()
        flash("Standardskabelonen bruges igen.")
    return redirect(url_for(".skabelon"), 303)


@kræver(Ret.STATISTIK)
def hent_skabelon() -> ResponseReturnValue:
    """The template in use, to be changed in Word."""
    row = templates.skabelon(current_session(), current_helhedsplan_id())
    return _file((row.indhold if row else None) or standardskabelon(), "skabelon.docx")


@kræver(Ret.STATISTIK)
def hent_prøve() -> ResponseReturnValue:
    """A report without figures in the template."""
    row = templates.skabelon(current_session(), current_helhedsplan_id())
    return _file(skriv_docx(templates.PRØVE, (row.indhold if row else None) or b""), "prøverapport.docx")


def _file(content: bytes, name: str) -> Response:
    response = Response(content, mimetype=DOKUMENTER["docx"].mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
