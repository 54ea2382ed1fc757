"""Every verb and every unit gets at a key file that is locked with a passphrase."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

import pytest
from pyrage import x25519

from rådgivning.drift import enheder
from rådgivning.drift.demo import KODEORD_FIL
from rådgivning.nøgler import passphrase
from rådgivning.nøgler.passphrase import lock
from rådgivning.nøgler.sources import SÆTNING as LEGITIMATION
from rådgivning.nøgler.sources import replace_text
from rådgivning.settings import Settings
from tests.conftest import ISHØJ
from tests.drift.test_commands import HEADINGS, VERBS, Kald, kald

__all__ = ["kald"]
SÆTNING = "fire opdigtede ord her"
INGEN = str(uuid.UUID(int=0))
ARGUMENTER = {
    "demo": ["--kun-data"],
    "import kontakter": ["ark.csv"],
    "import restancer": ["ark.csv"],
    "plan indlæs": [str(ISHØJ)],
    "plan eksport": ["ishøj-2025"],
    "bruger opret": ["xenia", "--navn", "Xenia Opdigtet", "--rolle", "leder"],
    "bruger spær": ["xenia"],
    "bruger nulstil-to-trin": ["xenia"],
    "statistik udgiv": ["--periode", "2026"],
    "databeskyttelse indsigt": [INGEN, "--ud", "i.zip"],
    "databeskyttelse slet": [INGEN],
    "databeskyttelse dokumenter": ["--ud", "mappe"],
    "start": ["--udvikling"],
}
EFTER = "backup gendan"  # reads the whole archive first; its passphrase is that of the other verbs
LUKKET = {"opret", "database opgrader", "nøgle gendan", "backup nøgle", "backup tag", "statistik angrib",
          "drift opsætning nginx", "drift opsætning systemd"}  # fmt: skip


@pytest.fixture
def låst(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The instance's key file, locked; what verbs write goes to a folder of the test's."""
    monkeypatch.setattr(passphrase, "_KIB", 1024)
    monkeypatch.setenv("RAADGIVNING_KEY_FILE", str(settings.key_file))
    for name, value in {"HOST": "127.0.0.1", "AFSENDER": "a@bolig.example"}.items():
        monkeypatch.setenv(f"RAADGIVNING_SMTP_{name}", value)
    monkeypatch.setenv("RAADGIVNING_ADRESSE", "https://sager.example.dk")
    monkeypatch.setenv("RAADGIVNING_SPOR_MODTAGER", "tls://127.0.0.1:1")
    (settings.instance / KODEORD_FIL).touch()  # so that the demo takes this instance for its own
    replace_text(settings.key_file, lock(settings.key_file.read_text(encoding="utf-8"), SÆTNING))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAADGIVNING_BACKUP_MODTAGER", str(x25519.Identity.generate().to_public()))
    (tmp_path / "ark.csv").write_text(f"{HEADINGS}\nx\n", encoding="utf-8")
    return settings


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_every_verb_that_opens_an_instance_takes_the_passphrase(
    låst: Settings, kald: Kald, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {" ".join(path) for path, parser in VERBS.items() if not _has_option(parser)} == LUKKET
    wrong = {}
    for path in VERBS:
        name = " ".join(path)
        if name in {*LUKKET, EFTER}:
            continue
        for typed, option, said in (
            ("", [], "låst med en adgangssætning"),
            ("en anden sætning\n", ["--sætning-fra-stdin"], "Adgangssætningen passer ikke"),
        ):
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
            code, out, err = kald(*path, *ARGUMENTER.get(name, []), *option)
            if code != 2 or said not in out + err:
                wrong[name] = out + err
    assert wrong == {}
    for verb in (["database", "opgrader"], ["backup", "tag", "--til", "d", "--nøgler-til", "n"]):
        assert kald(*verb)[0] == 0, f"{verb} needs no key"


def _has_option(parser: object) -> bool:
    return "--sætning-fra-stdin" in parser.format_help()  # type: ignore[attr-defined]


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
@pytest.mark.parametrize("hvordan", ["stdin", "terminal", "systemd"])
def test_the_nights_verbs_run_with_a_locked_key_file(
    låst: Settings, kald: Kald, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hvordan: str
) -> None:
    stdin = io.StringIO(f"{SÆTNING}\n" if hvordan == "stdin" else "")
    stdin.isatty = lambda: hvordan == "terminal"  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", stdin)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: SÆTNING)  # a terminal cannot be piped
    if hvordan == "systemd":
        (tmp_path / LEGITIMATION).write_text(f"{SÆTNING}\n", encoding="utf-8")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    option = ["--sætning-fra-stdin"] if hvordan == "stdin" else []
    for verb in (("databeskyttelse", "slet-udløbne"), ("spor", "tjek"), ("bruger", "liste"), ("nøgle", "tjek")):
        stdin.seek(0)
        code, out, err = kald(*verb, *option)
        assert code == 0, f"{verb}: {out}{err}"


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_units_of_a_locked_key_file_are_given_its_passphrase(
    låst: Settings, kald: Kald, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f"LoadCredentialEncrypted={LEGITIMATION}:{enheder.SÆTNING_FIL}"
    monkeypatch.setenv("RAADGIVNING_ADRESSE", "https://192.0.2.10")
    code, out, err = kald("drift", "opsætning", "systemd", "--ud", str(tmp_path))
    assert (code, enheder.SÆTNING_FIL in err) == (0, True)
    units = [Path(name).read_text(encoding="utf-8") for name in out.split() if name.endswith(".service")]
    assert len(units) == 6
    assert all(line in unit.splitlines() for unit in units)
    monkeypatch.setenv("RAADGIVNING_KEY_FILE", str(tmp_path / "kan-ikke-ses"))
    monkeypatch.setattr("rådgivning.drift.opsætning.NØGLE_FIL", str(låst.key_file))
    kald("drift", "opsætning", "systemd", "--ud", str(tmp_path))
    assert line in (tmp_path / "raadgivning-nat.service").read_text(encoding="utf-8"), "the file that the units read"
    monkeypatch.setattr("rådgivning.drift.opsætning.NØGLE_FIL", str(tmp_path / "heller-ikke"))
    for option, expected in (([], False), (["--låst"], True)):
        kald("drift", "opsætning", "systemd", "--ud", str(tmp_path), *option)
        assert (line in (tmp_path / "raadgivning-nat.service").read_text(encoding="utf-8")) is expected
