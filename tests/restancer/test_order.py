"""What is refused as impossible and what is kept with a note."""

from __future__ import annotations

from datetime import date

import pytest

from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.order import Bemærkning, Slags, bemærkninger, sket_efter, umuligt
from tests.restancer.factories import skridt

IDAG = date(2026, 11, 20)


def noter(*hændelser: Hændelse) -> list[list[Bemærkning]]:
    found = bemærkninger(hændelser)
    return [found.get(h.id, []) for h in hændelser]


@pytest.mark.parametrize(
    ("hændelse", "felt"),
    [
        (skridt("påkrav", date(2026, 11, 21)), "dato"),
        (skridt("lukket", date(2026, 11, 21), udfald="betalt"), "dato"),
        (skridt("påkrav", date(2026, 11, 6), fremme=date(2026, 11, 5)), "fremme"),
        (skridt("påkrav", date(2026, 11, 6), fremme=date(2026, 11, 21)), "fremme"),
        (skridt("ophævet", date(2026, 11, 6), frist=date(2026, 11, 5)), "frist"),
        (skridt("påkrav", date(2026, 11, 6), fremme=date(2026, 11, 9), frist=date(2026, 11, 8)), "frist"),
        (skridt("fogedsag", date(2026, 12, 8)), None),
        (skridt("udsættelse_berammet", date(2026, 11, 6), frist=date(2026, 12, 26)), None),
        (skridt("påkrav", date(2026, 11, 20), fremme=date(2026, 11, 20)), None),
    ],
)
def test_only_what_cannot_have_happened_is_refused(hændelse: Hændelse, felt: str | None) -> None:
    found = umuligt(hændelse, IDAG)
    assert (found[0] if found else None) == felt


def test_an_end_cannot_lie_before_what_happened_in_the_case() -> None:
    slut = skridt("lukket", date(2026, 11, 10), udfald="betalt")
    assert sket_efter([skridt("påkrav", date(2026, 11, 11)), slut], slut)
    assert not sket_efter([skridt("påkrav", date(2026, 11, 10)), slut], slut)
    assert not sket_efter([skridt("påkrav", date(2026, 11, 11), annulleret=True), slut], slut)


def test_the_usual_road_has_no_notes_and_a_case_may_begin_anywhere() -> None:
    vejen = [
        skridt("forfalden", date(2026, 9, 1)),
        skridt("påkrav", date(2026, 9, 7), fremme=date(2026, 9, 8)),
        skridt("ophævet", date(2026, 9, 28)),
        skridt("fogedsag", date(2026, 10, 5), frist=date(2026, 10, 28)),
        skridt("udsættelse_berammet", date(2026, 10, 28), frist=date(2026, 11, 11)),
        skridt("udsat", date(2026, 11, 11), udfald="udsat"),
        skridt("forfalden", date(2026, 11, 12)),
    ]
    assert noter(*vejen) == [[]] * 7
    assert noter(skridt("fogedsag", date(2026, 10, 5))) == [[]]


def test_a_jump_a_step_back_and_a_step_too_early_are_noted_and_kept() -> None:
    sprunget = noter(skridt("forfalden", date(2026, 11, 2)), skridt("fogedsag", date(2026, 11, 16)))
    assert sprunget == [[], [Bemærkning(Slags.SPRUNGET, faser=("ophævet",))]]
    tilbage = noter(skridt("ophævet", date(2026, 11, 9)), skridt("forfalden", date(2026, 11, 10)))
    assert tilbage == [[], []]  # a new month's rent may fall due at any time
    tilbage = noter(skridt("fogedsag", date(2026, 11, 9)), skridt("ophævet", date(2026, 11, 10)))
    assert tilbage == [[], [Bemærkning(Slags.TILBAGE, faser=("fogedsag",))]]
    tidligt = noter(
        skridt("forfalden", date(2026, 11, 2)),
        skridt("påkrav", date(2026, 11, 5), fremme=date(2026, 11, 6)),
        skridt("ophævet", date(2026, 11, 20)),
    )
    assert tidligt == [
        [],
        [Bemærkning(Slags.TIDLIGT_PÅKRAV, date(2026, 11, 6))],
        [Bemærkning(Slags.TIDLIG_OPHÆVELSE, date(2026, 11, 20))],
    ]


def test_an_unknown_arrival_and_an_appointment_on_a_closed_day_are_noted() -> None:
    assert noter(skridt("påkrav", date(2026, 11, 6))) == [[Bemærkning(Slags.FREMME_UKENDT, date(2026, 11, 6))]]
    jul = skridt("fogedsag", date(2026, 11, 20), frist=date(2026, 12, 25))
    assert noter(jul) == [[Bemærkning(Slags.LUKKEDAG, date(2026, 12, 25))]]
    assert noter(skridt("påkrav", date(2026, 11, 6), annulleret=True)) == [[]]
