"""Tables of the room: what is to be done, for whom, by when."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import Index
from sqlmodel import Field

from rådgivning.nøgler.opening import Kuvertindhold, SealedRow


class OpgaveData(Kuvertindhold):
    """What the task says, which contact, referral or restancesag it came from, and who handed it over when.

    A recurring task has its rhythm in `gentages` (a Gentagelse), the last day it may come in `gentages_til`, the first
    day of its series in `serie_start` and its own in `serie_dag`; `næste_id` is the one made when it was done.
    """

    titel: str = ""
    note: str = ""
    kontakt_id: uuid.UUID | None = None
    henvisning_id: uuid.UUID | None = None
    restancesag_id: uuid.UUID | None = None
    overdraget_af: uuid.UUID | None = None
    overdraget: date | None = None
    gentages: str = ""
    gentages_til: date | None = None
    serie_start: date | None = None
    serie_dag: date | None = None
    næste_id: uuid.UUID | None = None


class Opgave(SealedRow, table=True):
    """A follow-up with a deadline; open until `udført` has a date.

    `adgang` stands in clear, because it decides what may be opened: "givet" by the resident's owner, which
    opens her to the task's new owner while it is open; "overtaget" by somebody who does not, and still
    does not.
    """

    __tablename__ = "opgave"
    __table_args__ = (Index("ix_opgave_helhedsplan_id_udført_frist", "helhedsplan_id", "udført", "frist"),)
    indhold: ClassVar[type[BaseModel]] = OpgaveData

    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    frist: date
    udført: date | None = None
    version: int = 1
    adgang: str = Field(default="", max_length=20)
