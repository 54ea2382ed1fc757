"""Taking both backups, forgetting old ones, and restoring into an empty instance."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from psycopg import Error as DriverFejl
from pyrage import x25519
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, func, select

from rådgivning.database import make_engine, now, på_tværs, se_alle, today
from rådgivning.databeskyttelse.models import Kvittering
from rådgivning.drift.after_restore import close_doors
from rådgivning.drift.archive import FORMAT, ArkivFejl, Indhold, read, write
from rådgivning.drift.folders import remove_left_behind
from rådgivning.drift.instance import SVARER_IKKE, give_accounts, must_exist, must_have_keys, need_none
from rådgivning.drift.replaying import replay_erasures, without_key
from rådgivning.drift.schema import all_tables, known_revisions, upgrade_on
from rådgivning.drift.snapshots import DATA, NØGLER, Modtager, copy_database, homes, is_empty, receiving
from rådgivning.nøgler.context import context_of
from rådgivning.nøgler.keyring import Keyring
from rådgivning.nøgler.keystore import check_store, personnøgle
from rådgivning.nøgler.sources import find_source
from rådgivning.settings import Settings

_TID = "%Y%m%dT%H%M%SZ"


def take(settings: Settings, til: Sequence[x25519.Recipient], data: Path, keys: Path) -> list[tuple[Path, Indhold]]:
    """Both backups, the data first: see snapshots.py. Raises ArkivFejl, and StartFejl when there is nothing to copy."""
    must_exist(settings)
    remove_left_behind(*homes(settings))
    stamp = now().astimezone(UTC).strftime(_TID)
    found = []
    try:
        must_have_keys(settings.keystore_url)
        for slags, url, folder in ((DATA, settings.database_url, data), (NØGLER, settings.keystore_url, keys)):
            path = folder / f"{slags}-{stamp}.age"
            found.append((path, write(path, til, partial(copy_database, url, slags, settings.instance))))
    except SQLAlchemyError:
        raise ArkivFejl(SVARER_IKKE) from None
    return found


def promised(settings: Settings) -> datetime | None:
    """From before this no key backup may be left: a receipt of erasure said so, perhaps when fewer days were kept.

    None also where the database is older than receipts: it is copied before it is upgraded. Raises ArkivFejl.
    """
    engine = make_engine(settings.database_url)
    try:
        if not inspect(engine).has_table("kvittering"):
            return None
        with Session(engine) as session, på_tværs(session):
            query = select(func.max(Kvittering.tidspunkt)).where(Kvittering.glemt <= today())
            found: datetime | None = session.exec(query).one()
            return found
    except SQLAlchemyError:
        raise ArkivFejl("Databasen svarer ikke, så de gamle kopier er ikke slettet. Prøv igen.") from None
    finally:
        engine.dispose()


def expire(folder: Path, slags: str, dage: int, før: datetime | None = None) -> list[Path]:
    """Delete the backups that are older, or from before `før`, never the newest; the time in the name counts, not the
    file's own."""
    oldest = now() - timedelta(days=dage)
    limit = max(oldest, før or oldest).astimezone(UTC).strftime(_TID)
    kept = sorted(folder.glob(f"{slags}-*.age"))
    gone = [path for path in kept[:-1] if path.stem.removeprefix(f"{slags}-") < limit]
    for path in [*gone, *folder.glob(f"{slags}-*.age.halv")]:
        path.unlink(missing_ok=True)
    return gone


class Gendannet(NamedTuple):
    """How many erasures were repeated; when the backup was taken: of what came later it knows nothing; and how many
    residents who are not erased have no key in the backup of keys: it is older, and nobody can read them."""

    gentaget: int
    taget: datetime
    uden_nøgle: int


def restore(
    settings: Settings,
    med: Sequence[x25519.Identity],
    data: Path,
    nøgler: Path | None,
    slettet_i: Sequence[Path] = (),
    ring: Keyring | None = None,
) -> Gendannet:
    """Put a backup into an empty instance, with nobody signed in. Nothing has its name before all is read, checked and
    opened with the keyring. Raises ArkivFejl or NøgleFejl.

    The keys take their name first: killed in between, it is run again without `nøgler`.
    """
    remove_left_behind(*homes(settings))
    try:
        done = _put_back(settings, med, data, nøgler, slettet_i, ring)
    except (SQLAlchemyError, DriverFejl):
        raise ArkivFejl(
            "Databasen tog ikke imod kopien. Se databasernes adresser og Databasebrugere i docs/drift.md, og kør igen."
        ) from None
    try:
        give_accounts(settings)
    except SQLAlchemyError:
        raise ArkivFejl("Alt er gendannet. Ret databasebrugerne, og kør: raadgivning database opgrader.") from None
    return done


def _put_back(
    settings: Settings,
    med: Sequence[x25519.Identity],
    data: Path,
    nøgler: Path | None,
    slettet_i: Sequence[Path],
    ring: Keyring | None,
) -> Gendannet:
    _must_be_empty(settings, nøgler)
    ring = ring or find_source(settings).læs()
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        receiving(settings.ejer_database_url, DATA, settings.instance) as rows,
        receiving(settings.ejer_keystore_url, NØGLER, settings.instance) as keys,
    ):
        indhold = _checked(read(data, med, rows.take), DATA, settings.database_url, data)
        ring.verify([(kid, bytes.fromhex(kcv)) for kid, kcv in indhold.nøgler.items()])
        erased = {uuid.UUID(id_) for path in slettet_i for id_ in _log_of(path, med, settings)}
        of_keys = nøgler and _checked(read(nøgler, med, keys.take), NØGLER, settings.keystore_url, nøgler)
        with rows.filled(indhold) as connection:
            upgrade_on(connection)
            with _key_store(settings, keys, of_keys or None) as wrapped:
                if check_store(wrapped, ring) is None:
                    need_none(connection)
                lacking = _unreadable(connection, wrapped, erased) if of_keys else 0
            if of_keys:
                keys.settle()
            repeated = _erase_again(connection, erased, settings, ring, newer=of_keys is None)
            close_doors(connection)
        rows.settle()
    return Gendannet(repeated, datetime.fromisoformat(indhold.taget), lacking)


@contextmanager
def _key_store(settings: Settings, keys: Modtager, indhold: Indhold | None) -> Iterator[Connection]:
    """The key store that the data are to go with: the backup's, or the one in place."""
    if indhold is not None:
        with keys.filled(indhold) as connection:
            yield connection
        return
    engine = make_engine(settings.ejer_keystore_url, immediate=False)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _unreadable(connection: Connection, keys: Connection, erased: set[uuid.UUID]) -> int:
    se_alle(connection)
    tables = all_tables().tables
    log = tables["sletning"].c.person_id
    alive = set(
        connection.execute(select(tables["beboer"].c.id).where(tables["beboer"].c.id.not_in(select(log)))).scalars()
    )
    return len(alive - erased - set(keys.execute(select(personnøgle.c.person_id)).scalars()))


def _log_of(path: Path, med: Sequence[x25519.Identity], settings: Settings) -> list[str]:
    """The ids erased for good by the time a newer backup of the data was taken. Raises ArkivFejl for one of keys."""
    return _checked(read(path, med, lambda _name, _member: None), DATA, settings.database_url, path).slettet


def _erase_again(
    connection: Connection, erased: set[uuid.UUID], settings: Settings, ring: Keyring, *, newer: bool
) -> int:
    """Repeat the erasures. Beside a key store that is `newer` than the data, also those that it alone knows of."""
    kontekst = context_of(ring, connection.engine, make_engine(settings.ejer_keystore_url, immediate=False))
    try:
        return replay_erasures(connection, erased | (without_key(connection, kontekst) if newer else set()), kontekst)
    finally:
        kontekst.keystore.engine.dispose()


def _must_be_empty(settings: Settings, nøgler: Path | None) -> None:
    if not is_empty(settings.ejer_database_url, DATA):
        raise ArkivFejl(
            "Der er allerede en database her. Gendan i en tom instans (RAADGIVNING_INSTANCE); intet er ændret."
        )
    if nøgler is not None and not is_empty(settings.ejer_keystore_url, NØGLER):
        raise ArkivFejl("Nøglelageret er her allerede og er nyere end kopien. Kør igen uden --nøgler.")
    if nøgler is None and is_empty(settings.ejer_keystore_url, NØGLER):
        raise ArkivFejl("Der er intet nøglelager her. Sig, hvor kopien er: --nøgler FIL")


def _checked(indhold: Indhold, slags: str, url: str, path: Path) -> Indhold:
    if indhold.slags != slags:
        raise ArkivFejl(f"{path.name} er en kopi af {indhold.slags}, ikke af {slags}.")
    if indhold.motor != ("sqlite" if url.startswith("sqlite") else "postgresql"):
        raise ArkivFejl(f"{path.name} er taget af {indhold.motor}. Sæt RAADGIVNING_DATABASE_URL til en sådan database.")
    if indhold.format > FORMAT or (slags == DATA and indhold.skema not in known_revisions()):
        raise ArkivFejl(f"{path.name} er taget af en nyere udgave af programmet. Opgradér programmet først.")
    return indhold
