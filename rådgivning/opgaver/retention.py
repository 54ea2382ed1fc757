"""How long a task is kept that is no resident's: one of a resident goes with her."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from rådgivning.beboere.residents import arbejdssted
from rådgivning.nøgler.opening import destroy_key
from rådgivning.opgaver.models import Opgave
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def slet_gamle_opgaver(session: Session, før: date, højst: int) -> int:
    """Delete the helhedsplan's tasks without a resident that were done before a day, at most so many; how many."""
    hold(session)
    query = select(Opgave).where(Opgave.helhedsplan_id == arbejdssted(session), col(Opgave.beboer_id).is_(None))
    rows = session.exec(query.where(col(Opgave.udført) < før).order_by(col(Opgave.id)).limit(højst)).all()
    if rows:
        skriv(session, Handling.SLETTET, "opgave", [row.id for row in rows], anledning="slettefrist")
    for row in rows:
        session.delete(row)
        destroy_key(session, row.id)
    session.flush()
    return len(rows)
