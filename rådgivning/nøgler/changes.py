"""Numbering of changed rows, so that what a worker keeps in memory of opened envelopes is as fresh as the database.

Every change of such a row gets the next number of its helhedsplan in `Søgeændring`, in the transaction of the change.
A worker that has seen up to number n reads what is newer than n before it answers. Rows of several tables share the
numbers; a worker that keeps another table passes them by.
"""

from __future__ import annotations

import uuid
from typing import cast

from sqlmodel import Session, func, select

from rådgivning.nøgler.models import Søgeændring

_OWN = "egne søgeændringer"


def note_change(session: Session, helhedsplan_id: uuid.UUID, række_id: uuid.UUID) -> None:
    """Number the change of a row (created, corrected, deleted).

    The caller has written to the trail in this transaction: that holds the helhedsplan's chain until the commit, so the
    numbers are given in the order in which they become visible, and no worker can pass one by.
    """
    nr = highest(session, helhedsplan_id) + 1
    change = session.get(Søgeændring, (helhedsplan_id, række_id))
    change = change or Søgeændring(helhedsplan_id=helhedsplan_id, række_id=række_id, nr=nr)
    change.nr = nr
    session.add(change)
    session.flush()
    if first_own(session) is None:
        session.info[_OWN] = session.get_transaction(), nr


def highest(session: Session, helhedsplan_id: uuid.UUID) -> int:
    """The newest number this session can see."""
    query = select(func.max(Søgeændring.nr)).where(Søgeændring.helhedsplan_id == helhedsplan_id)
    return session.exec(query).one() or 0


def first_own(session: Session) -> int | None:
    """The first number this session has given in the transaction that is still open."""
    transaction, nr = session.info.get(_OWN, (None, 0))
    return cast("int", nr) if transaction is not None and transaction is session.get_transaction() else None
