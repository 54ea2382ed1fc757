"""Downloads of protected figures."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Ret, current_helhedsplan_id, kræver
from rådgivning.database import current_session
from rådgivning.rapporter import report_views, template_views
from rådgivning.rapporter.formater import FORMATER, RapportFejl, skriv_fil
from rådgivning.statistik.archive import udgivelse
from rådgivning.statistik.making import tal_for
from rådgivning.statistik.periods import UkendtPeriode
from rådgivning.statistik.release import Release, eksportér


def make_blueprint() -> Blueprint:
    """The room's pages."""
    pages = Blueprint("rapporter", __name__)
    pages.add_url_rule("/statistik/hent/<periode>.<form>", "hent", hent)
    pages.add_url_rule("/statistik/udgivelser/<uuid:id>/hent.<form>", "hent_udgivelse", hent_udgivelse)
    report_views.add_pages(pages)
    template_views.add_pages(pages)
    return pages


@kræver(Ret.STATISTIK)
def hent(periode: str, form: str) -> ResponseReturnValue:
    """A period's figures as a file; the trail says that they left."""
    if form not in FORMATER:
        raise IkkeFundet("format")
    session = current_session()
    try:
        found = tal_for(session, current_helhedsplan_id(), periode)
    except UkendtPeriode:
        raise IkkeFundet("periode") from None
    if found.release is None and not found.fejlet:
        return redirect(url_for("statistik.tal", periode=periode), 303)
    if found.release is None:
        raise Konflikt("Tallene for perioden kunne ikke beskyttes godt nok. Vælg en anden periode.")
    return _fil(found.release, form)


@kræver(Ret.STATISTIK)
def hent_udgivelse(id: uuid.UUID, form: str) -> ResponseReturnValue:  # noqa: A002
    """A release as it was recorded, as a file."""
    if form not in FORMATER:
        raise IkkeFundet("format")
    return _fil(udgivelse(current_session(), current_helhedsplan_id(), id), form)


def _fil(release: Release, form: str) -> ResponseReturnValue:
    session = current_session()
    try:
        data = skriv_fil(session, release, form)
    except RapportFejl as fejl:
        raise Konflikt(str(fejl)) from None
    eksportér(session, release, form)
    response = Response(data, mimetype=FORMATER[form])
    response.headers.set("Content-Disposition", "attachment", filename=f"tal-{release.periode.navn}.{form}")
    return response
