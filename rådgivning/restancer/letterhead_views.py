"""Pages on which a boligorganisation's letterhead, logo and Word template are kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Konflikt, Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session
from rådgivning.plan.forms import versionsnummer
from rådgivning.plan.lister import etiket, valg
from rådgivning.restancer import letterhead, letters
from rådgivning.restancer.invitation_forms import BrevhovedForm
from rådgivning.restancer.letter_content import PRØVE, Brev
from rådgivning.restancer.letter_places import FELTER, PLADSER, SkabelonFejl

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def add_pages(bp: Blueprint) -> None:
    """`/restancer/brevhoved`."""
    bp.add_url_rule("/brevhoved", view_func=brevhoveder)
    bp.add_url_rule("/brevhoved/<organisation>", view_func=brevhoved, methods=["GET", "POST"])
    bp.add_url_rule("/brevhoved/<organisation>/fjern", view_func=fjern_fil, methods=["POST"])
    bp.add_url_rule("/brevhoved/<organisation>/skabelon/hent", view_func=hent_skabelon)
    bp.add_url_rule("/brevhoved/<organisation>/prøve/hent", view_func=hent_prøve)


@kræver(Ret.RESTANCER)
def brevhoveder() -> ResponseReturnValue:
    """The boligorganisationer and what stands on their letters."""
    session = current_session()
    names = valg(session, current_helhedsplan_id(), "boligorganisation")
    return render_template("restancer/brevhoveder.html", navne=names, hoveder=letterhead.hoveder(session))


@kræver(Ret.RESTANCER)
def brevhoved(organisation: str) -> ResponseReturnValue:
    """Letterhead, logo and template of one boligorganisation."""
    session = current_session()
    row = letterhead.find_brevhoved(session, organisation)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = BrevhovedForm(formdata=kladde) if kladde else BrevhovedForm()
    if not form.is_submitted() and not kladde:
        for name in ("afsender", "adresse", "telefon"):
            form[name].process_data(getattr(row, name) if row else "")
        form.version.process_data(row.version if row else 0)
    status = 200
    if form.is_submitted():
        status = _save(form, organisation)
    if status == 303:
        flash("Brevhovedet er gemt.")
        return redirect(request.path, 303)
    page = render_template(
        "restancer/brevhoved.html",
        form=form,
        organisation=organisation,
        navn=etiket(session, current_helhedsplan_id(), "boligorganisation", organisation),
        hoved=letterhead.hoveder(session)[organisation],
        version=row.version if row else 0,
        pladser=[*PLADSER][:-1],
        felter=FELTER,
        kladde=kladde,
    )
    return page, status


def _save(form: BrevhovedForm, organisation: str) -> int:
    """303 when it is saved; 422 or 409 with what was typed still in the form."""
    session = current_session()
    found = form.ændringer()
    if found is None:
        return 422
    try:
        letterhead.gem_brevhoved(session, organisation, versionsnummer(form.version), found)
    except letterhead.BrevhovedÆndret as fejl:
        form.form_errors = [str(fejl)]
        return 409
    slet_kladde(session, request.path)
    session.commit()
    return 303


@kræver(Ret.RESTANCER)
def fjern_fil(organisation: str) -> ResponseReturnValue:
    """Take the logo away, or go back to the standard template."""
    session = current_session()
    row = letterhead.find_brevhoved(session, organisation)
    hvad = request.form.get("hvad", "")
    if row is not None and hvad in {"logo", "skabelon"}:
        felter: dict[str, Any] = {hvad: None}
        letterhead.gem_brevhoved(session, organisation, row.version, felter)
        session.commit()
        flash("Logoet er fjernet." if hvad == "logo" else "Standardskabelonen bruges igen.")
    return redirect(url_for("restancer.brevhoved", organisation=organisation), 303)


@kræver(Ret.RESTANCER)
def hent_skabelon(organisation: str) -> ResponseReturnValue:
    """The template that is in use, to be changed in Word."""
    row = letterhead.find_brevhoved(current_session(), organisation)
    return _file((row.skabelon if row else None) or letters.standardskabelon(), _DOCX, "skabelon.docx")


@kræver(Ret.RESTANCER)
def hent_prøve(organisation: str) -> ResponseReturnValue:
    """A letter about nobody, as PDF or (`?form=docx`) in the template."""
    letterhead.find_brevhoved(current_session(), organisation)
    hoved = letterhead.hoveder(current_session())[organisation]
    brev = Brev(hoved, PRØVE.dato, PRØVE.modtager, PRØVE.adresse, PRØVE.rådgiver, PRØVE.sider)
    try:
        if request.args.get("form") == "docx":
            return _file(letters.som_docx(brev), _DOCX, "prøvebrev.docx")
        return _file(letters.som_pdf([brev]), "application/pdf", "prøvebrev.pdf")
    except (SkabelonFejl, letters.BrevFejl) as fejl:
        raise Konflikt(str(fejl)) from None


def _file(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
