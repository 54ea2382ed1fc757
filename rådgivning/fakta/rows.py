"""Facts as plain values, read in one query without the ORM's bookkeeping."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from rådgivning.fakta.models import Faktum, FrossetFaktum


class Fakta(NamedTuple):
    """What a fact says; dimensions that no report uses are left out."""

    enhed: str
    måned: str
    afdeling: str
    aktivitet: str
    art: str
    hovedemne: str
    aldersgruppe: str
    kilde: str
    form: str
    anledning: str
    udfald: str
    modtager: str
    ledsaget: str
    sted: str
    tema: str
    fase: str
    kontaktet: str
    ventetid: str
    antal: int
    pseudonym: bytes | None


def læs(session: Session, helhedsplan_id: uuid.UUID, måneder: Iterable[str]) -> list[Fakta]:
    """The frozen facts of some months: what figures are counted from."""
    table = FrossetFaktum.__table__.c  # type: ignore[attr-defined]
    query = select(*(table[name] for name in Fakta._fields)).where(
        table.helhedsplan_id == helhedsplan_id, table.måned.in_(list(måneder))
    )
    known: dict[Any, Any] = {}  # a million facts say the same few words: each is kept once
    return [
        Fakta._make([known.setdefault(value, value) for value in row]) for row in session.connection().execute(query)
    ]


def læs_måned(
    session: Session, tabel: type[Faktum] | type[FrossetFaktum], helhedsplan_id: uuid.UUID, måned: str
) -> dict[uuid.UUID, Fakta]:
    """One month's facts or their copies by id."""
    table = tabel.__table__.c  # type: ignore[union-attr]
    columns = [table[name] for name in Fakta._fields]
    query = select(table.id, *columns).where(table.helhedsplan_id == helhedsplan_id, table.måned == måned)
    return {row[0]: Fakta._make(row[1:]) for row in session.connection().execute(query)}
