"""Who read whom, hour by hour: what the pages about reading and the search for unusual reading are made from.

Read out of the trail in short transactions, so that others can write meanwhile; ids and times alone.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from rådgivning.database import COPENHAGEN
from rådgivning.spor.models import Handling, Spor, SporNævnt

_BATCH = 2000
WRITES = (Handling.OPRETTET, Handling.ÆNDRET, Handling.SLETTET)


@dataclass(frozen=True, slots=True)
class Læsning:
    """One entry that names residents. `skrev`: she was written about, not only read."""

    nr: int
    tidspunkt: datetime
    bruger: str
    genstand: str
    beboere: tuple[str, ...]
    skrev: bool


@dataclass(slots=True)
class Time:
    """What one user read in one hour. `ene`: residents opened one at a time; `vist`: shown in a list together."""

    første: datetime
    sidste: datetime
    nr: int
    ene: set[str] = field(default_factory=set)
    lister: int = 0
    vist: set[str] = field(default_factory=set)

    def add(self, læsning: Læsning) -> None:
        """Count one more entry."""
        self.første, self.sidste = min(self.første, læsning.tidspunkt), max(self.sidste, læsning.tidspunkt)
        self.nr = læsning.nr
        if len(læsning.beboere) == 1:
            self.ene.update(læsning.beboere)
        elif læsning.genstand == "beboer":
            self.lister += 1
            self.vist.update(læsning.beboere)


@dataclass
class Billede:
    """What one user read, by the hour's beginning in Danish time. What she wrote is no reading, nor an excuse."""

    timer: dict[datetime, Time] = field(default_factory=dict)

    def add(self, læsning: Læsning) -> None:
        """Count one more entry."""
        if læsning.skrev:
            return
        hour = læsning.tidspunkt.astimezone(COPENHAGEN).replace(minute=0, second=0, microsecond=0)
        if hour not in self.timer:
            self.timer[hour] = Time(læsning.tidspunkt, læsning.tidspunkt, læsning.nr)
        self.timer[hour].add(læsning)


@dataclass(frozen=True)
class Udsnit:
    """A part of a chain: from `fra` until `til`, by one user or of one resident ("": all)."""

    kæde: str
    fra: datetime
    til: datetime
    bruger: uuid.UUID | None = None
    beboer: str = ""


def numre(session: Session, udsnit: Udsnit) -> tuple[int, int] | None:
    """The first and last number of the span's entries, where the span is all numbers between them; None where it is
    not, because it is empty or the clock was set back."""
    mine, at, nr = col(Spor.kæde) == udsnit.kæde, col(Spor.tidspunkt), col(Spor.nr)
    span = (mine, at >= udsnit.fra, at < udsnit.til)
    first = session.exec(select(nr).where(*span).order_by(at, nr).limit(1)).first()
    last = session.exec(select(nr).where(*span).order_by(at.desc(), nr.desc()).limit(1)).first()
    if first is None or last is None:
        return None
    antal = session.exec(select(func.count()).select_from(Spor).where(*span)).one()
    return (first, last) if antal == last - first + 1 else None


def læsninger(session: Session, udsnit: Udsnit) -> Iterator[Læsning]:
    """What users read and wrote about residents, in order. Rolls the Session back as it goes."""
    spor = Spor.__table__  # type: ignore[attr-defined]
    query = select_rows(
        spor.c.nr, spor.c.tidspunkt, spor.c.aktør, spor.c.genstand, spor.c.beboere, spor.c.handling
    ).where(
        spor.c.kæde == udsnit.kæde,
        spor.c.tidspunkt >= udsnit.fra,
        spor.c.tidspunkt < udsnit.til,
        spor.c.aktør.is_not(None),
        spor.c.handling.in_([Handling.ÅBNET, *WRITES]),
    )
    if udsnit.bruger is not None:
        query = query.where(spor.c.aktør == udsnit.bruger)
    for batch in _batches(session, udsnit, query, spor.c.nr):
        for nr, tidspunkt, aktør, genstand, beboere, handling in batch:
            named = (udsnit.beboer,) if udsnit.beboer else tuple(beboere)
            if named:
                yield Læsning(nr, tidspunkt, str(aktør), genstand, named, handling != Handling.ÅBNET)


def _batches(session: Session, udsnit: Udsnit, query: Select[Any], nr: Column[int]) -> Iterator[Sequence[Any]]:
    """The entries of a query a batch at a time: of one resident by what names her, else by their numbers."""
    if udsnit.beboer:
        hers = (SporNævnt.kæde == udsnit.kæde, SporNævnt.om == udsnit.beboer, col(SporNævnt.beboer))
        numbers = session.exec(select(SporNævnt.nr).where(*hers).order_by(col(SporNævnt.nr))).all()
        for at in range(0, len(numbers), _BATCH):
            rows = session.execute(query.where(nr.in_(numbers[at : at + _BATCH])).order_by(nr)).all()
            session.rollback()
            yield rows
        return
    last = 0
    while True:
        rows = session.execute(query.where(nr > last).order_by(nr).limit(_BATCH)).all()
        session.rollback()
        yield rows
        if len(rows) < _BATCH:
            return
        last = rows[-1].nr


def billeder(session: Session, kæde: str, fra: datetime, til: datetime) -> dict[str, Billede]:
    """Every user's reading in a span, by her id."""
    found: dict[str, Billede] = defaultdict(Billede)
    for læsning in læsninger(session, Udsnit(kæde, fra, til)):
        found[læsning.bruger].add(læsning)
    return found
