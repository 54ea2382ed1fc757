"""Attempts at getting hold of the household: written down in two taps, taken back, never mixed with real contacts.

Knows no Flask. An attempt lies inside the case's envelope; `kontaktet`, the first day somebody was reached, is always
derived from the attempts that count.
"""

from __future__ import annotations

import uuid
from datetime import date

from sqlmodel import Session

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.restancer.models import Kontaktforsøg, Restancesag, RestancesagData
from rådgivning.restancer.storing import changed, open_locked
from rådgivning.spor.trail import aktør


def tilføj_forsøg(session: Session, sag_id: uuid.UUID, forsøg: Kontaktforsøg) -> Restancesag:
    """Write an attempt down; the same one twice (the same id) is added once. Raises IkkeFundet."""
    sag, data = open_locked(session, sag_id)
    if any(f.id == forsøg.id for f in data.forsøg):
        return sag
    data.forsøg.append(forsøg.model_copy(update={"af": forsøg.af or aktør(session).bruger_id}))
    return skriv_forsøg(session, sag, data)


def annullér_forsøg(session: Session, sag_id: uuid.UUID, forsøg_id: uuid.UUID) -> Restancesag:
    """Take an attempt back that did not happen: it stays in the case and counts for nothing. Raises IkkeFundet."""
    sag, data = open_locked(session, sag_id)
    place = next((i for i, f in enumerate(data.forsøg) if f.id == forsøg_id), None)
    if place is None:
        raise IkkeFundet("kontaktforsøg", sag_id)
    if data.forsøg[place].annulleret:
        return sag
    data.forsøg[place] = data.forsøg[place].model_copy(update={"annulleret": True})
    return skriv_forsøg(session, sag, data, "kontaktforsøg annulleret")


def gyldige(data: RestancesagData) -> list[Kontaktforsøg]:
    """The attempts that count, newest first."""
    return sorted((f for f in data.forsøg if not f.annulleret), key=lambda f: (f.dato, f.registreret), reverse=True)


def seneste(data: RestancesagData) -> Kontaktforsøg | None:
    """The last attempt that counts."""
    return max((f for f in data.forsøg if not f.annulleret), key=lambda f: (f.dato, f.registreret), default=None)


def første_truffet(data: RestancesagData) -> date | None:
    """The first day somebody of the household was reached."""
    return min((f.dato for f in data.forsøg if f.truffet and not f.annulleret), default=None)


def skriv_forsøg(
    session: Session, sag: Restancesag, data: RestancesagData, anledning: str = "kontaktforsøg"
) -> Restancesag:
    """Store a locked case whose attempts are changed."""
    data.kontaktet = første_truffet(data)
    return changed(session, sag, data, anledning)
