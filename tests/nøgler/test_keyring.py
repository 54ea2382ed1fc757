"""The keyring: its file, its sources, and the refusal to start with a wrong key."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session, select

from rådgivning.database import make_engine
from rådgivning.drift.instance import StartFejl, create_instance, open_instance
from rådgivning.nøgler.errors import KeyMissing, KeyWrong
from rådgivning.nøgler.keyring import Keyring, new_keyring, parse_keyring
from rådgivning.nøgler.models import Nøglekontrol
from rådgivning.nøgler.sources import read_keyring, write_new
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor


def test_a_keyring_survives_its_file(tmp_path: Path) -> None:
    keyring = Keyring({1: os.urandom(32), 2: os.urandom(32)}, 2)
    path = tmp_path / "nøgle" / "ring"
    write_new(path, keyring.to_text())
    assert path.stat().st_mode & 0o777 == 0o400
    assert read_keyring(path, tmp_path / "data") == keyring
    assert keyring.anchor == 1


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    write_new(tmp_path / "ring", new_keyring().to_text())
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "ring", new_keyring().to_text())


def test_no_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="ingen nøglefil"):
        read_keyring(tmp_path / "ring", tmp_path / "data")


def test_a_file_inside_the_data_folder_is_refused(tmp_path: Path) -> None:
    write_new(tmp_path / "data" / "ring", new_keyring().to_text())
    with pytest.raises(KeyWrong, match="datamappen"):
        read_keyring(tmp_path / "data" / "ring", tmp_path / "data")


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write_new(tmp_path / "ring", new_keyring().to_text())
    for mode in (0o440, 0o404, 0o600, 0o500, 0o4400):
        (tmp_path / "ring").chmod(mode)
        with pytest.raises(KeyWrong, match="chmod 0400"):
            read_keyring(tmp_path / "ring", tmp_path / "data")
    (tmp_path / "ring").chmod(0o440)
    root = (tmp_path / "ring").stat().st_uid == 0
    if root:  # as systemd's tmpfs shows a credential
        assert read_keyring(tmp_path / "ring", tmp_path / "data", fra_systemd=True)


def test_a_folder_or_bytes_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "bytes").chmod(0o400)
    for name in ("folder", "bytes"):
        with pytest.raises(KeyWrong, match="kan ikke læses"):
            read_keyring(tmp_path / name, tmp_path / "data")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"format": 1, "primær": 1, "nøgler": {"1": "kort"}}',
        '{"format": 1, "primær": 1, "nøgler": {"1": "AAAA"}}',
        '{"format": 2, "primær": 1, "nøgler": {"1": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}',
        '{"format": 1, "primær": 2, "nøgler": {"1": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}',
        '{"format": 1, "primær": "x", "nøgler": {"1": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}',
        '{"format": 1, "primær": 1, "nøgler": ["AAAA"]}',
    ],
)
def test_what_is_not_a_keyring_is_refused(text: str) -> None:
    with pytest.raises(KeyWrong, match="ikke en nøglering"):
        parse_keyring(text, "filen")


def test_verify_tells_missing_from_wrong() -> None:
    keyring = new_keyring()
    keyring.verify([(1, keyring.check_values()[1])])
    with pytest.raises(KeyMissing, match=r"nøgle nr\. 2"):
        keyring.verify([(2, b"12345678")])
    with pytest.raises(KeyWrong, match=r"Nøgle nr\. 1"):
        keyring.verify([(1, b"12345678")])


def _counts(settings: Settings) -> tuple[int, int]:
    engine = make_engine(settings.database_url)
    with Session(engine) as session:
        counts = len(session.exec(select(Spor)).all()), len(session.exec(select(Nøglekontrol)).all())
    engine.dispose()
    return counts


def test_no_key_or_a_wrong_key_stops_the_start_before_anything_is_written(settings: Settings) -> None:
    before = _counts(settings)
    right = settings.key_file.read_text(encoding="utf-8")
    settings.key_file.unlink()
    with pytest.raises(StartFejl, match="ingen nøglefil"):
        open_instance(settings)
    write_new(settings.key_file, new_keyring().to_text())
    with pytest.raises(StartFejl, match="ikke den, databasen er skrevet med"):
        open_instance(settings)
    assert _counts(settings) == before
    settings.key_file.chmod(0o600)
    settings.key_file.write_text(right, encoding="utf-8")
    settings.key_file.chmod(0o400)
    open_instance(settings).close()


def test_an_instance_is_not_made_over_another(settings: Settings) -> None:
    with pytest.raises(StartFejl, match="allerede en nøglefil"):
        create_instance(settings)


def test_no_database_says_how_to_make_one(tmp_path: Path) -> None:
    settings = Settings.from_environment({}, tmp_path / "tom")
    with pytest.raises(StartFejl, match="raadgivning opret"):
        open_instance(settings)


def test_an_unreachable_database_is_named_as_such(settings: Settings) -> None:
    with pytest.raises(StartFejl, match="svarer ikke"):
        open_instance(replace(settings, database_url="postgresql://ingen@127.0.0.1:1/ingen"))
