"""A resident's own statements about what is written of her. Knows no Flask."""

from __future__ import annotations

import uuid

from sqlmodel import Session, col, select

from rådgivning.beboere.models import Bemærkning, BemærkningData
from rådgivning.beboere.residents import acting, arbejdssted
from rådgivning.database import today
from rådgivning.nøgler.opening import open_many, seal
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def skriv_bemærkning(session: Session, beboer_id: uuid.UUID, tekst: str, vedrører: uuid.UUID | None) -> Bemærkning:
    """Keep a statement beside a contact, or beside all of it."""
    helhedsplan_id, bruger_id = acting(session)
    row = Bemærkning(
        helhedsplan_id=helhedsplan_id, beboer_id=beboer_id, vedrører=vedrører, ejer_id=bruger_id, dato=today()
    )
    seal(session, row, BemærkningData(tekst=tekst))
    session.add(row)
    skriv(session, Handling.OPRETTET, "bemærkning", [row.id], beboere=[beboer_id])
    return row


def bemærkninger(
    session: Session, beboer_id: uuid.UUID, vedrører: uuid.UUID | None
) -> list[tuple[Bemærkning, BemærkningData]]:
    """Her statements about a contact, or about all of it, oldest first."""
    about = col(Bemærkning.vedrører) == vedrører if vedrører else col(Bemærkning.vedrører).is_(None)
    mine = (Bemærkning.helhedsplan_id == arbejdssted(session), Bemærkning.beboer_id == beboer_id, about)
    rows = session.exec(select(Bemærkning).where(*mine).order_by(col(Bemærkning.dato), col(Bemærkning.id))).all()
    opened = open_many(session, rows, BemærkningData, "vis bemærkning")
    return [(row, opened[row.id]) for row in rows if row.id in opened]


def slet_bemærkninger(session: Session, beboer_id: uuid.UUID) -> None:
    """Delete all statements of a resident who is being erased."""
    hold(session)
    mine = (Bemærkning.helhedsplan_id == arbejdssted(session), Bemærkning.beboer_id == beboer_id)
    rows = session.exec(select(Bemærkning).where(*mine)).all()
    for row in rows:
        session.delete(row)
    if rows:
        skriv(session, Handling.SLETTET, "bemærkning", [row.id for row in rows], beboere=[beboer_id])
