"""Tables of referrals: what the referrer typed, and apart from it what the beboerrådgiver made of it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field

from rådgivning.database import Tidspunkt
from rådgivning.nøgler.opening import Kuvertindhold, SealedRow


class Status(StrEnum):
    """How far a referral is; the only thing about the casework that its referrer is told."""

    MODTAGET = "modtaget"
    TAGET_OP = "taget_op"
    KONTAKT_OPNÅET = "kontakt_opnået"
    AFSLUTTET = "afsluttet"


class HenvisningData(Kuvertindhold):
    """What the referrer typed and nothing else: she may open her own envelope, also after it was taken up.

    `faktum_id` is the referral's row in the figures; it is shown to nobody.
    """

    navn: str = ""
    telefon: str = ""
    adresse: str = ""
    afdeling: str = ""
    grund: str = ""
    beskrivelse: str = ""
    beboer_ved_det: bool | None = None
    kilde: str = ""
    faktum_id: uuid.UUID | None = None


class Henvisning(SealedRow, table=True):
    """A referral. Sealed under a key of its own until it is matched with a resident, then under the resident's.

    `ejer_id` is who sent it, `boligorganisation` her organisation; each date says when a status was reached.
    """

    __tablename__ = "henvisning"

    beboer_id: uuid.UUID | None = Field(default=None, index=True)
    ejer_id: uuid.UUID = Field(foreign_key="bruger.id", index=True)
    boligorganisation: str = Field(default="", max_length=60)
    oprettet: datetime = Field(sa_type=Tidspunkt)
    status: str = Field(default=Status.MODTAGET, max_length=20, index=True)
    hast: str = Field(default="", max_length=60)
    rådgiver_id: uuid.UUID | None = Field(default=None, foreign_key="bruger.id")
    taget_op: date | None = None
    kontakt_opnået: date | None = None
    afsluttet: date | None = None
    version: int = 1


class HenvisningBehandlingData(Kuvertindhold):
    """How the referral ended, for the beboerrådgiver alone."""

    udfald: str = ""
    note: str = ""


class HenvisningBehandling(SealedRow, table=True):
    """The beboerrådgiver's side of a referral, in an envelope that no referrer's role opens.

    `id` is the referral's id, so both rows are sealed under the same key while there is no resident.
    """

    __tablename__ = "henvisning_behandling"

    beboer_id: uuid.UUID | None = Field(default=None, index=True)
