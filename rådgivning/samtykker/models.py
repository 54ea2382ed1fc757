"""Table of the room: what a resident has said yes to."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import Index
from sqlmodel import Field

from rådgivning.nøgler.opening import Kuvertindhold, SealedRow

MUNDTLIGT, SKRIFTLIGT = "mundtligt", "skriftligt"


class SamtykkeData(Kuvertindhold, BaseModel):
    """What was agreed: for what, what may be told, to whom (keys of the plan's list samtykke_modtager, and others by
    name), how and when it was given, and the words or a note.

    An oral one says on what occasion it was given and who was there (`vidne`), a written one where the paper is kept
    (`opbevares`). `fornyer` is the one that this one takes over from. A withdrawn one says how it was withdrawn, and
    `virkning` what was to be done about what had been told already. A colleague sees neither that nor `ordlyd`.
    """

    formål: str = ""
    modtagere: list[str] = []
    måde: str = ""
    givet: date | None = None
    ordlyd: str = ""
    hvad: str = ""
    andre: str = ""
    vidne: str = ""
    anledning: str = ""
    opbevares: str = ""
    fornyer: uuid.UUID | None = None
    trukket_måde: str = ""
    virkning: str = ""


class Samtykke(SealedRow, table=True):
    """A consent (GDPR art. 4, no. 11, and art. 7). It is valid from the day it is written down until `til` (None: until
    withdrawn), and not one moment longer than to its withdrawal. Withdrawn and expired ones stay as history.

    `deler_restance` is the one bit of content that stands in clear: whether Opkrævning may see *kontakt opnået* and
    *aftale på vej*. It decides what is shown to a user who may open no consent, and its answer must not cost an opened
    envelope, which would itself leave a trace of her reading it. It tells a thief that a resident number has let
    something be shared with her landlord, which the number's restancesag in clear suggests anyway.
    """

    __tablename__ = "samtykke"
    __table_args__ = (Index("ix_samtykke_helhedsplan_id_trukket_til", "helhedsplan_id", "trukket", "til"),)
    indhold: ClassVar[type[BaseModel]] = SamtykkeData

    beboer_id: uuid.UUID = Field(index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    til: date | None = None
    trukket: date | None = None
    deler_restance: bool = False
    påmindet: date | None = None
    fornyet: date | None = None
