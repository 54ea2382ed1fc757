"""Adding, correcting and removing a fact: called by the casework rooms in the transaction of the event itself."""

from __future__ import annotations

import re
import uuid
from typing import TypedDict, Unpack

from sqlmodel import Session

from rådgivning.fakta.models import Faktum

ENHEDER = frozenset({"kontakt", "brobygning", "restancesag", "fremmøde", "henvisning"})
_MÅNED = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Dimensioner(TypedDict, total=False):
    """What a fact may say: plan-file keys, the month as `2026-03`, a head count, a pseudonym."""

    helhedsplan_id: uuid.UUID
    enhed: str
    måned: str
    afdeling: str
    aktivitet: str
    art: str
    hovedemne: str
    aldersgruppe: str
    kilde: str
    form: str
    udfald: str
    anledning: str
    modtager: str
    ledsaget: str
    fase: str
    sted: str
    tema: str
    antal: int
    pseudonym: bytes | None


def tilføj(session: Session, **dimensioner: Unpack[Dimensioner]) -> uuid.UUID:
    """Add a fact and return its id, which must stand nowhere but inside the event's own envelope."""
    faktum = Faktum(**dimensioner)
    _check(faktum)
    session.add(faktum)
    return faktum.id


def ret(session: Session, id: uuid.UUID, **dimensioner: Unpack[Dimensioner]) -> None:  # noqa: A002
    """Correct a fact. One that is no longer there is left alone: the event outlived its fact, not the other way."""
    faktum = session.get(Faktum, id)
    if faktum is None:
        return
    for name, value in dimensioner.items():
        setattr(faktum, name, value)
    _check(faktum)
    session.add(faktum)


def fjern(session: Session, id: uuid.UUID) -> None:  # noqa: A002
    """Remove the fact of an event that was logged by mistake (an erased resident's facts stay, anonymous)."""
    faktum = session.get(Faktum, id)
    if faktum is not None:
        session.delete(faktum)


def _check(faktum: Faktum) -> None:
    """Refuse what could never be counted, without quoting it."""
    if faktum.enhed not in ENHEDER:
        raise ValueError("unknown enhed of a fact")
    if not _MÅNED.fullmatch(faktum.måned):
        raise ValueError("the month of a fact must look like 2026-03")
    if faktum.antal < 0:
        raise ValueError("a fact cannot count fewer than none")
