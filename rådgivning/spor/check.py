"""Walking the chains: `raadgivning spor tjek` and the trail's own page."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from rådgivning.spor.models import Spor, SporHoved
from rådgivning.spor.trail import entry_mac, head_seal

BATCH = 2000


@dataclass(frozen=True)
class Brud:
    """One place where a chain does not hold; `nr` is the first entry that cannot be trusted."""

    kæde: str
    nr: int
    besked: str


def tjek(session: Session, audit_key: bytes, progress: Callable[[int], None] = lambda _n: None) -> list[Brud]:
    """Verify every chain from its first entry to its head; an empty list means that nothing was touched."""
    brud: list[Brud] = []
    seen = 0
    hoveder = {h.kæde: h for h in session.exec(select(SporHoved)).all()}
    kæder = set(session.exec(select(Spor.kæde).distinct()).all()) | set(hoveder)
    for kæde in sorted(kæder):
        previous, expected = b"", 1
        fejl = None
        for entry in _entries(session, kæde):
            seen += 1
            if seen % BATCH == 0:
                progress(seen)
            if entry.nr != expected:
                fejl = Brud(kæde, expected, f"Post {expected} mangler; næste post er {entry.nr}.")
                break
            if not hmac.compare_digest(entry_mac(audit_key, previous, entry), entry.mac):
                fejl = Brud(kæde, entry.nr, f"Post {entry.nr} er ændret, flyttet eller skrevet med en anden nøgle.")
                break
            previous, expected = entry.mac, expected + 1
        fejl = fejl or _check_head(audit_key, kæde, hoveder.get(kæde), previous, expected - 1)
        if fejl is not None:
            brud.append(fejl)
    progress(seen)
    return brud


def _entries(session: Session, kæde: str) -> Iterator[Spor]:
    last = 0
    while True:
        page = session.exec(
            select(Spor).where(Spor.kæde == kæde, Spor.nr > last).order_by(col(Spor.nr)).limit(BATCH)
        ).all()
        yield from page
        if len(page) < BATCH:
            return
        last = page[-1].nr
        session.expunge_all()


def _check_head(key: bytes, kæde: str, hoved: SporHoved | None, mac: bytes, count: int) -> Brud | None:
    if hoved is None:
        return Brud(kæde, 1, "Kædens hoved mangler.")
    if not hmac.compare_digest(head_seal(key, hoved), hoved.segl):
        return Brud(kæde, hoved.nr, "Kædens hoved er ændret.")
    if hoved.nr != count or not hmac.compare_digest(hoved.mac, mac):
        return Brud(kæde, count + 1, f"Kæden slutter ved post {count}, men skulle slutte ved post {hoved.nr}.")
    return None
