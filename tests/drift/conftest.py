"""Servers and commands run on SQLite in a folder: what they do to a database is tested on both elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from rådgivning.database import make_engine
from rådgivning.drift.snapshots import clear
from rådgivning.nøgler.sources import write_new
from rådgivning.settings import Settings
from tests.conftest import som


@pytest.fixture
def databasetype() -> str:
    """One database is enough for processes that come and go."""
    return "sqlite"


@pytest.fixture
def tomt(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """An empty place of the same kind of database, with the right key file."""
    folder = tmp_path / "ny" / "data"
    url = None
    if settings.database_url.startswith("postgresql"):
        superuser = request.getfixturevalue("postgresql")
        server = make_engine(superuser)
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = 'tom'")).first():
                connection.execute(text("CREATE DATABASE tom OWNER ejer"))
        server.dispose()
        url = som(superuser, "ejer", "tom")
        clear(url)
    place = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
    if url:
        program = som(url, "program", "tom")
        place = replace(place, database_url=program, keystore_url=program)
        place = replace(place, opgrader_database_url=url, opgrader_keystore_url=url)
    write_new(place.key_file, settings.key_file.read_text(encoding="utf-8"))
    yield place
    if url:
        clear(url)
