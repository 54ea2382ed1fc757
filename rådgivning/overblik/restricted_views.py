"""A restricted resident (GDPR art. 18): her page says so, and her own beboerrådgiver can read it by giving a reason."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Ret, current_user_id, hent, kræver
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.restriction import LÆSEGRUNDE, kan_læse, læs_alligevel
from rådgivning.database import current_session, now
from rådgivning.felter import Formular, ValgFelt, påkrævet
from rådgivning.nøgler.models import Begrænsningslæsning
from rådgivning.nøgler.restriction import borte, trods_begrænsning
from rådgivning.samtykker.consents import samtykker_fra


class LæsFormular(Formular):
    """Why a restricted resident must be read."""

    grund = ValgFelt(
        "Hvorfor skal du læse oplysningerne?",
        [påkrævet("Vælg, hvorfor du skal læse oplysningerne.")],
        choices=list(LÆSEGRUNDE.items()),
        widget=ListWidget(prefix_label=False),
    )


def add_pages(bp: Blueprint) -> None:
    """`/beboere/<id>/læs-begrænset`, and `borte` for every list."""
    bp.add_app_template_global(_gone, "borte")
    bp.add_url_rule("/beboere/<uuid:id>/læs-begrænset", view_func=læs_begrænset, methods=["POST"])


def begrænset_side(session: Session, id: uuid.UUID) -> ResponseReturnValue | None:  # noqa: A002
    """The page in the place of a restricted resident's; None when she is not, or may be read just now."""
    beboer = session.get(Beboer, id)
    if beboer is None or beboer.begrænset is None:
        return None
    given = session.get(Begrænsningslæsning, (current_user_id(), id))
    if given is not None and given.til >= now():
        return None
    return _page(hent(session, Beboer, id), LæsFormular(formdata=None)), 200


@kræver(Ret.BEBOERE)
def læs_begrænset(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Give a reason, and read for a quarter of an hour."""
    session, form = current_session(), LæsFormular()
    beboer = hent(session, Beboer, id)
    if beboer.begrænset is not None:
        if not form.validate_on_submit():
            return _page(beboer, form), 422
        læs_alligevel(session, id, form.grund.data)
        session.commit()
    return redirect(f"/beboere/{id}", 303)


def _gone(beboer_id: uuid.UUID | None, slettet: str = "Slettet") -> str:
    return borte(current_session(), beboer_id, slettet)


def _page(beboer: Beboer, form: LæsFormular) -> str:
    session = current_session()
    with trods_begrænsning(session):
        holds = [linje for linje in samtykker_fra(session, beboer.id) if linje.stand.gælder and linje.data]
    egen = kan_læse(beboer, current_user_id())
    return render_template("overblik/begrænset.html", beboer=beboer, form=form, egen=egen, samtykker=holds)
