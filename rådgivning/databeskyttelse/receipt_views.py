"""Receipts of erasure: the list, and one to print."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlmodel import col, func, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, hent, kræver
from rådgivning.database import current_session, today
from rådgivning.databeskyttelse.models import Kvittering
from rådgivning.databeskyttelse.receipts import ÅRSAGER, i_ord

SIDELÆNGDE = 25


def add_pages(bp: Blueprint) -> None:
    """`/databeskyttelse/kvitteringer`."""
    bp.add_url_rule("/databeskyttelse/kvitteringer", view_func=kvitteringer)
    bp.add_url_rule("/databeskyttelse/kvitteringer/<uuid:kvittering_id>", view_func=kvittering)


@kræver(Ret.REGISTREREDE)
def kvitteringer() -> ResponseReturnValue:
    """All receipts, newest first."""
    session, side = current_session(), sidetal()
    mine = Kvittering.helhedsplan_id == current_helhedsplan_id()
    antal = session.exec(select(func.count()).select_from(Kvittering).where(mine)).one()
    order = (col(Kvittering.tidspunkt).desc(), col(Kvittering.id))
    page = select(Kvittering).where(mine).order_by(*order).offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)
    return render_template(
        "databeskyttelse/kvitteringer.html",
        rækker=session.exec(page).all(),
        årsager=ÅRSAGER,
        side=side,
        sider=max(1, -(-antal // SIDELÆNGDE)),
        idag=today(),
    )


@kræver(Ret.REGISTREREDE)
def kvittering(kvittering_id: uuid.UUID) -> ResponseReturnValue:
    """One receipt, to be printed and given to whom it concerns."""
    session = current_session()
    row = hent(session, Kvittering, kvittering_id)
    by = session.get(Bruger, row.af) if row.af else None
    return render_template(
        "databeskyttelse/kvittering.html",
        row=row,
        af=by.navn if by else "Programmet",
        årsager=ÅRSAGER,
        slettet=i_ord(row.antal),
        idag=today(),
    )
