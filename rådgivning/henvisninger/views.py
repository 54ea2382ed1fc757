"""Pages of referrals: the same addresses for the one who sends and the one who takes up, each with her own view."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import Felter, kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import (
    Ret,
    Rolle,
    current_helhedsplan_id,
    current_role,
    current_user,
    har_ret,
    hent,
    kræver,
)
from rådgivning.database import current_session
from rådgivning.henvisninger import handling, intake, referrals
from rådgivning.henvisninger.forms import HenvisningForm
from rådgivning.henvisninger.models import Henvisning, Status
from rådgivning.henvisninger.shown import vist
from rådgivning.plan.lister import afdelinger, valg

KILDE = {Rolle.EJENDOMSDRIFT: "ejendomsdrift", Rolle.INKASSO: "opkrævning"}


def make_blueprint() -> Blueprint:
    """The room's pages."""
    bp = Blueprint("henvisninger", __name__, url_prefix="/henvisninger")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("/ny", view_func=ny, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>", view_func=vis)
    bp.add_url_rule("/<uuid:id>/træk-tilbage", view_func=træk_tilbage, methods=["POST"])
    handling.add_pages(bp)
    return bp


@kræver(Ret.HENVIS, Ret.HENVISNINGER)
def liste() -> ResponseReturnValue:
    """The beboerrådgiver's incoming list, or the referrer's own referrals and their status."""
    session = current_session()
    side = sidetal()
    if not har_ret(Ret.HENVISNINGER):
        rows, sider = referrals.egne(session, current_user().boligorganisation, side)
        steps = vist(session, [row.henvisning for row in rows])
        return render_template("henvisninger/egne.html", linjer=rows, vist=steps, side=side, sider=sider)
    vises = request.args.get("vis", "")
    vises = vises if vises in intake.VIS else "åbne"
    rows, sider = intake.indkomne(session, vises, side)
    args = {"vis": vises}
    return render_template(
        "henvisninger/indkomne.html", linjer=rows, side=side, sider=sider, args=args, etiket=handling.labels()
    )


@kræver(Ret.HENVIS, Ret.HENVISNINGER)
def ny() -> ResponseReturnValue:
    """Send a referral, or write down one that came by phone."""
    session = current_session()
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session, Henvisning)
    form = _form(kladde)
    if form.validate_on_submit():
        henvisning = referrals.henvis(
            session,
            form.som_data(KILDE.get(current_role(), "")),
            hast=form.hast.data,
            boligorganisation=_boligorganisation(form.afdeling.data),
            id=form.formular_id.data,
        )
        slet_kladde(session, request.path)
        session.commit()
        flash("Henvisningen er gemt." if har_ret(Ret.HENVISNINGER) else "Henvisningen er sendt til beboerrådgiveren.")
        return redirect(url_for("henvisninger.vis", id=henvisning.id), 303)
    page = render_template("henvisninger/ny.html", form=form, kladde=kladde)
    return page, 422 if form.is_submitted() else 200


def _form(kladde: Felter | None) -> HenvisningForm:
    session, plan_id, own = current_session(), current_helhedsplan_id(), current_user().boligorganisation
    form = HenvisningForm(formdata=kladde) if kladde else HenvisningForm()
    every = har_ret(Ret.HENVISNINGER)
    mine = afdelinger(session, plan_id, boligorganisation=own) if own or every else {}
    form.afdeling.choices = [choice for choice in valg(session, plan_id, "afdeling") if choice[0] in mine]
    form.grund.choices = valg(session, plan_id, "henvisning_grund")
    form.hast.choices = valg(session, plan_id, "hast")
    form.kilde.choices = valg(session, plan_id, "henvisningskilde")
    if not every:
        del form.kilde
    if request.method == "GET" and kladde is None and len(mine) == 1:
        form.afdeling.process_data(next(iter(mine)))
    return form


def _boligorganisation(afdeling: str) -> str:
    """The referrer's own; for the beboerrådgiver, who works for all of them, that of the afdeling."""
    own = current_user().boligorganisation
    return own or afdelinger(current_session(), current_helhedsplan_id())[afdeling].boligorganisation


@kræver(Ret.HENVIS, Ret.HENVISNINGER)
def vis(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One referral: all of it for the beboerrådgiver, status and what she typed for the referrer."""
    session = current_session()
    if har_ret(Ret.HENVISNINGER):
        return handling.side(hent(session, Henvisning, id))
    henvisning = referrals.hent_egen(session, id, current_user().boligorganisation)
    data = referrals.vis_egen(session, henvisning)
    ny = henvisning.status == Status.MODTAGET
    seen = vist(session, [henvisning])[id]
    return render_template(
        "henvisninger/egen.html", henvisning=henvisning, vist=seen, data=data, ny=ny, etiket=handling.labels()
    )


@kræver(Ret.HENVIS, Ret.HENVISNINGER)
def træk_tilbage(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Withdraw an own referral."""
    session = current_session()
    if not har_ret(Ret.HENVISNINGER):
        referrals.hent_egen(session, id, current_user().boligorganisation)
    referrals.træk_tilbage(session, id)
    session.commit()
    flash("Henvisningen er trukket tilbage og slettet.")
    return redirect(url_for("henvisninger.liste"), 303)
