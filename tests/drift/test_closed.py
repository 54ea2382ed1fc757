"""A program that cannot open its instance answers 503 on every page, says why, and writes nothing."""

from __future__ import annotations

import pytest

from rådgivning import create_app
from rådgivning.database import make_engine
from rådgivning.nøgler.keyring import new_keyring
from rådgivning.nøgler.sources import write_new
from rådgivning.settings import Settings

STIER = ("/", "/log-ind", "/healthz", "/beboere", "/findes-ikke")


def _break_key(settings: Settings) -> None:
    settings.key_file.unlink()
    write_new(settings.key_file, new_keyring().to_text())


def _lose_key(settings: Settings) -> None:
    settings.key_file.unlink()


def _come_from_the_future(settings: Settings) -> None:
    engine = make_engine(settings.ejer_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()


def _grow_old(settings: Settings) -> None:
    engine = make_engine(settings.ejer_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    engine.dispose()


@pytest.mark.parametrize(
    ("spoil", "besked"),
    [
        (_break_key, "er ikke den, databasen er skrevet med"),
        (_lose_key, "ingen nøglefil"),
        (_come_from_the_future, "nyere udgave"),
        (_grow_old, "Databasen er tom"),
    ],
)
def test_every_page_says_why_it_is_closed(settings: Settings, spoil: object, besked: str) -> None:
    assert callable(spoil)
    spoil(settings)
    before = (settings.instance / "raadgivning.db").read_bytes()
    client = create_app(settings).test_client()
    for sti in STIER:
        for answer in (client.get(sti), client.post(sti, data={"navn": "Testa Opdigtet"})):
            assert answer.status_code == 503
            assert besked in answer.text
            assert "Content-Security-Policy" in answer.headers
    assert (settings.instance / "raadgivning.db").read_bytes() == before
