"""Facts as plain values, read in one query without the ORM's bookkeeping, and a million of them as columns of codes."""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session

from rådgivning.fakta.models import Faktum, FrossetFaktum


class Fakta(NamedTuple):
    """What a fact says; dimensions that no report uses are left out."""

    enhed: str
    måned: str
    afdeling: str
    aktivitet: str
    art: str
    hovedemne: str
    aldersgruppe: str
    kilde: str
    form: str
    anledning: str
    udfald: str
    modtager: str
    ledsaget: str
    sted: str
    tema: str
    fase: str
    kontaktet: str
    ventetid: str
    antal: int
    pseudonym: bytes | None


_BLOK = 20_000
_SKEL = "\x1f"
_SAMLET = (
    ("enhed", "måned", "afdeling", "aktivitet"),
    ("art", "form", "kilde"),
    ("hovedemne", "aldersgruppe", "anledning"),
    ("udfald", "modtager", "ledsaget", "sted", "tema", "fase", "kontaktet", "ventetid"),
)
"""Columns that the database hands over as one text: there are few different ones, and a million rows of six values are
read in a third of the time of twenty."""


class _Koder(dict[Any, int]):
    """A code for each different value, in the order they are met."""

    def __missing__(self, value: Any) -> int:
        self[value] = code = len(self)
        return code


class Faktabord(Iterable[Fakta]):
    """Some facts by column: of each the codes, and in `værdier` what the codes stand for (of two codes it may be the
    same, but not of pseudonyms). Iterated, it gives the facts."""

    def __init__(self, koder: Mapping[str, NDArray[np.int32]], værdier: Mapping[str, Sequence[Any]]) -> None:
        self.koder, self.værdier = koder, værdier

    @classmethod
    def af(cls, fakta: Iterable[Fakta]) -> Faktabord:
        """Facts that are in hand already."""
        coded = _kod([list(fakta)], len(Fakta._fields))
        return cls(
            {name: codes for name, (codes, _) in zip(Fakta._fields, coded, strict=True)},
            {name: values for name, (_, values) in zip(Fakta._fields, coded, strict=True)},
        )

    def __len__(self) -> int:
        return len(self.koder["antal"])

    def __iter__(self) -> Iterator[Fakta]:
        columns = [map(self.værdier[name].__getitem__, self.koder[name]) for name in Fakta._fields]
        return map(Fakta._make, zip(*columns, strict=True))

    def er(self, kolonne: str, værdier: Container[Any]) -> NDArray[np.bool_]:
        """Which facts have one of some values in a column."""
        return np.array([value in værdier for value in self.værdier[kolonne]], dtype=bool)[self.koder[kolonne]]

    def i(self, måneder: Container[str]) -> Faktabord:
        """The facts of some months."""
        chosen = self.er("måned", måneder)
        return Faktabord({name: codes[chosen] for name, codes in self.koder.items()}, self.værdier)


def bord(fakta: Iterable[Fakta]) -> Faktabord:
    """Some facts by column."""
    return fakta if isinstance(fakta, Faktabord) else Faktabord.af(fakta)


def læs(session: Session, helhedsplan_id: uuid.UUID, måneder: Iterable[str]) -> Faktabord:
    """The frozen facts of some months: what figures are counted from."""
    table = FrossetFaktum.__table__.c  # type: ignore[attr-defined]
    texts = [reduce(lambda text, name: text + _SKEL + table[name], names[1:], table[names[0]]) for names in _SAMLET]
    query = select(*texts, table.antal, table.pseudonym).where(
        table.helhedsplan_id == helhedsplan_id, table.måned.in_(list(måneder))
    )
    found = session.connection().execute(query.execution_options(yield_per=_BLOK))
    *coded, (antal, heads), (pseudonym, persons) = _kod(found.partitions(), len(_SAMLET) + 2)
    koder, værdier = {"antal": antal, "pseudonym": pseudonym}, {"antal": heads, "pseudonym": persons}
    for names, (codes, values) in zip(_SAMLET, coded, strict=True):
        parts = zip(*(text.split(_SKEL) for text in values), strict=True) if values else [()] * len(names)
        for name, labels in zip(names, parts, strict=True):
            koder[name], værdier[name] = codes, list(labels)
    return Faktabord(koder, værdier)


def _kod(blokke: Iterable[Sequence[Sequence[Any]]], kolonner: int) -> list[tuple[NDArray[np.int32], list[Any]]]:
    """The columns of some blocks of rows: codes, and what they stand for."""
    known = [_Koder() for _ in range(kolonner)]
    parts: list[list[NDArray[np.int32]]] = [[np.zeros(0, dtype=np.int32)] for _ in known]
    for block in filter(None, blokke):
        for column, codes, values in zip(parts, known, zip(*block, strict=True), strict=True):
            column.append(np.fromiter(map(codes.__getitem__, values), dtype=np.int32, count=len(block)))
    return [(np.concatenate(column), list(codes)) for column, codes in zip(parts, known, strict=True)]


def læs_måned(
    session: Session, tabel: type[Faktum] | type[FrossetFaktum], helhedsplan_id: uuid.UUID, måned: str
) -> dict[uuid.UUID, Fakta]:
    """One month's facts or their copies by id."""
    table = tabel.__table__.c  # type: ignore[union-attr]
    columns = [table[name] for name in Fakta._fields]
    query = select(table.id, *columns).where(table.helhedsplan_id == helhedsplan_id, table.måned == måned)
    return {row[0]: Fakta._make(row[1:]) for row in session.connection().execute(query)}
