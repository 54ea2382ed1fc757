"""What has been published, and the years' systems that it is sums of."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Text, UniqueConstraint
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id


class Udgivelse(Base, table=True):
    """One release, or under the name `system-2026` the rounded figures that all of that year's releases are sums of.

    `indhold` is JSON and holds protected values only, a system besides keyed marks of what its cells counted. `mærke`
    is a keyed fingerprint of everything it was made from: the same again gives the stored release. `stande` says which
    copy of each month it counts. `nøgle_id` names the seed of the rounding, `plan_version` the version of the plan it
    was made under, `egne` what the leder's own tables in it are. `åbne` are its months that were not closed when it was
    last found to hold (`bekræftet`). `noter` are rounded counts of persons whose facts came too late or were corrected
    too late, `hentet` how often it left in which format.
    """

    __tablename__ = "udgivelse"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "nummer"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID
    nummer: int
    periode: str
    oprettet: datetime = Field(sa_type=Tidspunkt)
    metode: str
    nøgle_id: str
    mærke: str = Field(index=True)
    indhold: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str
    stande: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    revision: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    plan_version: int | None = None
    åbne: list[str] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    bekræftet: datetime | None = Field(default=None, sa_type=Tidspunkt)
    noter: dict[str, int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    hentet: dict[str, int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    egne: list[list[Any]] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class Talarbejde(Base, table=True):
    """A year's figures being made, and how it went the last time: workers ask here before they begin.

    `puls` is when the maker was last heard of, None when nobody is at it; `mærke` names the facts it is about.
    """

    __tablename__ = "talarbejde"

    helhedsplan_id: uuid.UUID = Field(primary_key=True)
    navn: str = Field(primary_key=True, max_length=40)
    mærke: str
    startet: datetime = Field(sa_type=Tidspunkt)
    puls: datetime | None = Field(default=None, sa_type=Tidspunkt)
    fejl: str = ""
    sekunder: int | None = None


class EgenTabel(Base, table=True):
    """A cross table that the leder has composed. It is kept when it is taken away: its figures have been published."""

    __tablename__ = "egen_tabel"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    titel: str = Field(max_length=120)
    enhed: str
    dimensioner: list[str] = Field(sa_column=Column(JSON, nullable=False))
    kun_kalenderår: bool = False
    oprettet: datetime = Field(sa_type=Tidspunkt)
    fjernet: datetime | None = Field(default=None, sa_type=Tidspunkt)


class Statistikmetode(Base, table=True):
    """How a calendar year's figures are protected, chosen before the first of them is recorded; `afrunding` for a year
    without a row. `grovere` are the coarser categories chosen with it (coarsening.py)."""

    __tablename__ = "statistikmetode"

    helhedsplan_id: uuid.UUID = Field(primary_key=True)
    år: str = Field(primary_key=True, max_length=4)
    metode: str
    grovere: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    valgt: datetime = Field(sa_type=Tidspunkt)
