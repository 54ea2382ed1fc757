"""Two accounts at PostgreSQL: the program's uses the tables, and only the one for upgrades owns and changes them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from rådgivning.database import make_engine
from rådgivning.drift.accounts import too_much
from rådgivning.drift.instance import (
    StartFejl,
    bring_up_to_date,
    check_accounts,
    create_instance,
    open_instance,
    upgrade_existing,
)
from rådgivning.drift.schema import all_tables, check_schema
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from tests.conftest import som


@pytest.fixture
def databasetype() -> str:
    """SQLite has no accounts."""
    return "postgresql"


@pytest.fixture
def nyt(postgresql: str, tmp_path: Path) -> Iterator[Settings]:
    """An empty database of `ejer`'s, and a place for an instance."""
    name, server = f"konti_{uuid.uuid4().hex}", make_engine(postgresql)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" OWNER ejer')
    program, owner = som(postgresql, "program", name), som(postgresql, "ejer", name)
    environ = {
        "RAADGIVNING_HTTPS": "0",
        "RAADGIVNING_DATABASE_URL": program,
        "RAADGIVNING_KEYSTORE_URL": program,
        "RAADGIVNING_OPGRADER_DATABASE_URL": owner,
        "RAADGIVNING_OPGRADER_KEYSTORE_URL": owner,
    }
    yield Settings.from_environment(environ, tmp_path / "nyt")
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.dispose()


def _rights(settings: Settings) -> dict[str, set[str]]:
    """What the program's account may do with each table that is there."""
    query = text(
        "SELECT relname, privilege FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',"
        " 'REFERENCES', 'TRIGGER']) privilege WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        " AND has_table_privilege('program', pg_class.oid, privilege)"
    )
    engine, found = make_engine(settings.ejer_database_url), dict[str, set[str]]()
    with engine.connect() as connection:
        for table, privilege in connection.execute(query):
            found.setdefault(table, set()).add(privilege)
    engine.dispose()
    return found


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE ny (a int)",
        "ALTER TABLE beboer ADD COLUMN ny int",
        "DROP TABLE beboer",
        "TRUNCATE beboer",
        "CREATE INDEX ny ON beboer (id)",
        "UPDATE spor SET rolle = 'system'",
        "DELETE FROM udgivelse",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE ROLE ny",
    ],
)
def test_the_programs_account_changes_no_table_and_nothing_that_is_written_once(
    kontekst: Nøglekontekst, statement: str
) -> None:
    with kontekst.engine.connect() as connection, pytest.raises(ProgrammingError, match=r"permission|must be owner"):
        connection.exec_driver_sql(statement)


def test_an_instance_is_made_by_the_one_account_and_used_by_the_other(nyt: Settings) -> None:
    kontekst = create_instance(nyt)
    person = uuid.uuid4()
    assert kontekst.keystore.get_or_create(person) == kontekst.keystore.get(person)
    check_schema(kontekst.engine)
    kontekst.close()
    rights = _rights(nyt)
    assert set(rights) == {*all_tables().tables, "alembic_version", "personnøgle"}
    assert rights["beboer"] == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert rights["spor"] == {"SELECT", "INSERT", "DELETE"}
    assert rights["rapport"] == {"SELECT", "INSERT"}

    owner = make_engine(nyt.ejer_database_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("REVOKE ALL ON alembic_version, beboer FROM program")
        connection.exec_driver_sql("GRANT TRUNCATE, UPDATE ON spor TO program")
    owner.dispose()
    with pytest.raises(StartFejl, match="database opgrader"):
        open_instance(nyt)
    for _again in range(2):
        bring_up_to_date(nyt)
        assert _rights(nyt) == rights, "what is missing is given, what is too much is taken"


def test_a_start_with_the_account_for_upgrades_is_refused_and_with_only_one_account_it_is_told(nyt: Settings) -> None:
    kontekst = create_instance(nyt)
    assert too_much(kontekst.engine) == ""
    assert check_accounts(nyt, kontekst) == []
    kontekst.close()
    owner = replace(nyt, database_url=nyt.ejer_database_url, keystore_url=nyt.ejer_keystore_url)
    kontekst = open_instance(owner)
    with pytest.raises(StartFejl, match="RAADGIVNING_DATABASE_URL ejer tabellerne"):
        check_accounts(owner, kontekst)
    alone = replace(owner, opgrader_database_url="", opgrader_keystore_url="")
    assert [line.split(" ", 1)[0] for line in check_accounts(alone, kontekst)] == ["bemærk:", "bemærk:"]
    kontekst.close()
    assert bring_up_to_date(alone) != "", "one account does all, as ever"


@pytest.mark.parametrize("before", ["ejer", "raadgivning_før", "postgres"])
def test_a_database_that_had_one_account_gets_the_other_as_the_docs_say(
    nyt: Settings, postgresql: str, before: str
) -> None:
    name = make_url(nyt.database_url).database or ""
    server = make_engine(som(postgresql, "postgres", name))
    if before == "raadgivning_før":
        with server.begin() as connection:
            connection.exec_driver_sql("CREATE ROLE raadgivning_før SUPERUSER LOGIN")
    url = som(postgresql, before, name)
    alone = replace(nyt, database_url=url, keystore_url=url, opgrader_database_url="", opgrader_keystore_url="")
    create_instance(alone).close()
    if before != "ejer":
        with server.begin() as connection:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" OWNER TO ejer')
            if before == "postgres":
                each = text(
                    "SELECT format('ALTER TABLE %I OWNER TO ejer', tablename) FROM pg_tables"
                    " WHERE schemaname = 'public'"
                )
                for line in connection.execute(each).scalars().all():
                    connection.exec_driver_sql(line)
            else:
                connection.exec_driver_sql("REASSIGN OWNED BY raadgivning_før TO ejer")
    upgrade_existing(nyt)
    kontekst = open_instance(nyt)
    assert check_accounts(nyt, kontekst) == []
    kontekst.close()
    assert _rights(nyt)["spor"] == {"SELECT", "INSERT", "DELETE"}
    if before == "raadgivning_før":
        with server.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY raadgivning_før")
            connection.exec_driver_sql("DROP ROLE raadgivning_før")
    server.dispose()


def test_a_superuser_is_told_of(postgresql: str) -> None:
    engine = make_engine(postgresql)
    assert too_much(engine) == "er superbruger"
    engine.dispose()


def test_an_account_that_is_not_there_leaves_no_key_file_behind(nyt: Settings, postgresql: str) -> None:
    wrong = replace(nyt, database_url=som(nyt.database_url, "ukendt", "postgres"))
    half = replace(nyt, opgrader_keystore_url="")  # so nobody has made the key store's table
    for settings in (half, wrong):
        with pytest.raises(StartFejl, match="Databasebrugere"):
            create_instance(settings)
        assert not settings.key_file.exists()
    create_instance(nyt).close()
    nyt.key_file.rename(nyt.key_file.with_name("gemt"))
    with pytest.raises(StartFejl, match="en anden nøglefil"):
        create_instance(nyt)
    assert not nyt.key_file.exists()


def test_an_empty_database_is_not_taken_for_one_to_upgrade(nyt: Settings) -> None:
    nyt.instance.mkdir()
    with pytest.raises(StartFejl, match=r"Databasen er tom.*raadgivning opret"):
        upgrade_existing(nyt)
    with pytest.raises(StartFejl, match="Databasebrugere"):
        upgrade_existing(replace(nyt, opgrader_database_url=som(nyt.database_url, "ukendt", "postgres")))
    assert _rights(nyt) == {}
