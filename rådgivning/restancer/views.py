"""Pages of restancesager: list, new case, one case, corrections. Who filed a case sees her own reports alone."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import (
    Ret,
    current_helhedsplan_id,
    current_user,
    har_ret,
    hent,
    kræver,
)
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import hent_beboer
from rådgivning.database import current_session, today
from rådgivning.henvisninger.handling import labels
from rådgivning.nøgler.opening import kræv_hel
from rådgivning.plan.forms import versionsnummer
from rådgivning.plan.lister import afdelinger, valg
from rådgivning.plan.plans import plan
from rådgivning.restancer import (
    attempt_views,
    belonging,
    cases,
    invitation_views,
    letterhead_views,
    list_views,
    own,
    own_views,
    steps,
    worklist_views,
)
from rådgivning.restancer.forms import NySagForm, SagForm, SletForm, månedsvalg
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.phases import VEJEN
from rådgivning.restancer.tenancies import knyt_lejemål

KILDE = "opkrævning"


def make_blueprint() -> Blueprint:
    """The room's pages."""
    bp = Blueprint("restancer", __name__, url_prefix="/restancer")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("/ny", view_func=ny, methods=["GET", "POST"])
    bp.add_url_rule("/ny/<uuid:beboer_id>", view_func=ny_om, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>", view_func=vis)
    bp.add_url_rule("/<uuid:id>/ret", view_func=ret, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/slet", view_func=slet, methods=["GET", "POST"])
    steps.add_pages(bp)
    list_views.add_pages(bp)
    invitation_views.add_pages(bp)
    letterhead_views.add_pages(bp)
    own_views.add_pages(bp)
    worklist_views.add_pages(bp)
    attempt_views.add_pages(bp)
    bp.before_app_request(_belong)
    return bp


def _belong() -> None:
    """Before the beboerrådgiver sees anything of cases or households, each case belongs to its tenancy."""
    if request.blueprint in belonging.RUM and har_ret(Ret.RESTANCER):
        belonging.hold_i_trit(current_session())


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def liste() -> ResponseReturnValue:
    """All cases by next deadline, or those the user filed."""
    session = current_session()
    side = sidetal()
    if not har_ret(Ret.RESTANCER):
        rows, sider = own.egne_sager(session, current_user().boligorganisation, side)
        return render_template("restancer/egne.html", linjer=rows, side=side, sider=sider, etiket=labels())
    return worklist_views.side()


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def ny() -> ResponseReturnValue:
    """File a case; `?beboer=` leads to the page of a case about that resident."""
    beboer_id = request.args.get("beboer", type=uuid.UUID)
    if beboer_id is not None and har_ret(Ret.RESTANCER):
        return redirect(url_for("restancer.ny_om", beboer_id=beboer_id), 303)
    return _new(None)


@kræver(Ret.RESTANCER)
def ny_om(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """File a case about a resident, starting with what is known of her. A page of its own, so that a draft about one
    resident is never offered for another."""
    hent(current_session(), Beboer, beboer_id)
    return _new(beboer_id)


def _new(beboer_id: uuid.UUID | None) -> ResponseReturnValue:
    session = current_session()
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session, Restancesag)
    form = NySagForm(formdata=kladde) if kladde else NySagForm()
    _lists(form, "", [])
    form.fase.choices = [v for v in valg(session, current_helhedsplan_id(), "restance_fase") if v[0] in _road()]
    form.kilde.choices = valg(session, current_helhedsplan_id(), "henvisningskilde")
    if not har_ret(Ret.RESTANCER):
        del form.kilde
    if not form.is_submitted() and kladde is None:
        _start(form, beboer_id)
    if form.validate_on_submit():
        step = form.som_hændelse("" if har_ret(Ret.RESTANCER) else KILDE)
        data = RestancesagData(**form.værdier(), hændelser=[step])
        sag = cases.opret_sag(
            session,
            data,
            boligorganisation=_boligorganisation(data.afdeling),
            beboer_id=beboer_id,
            id=form.formular_id.data,
        )
        if har_ret(Ret.RESTANCER):
            knyt_lejemål(session, sag.id)
        slet_kladde(session, request.path)
        session.commit()
        flash("Restancesagen er oprettet.")
        return redirect(url_for("restancer.vis", id=sag.id), 303)
    page = render_template("restancer/ny.html", form=form, kladde=kladde)
    return page, 422 if form.is_submitted() else 200


def _road() -> set[str]:
    return {fase.nøgle for fase in VEJEN}


def _start(form: NySagForm, beboer_id: uuid.UUID | None) -> None:
    """The usual case: this month's rent, due on the first."""
    form.måneder.process_data([f"{today():%Y-%m}"])
    form.fase.process_data("forfalden")
    form.dato.process_data(today().replace(day=1))
    choices = [choice.value for choice in form.afdeling.choices if choice.value]
    if len(choices) == 1:
        form.afdeling.process_data(choices[0])
    if beboer_id is not None:
        _row, beboer = hent_beboer(current_session(), beboer_id, "ny restancesag")
        for name in ("navn", "adresse", "telefon", "afdeling"):
            form[name].process_data(getattr(beboer, name))


def _lists(form: SagForm, organisation: str, months: list[str], *, også: tuple[str, ...] = ()) -> None:
    """The choices; a case never moves to an afdeling of another boligorganisation than the one it was filed for."""
    session, plan_id = current_session(), current_helhedsplan_id()
    own = current_user().boligorganisation if not har_ret(Ret.RESTANCER) else organisation
    mine = afdelinger(session, plan_id, boligorganisation=own) if own or har_ret(Ret.RESTANCER) else {}
    form.afdeling.choices = [v for v in valg(session, plan_id, "afdeling", også=også) if v[0] in mine or v[0] in også]
    form.måneder.choices = månedsvalg(months)
    form.årsag.choices = valg(session, plan_id, "restance_årsag", også=også)
    if not har_ret(Ret.RESTANCER):
        del form.årsag, form.note


def _boligorganisation(afdeling: str) -> str:
    """The reporter's own; for the beboerrådgiver, who works for all of them, that of the afdeling."""
    if not har_ret(Ret.RESTANCER):
        return current_user().boligorganisation
    return plan(current_session(), current_helhedsplan_id()).afdeling[afdeling].boligorganisation


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def vis(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One case."""
    session = current_session()
    if not har_ret(Ret.RESTANCER):
        line = own.vis_egen_sag(session, own.hent_egen_sag(session, id, current_user().boligorganisation))
        return render_template("restancer/egen.html", linje=line, etiket=labels())
    return steps.side(hent(session, Restancesag, id))


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def ret(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Correct a case. In one the landlord filed, name, phone and address are the landlord's: what the beboerrådgiver
    learns of the resident stands at the resident, where the landlord cannot read it."""
    session = current_session()
    sag = steps.allowed(id)
    if har_ret(Ret.RESTANCER):
        kræv_hel(session, sag)
    _sag, data = cases.hent_sag(session, id)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = SagForm(formdata=kladde) if kladde else SagForm(data=data.model_dump())
    _lists(form, sag.boligorganisation, data.måneder, også=(data.afdeling, data.årsag))
    if har_ret(Ret.RESTANCER) and own.er_indberettet(session, sag):
        del form.navn, form.adresse, form.telefon
    if not form.is_submitted() and kladde is None:
        form.version.process_data(sag.version if har_ret(Ret.RESTANCER) else own.egen_version(data))
    status, gældende = 200, None
    if form.is_submitted():
        status = 422
        if form.validate():
            status, gældende = _correct(form, id)
        if status == 200:
            return redirect(url_for("restancer.vis", id=id), 303)
    page = render_template("restancer/ret.html", form=form, sag=sag, kladde=kladde, gældende=gældende, etiket=labels())
    return page, status


def _correct(form: SagForm, id: uuid.UUID) -> tuple[int, RestancesagData | None]:  # noqa: A002
    """Save: 200; or 409 when somebody else was faster, with what was typed still in the form and what stands now."""
    session = current_session()
    try:
        save = cases.ret_sag if har_ret(Ret.RESTANCER) else own.ret_egen_sag
        save(session, id, form.værdier(), versionsnummer(form.version))
    except cases.SagÆndret as error:
        form.form_errors = [str(error)]
        form.version.process_data(error.version)
        return 409, error.gældende
    slet_kladde(session, request.path)
    session.commit()
    flash("Sagen er rettet.")
    return 200, None


@kræver(Ret.RESTANCER)
def slet(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Ask why, then delete a case and its count."""
    session = current_session()
    sag = hent(session, Restancesag, id)
    if har_ret(Ret.RESTANCER):
        kræv_hel(session, sag)
    form = SletForm()
    form.grund.choices = [(grund.value, grund.value.capitalize()) for grund in cases.Slettegrund]
    if form.validate_on_submit():
        cases.slet_sag(session, id, cases.Slettegrund(form.grund.data))
        session.commit()
        flash("Restancesagen er slettet.")
        return redirect(url_for("restancer.liste"), 303)
    return render_template("restancer/slet.html", form=form, sag=sag), 422 if form.is_submitted() else 200
