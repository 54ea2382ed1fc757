"""The residents' search index: built from opened envelopes, in memory alone, kept fresh across workers.

Every change of a resident gets the next number of her helhedsplan in `Søgeændring`, in the transaction of the change.
A worker that has seen up to number n reads what is newer than n before it searches.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable
from typing import cast

from sqlmodel import Session, col, select

from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.dansk import sorteringsnøgle
from rådgivning.nøgler.changes import first_own
from rådgivning.nøgler.models import Søgeændring
from rådgivning.nøgler.opening import open_unnamed
from rådgivning.nøgler.search import IndexRegister, SearchIndex, SøgePost

_applying = threading.Lock()


class BeboerIndex(SearchIndex):
    """The search index, which also knows the residents' Danish order."""

    def __init__(self) -> None:
        self._order: dict[uuid.UUID, tuple[str, str]] = {}
        super().__init__()

    def put_many(self, posts: Iterable[tuple[uuid.UUID, SøgePost]]) -> None:
        """Add or replace residents."""
        batch = list(posts)
        super().put_many(batch)
        self._order |= {id_: sorteringsnøgle(post.navn) for id_, post in batch}

    def remove(self, id: uuid.UUID) -> None:  # noqa: A002 - as the base class has it
        """Take a resident out."""
        super().remove(id)
        self._order.pop(id, None)

    def in_order(self) -> list[uuid.UUID]:
        """Every resident, by name, in Danish order."""
        order = dict(self._order)
        return sorted(order, key=order.__getitem__)


def fresh_index(session: Session, helhedsplan_id: uuid.UUID) -> BeboerIndex:
    """The helhedsplan's index with every committed change in it.

    What this very transaction changed is left out: it may still be undone, and the index cannot. Until then the index
    does not count as having come further either, for a change that is undone gives its row the earlier number back.
    """
    register = cast("IndexRegister", session.info["register"])
    while True:
        kept = register.get(helhedsplan_id)
        index, seen = cast("tuple[BeboerIndex, int]", kept) if kept else (BeboerIndex(), 0)
        newest, posts, gone = _changes(session, helhedsplan_id, seen)
        with _applying:
            if register.get(helhedsplan_id) is kept:
                index.put_many(posts)
                for beboer_id in gone:
                    index.remove(beboer_id)
                if newest != seen or kept is None:
                    register.set(helhedsplan_id, index, newest)
                return index


def _changes(
    session: Session, helhedsplan_id: uuid.UUID, seen: int
) -> tuple[int, list[tuple[uuid.UUID, SøgePost]], list[uuid.UUID]]:
    """The newest number, and who is to be put in and who taken out to get there from `seen`."""
    query = (
        select(Søgeændring.række_id, Søgeændring.nr, Beboer)
        .join(Beboer, col(Beboer.id) == col(Søgeændring.række_id), isouter=True)
        .where(Søgeændring.helhedsplan_id == helhedsplan_id, Søgeændring.nr > seen)
    )
    own = first_own(session)
    if own is not None:
        query = query.where(Søgeændring.nr < own)
    changes = session.exec(query).all()
    opened = open_unnamed(session, [b for _, _, b in changes if b is not None], BeboerData)
    posts = [(i, SøgePost(d.navn, d.adresse, d.telefon)) for i, d in opened.items()]
    gone = [i for i, _, _ in changes if i not in opened]
    newest = max((nr for _, nr, _ in changes), default=seen) if own is None else seen
    return newest, posts, gone
