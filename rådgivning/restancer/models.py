"""Table of restancesager: in clear the phase and the next deadline, all else about the household in the envelope."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Felt
from sqlmodel import Field

from rådgivning.database import new_id, now
from rådgivning.nøgler.opening import SealedRow


class Hændelse(BaseModel):
    """One step of a restancesag: what happened on which day, who says so, and when and by whom it was written down.

    `frist` is the date the letter itself names (last day to pay, the fogedmøde, the day of the udsættelse); it wins
    over any computed one. `fremme` is the day a påkrav arrived, when it is known. `udfald` stands on an event that
    closes the case. One with `annulleret` counts for nothing. `tidligere` is what stood here before corrections,
    oldest first, `rettet` and `rettet_af` when and by whom what stands now came to stand; `liste_id` is the imported
    list that brought it.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    id: uuid.UUID = Felt(default_factory=new_id)
    fase: str
    dato: date
    kilde: str = ""
    registreret: datetime = Felt(default_factory=now)
    frist: date | None = None
    fremme: date | None = None
    udfald: str = ""
    af: uuid.UUID | None = None
    annulleret: bool = False
    liste_id: uuid.UUID | None = None
    rettet: datetime | None = None
    rettet_af: uuid.UUID | None = None
    tidligere: list[Hændelse] = []


class Kontaktforsøg(BaseModel):
    """One attempt to get hold of the household: how, on which day, and whether somebody was reached.

    `måde` is a key of the plan's list kontaktforsøg_måde, `sprog` the language of an invitation; `truffet` is None
    while nobody knows (a letter sent).
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    id: uuid.UUID = Felt(default_factory=new_id)
    måde: str
    dato: date
    truffet: bool | None = None
    sprog: str = ""
    note: str = ""
    registreret: datetime = Felt(default_factory=now)
    af: uuid.UUID | None = None
    annulleret: bool = False


class RestancesagData(BaseModel):
    """What a restancesag says about a household. `måneder` are `2026-03`, `beløb` kroner.

    `årsag`, `note`, `forsøg`, `aftale_på_vej` and `børn_i_husstanden` are the beboerrådgiver's alone and
    never shown to whoever filed the case. `kontaktet` is the first day somebody of the household was reached.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    navn: str = ""
    telefon: str = ""
    adresse: str = ""
    lejemål: str = ""
    afdeling: str = ""
    måneder: list[str] = []
    beløb: Decimal | None = None
    hændelser: list[Hændelse] = []
    udfald: str = ""
    årsag: str = ""
    note: str = ""
    børn_i_husstanden: bool | None = None
    forsøg: list[Kontaktforsøg] = []
    kontaktet: date | None = None
    aftale_på_vej: bool | None = None
    faktum_id: uuid.UUID | None = None


class Restancesag(SealedRow, table=True):
    """A restancesag. `fase`, `frist` and `lukket` are derived from the events each time the envelope is sealed."""

    __tablename__ = "restancesag"

    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    boligorganisation: str = Field(default="", max_length=60)
    oprettet: date
    fase: str = Field(max_length=60)
    frist: date | None = Field(default=None, index=True)
    lukket: date | None = None
    version: int = 1
