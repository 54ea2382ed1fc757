"""Proving again who one is, in a session that has begun: with everything one signs in with. Knows no Flask."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass

from sqlmodel import Session

from rådgivning.adgang.factors import PASSKEY, har_faktor
from rådgivning.adgang.limits import lykkedes, tæl_forsøg
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.login import Forbindelse, Udfald
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.passkeys import PasskeyFejl, Sted, brug_passkey
from rådgivning.adgang.passwords import passer
from rådgivning.adgang.second_step import afvis_passkey, brug_koden, tæl_koden
from rådgivning.adgang.sessions import forny_session
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

TJENESTE = "oidc"


@dataclass(frozen=True)
class Mig:
    """Whose session it is, from where the attempt comes, and what the session was begun with besides a password."""

    bruger_id: uuid.UUID
    session_id: uuid.UUID
    fra: Forbindelse
    faktor: str = ""


def bevis_igen(session: Session, mig: Mig, kodeord: str, kode: str) -> Udfald:
    """Check the password again, and a code when she has a second factor; another token is the session's. Commits.

    Where the second factor lies at a sign-in service, a password alone proves less than the session began with.
    """
    bruger = session.get_one(Bruger, mig.bruger_id)
    gemt, forsøg = bruger.kodeord, mig.fra.forsøg(session, bruger.brugernavn, bruger.id)
    two = har_faktor(session, mig.bruger_id)
    if (two and not kode) or (not two and mig.faktor == TJENESTE):
        return _refused(session, mig, Udfald(kode=two), "mangler anden faktor")
    wait = tæl_forsøg(session, forsøg)
    session.commit()
    if wait:
        return Udfald(vent=math.ceil(wait.total_seconds()))
    if not passer(kodeord, gemt):
        return _refused(session, mig, Udfald(), "forkert adgangskode")
    prøvet = tæl_koden(session, mig.bruger_id, forsøg, kode) if two else None
    bruger = lås_bruger(session, mig.bruger_id)
    if bruger.kodeord != gemt or bruger.spærret is not None or har_faktor(session, mig.bruger_id) != two:
        return _refused(session, mig, Udfald(), "forkert adgangskode")
    faktor = ""
    if prøvet is not None:
        faktor = "" if prøvet.vent else brug_koden(session, mig.bruger_id, forsøg, prøvet)
        if not faktor:
            return _refused(session, mig, Udfald(vent=prøvet.vent, kode=True), "forkert kode")
    lykkedes(session, forsøg)
    return _renew(session, mig, faktor or None)


def bevis_med_passkey(session: Session, mig: Mig, her: Sted, svar: str) -> Udfald:
    """Check one of her own passkeys; another token is the session's. Commits itself."""
    lås_bruger(session, mig.bruger_id)
    try:
        brug_passkey(session, her, svar, session_id=mig.session_id)
    except PasskeyFejl as fejl:
        afvis_passkey(session, fejl)
        session.commit()
        return Udfald()
    return _renew(session, mig, PASSKEY)


def _renew(session: Session, mig: Mig, faktor: str | None) -> Udfald:
    token = forny_session(session, mig.session_id, faktor)
    skriv(session, Handling.ÆNDRET, "brugersession", [mig.session_id], anledning="bekræftet igen")
    session.commit()
    return Udfald(token)


def _refused(session: Session, mig: Mig, udfald: Udfald, anledning: str) -> Udfald:
    skriv(session, Handling.AFVIST, "bruger", [mig.bruger_id], anledning=anledning)
    session.commit()
    return udfald
