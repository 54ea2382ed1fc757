"""The page on which a beboerrådgiver deletes a resident of hers: what stands against it, or what goes, and why."""

from __future__ import annotations

import uuid
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Ret, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import Slettegrund, hent_beboer
from rådgivning.database import current_session
from rådgivning.databeskyttelse.receipts import glemsel
from rådgivning.databeskyttelse.retention import Hindring
from rådgivning.databeskyttelse.retention_keep import Hindret, hindringer, slet_for_hånd
from rådgivning.felter import Formular, ValgFelt, påkrævet
from rådgivning.nøgler.opening import is_readable, kræv_hel
from rådgivning.overblik.removal import omfang
from rådgivning.samtykker.papers import papirer

FØRST: Final = {
    Hindring.RESTANCESAG: "Luk sagen først. Den står på beboerens side.",
    Hindring.HENVISNING: "Afslut henvisningen først. Den står på beboerens side.",
    Hindring.OPGAVE: "Udfør eller slet opgaven først. Den står på beboerens side.",
    Hindring.SAMTYKKE: "Skriv først på beboerens side, at samtykket er trukket tilbage.",
    Hindring.ANMODNING: "Kontakt databeskyttelse. De svarer beboeren, og de sletter, hvis det er det, der er bedt om.",
    Hindring.BEGRÆNSET: "Kontakt databeskyttelse. Beboeren kan have bedt om det for netop ikke at blive slettet.",
    Hindring.FORTRYDES: "Vent, til det ikke kan fortrydes mere, eller fortryd det på beboerens side.",
}
"""What is to be done about what stands against it."""


class SletFormular(Formular):
    """Why a resident is deleted."""

    grund = ValgFelt(
        "Hvorfor?",
        [påkrævet("Vælg, hvorfor beboeren slettes.")],
        choices=[(grund.value, grund.value.capitalize()) for grund in Slettegrund if grund is not Slettegrund.FRIST],
        widget=ListWidget(prefix_label=False),
    )


def add_pages(bp: Blueprint) -> None:
    """`/beboere/<id>/slet`."""
    bp.add_url_rule("/beboere/<uuid:beboer_id>/slet", view_func=slet_beboer, methods=["GET", "POST"])


@kræver(Ret.BEBOERE)
@frisk
def slet_beboer(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a resident after a question and with a reason, unless something stands against it."""
    session, form = current_session(), SletFormular()
    beboer = hent(session, Beboer, beboer_id)
    kræv_hel(session, beboer)
    if stops := hindringer(session, beboer):
        return _stopped(beboer_id, stops)
    if not form.validate_on_submit():
        return _page(session, beboer, form), 200 if request.method == "GET" else 422
    try:
        slet_for_hånd(session, beboer_id, Slettegrund(form.grund.data))
    except Hindret as hindret:
        return _stopped(beboer_id, hindret.hindringer)
    session.commit()
    flash("Beboeren er slettet. Tallene i statistikken er uændrede. Kvitteringen ligger hos databeskyttelse.")
    return redirect("/beboere", 303)


def _page(session: Session, beboer: Beboer, form: SletFormular) -> str:
    data = hent_beboer(session, beboer.id, "slet beboer")[1] if is_readable(session, beboer) else None
    return render_template(
        "databeskyttelse/slet_beboer.html",
        form=form,
        id=beboer.id,
        data=data,
        omfang=omfang(session, beboer.id),
        papir=papirer(session, [beboer.id]).get(beboer.id, []),
        glemsel=glemsel(session),
    )


def _stopped(beboer_id: uuid.UUID, stops: tuple[Hindring, ...]) -> ResponseReturnValue:
    return render_template("databeskyttelse/slet_hindret.html", id=beboer_id, hindringer=stops, først=FØRST), 409
