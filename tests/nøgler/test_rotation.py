"""Rotation: every key stays what it was, whatever happens meanwhile."""

from __future__ import annotations

import os
import random
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.database import make_engine
from rådgivning.drift.instance import open_instance
from rådgivning.nøgler.context import register_keys
from rådgivning.nøgler.envelope import wrapped_with
from rådgivning.nøgler.errors import KeyMissing, KeyWrong, NøgleFejl
from rådgivning.nøgler.keyring import Keyring, new_keyring
from rådgivning.nøgler.keystore import BATCH, KeyStore, personnøgle
from rådgivning.nøgler.rotation import check_keys, count_keys, rewrap
from rådgivning.nøgler.sources import find_source, replace_text
from rådgivning.settings import Settings
from tests.conftest import LANG
from tests.limit import vent_på

MANY = 1203
"""Three batches, the last one short."""


@pytest.fixture
def store(settings: Settings) -> Iterator[KeyStore]:
    """A key store of its own ring."""
    engine = make_engine(settings.keystore_url, immediate=False)
    yield KeyStore(engine, new_keyring())
    engine.dispose()


def rotated(ring: Keyring) -> Keyring:
    """The ring with a new root, in use."""
    return ring.with_new_root().newest_primary()


def test_every_key_is_what_it_was_and_wrapped_by_the_new_root(store: KeyStore) -> None:
    ring = rotated(store._ring)
    keys = store.create_many([uuid.uuid4() for _ in range(MANY)])
    seen: list[int] = []
    found = rewrap(store.engine, ring, seen.append)
    assert found.ompakket == MANY
    assert seen[-1] == count_keys(store.engine) == MANY
    assert KeyStore(store.engine, ring).get_many(keys) == keys
    assert check_keys(store.engine, ring).efter_kid == {2: MANY}
    assert rewrap(store.engine, ring).ompakket == 0
    with pytest.raises(KeyMissing, match=r"nr\. 2"):
        check_keys(store.engine, Keyring({1: ring.roots[1]}, 1))


class Afbrudt(Exception):
    """The process dies here."""


@pytest.mark.lang
@pytest.mark.parametrize("seed", range(200 if LANG else 3))
def test_a_run_that_dies_anywhere_can_be_run_again(store: KeyStore, seed: int) -> None:
    ring, draw = rotated(store._ring), random.Random(seed)
    keys = store.create_many([uuid.uuid4() for _ in range(MANY)])
    left = draw.randrange(
        2 * -(-MANY // BATCH) + 1
    )  # a read and a write for each batch, and the read that finds no more

    def die(*args: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Afbrudt

    dying = make_engine(str(store.engine.url.render_as_string(hide_password=False)), immediate=False)
    event.listen(dying, "before_cursor_execute", die)
    with pytest.raises(Afbrudt):
        rewrap(dying, ring)
    dying.dispose()
    assert KeyStore(store.engine, ring).get_many(keys) == keys
    again = rewrap(store.engine, ring)
    assert again.efter_kid == {2: MANY}
    assert KeyStore(store.engine, ring).get_many(keys) == keys


def test_a_damaged_key_is_counted_and_left_for_somebody_to_look_at(store: KeyStore) -> None:
    ring = rotated(store._ring)
    first, *_rest = store.create_many([uuid.uuid4() for _ in range(3)])
    damaged = b"\x01\x00\x01" + os.urandom(62)
    with store.engine.begin() as connection:
        connection.execute(update(personnøgle).where(personnøgle.c.person_id == first).values(indpakket=damaged))
    found = rewrap(store.engine, ring)
    assert (found.ubrugelige, found.ompakket, found.antal) == (1, 2, 3)
    assert check_keys(store.engine, ring).ubrugelige == 1
    with store.engine.connect() as connection:
        query = select(personnøgle.c.indpakket).where(personnøgle.c.person_id == first)
        assert bytes(connection.execute(query).scalar_one()) == damaged


def test_an_erased_key_is_not_brought_back_by_a_rotation_that_had_read_it(store: KeyStore) -> None:
    ring = rotated(store._ring)
    keys = store.create_many([uuid.uuid4() for _ in range(3)])
    victim = next(iter(keys))
    once = threading.Event()
    other = make_engine(str(store.engine.url.render_as_string(hide_password=False)), immediate=False)

    def erase(connection: object, cursor: object, statement: str, *args: object) -> None:
        if statement.startswith("SELECT") and not once.is_set():
            once.set()
            return
        if once.is_set() and not erased:
            erased.append(victim)
            KeyStore(other, ring).destroy([victim])

    erased: list[uuid.UUID] = []
    engine = make_engine(str(store.engine.url.render_as_string(hide_password=False)), immediate=False)
    event.listen(engine, "begin", lambda _c: erase(None, None, "BEGIN") if once.is_set() else None)
    event.listen(engine, "after_cursor_execute", erase)
    rewrap(engine, ring)
    assert erased == [victim]
    assert set(KeyStore(store.engine, ring).get_many(keys)) == set(keys) - {victim}
    for made in (engine, other):
        made.dispose()


def test_two_hosts_may_rotate_at_once(store: KeyStore) -> None:
    ring = rotated(store._ring)
    keys = store.create_many([uuid.uuid4() for _ in range(MANY)])
    failed: list[Exception] = []

    def run() -> None:
        engine: Engine = make_engine(str(store.engine.url.render_as_string(hide_password=False)), immediate=False)
        try:
            rewrap(engine, ring)
        except (SQLAlchemyError, NøgleFejl) as error:
            failed.append(error)
        finally:
            engine.dispose()

    hosts = [threading.Thread(target=run) for _ in range(2)]
    for host in hosts:
        host.start()
    vent_på(hosts)
    assert not failed
    assert check_keys(store.engine, ring).efter_kid == {2: MANY}
    assert KeyStore(store.engine, ring).get_many(keys) == keys


def test_a_running_server_reads_and_writes_on_while_the_root_changes(db: Session, settings: Settings) -> None:
    """The server opened its instance before there was a new root; it takes it from the file when it meets it."""
    old = opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    db.commit()
    source = find_source(settings)
    ring = rotated(source.læs())
    replace_text(settings.key_file, ring.to_text())
    new = opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    db.commit()
    engine = make_engine(settings.keystore_url, immediate=False)
    found = rewrap(engine, ring)
    assert found.efter_kid[2] == count_keys(engine)
    for row, name in ((old, "Testa Opdigtet"), (new, "Zxq Prøvesen")):
        db.expire_all()
        assert hent_beboer(db, row.id)[1].navn == name
    engine.dispose()


def test_a_server_that_has_met_no_key_of_the_new_root_wraps_with_it_from_the_moment_the_database_knows_it(
    db: Session, settings: Settings
) -> None:
    first = opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    db.commit()
    ring = rotated(find_source(settings).læs())
    replace_text(settings.key_file, ring.to_text())
    second = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    register_keys(db, ring)
    third = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    store: KeyStore = db.info["keystore"]
    with store.engine.connect() as connection:
        found = {person: wrapped_with(wrapped)[0] for person, wrapped in connection.execute(select(personnøgle))}
    assert [found[person] for person in (first, second, third)] == [1, 1, 2]


def test_a_server_does_not_believe_a_file_with_other_roots(settings: Settings) -> None:
    kontekst = open_instance(settings)
    person = uuid.uuid4()
    kontekst.keystore.get_or_create(person)
    stranger = rotated(new_keyring())
    KeyStore(kontekst.keystore.engine, replace(stranger, primary=2)).create_many([other := uuid.uuid4()])
    replace_text(settings.key_file, stranger.to_text())
    with pytest.raises(KeyWrong, match="skiftet ud"):
        kontekst.keystore.get(other)
    assert kontekst.keystore.get(person)
    kontekst.close()
