"""Visits in the calendar that go along when residents are handed over. A booking names no resident, so the giver says
which; the calendar tells the other side, and who is to go. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlmodel import Session, col, select

from rådgivning.beboere.residents import acting
from rådgivning.database import today
from rådgivning.kalender import bookings
from rådgivning.kalender.models import Aftale, AftaleData
from rådgivning.kalender.states import STÅR, Status
from rådgivning.nøgler.opening import open_many
from rådgivning.overblik.models import Overdragelse

AFTALE = "aftale"


def kommende(session: Session, rådgiver_id: uuid.UUID) -> list[tuple[Aftale, AftaleData]]:
    """The visits a beboerrådgiver is to make, the next one first."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Aftale).where(
        Aftale.helhedsplan_id == helhedsplan_id,
        col(Aftale.dato) >= today(),
        col(Aftale.status).in_(STÅR - {Status.GENNEMFØRT}),
    )
    rows = session.exec(query).all()
    data = open_many(session, rows, AftaleData, "overdrag")
    hers = [(row, data[row.id]) for row in rows if row.id in data and data[row.id].rådgiver_id == rådgiver_id]
    return sorted(hers, key=lambda pair: (pair[0].dato, pair[1].start, pair[0].id))


def flyt_aftaler(session: Session, ids: Collection[uuid.UUID], fra: uuid.UUID, til: uuid.UUID) -> list[uuid.UUID]:
    """Let another go to these visits; of those that are `fra`'s and still stand. Gives which they were."""
    moved = [row for row, _data in kommende(session, fra) if row.id in ids] if ids else []
    for row in moved:
        bookings.ret(session, row.id, {"rådgiver_id": til}, version=row.version)
    return [row.id for row in moved]


def tag_aftaler_med(session: Session, row: Overdragelse, ids: Collection[uuid.UUID]) -> None:
    """Move visits of the giver's with a handover of hers."""
    moved = flyt_aftaler(session, ids, row.fra_id, row.til_id)
    row.rækker = {**row.rækker, AFTALE: {str(i): "" for i in moved}}
    row.sager += len(moved)
    session.add(row)


def flyt_aftaler_tilbage(session: Session, row: Overdragelse) -> None:
    """Let the giver go again to those that are still to come."""
    flyt_aftaler(session, [uuid.UUID(i) for i in row.rækker.get(AFTALE, ())], row.til_id, row.fra_id)
