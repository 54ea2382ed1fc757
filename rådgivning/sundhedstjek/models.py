"""Tables of Sundhedstjek sessions: heads are counted, no person is known."""

from __future__ import annotations

import uuid
from datetime import date

from sqlmodel import Field

from rådgivning.database import Base, new_id


class Sundhedstjek(Base, table=True):
    """One session. `bemærkning` is about the session; the form refuses CPR numbers and asks for no names."""

    __tablename__ = "sundhedstjek"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    dato: date = Field(index=True)
    sted: str = Field(max_length=60)
    tema: str = Field(max_length=60)
    temamøde: bool = False
    titel: str = ""
    bemærkning: str = ""
    brobygninger: int = 0
    version: int = 1


class SundhedstjekFremmøde(Base, table=True):
    """How many of one age group came. The fact's id may stand in clear: it leads to a head count, not to a person."""

    __tablename__ = "sundhedstjek_fremmøde"

    sundhedstjek_id: uuid.UUID = Field(foreign_key="sundhedstjek.id", primary_key=True)
    aldersgruppe: str = Field(primary_key=True, max_length=60)
    antal: int
    faktum_id: uuid.UUID | None = None
