"""A restricted resident (GDPR art. 18): what is sealed about her is kept, and neither changed, deleted nor read.

One place for every room. Whoever changes a row about her meets it when the Session flushes; whoever opens one of her
pages meets it at the door, unless she has said why and it is still that quarter of an hour (`Begrænsningslæsning`).
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Table, event, inspect, select
from sqlmodel import Session

from rådgivning.database import Base, now
from rådgivning.nøgler.errors import Begrænset
from rådgivning.nøgler.models import Begrænsningslæsning
from rådgivning.spor.trail import aktør

_TRODS = "trods_begrænsning"
_BOOKKEEPING = {"begrænset", "varslet", "slettes"}
"""The columns of a resident's row that are no data about her."""
KAN_IKKE_ÆNDRES = "Behandlingen er begrænset lige nu, så her kan intet ændres eller slettes. Kontakt databeskyttelse."
KAN_IKKE_LÆSES = "Behandlingen af beboerens oplysninger er begrænset. Gå til beboerens side for at se hvorfor."


def prepare_restriction(session: Session) -> None:
    """Let a new Session refuse what would change anything about a restricted resident."""
    event.listen(session, "before_flush", _refuse_changes)


@contextlib.contextmanager
def trods_begrænsning(session: Session) -> Iterator[None]:
    """Let what a resident has a right to be done all the same, and nothing that was waiting to be written before."""
    session.flush()
    session.info[_TRODS] = True
    try:
        yield
        session.flush()
    finally:
        session.info.pop(_TRODS, None)


def check_readable(session: Session, row: object, omfang: str | None) -> None:
    """Raises Begrænset when a caseworker opens something of a restricted resident's without having said why.

    Whoever opens only what she sent herself, or one person by a door of its own, is not asked, nor is anybody for what
    the resident has a right to be done all the same (trods_begrænsning).
    """
    beboer_id = whose(row)
    if session.info.get(_TRODS):
        return
    if omfang != "alle" or beboer_id is None or not restricted(session, [beboer_id]):
        return
    with session.no_autoflush:
        given = session.get(Begrænsningslæsning, (aktør(session).bruger_id, beboer_id))
    if given is None or given.til < now():
        raise Begrænset(KAN_IKKE_LÆSES)


def restricted(session: Session, beboere: Iterable[uuid.UUID]) -> bool:
    """Whether one of these residents is restricted, as the database has it."""
    table: Table | None = Base.metadata.tables.get("beboer")
    ids = list(beboere)
    if table is None or not ids:
        return False
    query = select(table.c.id).where(table.c.id.in_(ids), table.c.begrænset.is_not(None)).limit(1)
    return session.connection().execute(query).first() is not None


def whose(row: object) -> uuid.UUID | None:
    """The resident a row is about, or None."""
    found = row.id if getattr(row, "__tablename__", "") == "beboer" else getattr(row, "beboer_id", None)  # type: ignore[attr-defined]
    return found if isinstance(found, uuid.UUID) else None


def _refuse_changes(session: Session, _context: object, _instances: object) -> None:
    if session.info.get(_TRODS):
        return
    dirty = (row for row in session.dirty if session.is_modified(row) and not _kept(row))
    changed = (*session.new, *session.deleted, *dirty)
    both = ((whose(row), _whose_before(session, row)) for row in changed if _counts(row))
    hers = {b for pair in both for b in pair if b is not None}
    if hers and restricted(session, hers):
        raise Begrænset(KAN_IKKE_ÆNDRES)


def _whose_before(session: Session, row: Any) -> uuid.UUID | None:
    """The resident a changed row was about: it is not to be moved off her either."""
    state = inspect(row)
    if not state.persistent or "beboer_id" not in state.attrs:
        return None
    history = state.attrs.beboer_id.history
    if history.deleted or not history.added:
        return history.deleted[0] if history.deleted else None
    columns = Base.metadata.tables[row.__tablename__].c
    found = session.connection().execute(select(columns.beboer_id).where(columns.id == row.id)).scalar()
    return found if isinstance(found, uuid.UUID) else None


def _counts(row: object) -> bool:
    """Requests and statements of her own and what somebody was typing may be written all the same."""
    return hasattr(row, "sealed") and not getattr(type(row), "trods_begrænsning", False)


def _kept(row: object) -> bool:
    """Whether nothing about her has changed in her row but the restriction itself and her time limit."""
    changed = {attr.key for attr in inspect(row).attrs if attr.history.has_changes()}
    return getattr(row, "__tablename__", "") == "beboer" and changed <= _BOOKKEEPING
