"""Tables of users, what they prove themselves with, their sessions and drafts, and the counters that slow guessing."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from rådgivning.database import Base, Tidspunkt, new_id
from rådgivning.nøgler.opening import SealedRow


class Bruger(Base, table=True):
    """A user. Works in one helhedsplan, in one role; ejendomsdrift and inkasso also belong to one boligorganisation."""

    __tablename__ = "bruger"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    brugernavn: str = Field(unique=True, max_length=80)
    navn: str = Field(max_length=120)
    rolle: str
    boligorganisation: str = ""
    email: str = Field(default="", max_length=254)
    kodeord: str
    skal_skifte: bool = False
    oprettet: datetime = Field(sa_type=Tidspunkt)
    sidst_logget_ind: datetime | None = Field(default=None, sa_type=Tidspunkt)
    spærret: datetime | None = Field(default=None, sa_type=Tidspunkt)
    navn_slettet: datetime | None = Field(default=None, sa_type=Tidspunkt)


class BrugerSession(Base, table=True):
    """A signed-in browser. Only the token's SHA-256 is stored, so a stolen table signs nobody in.

    `enhed` is the browser in words, `enhed_id` the device it was known as, `netværk` where from, cut so that it names
    no single machine. `slut` says why it was `afsluttet`, in one of the words of sessions.Slut.
    `bevist`: when she last proved who she is, `bekræftet` the same once it was again in this session;
    `faktor`: what she proved it with besides her password: "" (nothing), "totp", "passkey", "oidc" or "genoprettelse".
    `oidc_sub` and `oidc_sid`, where she came through the sign-in service: hashes of what it will say when she signs out
    there.
    """

    __tablename__ = "brugersession"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    id: uuid.UUID = Field(default_factory=new_id, unique=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    oprettet: datetime = Field(sa_type=Tidspunkt)
    sidst_set: datetime = Field(sa_type=Tidspunkt)
    udløber: datetime = Field(sa_type=Tidspunkt)
    afsluttet: datetime | None = Field(default=None, sa_type=Tidspunkt)
    enhed: str = Field(default="", max_length=80)
    enhed_id: uuid.UUID | None = Field(default=None, index=True)
    netværk: str = Field(default="", max_length=50)
    slut: str = Field(default="", max_length=20)
    bevist: datetime | None = Field(default=None, sa_type=Tidspunkt)
    faktor: str = Field(default="", max_length=20)
    bekræftet: datetime | None = Field(default=None, sa_type=Tidspunkt)
    oidc_sub: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    oidc_sid: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class Enhed(Base, table=True):
    """A browser in which a user has signed in, known again by a cookie of its own; forgotten after a year unused.

    `mærke` is a hash of cookie and user together: two users of one browser cannot be told from the table. `navn` is
    what she calls it. `godkendt`: she has said, or it was clear, that it is hers.
    """

    __tablename__ = "enhed"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    mærke: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    beskrivelse: str = Field(default="", max_length=80)
    navn: str = Field(default="", max_length=40)
    oprettet: datetime = Field(sa_type=Tidspunkt)
    sidst_brugt: datetime = Field(sa_type=Tidspunkt)
    godkendt: datetime | None = Field(default=None, sa_type=Tidspunkt)


class BrugerFaktor(Base, table=True):
    """Something a user has and proves who she is with: a passkey, or an app that shows codes.

    `nøgle` is a passkey's public key (COSE), or an app's seed, sealed to this row and user. `tæller` goes only up: a
    passkey's counter of signatures, or the last time step of which a code was used. `legitimation` is what a passkey
    calls itself.
    """

    __tablename__ = "bruger_faktor"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    slags: str = Field(max_length=10)
    navn: str = Field(max_length=40)
    nøgle: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    legitimation: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    tæller: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    oprettet: datetime = Field(sa_type=Tidspunkt)
    sidst_brugt: datetime | None = Field(default=None, sa_type=Tidspunkt)


class Genoprettelseskode(Base, table=True):
    """A code on paper for the day the phone is lost: only its Argon2id hash, and when it was used. Works once."""

    __tablename__ = "genoprettelseskode"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    oprettet: datetime = Field(sa_type=Tidspunkt)
    brugt: datetime | None = Field(default=None, sa_type=Tidspunkt)


class Mellemtrin(Base, table=True):
    """Something begun and not finished: a sign-in whose code is missing, a passkey's challenge, an app not yet tried.

    Lives for minutes and opens nothing. `data` is the challenge, or the sealed seed; `forsøg` the wrong codes so far.
    """

    __tablename__ = "mellemtrin"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    slags: str = Field(max_length=20)
    bruger_id: uuid.UUID | None = Field(default=None, foreign_key="bruger.id", index=True)
    session_id: uuid.UUID | None = Field(default=None, index=True)
    data: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    forsøg: int = 0
    udløber: datetime = Field(sa_type=Tidspunkt)


class Loginforsøg(Base, table=True):
    """Failed sign-ins per key: a keyed hash of a user name, an address, or both, so no name stands here.

    `antal` is forgotten at `vindue_slut`; until `lukket_til` nothing is tried; an address where the user has signed in
    is known to her until `kendt_til`, and guessing elsewhere does not slow her down there.
    """

    __tablename__ = "loginforsøg"

    nøgle: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    antal: int = 0
    vindue_slut: datetime = Field(sa_type=Tidspunkt)
    lukket_til: datetime | None = Field(default=None, sa_type=Tidspunkt)
    kendt_til: datetime | None = Field(default=None, sa_type=Tidspunkt)


class Kladde(SealedRow, table=True):
    """What a user had typed but not saved: sealed under a key of its own, one per user and form.

    `beboer_id`: whom it is about, so that it goes with her; her row may be gone or not there yet, so it refers to none.
    """

    __tablename__ = "kladde"
    trods_begrænsning: ClassVar[bool] = True
    __table_args__ = (UniqueConstraint("ejer_id", "formular"),)

    ejer_id: uuid.UUID = Field(foreign_key="bruger.id")
    formular: str = Field(max_length=200)
    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    gemt: datetime = Field(sa_type=Tidspunkt)
    udløber: date

    @property
    def person_id(self) -> uuid.UUID:
        """Always its own: whom a draft is about is only what somebody has typed, and may change while she types."""
        return self.id


class Visning(Base, table=True):
    """How a user wants a list shown until she says otherwise: keys of filters and order, nothing about anybody."""

    __tablename__ = "visning"

    bruger_id: uuid.UUID = Field(primary_key=True, foreign_key="bruger.id")
    liste: str = Field(primary_key=True, max_length=40)
    valg: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))


class BrugerIdentitet(Base, table=True):
    """By what the sign-in service knows a user: its address and the number it will never give to anybody else.

    Made by databeskyttelse, or by the user herself with a code from there; never from an e-mail address.
    """

    __tablename__ = "bruger_identitet"
    __table_args__ = (UniqueConstraint("udsteder", "subjekt"), UniqueConstraint("bruger_id", "udsteder"))

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id")
    udsteder: str = Field(max_length=255)
    subjekt: str = Field(max_length=255)
    oprettet: datetime = Field(sa_type=Tidspunkt)
    sidst_brugt: datetime | None = Field(default=None, sa_type=Tidspunkt)


class IdentitetInvitation(Base, table=True):
    """A code that lets one user tie her account at the sign-in service to her user here, once, until `udløber`."""

    __tablename__ = "identitet_invitation"

    kode_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    udløber: datetime = Field(sa_type=Tidspunkt)


class OidcBrugt(Base, table=True):
    """The hash of a state or of a logout token's id that was used, until it could not be used anyway."""

    __tablename__ = "oidc_brugt"

    mærke: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    udløber: datetime = Field(sa_type=Tidspunkt)


class NødadgangData(BaseModel):
    """Why, in the user's own words."""

    model_config = ConfigDict(hide_input_in_errors=True)

    begrundelse: str = ""


class Nødadgang(SealedRow, table=True):
    """A colleague's resident opened without being asked first, for a time; or a row about nobody (`række_id` of the
    table `tabel`). `årsag` is a fixed word; the reason in full is sealed under the resident's key, or the row's own.
    `kollega_id`: whose it was. What is read meanwhile is in the trail.

    `fra`, `til` and `sluttet` stand in clear, because the door asks them (nøgler/covering.py).
    """

    __tablename__ = "nødadgang"
    __table_args__ = (Index("ix_nødadgang_bruger_id_til", "bruger_id", "til"),)
    indhold: ClassVar[type[BaseModel]] = NødadgangData

    bruger_id: uuid.UUID = Field(foreign_key="bruger.id")
    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    tabel: str = Field(default="", max_length=40)
    række_id: uuid.UUID | None = None
    kollega_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    årsag: str = Field(max_length=40)
    fra: datetime = Field(sa_type=Tidspunkt)
    til: datetime = Field(sa_type=Tidspunkt)
    sluttet: datetime | None = Field(default=None, sa_type=Tidspunkt)
    sluttet_af: uuid.UUID | None = None


class Vikar(Base, table=True):
    """A planned stand-in: from one day to another, both included, she sees all of a colleague's residents."""

    __tablename__ = "vikar"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    for_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    vikar_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    fra: date
    til: date
    navngivet_af: uuid.UUID = Field(foreign_key="bruger.id")
    oprettet: datetime = Field(sa_type=Tidspunkt)
    sluttet: datetime | None = Field(default=None, sa_type=Tidspunkt)
    sluttet_af: uuid.UUID | None = None


class Rettighedsgennemgang(Base, table=True):
    """A quarter's review of who may what, `kvartal` as 2026-4. `afsluttet` when every user in it has been decided."""

    __tablename__ = "rettighedsgennemgang"
    __table_args__ = (UniqueConstraint("helhedsplan_id", "kvartal"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    helhedsplan_id: uuid.UUID = Field(index=True)
    kvartal: str = Field(max_length=10)
    begyndt: datetime = Field(sa_type=Tidspunkt)
    afsluttet: datetime | None = Field(default=None, sa_type=Tidspunkt)
    afsluttet_af: uuid.UUID | None = None


class Rettighedsafgørelse(Base, table=True):
    """What a review decided about one user, and what it was decided on: name, role, organisation and use as they were.

    `brug`: per right the day it was last used, "" for never.
    """

    __tablename__ = "rettighedsafgørelse"

    gennemgang_id: uuid.UUID = Field(foreign_key="rettighedsgennemgang.id", primary_key=True)
    bruger_id: uuid.UUID = Field(foreign_key="bruger.id", primary_key=True)
    navn: str = Field(max_length=120)
    brugernavn: str = Field(max_length=80)
    rolle: str
    boligorganisation: str = ""
    faktor: str = ""
    spærret: bool = False
    brug: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    afgørelse: str = Field(max_length=20)
    note: str = Field(default="", max_length=500)
    tidspunkt: datetime = Field(sa_type=Tidspunkt)
    af: uuid.UUID = Field(foreign_key="bruger.id")
