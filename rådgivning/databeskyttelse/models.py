"""Tables of the room: what a resident has asked for by her rights, what was handed out, and receipts of erasure."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id
from rådgivning.databeskyttelse.trail_models import Bopæl, Gennemset
from rådgivning.nøgler.opening import Kuvertindhold, SealedRow

__all__ = [
    "Anmodning",
    "AnmodningData",
    "Bopæl",
    "Gennemset",
    "Kvittering",
    "Maske",
    "Slags",
    "Status",
    "Udlevering",
]


class Slags(StrEnum):
    """Which right is used (GDPR art. 15, 16, 17, 18, 20, 21)."""

    INDSIGT = "indsigt"
    RETTELSE = "rettelse"
    SLETNING = "sletning"
    BEGRÆNSNING = "begrænsning"
    DATAPORTABILITET = "dataportabilitet"
    INDSIGELSE = "indsigelse"


class Status(StrEnum):
    """How far a request is."""

    MODTAGET = "modtaget"
    IMØDEKOMMET = "imødekommet"
    AFVIST = "afvist"


class Maske(BaseModel):
    """Words that are struck out wherever they stand in what is handed out, and why (a key of AFSLAG_UDSNIT)."""

    model_config = ConfigDict(hide_input_in_errors=True)

    tekst: str
    grund: str


class AnmodningData(Kuvertindhold, BaseModel):
    """What was asked and answered, in words.

    `navn`, `fødselsdato` and `adresse` are what was searched by. `masker` are struck out, `udeladt` are whole texts
    that are left out (`række-id/felt` to a reason), `medtaget` texts about third parties that are given all the same;
    `aftryk` is a hash of the texts as they were gone through.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    navn: str = ""
    fødselsdato: date | None = None
    adresse: str = ""
    ønske: str = ""
    forlænget: str = ""
    afslag: str = ""
    rettet: str = ""
    modtagere: str = ""
    ophævet: str = ""
    begrundelse: str = ""
    masker: list[Maske] = []
    udeladt: dict[str, str] = {}
    medtaget: list[str] = []
    med_navne: bool = False
    aftryk: str = ""


class Anmodning(SealedRow, table=True):
    """A request by a resident, or by somebody whom nothing is known of (then sealed under a key of its own).

    `frist` is the day an answer must have been given. `identitet` says how it was made sure that it is she who asks:
    until then nothing of hers is opened. `åbnet_til` and `åbnet_af`: until when what was handed out is open again, and
    to whom. `begrænset_fra` and `begrænset_til`: between which days she was restricted on account of this request,
    which holds the restriction while there is no end. The clear columns stay when she is erased.
    """

    __tablename__ = "anmodning"
    __table_args__ = (Index("ix_anmodning_helhedsplan_id_status_frist", "helhedsplan_id", "status", "frist"),)
    indhold: ClassVar[type[BaseModel]] = AnmodningData
    trods_begrænsning: ClassVar[bool] = True

    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    slags: str = Field(max_length=20)
    modtaget: date
    frist: date
    forlænget: date | None = None
    identitet: str = Field(default="", max_length=30)
    gennemset: datetime | None = Field(default=None, sa_type=Tidspunkt)
    status: str = Field(default=Status.MODTAGET, max_length=20)
    afgjort: date | None = None
    afgjort_af: uuid.UUID | None = None
    afslag: str = Field(default="", max_length=30)
    fundet: int = 0
    kvittering_id: uuid.UUID | None = None
    begrænset_fra: date | None = None
    begrænset_til: date | None = None
    åbnet_til: datetime | None = Field(default=None, sa_type=Tidspunkt)
    åbnet_af: uuid.UUID | None = None
    version: int = 1


class Udlevering(Base, table=True):
    """One handing out of a resident's data: how many rows, the file's SHA-256 and size; no `færdig`, no whole file."""

    __tablename__ = "udlevering"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    anmodning_id: uuid.UUID | None = Field(default=None, index=True)
    begyndt: datetime = Field(sa_type=Tidspunkt)
    færdig: datetime | None = Field(default=None, sa_type=Tidspunkt)
    af: uuid.UUID | None = None
    antal: int = 0
    størrelse: int = 0
    sha256: str = Field(default="", max_length=64)


class Kvittering(Base, table=True):
    """That somebody was erased: no name, no id. `nummer` is a keyed hash of the id, so that whoever still has the id
    can be told that this receipt is hers, and nobody else can find her by it.

    `antal`: rows by table. `glemt` and `data_glemt` are the last days on which there is a backup of her key
    and of the data.
    """

    __tablename__ = "kvittering"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    nummer: str = Field(max_length=20, unique=True)
    årsag: str = Field(max_length=40)
    af: uuid.UUID | None = None
    tidspunkt: datetime = Field(sa_type=Tidspunkt)
    glemt: date
    data_glemt: date | None = None
    antal: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
