"""The life of a booking: its statuses, which may follow which, whose answer is awaited, and when two overlap.

Pure: no database, no Flask.
"""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Final

from rådgivning.adgang.permissions import Rolle


class Status(StrEnum):
    """Where a booking stands; the value is stored."""

    FORESLÅET = "foreslået"
    BEKRÆFTET = "bekræftet"
    AFVIST = "afvist"
    AFLYST = "aflyst"
    GENNEMFØRT = "gennemført"


# What may follow. Another time makes a booking a proposal again, also after a refusal; what is cancelled or done stays.
# A visit both went on without a click in between is done all the same.
FØLGER: Final[dict[Status, frozenset[Status]]] = {
    Status.FORESLÅET: frozenset(
        {Status.FORESLÅET, Status.BEKRÆFTET, Status.AFVIST, Status.AFLYST, Status.GENNEMFØRT},
    ),
    Status.BEKRÆFTET: frozenset({Status.FORESLÅET, Status.AFLYST, Status.GENNEMFØRT}),
    Status.AFVIST: frozenset({Status.FORESLÅET}),
    Status.AFLYST: frozenset(),
    Status.GENNEMFØRT: frozenset(),
}
# The visits that are going to be, or have been; the others have given the time back.
STÅR: Final = frozenset({Status.FORESLÅET, Status.BEKRÆFTET, Status.GENNEMFØRT})
ARTER: Final = ("indflytningssyn", "servicebesøg")


class Side(StrEnum):
    """The two who agree on a visit."""

    RÅDGIVER = "rådgiver"
    DRIFT = "drift"

    @property
    def anden(self) -> Side:
        """The other one."""
        return Side.DRIFT if self is Side.RÅDGIVER else Side.RÅDGIVER


def side(rolle: str) -> Side:
    """The side a role acts for."""
    return Side.RÅDGIVER if rolle == Rolle.BEBOERRÅDGIVER else Side.DRIFT


def må(status: Status, ny: Status, *, egen: Side, afventer: str, dato: date, idag: date) -> bool:
    """Whether this side may take a booking there today.

    Only the side that is asked confirms or refuses; only the beboerrådgiver, and not before the day, says that the
    visit took place.
    """
    if ny not in FØLGER[status]:
        return False
    if ny in {Status.BEKRÆFTET, Status.AFVIST}:
        return afventer == egen
    return ny is not Status.GENNEMFØRT or (egen is Side.RÅDGIVER and dato <= idag)


def minutter(klokken: time) -> int:
    """Minutes since midnight."""
    return klokken.hour * 60 + klokken.minute


def slut(start: time, varighed: int) -> time:
    """When a visit of so many minutes ends; one cannot last past midnight."""
    total = min(minutter(start) + varighed, 24 * 60 - 1)
    return time(total // 60, total % 60)


def overlapper(start: time, varighed: int, anden_start: time, anden_varighed: int) -> bool:
    """Whether two visits on one day share a minute; one that begins when the other ends does not."""
    one, other = minutter(start), minutter(anden_start)
    return one < other + anden_varighed and other < one + varighed
