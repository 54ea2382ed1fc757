"""How long a booking is kept: it tells where somebody lives, and nobody needs it once the visit is long past."""

from __future__ import annotations

from sqlmodel import Session, col, select

from rådgivning.beboere.residents import arbejdssted
from rådgivning.database import today
from rådgivning.kalender.models import Aftale, AftaleNote, Optaget
from rådgivning.nøgler.opening import destroy_key
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def slet_udløbne(session: Session) -> int:
    """Delete the helhedsplan's bookings that are older than the plan keeps them, notes and keys with them; how many."""
    helhedsplan_id = arbejdssted(session)
    første = frister(session, helhedsplan_id)[Fristnavn.AFTALE].grænse(today())
    hold(session)
    query = select(Aftale).where(Aftale.helhedsplan_id == helhedsplan_id, col(Aftale.dato) < første)
    rows = session.exec(query).all()
    for aftale in rows:
        for part in (aftale, session.get(AftaleNote, aftale.id), session.get(Optaget, aftale.id)):
            if part is not None:
                session.delete(part)
        destroy_key(session, aftale.id, varig=False)
    if rows:
        skriv(session, Handling.SLETTET, "aftale", [aftale.id for aftale in rows], anledning="slettefrist")
    return len(rows)
