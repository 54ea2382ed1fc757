"""Bookings of invented places."""

from __future__ import annotations

import uuid
from datetime import date, time
from typing import Any

from sqlmodel import Session

from rådgivning.database import new_id
from rådgivning.kalender import bookings
from rådgivning.kalender.models import AftaleData

ADRESSE = "Opdigtet Allé 7, 2. tv."
TIRSDAG = date(2026, 11, 24)
FORM = {
    "art": "servicebesøg",
    "afdeling": "aab55",
    "adresse": ADRESSE,
    "lejemål": "55-0207",
    "dato": TIRSDAG.isoformat(),
    "start": "10.00",
    "varighed": "45",
    "deltagere": "Ejendomsfunktionær Testa",
}


def book(session: Session, rådgiver_id: uuid.UUID, dato: date = TIRSDAG, note: str = "", **data: Any) -> uuid.UUID:
    """A booked visit, committed; returns its id."""
    values: dict[str, Any] = {"art": "servicebesøg", "afdeling": "aab55", "adresse": ADRESSE}
    values |= {"start": time(10), "varighed": 45, "rådgiver_id": rådgiver_id}
    number = new_id()
    bookings.book(session, AftaleData(**(values | data)), dato=dato, note=note, id=number)
    session.commit()
    return number
