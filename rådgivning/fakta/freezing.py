"""Freezing: figures are counted from copies of months, so that a correction of one person's fact moves no figure.

A month is copied the first time figures of it leave, once more after it has ended, and otherwise only when the facts of
at least `tærskel` persons have come, gone or changed in it: comparing two reports then never tells of fewer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert
from sqlalchemy import select as rows_of
from sqlmodel import Session, select

from rådgivning.fakta.models import Faktum, FaktumKolonner, FrossetFaktum, FrossetMåned
from rådgivning.fakta.rows import Fakta, læs

Copy = dict[tuple[str, uuid.UUID], Fakta]


@dataclass(frozen=True)
class Frosset:
    """The facts that may be counted, and for each month that has begun which copy of it they are."""

    fakta: Sequence[Fakta]
    stande: Mapping[str, str]


def frys(
    session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str], denne_måned: str, tærskel: int = 5
) -> Frosset:
    """Bring the copies of some months up to date where that is allowed, and give them. The caller commits.

    Months after `denne_måned` ("2026-11") are left out.
    """
    begun = [month for month in måneder if month <= denne_måned]
    live, frozen = (
        _by_month(læs(session, Faktum, helhedsplan_id, begun)),
        _by_month(læs(session, FrossetFaktum, helhedsplan_id, begun)),
    )
    stande = {
        row.måned: row
        for row in session.exec(select(FrossetMåned).where(FrossetMåned.helhedsplan_id == helhedsplan_id)).all()
    }
    facts: list[Fakta] = []
    for month in begun:
        now, before = live.get(month, {}), frozen.get(month, {})
        stand = stande.get(month) or FrossetMåned(helhedsplan_id=helhedsplan_id, måned=month)
        over = month < denne_måned
        if month not in stande or (now != before and _may_move(stand, now, before, over, tærskel)):
            _advance(stand, now, before, new=month not in stande)
            _copy(session, helhedsplan_id, month, now, before)
            before = now
        if over and not stand.lukket:
            stand.lukket = True
            _rewrite(session, helhedsplan_id, month)
        stande[month] = stand
        session.add(stand)
        facts += before.values()
    return Frosset(facts, {month: f"{stande[month].serie}.{stande[month].nr:04}" for month in begun})


def _by_month(facts: Copy) -> dict[str, Copy]:
    months: dict[str, Copy] = {}
    for key, fact in facts.items():
        months.setdefault(key[0], {})[key] = fact
    return months


def _may_move(stand: FrossetMåned, now: Copy, before: Copy, over: bool, tærskel: int) -> bool:
    """After a month's end its last copy is taken whatever came; otherwise a change must hide in a crowd."""
    if over and not stand.lukket:
        return True
    changed = [
        fact
        for key in now.keys() | before.keys()
        if now.get(key) != before.get(key)
        for fact in (now.get(key) or before[key],)
    ]
    heads = sum(fact.antal for fact in changed if fact.enhed == "fremmøde")
    named = {fact.pseudonym for fact in changed if fact.pseudonym is not None}
    nameless = sum(1 for fact in changed if fact.pseudonym is None and fact.enhed != "fremmøde")
    return max(heads, len(named) + nameless) >= tærskel


def _advance(stand: FrossetMåned, now: Copy, before: Copy, *, new: bool) -> None:
    if new:
        return
    if all(now.get(key) == fact for key, fact in before.items()):
        stand.nr += 1
    else:
        stand.serie, stand.nr = stand.serie + 1, 0


def _copy(session: Session, helhedsplan_id: uuid.UUID, month: str, now: Copy, before: Copy) -> None:
    """Make the month's copy equal to its facts, writing only what differs."""
    gone = [key[1] for key, fact in before.items() if now.get(key) != fact]
    come = [key[1] for key, fact in now.items() if before.get(key) != fact]
    frozen, live = FrossetFaktum.__table__, Faktum.__table__  # type: ignore[attr-defined]
    names = ["id", *FaktumKolonner.model_fields]
    for part in _parts(gone):
        session.execute(delete(frozen).where(frozen.c.måned == month, frozen.c.id.in_(part)))
    for part in _parts(come):
        source = rows_of(*(live.c[name] for name in names)).where(live.c.id.in_(part)).order_by(live.c.id)
        session.execute(insert(frozen).from_select(names, source))
    session.flush()


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
