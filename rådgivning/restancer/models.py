"""Table of restancesager: in clear the phase and the next deadline, all else about the household in the envelope."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Felt
from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id, now
from rådgivning.nøgler.opening import Kuvertindhold, SealedRow


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


class Listestand(BaseModel):
    """What the lists of opkrævning have last said of a case, as of `dato`; months as `2026-03`."""

    model_config = ConfigDict(hide_input_in_errors=True)

    dato: date
    beløb: Decimal | None = None
    måneder: list[str] = []


class Listerettelse(BaseModel):
    """What a list changed in a case's fields, so that it can be taken back: names, and values as JSON has them."""

    model_config = ConfigDict(hide_input_in_errors=True)

    liste_id: uuid.UUID
    før: dict[str, Any] = {}
    efter: dict[str, Any] = {}


class RestancesagData(Kuvertindhold, BaseModel):
    """What a restancesag says about a household. `måneder` are `2026-03`, `beløb` kroner.

    `årsag`, `note`, `forsøg`, `aftale_på_vej` and `børn_i_husstanden` are the beboerrådgiver's alone and
    never shown to whoever filed the case. `kontaktet` is the first day somebody of the household was reached.
    `listet` and `listerettelser` are what imported lists said; `løst_fra_lejemål` is set by whoever said that the
    case belongs to no tenancy, so that it does not find one by itself again.
    """

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
    listet: Listestand | None = None
    listerettelser: list[Listerettelse] = []
    løst_fra_lejemål: bool = False
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


class Listefejl(BaseModel):
    """A row of a list that is refused: its number in the file, the column and why; never what stands there."""

    række: int
    kolonne: str
    grund: str


class Listerække(BaseModel):
    """A row of a list that can be used. `sag_id` is the case it is about, a new one's when `ny`; `beboer_id` the
    resident whom the beboerrådgiver chose for a new case, `ny_beboer` when she is made from the row."""

    model_config = ConfigDict(hide_input_in_errors=True)

    nummer: int
    lejemål: str = ""
    navn: str = ""
    telefon: str = ""
    adresse: str = ""
    afdeling: str = ""
    beløb: Decimal
    forfaldsdato: date | None = None
    fase: str = "forfalden"
    dato: date
    sag_id: uuid.UUID | None = None
    ny: bool = False
    beboer_id: uuid.UUID | None = None
    ny_beboer: bool = False


class ListeData(BaseModel):
    """What is sealed of an imported list: its headings, what was refused, and the rows until each is done.

    `væk` are the sender's cases that are not on it any more, `beholdt` those an undoing left because somebody had
    worked in them, `nye_beboere` the residents that were made from its rows.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    filnavn: str = ""
    kolonner: dict[str, str] = {}
    fejl: list[Listefejl] = []
    rækker: list[Listerække] = []
    væk: list[uuid.UUID] = []
    beholdt: list[uuid.UUID] = []
    nye_beboere: list[uuid.UUID] = []


class Restanceliste(SealedRow, table=True):
    """An imported list: whose, as of which day, and how far it has come. No row of it is kept when it is done.

    `tilstand` is kører, færdig, fortrydes or fortrudt; `nået` counts the rows that are done, each with what it changed
    in one transaction. `puls` is when the last ones were, None when the work has stopped. `mærke` is a keyed hash of
    the file.
    """

    __tablename__ = "restanceliste"
    indhold: ClassVar[type[BaseModel]] = ListeData

    ejer_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    boligorganisation: str = Field(max_length=60)
    dato: date
    oprettet: datetime = Field(sa_type=Tidspunkt)
    tilstand: str = Field(default="kører", max_length=20)
    puls: datetime | None = Field(default=None, sa_type=Tidspunkt)
    mærke: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    i_alt: int = 0
    nået: int = 0
    nye: int = 0
    ændrede: int = 0
    uændrede: int = 0
    afvist: int = 0

    @property
    def linje(self) -> str:
        """The one line every import ends with."""
        return f"{self.nye} nye, {self.ændrede} ændrede, {self.uændrede} uændrede, {self.afvist} afvist"


class Listesag(Base, table=True):
    """What a list said of a case: `hvad` is ny, ændret, uændret, begrænset (its resident is, so nothing was done), væk,
    or fortrudt when that was taken back.

    `forslag` of one that is væk is åbent until somebody has taken it (godtaget) or not (afvist), or the case is back
    (bortfaldet). Taken, the closing event bears this row's id.
    """

    __tablename__ = "listesag"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    liste_id: uuid.UUID = Field(index=True)
    sag_id: uuid.UUID = Field(index=True)
    hvad: str = Field(max_length=20)
    forslag: str = Field(default="", max_length=20)
