"""What is begun and not finished in signing in: short-lived rows that are used once and open nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from enum import StrEnum

from sqlmodel import Session, col, delete, select

from rådgivning.adgang.models import BrugerSession, Mellemtrin
from rådgivning.database import now

LEVETID = timedelta(minutes=5)
LEVETID_APP = timedelta(minutes=20)


class Trin(StrEnum):
    """What was begun."""

    KODE = "kode mangler"
    APP = "ny app"
    PASSKEY_IND = "passkey ind"
    PASSKEY_NY = "ny passkey"
    PASSKEY_IGEN = "passkey igen"


def begynd(
    session: Session,
    slags: Trin,
    *,
    bruger_id: uuid.UUID | None = None,
    session_id: uuid.UUID | None = None,
    data: bytes = b"",
) -> Mellemtrin:
    """Begin; what the same session had begun of the same kind is forgotten, and so is everything that ran out."""
    _alone(session, session_id)
    old = select(Mellemtrin.id).where(col(Mellemtrin.udløber) < now()).with_for_update(skip_locked=True)
    session.exec(delete(Mellemtrin).where(col(Mellemtrin.id).in_(old)))
    if session_id is not None:
        same = delete(Mellemtrin).where(col(Mellemtrin.session_id) == session_id, col(Mellemtrin.slags) == slags)
        session.exec(same)
    levetid = LEVETID_APP if slags is Trin.APP else LEVETID
    trin = Mellemtrin(slags=slags, bruger_id=bruger_id, session_id=session_id, data=data, udløber=now() + levetid)
    session.add(trin)
    return trin


def find(
    session: Session,
    slags: Trin,
    *,
    trin_id: uuid.UUID | None = None,
    session_id: uuid.UUID | None = None,
) -> Mellemtrin | None:
    """What was begun under this id, or in this session; None when it ran out. Locked, so that it is used once."""
    if trin_id is None and session_id is None:
        return None
    _alone(session, session_id)
    mine = Mellemtrin.id == trin_id if trin_id is not None else Mellemtrin.session_id == session_id
    query = select(Mellemtrin).where(mine, Mellemtrin.slags == slags, col(Mellemtrin.udløber) > now())
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def hvis(session: Session, slags: Trin, trin_id: uuid.UUID | None) -> uuid.UUID | None:
    """Whose this is that was begun, only looked at: whoever goes on locks her first, and then finds it."""
    query = select(Mellemtrin.bruger_id).where(
        Mellemtrin.id == trin_id, Mellemtrin.slags == slags, col(Mellemtrin.udløber) > now()
    )
    return session.exec(query).one_or_none() if trin_id is not None else None


def _alone(session: Session, session_id: uuid.UUID | None) -> None:
    """Lock the session first, always: two that begin in it at once would otherwise leave two rows of a kind."""
    if session_id is not None:
        session.exec(select(BrugerSession.id).where(BrugerSession.id == session_id).with_for_update()).first()


def tag(
    session: Session,
    slags: Trin,
    *,
    trin_id: uuid.UUID | None = None,
    session_id: uuid.UUID | None = None,
) -> Mellemtrin | None:
    """As find, and it is gone with this transaction, whatever comes of it."""
    trin = find(session, slags, trin_id=trin_id, session_id=session_id)
    if trin is not None:
        session.delete(trin)
    return trin


def glem_trin(session: Session, bruger_id: uuid.UUID) -> None:
    """Forget everything a user has begun: her password is another, or she is shut out."""
    session.exec(delete(Mellemtrin).where(col(Mellemtrin.bruger_id) == bruger_id))
