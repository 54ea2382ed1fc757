"""Finding entries of the trail, a page at a time by the number of its last entry, and walking all that fit.

What names a resident or a row is found by the table of names, however long the trail is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from rådgivning.database import COPENHAGEN
from rådgivning.spor.models import Spor, SporNævnt

PÅ_EN_SIDE = 50
_BATCH = 1000


@dataclass(frozen=True)
class Søgning:
    """What to look for; None or "" means all. `fra` and `til` are Danish days, both included."""

    kæde: str
    bruger: uuid.UUID | None = None
    handling: str = ""
    genstand: str = ""
    fra: date | None = None
    til: date | None = None
    række: str = ""


@dataclass(frozen=True)
class Fund:
    """One page of entries. `næste` is the number to go on from, None on the last page."""

    poster: Sequence[Spor]
    næste: int | None


def find_poster(session: Session, søgning: Søgning, fra_nr: int | None = None, *, ældste_først: bool = False) -> Fund:
    """A page of the entries that fit, the newest first unless asked otherwise, beginning after number `fra_nr`.

    Any page costs the same, however long the trail is: no entries are counted or passed by.
    """
    query, nr = _fitting(søgning)
    if fra_nr is not None:
        query = query.where(nr > fra_nr if ældste_først else nr < fra_nr)
    found = session.exec(query.order_by(nr if ældste_først else nr.desc()).limit(PÅ_EN_SIDE + 1)).all()
    page = found[:PÅ_EN_SIDE]
    return Fund(page, page[-1].nr if len(found) > PÅ_EN_SIDE else None)


def antal_poster(session: Session, søgning: Søgning) -> tuple[int, int]:
    """How many entries fit, and the number of the last of them."""
    fitting = _fitting(søgning)[0].subquery()
    antal, last = session.exec(
        select(func.count(), func.coalesce(func.max(fitting.c.nr), 0)).select_from(fitting)
    ).one()
    return antal, last


def alle_poster(session: Session, søgning: Søgning, til_nr: int) -> Iterator[Spor]:
    """Every entry that fits up to a number, oldest first, in short transactions."""
    last = 0
    query, nr = _fitting(søgning)
    while True:
        page = session.exec(query.where(nr <= til_nr, nr > last).order_by(nr).limit(_BATCH)).all()
        session.expunge_all()
        session.rollback()
        yield from page
        if len(page) < _BATCH:
            return
        last = page[-1].nr


def _fitting(søgning: Søgning) -> tuple[SelectOfScalar[Spor], Mapped[int]]:
    """The entries that fit, and the column to page by: that of the names where one is looked for."""
    where = _conditions(søgning)
    if not søgning.række:
        return select(Spor).where(*where), col(Spor.nr)
    same = and_(col(Spor.kæde) == col(SporNævnt.kæde), col(Spor.nr) == col(SporNævnt.nr))
    named = (SporNævnt.kæde == søgning.kæde, SporNævnt.om == søgning.række)
    return select(Spor).join(SporNævnt, same).where(*named, *where), col(SporNævnt.nr)


def _conditions(søgning: Søgning) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [col(Spor.kæde) == søgning.kæde]
    if søgning.bruger is not None:
        where.append(or_(col(Spor.aktør) == søgning.bruger, col(Spor.nr).in_(_naming(søgning))))
    if søgning.handling:
        where.append(col(Spor.handling) == søgning.handling)
    if søgning.genstand:
        where.append(col(Spor.genstand) == søgning.genstand)
    if søgning.fra is not None:
        where.append(col(Spor.tidspunkt) >= midnat(søgning.fra))
    if søgning.til is not None:
        where.append(col(Spor.tidspunkt) < midnat(søgning.til + timedelta(days=1)))
    return where


def _naming(søgning: Søgning) -> SelectOfScalar[int]:
    """The numbers of the entries that name a user."""
    return select(SporNævnt.nr).where(SporNævnt.kæde == søgning.kæde, SporNævnt.om == str(søgning.bruger))


def midnat(day: date) -> datetime:
    """When a Danish day begins."""
    return datetime.combine(day, time(), COPENHAGEN)
