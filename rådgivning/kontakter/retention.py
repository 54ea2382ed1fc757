"""How long an anonymous contact is kept: it is counted, and nobody can build on a note about nobody."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from rådgivning.beboere.residents import arbejdssted
from rådgivning.kontakter.log import fjern_rækker
from rådgivning.kontakter.models import Kontakt
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def slet_gamle_anonyme(session: Session, før: date, højst: int) -> int:
    """Delete the helhedsplan's anonymous contacts of before a day, at most so many; how many. Their facts stay."""
    hold(session)
    query = select(Kontakt).where(Kontakt.helhedsplan_id == arbejdssted(session), col(Kontakt.beboer_id).is_(None))
    rows = list(session.exec(query.where(Kontakt.dato < før).order_by(col(Kontakt.id)).limit(højst)).all())
    if rows:
        skriv(session, Handling.SLETTET, "kontakt", [row.id for row in rows], anledning="slettefrist")
        fjern_rækker(session, rows)
    return len(rows)
