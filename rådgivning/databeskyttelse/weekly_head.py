"""Once a week the head of their own chain goes to databeskyttelse, so that it lies outside the database."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.models import Besked
from rådgivning.beskeder.queue import læg_i_kø_til_rolle
from rådgivning.database import now
from rådgivning.plan.models import Helhedsplan
from rådgivning.spor.heads import hoveder, hovedtekst
from rådgivning.spor.trail import SYSTEM

HVER = timedelta(days=7)


def send_hoveder(session: Session) -> int:
    """Queue the head of each helhedsplan's chain, and of the system's, whose last is a week old; returns for how many.

    Commits as it goes; of two senders one does it.
    """
    sent = 0
    for plan_id in session.exec(select(Helhedsplan.id)).all():
        session.exec(select(Helhedsplan).where(Helhedsplan.id == plan_id).with_for_update()).one()
        since = (Besked.helhedsplan_id == plan_id, Besked.slags == Slags.SPOR_HOVED, Besked.oprettet > now() - HVER)
        if session.exec(select(Besked.id).where(*since).limit(1)).first() is None:
            text = hovedtekst(hoveder(session, [str(plan_id), SYSTEM]), now())
            læg_i_kø_til_rolle(session, plan_id, Rolle.DATABESKYTTELSE, Slags.SPOR_HOVED, tekst=text)
            sent += 1
        session.commit()
    return sent
