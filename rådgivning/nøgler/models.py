"""What the data database knows of keys: their check values, and which rows workers must read again."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt


class Nøglekontrol(Base, table=True):
    """Check value of each keyring key this database was written with."""

    __tablename__ = "nøglekontrol"

    kid: int = Field(primary_key=True)
    kcv: bytes


class Søgeændring(Base, table=True):
    """The last change of each row that workers keep in memory, numbered per helhedsplan: see changes.py."""

    __tablename__ = "søgeændring"
    __table_args__ = (Index(None, "helhedsplan_id", "nr"),)

    helhedsplan_id: uuid.UUID = Field(primary_key=True)
    række_id: uuid.UUID = Field(primary_key=True)
    nr: int


class Sletning(Base, table=True):
    """A person key that is destroyed, or will be as soon as the commit that says so stands.

    `varig`: kept for ever, so that the same id never gets a new key and a restored backup is cleaned again; the others
    (drafts that were saved, what had its time) are forgotten once the key is gone.
    """

    __tablename__ = "sletning"

    person_id: uuid.UUID = Field(primary_key=True)
    varig: bool = True
    udført: bool = False


class Begrænsningslæsning(Base, table=True):
    """That a user said why she has to read a restricted resident, and until when that holds."""

    __tablename__ = "begrænsningslæsning"

    bruger_id: uuid.UUID = Field(primary_key=True)
    person_id: uuid.UUID = Field(primary_key=True)
    grund: str = Field(max_length=30)
    til: datetime = Field(sa_type=Tidspunkt)
