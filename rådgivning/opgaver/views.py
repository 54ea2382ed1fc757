"""Pages of the room: the list by deadline, and what can be done with one task."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import Felter, kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import IkkeFundet, Ret, hent, kræver
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import Træf, hent_beboere, søg_beboere
from rådgivning.database import current_session, today
from rådgivning.nøgler.covering import deler_noter
from rådgivning.nøgler.opening import kræv_hel
from rådgivning.opgaver import deadlines, lists, moving_views, tasks
from rådgivning.opgaver.forms import OpgaveFormular, SletFormular
from rådgivning.opgaver.models import Opgave, OpgaveData


@dataclass(frozen=True)
class Sammenhæng:
    """What a new task is about: a resident, and the referral or restancesag one stood on. `tilbage` is its page."""

    beboer_id: uuid.UUID | None = None
    henvisning_id: uuid.UUID | None = None
    restancesag_id: uuid.UUID | None = None
    tilbage: str = ""


def make_blueprint() -> Blueprint:
    """`/opgaver`: list, new, correct, done and undone, moved, delete."""
    bp = Blueprint("opgaver", __name__, url_prefix="/opgaver")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("/ny", view_func=ny, methods=["GET", "POST"])
    bp.add_url_rule("/ny/<uuid:beboer_id>", view_func=ny, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/ret", view_func=ret, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/udført", view_func=udført, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/fortryd", view_func=fortryd, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/slet", view_func=slet, methods=["GET", "POST"])
    moving_views.add_pages(bp)
    bp.add_app_template_global(deadlines.udsættelser, "udsættelser")
    bp.add_app_template_global(deadlines.i_ord, "frist_i_ord")
    bp.add_app_template_global(deadlines.hast, "hast")
    return bp


@kræver(Ret.OPGAVER)
def liste() -> ResponseReturnValue:
    """Open tasks by deadline, or with `vis=udført` those that are done; own, or with `hvem=alle` everybody's."""
    alle, er_udført = request.args.get("hvem") == "alle", request.args.get("vis") == "udført"
    side = sidetal()
    session = current_session()
    linjer, sider = (lists.udførte_opgaver if er_udført else lists.åbne_opgaver)(session, alle=alle, side=side)
    valg = [("hvem=alle", alle), ("vis=udført", er_udført), (f"side={side}", side > 1)]
    query = "&".join(text for text, chosen in valg if chosen)
    return render_template(
        "opgaver/liste.html",
        tilbage=f"/opgaver?{query}" if query else "/opgaver",
        grupper={} if er_udført else lists.i_grupper(linjer, today()),
        antal={} if er_udført else lists.antal_åbne(session, alle=alle),
        linjer=linjer,
        idag=today(),
        alle=alle,
        er_udført=er_udført,
        deles=deler_noter(session),
        side=side,
        sider=sider,
    )


@kræver(Ret.OPGAVER)
def ny(beboer_id: uuid.UUID | None = None) -> ResponseReturnValue:
    """Make a task. A resident's form has a path of her own, so that its draft can never show up in another's."""
    if beboer_id is None:
        return ny_side(Sammenhæng())
    hent(current_session(), Beboer, beboer_id)
    return ny_side(Sammenhæng(beboer_id, tilbage=f"/beboere/{beboer_id}"))


def ny_side(om: Sammenhæng) -> ResponseReturnValue:
    """The form for a task about what one stands on; the rooms above give it a path in their own."""
    session = current_session()
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session, Opgave)
    start = {"frist": deadlines.første_frist(today()), "beboer_id": om.beboer_id}
    form = OpgaveFormular(kladde) if kladde else OpgaveFormular(data=start)
    if "find_beboer" in request.form or not form.validate_on_submit():
        return _new_page(form, om, kladde=kladde)
    try:
        hendes = _create(form, om).beboer_id
    except IkkeFundet as fejl:
        if fejl.genstand == "opgave":
            raise
        session.rollback()
        form.beboer_id.data = ""
        form.beboer_tekst.errors = ["Beboeren findes ikke mere. Vælg en anden, eller tøm feltet."]
        return _new_page(form, om)
    slet_kladde(session, request.path)
    session.commit()
    flash("Opgaven er oprettet.")
    case = om.tilbage if om.henvisning_id or om.restancesag_id else ""
    return redirect(case or (f"/beboere/{hendes}" if hendes else "/opgaver"), 303)


@kræver(Ret.OPGAVER)
def ret(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Correct a task; when somebody else was faster both versions are shown."""
    session = current_session()
    opgave, nu = tasks.hent_opgave(session, id, "ret opgave")
    kræv_hel(session, opgave)
    shown = nu.model_dump(include={"titel", "note", "gentages", "gentages_til"})
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    start = {**shown, "frist": opgave.frist, "version": opgave.version}
    form = OpgaveFormular(kladde) if kladde else OpgaveFormular(data=start)
    if not form.validate_on_submit():
        return _correct_page(opgave, nu, form, kladde=kladde)
    try:
        tasks.ret_opgave(
            session,
            id,
            titel=form.titel.data,
            frist=_date(form.frist.data),
            note=form.note.data,
            rytme=form.rytme,
            version=form.shown_version,
        )
    except tasks.OpgaveÆndret as ændret:
        form.version.data = str(ændret.version)
        return _correct_page(opgave, nu, form, andre=ændret, status=409)
    slet_kladde(session, request.path)
    session.commit()
    flash("Opgaven er rettet.")
    return redirect("/opgaver", 303)


@kræver(Ret.OPGAVER)
def udført(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One tap: done. The page it came from offers to undo it."""
    session = current_session()
    tasks.udfør(session, id)
    session.commit()
    return redirect(moving_views.back_with(f"fortryd={id}"), 303)


@kræver(Ret.OPGAVER)
def fortryd(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Not done after all."""
    session = current_session()
    tasks.fortryd(session, id)
    session.commit()
    flash("Opgaven er åben igen.")
    return redirect(moving_views.back(), 303)


@kræver(Ret.OPGAVER)
def slet(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Delete a task after a question."""
    session, form = current_session(), SletFormular()
    opgave, data = tasks.hent_opgave(session, id, "slet opgave")
    kræv_hel(session, opgave)
    if not form.validate_on_submit():
        page = render_template("opgaver/slet.html", form=form, opgave=opgave, data=data)
        return page, 200 if request.method == "GET" else 422
    tasks.slet_opgave(session, id)
    session.commit()
    flash("Opgaven er slettet.")
    return redirect("/opgaver", 303)


def _create(form: OpgaveFormular, om: Sammenhæng) -> Opgave:
    return tasks.opret_opgave(
        current_session(),
        titel=form.titel.data,
        frist=_date(form.frist.data),
        beboer_id=form.beboer,
        note=form.note.data,
        henvisning_id=om.henvisning_id,
        restancesag_id=om.restancesag_id,
        rytme=form.rytme,
        id=form.formular_id.data,
    )


def _new_page(form: OpgaveFormular, om: Sammenhæng, *, kladde: Felter | None = None) -> ResponseReturnValue:
    session = current_session()
    known = hent_beboere(session, [form.beboer], "vælg beboer")
    valgt = known[form.beboer].navn if form.beboer in known else ""
    if valgt and not form.beboer_tekst.data:
        form.beboer_tekst.data = valgt
    page = render_template("opgaver/ny.html", form=form, om=om, kladde=kladde, valgt=valgt, træffere=_found(form))
    searched = "find_beboer" in request.form and not form.beboer_tekst.errors
    return page, 200 if request.method == "GET" or searched else 422


def _correct_page(
    opgave: Opgave,
    data: OpgaveData,
    form: OpgaveFormular,
    *,
    kladde: Felter | None = None,
    andre: tasks.OpgaveÆndret | None = None,
    status: int = 422,
) -> ResponseReturnValue:
    om = lists.findes(current_session(), [data])
    page = render_template("opgaver/ret.html", opgave=opgave, data=data, form=form, kladde=kladde, andre=andre, om=om)
    return page, 200 if request.method == "GET" else status


def _found(form: OpgaveFormular) -> list[Træf] | None:
    """Matches of a search without JavaScript."""
    if "find_beboer" not in request.form or not form.beboer_tekst.validate(form):
        return None
    return søg_beboere(current_session(), form.beboer_tekst.data)


def _date(value: date | None) -> date:
    """A required date that has been validated."""
    if value is None:
        raise ValueError("the form was not validated")
    return value
