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


class Sletning(Base, table=True):
    """A person key that is destroyed, or will be as soon as the commit that says so stands.

    `varig`: kept for ever, so that the same id never gets a new key and a restored backup is cleaned again; the others
    (drafts) are forgotten once the key is gone.
    """

    __tablename__ = "sletning"

    person_id: uuid.UUID = Field(primary_key=True)
    varig: bool = True
    udført: bool = False
