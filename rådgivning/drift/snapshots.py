"""Consistent copies of the two databases while others write, and putting them back into empty ones.

SQLite is copied with its online API; PostgreSQL is read table by table inside one snapshot. The data come first and the
keys after: a key is stored before the row that needs it, so every row copied has its key, unless it was erased between.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import IO, Any

from psycopg import sql
from sqlalchemy import Connection, Engine, MetaData, func, select, table
from sqlalchemy.engine import make_url

from rådgivning.database import make_engine, now, se_alle
from rådgivning.drift.archive import Indhold, Skriver
from rådgivning.drift.folders import GENDAN, KOPI, working_folder
from rådgivning.drift.schema import current_revision, upgrade_on
from rådgivning.nøgler.keystore import metadata as key_tables
from rådgivning.nøgler.models import Nøglekontrol, Sletning
from rådgivning.settings import Settings

DATA, NØGLER = "data", "nøgler"
_SQLITE_MEMBER = "database.sqlite"
_NO_SCHEMA = "-"
_MEMBER = re.compile(r"database\.sqlite|\w+\.copy")
_ERASED = Sletning.__table__  # type: ignore[attr-defined]
_ROOTS = Nøglekontrol.__table__  # type: ignore[attr-defined]


def copy_database(url: str, slags: str, mappe: Path, writer: Skriver) -> Indhold:
    """Add a database to a backup. `mappe`: where SQLite's copy may lie for as long as it takes to encrypt it."""
    engine = make_engine(url, immediate=False)
    try:
        if engine.dialect.name == "sqlite":
            return _copy_sqlite(url, slags, writer, mappe)
        return _copy_postgresql(engine, slags, writer, mappe)
    finally:
        engine.dispose()


def _tables(connection: Connection, slags: str) -> dict[str, list[str]]:
    """The tables that are there, with their columns: an older database has those of its own time."""
    found = MetaData()
    found.reflect(connection)
    tables = [made for made in found.sorted_tables if made.name != "alembic_version"]
    own = [made for made in tables if (made.name in key_tables.tables) == (slags == NØGLER)]
    return {made.name: [column.name for column in made.columns] for made in own}


def _copy_sqlite(url: str, slags: str, writer: Skriver, mappe: Path) -> Indhold:
    with working_folder(mappe, KOPI) as folder:
        copied = folder / "kopi.db"
        source, target = sqlite3.connect(_path(url)), sqlite3.connect(copied)
        try:
            source.execute("PRAGMA busy_timeout=15000")
            source.backup(target, pages=4096)
            (whole,) = target.execute("PRAGMA integrity_check").fetchone()
            if whole != "ok":
                raise OSError("the copy is not whole")
        finally:
            source.close()
            target.close()
        engine = make_engine(f"sqlite:///{copied}", immediate=False)
        with engine.connect() as connection:
            indhold = _describe(connection, engine, slags)
            connection.rollback()
        engine.dispose()
        with copied.open("rb") as file:
            writer.add(_SQLITE_MEMBER, file, copied.stat().st_size)
    return indhold


def _copy_postgresql(engine: Engine, slags: str, writer: Skriver, mappe: Path) -> Indhold:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        se_alle(connection)
        indhold = _describe(connection, engine, slags)
        for name, columns in indhold.kolonner.items():
            with tempfile.TemporaryFile(dir=mappe) as file:
                raw: Any = connection.connection.dbapi_connection
                with raw.cursor() as cursor, cursor.copy(_copy(name, columns, "TO STDOUT")) as rows:
                    for part in rows:
                        file.write(part)
                size = file.tell()
                file.seek(0)
                writer.add(f"{name}.copy", file, size)
        connection.rollback()
    return indhold


def _describe(connection: Connection, engine: Engine, slags: str) -> Indhold:
    tables = _tables(connection, slags)
    roots = connection.execute(select(_ROOTS.c.kid, _ROOTS.c.kcv)).all() if slags == DATA else ()
    erased = connection.execute(select(_ERASED.c.person_id).where(_ERASED.c.varig)).scalars() if slags == DATA else ()
    return Indhold(
        slags=slags,
        motor=engine.dialect.name,
        skema=current_revision(engine) or _NO_SCHEMA if slags == DATA else _NO_SCHEMA,
        taget=now().astimezone(UTC).isoformat(timespec="seconds"),
        rækker=count_rows(connection, list(tables)),
        kolonner=tables,
        slettet=sorted(str(person) for person in erased),
        nøgler={kid: bytes(kcv).hex() for kid, kcv in roots},
    )


def count_rows(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """How many rows each table has."""
    se_alle(connection)
    counts = {name: select(func.count()).select_from(table(name)) for name in names}
    return {name: int(connection.execute(query).scalar_one()) for name, query in counts.items()}


def clear(url: str) -> None:
    """Empty a database that was only borrowed: every table of both kinds is dropped."""
    engine = make_engine(url)
    with engine.begin() as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)
    engine.dispose()


def _copy(table: str, columns: Sequence[str], end: str) -> sql.Composed:
    """COPY with every column named: an older backup has the columns of its own time."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) " + end).format(sql.Identifier(table), names)


def _in_order(connection: Connection, names: Sequence[str]) -> list[str]:
    """Tables after those they refer to."""
    reflected = MetaData()
    reflected.reflect(connection, only=names)
    return [table.name for table in reflected.sorted_tables]


def _path(url: str) -> str:
    return make_url(url).database or ""


class Modtager:
    """Puts a backup's members into an empty database; nothing is there to see before `settle`."""

    def __init__(self, url: str, slags: str, folder: Path) -> None:
        self.url, self.slags, self.folder = url, slags, folder
        self.sqlite = url.startswith("sqlite")
        self.path = folder / _SQLITE_MEMBER

    def take(self, name: str, member: IO[bytes]) -> None:
        """A member of the backup; names are ours, so nothing else is written."""
        if not _MEMBER.fullmatch(name):
            raise ValueError("no such member")
        with (self.folder / name).open("wb") as file:
            shutil.copyfileobj(member, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())

    @contextlib.contextmanager
    def filled(self, indhold: Indhold) -> Iterator[Connection]:
        """The restored database, to be brought up to date in one transaction. On PostgreSQL it makes the tables too, at
        the backup's own revision, and fills them: whoever is killed leaves an empty database behind."""
        engine = make_engine(f"sqlite:///{self.path}" if self.sqlite else self.url)
        try:
            with engine.begin() as connection:
                if not self.sqlite:
                    self._make(connection, indhold)
                    for table in _in_order(connection, list(indhold.kolonner)):
                        self._fill(connection, table, indhold.kolonner[table])
                yield connection
        finally:
            engine.dispose()

    def _make(self, connection: Connection, indhold: Indhold) -> None:
        if self.slags == DATA:
            upgrade_on(connection, indhold.skema)
        else:
            key_tables.create_all(connection)

    def _fill(self, connection: Connection, table: str, columns: Sequence[str]) -> None:
        raw: Any = connection.connection.dbapi_connection
        with raw.cursor() as cursor, _unguarded(cursor, table):
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))  # what the migrations wrote
            with (
                (self.folder / f"{table}.copy").open("rb") as file,
                cursor.copy(_copy(table, columns, "FROM STDIN")) as copy,
            ):
                while part := file.read(1 << 20):
                    copy.write(part)

    def settle(self) -> None:
        """Give SQLite's file its name, without the log of one that stood there; PostgreSQL has stood since `filled`."""
        if self.sqlite:
            for base in (self.path, _path(self.url)):
                for rest in ("-wal", "-shm"):
                    Path(f"{base}{rest}").unlink(missing_ok=True)
            self.path.replace(_path(self.url))


@contextlib.contextmanager
def _unguarded(cursor: Any, table: str) -> Iterator[None]:
    """COPY cannot write past row-level security; the owner of a table may lift it for the transaction that fills it."""
    cursor.execute("SELECT relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", (f'"{table}"',))
    guarded = cursor.fetchone()[0]
    if guarded:
        cursor.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    yield
    if guarded:
        cursor.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))


def is_empty(url: str, slags: str) -> bool:
    """Whether there is nothing that a restore could overwrite."""
    if url.startswith("sqlite"):
        return not Path(_path(url)).exists()
    engine = make_engine(url, immediate=False)
    try:
        with engine.connect() as connection:
            return not any(count_rows(connection, list(_tables(connection, slags))).values())
    finally:
        engine.dispose()


def homes(settings: Settings) -> set[Path]:
    """Where working folders may lie: beside SQLite's files, which get their names at once, and in the data folder."""
    urls = (settings.database_url, settings.keystore_url)
    return {settings.instance, *(Path(_path(url)).parent for url in urls if url.startswith("sqlite"))}


@contextlib.contextmanager
def receiving(url: str, slags: str, mappe: Path) -> Iterator[Modtager]:
    """A Modtager that leaves nothing behind, however it ends. `mappe`: where PostgreSQL's members may lie."""
    with working_folder(Path(_path(url)).parent if url.startswith("sqlite") else mappe, GENDAN) as folder:
        yield Modtager(url, slags, folder)
