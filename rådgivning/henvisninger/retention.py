"""How long a referral is kept that leads to no resident: never taken up, or its resident is erased."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlmodel import Session, and_, col, or_, select

from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import arbejdssted
from rådgivning.database import COPENHAGEN
from rådgivning.henvisninger.models import Henvisning, HenvisningBehandling, Status
from rådgivning.nøgler.opening import destroy_key
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def dage_uden_beboer(session: Session, helhedsplan_id: uuid.UUID) -> Iterator[tuple[uuid.UUID, date]]:
    """Each referral that leads to no resident, with the last day something came of it. One without a resident that
    somebody is working on is not among them."""
    steps: Any = (Henvisning.taget_op, Henvisning.kontakt_opnået, Henvisning.afsluttet)
    there = select(Beboer.id).where(Beboer.id == Henvisning.beboer_id).exists()
    none, ended = col(Henvisning.beboer_id).is_(None), col(Henvisning.status).in_((Status.MODTAGET, Status.AFSLUTTET))
    query = select(Henvisning).where(
        Henvisning.helhedsplan_id == helhedsplan_id, or_(and_(none, ended), and_(~none, ~there))
    )
    for row in session.exec(query.order_by(col(Henvisning.id))).all():
        came = row.oprettet.astimezone(COPENHAGEN).date()
        yield row.id, max([came, *(day for step in steps if (day := getattr(row, step.key)) is not None)])


def slet_gamle_henvisninger(session: Session, før: date, højst: int) -> int:
    """Delete those whose last day is before `før`, at most so many; how many. What was counted stays, and an erased
    resident's key has been gone since she was."""
    hold(session)
    ids = [id_ for id_, day in dage_uden_beboer(session, arbejdssted(session)) if day < før][:højst]
    if ids:
        skriv(session, Handling.SLETTET, "henvisning", ids, anledning="slettefrist")
    for id_ in ids:
        for row in (session.get(HenvisningBehandling, id_), session.get_one(Henvisning, id_)):
            if row is not None:
                session.delete(row)
        destroy_key(session, id_)
    session.flush()
    return len(ids)
