"""The browsers a user has signed in with before: known by a cookie, named by her, and a notice when one is new.

The cookie signs nobody in. It only tells whether this browser has been here before, so that a sign-in somewhere else
does not pass unnoticed. It holds a secret for each user of the browser, made here at her first sign-in in it: whoever
knows her own at a shared computer, or puts one she knows into a colleague's browser, knows nothing of the colleague's.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, delete, select

from rådgivning.adgang.limits import HEMMELIGHEDER
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import BrugerSession, Enhed
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
    bruger = lås_bruger(session, row.bruger_id)
    old = select(Enhed.id).where(col(Enhed.sidst_brugt) < now() - HUSKES).with_for_update(skip_locked=True)
    session.exec(delete(Enhed).where(col(Enhed.id).in_(old)))
    secret = kendt_hemmelighed(session, bruger.id, cookie) or secrets.token_urlsafe(32)
    device = _find(session, bruger.id, [secret]).get(secret)
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
    return ".".join([secret, *(other for other in _secrets(cookie) if other != secret)][:HEMMELIGHEDER])


def enheder(session: Session, bruger_id: uuid.UUID) -> Sequence[Enhed]:
    """A user's devices, the last used first."""
    known = select(Enhed).where(Enhed.bruger_id == bruger_id, col(Enhed.sidst_brugt) >= now() - HUSKES)
    return session.exec(known.order_by(col(Enhed.sidst_brugt).desc(), col(Enhed.id))).all()


def kendt_hemmelighed(session: Session, bruger_id: uuid.UUID, cookie: str) -> str:
    """The secret by which this browser is known as one where this very user has signed in, "" when it is not."""
    return next(iter(_find(session, bruger_id, _secrets(cookie))), "")


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


def glem_andre(session: Session, bruger_id: uuid.UUID, behold: uuid.UUID | None = None) -> None:
    """Know a user's browsers no more, all but that of the session `behold`. Ends no session."""
    here = select(BrugerSession.enhed_id).where(BrugerSession.id == behold, BrugerSession.bruger_id == bruger_id)
    kept = session.exec(here).first() if behold is not None else None
    mine = delete(Enhed).where(col(Enhed.bruger_id) == bruger_id)
    session.exec(mine.where(col(Enhed.id) != kept) if kept is not None else mine)


def netværk(adresse: str) -> str:
    """Where from, as much of it as one needs to tell home from office: an IPv4 /24 or an IPv6 /48; "" when unknown."""
    try:
        parsed = ipaddress.ip_address(adresse)
    except ValueError:
        return ""
    if parsed.version == 4:
        return f"{adresse.rpartition('.')[0]}.x"
    return f"{ipaddress.ip_network((parsed, 48), strict=False).network_address}/48"


_SECRET: Final = re.compile(r"[\w-]{43}", re.ASCII)


def _mark(cookie: str, bruger_id: uuid.UUID) -> bytes:
    return hashlib.sha256(f"{cookie}\0{bruger_id}".encode()).digest()


def _secrets(cookie: str) -> list[str]:
    """What a cookie holds that can be ours: a secret for each user of the browser, the last who signed in first."""
    return [secret for secret in cookie.split(".") if _SECRET.fullmatch(secret)][:HEMMELIGHEDER]


def _find(session: Session, bruger_id: uuid.UUID, secrets_: Sequence[str]) -> dict[str, Enhed]:
    """The user's devices among these secrets. Looked up also when there is none, so that it takes as long."""
    marks = {_mark(secret, bruger_id): secret for secret in secrets_}
    query = select(Enhed).where(col(Enhed.mærke).in_(marks), col(Enhed.sidst_brugt) >= now() - HUSKES)
    return {marks[device.mærke]: device for device in session.exec(query).all()}


def _first(session: Session, row: BrugerSession) -> bool:
    """Whether the user was never signed in before, as far as is remembered."""
    others = select(BrugerSession.id).where(BrugerSession.bruger_id == row.bruger_id, BrugerSession.id != row.id)
    known = select(Enhed.id).where(Enhed.bruger_id == row.bruger_id)
    return session.exec(others).first() is None and session.exec(known).first() is None
