"""The calendar's pages for both sides: booking, answering, the walls, two who answer at once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.kalender import bookings
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote, AftaleNoteData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import MåIkkeÅbne, open_sealed
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Klient, Personale, opret_testbruger
from tests.kalender.factories import ADRESSE, FORM, book

Klienter = Callable[[Rolle | None], Klient]
NOTE = "Zxqbesked"
SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def version(page: str) -> str:
    """The version in a page's form."""
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found.group(1)


def rådgiver(personale: Personale) -> str:
    """The beboerrådgiver's id as the form sends it."""
    return str(personale.brugere[Rolle.BEBOERRÅDGIVER].id)


def test_ejendomsdrift_books_the_other_side_answers_and_both_see_it_but_only_one_the_note(
    klient: Klienter, personale: Personale, db: Session
) -> None:
    drift, bodil = klient(Rolle.EJENDOMSDRIFT), klient(Rolle.BEBOERRÅDGIVER)
    svar = drift.send(
        "/kalender/ny", FORM | {"rådgiver": rådgiver(personale), "note": NOTE, "formular_id": str(new_id())}
    )
    assert svar.status_code == 303, svar.text
    url = svar.location
    theirs, hers = drift.get(url).text, bodil.get(url).text
    assert ADRESSE in theirs
    assert NOTE not in theirs
    assert NOTE in hers
    assert "Venter på dit svar" in hers
    assert "Bekræft" not in theirs
    assert bodil.send(f"{url}/bekræft", {"version": version(hers)}).status_code == 303
    assert "Bekræftet" in drift.get(url).text
    for page in (drift.get("/kalender?uge=2026-W48").text, bodil.get("/kalender?uge=2026-W48").text):
        assert "Kalender, uge 48" in page
        assert "kl. 10.00–10.45" in page
        assert ADRESSE in page
    raw = repr(db.exec(select(Aftale)).all()) + repr(db.exec(select(AftaleNote)).all())
    assert not any(word in raw for word in (ADRESSE, NOTE, "servicebesøg", "aab55"))
