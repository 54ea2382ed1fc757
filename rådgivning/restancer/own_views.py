"""What the beboerrådgiver adds to a case beside its steps: her answer about an agreement, with what Opkrævning can see
of it, and a task."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, hent, kræver
from rådgivning.database import current_session
from rådgivning.opgaver.views import Sammenhæng, ny_side
from rådgivning.restancer import own
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.storing import readable

SVAR = {"ja": True, "nej": False}


@dataclass(frozen=True)
class Udsyn:
    """What Opkrævning can see of a case: nothing at all unless the landlord filed it, `delt` only with a consent."""

    indberettet: bool
    delt: own.Delt | None


def add_pages(bp: Blueprint) -> None:
    """The answer, what a case's page needs to show it, and the task."""
    bp.add_url_rule("/<uuid:id>/opgave", view_func=ny_opgave, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/aftale", view_func=aftale, methods=["POST"])
    bp.add_app_template_global(_view, "opkrævning_kan_se")


@kræver(Ret.RESTANCER)
def aftale(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One tap: an agreement is on its way, or it is not."""
    session = current_session()
    hent(session, Restancesag, id)
    svar = request.form.get("svar", "")
    if svar in SVAR:
        own.sæt_aftale_på_vej(session, id, SVAR[svar])
        session.commit()
        flash("Gemt: en aftale er på vej." if SVAR[svar] else "Gemt: ingen aftale er på vej.")
    else:
        flash("Svaret blev ikke gemt. Tryk på en af knapperne.", "fejl")
    return redirect(url_for("restancer.vis", id=id), 303)


@kræver(Ret.RESTANCER)
def ny_opgave(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """A task about the case and its resident."""
    sag = readable(current_session(), hent(current_session(), Restancesag, id))
    return ny_side(Sammenhæng(sag.beboer_id, restancesag_id=id, tilbage=url_for("restancer.vis", id=id)))


def _view(sag: Restancesag, data: RestancesagData) -> Udsyn:
    session = current_session()
    return Udsyn(own.er_indberettet(session, sag), own.delt_nu(session, sag, data))
