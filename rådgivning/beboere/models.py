"""Tables of the room: the resident and the tenancy, and what is sealed about them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt
from rådgivning.nøgler.opening import Kuvertindhold, SealedRow


class BeboerData(Kuvertindhold):
    """Stamdata. `telefon` is E.164; `afdeling` and `aldersgruppe` are plan keys, the age without a birth date."""

    navn: str = ""
    telefon: str = ""
    email: str = ""
    adresse: str = ""
    afdeling: str = ""
    fødselsdato: date | None = None
    aldersgruppe: str = ""
    børn_i_husstanden: bool | None = None
    note: str = ""


class Beboer(SealedRow, table=True):
    """A resident; her own id is the person whose key seals everything about her.

    Casework rows point at her without a foreign key: they stay, unreadable, when she is deleted. While `begrænset`
    stands they are kept and nothing else (nøgler/restriction.py).

    `varslet`: when her owner was told that the time limit is near, and `slettes`: the first day on which she goes. Both
    are empty again when somebody takes up with her, so that the next time there is a new warning.
    """

    __tablename__ = "beboer"
    indhold: ClassVar[type[BaseModel]] = BeboerData

    ejer_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    oprettet: date
    version: int = 1
    varslet: date | None = None
    slettes: date | None = None
    begrænset: datetime | None = Field(default=None, sa_type=Tidspunkt)


class LejemålData(BaseModel):
    """A tenancy: its number (unique only within its boligorganisation), where it is, who lives there and which
    restancesager it has. All of it is sealed, so that no column tells who lives together."""

    model_config = ConfigDict(hide_input_in_errors=True)

    nummer: str = ""
    adresse: str = ""
    afdeling: str = ""
    boligorganisation: str = ""
    børn_i_husstanden: bool | None = None
    medlemmer: list[uuid.UUID] = []
    sager: list[uuid.UUID] = []


class Lejemål(SealedRow, table=True):
    """A tenancy, sealed under a key of its own."""

    __tablename__ = "lejemål"
    indhold: ClassVar[type[BaseModel]] = LejemålData

    version: int = 1


class IkkeSamme(Base, table=True):
    """Two residents who look alike and are two: a keyed hash of the pair, so that not even their ids stand here."""

    __tablename__ = "ikke_samme"

    mærke: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    helhedsplan_id: uuid.UUID = Field(index=True)


class FastholdelseData(BaseModel):
    """Why a resident is kept beyond the limit: a key of GRUNDE, and in words."""

    model_config = ConfigDict(hide_input_in_errors=True)

    grund: str = ""
    forklaring: str = ""


class Fastholdelse(SealedRow, table=True):
    """A resident kept beyond the limit, until `til`. Each reason puts it off once; the reason itself is sealed."""

    __tablename__ = "fastholdelse"
    indhold: ClassVar[type[BaseModel]] = FastholdelseData

    beboer_id: uuid.UUID = Field(index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    dato: date
    til: date


class BemærkningData(BaseModel):
    """What the resident herself says about what is written of her."""

    model_config = ConfigDict(hide_input_in_errors=True)

    tekst: str = ""


class Bemærkning(SealedRow, table=True):
    """A resident's own statement, kept beside what was not corrected (GDPR art. 16). `vedrører`: the contact it is
    about; None for what is written of her as a whole."""

    __tablename__ = "bemærkning"
    indhold: ClassVar[type[BaseModel]] = BemærkningData
    trods_begrænsning: ClassVar[bool] = True

    beboer_id: uuid.UUID = Field(index=True)
    vedrører: uuid.UUID | None = Field(default=None, index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    dato: date
