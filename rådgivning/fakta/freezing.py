"""Freezing: figures are counted from copies of months, so that a correction of one person's fact moves no figure.

A month is copied the first time figures of it leave, and again when the facts of at least `tærskel` persons have come,
gone or changed in it: comparing two reports then never tells of fewer. When it closes it is copied a last time. After
that nothing changes it: what comes later counts in the first open month (late.py), and what is corrected or removed
later changes nothing that is published.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import and_, delete, func, insert
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from rådgivning.database import today
from rådgivning.fakta.late import (
    Copy,
    Åben,
    afviger,
    efterregistrerede,
    kopiér,
    læs_åben,
    opsamler,
    personer,
    rettede,
    tæller,
)
from rådgivning.fakta.models import Faktum, FrossetFaktum, FrossetMåned
from rådgivning.fakta.rows import læs_måned

EFTERREGISTRERING = timedelta(days=10)
"""How long after its end a month stays open for what was not registered in time."""


def opdatér(
    session: Session,
    helhedsplan_id: uuid.UUID,
    måneder: Sequence[str],
    denne_måned: str,
    tærskel: int = 5,
    lukkes_før: str = "",
) -> dict[str, str]:
    """Bring the copies of some months up to date where that is allowed, and tell which copies they are. The caller
    commits.

    Months after `denne_måned` ("2026-11") are left out; those before `lukkes_før` are closed (`denne_måned` when left
    out). A month without a single fact is not closed before its year has ended: nobody has begun to register.
    """
    due = lukkes_før or denne_måned
    begun = [month for month in måneder if month <= denne_måned]
    stande = _stande(session, helhedsplan_id)
    closed, empty = _closed(stande), _waiting(session, stande, due)
    told = sum(stand.rettede for stand in stande.values())
    collects = opsamler(closed, empty)
    for month in begun:
        if month in closed:
            continue
        stand = stande.setdefault(month, FrossetMåned(helhedsplan_id=helhedsplan_id, måned=month, nr=-1))
        session.add(stand)
        waits = month in empty and month[:4] == due[:4]
        åben = Åben(helhedsplan_id, month, closed, month == collects)
        copied = _renew(session, stand, åben, None if month < due and not waits else tærskel)
        closing = month < due and (month[:4] < due[:4] or not _empty(session, stand))
        if åben.samler and (copied or closing):
            stand.efterregistrerede = efterregistrerede(session, helhedsplan_id, month)
            stand.rettede = max(0, rettede(session, helhedsplan_id, closed) - told + stand.rettede)
        if closing:
            stand.lukket, stand.lukket_den = True, today()
            _rewrite(session, helhedsplan_id, month)
    session.flush()
    return {month: f"{stande[month].serie}.{stande[month].nr:04}" for month in begun}


def _stande(session: Session, helhedsplan_id: uuid.UUID) -> dict[str, FrossetMåned]:
    rows = session.exec(select(FrossetMåned).where(FrossetMåned.helhedsplan_id == helhedsplan_id)).all()
    return {row.måned: row for row in rows}


def _closed(stande: Mapping[str, FrossetMåned]) -> frozenset[str]:
    return frozenset(month for month, stand in stande.items() if stand.lukket)


def _waiting(session: Session, stande: Mapping[str, FrossetMåned], due: str) -> set[str]:
    """The months that would be closed if anything were registered in them."""
    return {month for month, stand in stande.items() if month < due and not stand.lukket and _empty(session, stand)}


def lukkede(session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str] | None = None) -> frozenset[str]:
    """Which months are closed, of some or of all."""
    closed = select(FrossetMåned.måned).where(FrossetMåned.helhedsplan_id == helhedsplan_id, FrossetMåned.lukket)
    if måneder is not None:
        closed = closed.where(col(FrossetMåned.måned).in_(måneder))
    return frozenset(session.exec(closed).all())


def sene(session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Of how many persons each month counts facts that came too late for their own, and of how many facts in closed
    months had been corrected when it was copied. True counts, not to be shown as they are."""
    rows = session.exec(
        select(FrossetMåned).where(FrossetMåned.helhedsplan_id == helhedsplan_id, col(FrossetMåned.måned).in_(måneder))
    )
    return {row.måned: (row.efterregistrerede, row.rettede) for row in rows}


def antal_nu(
    session: Session,
    helhedsplan_id: uuid.UUID,
    måneder: Sequence[str],
    enhed: str,
    limits: Mapping[str, Sequence[str]],
    lukkes_før: str,
) -> int:
    """How many of a unit some months count: the closed ones by their copies, the others as it is now."""
    stande = _stande(session, helhedsplan_id)
    closed, empty = _closed(stande), _waiting(session, stande, lukkes_før)
    unclosed = [month for month in måneder if month not in closed]
    live = tæller(helhedsplan_id, unclosed, closed, samler=opsamler(closed, empty) in unclosed)
    facts, copies = Faktum.__table__, FrossetFaktum.__table__  # type: ignore[attr-defined]
    copied = and_(copies.c.helhedsplan_id == helhedsplan_id, copies.c.måned.in_(sorted(closed & set(måneder))))
    return sum(
        session.connection()
        .execute(
            rows_of(func.coalesce(func.sum(table.c.antal), 0)).where(
                own, table.c.enhed == enhed, *(table.c[column].in_(values) for column, values in limits.items())
            )
        )
        .scalar_one()
        for table, own in ((facts, live), (copies, copied))
    )


def _empty(session: Session, stand: FrossetMåned) -> bool:
    own = (FrossetFaktum.helhedsplan_id == stand.helhedsplan_id, FrossetFaktum.måned == stand.måned)
    return session.exec(select(FrossetFaktum.id).where(*own).limit(1)).first() is None


def _renew(session: Session, stand: FrossetMåned, åben: Åben, tærskel: int | None) -> bool:
    """Copy a month again, if it differs; with a threshold only when the change hides in a crowd. Tells whether."""
    if stand.nr >= 0 and not afviger(session, åben):
        return False
    live = læs_åben(session, åben)
    frozen = læs_måned(session, FrossetFaktum, stand.helhedsplan_id, stand.måned)
    if stand.nr >= 0 and tærskel is not None and _persons_changed(live, frozen) < tærskel:
        return False
    if not all(live.get(key) == fact for key, fact in frozen.items()):
        stand.serie, stand.nr = stand.serie + 1, 0
    else:
        stand.nr += 1
    _copy(session, åben, live, frozen)
    return True


def _persons_changed(live: Copy, frozen: Copy) -> int:
    """How many persons' facts have come, gone or changed."""
    changed = [
        fact
        for key in live.keys() | frozen.keys()
        if live.get(key) != frozen.get(key)
        for fact in (live.get(key) or frozen[key],)
    ]
    return personer((fact.enhed, fact.antal, fact.pseudonym) for fact in changed)


def _copy(session: Session, åben: Åben, live: Copy, frozen: Copy) -> None:
    """Make the month's copy equal to what counts in it, writing only what differs."""
    gone = [key for key, fact in frozen.items() if live.get(key) != fact]
    come = [key for key, fact in live.items() if frozen.get(key) != fact]
    copies = FrossetFaktum.__table__  # type: ignore[attr-defined]
    for part in _parts(gone):
        session.execute(delete(copies).where(copies.c.måned == åben.måned, copies.c.id.in_(part)))
    for part in _parts(come):
        kopiér(session, åben, part)


def _rewrite(session: Session, helhedsplan_id: uuid.UUID, month: str) -> None:
    """Store a closed month's facts anew in key order: PostgreSQL keeps rows in the order they came, SQLite does not."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in (Faktum.__table__, FrossetFaktum.__table__):  # type: ignore[attr-defined]
        own = (table.c.helhedsplan_id == helhedsplan_id) & (table.c.måned == month)
        rows = [dict(row) for row in session.execute(rows_of(table).where(own).order_by(table.c.id)).mappings()]
        session.execute(delete(table).where(own))
        if rows:
            session.execute(insert(table), rows)
    session.expire_all()


def _parts(ids: list[uuid.UUID]) -> list[list[uuid.UUID]]:
    """Databases limit the number of parameters of a statement."""
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]
