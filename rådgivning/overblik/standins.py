"""Planned stand-ins: for a holiday or a leave a colleague sees all of somebody's residents, so that break-glass stays
for what nobody could plan. Whose residents they are names her, or databeskyttelse does. Knows no Flask."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Vikar
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Rolle, hent
from rådgivning.beboere.colleagues import rådgivere
from rådgivning.beboere.residents import acting
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import now, today
from rådgivning.nøgler.covering import glem_forbindelse
from rådgivning.overblik.emergency import navne
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

LÆNGST = timedelta(days=366)
SES_I = timedelta(days=90)


@dataclass(frozen=True)
class Vikarlinje:
    """A stand-in with names."""

    vikar: Vikar
    hvem: str
    for_hvem: str

    @property
    def gælder(self) -> bool:
        """Whether it holds today or is still to come."""
        return self.vikar.sluttet is None and self.vikar.til >= today()


def navngiv(session: Session, *, for_id: uuid.UUID, vikar_id: uuid.UUID, fra: date, til: date, id: uuid.UUID) -> Vikar:  # noqa: A002
    """Name a stand-in; both are told. The same form twice names her once.

    A beboerrådgiver names her own stand-in, databeskyttelse anybody's. Raises Forbudt, and IkkeFundet for a user who
    cannot be one.
    """
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if session.get(Vikar, id) is not None:
        return hent(session, Vikar, id)
    if aktør(session).rolle != Rolle.DATABESKYTTELSE and for_id != bruger_id:
        raise Forbudt("vikar")
    if vikar_id == for_id or vikar_id not in {b.id for b in rådgivere(session)}:
        raise IkkeFundet("bruger", vikar_id)
    if for_id not in {b.id for b in rådgivere(session, også_spærrede=True)}:
        raise IkkeFundet("bruger", for_id)
    row = Vikar(id=id, helhedsplan_id=helhedsplan_id, for_id=for_id, vikar_id=vikar_id, fra=fra, til=til,
                navngivet_af=bruger_id, oprettet=now())  # fmt: skip
    session.add(row)
    session.flush()
    _done(session, row, Handling.OPRETTET)
    return row


def slut(session: Session, id: uuid.UUID) -> Vikar:  # noqa: A002
    """End a stand-in: either of the two, or databeskyttelse. Ending it twice is once."""
    hold(session)
    row, who = hent(session, Vikar, id), aktør(session)
    if who.rolle != Rolle.DATABESKYTTELSE and who.bruger_id not in (row.for_id, row.vikar_id):
        raise IkkeFundet("vikar", id, fremmed=True)
    if row.sluttet is None and row.til >= today():
        row.sluttet, row.sluttet_af = now(), who.bruger_id
        session.add(row)
        session.flush()
        _done(session, row, Handling.ÆNDRET, "sluttet før tid")
    return row


def vikarer(session: Session) -> list[Vikarlinje]:
    """Stand-ins that hold, are to come, or lately were, last one first: all for databeskyttelse, else the actor's."""
    who = aktør(session)
    query = select(Vikar).where(Vikar.helhedsplan_id == who.helhedsplan_id, Vikar.til >= today() - SES_I)
    if who.rolle != Rolle.DATABESKYTTELSE:
        query = query.where(or_(col(Vikar.for_id) == who.bruger_id, col(Vikar.vikar_id) == who.bruger_id))
    rows = session.exec(query.order_by(col(Vikar.fra).desc(), col(Vikar.id))).all()
    names = navne(session, {i for row in rows for i in (row.for_id, row.vikar_id)})
    return [Vikarlinje(row, names[row.vikar_id], names[row.for_id]) for row in rows]


def _done(session: Session, row: Vikar, handling: Handling, anledning: str = "") -> None:
    glem_forbindelse(session)
    skriv(session, handling, "vikar", [row.id, row.for_id, row.vikar_id], anledning=anledning)
    for bruger_id in (row.for_id, row.vikar_id):
        læg_i_kø(session, bruger_id, Slags.VIKAR)
