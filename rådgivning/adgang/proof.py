"""Proving again who one is, in a session that has begun. Knows no Flask."""

from __future__ import annotations

import math
import uuid

from sqlmodel import Session

from rådgivning.adgang.limits import Forsøg, lykkedes, tæl_forsøg
from rådgivning.adgang.login import Udfald
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.passwords import passer
from rådgivning.adgang.sessions import forny_session
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv


def bevis_igen(
    session: Session, bruger_id: uuid.UUID, session_id: uuid.UUID, nøgle: bytes, adresse: str, kodeord: str
) -> Udfald:
    """Check the password again and give the session another token. Commits itself; the password is hashed in between.

    `nøgle` is the counters' key, `adresse` where the attempt comes from.
    """
    bruger = session.get_one(Bruger, bruger_id)
    gemt, forsøg = bruger.kodeord, Forsøg(nøgle, bruger.brugernavn, adresse)
    wait = tæl_forsøg(session, forsøg)
    session.commit()
    if wait:
        return Udfald(vent=math.ceil(wait.total_seconds()))
    if not passer(kodeord, gemt):
        skriv(session, Handling.AFVIST, "bruger", [bruger_id], anledning="forkert adgangskode")
        session.commit()
        return Udfald()
    lykkedes(session, forsøg)
    token = forny_session(session, session_id)
    skriv(session, Handling.ÆNDRET, "brugersession", [session_id], anledning="bekræftet igen")
    session.commit()
    return Udfald(token)
