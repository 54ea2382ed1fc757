"""Pages of the list import: choose a file, name its columns, look, confirm. Nothing is saved before that.

Between the steps the file lies in a sealed draft of the user's own, never in clear on disk.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.kladder import gem_fil, slet_kladde
from rådgivning.adgang.permissions import Forbudt, Ret, current_helhedsplan_id, current_user, har_ret, kræver
from rådgivning.dansk import dato as vis_dato
from rådgivning.database import current_session, today
from rådgivning.felter.sheet import FilFejl
from rådgivning.plan.lister import valg
from rådgivning.restancer import list_check_views, list_status
from rådgivning.restancer.list_forms import FilForm, KolonneForm
from rådgivning.restancer.list_import import husket, mærke, samme_fil
from rådgivning.restancer.list_kept import FIL, KOLONNE, gemt_liste
from rådgivning.restancer.list_mapping import KOLONNER, gæt
from rådgivning.restancer.list_sheet import læs_ark


def add_pages(bp: Blueprint) -> None:
    """`/restancer/lister`: earlier lists, a new one, and what became of each."""
    both = ["GET", "POST"]
    bp.add_url_rule("/lister/ny", view_func=liste_fil, methods=both)
    bp.add_url_rule("/lister/kolonner", view_func=liste_kolonner, methods=both)
    bp.add_url_rule("/lister/kontrol", view_func=list_check_views.liste_kontrol, methods=both)
    bp.add_url_rule("/lister/kassér", view_func=liste_kassér, methods=["POST"])
    list_status.add_pages(bp)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_fil() -> ResponseReturnValue:
    """Choose a file; one that can be read is kept sealed."""
    form = _file_form()
    fejl = ""
    if form.is_submitted() and form.validate():
        try:
            _keep(form)
        except FilFejl as error:
            fejl = str(error)
        else:
            current_session().commit()
            return redirect(url_for("restancer.liste_kontrol"), 303)
    page = render_template("restancer/liste_ny.html", form=form, fejl=fejl, kolonner=KOLONNER)
    return page, 422 if form.is_submitted() else 200


def _file_form() -> FilForm:
    form = FilForm()
    form.organisation.choices = valg(current_session(), current_helhedsplan_id(), "boligorganisation")
    if not har_ret(Ret.RESTANCER):
        del form.organisation
        if not current_user().boligorganisation:
            raise Forbudt("restanceliste")
    if not form.is_submitted():
        form.dato.process_data(today())
        form.hel.process_data(True)
    return form


def _keep(form: FilForm) -> None:
    """Read the upload to see that it can be read, and keep it. Raises FilFejl.

    The very same file is taken for the same day as last time: it is no newer for being sent again.
    """
    session, fil = current_session(), request.files.get("fil")
    if fil is None or not fil.filename:
        raise FilFejl("Vælg en fil.")
    organisation = form.organisation.data if form.organisation else current_user().boligorganisation
    data = fil.stream.read()
    session.rollback()
    ark = læs_ark(fil.filename, data)
    before = samme_fil(session, mærke(session, data), organisation)
    dag = before.dato if before else form.dato.data
    if before is not None:
        flash(f"Den samme fil er importeret før, pr. {vis_dato(before.dato)}.", "info")
    felter = {"organisation": organisation, "dato": f"{dag}", "hel": "ja" if form.hel.data else "nej"}
    chosen = gæt(ark.overskrifter, husket(session, organisation))
    gem_fil(session, FIL, fil.filename, data, **felter, **{KOLONNE + c: h for c, h in chosen.items()})


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_kolonner() -> ResponseReturnValue:
    """Say which heading is which column; what was used last time is chosen."""
    session = current_session()
    kept = gemt_liste(session)
    if kept is None:
        return redirect(url_for("restancer.liste_fil"), 303)
    form = KolonneForm(data=kept.kolonner)
    headings = [(heading, heading) for heading in kept.ark.overskrifter if heading]
    for column in KOLONNER:
        form[column].choices = headings
    if form.is_submitted() and form.validate() and form.er_hel():
        chosen = {KOLONNE + column: heading for column, heading in form.kolonner().items()}
        felter = {name: kept.fil.felter[name] for name in ("organisation", "dato", "hel")}
        gem_fil(session, FIL, kept.fil.navn, kept.fil.data, **felter, **chosen)
        session.commit()
        return redirect(url_for("restancer.liste_kontrol"), 303)
    page = render_template("restancer/liste_kolonner.html", form=form, kolonner=KOLONNER)
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste_kassér() -> ResponseReturnValue:
    """Forget the kept file."""
    session = current_session()
    slet_kladde(session, FIL)
    session.commit()
    return redirect(url_for("restancer.lister"), 303)
