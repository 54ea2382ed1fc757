"""The verbs `nøgle …` as somebody types them."""

from __future__ import annotations

import io
import stat
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select as rows_of
from sqlalchemy import update
from sqlmodel import Session, select

from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.database import make_engine
from rådgivning.drift import ark
from rådgivning.drift.instance import StartFejl, open_instance
from rådgivning.drift.nøgler import with_passphrase
from rådgivning.nøgler import passphrase
from rådgivning.nøgler.envelope import wrapped_with
from rådgivning.nøgler.errors import KeyMissing
from rådgivning.nøgler.keyring import Keyring, new_keyring
from rådgivning.nøgler.keystore import KeyStore, personnøgle
from rådgivning.nøgler.models import Nøglekontrol
from rådgivning.nøgler.passphrase import is_locked
from rådgivning.nøgler.recovery import from_text, join
from rådgivning.nøgler.sources import CREDENTIAL, read_keyring, replace_text, write_new
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from tests.drift.test_commands import Kald, kald

__all__ = ["kald"]
SÆTNING = "fire opdigtede ord her"
Skriv = Callable[[str], None]


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Skriv:
    """What is piped into the next command."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_new_root_waits_until_it_is_taken_into_use(db: Session, kald: Kald) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    db.commit()
    assert kald("nøgle", "status")[0] == 0
    code, out, _err = kald("nøgle", "ny")
    assert code == 0
    assert "Nøgle 2 er lagt i" in out
    assert "nøgle 2: ny, ikke taget i brug, pakker 0" in kald("nøgle", "status")[1]
    assert kald("nøgle", "ny")[0] == 2, "one at a time"
    code, out, _err = kald("nøgle", "rotér")
    assert (code, "under nøgle 2" in out) == (0, True)
    assert "nøgle 2: primær, kendt af databasen" in kald("nøgle", "status")[1]
    assert "personnøgler åbnet" in kald("nøgle", "tjek")[1]
    assert kald("nøgle", "rotér")[1].startswith("0 pakket om"), "a second run has nothing to do"
    db.rollback()
    assert {row.kid for row in db.exec(select(Nøglekontrol)).all()} == {1, 2}
    assert [row.anledning for row in db.exec(select(Spor)).all() if row.genstand == "nøglekontrol"][-1] == "nøgle rotér"
    assert hent_beboer(db, beboer.id)[1].navn == "Testa Opdigtet"


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
@pytest.mark.parametrize("dele", [False, True])
def test_the_sheet_makes_the_key_file_again(settings: Settings, kald: Kald, stdin: Skriv, *, dele: bool) -> None:
    before = settings.key_file.read_text(encoding="utf-8")
    _code, text, err = kald("nøgle", "ark", *(["--dele"] if dele else []))
    assert ("hvert skal på sit eget papir og til sin egen person" in err) is dele
    paper = [page for page in text.split("\f") if page.strip()]
    assert len(paper) == (3 if dele else 1)
    stdin("".join(paper[-2:]))
    code, _out, err = kald("nøgle", "gendan")
    assert (code, "findes allerede" in err) == (2, True)
    settings.key_file.unlink()
    stdin("".join(paper[-2:]))
    code, out, _err = kald("nøgle", "gendan")
    assert (code, "Den passer til databasen." in out) == (0, True)
    assert settings.key_file.read_text(encoding="utf-8") == before
    settings.key_file.unlink()
    stdin("".join(ark.sheets(new_keyring(), dele=False)))
    code, _out, err = kald("nøgle", "gendan")
    assert (code, "Intet er skrevet" in err, settings.key_file.exists()) == (2, True, False)
    stdin("vrøvl")
    assert kald("nøgle", "gendan")[0] == 2


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_three_sheets_are_never_seen_together(
    settings: Settings, kald: Kald, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ark"
    code, out, _err = kald("nøgle", "ark", "--dele", "--ark", str(folder))
    files = sorted(folder.iterdir())
    assert (code, [file.name[-5] for file in files]) == (0, ["1", "2", "3"])
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o400] * 3
    assert [line for line in files[0].read_text(encoding="utf-8").splitlines()[4:7] if line in out] == []
    ring = read_keyring(settings.key_file, settings.instance)
    assert join(from_text("".join(file.read_text(encoding="utf-8") for file in files[1:]))) == ring
    before = files[0].read_bytes()
    code, _out, err = kald("nøgle", "ark", "--ark", str(folder))
    assert (code, "findes allerede" in err, files[0].read_bytes()) == (2, True, before)
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(tmp_path / "ny"))
    made = ("opret", "--bruger", "anna", "--navn", "Anna Opdigtet", "--dele")
    assert kald(*made, "--ark", str(folder))[0] == 2
    assert not (tmp_path / "ny.nøgle").exists(), "refused before anything is made"
    code, out, _err = kald(*made, "--ark", str(tmp_path / "andet"))
    assert (code, "databeskyttelse anna " in out, "Gendannelsesark, del" in out) == (0, True, False)


def test_in_a_terminal_each_sheet_is_gone_before_the_next_and_the_password_comes_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen, keys = io.StringIO(), io.StringIO("\n\n\n")
    for stream in (screen, keys):
        stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setattr("sys.stdin", keys)
    ark.hand_out(new_keyring(), dele=True, mappe=None)
    shown = screen.getvalue().split("\033[2J\033[3J\033[H")
    assert [page.count("Gendannelsesark, del") for page in shown] == [1, 1, 1, 0]
    assert keys.read() == ""


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_locked_key_file_asks_for_its_passphrase(
    settings: Settings, kald: Kald, stdin: Skriv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrase, "_KIB", 1024)
    stdin("kort\n")
    assert kald("nøgle", "lås")[0] == 2
    stdin(SÆTNING + "\n")
    assert kald("nøgle", "lås")[0] == 0
    assert is_locked(settings.key_file.read_text(encoding="utf-8"))
    stdin("")
    code, _out, err = kald("nøgle", "tjek")
    assert (code, "låst med en adgangssætning" in err) == (2, True)
    stdin(SÆTNING + "\n")
    opened = with_passphrase(settings, fra_stdin=True)
    assert SÆTNING not in repr(opened)
    open_instance(opened).close()
    monkeypatch.setattr("getpass.getpass", lambda _prompt: SÆTNING)  # a terminal cannot be piped
    terminal = io.StringIO("")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    assert kald("nøgle", "ny")[0] == 0
    assert is_locked(settings.key_file.read_text(encoding="utf-8")), "what was locked stays locked"
    assert kald("nøgle", "lås-op")[0] == 0
    assert not is_locked(settings.key_file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_keyring_from_elsewhere_is_written_to_a_file_of_its_own(
    settings: Settings, kald: Kald, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.instance.parent / "legitimation"
    folder.mkdir()
    (folder / "raadgivning.noegle").write_bytes(settings.key_file.read_bytes())
    (folder / "raadgivning.noegle").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert "legitimation fra systemd" in kald("nøgle", "status")[1]
    code, _out, err = kald("nøgle", "ny")
    assert (code, "--ud FIL" in err) == (2, True)
    new = folder.parent / "ny.nøgle"
    assert kald("nøgle", "ny", "--ud", str(new))[0] == 0
    assert kald("nøgle", "ny", "--ud", str(new))[0] == 2, "never over another file"
    replace_text(folder / "raadgivning.noegle", new.read_text(encoding="utf-8"))
    kept = (folder / "raadgivning.noegle").read_bytes()
    code, out, _err = kald("nøgle", "rotér")
    assert (code, "under nøgle 2" in out) == (0, True)
    assert (folder / "raadgivning.noegle").read_bytes() == kept, "which root wraps stands in the database"
    assert "nøgle 2: primær" in kald("nøgle", "status")[1]
    assert kald("nøgle", "lås")[0] == 2


def kid(settings: Settings, person: uuid.UUID) -> int:
    """The root that a person's key is wrapped by."""
    engine = make_engine(settings.keystore_url, immediate=False)
    with engine.connect() as connection:
        query = rows_of(personnøgle.c.indpakket).where(personnøgle.c.person_id == person)
        found = wrapped_with(connection.execute(query).scalar_one())[0]
    engine.dispose()
    return found


def test_every_host_wraps_by_the_new_root_once_it_is_in_use_whichever_copy_of_the_file_it_has(
    settings: Settings, kald: Kald, tmp_path: Path
) -> None:
    known, met, started, late = (uuid.uuid4() for _ in range(4))
    other = replace(settings, key_file=tmp_path / "b" / "ring.nøgle")
    first = open_instance(settings)
    key = first.keystore.get_or_create(known)
    first.close()
    assert kald("nøgle", "ny")[0] == 0
    write_new(other.key_file, settings.key_file.read_text(encoding="utf-8"))
    before = other.key_file.read_bytes()
    running = open_instance(other)
    assert running.keystore.get(known) == key
    running.keystore.get_or_create(late)
    assert kid(settings, late) == 1, "in the file, not in use yet"
    assert kald("nøgle", "rotér")[0] == 0
    assert (kid(settings, known), kid(settings, late)) == (2, 2)
    assert running.keystore.get(known) == key
    running.keystore.get_or_create(met)
    running.close()
    again = open_instance(other)
    again.keystore.get_or_create(started)
    again.close()
    assert (kid(settings, met), kid(settings, started)) == (2, 2)
    assert (settings.key_file.read_bytes(), other.key_file.read_bytes()) == (before, before)
    code, out, _err = kald("nøgle", "tjek")
    assert (code, "ældre nøgle" in out) == (0, False)
    old = Keyring({1: again.keyring.roots[1]}, 1)
    KeyStore(engine := make_engine(settings.keystore_url, immediate=False), old).create_many([uuid.uuid4()])
    engine.dispose()
    code, out, _err = kald("nøgle", "tjek")
    assert (code, "1 er pakket med en ældre nøgle. Kør: raadgivning nøgle rotér" in out) == (1, True)
    assert kald("nøgle", "rotér")[0] == kald("nøgle", "tjek")[0] == 0


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_credential_is_a_copy_from_the_start_so_units_are_restarted_between_the_two_steps(
    settings: Settings, kald: Kald, tmp_path: Path
) -> None:
    def unit(name: str) -> Settings:
        """What systemd gives a unit that starts now."""
        folder = tmp_path / name
        write_new(folder / CREDENTIAL, settings.key_file.read_text(encoding="utf-8"))
        return replace(settings, environ={**settings.environ, "CREDENTIALS_DIRECTORY": str(folder)})

    known, new = uuid.uuid4(), uuid.uuid4()
    forgotten = open_instance(unit("før"))
    key = forgotten.keystore.get_or_create(known)
    code, out, _err = kald("nøgle", "ny")
    assert (code, "Genstart de enheder" in out) == (0, True)
    restarted = open_instance(unit("efter"))
    assert kald("nøgle", "rotér")[0] == 0
    with pytest.raises(KeyMissing, match=r"nr\. 2"):
        forgotten.keystore.get(known)
    forgotten.close()
    with pytest.raises(StartFejl, match=r"nr\. 2"):
        open_instance(replace(settings, environ={"CREDENTIALS_DIRECTORY": str(tmp_path / "før")}))
    assert restarted.keystore.get(known) == key
    restarted.keystore.get_or_create(new)
    restarted.close()
    assert kid(settings, new) == 2
    assert kald("nøgle", "tjek")[0] == 0


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_damaged_key_ends_the_check_with_one(settings: Settings, kald: Kald) -> None:
    kontekst = open_instance(settings)
    damaged, _whole = sorted(kontekst.keystore.create_many([uuid.uuid4(), uuid.uuid4()]))
    with kontekst.keystore.engine.begin() as connection:
        connection.execute(update(personnøgle).where(personnøgle.c.person_id == damaged).values(indpakket=bytes(65)))
    kontekst.close()
    code, out, _err = kald("nøgle", "tjek")
    assert (code, "1 personnøgler kan ikke åbnes" in out) == (1, True)
    code, out, _err = kald("nøgle", "status")
    assert (code, "1 personnøgler kan ikke åbnes" in out) == (1, True)


def test_development_alone_takes_the_key_from_the_environment(settings: Settings) -> None:
    text = settings.key_file.read_text(encoding="utf-8")
    settings.key_file.unlink()
    from_environment = replace(settings, environ={**settings.environ, "RAADGIVNING_KEY": text}, development=True)
    open_instance(from_environment).close()
