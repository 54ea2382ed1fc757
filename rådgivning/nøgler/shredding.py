"""Destroying person keys: written down in the transaction that decides it, carried out when that is durable.

A crash in between leaves a key that the next start destroys, never a row that nobody can open and nobody deleted.
"""

from __future__ import annotations

import uuid
from typing import cast

from sqlalchemy import event
from sqlmodel import Session, col, delete, func, select, update

from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.keystore import KeyStore
from rådgivning.nøgler.models import Nøglekontrol, Sletning
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

_DOOMED = "doomed"
_GONE = "Oplysningerne er slettet og kan ikke skrives igen."


def prepare_shredding(session: Session, keystore: KeyStore) -> None:
    """Let the Session's commits carry out what they decided."""
    session.info["keystore"] = keystore
    session.info[_DOOMED] = []
    event.listen(session, "after_commit", _carry_out)
    event.listen(session, "after_rollback", _forget)


def destroy_key(session: Session, person: uuid.UUID, *, varig: bool = True) -> None:
    """Make everything sealed for this person unreadable for ever, in every backup, when the Session commits."""
    skriv(session, Handling.SLETTET, "personnøgle", [person])
    session.merge(Sletning(person_id=person, varig=varig))
    session.flush()
    _doomed(session).append(person)


def data_key(session: Session, person: uuid.UUID) -> bytes:
    """The person's data key, made when she has none. Raises Shredded for one whose key is or is being destroyed."""
    keystore = cast("KeyStore", session.info["keystore"])
    if person in _doomed(session):
        raise Shredded(_GONE)
    try:
        return keystore.get(person)
    except Shredded:
        if session.get(Sletning, person) is not None:
            raise Shredded(_GONE) from None
    return keystore.get_or_create(person, newest_root(session))


def newest_root(session: Session) -> int:
    """The newest root that is in use: what a rotation writes before it wraps the first key. 0 where there is none."""
    return session.exec(select(func.max(Nøglekontrol.kid))).one() or 0


def finish_destruction(session: Session, keystore: KeyStore) -> int:
    """At start: destroy what an earlier commit decided, in case the program ended before it was done. Commits."""
    pending = session.exec(select(Sletning.person_id).where(col(Sletning.udført).is_(False))).all()
    for start in range(0, len(pending), 500):
        batch = pending[start : start + 500]
        keystore.destroy(batch)
        session.exec(update(Sletning).where(col(Sletning.person_id).in_(batch)).values(udført=True))
    session.exec(delete(Sletning).where(col(Sletning.udført).is_(True), col(Sletning.varig).is_(False)))
    session.commit()
    return len(pending)


def _doomed(session: Session) -> list[uuid.UUID]:
    return cast("list[uuid.UUID]", session.info[_DOOMED])


def _carry_out(session: Session) -> None:
    if session.in_nested_transaction() or not _doomed(session):
        return
    cast("KeyStore", session.info["keystore"]).destroy(_doomed(session))
    _doomed(session).clear()


def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        _doomed(session).clear()
