"""The invented year: nobody is in it, and everything in it can be saved again from the forms that show it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rådgivning.adgang.permissions import Rolle
from rådgivning.dansk import normaliser_telefon, vis_telefon
from rådgivning.database import clock, now
from rådgivning.drift.demo_data import believable_year
from rådgivning.drift.demo_fill import Opfyldning
from rådgivning.nøgler.context import Nøglekontekst


def test_an_invented_phone_number_is_nobodys_and_can_be_saved_again() -> None:
    year = believable_year(1, date(2026, 11, 20), date(2026, 9, 1))
    phones = {person.telefon for person in year.personer if person.telefon}
    assert len(phones) > 100
    for phone in phones:
        assert phone.startswith("+451"), "no subscriber's number begins with 1"
        assert normaliser_telefon(vis_telefon(phone)) == phone


@pytest.mark.usefixtures("personale")
@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_demo_that_is_made_at_night_writes_nothing_later_than_now(kontekst: Nøglekontekst) -> None:
    night = datetime(2026, 11, 21, 23, 54, tzinfo=UTC)  # 00.54 of the 22nd here
    clock.read = lambda: night
    filling = Opfyldning(kontekst, 1)
    for dag in (date(2026, 11, 21), date(2026, 11, 22)):
        with filling.som(Rolle.BEBOERRÅDGIVER, dag):
            assert now() <= night
    filling.close()
    assert clock.read() == night
