"""What a breach concerns: out of the trail, whose envelopes were opened and what left, in a span of time, by a user or
on a device. Numbers and ids only: whoever looks into a breach need not see the residents' data once more."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from rådgivning.spor.models import Handling, Spor

FRIST = timedelta(hours=72)
"""From when the breach became known until Datatilsynet must have been told (GDPR art. 33(1))."""
_BATCH = 1000
OPLYSNINGER = {
    "beboer": "stamdata: navn, adresse, telefon, e-mail, fødselsdato, husstand og bemærkning",
    "lejemål": "lejemål og hvem der bor sammen",
    "samtykke": "samtykker",
    "kontakt": "rådgivning: emner, udfald og noter, som kan rumme helbred og sociale forhold",
    "kontakt_version": "tidligere udgaver af rådgivning og noter",
    "opgave": "opgaver om beboeren",
    "henvisning": "henvisninger: hvem, hvorfor og hvor meget det haster",
    "henvisning_behandling": "hvad der er gjort ved henvisninger",
    "restancesag": "restance: beløb, måneder, fogedsag og forsøg på kontakt",
    "restanceliste": "lister over restancer fra boligorganisationen",
    "sammenlægning": "sammenlagte beboeres stamdata",
    "bemærkning": "beboeres egne bemærkninger",
    "fastholdelse": "begrundelser for at gemme beboere længere",
    "nødadgang": "begrundelser for at åbne en kollegas beboer",
    "anmodning": "anmodninger om indsigt, rettelse og sletning",
    "gennemset": "forklaringer på usædvanlig læsning",
    "kladde": "kladder til det ovenstående",
    "aftale": "aftaler om besøg med adresse",
    "aftale_note": "noter til aftaler",
    "optaget": "optagede tider",
}
"""What an envelope of each table holds, in the words of a notification."""


@dataclass(frozen=True)
class Afgrænsning:
    """Which entries: `fra` up to, not including, `til`; None means every user, every device."""

    kæde: str
    fra: datetime
    til: datetime
    bruger: uuid.UUID | None = None
    enhed: uuid.UUID | None = None


@dataclass
class Brudfakta:
    """What the trail says. `beboere` and `uden_beboer` count how often each was opened; `kuverter` by table."""

    beboere: Counter[str] = field(default_factory=Counter)
    uden_beboer: set[str] = field(default_factory=set)
    kuverter: Counter[str] = field(default_factory=Counter)
    brugere: Counter[str] = field(default_factory=Counter)
    udtræk: list[Spor] = field(default_factory=list)
    ændret: Counter[str] = field(default_factory=Counter)
    afvist: int = 0
    første: datetime | None = None
    sidste: datetime | None = None

    @property
    def tom(self) -> bool:
        """Whether nothing was opened, taken out, changed or refused."""
        return not (self.kuverter or self.udtræk or self.ændret or self.afvist)

    @property
    def oplysninger(self) -> list[str]:
        """The kinds of data that were opened, in the words of a notification."""
        return [words for table, words in OPLYSNINGER.items() if self.kuverter[table]]


def brudfakta(session: Session, afgrænsning: Afgrænsning) -> Brudfakta:
    """Go through the trail; the same entries always give the same facts."""
    facts = Brudfakta()
    for entry in _entries(session, afgrænsning):
        _count(facts, entry)
    return facts


def _count(facts: Brudfakta, entry: Spor) -> None:
    if entry.handling == Handling.AFVIST:
        facts.afvist += 1
        return
    if entry.handling == Handling.EKSPORTERET:
        facts.udtræk.append(entry)
    elif entry.handling == Handling.ÅBNET and entry.genstand in OPLYSNINGER:
        facts.kuverter[entry.genstand] += len(entry.rækker)
        facts.beboere.update(entry.beboere)
        if not entry.beboere:
            facts.uden_beboer.update(f"{entry.genstand} {row}" for row in entry.rækker)
    elif entry.handling in (Handling.OPRETTET, Handling.ÆNDRET, Handling.SLETTET, Handling.IMPORTERET):
        facts.ændret[f"{entry.handling} {entry.genstand}"] += max(1, len(entry.rækker))
    else:
        return
    facts.brugere[str(entry.aktør or "")] += 1
    # entries are numbered as they were committed, which need not be the order in which they were made
    facts.første = min(facts.første or entry.tidspunkt, entry.tidspunkt)
    facts.sidste = max(facts.sidste or entry.tidspunkt, entry.tidspunkt)


def _entries(session: Session, afgrænsning: Afgrænsning) -> Iterator[Spor]:
    query = select(Spor).where(
        Spor.kæde == afgrænsning.kæde, Spor.tidspunkt >= afgrænsning.fra, Spor.tidspunkt < afgrænsning.til
    )
    if afgrænsning.bruger is not None:
        query = query.where(Spor.aktør == afgrænsning.bruger)
    if afgrænsning.enhed is not None:
        query = query.where(Spor.enhed == str(afgrænsning.enhed))
    last = 0
    while page := session.exec(query.where(col(Spor.nr) > last).order_by(col(Spor.nr)).limit(_BATCH)).all():
        yield from page
        last = page[-1].nr
        session.expunge_all()
        session.rollback()  # a long trail is read in short transactions, so that others can write
