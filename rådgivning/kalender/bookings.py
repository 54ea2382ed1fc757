"""Visits agreed on: booked by either side, answered by the other, moved, cancelled, done. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Konflikt, Rolle, hent
from rådgivning.beboere.residents import acting
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import now, today
from rådgivning.kalender.models import (
    Aftale,
    AftaleData,
    AftaleNote,
    AftaleNoteData,
    Optaget,
    OptagetData,
)
from rådgivning.kalender.states import STÅR, Side, Status, må, side
from rådgivning.nøgler.opening import open_sealed, seal
from rådgivning.plan.lister import afdelinger
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

ÆNDRET = "En anden har ændret aftalen, siden du åbnede siden. Dit er ikke gemt. Sådan står den nu."
KAN_IKKE = "Det kan ikke lade sig gøre, som aftalen står nu."


class AftaleÆndret(Konflikt):
    """The booking is not as the actor saw it: somebody was faster, or the step does not follow from where it stands."""


def egen_side(session: Session) -> Side:
    """The side the actor acts for."""
    return side(aktør(session).rolle)


def rådgivere(session: Session) -> Sequence[Bruger]:
    """The helhedsplan's beboerrådgivere who can be booked, by name."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Bruger).where(Bruger.helhedsplan_id == helhedsplan_id, Bruger.rolle == Rolle.BEBOERRÅDGIVER)
    return session.exec(query.where(col(Bruger.spærret).is_(None)).order_by(Bruger.navn, col(Bruger.id))).all()


def book(
    session: Session,
    data: AftaleData,
    *,
    dato: date,
    note: str = "",
    id: uuid.UUID,  # noqa: A002
) -> Aftale:
    """Propose a visit to the other side. The same form sent twice (the same `id`) gives the first one back.

    The afdeling decides whose boligorganisation it is. Raises Forbudt where the actor works for another one.
    """
    helhedsplan_id, bruger_id = acting(session)
    organisation = afdelinger(session, helhedsplan_id)[data.afdeling].boligorganisation
    if aktør(session).boligorganisation not in {"", organisation}:
        raise Forbudt("aftale")
    hold(session)
    if session.get(Aftale, id) is not None:
        return hent(session, Aftale, id)
    aftale = Aftale(id=id, helhedsplan_id=helhedsplan_id, ejer_id=bruger_id, boligorganisation=organisation, dato=dato)
    _seal(session, aftale, data.model_copy(update={"afventer": egen_side(session).anden}))
    _seal_note(session, aftale, note)
    skriv(session, Handling.OPRETTET, "aftale", [id])
    _tell(session, aftale, data, Slags.NY_AFTALE)
    return aftale


def hent_aftale(session: Session, id: uuid.UUID, anledning: str = "vis aftale") -> tuple[Aftale, AftaleData]:  # noqa: A002
    """A booking and what both sides see of it; raises IkkeFundet for another boligorganisation's."""
    aftale = hent(session, Aftale, id)
    return aftale, open_sealed(session, aftale, AftaleData, anledning)


def hent_note(session: Session, aftale: Aftale) -> str:
    """The note, for the beboerrådgiver alone; "" where there is none. Raises MåIkkeÅbne for the others."""
    row = session.get(AftaleNote, aftale.id)
    return open_sealed(session, row, AftaleNoteData, "vis aftale").note if row is not None else ""


def svar(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    ny: Status,
    *,
    version: int,
    besked: str = "",
) -> Aftale:
    """Confirm, refuse, cancel, or say that it took place. Pressing twice answers once. Raises AftaleÆndret."""
    aftale = _lock(session, id)
    if aftale.status == ny and aftale.version == version + 1:
        return aftale
    before = aftale.status

    def answered(data: AftaleData) -> AftaleData:
        done = {"før": before, "før_afventer": data.afventer} if ny is Status.GENNEMFØRT else {"svar": besked}
        return data.model_copy(update={"afventer": "", **done})

    return _change(session, aftale, version, ny, answered)


def ikke_gennemført(session: Session, id: uuid.UUID, *, version: int) -> Aftale:  # noqa: A002
    """Take back that a visit took place: it stands as it did before. The beboerrådgiver's alone, as saying so is;
    nobody is told, as nobody was. Pressing twice does it once. Raises AftaleÆndret."""
    aftale = _lock(session, id)
    if aftale.status != Status.GENNEMFØRT and aftale.version == version + 1:
        return aftale
    _check_version(aftale, version)
    if aftale.status != Status.GENNEMFØRT or egen_side(session) is not Side.RÅDGIVER:
        raise AftaleÆndret(KAN_IKKE)
    data = open_sealed(session, aftale, AftaleData, "svar på aftale")
    aftale.status, aftale.version = Status(data.før or Status.BEKRÆFTET), aftale.version + 1
    _seal(session, aftale, data.model_copy(update={"afventer": data.før_afventer, "før": "", "før_afventer": ""}))
    skriv(session, Handling.ÆNDRET, "aftale", [id], anledning="ikke gennemført")
    return aftale


def foreslå(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    version: int,
    dato: date,
    start: time,
    varighed: int,
    besked: str = "",
) -> Aftale:
    """Propose another time, which the other side then answers. Raises AftaleÆndret."""
    changed = {"start": start, "varighed": varighed, "svar": besked, "afventer": egen_side(session).anden}
    aftale = _lock(session, id)
    return _change(session, aftale, version, Status.FORESLÅET, lambda data: data.model_copy(update=changed), dato)


def ret(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    ændringer: dict[str, Any],
    *,
    version: int,
    note: str | None = None,
) -> Aftale:
    """Correct where, what and who goes along; when it is stays. `note` None leaves the note. Raises AftaleÆndret.

    A correction asks nobody, but the other side is told of it, and so is the beboerrådgiver whose visit it was or is.
    """
    aftale = _lock(session, id)
    _check_version(aftale, version)
    if aftale.status not in STÅR:
        raise AftaleÆndret(KAN_IKKE)
    data = open_sealed(session, aftale, AftaleData, "ret aftale")
    after = data.model_copy(update=ændringer)
    aftale.version += 1
    _seal(session, aftale, after)
    if note is not None:
        _seal_note(session, aftale, note)
    skriv(session, Handling.ÆNDRET, "aftale", [id])
    if after != data:
        _tell(session, aftale, data, Slags.AFTALE_SVAR)
    if after.rådgiver_id is not None and after.rådgiver_id != data.rådgiver_id:
        læg_i_kø(session, after.rådgiver_id, Slags.NY_AFTALE)
    return aftale


def _change(
    session: Session,
    aftale: Aftale,
    version: int,
    ny: Status,
    change: Callable[[AftaleData], AftaleData],
    dato: date | None = None,
) -> Aftale:
    """Take the locked booking to a status, if it may go there from what the actor saw."""
    _check_version(aftale, version)
    data = open_sealed(session, aftale, AftaleData, "svar på aftale")
    own, now_at = egen_side(session), Status(aftale.status)
    if not må(now_at, ny, egen=own, afventer=data.afventer, dato=aftale.dato, idag=today()):
        raise AftaleÆndret(KAN_IKKE)
    aftale.status, aftale.dato, aftale.version = ny, dato or aftale.dato, aftale.version + 1
    _seal(session, aftale, change(data))
    skriv(session, Handling.ÆNDRET, "aftale", [aftale.id], anledning=str(ny))
    if ny is not Status.GENNEMFØRT:
        _tell(session, aftale, data, Slags.AFTALE_SVAR)
    return aftale


def _tell(session: Session, aftale: Aftale, data: AftaleData, slags: Slags) -> None:
    """Put a notice in the queue of the beboerrådgiver whose visit it is, unless it is she who acts; and where her side
    acts, of whoever booked, else of ejendomsdrift in the boligorganisation."""
    others = {data.rådgiver_id} if data.rådgiver_id else set()
    if egen_side(session) is Side.RÅDGIVER:
        query = select(Bruger.id).where(
            Bruger.helhedsplan_id == aftale.helhedsplan_id,
            Bruger.rolle == Rolle.EJENDOMSDRIFT,
            Bruger.boligorganisation == aftale.boligorganisation,
        )
        drift = set(session.exec(query).all())
        others |= {aftale.ejer_id} if aftale.ejer_id in drift else drift
    for modtager in others:
        læg_i_kø(session, modtager, slags)


def _check_version(aftale: Aftale, version: int) -> None:
    if aftale.version != version:
        raise AftaleÆndret(ÆNDRET)


def _lock(session: Session, id: uuid.UUID) -> Aftale:  # noqa: A002
    """The row, held until the commit."""
    hold(session)
    query = select(Aftale).where(Aftale.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("aftale", id)
    return hent(session, Aftale, id)


def _seal(session: Session, aftale: Aftale, data: AftaleData) -> None:
    """Seal the booking, and take or give back the beboerrådgiver's time."""
    seal(session, aftale, data.model_copy(update={"ændret": now()}))
    session.add(aftale)
    busy = session.get(Optaget, aftale.id)
    if aftale.status not in STÅR:
        if busy is not None:
            session.delete(busy)
        return
    busy = busy or Optaget(id=aftale.id, helhedsplan_id=aftale.helhedsplan_id, dato=aftale.dato)
    busy.dato = aftale.dato
    seal(session, busy, OptagetData(rådgiver_id=data.rådgiver_id, start=data.start, varighed=data.varighed))
    session.add(busy)


def _seal_note(session: Session, aftale: Aftale, note: str) -> None:
    row = session.get(AftaleNote, aftale.id)
    if row is None and not note:
        return
    row = row or AftaleNote(id=aftale.id, helhedsplan_id=aftale.helhedsplan_id)
    seal(session, row, AftaleNoteData(note=note))
    session.add(row)
