"""A restricted resident (GDPR art. 18): what is sealed about her is kept, and neither changed, deleted nor read.

One place for every room. Whoever changes a row about her meets it when the Session flushes, except who reports of what
she sent herself; whoever opens one of her pages meets it at the door, unless she has said why and it is still that
quarter of an hour (`Begrænsningslæsning`).
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Table, event, inspect, select
from sqlmodel import Session

from rådgivning.database import Base, now
from rådgivning.nøgler.errors import Begrænset
from rådgivning.nøgler.models import Begrænsningslæsning
from rådgivning.spor.trail import aktør

_TRODS = "trods_begrænsning"
_DATABESKYTTELSE = "databeskyttelse"
_FEW = 300
_LÆST: Table = Begrænsningslæsning.__table__  # type: ignore[attr-defined]
BEGRÆNSET = "Behandlingen er begrænset"
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
    if unread(session, [row], omfang):
        raise Begrænset(KAN_IKKE_LÆSES, whose(row))


def unread(session: Session, rows: Sequence[object], omfang: str | None) -> frozenset[uuid.UUID]:
    """The residents of these rows who are restricted and whom the actor has given no reason for reading: a list says
    that there is something about them, and not what.

    Databeskyttelse is not asked: that role opens nothing but what a right demands, or what users say of their reading.
    """
    who = aktør(session)
    if session.info.get(_TRODS) or omfang != "alle" or who.rolle == _DATABESKYTTELSE:
        return frozenset()
    hers = restricted(session, {b for row in rows if (b := whose(row)) is not None})
    if not hers:
        return hers
    given = select(_LÆST.c.person_id).where(_LÆST.c.bruger_id == who.bruger_id, _LÆST.c.til >= now())
    return hers - set(session.connection().execute(given).scalars())


def restricted(session: Session, beboere: Iterable[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Which of these residents are restricted, as the database has it."""
    table: Table | None = Base.metadata.tables.get("beboer")
    ids, found = list(beboere), set[uuid.UUID]()
    if table is None:
        return frozenset()
    for start in range(0, len(ids), _FEW):
        query = select(table.c.id).where(table.c.id.in_(ids[start : start + _FEW]), table.c.begrænset.is_not(None))
        found |= set(session.connection().execute(query).scalars())
    return frozenset(found)


def kræv_ubegrænsede(session: Session, beboere: Iterable[uuid.UUID], besked: str = KAN_IKKE_ÆNDRES) -> None:
    """Raises Begrænset when one of these residents is restricted: for what is sealed under no key of theirs as well."""
    if not session.info.get(_TRODS) and (kept := restricted(session, beboere)):
        raise Begrænset(besked, min(kept))


def borte(session: Session, beboer_id: uuid.UUID | None, slettet: str = "Slettet") -> str:
    """What a list says in the place of what is not opened: the resident is restricted, or else erased."""
    return BEGRÆNSET if beboer_id is not None and restricted(session, [beboer_id]) else slettet


def whose(row: object) -> uuid.UUID | None:
    """The resident a row is about, or None."""
    found = row.id if getattr(row, "__tablename__", "") == "beboer" else getattr(row, "beboer_id", None)  # type: ignore[attr-defined]
    return found if isinstance(found, uuid.UUID) else None


def _refuse_changes(session: Session, _context: object, _instances: object) -> None:
    if session.info.get(_TRODS):
        return
    dirty = (row for row in session.dirty if session.is_modified(row) and not _kept(row))
    changed = (*session.new, *session.deleted, *dirty)
    both = (
        (whose(row), _whose_before(session, row)) for row in changed if _counts(row) and not _reported(session, row)
    )
    kræv_ubegrænsede(session, {b for pair in both for b in pair if b is not None})


def _reported(session: Session, row: Any) -> bool:
    """Whether this is what somebody outside the team says in a row that she sent herself: a landlord's legal claim
    (art. 18(2)), taken whether or not there is a resident behind it, since a refusal would tell her that there is."""
    who = aktør(session)
    mine = who.omfang(row.__tablename__) == "egne" and getattr(row, "ejer_id", None) == who.bruger_id
    return mine and row not in session.deleted


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
