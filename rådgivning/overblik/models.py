"""Tables of the room: two residents who were one, with what it takes to tell them apart again; and handovers."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import JSON, Column
from sqlmodel import Field

from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.database import Base, Tidspunkt, new_id
from rådgivning.nøgler.opening import Kuvertindhold, SealedRow


class SammenlægningData(Kuvertindhold, BaseModel):
    """Both residents as they were, whose, and what was made of them; which rows moved (by table) and which the kept one
    had; the tenancy the other one lived in; and where drafts stood whose address named her."""

    udgået: BeboerData = BeboerData()
    udgået_ejer: uuid.UUID | None = None
    beholdt_ejer: uuid.UUID | None = None
    udgået_oprettet: date | None = None
    udgået_version: int = 1
    før: BeboerData = BeboerData()
    efter: BeboerData = BeboerData()
    flyttet: dict[str, list[uuid.UUID]] = {}
    hos_beholdt: dict[str, list[uuid.UUID]] = {}
    lejemål_id: uuid.UUID | None = None
    lejemål: LejemålData | None = None
    kladder: dict[uuid.UUID, str] = {}


class Sammenlægning(SealedRow, table=True):
    """A merge, sealed under a key of its own. `nr` counts the helhedsplan's merges: the latest is undone first.

    The resident who went has no row while it stands, so no list, search or page can show her; her key is kept until
    the merge can no longer be undone. Then it is destroyed with this row's own, and `tømt` says so: what is left tells
    old links where she went.
    """

    __tablename__ = "sammenlægning"
    indhold: ClassVar[type[BaseModel]] = SammenlægningData

    beholdt_id: uuid.UUID = Field(index=True)
    udgået_id: uuid.UUID = Field(index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    dato: date
    nr: int
    fortrudt: date | None = None
    tømt: bool = False


class Overdragelse(Base, table=True):
    """Residents, or with `alt` everything of a user who has left, given to a colleague for good: ids and fixed words.

    `beboere` and `sager` are counts; `rækker` what moved, by table and id, each with what a task's `adgang` was, and
    the residents' merges that stood then.
    `tilbage`: when it was given back.
    """

    __tablename__ = "overdragelse"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    fra_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    til_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    af_id: uuid.UUID = Field(foreign_key="bruger.id")
    grund: str = Field(max_length=20)
    alt: bool = False
    tidspunkt: datetime = Field(sa_type=Tidspunkt)
    beboere: int = 0
    sager: int = 0
    rækker: dict[str, dict[str, str]] = Field(sa_column=Column(JSON, nullable=False))
    tilbage: datetime | None = Field(default=None, sa_type=Tidspunkt)
    tilbage_af: uuid.UUID | None = None
