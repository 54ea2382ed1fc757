"""What a worker keeps in memory of a sealed table, so that lists can filter and look up by what no column says.

One picture per helhedsplan, built from opened envelopes and kept fresh by the numbered changes; it holds plain text, so
it lives and dies with the process. Building it is traced as one count. Whoever then looks at a row opens it by name.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel
from sqlalchemy import event
from sqlmodel import Session, col, select

from rådgivning.nøgler.changes import first_own, highest
from rådgivning.nøgler.models import Søgeændring
from rådgivning.nøgler.opening import MåIkkeÅbne, SealedRow, open_in_turns, open_unnamed
from rådgivning.spor.trail import aktør

_OWN = "egne billeder"
Post = TypeVar("Post")


class Billede(Generic[Post]):
    """What is kept of each row, by id. A table that is looked up otherwise keeps its other orders in step here."""

    def __init__(self) -> None:
        self.poster: dict[uuid.UUID, Post] = {}

    def sæt(self, id: uuid.UUID, post: Post) -> None:  # noqa: A002
        """Put a row in, in the place of what was known of it."""
        self.poster[id] = post

    def fjern(self, id: uuid.UUID) -> None:  # noqa: A002
        """Take a row out; an unknown one is no error."""
        self.poster.pop(id, None)

    def kopi(self) -> Billede[Post]:
        """One that can be changed while others read this."""
        new = type(self)()
        for id_, post in self.poster.items():
            new.sæt(id_, post)
        return new


class Billedregister:
    """The pictures of one process, each with the number it is right at. A picture in it is never changed again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, uuid.UUID], tuple[Billede[Any], int]] = {}
        self._nået: dict[tuple[str, uuid.UUID], int] = {}

    def get(self, tabel: str, helhedsplan_id: uuid.UUID) -> tuple[Billede[Any], int] | None:
        """The picture of a table and its number, or None when none has been built."""
        with self._lock:
            return self._kept.get((tabel, helhedsplan_id))

    def set(self, tabel: str, helhedsplan_id: uuid.UUID, billede: Billede[Any], nr: int) -> None:
        """Keep a picture, unless another thread has brought a newer one."""
        with self._lock:
            kept = self._kept.get((tabel, helhedsplan_id))
            if kept is None or kept[1] <= nr:
                self._kept[tabel, helhedsplan_id] = billede, nr

    def nået(self, arbejde: str, helhedsplan_id: uuid.UUID) -> int:
        """The number up to which some work on the rows is known to be done; -1 when this process does not know."""
        with self._lock:
            return self._nået.get((arbejde, helhedsplan_id), -1)

    def husk(self, arbejde: str, helhedsplan_id: uuid.UUID, nr: int) -> None:
        """Remember that the work is done up to a number."""
        with self._lock:
            self._nået[arbejde, helhedsplan_id] = nr


def billeder(session: Session) -> Billedregister:
    """The process's pictures, which this Session was given."""
    return cast("Billedregister", session.info["billeder"])


def prepare_mirrors(session: Session, register: Billedregister) -> None:
    """Give a new Session the process's pictures. What it saw of its own work is forgotten with any rollback."""
    session.info["billeder"] = register
    event.listen(session, "after_soft_rollback", _forget)


def _forget(session: Session, _transaction: object) -> None:
    session.info.pop(_OWN, None)


@dataclass(frozen=True)
class Spejl(Generic[Post]):
    """How a table is kept in memory. `post` makes what is kept of a row; its value is None when nobody can open it."""

    tabel: type[SealedRow]
    indhold: type[BaseModel]
    post: Callable[[Any, Any], Post | None]
    tomt: Callable[[], Billede[Post]]

    def frisk(self, session: Session) -> Billede[Post]:
        """The actor's helhedsplan as this transaction sees it, own changes and all; to be read, never to be changed.

        Raises MåIkkeÅbne for a role that may not open all rows of the table.
        """
        navn, helhedsplan_id = self._allowed(session)
        register = billeder(session)
        own = first_own(session)
        kept = register.get(navn, helhedsplan_id)
        if own is not None:
            return self._with_own(session, helhedsplan_id, kept)
        billede, nr = self._newer(session, helhedsplan_id, kept, copy=True)
        if kept is None or nr != kept[1]:
            register.set(navn, helhedsplan_id, billede, nr)
        return billede

    def varm(self, session: Session) -> None:
        """Build the picture ahead of whoever asks for it, where there is none, in short transactions; commits.

        What changes meanwhile has a later number than the one the building began at, and is read again by `frisk`.
        Raises MåIkkeÅbne as `frisk` does.
        """
        navn, helhedsplan_id = self._allowed(session)
        register = billeder(session)
        if register.get(navn, helhedsplan_id) is not None:
            return
        nr = highest(session, helhedsplan_id)
        ids = session.exec(select(self.tabel.id).where(self.tabel.helhedsplan_id == helhedsplan_id)).all()
        billede = self.tomt()
        for batch in open_in_turns(session, self.tabel, ids, self.indhold):
            for row, value in batch:
                self._put_one(billede, row, value)
        register.set(navn, helhedsplan_id, billede, nr)

    def _allowed(self, session: Session) -> tuple[str, uuid.UUID]:
        """The table and the actor's helhedsplan; raises MåIkkeÅbne."""
        who = aktør(session)
        navn = str(self.tabel.__tablename__)
        if who.helhedsplan_id is None or who.omfang(navn) != "alle":
            raise MåIkkeÅbne(navn)
        return navn, who.helhedsplan_id

    def _with_own(
        self, session: Session, helhedsplan_id: uuid.UUID, kept: tuple[Billede[Post], int] | None
    ) -> Billede[Post]:
        """A picture of this transaction alone, since it may still be undone; kept on with it from call to call."""
        transaction, mine = session.info.get(_OWN) or (None, {})
        if transaction is not session.get_transaction():
            mine = {}
            session.info[_OWN] = session.get_transaction(), mine
        pictures = cast("dict[type[SealedRow], tuple[Billede[Post], int]]", mine)
        start = pictures.get(self.tabel) or (kept and (kept[0].kopi(), kept[1]))
        pictures[self.tabel] = self._newer(session, helhedsplan_id, start, copy=False)
        return pictures[self.tabel][0]

    def _newer(
        self, session: Session, helhedsplan_id: uuid.UUID, kept: tuple[Billede[Post], int] | None, *, copy: bool
    ) -> tuple[Billede[Post], int]:
        """The picture with everything newer in it, and the newest number. With nothing newer it is the same one."""
        if kept is None:
            nr = highest(session, helhedsplan_id)
            rows = session.exec(select(self.tabel).where(self.tabel.helhedsplan_id == helhedsplan_id)).all()
            billede = self.tomt()
            self._put(session, billede, rows)
            return billede, nr
        billede, seen = kept
        query = (
            select(Søgeændring.række_id, Søgeændring.nr, self.tabel)
            .join(self.tabel, col(self.tabel.id) == col(Søgeændring.række_id), isouter=True)
            .where(Søgeændring.helhedsplan_id == helhedsplan_id, Søgeændring.nr > seen)
        )
        changes = session.exec(query).all()
        if not changes:
            return kept
        billede = billede.kopi() if copy else billede
        for række_id, _nr, row in changes:
            if row is None:
                billede.fjern(række_id)
        self._put(session, billede, [row for _id, _nr, row in changes if row is not None])
        return billede, max(nr for _id, nr, _row in changes)

    def _put(self, session: Session, billede: Billede[Post], rows: Iterable[SealedRow]) -> None:
        batch = list(rows)
        values = open_unnamed(session, batch, self.indhold) if batch else {}
        for row in batch:
            self._put_one(billede, row, values.get(row.id))

    def _put_one(self, billede: Billede[Post], row: SealedRow, value: BaseModel | None) -> None:
        post = self.post(row, value)
        if post is None:
            billede.fjern(row.id)
        else:
            billede.sæt(row.id, post)
