"""Sundhedstjek sessions: entered, corrected, deleted, listed, counted head by head. Knows no Flask, and no person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.beboere.residents import acting
from rådgivning.fakta import facts
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv
from rådgivning.sundhedstjek.models import Sundhedstjek, SundhedstjekFremmøde

SIDELÆNGDE = 25
AKTIVITET = "sundhedstjek"


class Slettegrund(StrEnum):
    """Why a session is deleted; the word stands in the trail."""

    FEJL = "oprettet ved en fejl"
    DOBBELT = "oprettet to gange"
    AFLYST = "aflyst"


class TjekÆndret(Konflikt):
    """Somebody else saved this session first; carries what stands there now."""

    def __init__(self, version: int) -> None:
        super().__init__("En anden har rettet dette Sundhedstjek, mens du skrev. Det, du skrev, står her stadig.")
        self.version = version


@dataclass(frozen=True)
class TjekData:
    """What is entered about a session. `fremmøde` is heads by age group key."""

    dato: date
    sted: str
    tema: str
    temamøde: bool = False
    titel: str = ""
    brobygninger: int = 0
    fremmøde: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Tjeklinje:
    """A session and how many came."""

    tjek: Sundhedstjek
    fremmøde: Mapping[str, int]

    @property
    def i_alt(self) -> int:
        """Heads of all ages."""
        return sum(self.fremmøde.values())


def opret_tjek(session: Session, data: TjekData, id: uuid.UUID | None = None) -> Sundhedstjek:  # noqa: A002
    """Enter a session. With an `id` that is already one (the same form twice) that one is given back."""
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if id is not None and session.get(Sundhedstjek, id) is not None:
        return hent(session, Sundhedstjek, id)
    tjek = Sundhedstjek(
        helhedsplan_id=helhedsplan_id, ejer_id=bruger_id, dato=data.dato, sted=data.sted, tema=data.tema
    )
    tjek.id = id or tjek.id
    try:
        with session.begin_nested():
            _store(session, tjek, data)
    except IntegrityError:
        return hent(session, Sundhedstjek, tjek.id)
    skriv(session, Handling.OPRETTET, "sundhedstjek", [tjek.id])
    return tjek


def ret_tjek(session: Session, id: uuid.UUID, data: TjekData, version: int) -> Sundhedstjek:  # noqa: A002
    """Save a corrected session; raises TjekÆndret when it is no longer `version`."""
    tjek = _lock(session, id)
    if tjek.version != version:
        raise TjekÆndret(tjek.version)
    tjek.version += 1
    _store(session, tjek, data)
    skriv(session, Handling.ÆNDRET, "sundhedstjek", [id])
    return tjek


def slet_tjek(session: Session, id: uuid.UUID, grund: Slettegrund) -> None:  # noqa: A002
    """Delete a session, its heads and its facts."""
    tjek = _lock(session, id)
    for row in _rows(session, [id]):
        if row.faktum_id is not None:
            facts.fjern(session, row.faktum_id)
        session.delete(row)
    session.flush()
    session.delete(tjek)
    skriv(session, Handling.SLETTET, "sundhedstjek", [id], anledning=grund)


def vis_tjek(session: Session, id: uuid.UUID) -> Tjeklinje:  # noqa: A002
    """One session and its heads; raises IkkeFundet."""
    tjek = hent(session, Sundhedstjek, id)
    return Tjeklinje(tjek, {row.aldersgruppe: row.antal for row in _rows(session, [id])})


def alle_tjek(session: Session, side: int) -> tuple[list[Tjeklinje], int]:
    """One page of sessions, the latest first, and the number of pages."""
    helhedsplan_id, _bruger = acting(session)
    mine = Sundhedstjek.helhedsplan_id == helhedsplan_id
    antal = session.exec(select(func.count()).select_from(Sundhedstjek).where(mine)).one()
    query = select(Sundhedstjek).where(mine).order_by(col(Sundhedstjek.dato).desc(), col(Sundhedstjek.id))
    tjek = session.exec(query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)).all()
    heads: dict[uuid.UUID, dict[str, int]] = {row.id: {} for row in tjek}
    for row in _rows(session, list(heads)):
        heads[row.sundhedstjek_id][row.aldersgruppe] = row.antal
    return [Tjeklinje(row, heads[row.id]) for row in tjek], max(1, -(-antal // SIDELÆNGDE))


def _rows(session: Session, ids: list[uuid.UUID]) -> list[SundhedstjekFremmøde]:
    query = select(SundhedstjekFremmøde).where(col(SundhedstjekFremmøde.sundhedstjek_id).in_(ids))
    return list(session.exec(query).all())


def _lock(session: Session, id: uuid.UUID) -> Sundhedstjek:  # noqa: A002
    """The row, held until the commit, so that of two who save at once the second sees the first."""
    hold(session)
    query = select(Sundhedstjek).where(Sundhedstjek.id == id).with_for_update()
    if session.exec(query.execution_options(populate_existing=True)).one_or_none() is None:
        raise IkkeFundet("sundhedstjek", id)
    return hent(session, Sundhedstjek, id)


def _store(session: Session, tjek: Sundhedstjek, data: TjekData) -> None:
    """Write the session, its heads, and one fact for each age group that came."""
    for name in ("dato", "sted", "tema", "temamøde", "titel", "brobygninger"):
        setattr(tjek, name, getattr(data, name))
    session.add(tjek)
    session.flush()
    known = {row.aldersgruppe: row for row in _rows(session, [tjek.id])}
    for gruppe in {*known, *data.fremmøde}:
        row = known.get(gruppe) or SundhedstjekFremmøde(sundhedstjek_id=tjek.id, aldersgruppe=gruppe, antal=0)
        row.antal = data.fremmøde.get(gruppe, 0)
        row.faktum_id = _count(session, tjek, row)
        if row.antal:
            session.add(row)
        elif gruppe in known:
            session.delete(row)


def _count(session: Session, tjek: Sundhedstjek, row: SundhedstjekFremmøde) -> uuid.UUID | None:
    if row.antal == 0:
        if row.faktum_id is not None:
            facts.fjern(session, row.faktum_id)
        return None
    dimensions = facts.Dimensioner(
        helhedsplan_id=tjek.helhedsplan_id,
        enhed="fremmøde",
        måned=f"{tjek.dato:%Y-%m}",
        aktivitet=AKTIVITET,
        aldersgruppe=row.aldersgruppe,
        sted=tjek.sted,
        tema=tjek.tema,
        antal=row.antal,
    )
    if row.faktum_id is None:
        return facts.tilføj(session, **dimensions)
    facts.ret(session, row.faktum_id, **dimensions)
    return row.faktum_id
