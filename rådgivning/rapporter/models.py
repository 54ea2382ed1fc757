"""What the leder writes for a report, the finished reports, and the organisation's Word template. Nothing personal."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import JSON, Column, Text, UniqueConstraint
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id


class Rapportkommentar(Base, table=True):
    """The texts of a report of one period: by delmål key, and "" the introduction. A finished one has its own copy."""

    __tablename__ = "rapportkommentar"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "slags", "periode"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", index=True)
    slags: str = Field(max_length=40)
    periode: str = Field(max_length=20)
    tekster: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    version: int = 1
    rettet_af: uuid.UUID
    rettet: datetime = Field(sa_type=Tidspunkt)


class FærdigRapport(Base, table=True):
    """A finished edition of a report: the document with its protected figures and texts, and what it was made from.

    `indhold` is JSON; `skabelon` is the version of the Word template it is written in (0: the standard one). Never
    changed and never removed: when figures or texts change, a new edition is made beside it.
    """

    __tablename__ = "rapport"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "slags", "periode", "udgave"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", index=True)
    slags: str = Field(max_length=40)
    periode: str = Field(max_length=20)
    udgave: int
    udgivelse_id: uuid.UUID
    udgivelse: int
    plan_version: int | None = None
    tekster: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    indhold: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str = Field(max_length=64)
    skabelon: int = 0
    færdig: datetime = Field(sa_type=Tidspunkt)
    færdig_af: uuid.UUID


class Rapportskabelon(Base, table=True):
    """A Word template the organisation has put in; the newest version holds; without `indhold` the standard one."""

    __tablename__ = "rapportskabelon"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "version"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", index=True)
    version: int
    indhold: bytes | None = None
    lagt_ind: datetime = Field(sa_type=Tidspunkt)
    lagt_ind_af: uuid.UUID
