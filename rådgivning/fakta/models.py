"""The one table the figures come from, and the copy of it that is already published."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from rådgivning.database import Base, new_id


class FaktumKolonner(SQLModel):
    """What a fact says. All dimensions are plan-file keys, "" when they do not apply; `antal` is 1 or a head count.

    Of an ended restancesag `fase` is the furthest phase reached, `kontaktet` whether the household was reached before
    the ophævelse (ja, nej) and `ventetid` how long that took (a band of restancer/waiting.py).
    """

    helhedsplan_id: uuid.UUID
    enhed: str
    måned: str = Field(max_length=7)
    afdeling: str = ""
    aktivitet: str = ""
    art: str = ""
    hovedemne: str = ""
    aldersgruppe: str = ""
    kilde: str = ""
    form: str = ""
    udfald: str = ""
    anledning: str = ""
    modtager: str = ""
    ledsaget: str = ""
    fase: str = ""
    sted: str = ""
    tema: str = ""
    kontaktet: str = ""
    ventetid: str = ""
    antal: int = 1
    pseudonym: bytes | None = None


class Faktum(FaktumKolonner, Base, table=True):
    """One counted event.

    There is no resident id and no date, only the month. Rows have random keys and SQLite stores them in key order
    (`WITHOUT ROWID`), so that neither a key nor the place in the file tells in which order they were written.
    `pseudonym` is a person's code for one calendar year; without one the event counts as a person of its own.
    """

    __tablename__ = "faktum"
    __table_args__: ClassVar[Any] = (
        Index(None, "helhedsplan_id", "måned"),
        {"sqlite_with_rowid": False},
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)


class FrossetFaktum(FaktumKolonner, Base, table=True):
    """A fact as it was when figures of its month were last published: every figure is counted from these.

    `måned` is the month that counts it; `fra` its own, when that was closed already.
    """

    __tablename__ = "frosset_faktum"
    __table_args__: ClassVar[Any] = (
        Index(None, "helhedsplan_id", "måned"),
        {"sqlite_with_rowid": False},
    )

    id: uuid.UUID = Field(primary_key=True)
    måned: str = Field(max_length=7, primary_key=True)
    fra: str = Field(default="", max_length=7)


class FrossetMåned(Base, table=True):
    """Which copy of a month is published. `nr` counts copies that only added facts; a copy that took some away or
    changed them begins a new `serie`. A month that is `lukket` is never copied again.

    `efterregistrerede` persons' facts in it came too late for their own month; `rettede` persons' facts in closed
    months had been corrected or removed when it was copied. True counts: shown only rounded, not at all when small.
    """

    __tablename__ = "frosset_måned"

    helhedsplan_id: uuid.UUID = Field(primary_key=True)
    måned: str = Field(max_length=7, primary_key=True)
    serie: int = 1
    nr: int = 0
    lukket: bool = False
    lukket_den: date | None = None
    efterregistrerede: int = 0
    rettede: int = 0
