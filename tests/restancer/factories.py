"""Restancesager for tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from rådgivning.database import new_id
from rådgivning.restancer.cases import opret_sag
from rådgivning.restancer.models import Hændelse, Restancesag, RestancesagData

MELDT: dict[str, Any] = {
    "navn": "Zxq Prøvesen",
    "adresse": "Opdigtet Allé 7, 2. tv",
    "lejemål": "55-0107-2",
    "telefon": "20 12 34 56",
    "afdeling": "aab55",
    "måneder": ["2026-11", "2026-10"],
    "beløb": "16.900,50",
    "fase": "forfalden",
    "dato": "2026-11-02",
}


def meldt(**ændret: Any) -> dict[str, Any]:
    """The fields of the form, with a form id of their own."""
    return {"formular_id": str(new_id()), **MELDT, **ændret}


def skridt(fase: str, dag: date, **felter: Any) -> Hændelse:
    """One event."""
    return Hændelse(fase=fase, dato=dag, kilde="opkrævning", **felter)


def sag(session: Session, *hændelser: Hændelse, boligorganisation: str = "aab", **felter: Any) -> Restancesag:
    """A case by the session's actor, due on 2 November 2026 unless it is given events."""
    data = RestancesagData(
        **{"navn": "Zxq Prøvesen", "lejemål": "55-0107-2", "adresse": "Opdigtet Allé 7", "telefon": "+4520123456"}
        | {"afdeling": "aab55", "måneder": ["2026-11"], "beløb": Decimal("8450.00")}
        | felter,
        hændelser=list(hændelser) or [skridt("forfalden", date(2026, 11, 2))],
    )
    made = opret_sag(session, data, boligorganisation=boligorganisation, id=new_id())
    session.commit()
    return made
