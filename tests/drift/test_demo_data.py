"""The invented year: nobody is in it, and everything in it can be saved again from the forms that show it."""

from __future__ import annotations

from datetime import date

from rådgivning.dansk import normaliser_telefon, vis_telefon
from rådgivning.drift.demo_data import believable_year


def test_an_invented_phone_number_is_nobodys_and_can_be_saved_again() -> None:
    year = believable_year(1, date(2026, 11, 20), date(2026, 9, 1))
    phones = {person.telefon for person in year.personer if person.telefon}
    assert len(phones) > 100
    for phone in phones:
        assert phone.startswith("+451"), "no subscriber's number begins with 1"
        assert normaliser_telefon(vis_telefon(phone)) == phone
