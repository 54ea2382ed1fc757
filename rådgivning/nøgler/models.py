"""What the data database knows of keys: their check values, and which residents the search index must read again."""

from __future__ import annotations

import uuid

from sqlmodel import Field

from rådgivning.database import Base


class Nøglekontrol(Base, table=True):
    """Check value of each keyring key this database was written with."""

    __tablename__ = "nøglekontrol"

    kid: int = Field(primary_key=True)
    kcv: bytes


class Søgeændring(Base, table=True):
    """Each searchable row's last change, numbered per helhedsplan: workers load what is newer than they have seen."""

    __tablename__ = "søgeændring"

    helhedsplan_id: uuid.UUID = Field(primary_key=True)
    række_id: uuid.UUID = Field(primary_key=True)
    nr: int = Field(index=True)
