"""Tables of the audit trail."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt


class Handling(StrEnum):
    """What was done. Closed: a new kind of act is a new word here."""

    ÅBNET = "åbnet"
    OPRETTET = "oprettet"
    ÆNDRET = "ændret"
    SLETTET = "slettet"
    AFVIST = "afvist"
    LOGGET_IND = "logget ind"
    LOGGET_UD = "logget ud"
    LOG_IND_AFVIST = "log ind afvist"
    EKSPORTERET = "eksporteret"
    IMPORTERET = "importeret"
    INDEKSERET = "indekseret"
    SYSTEM = "system"


class Spor(Base, table=True):
    """One entry. `kæde` is the helhedsplan's id, or "system"; `nr` counts from 1 without holes inside it.

    `mac` is HMAC-SHA256 over the entry and the previous entry's `mac`, so that an entry can be neither changed,
    removed nor moved without the audit key. `enhed` is the id of the signed-in browser's session.
    """

    __tablename__ = "spor"
    __table_args__ = (
        Index("ix_spor_tidspunkt", "tidspunkt"),
        Index("ix_spor_aktør", "aktør"),
        Index("ix_spor_kæde_tidspunkt", "kæde", "tidspunkt"),
    )

    kæde: str = Field(primary_key=True, max_length=36)
    nr: int = Field(primary_key=True)
    tidspunkt: datetime = Field(sa_type=Tidspunkt)
    aktør: uuid.UUID | None = None
    rolle: str = ""
    handling: str
    genstand: str
    anledning: str = ""
    rækker: list[str] = Field(sa_column=Column(JSON, nullable=False))
    beboere: list[str] = Field(sa_column=Column(JSON, nullable=False))
    detaljer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    enhed: str = Field(default="", max_length=36)
    mac: bytes


class SporNævnt(Base, table=True):
    """Whom an entry names, to find it by: each id of its `rækker` and `beboere` once. Says nothing that the entry does
    not, and `tjek` compares the two.

    `beboer`: as a resident. `læst_af`: who opened it, None for an entry that is no opening.
    """

    __tablename__ = "spor_nævnt"
    __table_args__ = (Index("ix_spor_nævnt_om", "kæde", "om", "nr"), {"sqlite_with_rowid": False})

    kæde: str = Field(primary_key=True, max_length=36)
    nr: int = Field(primary_key=True)
    om: str = Field(primary_key=True, max_length=36)
    beboer: bool = False
    læst_af: uuid.UUID | None = None


class SporHoved(Base, table=True):
    """The end of each chain: a cut-off tail shows, and writers queue here for the next number.

    Entries up to `fra` are deleted by the retention rule (see retention.py); the first that is left follows `fra_mac`.
    """

    __tablename__ = "spor_hoved"

    kæde: str = Field(primary_key=True, max_length=36)
    nr: int = 0
    mac: bytes = b""
    segl: bytes = b""
    fra: int = 0
    fra_mac: bytes | None = None


class SporSendt(Base, table=True):
    """How far each chain has been handed to a receiver outside this machine; see stream.py."""

    __tablename__ = "spor_sendt"

    kæde: str = Field(primary_key=True, max_length=36)
    nr: int


class FremmedAfvist(Base, table=True):
    """How often strangers were refused in one minute, from one place, at one thing; see strangers.py.

    `sted` is a keyed mark of a network for one day: no address stands here.
    """

    __tablename__ = "fremmed_afvist"

    minut: datetime = Field(sa_type=Tidspunkt, primary_key=True)
    sted: str = Field(primary_key=True, max_length=10)
    genstand: str = Field(primary_key=True, max_length=80)
    status: int = Field(primary_key=True)
    metode: str = Field(primary_key=True, max_length=10)
    antal: int = 1
