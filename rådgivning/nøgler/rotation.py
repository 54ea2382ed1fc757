"""Wrapping every person key anew under the primary root, while the program runs.

Batches in short transactions, each verified before it is committed. What is wrapped already is passed over, so a run
that was killed goes on where it stopped, and two hosts may run at once: a row is replaced only where it still is what
was read. An erased key is never brought back.
"""

from __future__ import annotations

import hmac
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, bindparam, func, select, update

from rådgivning.nøgler.envelope import unwrap_key, wrap_key, wrapped_with
from rådgivning.nøgler.errors import Tampered
from rådgivning.nøgler.keyring import Keyring
from rådgivning.nøgler.keystore import BATCH, personnøgle

Fremskridt = Callable[[int], None]
_Row = tuple[uuid.UUID, bytes]
_REPLACE = (
    update(personnøgle)
    .where(personnøgle.c.person_id == bindparam("person"), personnøgle.c.indpakket == bindparam("læst"))
    .values(indpakket=bindparam("ny"))
)


@dataclass
class Nøgletal:
    """What was found in the key store: how many keys each root wraps, and how many do not open."""

    efter_kid: Counter[int] = field(default_factory=Counter)
    ubrugelige: int = 0
    ompakket: int = 0

    @property
    def antal(self) -> int:
        """All keys."""
        return sum(self.efter_kid.values()) + self.ubrugelige

    def ældre_end(self, kid: int) -> int:
        """How many are wrapped by an older root."""
        return sum(antal for root, antal in self.efter_kid.items() if root < kid)


def count_keys(engine: Engine) -> int:
    """How many person keys there are."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(personnøgle)).scalar_one())


def rewrap(engine: Engine, keyring: Keyring, progress: Fremskridt = lambda _done: None) -> Nøgletal:
    """Wrap all person keys under the primary root; raises KeyMissing when the ring lacks a root that is in use.

    A key that does not open is left as it is and counted: it may be one somebody else has to look at.
    """
    found = Nøgletal()
    keks = keyring.keks()
    done = 0
    for rows in _batches(engine):
        new = [row for row in (_rewrapped(keks, keyring.primary, *row, found) for row in rows) if row is not None]
        if new:
            with engine.begin() as connection:
                changed = connection.execute(_REPLACE, new).rowcount
            found.ompakket += changed
            found.efter_kid[keyring.primary] += changed
        done += len(rows)
        progress(done)
    return found


def _rewrapped(
    keks: dict[int, bytes], primary: int, person: uuid.UUID, wrapped: bytes, found: Nøgletal
) -> dict[str, object] | None:
    """What is to be written in a row's place; None where nothing is. Worked out before the writing begins: SQLite's
    writers do not queue, and a server that finds the door shut for long answers nobody."""
    try:
        kid, epoch = wrapped_with(wrapped)
        if kid == primary:
            found.efter_kid[kid] += 1
            return None
        key = unwrap_key(keks, person, wrapped)
    except Tampered:
        found.ubrugelige += 1
        return None
    new = wrap_key(keks[primary], primary, epoch, person, key)
    if not hmac.compare_digest(unwrap_key(keks, person, new), key):
        raise Tampered("En ny indpakning kunne ikke åbnes igen.")
    return {"person": person, "læst": wrapped, "ny": new}


def check_keys(engine: Engine, keyring: Keyring, progress: Fremskridt = lambda _done: None) -> Nøgletal:
    """Open every person key and count by root; changes nothing. Raises KeyMissing for a root the ring lacks."""
    found = Nøgletal()
    keks = keyring.keks()
    done = 0
    for rows in _batches(engine):
        for person, wrapped in rows:
            try:
                unwrap_key(keks, person, wrapped)
                found.efter_kid[wrapped_with(wrapped)[0]] += 1
            except Tampered:
                found.ubrugelige += 1
        done += len(rows)
        progress(done)
    return found


def _batches(engine: Engine) -> Iterator[Sequence[_Row]]:
    """All keys in order of person, read in short transactions."""
    last: uuid.UUID | None = None
    while True:
        query = select(personnøgle.c.person_id, personnøgle.c.indpakket).order_by(personnøgle.c.person_id).limit(BATCH)
        with engine.connect() as connection:
            rows = connection.execute(query if last is None else query.where(personnøgle.c.person_id > last)).all()
        if not rows:
            return
        yield [(person, bytes(wrapped)) for person, wrapped in rows]
        last = rows[-1][0]
