"""Shutting a user out and changing what she may: every door she has ends in the same transaction, and what she had
typed and not saved goes with it. Knows no Flask."""

from __future__ import annotations

from sqlmodel import Session

from rådgivning.adgang.factors import nulstil, underret
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import gem_kodeord, skift_rolle, spær_bruger
from rådgivning.kalender.subscriptions import tilbagekald_for


def luk_ude(session: Session, bruger: Bruger) -> None:
    """Block a user: all her sessions on all machines end, the address of her calendar feed, and her drafts."""
    spær_bruger(session, bruger)
    tilbagekald_for(session, bruger.id)


def giv_rolle(session: Session, bruger: Bruger, rolle: Rolle, boligorganisation: str) -> bool:
    """Another role or boligorganisation; False when it is the one she has. Raises BrugerFejl.

    Her sessions and the address of her calendar feed end: both were given out for what she might do before.
    """
    if (bruger.rolle, bruger.boligorganisation) == (rolle, boligorganisation):
        return False
    skift_rolle(session, bruger, rolle, boligorganisation)
    tilbagekald_for(session, bruger.id)
    return True


def ny_adgang(session: Session, bruger: Bruger, hashed: str, *, faktorer: bool) -> None:
    """A one-time password (its hash) to hand over; the old one, all sessions and the calendar feed's address end.

    `faktorer`: her passkeys, apps and recovery codes go as well, because she has lost them; she sets up new ones.
    """
    if faktorer:
        nulstil(session, bruger)
    else:
        underret(session, bruger.id)
    gem_kodeord(session, bruger, hashed, skal_skifte=True)
    tilbagekald_for(session, bruger.id)
