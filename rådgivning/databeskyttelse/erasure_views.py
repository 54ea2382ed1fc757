"""The page on which databeskyttelse erases a resident who asked for it or whose objection is upheld: what goes, what
stays and why, a typed word, and the receipt."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, func, select
from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Konflikt, Ret, current_user_id, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.beboere.models import Beboer
from rådgivning.database import current_session
from rådgivning.databeskyttelse import requests
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.databeskyttelse.models import Anmodning, Slags
from rådgivning.databeskyttelse.receipts import ANMODNING, INDSIGELSE, glemsel, i_ord
from rådgivning.databeskyttelse.stepping import når_klar
from rådgivning.felter import Formular, TekstFelt, ValgFelt, påkrævet
from rådgivning.overblik.moving import antal_om
from rådgivning.restancer.models import Restancesag

ORDET = "SLET"
_ÅRSAG = {Slags.SLETNING: ANMODNING, Slags.INDSIGELSE: INDSIGELSE}


class SletPersonFormular(Formular):
    """The decision, and a word that nobody types by mistake."""

    retskrav = ValgFelt(
        "Er der noget, der skal gemmes?",
        [påkrævet("Svar på, om oplysningerne skal bruges til et retskrav.")],
        choices=[("nej", "Nej, intet af det er nødvendigt for et retskrav eller en pligt til at gemme")],
        widget=ListWidget(prefix_label=False),
    )
    ordet = TekstFelt(f"Skriv {ORDET} for at slette", max_længde=20)

    def validate_ordet(self, field: TekstFelt) -> None:
        """Exactly the word."""
        if field.data != ORDET:
            raise ValidationError(f"Skriv {ORDET} med store bogstaver.")


def add_pages(bp: Blueprint) -> None:
    """`/databeskyttelse/anmodninger/<id>/slet`."""
    rule = "/databeskyttelse/anmodninger/<uuid:anmodning_id>/slet"
    bp.add_url_rule(rule, view_func=slet, methods=["GET", "POST"])


@kræver(Ret.REGISTREREDE)
@frisk
@når_klar
def slet(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Erase whoever asked for it. The same form sent twice gives the same receipt."""
    session = current_session()
    row = hent(session, Anmodning, anmodning_id)
    if row.kvittering_id is not None:
        return redirect(url_for(".kvittering", kvittering_id=row.kvittering_id), 303)
    if row.slags not in (Slags.SLETNING, Slags.INDSIGELSE) or row.beboer_id is None or not row.identitet:
        raise Konflikt("Identiteten skal være fastslået, og beboeren fundet, før der kan slettes.")
    _others_first(session, row)
    form = SletPersonFormular()
    if not form.validate_on_submit():
        return _page(session, row, row.beboer_id, form), 422 if form.is_submitted() else 200
    row = requests.lås(session, anmodning_id)
    _others_first(session, row)
    beboer_id = row.beboer_id
    assert beboer_id is not None  # noqa: S101 - asked above
    receipt = slet_person(session, beboer_id, _ÅRSAG[Slags(row.slags)], af=current_user_id())
    session.commit()
    flash("Beboeren er slettet. Giv eller send beboeren kvitteringen.")
    return redirect(url_for(".kvittering", kvittering_id=receipt), 303)


def _others_first(session: Session, row: Anmodning) -> None:
    """Raises Konflikt while she waits for something that cannot be given any more when she is erased."""
    if first := requests.forhindrer_sletning(session, row):
        raise Konflikt(
            f"Beboeren venter også på svar på en anmodning om {' og '.join(first)}. Svar først på det: det kan ikke"
            " lade sig gøre, når oplysningerne er slettet."
        )


def _page(session: Session, row: Anmodning, beboer_id: uuid.UUID, form: SletPersonFormular) -> str:
    """What there is is counted, not opened."""
    beboer = hent(session, Beboer, beboer_id)
    open_cases = select(func.count()).select_from(Restancesag)
    open_cases = open_cases.where(Restancesag.beboer_id == beboer_id, col(Restancesag.lukket).is_(None))
    counts = {"beboer": 1, **{name: n for name, n in antal_om(session, beboer_id).items() if n}}
    return render_template(
        "databeskyttelse/slet.html",
        row=row,
        form=form,
        begrænset=beboer.begrænset,
        slettes=i_ord(counts),
        åbne_sager=session.exec(open_cases).one(),
        glemsel=glemsel(session),
    )
