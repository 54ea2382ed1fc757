"""Tables of the plan: the helhedsplan, the målinger the leder enters, corrected invitations and letterheads."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Dialect, Index, Text, UniqueConstraint, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id

_PRESENT = text("slettet IS NULL")


class Tusindedele(TypeDecorator[Decimal]):
    """A number with at most three decimals, kept as whole thousandths: exact on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Refuse more than three decimals rather than round."""
        if value is None:
            return None
        thousandths = value * 1000
        if thousandths != thousandths.to_integral_value():
            raise ValueError("more than three decimals")
        return int(thousandths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """The number with no more decimals than it needs."""
        return None if value is None else Decimal(f"{Decimal(value).scaleb(-3).normalize():f}")


class Helhedsplan(Base, table=True):
    """One helhedsplan. `indhold` is the validated plan file, `kilde` its SHA-256; `version` counts changes."""

    __tablename__ = "helhedsplan"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    nøgle: str = Field(unique=True, max_length=60)
    navn: str
    fra: date
    til: date
    version: int = 1
    indhold: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    kilde: str = Field(max_length=64)
    indlæst: datetime = Field(sa_type=Tidspunkt)


class HelhedsplanVersion(Base, table=True):
    """One version of a helhedsplan: what it said, as a value and as the text of the plan file with its SHA-256, from
    which day it holds, why it was made and by whom (nobody: from the command line). What it said never changes."""

    __tablename__ = "helhedsplan_version"

    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", primary_key=True)
    version: int = Field(primary_key=True)
    indhold: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    tekst: str = Field(sa_column=Column(Text, nullable=False))
    kilde: str = Field(max_length=64)
    gælder_fra: date
    grund: str
    bruger_id: uuid.UUID | None = None
    oprettet: datetime = Field(sa_type=Tidspunkt)


class Plankladde(Base, table=True):
    """A revision of a helhedsplan that is not published: the whole text as it would be. `bygger_på` is the version it
    began from, `nr` counts its edits."""

    __tablename__ = "plankladde"

    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", primary_key=True)
    bygger_på: int
    nr: int
    tekst: str = Field(sa_column=Column(Text, nullable=False))
    ændret: datetime = Field(sa_type=Tidspunkt)
    ændret_af: uuid.UUID | None = None


class Måling(Base, table=True):
    """A later value of an indicator, entered by the leder. Removed ones stay, with `slettet`: the history can be told.

    `værdi` is in the indicator's unit (`enhed`, as it was then); `sammenligning` is the value of the comparison group:
    the plan's, or `gruppe` where the plan names none.
    """

    __tablename__ = "måling"
    __table_args__ = (
        Index(
            "uq_måling_indikator_år_kilde",
            "helhedsplan_id",
            "indikator",
            "år",
            "kilde",
            unique=True,
            sqlite_where=_PRESENT,
            postgresql_where=_PRESENT,
        ),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", index=True)
    indikator: str = Field(max_length=60)
    år: int
    værdi: Decimal = Field(sa_type=Tusindedele)
    enhed: str
    sammenligning: Decimal | None = Field(default=None, sa_type=Tusindedele)
    gruppe: str = Field(default="", max_length=120)
    tæller: int | None = None
    nævner: int | None = None
    n: int | None = None
    kilde: str = Field(max_length=120)
    note: str = ""
    indtastet_af: uuid.UUID | None = None
    oprettet: datetime = Field(sa_type=Tidspunkt)
    ændret: datetime = Field(sa_type=Tidspunkt)
    version: int = 1
    slettet: datetime | None = Field(default=None, sa_type=Tidspunkt)


class MålingVersion(Base, table=True):
    """What a måling said before it was corrected."""

    __tablename__ = "måling_version"

    måling_id: uuid.UUID = Field(foreign_key="måling.id", primary_key=True)
    version: int = Field(primary_key=True)
    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id")
    indhold: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    indtastet_af: uuid.UUID | None = None
    gemt: datetime = Field(sa_type=Tidspunkt)

    @property
    def værdi(self) -> Decimal:
        """The value it said."""
        return Decimal(self.indhold["værdi"])


class Indkaldelsesrettelse(Base, table=True):
    """A corrected text of an invitation in one language; the newest version holds, earlier ones stay.

    `indhold` is an Indkaldelsestekst, or None to go back to the text of the plan file.
    """

    __tablename__ = "indkaldelsesrettelse"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "sprog", "version"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", index=True)
    sprog: str = Field(max_length=60)
    version: int
    indhold: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    rettet_af: uuid.UUID
    rettet: datetime = Field(sa_type=Tidspunkt)


class Brevhoved(Base, table=True):
    """Who letters to the residents of a boligorganisation come from, and its own DOCX template. Nothing personal."""

    __tablename__ = "brevhoved"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "boligorganisation"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(foreign_key="helhedsplan.id", index=True)
    boligorganisation: str = Field(max_length=60)
    afsender: str = Field(default="", max_length=200)
    adresse: str = Field(default="", max_length=200)
    telefon: str = Field(default="", max_length=20)
    logo: bytes | None = None
    skabelon: bytes | None = None
    version: int = 1
    rettet_af: uuid.UUID
    rettet: datetime = Field(sa_type=Tidspunkt)
