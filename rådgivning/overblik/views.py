"""Pages of the room: I dag and a resident's page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import (
    Ret,
    Rolle,
    current_helhedsplan_id,
    current_role,
    current_user_id,
    kræver,
)
from rådgivning.beboere.colleagues import kolleger
from rådgivning.database import current_session, new_id, today
from rådgivning.overblik import emergency_views, handing_views, merge_views, restricted_views
from rådgivning.overblik.emergency import navne, nødadgange_til
from rådgivning.overblik.merged import lagt_sammen_med
from rådgivning.overblik.merging import kan_fortrydes, sidste_dag
from rådgivning.overblik.resident import ART_IKON, beboerside
from rådgivning.overblik.today import dagen
from rådgivning.plan.lister import arter, etiket
from rådgivning.restancer import attempt_views

FØRSTE_POSTER = 40
FORSIDE = {
    Rolle.EJENDOMSDRIFT: "/henvisninger",
    Rolle.INKASSO: "/henvisninger",
    Rolle.LEDER: "/delmål",
    Rolle.DATABESKYTTELSE: "/databeskyttelse",
}


def make_blueprint() -> Blueprint:
    """`/` and `/beboere/<id>`."""
    bp = Blueprint("overblik", __name__)
    bp.add_url_rule("/", view_func=forside)
    bp.add_url_rule("/beboere/<uuid:id>", view_func=beboer)
    merge_views.add_pages(bp)
    emergency_views.add_pages(bp)
    handing_views.add_pages(bp)
    restricted_views.add_pages(bp)
    return bp


@kræver(Ret.FORSIDE)
def forside() -> ResponseReturnValue:
    """I dag for the beboerrådgiver; everybody else is sent to the page they work on."""
    if current_role() in FORSIDE:
        return redirect(FORSIDE[current_role()], 303)
    session = current_session()
    return render_template(
        "overblik/i_dag.html",
        dag=dagen(session),
        idag=today(),
        arter=arter(session, current_helhedsplan_id()),
        art_ikon=ART_IKON,
        etiket=_labels(),
        hurtige=attempt_views.hurtige(),
        nyt_forsøg=attempt_views.fortrydelse(),
        nyt_id=new_id,
    )


@kræver(Ret.BEBOERE)
def beboer(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """All that is known of one resident. Her name stands on the page, never in its address or title."""
    session = current_session()
    nu = lagt_sammen_med(session, id)
    if nu is not None:
        flash("Den beboer er lagt sammen med en anden. Her er den samlede side.")
        return redirect(f"/beboere/{nu}", 303)
    begrænset = restricted_views.begrænset_side(session, id)
    if begrænset is not None:
        return begrænset
    sammenlagt = kan_fortrydes(session, id)
    side = beboerside(session, id)
    return render_template(
        "overblik/beboer.html",
        side=side,
        idag=today(),
        arter=arter(session, current_helhedsplan_id()),
        art_ikon=ART_IKON,
        flest=None if "alt" in request.args else FØRSTE_POSTER,
        sammenlagt=sammenlagt,
        nødadgange=nødadgange_til(session, id),
        kan_overdrages=side.beboer.ejer_id == current_user_id() and bool(kolleger(session)),
        ejer=navne(session, {side.beboer.ejer_id}).get(side.beboer.ejer_id, "") if side.data.skjult else "",
        sidste_dag=sidste_dag(sammenlagt) if sammenlagt else None,
    )


def _labels() -> Callable[[str, str], str]:
    session, plan_id = current_session(), current_helhedsplan_id()
    return lambda liste, nøgle: etiket(session, plan_id, liste, nøgle)
