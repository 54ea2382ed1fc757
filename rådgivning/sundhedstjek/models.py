"""Tables of Sundhedstjek sessions: heads are counted, no person is known."""

from __future__ import annotations

import uuid
from datetime import date

from sqlmodel import Field

from rådgivning.database import Base, new_id


class Sundhedstjek(Base, table=True):
    """One session. Nothing here is sealed, so there is no room for a note; `titel` is the temamøde's, never a name."""

    __tablename__ = "sundhedstjek"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    dato: date = Field(index=True)
    sted: str = Field(max_length=60)
    tema: str = Field(max_length=60)
    temamøde: bool = False
    titel: str = Field(default="", max_length=80)
    brobygninger: int = 0
    version: int = 1


class SundhedstjekFremmøde(Base, table=True):
    """How many of one age group came. The fact's id may stand in clear: it leads to a head count, not to a person."""

    __tablename__ = "sundhedstjek_fremmøde"

    sundhedstjek_id: uuid.UUID = Field(foreign_key="sundhedstjek.id", primary_key=True)
    aldersgruppe: str = Field(primary_key=True, max_length=60)
    antal: int
    faktum_id: uuid.UUID | None = None
