"""Walking the chains: `raadgivning spor tjek` and the trail's own page."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from rådgivning.spor.models import Spor, SporHoved
from rådgivning.spor.trail import NY_KÆDE, SYSTEM, entry_mac, head_seal

BATCH = 2000


@dataclass(frozen=True)
class Brud:
    """One place where a chain does not hold; `nr` is the first entry that cannot be trusted."""

    kæde: str
    nr: int
    besked: str


def tjek(session: Session, audit_key: bytes, progress: Callable[[int], None] = lambda _n: None) -> list[Brud]:
    """Verify every chain from its first entry to its head; an empty list means that nothing was touched.

    Reads in short transactions of its own (the Session's open one is rolled back), so that others can write meanwhile;
    what they add after a chain's head was read is left to the next run.
    """
    session.rollback()
    before, named, after = _chains(session), _named_chains(session), _chains(session)
    session.rollback()
    walk = _Walk(session, audit_key, progress)
    brud = [fejl for kæde in sorted(before) if (fejl := walk.chain(kæde)) is not None]
    brud += [Brud(kæde, 1, "Hele kæden mangler.") for kæde in sorted(named - after)]
    if before - {SYSTEM} - named:
        brud.append(Brud(SYSTEM, 1, "Systemets kæde nævner ikke alle de kæder, der findes."))
    progress(walk.seen)
    return brud


def _chains(session: Session) -> set[str]:
    return set(session.exec(select(SporHoved.kæde)).all()) | set(session.exec(select(Spor.kæde).distinct()).all())


def _named_chains(session: Session) -> set[str]:
    query = select(Spor).where(Spor.kæde == SYSTEM, Spor.genstand == "spor", Spor.anledning == NY_KÆDE)
    return {kæde for entry in session.exec(query).all() for kæde in entry.rækker}


class _Walk:
    """One run through all chains."""

    def __init__(self, session: Session, key: bytes, progress: Callable[[int], None]) -> None:
        self.session, self.key, self.progress = session, key, progress
        self.seen = 0

    def chain(self, kæde: str) -> Brud | None:
        """The first place where the chain does not hold."""
        hoved = self.session.get(SporHoved, kæde, populate_existing=True)
        if hoved is None:
            return Brud(kæde, 1, "Kædens hoved mangler.")
        length, end, sealed = hoved.nr, hoved.mac, hmac.compare_digest(head_seal(self.key, hoved), hoved.segl)
        mac, count = b"", 0
        for entry in self._entries(kæde, length):
            count += 1
            if entry.nr != count:
                return Brud(kæde, count, f"Post {count} mangler; næste post er {entry.nr}.")
            if not hmac.compare_digest(entry_mac(self.key, mac, entry), entry.mac):
                return Brud(kæde, count, f"Post {count} er ændret, flyttet eller skrevet med en anden nøgle.")
            mac = entry.mac
        if not sealed:
            return Brud(kæde, length, "Kædens hoved er ændret eller skrevet med en anden nøgle.")
        if count != length or not hmac.compare_digest(mac, end):
            return Brud(kæde, count + 1, f"Kæden slutter ved post {count}, men skulle slutte ved post {length}.")
        return self._beyond(kæde)

    def _entries(self, kæde: str, length: int) -> Iterator[Spor]:
        last = 0
        while True:
            page = self.session.exec(
                select(Spor)
                .where(Spor.kæde == kæde, col(Spor.nr) > last, col(Spor.nr) <= length)
                .order_by(col(Spor.nr))
                .limit(BATCH)
            ).all()
            self.session.expunge_all()
            self.session.rollback()
            yield from page
            self.seen += len(page)
            self.progress(self.seen)
            if len(page) < BATCH:
                return
            last = page[-1].nr

    def _beyond(self, kæde: str) -> Brud | None:
        """Entries beyond the head were put there by somebody else: ours move the head in the same transaction."""
        query = select(SporHoved.nr, select(func.max(Spor.nr)).where(Spor.kæde == kæde).scalar_subquery())
        head, last = self.session.exec(query.where(SporHoved.kæde == kæde)).one()
        self.session.rollback()
        return None if last == head else Brud(kæde, head + 1, f"Der står poster efter kædens hoved ved post {head}.")
