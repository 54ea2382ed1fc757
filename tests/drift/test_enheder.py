"""systemd's units, made from the settings: hardened alike, each with the addresses of its own services and no other."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from rådgivning.drift import enheder
from rådgivning.drift.kommandoer import build_parser, main
from rådgivning.drift.parser import KommandoFejl
from rådgivning.settings import Settings

MILJØ = {
    "RAADGIVNING_SMTP_HOST": "10.20.0.25",
    "RAADGIVNING_SMTP_AFSENDER": "a@bolig.example",
    "RAADGIVNING_ADRESSE": "https://192.0.2.10",
    "RAADGIVNING_SPOR_MODTAGER": "tls://192.0.2.14",
    "RAADGIVNING_CLAMAV": "192.0.2.31:3310",
    "RAADGIVNING_DATABASE_URL": "postgresql://u@192.0.2.54/d?sslmode=verify-full",
    "RAADGIVNING_BACKUP_MAPPE": "/backup/data",
}


def _allowed(text: str) -> set[str]:
    return set(" ".join(re.findall(r"(?m)^IPAddressAllow=(.*)$", text)).split())


def _made(miljø: dict[str, str], tillad: Sequence[str] = ()) -> dict[str, str]:
    settings = Settings.from_environment(miljø, Path("/var/lib/raadgivning/data"))
    return dict(enheder.enheder(settings, "/srv/raadgivning/kør", "raadgivning", "/etc/raadgivning.env", tillad))


def test_each_unit_reaches_its_own_services_and_no_other() -> None:
    made = _made(MILJØ)
    assert {
        name: _allowed(text) - {"localhost", "192.0.2.54"} for name, text in made.items() if ".service" in name
    } == {
        "raadgivning.service": {"192.0.2.31"},
        "raadgivning-nat.service": set(),
        "raadgivning-backup.service": set(),
        "raadgivning-tjek.service": {"192.0.2.10", "192.0.2.31"},
        "raadgivning-post.service": {"10.20.0.25"},
        "raadgivning-spor.service": {"192.0.2.14"},
    }
    for name, text in made.items():
        if name.endswith(".service"):
            assert "\nIPAddressDeny=any\n" in text
            assert enheder.HÆRDNING in text
            assert "192.0.2.54" in _allowed(text)
    assert "ReadWritePaths=/var/lib/raadgivning/data /backup/data\n" in made["raadgivning-backup.service"]
    assert "backup øvelse" not in made["raadgivning-backup.service"]  # it would need an empty database
    assert "backup øvelse" in _made({})["raadgivning-backup.service"]
    assert sorted(name for name in made if name.endswith(".timer")) == [
        "raadgivning-backup.timer", "raadgivning-nat.timer", "raadgivning-tjek.timer",
    ]  # fmt: skip
    assert sorted(_made({})) == sorted(name for name in made if "post" not in name and "spor" not in name)


def test_names_are_looked_up_and_need_a_name_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("search x\nnameserver 127.0.0.53\nnameserver 192.0.2.53\n", encoding="utf-8")
    monkeypatch.setattr(enheder, "RESOLV_CONF", resolv)
    named = _made({**MILJØ, "RAADGIVNING_SMTP_HOST": "localhost"}, ["203.0.113.0/24"])
    assert {"127.0.0.1", "192.0.2.53", "203.0.113.0/24"} <= _allowed(named["raadgivning-post.service"])
    assert "203.0.113.0/24" not in _allowed(named["raadgivning-backup.service"])
    with pytest.raises(KommandoFejl, match=r"findes\.invalid kan ikke slås op"):
        _made({**MILJØ, "RAADGIVNING_SMTP_HOST": "findes.invalid"})


def test_every_verb_of_a_unit_is_one_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in MILJØ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RAADGIVNING_INSTANCE", "/var/lib/raadgivning/data")
    program = shutil.which("true") or "/bin/true"
    assert main(["drift", "opsætning", "systemd", "--ud", str(tmp_path), "--program", program]) == 0
    files = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert all(file.is_file() for file in files)
    parser = build_parser()
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert re.findall(r"(?m)^LoadCredential=([a-z.]+):/", text) == re.findall(r"(?m)^LoadCredential=([^:]+):", text)
    assert "raadgivning.noegle" in text
    for verb in re.findall(r"(?m)^ExecStart=\S+ (.*)$", text):
        parser.parse_args(verb.split())
    assert main(["drift", "opsætning", "systemd", "--ud", str(tmp_path / "findes-ikke")]) == 2
    assert main(["drift", "opsætning", "systemd", "--ud", str(tmp_path), "--tillad", "10.0.0.1/8"]) == 2
