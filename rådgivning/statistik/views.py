"""The leder's page of protected figures."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session, today
from rådgivning.plan.plans import plan
from rådgivning.statistik import explaining_views, goal_views, method_views, own_table_views, release_views
from rådgivning.statistik.charts import picture
from rådgivning.statistik.display import offentlige, visninger
from rådgivning.statistik.explaining import beskyttelse
from rådgivning.statistik.labels import Etiketter, periode_navn
from rådgivning.statistik.making import Tal, TalLaves, Værksted, tal_for, vist
from rådgivning.statistik.own_tables import uden_plads
from rådgivning.statistik.periods import UkendtPeriode, læs_periode, perioder
from rådgivning.statistik.release_words import efterslæb, stand


def make_blueprint() -> Blueprint:
    """The room's pages."""
    pages = Blueprint("statistik", __name__)
    pages.add_url_rule("/statistik", "tal", tal)
    pages.app_errorhandler(TalLaves)(_laves)
    pages.record_once(lambda state: state.app.extensions.setdefault("talværksted", Værksted()))
    goal_views.add_routes(pages)
    release_views.add_routes(pages)
    explaining_views.add_routes(pages)
    own_table_views.add_routes(pages)
    method_views.add_routes(pages)
    return pages


@kræver(Ret.STATISTIK)
def tal() -> ResponseReturnValue:
    """All tables of a period, each as a chart and a table, with the sentence that says how they are protected."""
    session = current_session()
    indhold = plan(session, current_helhedsplan_id())
    head = indhold.helhedsplan
    names = perioder(head.fra, head.til, today())
    chosen = request.args.get("periode") or next((name for name in names if name.isdigit()), "")
    found = _tal(chosen) if chosen else None
    release = vist(found) if found else None
    current = release is not None and found is not None and found.på_vej is None
    labels = Etiketter(indhold)
    tables = visninger(release, labels) if release else []
    return render_template(
        "statistik/tal.html",
        valgt=chosen,
        perioder=[(name, periode_navn(læs_periode(name, head.fra, head.til))) for name in names],
        release=release,
        tal=found,
        stand=stand(release) if release else "",
        noter=efterslæb(release) if release else [],
        uden_plads=uden_plads(session, current_helhedsplan_id(), release) if release and current else [],
        beskyttelse=partial(beskyttelse, release) if release else None,
        tabeller=[(table, picture(table.titel, table.serier, table.indre, table.summer)) for table in tables],
        offentlige=offentlige(release, labels) if release else [],
    )


def _tal(periode: str) -> Tal:
    try:
        return tal_for(current_session(), current_helhedsplan_id(), periode)
    except UkendtPeriode:
        raise IkkeFundet("periode") from None


def _laves(venter: TalLaves) -> ResponseReturnValue:
    """The page that stands while figures are made; it comes again by itself until they are there."""
    return render_template("statistik/laves.html", tal=venter.tal, periode=periode_navn(venter.tal.periode)), 202
