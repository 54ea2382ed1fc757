"""The drill: a backup taken, restored in an empty place, and everything tried that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from pyrage import x25519
from sqlalchemy import column, select, table

from rådgivning.database import make_engine, new_id
from rådgivning.drift.archive import ArkivFejl, Indhold, write
from rådgivning.drift.instance import open_instance
from rådgivning.drift.replaying import replay_erasures
from rådgivning.drift.restoring import restore, take
from rådgivning.drift.schema import SkemaFejl, check_schema, known_revisions, upgrade
from rådgivning.drift.snapshots import DATA, NØGLER, clear, copy_database, count_rows, is_empty
from rådgivning.nøgler.errors import KeyMissing, KeyWrong, NøgleFejl, Shredded
from rådgivning.nøgler.keyring import Keyring, new_keyring
from rådgivning.nøgler.keystore import KeyStore, personnøgle
from rådgivning.nøgler.keystore import metadata as key_tables
from rådgivning.nøgler.rotation import check_keys
from rådgivning.settings import Settings

Resultat = list[tuple[str, bool]]
"""What was tried, and whether it went as it must."""


def drill(settings: Settings, folder: Path, tom_url: str | None = None) -> Resultat:
    """Back up the running instance, restore it elsewhere, and try it with no key, a wrong key, a wrong backup key, a
    truncated file, another instance's keys, a file of a newer and one of an older version, and a person erased after
    the backup. The keyring stays in memory: nothing of it is written anywhere.

    `tom_url`: an empty PostgreSQL database to restore into; emptied again afterwards.
    """
    live = open_instance(settings)
    live.close()
    ring, identity = live.keyring, x25519.Identity.generate()
    (data, counted), (keys, _keys) = take(settings, [identity.to_public()], folder / "data", folder / "keys")
    half = folder / "data" / "afkortet.age"
    half.write_bytes(data.read_bytes()[: data.stat().st_size * 2 // 3])
    newer = folder / "data" / "nyere.age"
    write(newer, [identity.to_public()], lambda _writer: counted.model_copy(update={"skema": "9999"}))
    place = _Sted(settings, folder, tom_url)
    older = place.older(ring, identity.to_public(), folder / "data" / "ældre.age")
    others = place.others(identity.to_public(), folder / "keys" / "andres.age")
    return [
        ("kopien er taget, læst tilbage og hel", True),
        ("uden nøgle gendannes intet", place.refuses(KeyMissing, lambda s: restore(s, [identity], data, keys))),
        (
            "med en forkert nøgle gendannes intet",
            place.refuses(KeyWrong, lambda s: restore(s, [identity], data, keys, ring=new_keyring())),
        ),
        (
            "med en forkert backupnøgle gendannes intet",
            place.refuses(ArkivFejl, lambda s: restore(s, [x25519.Identity.generate()], data, keys, ring=ring)),
        ),
        (
            "med en anden instans' nøglelager gendannes intet",
            place.refuses(KeyWrong, lambda s: restore(s, [identity], data, others, ring=ring)),
        ),
        (
            "en afkortet fil gendannes ikke",
            place.refuses(ArkivFejl, lambda s: restore(s, [identity], half, keys, ring=ring)),
        ),
        (
            "en kopi fra en nyere udgave gendannes ikke",
            place.refuses(ArkivFejl, lambda s: restore(s, [identity], newer, keys, ring=ring)),
        ),
        (
            "en kopi fra en ældre udgave bringes op til programmets",
            place.brings_up(lambda s: restore(s, [identity], older, keys, ring=ring)),
        ),
        *place.restores(ring, counted, lambda s: restore(s, [identity], data, keys, ring=ring)),
    ]


class _Sted:
    """An empty place to restore into, again and again."""

    def __init__(self, settings: Settings, folder: Path, tom_url: str | None) -> None:
        self._settings, self._folder, self._url, self._number = settings, folder, tom_url, 0

    def _empty(self) -> Settings:
        self._number += 1
        folder = self._folder / f"sted-{self._number}" / "data"
        folder.mkdir(parents=True)
        if self._url is not None:
            clear(self._url)
        return replace(
            self._settings,
            instance=folder,
            database_url=self._url or f"sqlite:///{folder / 'raadgivning.db'}",
            keystore_url=self._url or f"sqlite:///{folder / 'nøgler.db'}",
            opgrader_database_url="",
            opgrader_keystore_url="",
            key_file=folder.parent / "ring.nøgle",
            environ={},
        )

    def refuses(self, error: type[Exception], attempt: Callable[[Settings], object]) -> bool:
        """Whether an attempt ends with this error and leaves nothing behind."""
        settings = self._empty()
        try:
            attempt(settings)
        except error:
            left = list(settings.instance.iterdir())
            return not left and is_empty(settings.database_url, DATA) and is_empty(settings.keystore_url, NØGLER)
        except (ArkivFejl, NøgleFejl):
            return False
        return False

    def older(self, ring: Keyring, til: x25519.Recipient, path: Path) -> Path:
        """A backup of an empty database as the program's first version made it, written with this keyring."""
        settings = self._empty()
        engine = make_engine(settings.database_url)
        upgrade(engine, min(known_revisions()))
        roots = [{"kid": kid, "kcv": kcv} for kid, kcv in ring.check_values().items()]
        with engine.begin() as connection:
            connection.execute(table("nøglekontrol", column("kid"), column("kcv")).insert(), roots)
        engine.dispose()
        write(path, [til], partial(copy_database, settings.database_url, DATA, settings.instance))
        return path

    def others(self, til: x25519.Recipient, path: Path) -> Path:
        """A backup of a key store that belongs to another keyring."""
        settings = self._empty()
        engine = make_engine(settings.keystore_url, immediate=False)
        key_tables.create_all(engine)
        KeyStore(engine, new_keyring()).create_many([new_id()])
        engine.dispose()
        write(path, [til], partial(copy_database, settings.keystore_url, NØGLER, settings.instance))
        return path

    def brings_up(self, attempt: Callable[[Settings], object]) -> bool:
        """Whether what is restored is at the program's own version."""
        settings = self._empty()
        attempt(settings)
        engine = make_engine(settings.database_url)
        try:
            check_schema(engine)
        except SkemaFejl:
            return False
        finally:
            engine.dispose()
        return True

    def restores(self, ring: Keyring, counted: Indhold, attempt: Callable[[Settings], object]) -> Resultat:
        """Restore rightly: every row is there, every key opens, and who is erased afterwards stays erased."""
        settings = self._empty()
        attempt(settings)
        kontekst = open_instance(settings, ring)
        with kontekst.engine.connect() as connection:
            same = count_rows(connection, list(counted.rækker)) == counted.rækker
        opened = check_keys(kontekst.keystore.engine, ring)
        with kontekst.keystore.engine.connect() as connection:
            person = connection.execute(select(personnøgle.c.person_id).limit(1)).scalar()
        erased = True
        if person is not None:
            with kontekst.engine.begin() as connection:
                replay_erasures(connection, [person], kontekst)
            kontekst.close()
            kontekst = open_instance(settings, ring)
            try:
                kontekst.keystore.get(person)
                erased = False
            except Shredded:
                pass
        kontekst.close()
        if self._url is not None:
            clear(self._url)
        return [
            (f"gendannet: alle {sum(counted.rækker.values())} rækker er der", same),
            (f"alle {opened.antal} personnøgler åbner", opened.ubrugelige == 0),
            ("en person, der er slettet efter kopien, kan ikke åbnes", erased),
        ]
