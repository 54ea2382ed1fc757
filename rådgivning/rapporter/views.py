"""Downloads of protected figures."""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session
from rådgivning.rapporter.formater import FORMATER, RapportFejl, skriv_fil
from rådgivning.statistik.periods import UkendtPeriode
from rådgivning.statistik.release import IkkeBeskyttet, udgiv


def make_blueprint() -> Blueprint:
    """The room's pages."""
    pages = Blueprint("rapporter", __name__)
    pages.add_url_rule("/statistik/hent/<periode>.<form>", "hent", hent)
    return pages


@kræver(Ret.STATISTIK)
def hent(periode: str, form: str) -> ResponseReturnValue:
    """A period's figures as a file; the trail says that they left."""
    if form not in FORMATER:
        raise IkkeFundet("format")
    session = current_session()
    try:
        release = udgiv(session, current_helhedsplan_id(), periode, form)
    except UkendtPeriode:
        raise IkkeFundet("periode") from None
    except IkkeBeskyttet as fejl:
        current_app.logger.error("statistik: tallene for %s kunne ikke beskyttes: %s", periode, fejl)
        raise Konflikt("Tallene for perioden kunne ikke beskyttes godt nok. Vælg en anden periode.") from None
    try:
        data = skriv_fil(session, release, form)
    except RapportFejl as fejl:
        raise Konflikt(str(fejl)) from None
    response = Response(data, mimetype=FORMATER[form].mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=f"tal-{periode}.{form}")
    return response
