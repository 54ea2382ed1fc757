"""Walking the chains: `raadgivning spor tjek` and the trail's own page."""

from __future__ import annotations

import hmac
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from rådgivning.spor.chain import entry_mac, head_seal, nævnt
from rådgivning.spor.heads import Hoved, i_grupper
from rådgivning.spor.models import Handling, Spor, SporHoved, SporNævnt
from rådgivning.spor.trail import NY_KÆDE, SLETTEFRIST, SYSTEM, afslut_fremmede

BATCH = 2000
_Navn = tuple[str, bool, uuid.UUID | None]


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
    mac = _mac(session, kendt)  # before the head, which then tells of it when it was cut off meanwhile
    hoved = session.get(SporHoved, kendt.kæde, populate_existing=True)
    first, last, cut = (hoved.fra, hoved.nr, hoved.fra_mac) if hoved else (0, 0, None)
    mac = cut if kendt.nr == first else mac
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


@dataclass
class _Sted:
    """How far a chain has been walked, and its head as it stood when it was last read."""

    kæde: str
    længde: int
    ende: bytes
    første: int
    første_mac: bytes
    nr: int
    mac: bytes
    hel: bool
    skåret: tuple[int, str] = (0, "")


class _Walk:
    """One run through all chains."""

    def __init__(self, session: Session, key: bytes, progress: Callable[[int], None]) -> None:
        self.session, self.key, self.progress = session, key, progress
        self.seen = 0

    def chain(self, kæde: str) -> Brud | None:
        """The first place where the chain does not hold.

        The retention rule may cut its beginning meanwhile, past where the walk has come: the sealed head says so, and
        the walk goes on from there, to where the chain ends by now, so that it meets the entry that tells of the cut.
        """
        sted = self._head(kæde)
        if sted is None:
            return Brud(kæde, 1, "Kædens hoved mangler.")
        while (fejl := self._on(sted)) is None and sted.nr < sted.længde:
            missing = sted.nr + 1
            now_at = self._head(kæde)
            if now_at is None or not now_at.hel or now_at.første < missing:
                return self._missing(kæde, missing)
            now_at.skåret, sted = sted.skåret, now_at
        return fejl or self._end(sted)

    def _head(self, kæde: str) -> _Sted | None:
        hoved = self.session.get(SporHoved, kæde, populate_existing=True)
        if hoved is None:
            return None
        mac = hoved.fra_mac or b""
        whole = hmac.compare_digest(head_seal(self.key, hoved), hoved.segl)
        return _Sted(kæde, hoved.nr, hoved.mac, hoved.fra, mac, hoved.fra, mac, whole)

    def _on(self, sted: _Sted) -> Brud | None:
        """Walk on until the head's end, or until an entry is missing; what is wrong with one that is there."""
        for entry, named in self._entries(sted.kæde, sted.nr, sted.længde):
            if entry.nr != sted.nr + 1:
                return None
            if not hmac.compare_digest(entry_mac(self.key, sted.mac, entry), entry.mac):
                besked = f"Post {entry.nr} er ændret, flyttet eller skrevet med en anden nøgle."
                return Brud(sted.kæde, entry.nr, besked)
            if named != sorted((row["om"], row["beboer"], row["læst_af"]) for row in nævnt(entry)):
                besked = f"Post {entry.nr} kan ikke findes ved det, den nævner: opslaget er ændret."
                return Brud(sted.kæde, entry.nr, besked)
            sted.nr, sted.mac, sted.skåret = entry.nr, entry.mac, _cut(entry) or sted.skåret
        return None

    def _missing(self, kæde: str, nr: int) -> Brud:
        after = select(func.min(Spor.nr)).where(Spor.kæde == kæde, Spor.nr > nr)
        found = self.session.exec(after).one()
        self.session.rollback()
        if found is None:
            return Brud(kæde, nr, f"Kæden slutter ved post {nr - 1}, men skulle være længere.")
        return Brud(kæde, nr, f"Post {nr} mangler; næste post er {found}.")

    def _end(self, sted: _Sted) -> Brud | None:
        """What the whole chain must agree with: its head, the entry that tells of a cut, nothing outside its span."""
        kæde = sted.kæde
        if not sted.hel:
            return Brud(kæde, sted.længde, "Kædens hoved er ændret eller skrevet med en anden nøgle.")
        if not hmac.compare_digest(sted.mac, sted.ende):
            return Brud(kæde, sted.nr + 1, f"Kæden slutter ikke, som dens hoved siger, ved post {sted.længde}.")
        if sted.første and sted.skåret != (sted.første, i_grupper(sted.første_mac)):
            besked = f"Ingen post fortæller, at de første {sted.første} er slettet efter fristen."
            return Brud(kæde, sted.første + 1, besked)
        return self._beyond(kæde)

    def _entries(self, kæde: str, last: int, length: int) -> Iterator[tuple[Spor, list[_Navn]]]:
        """The entries as plain rows (a million of them need not be objects of the Session), each with its names."""
        table = Spor.__table__  # type: ignore[attr-defined]
        while last < length:
            names = self._names(kæde, last, last + BATCH)  # before the entries: what goes meanwhile goes with its entry
            rows = self.session.execute(
                select_rows(table)
                .where(table.c.kæde == kæde, table.c.nr > last, table.c.nr <= min(length, last + BATCH))
                .order_by(table.c.nr)
            ).all()
            self.session.rollback()
            for row in rows:
                yield cast("Spor", row), sorted(names.get(row.nr, ()))
            self.seen += len(rows)
            self.progress(self.seen)
            if not rows or rows[-1].nr != last + len(rows):
                return
            last = rows[-1].nr

    def _names(self, kæde: str, after: int, last: int) -> dict[int, list[_Navn]]:
        table = SporNævnt.__table__  # type: ignore[attr-defined]
        query = select_rows(table.c.nr, table.c.om, table.c.beboer, table.c.læst_af)
        found: dict[int, list[_Navn]] = defaultdict(list)
        for nr, om, beboer, af in self.session.execute(
            query.where(table.c.kæde == kæde, table.c.nr > after, table.c.nr <= last)
        ):
            found[nr].append((om, beboer, af))
        return found

    def _beyond(self, kæde: str) -> Brud | None:
        """Entries outside the head's numbers were put there by somebody else: ours move it in the same transaction."""
        ends = [
            select(end).where(table.kæde == kæde).scalar_subquery()
            for table in (Spor, SporNævnt)
            for end in (func.min(table.nr), func.max(table.nr))
        ]
        query = select(SporHoved.fra, SporHoved.nr, *ends)
        fra, head, first, last, first_named, last_named = self.session.execute(
            query.where(col(SporHoved.kæde) == kæde)
        ).one()
        self.session.rollback()
        lowest = min((nr for nr in (first, first_named) if nr is not None), default=fra + 1)
        if lowest <= fra:
            return Brud(kæde, lowest, f"Der står poster fra før kædens begyndelse ved post {fra + 1}.")
        if last == head and (last_named or 0) <= head:
            return None
        return Brud(kæde, head + 1, f"Der står poster efter kædens hoved ved post {head}.")


def _cut(entry: Spor) -> tuple[int, str] | None:
    """Until where an entry says that its chain was deleted, and the mac it went on from."""
    if (entry.handling, entry.genstand, entry.anledning) != (Handling.SLETTET, "spor", SLETTEFRIST):
        return None
    return int(entry.detaljer["til"]), str(entry.detaljer["mac"])
