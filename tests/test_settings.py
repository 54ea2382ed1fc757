"""Settings: read once from the environment, with defaults that keep the key apart from the data."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rådgivning.settings import Settings, SettingsFejl


def test_the_defaults_stand_in_the_instance_folder_and_the_key_beside_it(tmp_path: Path) -> None:
    settings = Settings.from_environment({"RAADGIVNING_INSTANCE": str(tmp_path / "data")})
    assert settings.instance == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path / 'data' / 'raadgivning.db'}"
    assert settings.keystore_url == f"sqlite:///{tmp_path / 'data' / 'nøgler.db'}"
    assert settings.key_file == tmp_path / "data.nøgle"
    assert (settings.https, settings.person_threshold) == (True, 5)
    assert (settings.session_idle, settings.session_absolute) == (timedelta(minutes=60), timedelta(hours=12))


def test_the_key_file_can_be_named(tmp_path: Path) -> None:
    environ = {"RAADGIVNING_KEY_FILE": str(tmp_path / "min.nøgle")}
    assert Settings.from_environment(environ).key_file == tmp_path / "min.nøgle"


def test_urls_come_from_the_environment() -> None:
    environ = {"RAADGIVNING_DATABASE_URL": "postgresql://a/b", "RAADGIVNING_KEYSTORE_URL": "postgresql://a/c"}
    settings = Settings.from_environment(environ)
    assert (settings.database_url, settings.keystore_url) == ("postgresql://a/b", "postgresql://a/c")
    assert (settings.ejer_database_url, settings.ejer_keystore_url) == ("postgresql://a/b", "postgresql://a/c")


def test_upgrades_may_have_accounts_of_their_own_that_no_message_repeats() -> None:
    environ = {
        "RAADGIVNING_DATABASE_URL": "postgresql://a/b",
        "RAADGIVNING_OPGRADER_DATABASE_URL": "postgresql://e:xyz@a/b",
    }
    settings = Settings.from_environment(environ)
    assert (settings.database_url, settings.ejer_database_url) == ("postgresql://a/b", "postgresql://e:xyz@a/b")
    assert settings.ejer_keystore_url == settings.keystore_url
    assert "xyz" not in repr(replace(settings, environ={}))


def test_the_accounts_for_upgrades_are_set_both_or_neither() -> None:
    both = {"RAADGIVNING_DATABASE_URL": "postgresql://a/b", "RAADGIVNING_KEYSTORE_URL": "postgresql://a/c"}
    for name in ("RAADGIVNING_OPGRADER_DATABASE_URL", "RAADGIVNING_OPGRADER_KEYSTORE_URL"):
        with pytest.raises(SettingsFejl, match="begge to eller slet ikke"):
            Settings.from_environment(both | {name: "postgresql://e:xyz@a/b"})


def test_with_https_one_web_server_stands_in_front_and_without_none() -> None:
    assert Settings.from_environment({}).proxies == 1
    assert Settings.from_environment({"RAADGIVNING_HTTPS": "nej"}).proxies == 0
    assert Settings.from_environment({"RAADGIVNING_PROXYER": "2"}).proxies == 2


@pytest.mark.parametrize(("text", "value"), [("ja", True), ("1", True), ("NEJ", False), ("0", False)])
def test_yes_and_no_are_understood(text: str, value: bool) -> None:
    assert Settings.from_environment({"RAADGIVNING_HTTPS": text}).https is value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RAADGIVNING_HTTPS", "måske"),
        ("RAADGIVNING_SESSION_MINUTTER", "1"),
        ("RAADGIVNING_SESSION_TIMER", "evigt"),
        ("RAADGIVNING_TAERSKEL", "2"),
        ("RAADGIVNING_TÆRSKEL", "2"),
        ("RAADGIVNING_AFRUNDING", "4"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsFejl, match=name):
        Settings.from_environment({name: text})


def test_the_threshold_is_read_under_its_old_name_too() -> None:
    old = {"RAADGIVNING_TÆRSKEL": "7"}
    assert Settings.from_environment(old).person_threshold == 7
    assert Settings.from_environment(old | {"RAADGIVNING_TAERSKEL": "9"}).person_threshold == 9


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("sqlite:///x.db", True),
        ("postgresql:///raadgivning", True),
        ("postgresql://u@localhost/r", True),
        ("postgresql://u@/r?host=/run/postgresql", True),
        ("postgresql+psycopg://u@db.example.dk/r?sslmode=verify-full", True),
        ("postgresql://u@db.example.dk/r", False),
        ("postgresql://u@db.example.dk/r?sslmode=prefer", False),
        ("postgresql://u@localhost/r?host=db.example.dk", False),
    ],
)
def test_a_database_on_another_machine_is_spoken_to_encrypted(url: str, fine: bool, tmp_path: Path) -> None:
    for name in ("RAADGIVNING_DATABASE_URL", "RAADGIVNING_KEYSTORE_URL"):
        settings = Settings.from_environment({name: url}, tmp_path)
        if fine:
            assert settings.tjekket() == settings
        else:
            with pytest.raises(SettingsFejl, match="uden kryptering"):
                settings.tjekket()
            assert replace(settings, development=True).tjekket()


def test_a_new_browser_is_asked_only_where_more_than_a_password_is(tmp_path: Path) -> None:
    for faktor, asked in (("", True), ("skal", True), ("kan", False)):
        settings = Settings.from_environment({"RAADGIVNING_ANDEN_FAKTOR": faktor}, tmp_path)
        assert settings.ny_browser_bekræfter is asked
