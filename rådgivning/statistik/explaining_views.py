"""The help page on how the figures are protected and how to read them."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session
from rådgivning.fakta.freezing import EFTERREGISTRERING
from rådgivning.plan.plans import plan
from rådgivning.statistik.arrears import FÆRREST
from rådgivning.statistik.basis import regel_for
from rådgivning.statistik.example import eksempel
from rådgivning.statistik.labels import planår


def add_routes(pages: Blueprint) -> None:
    """Hang the page on the room's blueprint."""
    pages.add_url_rule("/hjælp/tal", "forklaring", forklaring)


@kræver(Ret.STATISTIK, Ret.DELMÅL)
def forklaring() -> ResponseReturnValue:
    """An invented table beside what becomes of it, and the answers to what is asked of such tables. No real figure."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    indhold, rule = plan(session, helhedsplan_id), regel_for(session, helhedsplan_id)
    return render_template(
        "statistik/forklaring.html",
        eksempel=eksempel(rule.base, rule.tærskel),
        navn=indhold.helhedsplan.navn,
        planår=planår(indhold),
        andele_fra=FÆRREST,
        dage_åben=EFTERREGISTRERING.days,
    )
