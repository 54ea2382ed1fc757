"""The page that answers the delmål."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session, today
from rådgivning.plan.measurements import alle_målinger
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik.arrears import Udsættelser, udsættelser
from rådgivning.statistik.goals import OmrådeVisning, vis_delmål
from rådgivning.statistik.labels import periode_navn, planår
from rådgivning.statistik.making import Tal, tal_for, vist
from rådgivning.statistik.periods import Periode, læs_periode, perioder
from rådgivning.statistik.release import Release
from rådgivning.statistik.release_words import stand


def add_routes(pages: Blueprint) -> None:
    """Hang the page on the room's blueprint."""
    pages.add_url_rule("/delmål", "delmål", delmål)


@kræver(Ret.DELMÅL)
def delmål() -> ResponseReturnValue:
    """Each delmål with its indicators, target, målinger and activities, and the counts of a year beside them."""
    session = current_session()
    helhedsplan_id = current_helhedsplan_id()
    indhold = plan(session, helhedsplan_id)
    years = [name for name in perioder(indhold.helhedsplan.fra, indhold.helhedsplan.til, today()) if "-K" not in name]
    periode = _chosen(indhold, years)
    found = _tal(periode) if years else None
    release = vist(found) if found else None
    others = {int(name): _tal(_read(indhold, name)).release for name in years if name.isdigit()}
    calendar = {year: other for year, other in others.items() if other is not None}
    areas = vis_delmål(indhold, alle_målinger(session, helhedsplan_id), periode, release, today(), calendar)
    return render_template(
        "delmål/delmål.html",
        indhold=indhold,
        områder=areas,
        udsættelser=_evictions(indhold, areas, release, calendar),
        planår=planår(indhold),
        periode=periode,
        perioder=[(name, periode_navn(_read(indhold, name))) for name in years],
        periode_navn=periode_navn(periode),
        release=release,
        tal=found,
        stand=stand(release) if release else "",
    )


def _evictions(
    indhold: PlanIndhold, areas: Sequence[OmrådeVisning], release: Release | None, calendar: Mapping[int, Release]
) -> dict[str, Udsættelser]:
    """The indicators that count udsættelser, with the years side by side."""
    found = {}
    for shown in (indikator for area in areas for goal in area.delmål for indikator in goal.indikatorer):
        official = {point.år: point.værdi for point in shown.serie}
        table = udsættelser(indhold, shown.nøgle, official, release, calendar, today()) if release else None
        if table is not None:
            found[shown.nøgle] = table
    return found


def _chosen(indhold: PlanIndhold, years: list[str]) -> Periode:
    """The period asked for, if it has begun; else the newest calendar year, or the plan's first before it begins."""
    newest = next((name for name in years if name.isdigit()), str(indhold.helhedsplan.fra.year))
    asked = request.args.get("periode") or newest
    if asked not in {*years, newest}:
        raise IkkeFundet("periode")
    return _read(indhold, asked)


def _read(indhold: PlanIndhold, name: str) -> Periode:
    return læs_periode(name, indhold.helhedsplan.fra, indhold.helhedsplan.til)


def _tal(periode: Periode) -> Tal:
    return tal_for(current_session(), current_helhedsplan_id(), periode.navn)
