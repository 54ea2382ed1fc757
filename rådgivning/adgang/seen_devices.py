"""The browsers a user has signed in with before: known by a cookie, named by her, and a notice when one is new.

The cookie signs nobody in. It only tells whether this browser has been here before, so that a sign-in somewhere else
does not pass unnoticed.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, delete, select

from rådgivning.adgang.models import Bruger, BrugerSession, Enhed
from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.adgang.sessions import Slut, end_sessions, token_hash
from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

HUSKES: Final = timedelta(days=365)


def husk_enhed(session: Session, token: str, cookie: str, adresse: str) -> str:
    """Note on which device a session has just begun, and tell its user when she was never seen there. Commits.

    Returns what the device's cookie shall hold. Nobody is told of her very first sign-in: she has none to compare with.
    """
    row = session.get_one(BrugerSession, token_hash(token))
    bruger = session.get_one(Bruger, row.bruger_id)
    session.exec(delete(Enhed).where(col(Enhed.sidst_brugt) < now() - HUSKES))
    secret = cookie if len(cookie) == _LENGTH else secrets.token_urlsafe(32)
    device = _find(session, bruger.id, secret)
    if device is None:
        device = Enhed(bruger_id=bruger.id, mærke=_mark(secret, bruger.id), oprettet=now(), sidst_brugt=now())
        if _first(session, row):
            device.godkendt = now()
        else:
            skriv(session, Handling.LOGGET_IND, "enhed", [device.id], anledning="ny enhed")
            for tell in session.info.get("ny_enhed", ()):
                tell(session, bruger.id, row.enhed)
    device.beskrivelse, device.sidst_brugt = row.enhed, now()
    row.enhed_id, row.netværk = device.id, netværk(adresse)
    session.add_all([device, row])
    session.commit()
    return secret


def enheder(session: Session, bruger_id: uuid.UUID) -> Sequence[Enhed]:
    """A user's devices, the last used first."""
    known = select(Enhed).where(Enhed.bruger_id == bruger_id, col(Enhed.sidst_brugt) >= now() - HUSKES)
    return session.exec(known.order_by(col(Enhed.sidst_brugt).desc(), col(Enhed.id))).all()


def er_kendt(session: Session, bruger_id: uuid.UUID, cookie: str) -> bool:
    """Whether this browser is one where the user has signed in, and has not said that it was not she."""
    return _find(session, bruger_id, cookie) is not None


def hent_enhed(session: Session, bruger_id: uuid.UUID, enhed_id: uuid.UUID) -> Enhed:
    """A user's own device; raises IkkeFundet for others' and for none."""
    found = session.get(Enhed, enhed_id)
    if found is None or found.bruger_id != bruger_id:
        raise IkkeFundet("enhed", enhed_id, fremmed=found is not None)
    return found


def navngiv(session: Session, enhed: Enhed, navn: str) -> None:
    """Call a device something. The name is in no trail entry."""
    enhed.navn = navn
    session.add(enhed)
    skriv(session, Handling.ÆNDRET, "enhed", [enhed.id], anledning="navn")


def godkend(session: Session, enhed: Enhed) -> None:
    """It was she."""
    enhed.godkendt = now()
    session.add(enhed)
    skriv(session, Handling.ÆNDRET, "enhed", [enhed.id], anledning="godkendt af brugeren")


def afvis(session: Session, enhed: Enhed) -> int:
    """It was not she: the device's sessions end and it is forgotten. Returns how many sessions ended."""
    ended = glem(session, enhed)
    anledning = "ikke brugeren selv"
    skriv(session, Handling.LOGGET_UD, "enhed", [enhed.id], anledning=anledning, detaljer={"sessioner": ended})
    return ended


def glem(session: Session, enhed: Enhed) -> int:
    """Sign out on a device and forget it; the next sign-in there is one on a new device."""
    mine = select(BrugerSession.id).where(
        BrugerSession.bruger_id == enhed.bruger_id, BrugerSession.enhed_id == enhed.id
    )
    ended = sum(end_sessions(session, enhed.bruger_id, s, slut=Slut.EGEN) for s in session.exec(mine).all())
    session.delete(enhed)
    return ended


def netværk(adresse: str) -> str:
    """Where from, as much of it as one needs to tell home from office: an IPv4 /24 or an IPv6 /48; "" when unknown."""
    try:
        parsed = ipaddress.ip_address(adresse)
    except ValueError:
        return ""
    if parsed.version == 4:
        return f"{adresse.rpartition('.')[0]}.x"
    return f"{ipaddress.ip_network((parsed, 48), strict=False).network_address}/48"


_LENGTH: Final = len(secrets.token_urlsafe(32))


def _mark(cookie: str, bruger_id: uuid.UUID) -> bytes:
    return hashlib.sha256(f"{cookie}\0{bruger_id}".encode()).digest()


def _find(session: Session, bruger_id: uuid.UUID, cookie: str) -> Enhed | None:
    query = select(Enhed).where(Enhed.mærke == _mark(cookie, bruger_id), col(Enhed.sidst_brugt) >= now() - HUSKES)
    return session.exec(query).one_or_none() if cookie else None


def _first(session: Session, row: BrugerSession) -> bool:
    """Whether the user was never signed in before, as far as is remembered."""
    others = select(BrugerSession.id).where(BrugerSession.bruger_id == row.bruger_id, BrugerSession.id != row.id)
    known = select(Enhed.id).where(Enhed.bruger_id == row.bruger_id)
    return session.exec(others).first() is None and session.exec(known).first() is None
