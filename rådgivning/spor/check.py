"""Walking the chains: `raadgivning spor tjek` and the trail's own page."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from rådgivning.spor.heads import Hoved, i_grupper
from rådgivning.spor.models import Handling, Spor, SporHoved
from rådgivning.spor.trail import NY_KÆDE, SLETTEFRIST, SYSTEM, afslut_fremmede, entry_mac, head_seal

BATCH = 2000


@dataclass(frozen=True)
class Brud:
    """One place where a chain does not hold; `nr` is the first entry that cannot be trusted."""

    kæde: str
    nr: int
    besked: str


def antal_poster(session: Session) -> int:
    """How many entries there are to check."""
    antal = session.exec(select(func.coalesce(func.sum(SporHoved.nr - SporHoved.fra), 0))).one()
    session.rollback()
    return int(antal)


def tjek(
    session: Session,
    audit_key: bytes,
    progress: Callable[[int], None] = lambda _n: None,
    kendte: Sequence[Hoved] = (),
) -> list[Brud]:
    """Verify every chain from its first entry to its head; an empty list means that nothing was touched.

    `kendte`: heads that were written down elsewhere; each chain must still hold that entry. Finds also what somebody
    with the audit key has rewritten or cut off.

    What strangers did in the last minutes is written first. Reads in short transactions of its own (the Session's open
    one is rolled back), so that others can write meanwhile; what they add after a chain's head was read is left to the
    next run.
    """
    session.rollback()
    afslut_fremmede(session)
    session.commit()
    before, named, after = _chains(session), _named_chains(session), _chains(session)
    session.rollback()
    walk = _Walk(session, audit_key, progress)
    brud = [fejl for kæde in sorted(before) if (fejl := walk.chain(kæde)) is not None]
    brud += [Brud(kæde, 1, "Hele kæden mangler.") for kæde in sorted(named - after)]
    if before - {SYSTEM} - named:
        brud.append(Brud(SYSTEM, 1, "Systemets kæde nævner ikke alle de kæder, der findes."))
    broken = {sted.kæde for sted in brud}
    brud += [fejl for hoved in kendte if hoved.kæde not in broken and (fejl := _differs(session, hoved)) is not None]
    progress(walk.seen)
    return brud


def _differs(session: Session, kendt: Hoved) -> Brud | None:
    """Whether a chain that holds in itself is another than the one whose head was written down."""
    hoved = session.get(SporHoved, kendt.kæde, populate_existing=True)
    first, last, cut = (hoved.fra, hoved.nr, hoved.fra_mac) if hoved else (0, 0, None)
    mac = cut if kendt.nr == first else _mac(session, kendt)
    session.rollback()
    besked = ""
    if kendt.nr > last:
        besked = f"Kæden er kortere end det gemte hoved, som har {kendt.nr} poster: den er kappet."
    elif kendt.nr < first:
        besked = f"Det gemte hoved er ældre end de {first} poster, der er slettet efter fristen. Brug et nyere."
    elif mac is None or not hmac.compare_digest(mac, kendt.mac):
        besked = f"Post {kendt.nr} er en anden end i det gemte hoved: sporet er skrevet om."
    return Brud(kendt.kæde, kendt.nr, besked) if besked else None


def _mac(session: Session, kendt: Hoved) -> bytes | None:
    return session.exec(select(Spor.mac).where(Spor.kæde == kendt.kæde, Spor.nr == kendt.nr)).first()


def _chains(session: Session) -> set[str]:
    return set(session.exec(select(SporHoved.kæde)).all()) | set(session.exec(select(Spor.kæde).distinct()).all())


def _named_chains(session: Session) -> set[str]:
    query = select(Spor.rækker).where(Spor.kæde == SYSTEM, Spor.genstand == "spor", Spor.anledning == NY_KÆDE)
    return {kæde for chains in session.exec(query).all() for kæde in chains}


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
        length, end, first = hoved.nr, hoved.mac, hoved.fra
        sealed = hmac.compare_digest(head_seal(self.key, hoved), hoved.segl)
        mac, count, cut = hoved.fra_mac or b"", first, (0, "")
        for entry in self._entries(kæde, first, length):
            count += 1
            if entry.nr != count:
                return Brud(kæde, count, f"Post {count} mangler; næste post er {entry.nr}.")
            if not hmac.compare_digest(entry_mac(self.key, mac, entry), entry.mac):
                return Brud(kæde, count, f"Post {count} er ændret, flyttet eller skrevet med en anden nøgle.")
            mac, cut = entry.mac, _cut(entry) or cut
        if not sealed:
            return Brud(kæde, length, "Kædens hoved er ændret eller skrevet med en anden nøgle.")
        if count != length or not hmac.compare_digest(mac, end):
            return Brud(kæde, count + 1, f"Kæden slutter ved post {count}, men skulle slutte ved post {length}.")
        if first and cut != (first, i_grupper(hoved.fra_mac or b"")):
            return Brud(kæde, first + 1, f"Ingen post fortæller, at de første {first} er slettet efter fristen.")
        return self._beyond(kæde)

    def _entries(self, kæde: str, last: int, length: int) -> Iterator[Spor]:
        """The entries as plain rows: a million of them need not be objects of the Session."""
        table = Spor.__table__  # type: ignore[attr-defined]
        while True:
            rows = self.session.execute(
                select_rows(table)
                .where(table.c.kæde == kæde, table.c.nr > last, table.c.nr <= length)
                .order_by(table.c.nr)
                .limit(BATCH)
            ).all()
            self.session.rollback()
            yield from cast("Sequence[Spor]", rows)
            self.seen += len(rows)
            self.progress(self.seen)
            if len(rows) < BATCH:
                return
            last = rows[-1].nr

    def _beyond(self, kæde: str) -> Brud | None:
        """Entries outside the head's numbers were put there by somebody else: ours move it in the same transaction."""
        ends = [
            select(end).where(Spor.kæde == kæde).scalar_subquery() for end in (func.min(Spor.nr), func.max(Spor.nr))
        ]
        query = select(SporHoved.fra, SporHoved.nr, *ends)
        fra, head, first, last = self.session.execute(query.where(col(SporHoved.kæde) == kæde)).one()
        self.session.rollback()
        if first is not None and first <= fra:
            return Brud(kæde, first, f"Der står poster fra før kædens begyndelse ved post {fra + 1}.")
        return None if last == head else Brud(kæde, head + 1, f"Der står poster efter kædens hoved ved post {head}.")


def _cut(entry: Spor) -> tuple[int, str] | None:
    """Until where an entry says that its chain was deleted, and the mac it went on from."""
    if (entry.handling, entry.genstand, entry.anledning) != (Handling.SLETTET, "spor", SLETTEFRIST):
        return None
    return int(entry.detaljer["til"]), str(entry.detaljer["mac"])
