"""What every change of a task ends with: the row held, its next version, the trace. Knows no Flask."""

from __future__ import annotations

import uuid

from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, hent
from rådgivning.opgaver.models import Opgave
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def lock(session: Session, id: uuid.UUID) -> Opgave:  # noqa: A002
    """The row, held until the commit."""
    hold(session)
    query = select(Opgave).where(Opgave.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("opgave", id)
    return hent(session, Opgave, id)


def changed(session: Session, opgave: Opgave, anledning: str = "") -> Opgave:
    """Store a changed task as its next version; `anledning` says in the trail what was changed."""
    opgave.version += 1
    session.add(opgave)
    trace(session, Handling.ÆNDRET, opgave, anledning)
    return opgave


def trace(session: Session, handling: Handling, opgave: Opgave, anledning: str = "") -> None:
    """Write to the trail what was done with a task."""
    beboere = [opgave.beboer_id] if opgave.beboer_id else []
    skriv(session, handling, "opgave", [opgave.id], beboere=beboere, anledning=anledning)
