"""Who read whom, hour by hour: what the pages about reading and the search for unusual reading are made from.

Read out of the trail in short transactions, so that others can write meanwhile; ids and times alone.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select as select_rows
from sqlmodel import Session

from rådgivning.database import COPENHAGEN
from rådgivning.spor.models import Handling, Spor

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
    """What one user read and wrote: `timer` by the hour's beginning in Danish time; `skrevet`: whom she wrote about."""

    timer: dict[datetime, Time] = field(default_factory=dict)
    skrevet: set[str] = field(default_factory=set)

    def add(self, læsning: Læsning) -> None:
        """Count one more entry."""
        if læsning.skrev:
            self.skrevet.update(læsning.beboere)
            return
        hour = læsning.tidspunkt.astimezone(COPENHAGEN).replace(minute=0, second=0, microsecond=0)
        if hour not in self.timer:
            self.timer[hour] = Time(læsning.tidspunkt, læsning.tidspunkt, læsning.nr)
        self.timer[hour].add(læsning)


def læsninger(
    session: Session, kæde: str, fra: datetime, til: datetime, bruger: uuid.UUID | None = None
) -> Iterator[Læsning]:
    """What users read and wrote about residents from `fra` until `til`, in order. Rolls the Session back as it goes."""
    spor = Spor.__table__  # type: ignore[attr-defined]
    query = select_rows(
        spor.c.nr, spor.c.tidspunkt, spor.c.aktør, spor.c.genstand, spor.c.beboere, spor.c.handling
    ).where(
        spor.c.kæde == kæde,
        spor.c.tidspunkt >= fra,
        spor.c.tidspunkt < til,
        spor.c.aktør.is_not(None),
        spor.c.handling.in_([Handling.ÅBNET, *WRITES]),
    )
    if bruger is not None:
        query = query.where(spor.c.aktør == bruger)
    last = 0
    while True:
        rows = session.execute(query.where(spor.c.nr > last).order_by(spor.c.nr).limit(_BATCH)).all()
        session.rollback()
        for nr, tidspunkt, aktør, genstand, beboere, handling in rows:
            if beboere:
                yield Læsning(nr, tidspunkt, str(aktør), genstand, tuple(beboere), handling != Handling.ÅBNET)
        if len(rows) < _BATCH:
            return
        last = rows[-1].nr


def billeder(session: Session, kæde: str, fra: datetime, til: datetime) -> dict[str, Billede]:
    """Every user's reading in a span, by her id."""
    found: dict[str, Billede] = defaultdict(Billede)
    for læsning in læsninger(session, kæde, fra, til):
        found[læsning.bruger].add(læsning)
    return found
