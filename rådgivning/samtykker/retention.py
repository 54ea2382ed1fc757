"""How long a consent is kept after it has ended: as long as it may have to be shown that something was allowed."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, select

from rådgivning.beboere.residents import arbejdssted
from rådgivning.database import today
from rådgivning.samtykker.models import Samtykke
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def ophørte(session: Session, helhedsplan_id: uuid.UUID) -> list[tuple[Samtykke, date]]:
    """Each consent that has ended, with the day on which it did."""
    rows = session.exec(select(Samtykke).where(Samtykke.helhedsplan_id == helhedsplan_id).order_by(col(Samtykke.id)))
    ended = [(row, min(filter(None, (row.trukket, row.fornyet, row.til)), default=None)) for row in rows.all()]
    return [(row, day) for row, day in ended if day is not None and day <= today()]


def slet_gamle_samtykker(session: Session, før: date, højst: int, undtagen: Collection[uuid.UUID] = ()) -> int:
    """Delete the helhedsplan's consents that ended before a day, at most so many; how many. Those of the residents in
    `undtagen` are kept."""
    hold(session)
    old = [row for row, day in ophørte(session, arbejdssted(session)) if day < før]
    rows = [row for row in old if row.beboer_id not in undtagen][:højst]
    ids = [row.id for row in rows]
    if rows:
        beboere = {row.beboer_id for row in rows}
        skriv(session, Handling.SLETTET, "samtykke", ids, beboere=list(beboere), anledning="slettefrist")
    for row in rows:
        session.delete(row)
    session.flush()
    return len(ids)
