"""Follow-ups: made, corrected, done, undone, deleted, and listed by deadline. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, beboer_nu, hent_beboere
from rådgivning.database import today
from rådgivning.nøgler.opening import destroy_key, is_readable, open_many, open_sealed, seal
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

SIDELÆNGDE = 30


@dataclass(frozen=True)
class Opgavelinje:
    """A task in a list. Both values are None when their key is destroyed; `beboer` also when there is none."""

    opgave: Opgave
    data: OpgaveData | None
    beboer: BeboerData | None

    @property
    def titel(self) -> str:
        """What to do, or that it can no longer be read."""
        return self.data.titel if self.data else "Slettet opgave"


class OpgaveÆndret(Konflikt):
    """Somebody else saved this task first; carries what stands there now."""

    def __init__(self, version: int, frist: date, gældende: OpgaveData) -> None:
        super().__init__("En anden har rettet opgaven, mens du skrev. Gå tilbage, og indlæs siden igen.")
        self.version = version
        self.frist = frist
        self.gældende = gældende


def opret_opgave(
    session: Session,
    *,
    titel: str,
    frist: date,
    beboer_id: uuid.UUID | None = None,
    note: str = "",
    kontakt_id: uuid.UUID | None = None,
    henvisning_id: uuid.UUID | None = None,
    id: uuid.UUID | None = None,  # noqa: A002
) -> Opgave:
    """Make a task for the actor. With an `id` that is already a task's (the same form twice) that one is given back.

    Raises IkkeFundet when the resident is not there any more.
    """
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if id is not None and session.get(Opgave, id) is not None:
        return hent(session, Opgave, id)
    if beboer_id is not None and not is_readable(session, beboer_nu(session, beboer_id)):
        raise IkkeFundet("beboer", beboer_id)
    opgave = Opgave(helhedsplan_id=helhedsplan_id, ejer_id=bruger_id, beboer_id=beboer_id, frist=frist)
    opgave.id = id or opgave.id
    seal(session, opgave, OpgaveData(titel=titel, note=note, kontakt_id=kontakt_id, henvisning_id=henvisning_id))
    try:
        with session.begin_nested():
            session.add(opgave)
    except IntegrityError:
        return hent(session, Opgave, opgave.id)
    _trace(session, Handling.OPRETTET, opgave)
    return opgave


def hent_opgave(session: Session, id: uuid.UUID, anledning: str = "vis opgave") -> tuple[Opgave, OpgaveData]:  # noqa: A002
    """A task and what it says."""
    opgave = hent(session, Opgave, id)
    return opgave, open_sealed(session, opgave, OpgaveData, anledning)


def ret_opgave(session: Session, id: uuid.UUID, *, titel: str, frist: date, note: str, version: int) -> Opgave:  # noqa: A002
    """Save a corrected task; raises OpgaveÆndret when it is no longer `version`."""
    opgave = _lock(session, id)
    data = open_sealed(session, opgave, OpgaveData, "ret opgave")
    if opgave.version != version:
        raise OpgaveÆndret(opgave.version, opgave.frist, data)
    opgave.frist = frist
    seal(session, opgave, data.model_copy(update={"titel": titel, "note": note}))
    return _changed(session, opgave)


def udfør(session: Session, id: uuid.UUID) -> Opgave:  # noqa: A002
    """Mark a task as done today; one that is done already stays as it is."""
    opgave = _lock(session, id)
    if opgave.udført is not None:
        return opgave
    opgave.udført = today()
    return _changed(session, opgave)


def fortryd(session: Session, id: uuid.UUID) -> Opgave:  # noqa: A002
    """Open a task again that was marked as done."""
    opgave = _lock(session, id)
    if opgave.udført is None:
        return opgave
    opgave.udført = None
    return _changed(session, opgave)


def flyt(session: Session, id: uuid.UUID, frist: date) -> Opgave:  # noqa: A002
    """Give a task another deadline."""
    opgave = _lock(session, id)
    if opgave.frist == frist:
        return opgave
    opgave.frist = frist
    return _changed(session, opgave)


def slet_opgave(session: Session, id: uuid.UUID) -> None:  # noqa: A002
    """Delete a task; one that is no resident's loses its key as well."""
    opgave = _lock(session, id)
    session.delete(opgave)
    _trace(session, Handling.SLETTET, opgave)
    session.flush()
    if opgave.beboer_id is None:
        destroy_key(session, opgave.id)


def slet_beboers_opgaver(session: Session, beboer_id: uuid.UUID) -> int:
    """Delete all tasks about a resident who is being deleted; returns how many."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Opgave).where(Opgave.helhedsplan_id == helhedsplan_id, Opgave.beboer_id == beboer_id)
    hold(session)
    opgaver = session.exec(query).all()
    for opgave in opgaver:
        session.delete(opgave)
    if opgaver:
        skriv(session, Handling.SLETTET, "opgave", [o.id for o in opgaver], beboere=[beboer_id])
    return len(opgaver)


def åbne_opgaver(
    session: Session, *, alle: bool = False, til: date | None = None, side: int = 1
) -> tuple[list[Opgavelinje], int]:
    """One page of open tasks by deadline (`til` and earlier), own or all; and the number of pages."""
    where = [col(Opgave.udført).is_(None), *([col(Opgave.frist) <= til] if til else [])]
    return _page(session, [*where, *_whose(session, alle)], [col(Opgave.frist), col(Opgave.id)], side)


def udførte_opgaver(session: Session, *, alle: bool = False, side: int = 1) -> tuple[list[Opgavelinje], int]:
    """One page of tasks that are done, the last one first; and the number of pages."""
    where = [col(Opgave.udført).is_not(None), *_whose(session, alle)]
    return _page(session, where, [col(Opgave.udført).desc(), col(Opgave.id)], side)


def opgaver_om(session: Session, beboer_id: uuid.UUID) -> list[Opgavelinje]:
    """Every task about a resident, open and done, by deadline."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Opgave).where(Opgave.helhedsplan_id == helhedsplan_id, Opgave.beboer_id == beboer_id)
    rows = session.exec(query.order_by(col(Opgave.frist), col(Opgave.id))).all()
    data = open_many(session, rows, OpgaveData, "vis beboer")
    return [Opgavelinje(row, data.get(row.id), None) for row in rows]


def _whose(session: Session, alle: bool) -> list[ColumnElement[bool]]:
    helhedsplan_id, bruger_id = acting(session)
    plan = col(Opgave.helhedsplan_id) == helhedsplan_id
    return [plan] if alle else [plan, col(Opgave.ejer_id) == bruger_id]


def _page(
    session: Session, where: Sequence[ColumnElement[bool]], order: Sequence[SQLColumnExpression[Any]], side: int
) -> tuple[list[Opgavelinje], int]:
    antal = session.exec(select(func.count()).select_from(Opgave).where(*where)).one()
    query = select(Opgave).where(*where).order_by(*order).offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)
    rows = session.exec(query).all()
    data = open_many(session, rows, OpgaveData, "liste")
    beboere = hent_beboere(session, [row.beboer_id for row in rows], "opgaveliste")
    linjer = [Opgavelinje(o, data.get(o.id), beboere.get(o.beboer_id) if o.beboer_id else None) for o in rows]
    return linjer, -(-antal // SIDELÆNGDE)


def _lock(session: Session, id: uuid.UUID) -> Opgave:  # noqa: A002
    """The row, held until the commit."""
    hold(session)
    query = select(Opgave).where(Opgave.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("opgave", id)
    return hent(session, Opgave, id)


def _changed(session: Session, opgave: Opgave) -> Opgave:
    opgave.version += 1
    session.add(opgave)
    _trace(session, Handling.ÆNDRET, opgave)
    return opgave


def _trace(session: Session, handling: Handling, opgave: Opgave) -> None:
    skriv(session, handling, "opgave", [opgave.id], beboere=[opgave.beboer_id] if opgave.beboer_id else [])
