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


@pytest.fixture
def databasetype() -> str:
    """One database is enough for processes that come and go."""
    return "sqlite"


@pytest.fixture
def tomt(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty place of the same kind of database, with the right key file."""
    folder = tmp_path / "ny" / "data"
    url = None
    if settings.database_url.startswith("postgresql"):
        server = make_engine(settings.database_url)
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = 'tom'")).first():
                connection.execute(text("CREATE DATABASE tom"))
        url = server.url.set(drivername="postgresql", database="tom").render_as_string(hide_password=False)
        server.dispose()
        clear(url)
    place = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
    if url:
        place = replace(place, database_url=url, keystore_url=url)
    write_new(place.key_file, settings.key_file.read_text(encoding="utf-8"))
    yield place
    if url:
        clear(url)
