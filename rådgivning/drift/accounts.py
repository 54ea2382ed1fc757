"""PostgreSQL's accounts: one owns the tables and changes them, the other, which the program runs with, uses them.

SQLite has no accounts; nothing here touches it. With one account for both, nothing is granted either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString

from psycopg import sql
from sqlalchemy import Connection, Engine, text

from rådgivning.database import make_engine

_ALT: LiteralString = "SELECT, INSERT, UPDATE, DELETE"
# What is written once stays as it is; the trail loses its oldest entries when their time is out, and changes none.
_FÆRRE: dict[str, LiteralString] = {
    "alembic_version": "SELECT",
    "spor": "SELECT, INSERT, DELETE",
    "spor_nævnt": "SELECT, INSERT, DELETE",
    "nøglekontrol": "SELECT, INSERT",
    "måling_version": "SELECT, INSERT",
    "rapport": "SELECT, INSERT",
    "udgivelse": "SELECT, INSERT, UPDATE",
    "helhedsplan_version": "SELECT, INSERT, UPDATE",
}
SUPERBRUGER = "er superbruger"
_WHO, _WHERE = text("SELECT current_user"), text("SELECT current_schema()")
_MAY_MORE = text(
    "SELECT rolsuper, rolbypassrls, rolsuper OR rolcreaterole OR rolcreatedb"
    " OR has_schema_privilege(current_schema(), 'CREATE')"
    " OR EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
    " AND pg_has_role(relowner, 'USAGE'))"
    " FROM pg_roles WHERE rolname = current_user"
)


def give_access(owner_url: str, program_url: str, tables: Iterable[str]) -> None:
    """Let the program's account use these tables, and do nothing else with them; repeated after every upgrade.

    What it could do before and need not is taken from it. Raises SQLAlchemyError when one of them cannot sign in.
    """
    if owner_url == program_url:
        return
    owner, program = make_engine(owner_url), make_engine(program_url)
    try:
        with program.connect() as connection:
            account = connection.scalar(_WHO)
        with owner.begin() as connection:
            if connection.scalar(_WHO) == account:
                return
            _run(connection, "GRANT USAGE ON SCHEMA {} TO {}", connection.scalar(_WHERE), account)
            for table in tables:
                _run(connection, "REVOKE ALL ON {} FROM {}", table, account)
                _run(connection, f"GRANT {_FÆRRE.get(table, _ALT)} ON {{}} TO {{}}", table, account)
    finally:
        program.dispose()
        owner.dispose()


def _run(connection: Connection, statement: LiteralString, *names: str) -> None:
    connection.exec_driver_sql(sql.SQL(statement).format(*map(sql.Identifier, names)).as_string())


def too_much(engine: Engine) -> str:
    """What the account of an engine may do that the program has no use for, in a few Danish words; "" for nothing."""
    if engine.dialect.name != "postgresql":
        return ""
    with engine.connect() as connection:
        superuser, unguarded, owner = connection.execute(_MAY_MORE).one()
    if superuser or unguarded:
        return SUPERBRUGER
    return "ejer tabellerne eller må lave nye" if owner else ""
