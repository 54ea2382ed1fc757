"""Whose contact an imported row is: a resident is only recognised by name and phone, or name and address.

Never by name alone: two residents in one file would share what was said in confidence. Within one file, rows with the
same name and no more are one person; and a file that has grown since last time gives her the resident its earlier rows
already have.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import acting
from rådgivning.beboere.search import fresh_index
from rådgivning.dansk import fold
from rådgivning.database import new_id
from rådgivning.nøgler.opening import open_many
from rådgivning.nøgler.restriction import trods_begrænsning

Mærke = tuple[str, str, str]
CHUNK = 500


class FlerePasser(Exception):
    """More than one resident fits."""


@dataclass
class Person:
    """A resident as the import sees her; `ny` until she is registered, `ligner` when another has the same name."""

    id: uuid.UUID
    data: BeboerData
    ny: bool = False
    ligner: bool = False


def mærker(data: BeboerData) -> list[Mærke]:
    """What she is recognised by: phone, address; only when there is neither, name and afdeling within the file."""
    navn = fold(data.navn)
    found = [("telefon", navn, data.telefon)] if data.telefon else []
    found += [("adresse", navn, fold(data.adresse))] if data.adresse else []
    return found or [("navn", navn, data.afdeling)]


class Personer:
    """The residents of one import: those that exist, and those it will make."""

    def __init__(self, session: Session, wanted: Sequence[BeboerData]) -> None:
        self._by_mark: dict[Mærke, dict[uuid.UUID, Person]] = {}
        self._names: set[str] = set()
        self._by_id: dict[uuid.UUID, Person] = {}
        self._load(session, wanted)

    def _load(self, session: Session, wanted: Sequence[BeboerData]) -> None:
        """Open the residents that could be meant, once, as one batch: a restricted one too, who is compared and not
        shown, so that she is not registered a second time."""
        helhedsplan_id, _bruger = acting(session)
        index = fresh_index(session, helhedsplan_id)
        queries = {f"{data.navn} {more}" for data in wanted for more in (data.telefon, data.adresse) if more}
        queries |= {data.navn for data in wanted}
        ids = list(dict.fromkeys(found for query in sorted(queries) for found in index.search(query, 20)))
        rows = [row for chunk in chunks(ids) for row in session.exec(select(Beboer).where(col(Beboer.id).in_(chunk)))]
        with trods_begrænsning(session):
            known = open_many(session, rows, BeboerData, "import: genkend beboere")
        for beboer_id, data in known.items():
            person = Person(beboer_id, data)
            self._by_id[beboer_id] = person
            self._names.add(fold(data.navn))
            for mark in mærker(data):
                if mark[0] != "navn":
                    self._by_mark.setdefault(mark, {})[beboer_id] = person

    def husk(self, session: Session, data: BeboerData, beboer_id: uuid.UUID) -> None:
        """An earlier row of the file already stands with this resident: later rows like it are hers too."""
        person = self._by_id.get(beboer_id)
        if person is None:
            row = session.get(Beboer, beboer_id)
            with trods_begrænsning(session):
                opened = open_many(session, [row] if row is not None else [], BeboerData, "import: genkend beboere")
            if beboer_id not in opened:
                return
            person = self._by_id[beboer_id] = Person(beboer_id, opened[beboer_id])
        for mark in mærker(data):
            self._by_mark.setdefault(mark, {})[beboer_id] = person

    def find(self, data: BeboerData) -> Person:
        """The resident a row means, a new one when nobody is recognised. Raises FlerePasser."""
        marks = mærker(data)
        fitting = {i: person for mark in marks for i, person in self._by_mark.get(mark, {}).items()}
        if len(fitting) > 1:
            raise FlerePasser
        person = next(iter(fitting.values()), None)
        if person is None:
            person = Person(new_id(), data, ny=True, ligner=fold(data.navn) in self._names)
            self._names.add(fold(data.navn))
        for mark in marks:
            self._by_mark.setdefault(mark, {})[person.id] = person
        return person


def chunks(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    """The ids in pieces that one query can name."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
