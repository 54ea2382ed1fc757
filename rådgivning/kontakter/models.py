"""Tables of the daily log, and what lies in their envelopes."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import Index
from sqlmodel import Field

from rådgivning.database import Tidspunkt
from rådgivning.nøgler.opening import Kuvertindhold, SealedRow


class KontaktData(Kuvertindhold, BaseModel):
    """Everything about a contact that is not its day or whose it is. Keys are the plan's; "" or None: not stated.

    The ids of its facts stand nowhere else, so that nobody without the key can tie a counted topic to a person.
    """

    art: str = ""
    aktivitet: str = ""
    afdeling: str = ""
    form: str = ""
    kilde: str = ""
    hovedemne: str = ""
    emner: list[str] = []
    udfald: str = ""
    aldersgruppe: str = ""
    aftale: bool | None = None
    anledning: str = ""
    med_ejendomsdrift: bool | None = None
    truffet: bool | None = None
    varighed: int | None = None
    brobygning_til: str = ""
    brobygning_ledsaget: bool | None = None
    brobygning_resultat: str = ""
    brobygning_delt: bool | None = None
    notat: str = ""
    tredjepart: str = ""
    faktum_id: uuid.UUID | None = None
    brobygning_faktum_id: uuid.UUID | None = None
    opgave_id: uuid.UUID | None = None


class Kontakt(SealedRow, table=True):
    """One logged event, with a resident or anonymous (then sealed under a key of its own). `skrevet_af`: who logged it,
    where an anonymous one has been handed over since."""

    __tablename__ = "kontakt"
    __table_args__ = (
        Index("ix_kontakt_helhedsplan_dato", "helhedsplan_id", "dato"),
        Index("ix_kontakt_ejer_dato", "ejer_id", "dato"),
    )
    indhold: ClassVar[type[BaseModel]] = KontaktData

    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    dato: date
    oprettet: datetime = Field(sa_type=Tidspunkt)
    version: int = 1
    skrevet_af: uuid.UUID | None = None


class KontaktVersionData(KontaktData):
    """What a contact said before it was corrected."""

    dato: date | None = None
    anonym: bool = False


class KontaktVersion(SealedRow, table=True):
    """An earlier version of a contact; always sealed for the same person as the contact itself."""

    __tablename__ = "kontakt_version"
    indhold: ClassVar[type[BaseModel]] = KontaktVersionData

    kontakt_id: uuid.UUID = Field(foreign_key="kontakt.id", index=True)
    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    nr: int
    ændret_af: uuid.UUID
    ændret: datetime = Field(sa_type=Tidspunkt)

    @property
    def person_id(self) -> uuid.UUID:
        """The resident, or the anonymous contact whose version this is."""
        return self.beboer_id or self.kontakt_id
