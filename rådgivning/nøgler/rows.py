"""What is sealed: a row with its envelope, the doors for the program's own work, and the refusals."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import ClassVar, cast

from sqlmodel import Field

from rådgivning.database import Base, new_id


class Dør(StrEnum):
    """The program's own work for which an envelope is opened whole, also to who sees only parts of it: she is shown
    none of what is covered. The word stands in the trail."""

    OPGAVE = "en opgave gør et skridt"
    HENVISNING = "en henvisning følges op"
    RESTANCESAG = "en restancesag gør et skridt"
    RESTANCELISTE = "en restanceliste læses ind"
    SAMTYKKE = "delt med samtykke"
    TILBAGETRÆKNING = "et samtykke trækkes tilbage"
    SLETNING = "det, der er talt, følger med"
    SAMMENLÆGNING = "to beboere lægges sammen eller skilles"
    SLETTEFRIST = "slettefrist"
    INDSIGT = "indsigt"


class MåIkkeÅbne(Exception):
    """This actor's role has no right to open this row's envelope."""


class Dækket(Exception):
    """Parts of this row are a colleague's alone: it is changed whole or not at all."""

    def __init__(self, row: SealedRow) -> None:
        super().__init__(str(row.__tablename__))
        self.række = row.id
        self.beboer_id = beboer_of(row)


class SealedRow(Base):
    """A casework row: in clear what a work list needs, everything else about the person in `sealed`."""

    __tablename__: ClassVar[str]

    trods_begrænsning: ClassVar[bool] = False
    """Whether a row may be written although its resident is restricted (art. 18)."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    sealed: bytes = b""

    @property
    def person_id(self) -> uuid.UUID:
        """Whose key seals the row: the resident's, or the row's own when there is no resident."""
        return getattr(self, "beboer_id", None) or self.id

    @property
    def place(self) -> tuple[str, uuid.UUID, uuid.UUID]:
        """What the envelope is bound to."""
        return (str(self.__tablename__), self.id, self.person_id)


def beboer_of(row: SealedRow) -> uuid.UUID | None:
    """The resident a row is about, or None."""
    if row.__tablename__ == "beboer":
        return row.id
    return cast("uuid.UUID | None", getattr(row, "beboer_id", None))
