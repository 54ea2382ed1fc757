"""Adding, correcting and removing a fact: called by the casework rooms in the transaction of the event itself."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable
from typing import TypedDict, Unpack

from sqlalchemy import event
from sqlmodel import Session, col, select, update

from rådgivning.fakta.models import Faktum, FrossetFaktum

ENHEDER = frozenset({"kontakt", "brobygning", "restancesag", "fremmøde", "henvisning"})
_MIXED = "faktum_måneder"
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
    kontaktet: str
    ventetid: str
    antal: int
    pseudonym: bytes | None


def tilføj(session: Session, **dimensioner: Unpack[Dimensioner]) -> uuid.UUID:
    """Add a fact and return its id, which must stand nowhere but inside the event's own envelope."""
    faktum = Faktum(**dimensioner)
    _check(faktum)
    session.add(faktum)
    _mix(session, faktum)
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
    _mix(session, faktum)


def fjern(session: Session, id: uuid.UUID) -> None:  # noqa: A002
    """Remove the fact of an event that was logged by mistake (an erased resident's facts stay, anonymous)."""
    faktum = session.get(Faktum, id)
    if faktum is not None:
        session.delete(faktum)


def løsriv(session: Session, helhedsplan_id: uuid.UUID, kode: Callable[[int], bytes]) -> None:
    """Let an erased person's facts lead back to nobody.

    `kode` tells her pseudonym of a year; in its place comes one that follows from nothing. Her facts are still those of
    one person, and so every count stays what it was.
    """
    months = {
        month
        for table in (Faktum, FrossetFaktum)
        for month in session.exec(select(table.måned).where(table.helhedsplan_id == helhedsplan_id).distinct()).all()
    }
    for year in sorted({month[:4] for month in months}):
        old, new = kode(int(year)), secrets.token_bytes(16)
        for table in (Faktum, FrossetFaktum):
            own = (col(table.helhedsplan_id) == helhedsplan_id, col(table.pseudonym) == old)
            touched = session.exec(select(table.måned).where(*own).distinct()).all()
            session.exec(update(table).where(*own).values(pseudonym=new))
            if session.get_bind().dialect.name == "postgresql" and touched:
                whole = (col(table.helhedsplan_id) == helhedsplan_id, col(table.måned).in_(touched))
                session.exec(update(table).where(*whole).values(antal=table.antal))


def _mix(session: Session, faktum: Faktum) -> None:
    """On PostgreSQL, write the month's other facts anew with this one when the Session commits.

    Every row there bears the number of the transaction that wrote it, and the contact bears the same one: a fact alone
    with that number would be the contact's.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    months: set[tuple[uuid.UUID, str]] | None = session.info.get(_MIXED)
    if months is None:
        months = session.info[_MIXED] = set()
        event.listen(session, "before_commit", _write_months)
    months.add((faktum.helhedsplan_id, faktum.måned))


def _write_months(session: Session) -> None:
    months: set[tuple[uuid.UUID, str]] = session.info[_MIXED]
    if months and not session.in_nested_transaction():
        session.flush()
        for helhedsplan_id, month in sorted(months):
            own = (col(Faktum.helhedsplan_id) == helhedsplan_id, col(Faktum.måned) == month)
            session.exec(update(Faktum).where(*own).values(antal=Faktum.antal))
        months.clear()


def _check(faktum: Faktum) -> None:
    """Refuse what could never be counted, without quoting it."""
    if faktum.enhed not in ENHEDER:
        raise ValueError("unknown enhed of a fact")
    if not _MÅNED.fullmatch(faktum.måned):
        raise ValueError("the month of a fact must look like 2026-03")
    if faktum.antal < 0:
        raise ValueError("a fact cannot count fewer than none")
