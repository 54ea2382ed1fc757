"""Where the keyring comes from, in which order, and a file locked with a passphrase."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rådgivning.nøgler import passphrase
from rådgivning.nøgler.errors import KeyMissing, KeyWrong
from rådgivning.nøgler.keyring import Keyring, new_keyring
from rådgivning.nøgler.passphrase import is_locked, lock, unlock
from rådgivning.nøgler.sources import find_source, read_keyring, replace_text, write_new
from rådgivning.settings import Settings

SÆTNING = "fire opdigtede ord her"


@pytest.fixture
def credential(tmp_path: Path) -> tuple[Path, Keyring]:
    """A systemd credential with a keyring of its own."""
    ring = new_keyring()
    write_new(tmp_path / "credentials" / "raadgivning.noegle", ring.to_text())
    return tmp_path / "credentials", ring


def at(tmp_path: Path, **environ: str) -> Settings:
    """Settings of an instance in a folder of its own."""
    return Settings.from_environment(environ, tmp_path / "data")


def test_the_first_source_that_is_there_is_used(tmp_path: Path, credential: tuple[Path, Keyring]) -> None:
    folder, from_systemd = credential
    own, printed, given = new_keyring(), new_keyring(), new_keyring()
    answer = tmp_path / "svar.json"
    answer.write_text(printed.to_text(), encoding="utf-8")
    command = {"RAADGIVNING_KEY_COMMAND": f"{sys.executable} -c \"print(open('{answer}').read())\""}
    everything = {"CREDENTIALS_DIRECTORY": str(folder), "RAADGIVNING_KEY": given.to_text(), **command}
    settings = replace(at(tmp_path, **everything), development=True)
    write_new(settings.key_file, own.to_text())
    assert find_source(settings).læs() == from_systemd
    assert not find_source(settings).skrivbar
    without = {name: value for name, value in everything.items() if name != "CREDENTIALS_DIRECTORY"}
    assert find_source(at(tmp_path, **without)).læs() == own
    settings.key_file.unlink()
    assert find_source(at(tmp_path, **without)).læs() == printed
    del without["RAADGIVNING_KEY_COMMAND"]
    assert find_source(replace(at(tmp_path, **without), development=True)).læs() == given
    with pytest.raises(KeyWrong, match="kun med --udvikling"):
        find_source(at(tmp_path, **without)).læs()
    with pytest.raises(KeyMissing, match="ingen nøglefil"):
        find_source(at(tmp_path)).læs()


@pytest.mark.parametrize("command", ["false", "/findes/ikke", '"', "echo {}"])
def test_a_command_without_a_keyring_is_named(tmp_path: Path, command: str) -> None:
    with pytest.raises((KeyMissing, KeyWrong), match="RAADGIVNING_KEY_COMMAND"):
        find_source(at(tmp_path, RAADGIVNING_KEY_COMMAND=command)).læs()


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_new(tmp_path / "ring", new_keyring().to_text())
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    owner = (tmp_path / "ring").stat().st_uid
    if owner == 0:
        assert read_keyring(tmp_path / "ring", tmp_path / "data")  # root's own, as systemd leaves it
    else:
        with pytest.raises(KeyWrong, match="chown"):
            read_keyring(tmp_path / "ring", tmp_path / "data")


def test_a_locked_file_opens_with_its_passphrase_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase, "_KIB", 1024)
    ring = new_keyring()
    write_new(tmp_path / "ring", ring.to_text())
    replace_text(tmp_path / "ring", lock(ring.to_text(), SÆTNING))
    text = (tmp_path / "ring").read_text(encoding="utf-8")
    assert is_locked(text)
    assert not is_locked(ring.to_text())
    assert (tmp_path / "ring").stat().st_mode & 0o777 == 0o400
    assert [path.name for path in tmp_path.iterdir()] == ["ring"]
    assert read_keyring(tmp_path / "ring", tmp_path / "data", SÆTNING) == ring
    with pytest.raises(KeyMissing, match="låst"):
        read_keyring(tmp_path / "ring", tmp_path / "data")
    with pytest.raises(KeyWrong, match="passer ikke"):
        read_keyring(tmp_path / "ring", tmp_path / "data", SÆTNING + "!")


def test_nothing_of_a_locked_file_can_be_changed_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase, "_KIB", 1024)
    locked = json.loads(lock("indhold", SÆTNING))
    for change in (
        {"argon2id": {**locked["argon2id"], "kib": 512}},
        {"argon2id": {**locked["argon2id"], "runder": 10**9}},
        {"argon2id": {**locked["argon2id"], "salt": "AAAAAAAAAAAAAAAAAAAAAA=="}},
        {"argon2id": None},
        {"nonce": "AAAAAAAAAAAAAAAA"},
        {"låst": locked["låst"][:-4] + "AAA="},
        {"låst": 7},
        {"ekstra": 1},
    ):
        with pytest.raises(KeyWrong, match="passer ikke"):
            unlock(json.dumps({**locked, **change}), SÆTNING, "filen")


def test_a_file_locked_by_an_earlier_version_still_opens() -> None:
    """A frozen vector of format 2; the cost stands in the file, so that it may rise later."""
    assert unlock(FROZEN, SÆTNING, "filen") == "indhold"


FROZEN = """{
 "format": 2,
 "argon2id": {
  "salt": "AAECAwQFBgcICQoLDA0ODw==",
  "runder": 3,
  "kib": 1024,
  "spor": 4
 },
 "nonce": "AAECAwQFBgcICQoL",
 "låst": "/DMpvBsx+isseECYu+BbIbYgj5pDrB4="
}"""


def test_what_a_killed_replacement_left_goes_with_the_next(tmp_path: Path) -> None:
    path = tmp_path / "data.nøgle"
    write_new(path, "gammel")
    write_new(tmp_path / ".data.nøgle.dræbt", new_keyring().to_text())
    write_new(tmp_path / ".andre.nøgle", "en anden instans")
    replace_text(path, "ny")
    assert path.read_text(encoding="utf-8") == "ny"
    assert {found.name for found in tmp_path.iterdir()} == {"data.nøgle", ".andre.nøgle"}
