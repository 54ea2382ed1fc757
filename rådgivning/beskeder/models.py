"""Tables of the room. Nothing here is about a resident: a notice says that something happened, and how often."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id

STANDARD_KL = "07:30"


class Post(StrEnum):
    """What becomes of a notice as e-mail; INGEN when it goes by no mail.

    OVERBLIK waits for the next digest, SAMLET has become a line of one.
    """

    INGEN = ""
    VENTER = "venter"
    OVERBLIK = "overblik"
    SAMLET = "samlet"
    SENDT = "sendt"
    OPGIVET = "opgivet"


class Besked(Base, table=True):
    """One notice to one user: shown in the app when `i_app`, unread until `læst`, sent by mail as `post` says.

    `tal`: the lines of a digest, word to count. `tekst`: what a mail brings with it that is no count: the trail's head.
    `næste`: not tried before. A sender that works on the row has put its
    token in `lejer` until `lejet_til`. `fejl` is one of the fixed words of sending.py; no address stands here, it is
    looked up with the user when the mail is written.
    """

    __tablename__ = "besked"
    __table_args__ = (
        Index("ix_besked_bruger_id_læst", "bruger_id", "læst"),
        Index("ix_besked_post_næste", "post", "næste"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id")
    slags: str = Field(max_length=30)
    antal: int = 1
    tal: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    oprettet: datetime = Field(sa_type=Tidspunkt, index=True)
    i_app: bool = True
    læst: datetime | None = Field(default=None, sa_type=Tidspunkt)
    post: str = Field(default=Post.INGEN, max_length=10)
    forsøg: int = 0
    næste: datetime | None = Field(default=None, sa_type=Tidspunkt)
    lejer: uuid.UUID | None = None
    lejet_til: datetime | None = Field(default=None, sa_type=Tidspunkt)
    sendt: datetime | None = Field(default=None, sa_type=Tidspunkt)
    fejl: str = Field(default="", max_length=30)
    tekst: str = Field(default="", max_length=2000)


class Beskedvalg(Base, table=True):
    """What a user has chosen: per kind how it comes, and when her daily digest does. No row: the defaults.

    `overblik_dato`: the last day whose digest was made, so that two senders make one.
    """

    __tablename__ = "beskedvalg"

    bruger_id: uuid.UUID = Field(primary_key=True, foreign_key="bruger.id")
    valg: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    overblik_kl: str = Field(default=STANDARD_KL, max_length=5)
    overblik_dato: date | None = None
