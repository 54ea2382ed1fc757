"""Person keys, wrapped, in a database of their own: what is deleted here is gone from every data backup as well."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import Column, Connection, Engine, LargeBinary, MetaData, Table, Uuid, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from rådgivning.nøgler.envelope import unwrap_key, wrap_key, wrapped_with
from rådgivning.nøgler.errors import KeyMissing, KeyWrong, Shredded, Tampered
from rådgivning.nøgler.keyring import Keyring
from rådgivning.nøgler.sources import Kilde

metadata = MetaData()
personnøgle = Table(
    "personnøgle",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("indpakket", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
EPOCH = 1
BATCH = 500
ANDENS_LAGER = (
    "Nøglelageret hører ikke til denne instans, eller det er beskadiget: ingen af dets nøgler åbner med nøgleringen. "
    "Ret RAADGIVNING_KEYSTORE_URL, eller brug den rigtige kopi."
)

_GET = select(personnøgle.c.indpakket).where(personnøgle.c.person_id == bindparam("person"))
_GET_MANY = select(personnøgle.c.person_id, personnøgle.c.indpakket).where(
    personnøgle.c.person_id.in_(bindparam("persons", expanding=True))
)

_FIRST = select(personnøgle.c.person_id, personnøgle.c.indpakket).order_by(personnøgle.c.person_id).limit(BATCH)


def check_store(connection: Connection, keyring: Keyring) -> int | None:
    """The root that wraps the first key that opens; None in a store without keys.

    Raises KeyWrong for another instance's store: none of the first keys opens. Every instance has a keyring of its own,
    so whoever's keys these open has the right one. A few damaged keys stop nothing. Raises KeyMissing when the ring
    lacks their root.
    """
    keks = keyring.keks()
    missing: KeyMissing | None = None
    rows = connection.execute(_FIRST).all()
    for person, wrapped in rows:
        try:
            unwrap_key(keks, person, wrapped)
            return wrapped_with(wrapped)[0]
        except KeyMissing as fejl:
            missing = fejl
        except Tampered:
            pass
    if missing is not None:
        raise missing
    if rows:
        raise KeyWrong(ANDENS_LAGER)
    return None


class KeyStore:
    """Makes, fetches and destroys person keys. Each call is a short transaction of its own in the key database.

    A new key is durable before the row that needs it is committed: a crash in between leaves a key without a row,
    never a row without a key.
    """

    def __init__(self, engine: Engine, keyring: Keyring, source: Kilde | None = None) -> None:
        """With a `source`, a root that another host has begun to use is read from it while the program runs.

        New keys are wrapped by the ring's primary root, and by a newer one from the moment the database or one of its
        keys tells of it: see `create_many`.
        """
        self.engine = engine
        self._ring = keyring
        self._keks = keyring.keks()
        self._primary = keyring.primary
        self._source = source

    def get(self, person: uuid.UUID) -> bytes:
        """A person's data key; raises Shredded when it is destroyed."""
        with self.engine.connect() as connection:
            wrapped = connection.execute(_GET, {"person": person}).scalar()
        if wrapped is None:
            raise Shredded("Nøglen til denne person er slettet.")
        return self._unwrap(person, wrapped)

    def get_many(self, persons: Iterable[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        """Data keys by person; those whose key is destroyed are left out."""
        wanted = list(dict.fromkeys(persons))
        found: dict[uuid.UUID, bytes] = {}
        with self.engine.connect() as connection:
            for start in range(0, len(wanted), BATCH):
                rows = connection.execute(_GET_MANY, {"persons": wanted[start : start + BATCH]})
                found.update({person: self._unwrap(person, wrapped) for person, wrapped in rows})
        return found

    def get_or_create(self, person: uuid.UUID, nyeste: int = 0) -> bytes:
        """A person's data key, made and stored first when there is none. Two hosts at once end with one key."""
        try:
            return self.create_many([person], nyeste)[person]
        except IntegrityError:
            return self.get(person)

    def create_many(self, persons: Sequence[uuid.UUID], nyeste: int = 0) -> dict[uuid.UUID, bytes]:
        """New keys for persons that have none, in one transaction (imports, the demo). `nyeste`: the newest root that
        the database knows of, as `newest_root` finds it: it wraps them if the ring has it."""
        if nyeste > self._primary and nyeste not in self._keks:
            self._reread()
        if nyeste in self._keks:
            self._primary = max(self._primary, nyeste)
        keys = {person: os.urandom(32) for person in persons}
        primary = self._primary
        rows = [
            {"person_id": p, "indpakket": wrap_key(self._keks[primary], primary, EPOCH, p, key)}
            for p, key in keys.items()
        ]
        with self.engine.begin() as connection:
            connection.execute(insert(personnøgle), rows)
        return keys

    def _unwrap(self, person: uuid.UUID, wrapped: bytes) -> bytes:
        try:
            key = unwrap_key(self._keks, person, wrapped)
        except KeyMissing:
            self._reread()
            key = unwrap_key(self._keks, person, wrapped)
        self._primary = max(self._primary, wrapped_with(wrapped)[0])
        return key

    def _reread(self) -> None:
        """Take over what the source has now. A source that says something else of a root we know is not believed."""
        if self._source is None:
            return
        ring = self._source.læs()
        if not ring.agrees_with(self._ring):
            raise KeyWrong("Nøgleringen er skiftet ud, mens programmet kørte. Læg den rigtige tilbage.")
        self._keks, self._ring = ring.keks(), ring

    def destroy(self, persons: Sequence[uuid.UUID]) -> None:
        """Delete keys for good (crypto-shredding); unknown persons are passed over."""
        with self.engine.begin() as connection:
            connection.execute(delete(personnøgle).where(personnøgle.c.person_id.in_(persons)))
