"""What is planned: a week by day, a few days for I dag, what waits for an answer, and when somebody is busy."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.beboere.residents import acting
from rådgivning.dansk import dato as vis_dato
from rådgivning.dansk import helligdag, klokkeslæt
from rådgivning.database import today
from rådgivning.kalender.bookings import egen_side
from rådgivning.kalender.models import Aftale, AftaleData, Optaget, OptagetData
from rådgivning.kalender.states import STÅR, Status, overlapper, slut
from rådgivning.nøgler.opening import open_many
from rådgivning.spor.trail import aktør

UGE = timedelta(days=7)
UGEDAGE = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")


@dataclass(frozen=True)
class Besøg:
    """A booking in a list; `data` is None when it can no longer be read."""

    aftale: Aftale
    data: AftaleData | None

    @property
    def start(self) -> time:
        """When it begins; midnight when that cannot be read."""
        return self.data.start if self.data else time(0)

    @property
    def tid(self) -> str:
        """`10.00–10.45`."""
        return tidsrum(self.data.start, self.data.varighed) if self.data else ""


@dataclass(frozen=True)
class Kalenderdag:
    """A day of the week: its visits, and when a beboerrådgiver is busy elsewhere, as (time, her id)."""

    dato: date
    besøg: list[Besøg]
    optaget: list[tuple[str, uuid.UUID | None]]

    @property
    def helligdag(self) -> str:
        """The name of the public holiday, or ""."""
        return helligdag(self.dato)


def tidsrum(start: time, varighed: int) -> str:
    """`10.00–10.45`."""
    return f"{klokkeslæt(start)}–{klokkeslæt(slut(start, varighed))}"


def mandag(dag: date) -> date:
    """The Monday of the day's ISO week."""
    return dag - timedelta(days=dag.weekday())


def besøg_mellem(session: Session, fra: date, til: date, anledning: str, *, alle: bool = True) -> list[Besøg]:
    """The bookings from one day to another, by time; without `alle` only those that stand."""
    statuser = list(Status) if alle else list(STÅR)
    where = (col(Aftale.dato) >= fra, col(Aftale.dato) <= til, col(Aftale.status).in_(statuser))
    return _open(session, where, anledning)


def venter(session: Session, anledning: str) -> list[Besøg]:
    """The proposals from today on that the actor's side has not answered."""
    where = (col(Aftale.dato) >= today(), col(Aftale.status) == Status.FORESLÅET)
    egen = egen_side(session)
    return [b for b in _open(session, where, anledning) if b.data and b.data.afventer == egen]


def ugen(session: Session, dag: date) -> list[Kalenderdag]:
    """The week of a day, Monday to Sunday."""
    fra = mandag(dag)
    til = fra + UGE - timedelta(days=1)
    besøg = besøg_mellem(session, fra, til, "kalender")
    elsewhere = _busy(session, fra, til, "kalender", uden=[b.aftale.id for b in besøg])
    return [
        Kalenderdag(
            day,
            [b for b in besøg if b.aftale.dato == day],
            [(tidsrum(d.start, d.varighed), d.rådgiver_id) for row, d in elsewhere if row.dato == day],
        )
        for day in (fra + timedelta(days=n) for n in range(7))
    ]


def advarsler(
    session: Session, dato: date, start: time, varighed: int, rådgiver_id: uuid.UUID | None, egen: uuid.UUID
) -> list[str]:
    """What speaks against a time, in Danish sentences: she is busy, or it is no working day. `egen` is the booking."""
    found = []
    if name := helligdag(dato):
        found.append(f"Den {vis_dato(dato)} er en helligdag ({name.lower()}).")
    elif dato.weekday() > 4:
        found.append(f"Den {vis_dato(dato)} er en {UGEDAGE[dato.weekday()]}.")
    busy = sammenstød(session, dato, start, varighed, rådgiver_id, egen)
    return found + [f"Beboerrådgiveren har et andet besøg kl. {other}." for other in busy]


def sammenstød(
    session: Session, dato: date, start: time, varighed: int, rådgiver_id: uuid.UUID | None, egen: uuid.UUID
) -> list[str]:
    """When a beboerrådgiver already has a visit that shares time with this one, whoever booked it."""
    hers = [
        data for _row, data in _busy(session, dato, dato, "optaget", uden=[egen]) if data.rådgiver_id == rådgiver_id
    ]
    return [tidsrum(d.start, d.varighed) for d in hers if overlapper(start, varighed, d.start, d.varighed)]


def navne(session: Session, ids: Sequence[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """The users' names by id, blocked ones included."""
    wanted = {i for i in ids if i is not None}
    if not wanted:
        return {}
    return {b.id: b.navn for b in session.exec(select(Bruger).where(col(Bruger.id).in_(wanted))).all()}


def _open(session: Session, where: Sequence[ColumnElement[bool]], anledning: str) -> list[Besøg]:
    helhedsplan_id, _bruger = acting(session)
    query = select(Aftale).where(Aftale.helhedsplan_id == helhedsplan_id, *where)
    if aktør(session).omfang("aftale") == "organisation":
        query = query.where(Aftale.boligorganisation == aktør(session).boligorganisation)
    rows = session.exec(query).all()
    data = open_many(session, rows, AftaleData, anledning)
    found = [Besøg(row, data.get(row.id)) for row in rows]
    return sorted(found, key=lambda b: (b.aftale.dato, b.start, b.aftale.id))


def _busy(
    session: Session, fra: date, til: date, anledning: str, uden: Sequence[uuid.UUID]
) -> list[tuple[Optaget, OptagetData]]:
    """Busy times of the days but those of the bookings named, by time."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Optaget).where(Optaget.helhedsplan_id == helhedsplan_id, col(Optaget.id).not_in(uden))
    rows = session.exec(query.where(col(Optaget.dato) >= fra, col(Optaget.dato) <= til)).all()
    data = open_many(session, rows, OptagetData, anledning)
    return sorted(((row, data[row.id]) for row in rows if row.id in data), key=lambda pair: pair[1].start)
