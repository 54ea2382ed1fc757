"""Tables of the room: a booking, its note, when the beboerrådgiver is busy, and the addresses of calendar feeds.

A booking names no resident: address and lejemål are enough to get there, so it is sealed under a key of its own. It is
three rows of one id under one key, because three readers may open different parts: the booking itself is joint within
a boligorganisation, the note is the beboerrådgiver's, and when she is busy is everybody's who books her.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id
from rådgivning.kalender.states import Status
from rådgivning.nøgler.opening import SealedRow


class AftaleData(BaseModel):
    """What both sides of a booking see. `varighed` is minutes; `afventer` the side whose answer is awaited, or "".

    `deltagere`: who goes along, besides the beboerrådgiver. `svar`: the last answer in words. `før` and `før_afventer`:
    where a visit stood that was then marked as done.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    art: str = ""
    start: time = time(0)
    varighed: int = 0
    adresse: str = ""
    lejemål: str = ""
    afdeling: str = ""
    deltagere: str = ""
    rådgiver_id: uuid.UUID | None = None
    svar: str = ""
    afventer: str = ""
    ændret: datetime | None = None
    før: str = ""
    før_afventer: str = ""


class Aftale(SealedRow, table=True):
    """A planned visit. `ejer_id` is who booked it; both sides may answer and change it."""

    __tablename__ = "aftale"
    __table_args__ = (Index("ix_aftale_helhedsplan_id_dato", "helhedsplan_id", "dato"),)
    indhold: ClassVar[type[BaseModel]] = AftaleData

    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    boligorganisation: str
    dato: date
    status: str = Status.FORESLÅET
    version: int = 1


class AftaleNoteData(BaseModel):
    """What the beboerrådgiver should know; whoever wrote it, she alone reads it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    note: str = ""


class AftaleNote(SealedRow, table=True):
    """A booking's note, in an envelope that ejendomsdrift's role does not open. `id` is the booking's."""

    __tablename__ = "aftale_note"
    indhold: ClassVar[type[BaseModel]] = AftaleNoteData


class OptagetData(BaseModel):
    """Who is busy, from when, for how many minutes; not where, nor why."""

    model_config = ConfigDict(hide_input_in_errors=True)

    rådgiver_id: uuid.UUID | None = None
    start: time = time(0)
    varighed: int = 0


class Optaget(SealedRow, table=True):
    """A beboerrådgiver's busy time, opened also where the booking is another boligorganisation's. `id` is its id."""

    __tablename__ = "optaget"
    indhold: ClassVar[type[BaseModel]] = OptagetData

    dato: date = Field(index=True)


class Kalenderfeed(Base, table=True):
    """The address of a user's calendar feed. Only its token's SHA-256 is stored, so a stolen table opens none."""

    __tablename__ = "kalenderfeed"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    oprettet: datetime = Field(sa_type=Tidspunkt)
    sidst_brugt: datetime | None = Field(default=None, sa_type=Tidspunkt)
    tilbagekaldt: datetime | None = Field(default=None, sa_type=Tidspunkt)
