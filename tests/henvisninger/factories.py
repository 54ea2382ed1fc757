"""Referrals for tests."""

from __future__ import annotations

import uuid
from typing import Any

from sqlmodel import Session

from rådgivning.database import new_id
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.henvisninger.referrals import henvis

SENDT: dict[str, Any] = {
    "navn": "Zxq Prøvesen",
    "adresse": "Opdigtet Allé 7, 2. tv",
    "afdeling": "aab55",
    "telefon": "20 12 34 56",
    "grund": "restance",
    "hast": "snarest",
    "beboer_ved_det": "ja",
    "beskrivelse": "Åbner ikke døren, men svarer på sms.",
}


def sendt(**ændret: Any) -> dict[str, Any]:
    """The fields of the form, with a form id of their own."""
    return {"formular_id": str(new_id()), **SENDT, **ændret}


def henvisning(session: Session, *, boligorganisation: str = "aab", hast: str = "snarest", **felter: Any) -> Henvisning:
    """A referral by the session's actor."""
    data = HenvisningData(
        **{"navn": "Zxq Prøvesen", "adresse": "Opdigtet Allé 7", "telefon": "+4520123456", "afdeling": "aab55"}
        | {"grund": "restance", "kilde": "ejendomsdrift", "beskrivelse": "Åbner ikke døren."}
        | felter
    )
    made = henvis(session, data, hast=hast, boligorganisation=boligorganisation, id=uuid.uuid4())
    session.commit()
    return made
