"""Migrations go up and down with data in, and end in exactly the tables the code knows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger
from rådgivning.database import make_engine, new_id, now, på_tværs
from rådgivning.drift.instance import StartFejl, open_instance
from rådgivning.drift.schema import alembic_config, all_tables, check_schema, current_revision, downgrade, upgrade
from rådgivning.kontakter.models import Kontakt
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor, SporNævnt
from tests.conftest import som


@pytest.fixture
def empty(databasetype: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without tables: a new file, or a new PostgreSQL database."""
    if databasetype == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'tom.db'}")
        yield engine
        engine.dispose()
        return
    url = request.getfixturevalue("postgresql")
    name = f"tom_{uuid.uuid4().hex}"
    server = make_engine(url)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" OWNER ejer')
    engine = make_engine(som(url, "ejer", name))
    yield engine
    engine.dispose()
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}"')
    server.dispose()


def revisions() -> list[str]:
    """Every revision, oldest first."""
    script = ScriptDirectory.from_config(alembic_config())
    return [r.revision for r in script.walk_revisions()][::-1]


def test_the_migrations_end_in_the_tables_of_the_code(empty: Engine) -> None:
    upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, all_tables()) == []
    check_schema(empty)


def test_each_step_goes_up_and_down_with_data_in(empty: Engine) -> None:
    plan, owner, row = new_id(), new_id(), new_id()
    upgrade(empty)
    with Session(empty) as session, på_tværs(session):
        session.add(
            Bruger(
                id=owner, helhedsplan_id=plan, brugernavn="t", navn="Testa", rolle="leder", kodeord="", oprettet=now()
            )
        )
        session.flush()
        session.add(
            Kontakt(id=row, helhedsplan_id=plan, ejer_id=owner, dato=date(2026, 3, 1), oprettet=now(), sealed=b"x")
        )
        session.commit()
    steps = revisions()
    for back in [*steps[-2::-1], "base"]:
        downgrade(empty, back)
        upgrade(empty)
    for back in steps[-2::-1]:
        downgrade(empty, back)
    upgrade(empty)
    assert current_revision(empty) == steps[-1]


def test_an_older_trail_is_found_by_whom_it_names_after_the_upgrade(empty: Engine) -> None:
    upgrade(empty)
    resident, row, user = str(new_id()), str(new_id()), new_id()
    with Session(empty) as session:
        for nr, handling in ((1, "åbnet"), (2, "ændret")):
            session.add(
                Spor(kæde="k", nr=nr, tidspunkt=now(), aktør=user, handling=handling, genstand="kontakt", mac=b"m",
                     rækker=[row, row, resident], beboere=[resident], detaljer={})
            )  # fmt: skip
        session.commit()
    downgrade(empty, "0003")
    upgrade(empty)
    with Session(empty) as session:
        found = session.exec(select(SporNævnt)).all()
        assert {(r.nr, r.om, r.beboer, r.læst_af) for r in found} == {
            (nr, om, om == resident, user if nr == 1 else None) for nr in (1, 2) for om in (resident, row)
        }


def test_going_down_to_nothing_leaves_no_table(empty: Engine) -> None:
    upgrade(empty)
    downgrade(empty, "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}


def test_a_database_of_the_future_is_refused_untouched(settings: Settings) -> None:
    _set_revision(settings, "9999")
    with pytest.raises(StartFejl, match="nyere udgave"):
        open_instance(settings)
    engine = make_engine(settings.database_url)
    assert current_revision(engine) == "9999"
    engine.dispose()
    _set_revision(settings, revisions()[-1])


def test_an_empty_database_says_what_to_run(empty: Engine) -> None:
    from rådgivning.drift.schema import SkemaFejl

    with pytest.raises(SkemaFejl, match="raadgivning opret"):
        check_schema(empty)


def _set_revision(settings: Settings, revision: str) -> None:
    engine = make_engine(settings.ejer_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    engine.dispose()
