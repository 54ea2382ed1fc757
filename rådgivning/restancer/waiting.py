"""How long a household waited, from the day the case was on the list to the first contact, in bands to count by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.phases import FASER, OPHÆVET, i_orden

INGEN = "ingen"
BÅND: tuple[tuple[str, int, int | None], ...] = (
    ("0-1", 0, 1),
    ("2-3", 2, 3),
    ("4-7", 4, 7),
    ("8-14", 8, 14),
    ("15-30", 15, 30),
    ("31+", 31, None),
)
"""Key, first and last day of each band; the last one has no end."""


def ventetid(oprettet: date, kontaktet: date | None) -> str:
    """The band of the days until somebody was reached, or `ingen`. Who was reached before the case was filed did not
    wait."""
    if kontaktet is None:
        return INGEN
    dage = max(0, (kontaktet - oprettet).days)
    return next(key for key, _first, last in BÅND if last is None or dage <= last)


def nået_i_tide(hændelser: Sequence[Hændelse], kontaktet: date | None) -> str:
    """`ja` when the household was reached on or before the day of the ophævelse, else `nej`.

    Was the ophævelse never written down, the first step after it counts as its day; did the case never come that far,
    being reached at all is in time.
    """
    if kontaktet is None:
        return "nej"
    ophævet = [h.dato for h in i_orden(hændelser) if h.fase == "udsat" or _past_ophævelse(h)]
    return "ja" if not ophævet or kontaktet <= ophævet[0] else "nej"


def _past_ophævelse(h: Hændelse) -> bool:
    fase = FASER[h.fase]
    return not fase.lukker and fase.rang >= OPHÆVET
