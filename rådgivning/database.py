"""Engines, one Session per request, UUID keys, the one clock and the naming convention of the tables."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app, g
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, orm
from sqlalchemy.exc import IntegrityError
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
ALLE, LOG_IND = "alle", "log-ind"
_TVÆRS, _SAT = "på_tværs", "synlig helhedsplan"
_SÆT = "SELECT set_config('raadgivning.helhedsplan', %s, true)"
_GLEM = "SET LOCAL raadgivning.helhedsplan TO DEFAULT"
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


@contextmanager
def på_tværs(session: orm.Session) -> Iterator[None]:
    """Let a Session see the rows of every helhedsplan: for what belongs to none, as a nightly run or a look-up by name.

    Who may ask for it is listed in tests/test_rows.py.
    """
    before, session.info[_TVÆRS] = session.info.get(_TVÆRS, False), True
    try:
        yield
    finally:
        session.info[_TVÆRS] = before


def se_alle(connection: Connection) -> None:
    """The same for the transaction of a connection without a Session: backup, restore, upgrade."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_SÆT, (ALLE,))


def synlig(session: orm.Session) -> str:
    """Whose rows PostgreSQL shows this Session: those of the actor's helhedsplan. To who has not signed in users alone,
    to the program itself none, unless it works across."""
    if session.info.get(_TVÆRS):
        return ALLE
    who = session.info.get("aktør")
    if who is None or who.helhedsplan_id is None:
        return LOG_IND if who is not None and who.rolle == "ingen" else ""
    return str(who.helhedsplan_id)


@event.listens_for(orm.Session, "after_begin")
def _begun(session: orm.Session, transaction: orm.SessionTransaction, connection: Connection) -> None:
    """Row-level security goes by a setting that ends with the transaction, so that no pooled connection keeps it."""
    if connection.dialect.name == "postgresql" and not transaction.nested:
        session.info[_SAT] = ""
        _keep_up(session, connection)


@event.listens_for(orm.Session, "do_orm_execute")
def _executing(state: orm.ORMExecuteState) -> None:
    _keep_up(state.session)


@event.listens_for(orm.Session, "before_flush")
def _flushing(session: orm.Session, _context: object, _instances: object) -> None:
    _keep_up(session)


@event.listens_for(orm.Session, "after_soft_rollback")
def _undone(session: orm.Session, _previous: orm.SessionTransaction) -> None:
    """A savepoint that is undone takes back what was set since."""
    if _SAT in session.info:
        session.info[_SAT] = None


def _keep_up(session: orm.Session, connection: Connection | None = None) -> None:
    """Tell the database when somebody else acts than before; SQLite is never told."""
    if _SAT not in session.info or not session.in_transaction() or session.info[_SAT] == (wanted := synlig(session)):
        return
    connection = connection or session.connection()  # which may begin only now, and then is told by that
    if session.info[_SAT] != wanted:
        if wanted:
            connection.exec_driver_sql(_SÆT, (wanted,))
        else:
            connection.exec_driver_sql(_GLEM)
        session.info[_SAT] = wanted


def findes_allerede(fejl: IntegrityError) -> bool:
    """Whether a row could not be added because there is one with its id, maybe one that row-level security hides."""
    diag = getattr(fejl.orig, "diag", None)
    return str(diag.constraint_name).startswith("pk_") if diag is not None else str(fejl.orig).endswith(".id")


def empty_wal(engine: Engine) -> None:
    """Fold SQLite's log into the database and cut it to nothing.

    The log keeps commits apart, and so would tell which fact was written together with which contact; and it keeps what
    was deleted, also a destroyed key. Busy readers or writers put it off to the next call; nothing is lost by that.
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
