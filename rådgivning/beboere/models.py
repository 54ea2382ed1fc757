"""Tables of the room: the resident, and what is sealed about her."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlmodel import Field

from rådgivning.nøgler.opening import SealedRow


class BeboerData(BaseModel):
    """Stamdata. `telefon` is E.164; `afdeling` and `aldersgruppe` are plan keys, the age without a birth date."""

    model_config = ConfigDict(hide_input_in_errors=True)

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

    Casework rows point at her without a foreign key: they stay, unreadable, when she is deleted.
    """

    __tablename__ = "beboer"
    indhold: ClassVar[type[BaseModel]] = BeboerData

    ejer_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    oprettet: date
    version: int = 1
