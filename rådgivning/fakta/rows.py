"""Facts as plain values, read in one query without the ORM's bookkeeping."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from rådgivning.fakta.models import Faktum, FrossetFaktum


class Fakta(NamedTuple):
    """What a fact says; dimensions that no report uses are left out."""

    enhed: str
    måned: str
    afdeling: str
    art: str
    hovedemne: str
    aldersgruppe: str
    kilde: str
    udfald: str
    modtager: str
    ledsaget: str
    sted: str
    antal: int
    pseudonym: bytes | None


def læs(
    session: Session, tabel: type[Faktum] | type[FrossetFaktum], helhedsplan_id: uuid.UUID, måneder: Iterable[str]
) -> dict[tuple[str, uuid.UUID], Fakta]:
    """The facts of some months by month and id."""
    table = tabel.__table__.c  # type: ignore[union-attr]
    columns = [table[name] for name in Fakta._fields]
    query = select(table.id, *columns).where(table.helhedsplan_id == helhedsplan_id, table.måned.in_(list(måneder)))
    return {(row[2], row[0]): Fakta._make(row[1:]) for row in session.connection().execute(query)}
