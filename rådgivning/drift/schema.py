"""The database's version: every room's tables, migrations, and the refusal of a database from the future."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from rådgivning.database import Base, se_alle

MODELS = (
    "spor",
    "nøgler",
    "adgang",
    "beskeder",
    "plan",
    "fakta",
    "beboere",
    "samtykker",
    "opgaver",
    "kalender",
    "kontakter",
    "henvisninger",
    "restancer",
    "sundhedstjek",
    "overblik",
    "databeskyttelse",
    "statistik",
    "rapporter",
)
_NYERE = "Databasen er skrevet af en nyere udgave af programmet. Opgradér programmet, og start igen."
_HERE = Path(__file__).resolve().parents[1]
_MIGRATIONS = next(p for p in (_HERE.parent / "migrations", _HERE / "migrations") if p.is_dir())


class SkemaFejl(Exception):
    """The database and the code are not of the same version; a Danish sentence says what to do."""


def all_tables() -> MetaData:
    """The metadata with every room's tables loaded."""
    for room in MODELS:
        import_module(f"rådgivning.{room}.models")
    return Base.metadata


def alembic_config() -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at, None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def _revisions() -> tuple[frozenset[str], str | None]:
    """The revisions this code knows, and the newest of them."""
    script = ScriptDirectory.from_config(alembic_config())
    return frozenset(r.revision for r in script.walk_revisions()), script.get_current_head()


def known_revisions() -> frozenset[str]:
    """The revisions this code knows."""
    return _revisions()[0]


def check_schema(engine: Engine) -> None:
    """Raises SkemaFejl unless the database is at exactly the code's newest revision."""
    known, newest = _revisions()
    revision = current_revision(engine)
    if revision is None:
        raise SkemaFejl("Databasen er tom. Kør: raadgivning opret")
    if revision not in known:
        raise SkemaFejl(_NYERE)
    if revision != newest:
        raise SkemaFejl("Databasen er af en ældre udgave. Tag en kopi, og kør: raadgivning database opgrader")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision, newest by default, in one transaction."""
    with engine.begin() as connection:
        upgrade_on(connection, revision)


def upgrade_on(connection: Connection, revision: str = "head") -> None:
    """The same in the caller's transaction. Raises SkemaFejl for a database from the future."""
    revision_now = MigrationContext.configure(connection).get_current_revision()
    if revision_now is not None and revision_now not in known_revisions():
        raise SkemaFejl(_NYERE)
    se_alle(connection)
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to a revision."""
    config = alembic_config()
    with engine.begin() as connection:
        se_alle(connection)
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
