"""Table of the room: two residents who were one, and what it takes to tell them apart again."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from pydantic import BaseModel
from sqlmodel import Field

from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.nøgler.opening import Kuvertindhold, SealedRow


class SammenlægningData(Kuvertindhold, BaseModel):
    """Both residents as they were and what was made of them; which rows moved (by table) and which the kept one had;
    the tenancy the other one lived in; and where drafts stood whose address named her."""

    udgået: BeboerData = BeboerData()
    udgået_ejer: uuid.UUID | None = None
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
