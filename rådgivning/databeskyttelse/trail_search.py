"""Finding entries of the trail: newest first, a page at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import Session, col, func, select

from rådgivning.database import COPENHAGEN
from rådgivning.spor.models import Spor

PÅ_EN_SIDE = 50


@dataclass(frozen=True)
class Søgning:
    """What to look for; None or "" means all. `fra` and `til` are Danish days, both included."""

    kæde: str
    bruger: uuid.UUID | None = None
    handling: str = ""
    fra: date | None = None
    til: date | None = None
    række: str = ""


@dataclass(frozen=True)
class Fund:
    """One page of entries, and how many pages there are."""

    poster: Sequence[Spor]
    antal: int
    side: int
    sider: int


def find_poster(session: Session, søgning: Søgning, side: int = 1) -> Fund:
    """A page of the entries that fit."""
    where = _conditions(søgning)
    antal = session.exec(select(func.count()).select_from(Spor).where(*where)).one()
    sider = max(1, -(-antal // PÅ_EN_SIDE))
    side = min(max(1, side), sider)
    query = select(Spor).where(*where).order_by(col(Spor.nr).desc())
    return Fund(session.exec(query.offset((side - 1) * PÅ_EN_SIDE).limit(PÅ_EN_SIDE)).all(), antal, side, sider)


def _conditions(søgning: Søgning) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [col(Spor.kæde) == søgning.kæde]
    if søgning.bruger is not None:
        where.append(or_(col(Spor.aktør) == søgning.bruger, _names(Spor.rækker, str(søgning.bruger))))
    if søgning.handling:
        where.append(col(Spor.handling) == søgning.handling)
    if søgning.fra is not None:
        where.append(col(Spor.tidspunkt) >= _midnight(søgning.fra))
    if søgning.til is not None:
        where.append(col(Spor.tidspunkt) < _midnight(søgning.til + timedelta(days=1)))
    if søgning.række:
        where.append(or_(_names(Spor.rækker, søgning.række), _names(Spor.beboere, søgning.række)))
    return where


def _names(column: object, row: str) -> ColumnElement[bool]:
    return cast(col(column), String).contains(row)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COPENHAGEN)
