"""A calendar feed (RFC 5545): planned visits for a phone's or an office's calendar, with nothing personal in it.

The title is the art and the afdeling. No name, no note, no lejemål; the address only where the setting allows it. Times
are given in UTC, which every calendar shows in its own zone, summer time and all.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from icalendar import Calendar, Event

from rådgivning.database import COPENHAGEN
from rådgivning.kalender.states import Status

STATUS: Final = {
    Status.FORESLÅET: "TENTATIVE",
    Status.BEKRÆFTET: "CONFIRMED",
    Status.GENNEMFØRT: "CONFIRMED",
    Status.AFVIST: "CANCELLED",
    Status.AFLYST: "CANCELLED",
}


@dataclass(frozen=True)
class Begivenhed:
    """One visit as the feed shows it; `sekvens` grows with every change, so that calendars know the newest."""

    id: uuid.UUID
    titel: str
    start: datetime
    varighed: int
    status: Status
    sekvens: int
    ændret: datetime
    sted: str = ""


def dansk_tid(dag: date, klokken: time) -> datetime:
    """The instant of a Danish time of day, in UTC."""
    return datetime.combine(dag, klokken, COPENHAGEN).astimezone(UTC)


def som_ics(navn: str, begivenheder: Iterable[Begivenhed]) -> bytes:
    """The feed: escaped text in lines of at most 75 octets."""
    calendar = Calendar()
    for name, value in (
        ("prodid", "-//rådgivning//kalender//DA"),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", navn),
        ("x-wr-timezone", COPENHAGEN.key),
        ("x-published-ttl", "PT1H"),
    ):
        calendar.add(name, value)
    for begivenhed in begivenheder:
        calendar.add_component(_event(begivenhed))
    return bytes(calendar.to_ical())


def _event(b: Begivenhed) -> Event:
    event = Event()
    event.add("uid", f"{b.id}@raadgivning")
    event.add("summary", b.titel)
    event.add("dtstart", b.start)
    event.add("dtend", b.start + timedelta(minutes=b.varighed))
    event.add("dtstamp", b.ændret)
    event.add("last-modified", b.ændret)
    event.add("sequence", b.sekvens)
    event.add("status", STATUS[b.status])
    event.add("transp", "TRANSPARENT" if STATUS[b.status] == "CANCELLED" else "OPAQUE")
    if b.sted:
        event.add("location", b.sted)
    return event
