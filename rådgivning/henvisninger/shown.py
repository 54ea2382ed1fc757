"""How far a referral has come, as the one who sent it may know. Knows no Flask.

Opkrævning og inkasso work for the creditor: that a resident has been in contact with the beboerrådgiver is shared with
them by the resident's consent alone, and a referral must be no way around it. Ejendomsdrift sees every step.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.henvisninger.models import Henvisning, Status
from rådgivning.samtykker.sharing import må_deles_for
from rådgivning.spor.trail import aktør


@dataclass(frozen=True)
class Vist:
    """The steps of a referral that may be shown."""

    status: str
    oprettet: datetime
    taget_op: date | None
    kontakt_opnået: date | None
    afsluttet: date | None


def vist(session: Session, henvisninger: Iterable[Henvisning]) -> dict[uuid.UUID, Vist]:
    """What the actor may know of her own referrals, by id."""
    rows = list(henvisninger)
    inkasso = aktør(session).rolle == Rolle.INKASSO
    consenting = må_deles_for(session, [row.beboer_id for row in rows]) if inkasso else set()
    return {row.id: _steps(row, kontakt=not inkasso or row.beboer_id in consenting) for row in rows}


def må_vide_om_kontakt(session: Session, henvisning: Henvisning) -> bool:
    """Whether the one who sent a referral may be told that the resident was reached."""
    sender = session.get(Bruger, henvisning.ejer_id)
    if sender is None or sender.rolle != Rolle.INKASSO:
        return True
    return henvisning.beboer_id in må_deles_for(session, [henvisning.beboer_id])


def _steps(row: Henvisning, *, kontakt: bool) -> Vist:
    if kontakt:
        return Vist(row.status, row.oprettet, row.taget_op, row.kontakt_opnået, row.afsluttet)
    status = Status.TAGET_OP if row.status == Status.KONTAKT_OPNÅET else row.status
    return Vist(status, row.oprettet, row.taget_op, None, row.afsluttet)
