"""Reading told by resident, by user, by day or by kind: who was read how often, by how many, and when last.

By resident and by user the database counts, in the table of names; by day and kind entries are gone through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from rådgivning.database import COPENHAGEN
from rådgivning.databeskyttelse.readings import Læsning, Udsnit, numre
from rådgivning.spor.models import Spor, SporNævnt

PÅ_EN_SIDE = 50


class Efter(StrEnum):
    """What the readings are gathered by."""

    BEBOER = "beboer"
    BRUGER = "bruger"
    DAG = "dag"
    SLAGS = "slags"


class Orden(StrEnum):
    """The order of the rows."""

    FLEST = "flest"
    SENEST = "senest"
    NØGLE = "nøgle"


@dataclass
class Række:
    """One resident, user, day or kind. `gange`: how often it was read; a list counts each resident in it once.
    `nr`: the last entry, `sidste` its time."""

    nøgle: str
    gange: int
    beboere: int
    brugere: int
    nr: int
    sidste: datetime | None = None


def tæl(session: Session, udsnit: Udsnit, efter: Efter) -> list[Række]:
    """Gathered by resident or by user; no entry is opened for it."""
    names, entries = SporNævnt.__table__.c, Spor.__table__.c  # type: ignore[attr-defined]
    span = numre(session, udsnit)
    resident = func.coalesce(names.om, "")  # so that SQLite counts in the span's order, not in that of all residents
    key, other = (resident, names.læst_af) if efter == Efter.BEBOER else (names.læst_af, names.om)
    where = [names.kæde == udsnit.kæde, names.læst_af.is_not(None), names.beboer]
    if span is not None:
        where.append(names.nr.between(*span))
    else:
        when = (entries.tidspunkt >= udsnit.fra, entries.tidspunkt < udsnit.til)
        where.append(names.nr.in_(select_rows(entries.nr).where(entries.kæde == udsnit.kæde, *when)))
    if udsnit.bruger is not None:
        where.append(names.læst_af == udsnit.bruger)
    if udsnit.beboer:
        where.append(names.om == udsnit.beboer)
    counts: list[Any] = [key, func.count(), func.count(other.distinct()), func.max(names.nr)]
    found = session.execute(select_rows(*counts).where(*where).group_by(key))
    by_resident = efter == Efter.BEBOER
    return [Række(str(k), n, 1 if by_resident else m, m if by_resident else 1, nr) for k, n, m, nr in found]


def med_tid(session: Session, kæde: str, rows: Sequence[Række]) -> None:
    """Look up when the rows of a page were last read."""
    query = select(Spor.nr, Spor.tidspunkt).where(Spor.kæde == kæde, col(Spor.nr).in_([row.nr for row in rows]))
    times = dict(session.exec(query).all())
    for row in rows:
        row.sidste = times.get(row.nr)


@dataclass
class _Samlet:
    """What is gathered of one day or kind."""

    gange: int = 0
    beboere: set[str] = field(default_factory=set)
    brugere: set[str] = field(default_factory=set)
    nr: int = 0


def saml(læsninger: Iterable[Læsning], efter: Efter) -> list[Række]:
    """Gathered by day or kind; what was written is left out."""
    rows: dict[str, _Samlet] = {}
    key = _KEYS[efter]
    for læsning in læsninger:
        if læsning.skrev:
            continue
        row = rows.setdefault(key(læsning), _Samlet())
        row.gange += len(læsning.beboere)
        row.beboere.update(læsning.beboere)
        row.brugere.add(læsning.bruger)
        row.nr = læsning.nr
    return [Række(name, row.gange, len(row.beboere), len(row.brugere), row.nr) for name, row in rows.items()]


_KEYS: Mapping[Efter, Callable[[Læsning], str]] = {
    Efter.DAG: lambda læsning: læsning.tidspunkt.astimezone(COPENHAGEN).date().isoformat(),
    Efter.SLAGS: lambda læsning: læsning.genstand,
}


def side(rows: Sequence[Række], orden: Orden, efter_nøgle: str = "") -> tuple[list[Række], str]:
    """One page of the rows, beginning after the row of a key, and the key to go on from ("" on the last page)."""
    if orden == Orden.NØGLE:
        ordered = sorted(rows, key=lambda row: row.nøgle)
    elif orden == Orden.SENEST:
        ordered = sorted(rows, key=lambda row: (row.nr, row.nøgle), reverse=True)
    else:
        ordered = sorted(rows, key=lambda row: (-row.gange, row.nøgle))
    start = next((at + 1 for at, row in enumerate(ordered) if row.nøgle == efter_nøgle), 0)
    page = ordered[start : start + PÅ_EN_SIDE]
    return page, page[-1].nøgle if len(ordered) > start + PÅ_EN_SIDE else ""
