"""Engines, one Session per request, UUID keys, the one clock and the naming convention of the tables."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app, g
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MS = 15_000
PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON")
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


class Base(SQLModel):
    """Base of every table in the data database; the key store has a metadata of its own."""

    metadata = MetaData(naming_convention=NAMING)


class Tidspunkt(TypeDecorator[datetime]):
    """An instant: stored as naive UTC on both databases, always timezone-aware in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime: it would be an hour or two wrong without anybody noticing."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the stored instant its zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Clock:
    """The only place the program asks what time it is; tests replace `read`."""

    def __init__(self) -> None:
        self.read: Callable[[], datetime] = lambda: datetime.now(UTC)


clock = Clock()


def now() -> datetime:
    """The present instant, UTC-aware."""
    return clock.read()


def today() -> date:
    """The present date in Denmark."""
    return clock.read().astimezone(COPENHAGEN).date()


def new_id() -> uuid.UUID:
    """A random row id, made in Python so that an envelope can be bound to it before the row is stored."""
    return uuid.uuid4()


def make_engine(url: str, *, immediate: bool = True) -> Engine:
    """An engine for SQLite (WAL, foreign keys, synchronous=FULL, one writer at a time) or PostgreSQL.

    With `immediate` SQLite opens every transaction with BEGIN IMMEDIATE: a request that reads and then writes its trace
    would otherwise fail, not wait, when another writer came in between. The key store, whose transactions are one
    statement each, does without.
    """
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin if immediate else _sqlite_begin_deferred)
    return engine


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _sqlite_begin_deferred(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def empty_wal(engine: Engine) -> None:
    """Fold SQLite's log into the database and cut it to nothing.

    The log keeps commits apart, and so would tell which fact was written together with which contact. Busy readers or
    writers put it off to the next call; nothing is lost by that.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=0")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.close()
    finally:
        connection.close()


def current_session() -> Session:
    """This request's Session; made at first use by the factory that create_app() installed."""
    if "session" not in g:
        g.session = current_app.extensions["make_session"]()
    return cast("Session", g.session)
