"""Slowing guessing down without shutting anybody out for good.

Three counters, each under a keyed hash: this name from this address (strict), this address (any name), this name (any
address). The last one is soft, and passed over where the user has signed in before: otherwise a stranger could keep
her out by guessing wrong all day. An attempt is counted before the password is looked at, so that a hundred at once
are not all the first.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from rådgivning.adgang.models import Loginforsøg
from rådgivning.database import now

VINDUE: Final = timedelta(hours=1)
KENDT: Final = timedelta(days=90)
FORKERTE_I_TRÆK: Final = 5
FORKERTE_HUSKES: Final = timedelta(days=1)
HEMMELIGHEDER: Final = 12  # as many as a device cookie holds (seen_devices.py)


@dataclass(frozen=True)
class Grænse:
    """So many attempts are free; the next must wait, twice as long each time, up to the longest wait."""

    frie: int
    første: timedelta
    længste: timedelta

    def vent(self, antal: int) -> timedelta:
        """How long the next attempt must wait after `antal` failures."""
        if antal < self.frie:
            return timedelta()
        return min(self.første * (1 << min(antal - self.frie, 20)), self.længste)


PAR: Final = Grænse(5, timedelta(seconds=30), timedelta(minutes=15))
ADRESSE: Final = Grænse(60, timedelta(seconds=5), timedelta(minutes=1))
BRUGER: Final = Grænse(20, timedelta(seconds=5), timedelta(minutes=1))
KODE: Final = Grænse(5, timedelta(seconds=30), timedelta(minutes=15))


# A calendar feed: unknown addresses asked for from one place, and how often one address is fetched.
GÆT: Final = Grænse(20, timedelta(seconds=30), timedelta(minutes=15))
HENTNING: Final = Grænse(60, timedelta(seconds=30), timedelta(minutes=5))


@dataclass(frozen=True)
class Spand:
    """So many attempts in store, and another one with every span of time: a bound over weeks, whatever is tried."""

    antal: int
    hver: timedelta


# Six digits: 20 wrong codes, then 10 a day. With two apps and three steps each that is 1 in 600 in four weeks, for one
# who knows the password already.
KODER: Final = Spand(20, timedelta(hours=2, minutes=24))


@dataclass(frozen=True)
class Forsøg:
    """One attempt: whose name, from where; with the key under which both are hashed.

    `enhed`: the secret of a browser in which this very user has signed in before, "" in any other. There, only what
    was tried in that browser counts, so that nobody who guesses elsewhere, even next door, can keep her out of it.
    """

    nøgle: bytes
    brugernavn: str
    adresse: str
    enhed: str = ""

    def nøgler(self) -> dict[bytes, Grænse]:
        """The counters it must pass, by key: pair, address, user."""
        if self.enhed:
            return {self._hash(f"enhed\0{self.enhed}\0{self.brugernavn}"): PAR}
        sted = _network(self.adresse)
        return {
            self._hash(f"par\0{sted}\0{self.brugernavn}"): PAR,
            self._hash(f"adresse\0{sted}"): ADRESSE,
            self._hash(f"bruger\0{self.brugernavn}"): BRUGER,
        }

    def kodenøgler(self) -> tuple[bytes, bytes]:
        """The keys of a code's two counters: that of this place, and the store of this browser or of all others."""
        sted = self.enhed or _network(self.adresse)
        return (
            self._hash(f"kode\0{sted}\0{self.brugernavn}"),
            self._hash(f"koder\0{self.enhed}\0{self.brugernavn}"),
        )

    def forkertes_nøgle(self) -> bytes:
        """The key of her wrong codes in this browser, or in all others together."""
        return self._hash(f"forkerte\0{self.enhed}\0{self.brugernavn}")

    def _hash(self, text: str) -> bytes:
        return hmac.digest(self.nøgle, text.encode(), hashlib.sha256)


def tæl_forsøg(session: Session, forsøg: Forsøg) -> timedelta:
    """Count an attempt in the Session's transaction; when it must wait, it is not counted and the wait is returned."""
    rækker = _rows(session, forsøg)
    wait = max((r.lukket_til - now() for r, _ in rækker if r.lukket_til is not None), default=timedelta())
    if wait > timedelta():
        return wait
    for række, grænse in rækker:
        _count(session, række, grænse)
    return timedelta()


def tæl_en(session: Session, nøgle: bytes, grænse: Grænse) -> timedelta:
    """Count one use of what is counted under this key alone; when it must wait, the wait, and it is not counted."""
    række = _row(session, nøgle)
    if række.lukket_til is not None and række.lukket_til > now():
        return række.lukket_til - now()
    _count(session, række, grænse)
    return timedelta()


def tæl_tilbage(session: Session, nøgle: bytes, grænse: Grænse) -> None:
    """Take back a use that turned out right."""
    række = _row(session, nøgle)
    række.antal = max(0, række.antal - 1)
    række.lukket_til = None if række.antal < grænse.frie else række.lukket_til
    session.add(række)


def stedets_nøgle(nøgle: bytes, formål: str, adresse: str) -> bytes:
    """The key under which a purpose is counted for an address."""
    return hmac.digest(nøgle, f"{formål}\0{_network(adresse)}".encode(), hashlib.sha256)


def _browserens_nøgler(nøgle: bytes, cookie: str) -> list[bytes]:
    """The counters of a browser's passkey challenges, one for each secret in its device cookie, the last used first."""
    secrets = [secret for secret in cookie.split(".")[:HEMMELIGHEDER] if secret]
    return [hmac.digest(nøgle, f"passkey enhed\0{secret}".encode(), hashlib.sha256) for secret in secrets]


def _udfordringens(session: Session, nøgle: bytes, adresse: str, cookie: str) -> bytes:
    """The counter of a challenge: the browser's own where a passkey has signed in, else the address's."""
    own = _browserens_nøgler(nøgle, cookie)
    known = col(Loginforsøg.nøgle).in_(own), col(Loginforsøg.kendt_til) > now()
    found = session.exec(select(Loginforsøg.nøgle).where(*known)).all() if own else []
    return next((key for key in own if key in found), stedets_nøgle(nøgle, "passkey", adresse))


def tæl_udfordring(session: Session, nøgle: bytes, adresse: str, cookie: str) -> timedelta:
    """Count a passkey challenge; when it must wait, the wait. A browser in which a passkey has signed in is counted
    alone, so that nobody else at its address can keep it waiting."""
    return tæl_en(session, _udfordringens(session, nøgle, adresse, cookie), ADRESSE)


def udfordring_lykkedes(session: Session, nøgle: bytes, adresse: str, cookie: str) -> None:
    """Take the challenge back that a passkey answered, and know the browser from now on."""
    tæl_tilbage(session, _udfordringens(session, nøgle, adresse, cookie), ADRESSE)
    for alene in _browserens_nøgler(nøgle, cookie)[:1]:
        række = _row(session, alene)
        række.kendt_til = now() + KENDT
        session.add(række)


def tæl_kode(session: Session, forsøg: Forsøg, *, kort: bool) -> timedelta:
    """Count a code before it is looked at; when it must wait, it is not counted and the wait is returned.

    `kort`: six digits, of which only so many may be tried in all; a recovery code is too long to be guessed.
    """
    par, store = forsøg.kodenøgler()
    rows = {key: _row(session, key) for key in sorted([par, store])}
    wait = (rows[par].lukket_til or now()) - now()
    full = rows[store].vindue_slut - now() - KODER.hver * (KODER.antal - 1)
    wait = max(wait, full if kort else timedelta(), timedelta())
    if wait > timedelta():
        return wait
    _count(session, rows[par], KODE)
    if kort:
        rows[store].vindue_slut = max(rows[store].vindue_slut, now()) + KODER.hver
        session.add(rows[store])
    return timedelta()


def kode_lykkedes(session: Session, forsøg: Forsøg, *, kort: bool) -> None:
    """Take the code back that turned out right."""
    par, store = forsøg.kodenøgler()
    rows = {key: _row(session, key) for key in sorted([par, store])}
    rows[par].antal, rows[par].lukket_til = 0, None
    if kort:
        rows[store].vindue_slut -= KODER.hver
    forkerte = _row(session, forsøg.forkertes_nøgle())
    forkerte.antal = 0
    session.add_all([*rows.values(), forkerte])


def tæl_forkert_kode(session: Session, forsøg: Forsøg) -> bool:
    """Count a code that was wrong, however often the password was given in between; True at every fifth in a row."""
    række = _row(session, forsøg.forkertes_nøgle())
    række.antal = 1 + (række.antal if række.vindue_slut > now() else 0)
    række.vindue_slut = now() + FORKERTE_HUSKES
    session.add(række)
    return række.antal % FORKERTE_I_TRÆK == 0


def _count(session: Session, række: Loginforsøg, grænse: Grænse) -> None:
    række.antal = 1 + (række.antal if række.vindue_slut > now() else 0)
    række.vindue_slut = now() + VINDUE
    række.lukket_til = now() + grænse.vent(række.antal)
    session.add(række)


def lykkedes(session: Session, forsøg: Forsøg) -> None:
    """Take the attempt back that turned out right, and know the address as hers from now on."""
    for række, grænse in _rows(session, forsøg):
        række.antal = 0 if grænse is PAR else max(0, række.antal - 1)
        række.lukket_til = None if række.antal < grænse.frie else række.lukket_til
        række.kendt_til = now() + KENDT if grænse is PAR else None
        session.add(række)
    stale = col(Loginforsøg.vindue_slut) < now() - VINDUE
    unknown = col(Loginforsøg.kendt_til).is_(None) | (col(Loginforsøg.kendt_til) < now())
    free = select(Loginforsøg.nøgle).where(stale, unknown).with_for_update(skip_locked=True)
    session.exec(delete(Loginforsøg).where(col(Loginforsøg.nøgle).in_(free)))


def _rows(session: Session, forsøg: Forsøg) -> list[tuple[Loginforsøg, Grænse]]:
    """The counters this attempt must pass, locked in the order of their keys, so that no two wait in a ring."""
    grænser = forsøg.nøgler()
    rows = [(_row(session, nøgle), grænser[nøgle]) for nøgle in sorted(grænser)]
    known = any(r.kendt_til is not None and r.kendt_til > now() for r, _ in rows)
    return [(r, g) for r, g in rows if not (known and g is BRUGER)]


def _row(session: Session, nøgle: bytes) -> Loginforsøg:
    """The counter of a key, locked; made when there is none."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    empty = {"nøgle": nøgle, "antal": 0, "vindue_slut": now()}
    session.execute(insert(Loginforsøg).values(empty).on_conflict_do_nothing())
    query = select(Loginforsøg).where(Loginforsøg.nøgle == nøgle).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one()


def _network(adresse: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 subscriber has to himself."""
    try:
        parsed = ipaddress.ip_address(adresse)
    except ValueError:
        return "ukendt"
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))
