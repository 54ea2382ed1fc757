"""The calendar's pages for both sides: booking, answering, warnings, the walls, two who answer at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.kalender.models import Aftale, AftaleNote
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient, Personale
from tests.kalender.factories import ADRESSE, FORM, TIRSDAG, book

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


def ny(personale: Personale, **felter: str) -> dict[str, str]:
    """The form of a new booking."""
    return FORM | {"rådgiver": rådgiver(personale), "formular_id": str(new_id())} | felter


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


@SQLITE
def test_a_busy_time_a_holiday_and_a_sunday_are_warned_of_once_and_may_be_overridden(
    klient: Klienter, personale: Personale, db: Session
) -> None:
    drift = klient(Rolle.EJENDOMSDRIFT)
    book(db, personale.brugere[Rolle.BEBOERRÅDGIVER].id, afdeling="steenbjerggård")
    sent = ny(personale)
    page = drift.send("/kalender/ny", sent)
    assert page.status_code == 422
    assert "Beboerrådgiveren har et andet besøg kl. 10.00–10.45." in page.text
    tegn = re.search(r'name="alligevel" value="([^"]+)"', page.text)
    assert tegn is not None
    assert tegn.group(1) == "24.11.2026 10.00 45"
    other = drift.send("/kalender/ny", sent | {"start": "10.30", "alligevel": tegn.group(1)})
    assert other.status_code == 422
    assert drift.send("/kalender/ny", sent | {"alligevel": tegn.group(1)}).status_code == 303
    holiday = drift.send("/kalender/ny", ny(personale, dato="2026-12-25"))
    assert (holiday.status_code, "helligdag (juledag)" in holiday.text) == (422, True)
    assert "er en søndag" in drift.send("/kalender/ny", ny(personale, dato="2026-11-29")).text


@SQLITE
@pytest.mark.parametrize(
    ("felt", "værdi", "besked"),
    [
        ("dato", "2026-11-19", "Datoen er passeret."),
        ("dato", "2028-01-01", "over et år ude i fremtiden"),
        ("dato", "31.2.2027", "findes ikke i kalenderen"),
        ("start", "halv ti", "Skriv klokkeslættet som 14.05."),
        ("start", "03.00", "mellem kl. 6.00 og 21.00"),
        ("varighed", "", "Vælg, hvor længe"),
        ("art", "en_til_en", "Vælg"),
        ("adresse", "", "Skriv adressen."),
        ("adresse", "Opdigtet Allé 7, 010165-4006", "CPR"),
        ("afdeling", "steenbjerggård", "Vælg"),
        ("rådgiver", "00000000-0000-4000-8000-000000000000", "Vælg"),
    ],
)
def test_what_cannot_be_booked_is_said_at_the_field(
    klient: Klienter, personale: Personale, felt: str, værdi: str, besked: str
) -> None:
    answer = klient(Rolle.EJENDOMSDRIFT).send("/kalender/ny", ny(personale, **{felt: værdi}))
    assert answer.status_code == 422
    assert besked in answer.text


def test_two_answers_at_once_the_second_sees_what_stands_and_what_was_typed_stays(
    klient: Klienter, personale: Personale, db: Session
) -> None:
    drift, bodil = klient(Rolle.EJENDOMSDRIFT), klient(Rolle.BEBOERRÅDGIVER)
    url = f"/kalender/{book(db, personale.brugere[Rolle.BEBOERRÅDGIVER].id)}"
    seen = version(drift.get(url).text)
    tid = {"dato": "2026-11-25", "start": "12.00", "varighed": "45", "version": seen}
    assert bodil.send(f"{url}/tidspunkt", tid).status_code == 303
    late = drift.send(f"{url}/bekræft", {"version": seen})
    assert late.status_code == 409
    assert "En anden har ændret aftalen" in late.text
    assert "onsdag den 25. november 2026 kl. 12.00–12.45" in late.text
    wrote = {"art": "servicebesøg", "afdeling": "aab55", "adresse": "Opdigtet Allé 9", "version": seen}
    late = drift.send(f"{url}/ret", wrote | {"rådgiver": rådgiver(personale), "deltagere": ""})
    assert late.status_code == 409
    assert "Opdigtet Allé 9" in late.text
    assert ADRESSE in late.text
    assert (
        drift.send(f"{url}/ret", wrote | {"rådgiver": rådgiver(personale), "version": version(late.text)}).status_code
        == 303
    )
    assert drift.send(f"{url}/bekræft", {"version": "3"}).status_code == 303
    assert drift.send(f"{url}/aflys", {"version": "4", "besked": ""}).status_code == 422
    assert drift.send(f"{url}/aflys", {"version": "4", "besked": "Lejemålet er ikke tomt"}).status_code == 303
    assert "Lejemålet er ikke tomt" in bodil.get(url).text
    late = drift.send(f"{url}/afvis", {"version": "4", "besked": "For sent sendt"})
    assert (late.status_code, "Du skrev: For sent sendt" in late.text) == (409, True)
    for closed in ("aflys", "afvis", "tidspunkt", "ret"):
        assert bodil.get(f"{url}/{closed}").location == url
    assert "Det kan ikke lade sig gøre, som aftalen står nu." in bodil.get(url).text


def test_another_boligorganisations_booking_is_not_found_and_the_refusal_is_in_the_trail(
    klient: Klienter, personale: Personale, db: Session
) -> None:
    drift = klient(Rolle.EJENDOMSDRIFT)
    theirs = book(db, personale.brugere[Rolle.BEBOERRÅDGIVER].id, afdeling="steenbjerggård")
    for path in ("", "/ret", "/tidspunkt", "/aflys", "/afvis"):
        answer = drift.get(f"/kalender/{theirs}{path}")
        assert (answer.status_code, ADRESSE in answer.text) == (404, False)
    assert drift.send(f"/kalender/{theirs}/bekræft", {"version": "1"}).status_code == 404
    week = drift.get("/kalender?uge=2026-W48").text
    assert ADRESSE not in week
    assert "Beboerrådgiveren er optaget kl. 10.00–10.45." in week
    assert klient(Rolle.INKASSO).get("/kalender").status_code == 403
    refused = db.exec(select(Spor).where(Spor.handling == Handling.AFVIST, Spor.genstand == "aftale")).all()
    assert [r.rækker for r in refused] == [[str(theirs)]] * 6
    assert {r.anledning for r in refused} == {"hører til et andet sted"}


@SQLITE
def test_weeks_follow_the_iso_calendar_and_mark_today_and_holidays(klient: Klienter) -> None:
    bodil = klient(Rolle.BEBOERRÅDGIVER)
    this = bodil.get("/kalender").text
    assert "Kalender, uge 47" in this
    assert "Fredag den 20. november 2026" in this
    assert 'aria-current="date"' in this
    assert "Lørdag" not in this
    assert "uge=2026-W46" in this
    assert "uge=2026-W48" in this
    christmas = bodil.get("/kalender?uge=2026-W53").text
    assert "28.12.2026 – 03.01.2027" in christmas
    assert "Helligdag: Nytårsdag" in christmas
    assert "uge=2027-W01" in christmas
    for odd in ("2026-W54", "nu", "9999-W53", "0000-W01", "9999-W52", "0001-W01"):
        assert bodil.get(f"/kalender?uge={odd}").status_code == 200
    assert 'value="2026-11-23"' in bodil.get("/kalender/ny").text
    assert 'value="2026-12-01"' in bodil.get("/kalender/ny?dag=2026-12-01").text
    assert bodil.get("/kalender/ny?dag=2026-13-01").status_code == 200


@SQLITE
def test_todays_visit_stands_on_the_front_page_and_leads_to_the_log_without_a_name_in_the_address(
    klient: Klienter, personale: Personale, db: Session
) -> None:
    bodil, drift = klient(Rolle.BEBOERRÅDGIVER), klient(Rolle.EJENDOMSDRIFT)
    url = drift.send("/kalender/ny", ny(personale, dato=IDAG.isoformat())).location
    later = book(db, personale.brugere[Rolle.BEBOERRÅDGIVER].id, TIRSDAG)
    front = bodil.get("/").text
    assert url in front
    assert str(later) not in front
    assert "1 besøg venter på dit svar" in front
    answer = bodil.send(f"{url}/gennemført", {"version": "1", "log": "1"})
    assert re.fullmatch(r"/kontakter/ny\?aftale=[0-9a-f-]{36}", answer.location)
    form = bodil.get(answer.location).text
    assert re.search(r'value="servicebesøg"[^>]* checked', form)
    assert re.search(r'selected[^>]* value="aab55"|value="aab55"[^>]* selected|selected value="aab55"', form)
    assert "art=serviceb" in bodil.get(url).text
    assert bodil.get(f"/kontakter/ny?aftale={new_id()}").status_code == 404


@SQLITE
def test_a_booking_half_typed_is_kept_as_a_draft_and_its_note_is_nobody_elses(
    klient: Klienter, personale: Personale, db: Session
) -> None:
    drift = klient(Rolle.EJENDOMSDRIFT)
    typed = ny(personale, note=NOTE)
    assert drift.send("/kladde", typed | {"formular": "/kalender/ny"}).status_code == 200
    assert NOTE in drift.get("/kalender/ny").text
    assert NOTE not in klient(Rolle.BEBOERRÅDGIVER).get("/kalender/ny").text
    url = drift.send("/kalender/ny", typed).location
    for path, felter in (("tidspunkt", {"besked": "Hellere senere"}), ("aflys", {"besked": "Hellere senere"})):
        drift.send("/kladde", felter | {"formular": f"{url}/{path}", "version": "1"})
        assert "Hellere senere" in drift.get(f"{url}/{path}").text
        drift.send(f"{url}/{path}?kassér=1")
        assert "Hellere senere" not in drift.get(f"{url}/{path}").text
    assert NOTE not in drift.get("/kalender/ny").text
    assert len(db.exec(select(Aftale)).all()) == len(db.exec(select(AftaleNote)).all()) == 1


@SQLITE
def test_a_booking_made_in_winter_keeps_its_hour_in_summer(
    klient: Klienter, personale: Personale, monkeypatch: pytest.MonkeyPatch
) -> None:
    drift = klient(Rolle.EJENDOMSDRIFT)
    url = drift.send("/kalender/ny", ny(personale, dato="2027-03-30", start="9.15")).location
    monkeypatch.setattr(database.clock, "read", lambda: datetime(2027, 3, 29, 22, 30, tzinfo=UTC))
    assert klient(Rolle.EJENDOMSDRIFT).get(url).text.count("tirsdag den 30. marts 2027 kl. 09.15–10.00") == 1
    assert "kl. 09.15–10.00" in klient(Rolle.BEBOERRÅDGIVER).get("/").text
