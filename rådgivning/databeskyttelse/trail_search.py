"""Finding entries of the trail, a page at a time by the number of its last entry, and walking all that fit."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import Session, col, func, select

from rådgivning.database import COPENHAGEN
from rådgivning.spor.models import Spor

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
    where = _conditions(søgning)
    if fra_nr is not None:
        where.append(col(Spor.nr) > fra_nr if ældste_først else col(Spor.nr) < fra_nr)
    order = col(Spor.nr).asc() if ældste_først else col(Spor.nr).desc()
    found = session.exec(select(Spor).where(*where).order_by(order).limit(PÅ_EN_SIDE + 1)).all()
    page = found[:PÅ_EN_SIDE]
    return Fund(page, page[-1].nr if len(found) > PÅ_EN_SIDE else None)


def antal_poster(session: Session, søgning: Søgning) -> tuple[int, int]:
    """How many entries fit, and the number of the last of them."""
    query = select(func.count(), func.coalesce(func.max(Spor.nr), 0)).select_from(Spor).where(*_conditions(søgning))
    antal, last = session.exec(query).one()
    return antal, last


def alle_poster(session: Session, søgning: Søgning, til_nr: int) -> Iterator[Spor]:
    """Every entry that fits up to a number, oldest first, in short transactions."""
    where, last = [*_conditions(søgning), col(Spor.nr) <= til_nr], 0
    while True:
        page = session.exec(select(Spor).where(*where, col(Spor.nr) > last).order_by(col(Spor.nr)).limit(_BATCH)).all()
        session.expunge_all()
        session.rollback()
        yield from page
        if len(page) < _BATCH:
            return
        last = page[-1].nr


def _conditions(søgning: Søgning) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [col(Spor.kæde) == søgning.kæde]
    if søgning.bruger is not None:
        where.append(or_(col(Spor.aktør) == søgning.bruger, _names(Spor.rækker, str(søgning.bruger))))
    if søgning.handling:
        where.append(col(Spor.handling) == søgning.handling)
    if søgning.genstand:
        where.append(col(Spor.genstand) == søgning.genstand)
    if søgning.fra is not None:
        where.append(col(Spor.tidspunkt) >= midnat(søgning.fra))
    if søgning.til is not None:
        where.append(col(Spor.tidspunkt) < midnat(søgning.til + timedelta(days=1)))
    if søgning.række:
        where.append(or_(_names(Spor.rækker, søgning.række), _names(Spor.beboere, søgning.række)))
    return where


def _names(column: object, row: str) -> ColumnElement[bool]:
    return cast(col(column), String).contains(row)


def midnat(day: date) -> datetime:
    """When a Danish day begins."""
    return datetime.combine(day, time(), COPENHAGEN)
