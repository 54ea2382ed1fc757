"""Freezing: figures are counted from copies of months, so that a correction of one person's fact moves no figure.

A month is copied the first time figures of it leave, once more after it has ended, and otherwise only when the facts of
at least `tærskel` persons have come, gone or changed in it: comparing two reports then never tells of fewer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, insert
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from rådgivning.fakta.models import Faktum, FaktumKolonner, FrossetFaktum, FrossetMåned
from rådgivning.fakta.rows import Fakta, læs, læs_måned

Copy = dict[uuid.UUID, Fakta]


@dataclass(frozen=True)
class Frosset:
    """The facts that may be counted, and for each month that has begun which copy of it they are."""

    fakta: Sequence[Fakta]
    stande: Mapping[str, str]


def frys(
    session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str], denne_måned: str, tærskel: int = 5
) -> Frosset:
    """Bring the copies of some months up to date where that is allowed, and give them. The caller commits."""
    stande = opdatér(session, helhedsplan_id, måneder, denne_måned, tærskel)
    return Frosset(læs(session, helhedsplan_id, stande), stande)


def opdatér(
    session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str], denne_måned: str, tærskel: int = 5
) -> dict[str, str]:
    """Bring the copies of some months up to date where that is allowed, and tell which copies they are. The caller
    commits.

    Months after `denne_måned` ("2026-11") are left out.
    """
    begun = [month for month in måneder if month <= denne_måned]
    stande = {
        row.måned: row
        for row in session.exec(select(FrossetMåned).where(FrossetMåned.helhedsplan_id == helhedsplan_id)).all()
    }
    changed = _changed_months(session, helhedsplan_id, begun)
    for month in begun:
        over = month < denne_måned
        if month not in stande:
            stande[month] = FrossetMåned(helhedsplan_id=helhedsplan_id, måned=month, nr=-1)
            session.add(stande[month])
            _renew(session, stande[month], None)
        elif month in changed:
            _renew(session, stande[month], None if over and not stande[month].lukket else tærskel)
        if over and not stande[month].lukket:
            stande[month].lukket = True
            _rewrite(session, helhedsplan_id, month)
    session.flush()
    return {month: f"{stande[month].serie}.{stande[month].nr:04}" for month in begun}


def lukkede(session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str]) -> frozenset[str]:
    """Which of some months are closed."""
    closed = select(FrossetMåned.måned).where(
        FrossetMåned.helhedsplan_id == helhedsplan_id, FrossetMåned.lukket, col(FrossetMåned.måned).in_(måneder)
    )
    return frozenset(session.exec(closed).all())


def _changed_months(session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str]) -> set[str]:
    """The months whose facts are no longer what their copy says, found by the database."""
    live, frozen = Faktum.__table__, FrossetFaktum.__table__  # type: ignore[attr-defined]
    same_fact = (frozen.c.måned == live.c.måned) & (frozen.c.id == live.c.id)
    same = [live.c[name].is_not_distinct_from(frozen.c[name]) for name in Fakta._fields if name != "måned"]
    found: set[str] = set()
    for here, other, match in ((live, frozen, and_(same_fact, *same)), (frozen, live, same_fact)):
        query = (
            rows_of(here.c.måned)
            .distinct()
            .select_from(here.outerjoin(other, match))
            .where(here.c.helhedsplan_id == helhedsplan_id, here.c.måned.in_(måneder), other.c.id.is_(None))
        )
        found.update(session.connection().execute(query).scalars())
    return found


def _renew(session: Session, stand: FrossetMåned, tærskel: int | None) -> None:
    """Copy a month again; with a threshold only when the change hides in a crowd."""
    live = læs_måned(session, Faktum, stand.helhedsplan_id, stand.måned)
    frozen = læs_måned(session, FrossetFaktum, stand.helhedsplan_id, stand.måned)
    if tærskel is not None and _persons_changed(live, frozen) < tærskel:
        return
    if not all(live.get(key) == fact for key, fact in frozen.items()):
        stand.serie, stand.nr = stand.serie + 1, 0
    else:
        stand.nr += 1
    _copy(session, stand, live, frozen)


def _persons_changed(live: Copy, frozen: Copy) -> int:
    """How many persons' facts have come, gone or changed."""
    changed = [
        fact
        for key in live.keys() | frozen.keys()
        if live.get(key) != frozen.get(key)
        for fact in (live.get(key) or frozen[key],)
    ]
    heads = sum(fact.antal for fact in changed if fact.enhed == "fremmøde")
    named = {fact.pseudonym for fact in changed if fact.pseudonym is not None}
    nameless = sum(1 for fact in changed if fact.pseudonym is None and fact.enhed != "fremmøde")
    return max(heads, len(named) + nameless)


def _copy(session: Session, stand: FrossetMåned, live: Copy, frozen: Copy) -> None:
    """Make the month's copy equal to its facts, writing only what differs."""
    gone = [key for key, fact in frozen.items() if live.get(key) != fact]
    come = [key for key, fact in live.items() if frozen.get(key) != fact]
    copies, facts = FrossetFaktum.__table__, Faktum.__table__  # type: ignore[attr-defined]
    names = ["id", *FaktumKolonner.model_fields]
    for part in _parts(gone):
        session.execute(delete(copies).where(copies.c.måned == stand.måned, copies.c.id.in_(part)))
    for part in _parts(come):
        source = rows_of(*(facts.c[name] for name in names)).where(facts.c.id.in_(part)).order_by(facts.c.id)
        session.execute(insert(copies).from_select(names, source))


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
