"""What leaves in a calendar feed, read back by the library other calendars are built on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from icalendar import Calendar

from rådgivning.database import COPENHAGEN
from rådgivning.kalender.feed import STATUS, Begivenhed, dansk_tid, som_ics
from rådgivning.kalender.states import Status

ID = UUID("00000000-0000-4000-8000-000000000001")
ÆNDRET = datetime(2026, 11, 20, 9, tzinfo=UTC)


def begivenhed(dag: date = date(2026, 11, 24), klokken: time = time(10), **values: object) -> Begivenhed:
    """A visit."""
    given = {"titel": "Servicebesøg, AAB 55", "varighed": 45, "status": Status.BEKRÆFTET, "sekvens": 2, "sted": ""}
    return Begivenhed(id=ID, start=dansk_tid(dag, klokken), ændret=ÆNDRET, **(given | values))  # type: ignore[arg-type]


def læst(*begivenheder: Begivenhed) -> list[dict[str, object]]:
    """The events of a feed as another program reads them."""
    calendar = Calendar.from_ical(som_ics("Besøg", begivenheder))
    return [
        {"uid": str(e["uid"]), "titel": str(e["summary"]), "fra": e.decoded("dtstart"), "til": e.decoded("dtend")}
        | {"status": str(e["status"]), "sekvens": e.decoded("sequence"), "sted": str(e.get("location", ""))}
        for e in calendar.walk("VEVENT")
    ]


@pytest.mark.parametrize(
    ("dag", "utc"),
    [
        (date(2026, 11, 24), 9),  # winter
        (date(2027, 6, 1), 8),  # summer
        (date(2027, 3, 27), 9),  # the day before summer time begins
        (date(2027, 3, 28), 8),  # the day it begins
        (date(2027, 10, 31), 9),  # the day it ends
        (date(2026, 12, 31), 9),
    ],
)
def test_ten_oclock_is_ten_oclock_in_denmark_summer_and_winter(dag: date, utc: int) -> None:
    (event,) = læst(begivenhed(dag))
    assert event["fra"] == datetime.combine(dag, time(utc), UTC)
    assert isinstance(event["fra"], datetime)
    assert event["fra"].astimezone(COPENHAGEN).time() == time(10)
    assert isinstance(event["til"], datetime)
    assert event["til"].astimezone(COPENHAGEN).time() == time(10, 45)


def test_a_booking_keeps_its_uid_and_counts_its_changes_and_a_cancelled_one_says_so() -> None:
    events = [læst(begivenhed(status=status, sekvens=n))[0] for n, status in enumerate(Status)]
    assert {e["uid"] for e in events} == {f"{ID}@raadgivning"}
    assert [e["sekvens"] for e in events] == list(range(len(Status)))
    assert [e["status"] for e in events] == [STATUS[s] for s in Status]
    assert [s for s in Status if STATUS[s] == "CANCELLED"] == [Status.AFVIST, Status.AFLYST]


def test_text_is_escaped_and_lines_are_folded_at_75_octets_without_splitting_a_letter() -> None:
    titel = "Indflytningssyn; AAB\\55, " + "æøå" * 40
    raw = som_ics("Besøg", [begivenhed(titel=titel, sted="Opdigtet Allé 7, 2. tv.\nBEGIN:VALARM")])
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\r\nBEGIN:VALARM" not in raw
    assert raw.replace(b"\r\n ", b"").decode() == raw.decode().replace("\r\n ", "")
    (event,) = læst(begivenhed(titel=titel, sted="Opdigtet Allé 7, 2. tv.\nBEGIN:VALARM"))
    assert event["titel"] == titel
    assert str(event["sted"]).startswith("Opdigtet Allé 7, 2. tv.")


def test_an_empty_feed_is_a_calendar() -> None:
    assert Calendar.from_ical(som_ics("Besøg", [])).walk("VEVENT") == []
