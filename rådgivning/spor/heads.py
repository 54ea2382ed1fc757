"""The chains' heads as a text that is kept elsewhere: on paper, in a mail, in another system.

Whoever has the audit key and the database can write a trail anew that checks out. Not one that ends in the mac that
stands on last month's paper.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from rådgivning.spor.models import SporHoved
from rådgivning.spor.trail import afslut_fremmede

_LINE = re.compile(
    r"(?:^|\s)(system|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+(\d{1,15})\s+((?:[0-9a-f]{4}[-\s]*){16})(?=\s|$)"
)
_CHECK = re.compile(r"kontrol[:\s]+([0-9a-f]{8})")


class HovedFejl(Exception):
    """The text holds no head, or was copied wrongly; one Danish sentence."""


@dataclass(frozen=True)
class Hoved:
    """How long a chain was and the mac of its last entry."""

    kæde: str
    nr: int
    mac: bytes


def i_grupper(mac: bytes) -> str:
    """A mac as sixteen groups of four, which a person can read aloud and compare."""
    text = mac.hex()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def hoveder(session: Session, kæder: Iterable[str] | None = None) -> list[Hoved]:
    """The heads of these chains, or of all; an empty chain has none. What strangers did is written first."""
    afslut_fremmede(session)
    query = select(SporHoved).where(col(SporHoved.nr) > 0).order_by(col(SporHoved.kæde))
    if kæder is not None:
        query = query.where(col(SporHoved.kæde).in_(list(kæder)))
    rows = session.exec(query.execution_options(populate_existing=True)).all()
    return [Hoved(row.kæde, row.nr, row.mac) for row in rows]


def hovedtekst(heads: Sequence[Hoved], at: datetime) -> str:
    """The heads as a text with a check, to be printed or mailed; `læs_hoveder` reads it back."""
    lines = [f"{head.kæde} {head.nr}\n{i_grupper(head.mac)[:40]}\n{i_grupper(head.mac)[40:]}" for head in heads]
    top = f"Sporets hoved {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return "\n".join([top, *lines, f"kontrol {_check(heads)}", ""])


def læs_hoveder(text: str) -> list[Hoved]:
    """The heads in a text, wherever the lines were broken. Raises HovedFejl."""
    folded = re.sub(r"[\s>]+", " ", text.casefold())  # a mail that is answered has its lines quoted
    found = [Hoved(k, int(nr), bytes.fromhex(re.sub(r"[^0-9a-f]", "", mac))) for k, nr, mac in _LINE.findall(folded)]
    if not found:
        raise HovedFejl(
            "Der står intet hoved i teksten. Den skal have linjerne fra »spor hoved« eller siden Sporets hoved."
        )
    check = _CHECK.search(folded)
    if check is not None and check.group(1) != _check(found):
        raise HovedFejl("Kontroltallet passer ikke: der er en skrivefejl i hovedet. Sammenlign det tegn for tegn.")
    return found


def _check(heads: Sequence[Hoved]) -> str:
    text = "".join(f"{head.kæde} {head.nr} {head.mac.hex()}\n" for head in sorted(heads, key=lambda h: h.kæde))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
