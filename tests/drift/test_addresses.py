"""Addresses of databases that are mistyped: one Danish sentence, exit 2, and nothing is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyrage import x25519

from rådgivning.database import make_engine
from rådgivning.drift.instance import StartFejl, open_instance, upgrade_existing
from rådgivning.settings import Settings, SettingsFejl, databaseadresse
from tests.conftest import Personale, som
from tests.drift.test_commands import Kald, kald

__all__ = ["kald"]

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
DATABASE, NØGLEBASE = "RAADGIVNING_DATABASE_URL", "RAADGIVNING_KEYSTORE_URL"
HEMMELIG = "zxqhemmelig"
FORKERTE = (
    "postgres//x", "postgres://u:zxqhemmelig@h/d", "sqlite:", "sqlite://", "sqlite:///:memory:", "SQLITE:////zxqhemmelig",
    "sqlite:////tmp/zxqhemmelig?mode=rw", "sqlite+aiosqlite:////zxqhemmelig", "mysql://u:zxqhemmelig@h/d",
    "oracle+zxqhemmelig://h/d", "postgresql+psycopg2://u:zxqhemmelig@h/d", "postgresql://u:zxqhemmelig@h:port/d",
    "postgresql://u:zxqhemmelig@[::1/d", "postgresql://u:zxqhemmelig@h/d?port=otte", "zxqhemmelig",
)  # fmt: skip
VERBER = (
    ("plan", "liste"), ("bruger", "liste"), ("database", "opgrader"), ("nøgle", "status"), ("nøgle", "tjek"),
    ("spor", "tjek"), ("spor", "hoved"), ("start",), ("statistik", "udgiv", "--periode", "2026"),
    ("databeskyttelse", "slet-udløbne"), ("backup", "øvelse"),
)  # fmt: skip


@pytest.mark.parametrize("navn", [DATABASE, NØGLEBASE, "RAADGIVNING_OPGRADER_DATABASE_URL"])
def test_what_is_no_address_of_a_database_is_said_without_repeating_it(navn: str) -> None:
    for url in FORKERTE:
        with pytest.raises(SettingsFejl) as fejl:
            Settings.from_environment({navn: url})
        assert str(fejl.value).startswith(f"{navn} er ikke adressen på en database."), url
        assert HEMMELIG not in str(fejl.value)
    for url in ("sqlite:////srv/æ.db", "postgresql://u:p%40@/d?host=/run/pg", "postgresql+psycopg://u@[::1]:5432/d"):
        assert databaseadresse(navn, url) == url


@SQLITE
def test_no_verb_that_opens_an_instance_makes_a_database_or_a_key_store(
    kald: Kald, settings: Settings, personale: Personale, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAADGIVNING_BACKUP_MODTAGER", str(x25519.Identity.generate().to_public()))
    tag = ("backup", "tag", "--til", str(tmp_path / "a"), "--nøgler-til", str(tmp_path / "b"))
    before = sorted(tmp_path.rglob("*"))
    for navn in (DATABASE, NØGLEBASE):
        for url in (f"sqlite:///{tmp_path / f'{HEMMELIG}.db'}", f"sqlite:///{tmp_path / HEMMELIG / 'x.db'}", "sqlite:"):
            monkeypatch.setenv(navn, url)
            for verb in (*VERBER, tag):
                code, out, err = kald(*verb)
                assert (code, out, err.count("\n")) == (2, "", 1), (verb, err)
                assert navn in err
                assert HEMMELIG not in err
                assert [p for p in sorted(tmp_path.rglob("*")) if p not in before] == [], verb
        monkeypatch.delenv(navn)


@SQLITE
def test_a_key_store_that_is_another_file_or_empty_is_refused(settings: Settings, tmp_path: Path) -> None:
    for text in ("", "noget andet, der er langt nok til at være en fil"):
        (tmp_path / "anden.db").write_text(text)
        wrong = Settings.from_environment({NØGLEBASE: f"sqlite:///{tmp_path / 'anden.db'}"}, settings.instance)
        for act in (open_instance, upgrade_existing):
            with pytest.raises(StartFejl):
                act(wrong)
        assert "personnøgle" not in (tmp_path / "anden.db").read_bytes().decode("latin-1")


@SQLITE
def test_a_server_that_does_not_answer_or_takes_no_such_password_is_said_in_one_sentence(
    kald: Kald, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in (
        f"postgresql://u:{HEMMELIG}@127.0.0.1:1/d",
        f"postgresql://u:{HEMMELIG}@127.0.0.1:1/d?{HEMMELIG}=x",
        f"postgresql://u:{HEMMELIG}@{HEMMELIG}.invalid/d",
    ):
        for navn in (DATABASE, NØGLEBASE):
            monkeypatch.setenv(navn, url)
            for verb in (("plan", "liste"), ("database", "opgrader"), ("nøgle", "status")):
                code, out, err = kald(*verb)
                assert (code, out, err.count("\n"), HEMMELIG in err) == (2, "", 1, False), (verb, err)
            monkeypatch.delenv(navn)
        code, _out, err = kald("backup", "øvelse", "--database-url", url)
        assert (code, err.count("\n"), HEMMELIG in err) == (2, 1, False)


@SQLITE
def test_a_key_store_without_its_table_is_not_given_one(postgresql: str, settings: Settings) -> None:
    """The superuser's own database, where nothing of ours is."""
    url = som(postgresql, "ejer", "postgres")
    wrong = Settings.from_environment({NØGLEBASE: url}, settings.instance)
    with pytest.raises(StartFejl, match="ingen nøgler"):
        open_instance(wrong)
    engine = make_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT to_regclass('personnøgle')").scalar() is None
    engine.dispose()
