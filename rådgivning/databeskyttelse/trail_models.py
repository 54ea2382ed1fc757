"""Tables about the trail's being read: what was looked at and why it was fine, and marks of users' own addresses."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt
from rådgivning.nøgler.opening import SealedRow


class GennemsetData(BaseModel):
    """What came out of looking; sealed, because a name may stand in it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    forklaring: str = ""


class Gennemset(SealedRow, table=True):
    """That somebody has looked at a finding of unusual reading, up to the trail's entry `nr`: what comes after that
    is shown again."""

    __tablename__ = "gennemset"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "fund"),)
    indhold: ClassVar[type[BaseModel]] = GennemsetData

    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    fund: str = Field(max_length=24)
    slags: str = Field(max_length=20)
    bruger_id: uuid.UUID = Field(index=True)
    nr: int
    tidspunkt: datetime = Field(sa_type=Tidspunkt)


class Bopæl(Base, table=True):
    """A keyed mark of a user's own address: tells whether a resident lives there, and never where it is."""

    __tablename__ = "bopæl"

    bruger_id: uuid.UUID = Field(primary_key=True, foreign_key="bruger.id")
    mærke: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    gemt: datetime = Field(sa_type=Tidspunkt)
