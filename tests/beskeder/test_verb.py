"""`raadgivning beskeder send`, once and again and again; and the settings of mail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import col, update

from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.models import Besked
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import now
from rådgivning.drift.kommandoer import main
from rådgivning.settings import Settings, SettingsFejl
from tests.beskeder.conftest import Køen, Server, ledig_port

BR = Rolle.BEBOERRÅDGIVER
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
Kald = Callable[..., tuple[int, str, str]]


def miljø(køen: Køen, port: int) -> dict[str, str]:
    return {
        "RAADGIVNING_INSTANCE": str(køen.settings.instance),
        "RAADGIVNING_HTTPS": "0",
        "RAADGIVNING_SMTP_HOST": "127.0.0.1",
        "RAADGIVNING_SMTP_PORT": str(port),
        "RAADGIVNING_SMTP_TLS": "ingen",
        "RAADGIVNING_SMTP_AFSENDER": "beskeder@bolig.example",
        "RAADGIVNING_ADRESSE": "https://sager.bolig.example/",
    }


def tell(køen: Køen) -> None:
    køen.adresse(BR)
    with køen.session() as session:
        læg_i_kø(session, køen.personale.brugere[BR].id, Slags.NY_HENVISNING)
        session.commit()


def test_one_round_says_what_it_did_and_how_it_ended(
    køen: Køen, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call() -> tuple[int, str]:
        return main(["beskeder", "send"]), capsys.readouterr().out

    tell(køen)
    down = ledig_port()
    for name, value in miljø(køen, down).items():
        monkeypatch.setenv(name, value)
    assert call() == (1, "0 sendt, 1 udskudt, 0 opgivet\n")
    kasse, _post = server(port=down)
    with køen.session() as session:
        session.execute(update(Besked).where(col(Besked.forsøg) > 0).values(næste=now()))
        session.commit()
    assert call() == (0, "1 sendt, 0 udskudt, 0 opgivet\n")
    assert call() == (0, "0 sendt, 0 udskudt, 0 opgivet\n")
    assert [mail["Subject"] for mail in kasse.breve] == ["Der er 1 ny henvisning"]
    monkeypatch.delenv("RAADGIVNING_SMTP_HOST")
    assert main(["beskeder", "send"]) == 2
    assert "E-mail er ikke sat op. Sæt RAADGIVNING_SMTP_HOST" in capsys.readouterr().err


def test_the_loop_sends_what_comes_and_stops_when_told(køen: Køen, server: Server) -> None:
    kasse, post = server()
    with subprocess.Popen(
        [sys.executable, "-m", "rådgivning.drift", "beskeder", "send", "--hvert", "1"],
        env=os.environ | miljø(køen, post.port),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    ) as process:
        for mails in (1, 2):
            tell(køen)
            deadline = time.monotonic() + 120
            while sum("henvisning" in mail["Subject"] for mail in kasse.breve) < mails and time.monotonic() < deadline:
                time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert err == b""
    assert [mail["Subject"] for mail in kasse.breve if "henvisning" in mail["Subject"]] == [
        "Der er 1 ny henvisning"
    ] * 2
    assert b"@" not in out


@pytest.mark.parametrize(
    ("change", "besked"),
    [
        ({"RAADGIVNING_SMTP_TLS": "ssl"}, "starttls, tls eller ingen"),
        ({"RAADGIVNING_SMTP_PORT": "0"}, "RAADGIVNING_SMTP_PORT"),
        ({"RAADGIVNING_SMTP_AFSENDER": ""}, "RAADGIVNING_SMTP_AFSENDER"),
        ({"RAADGIVNING_ADRESSE": "sager.bolig.example"}, "RAADGIVNING_ADRESSE"),
        ({"RAADGIVNING_SMTP_BRUGER": "x"}, "begge to"),
        ({"RAADGIVNING_SMTP_BRUGER": "x", "RAADGIVNING_SMTP_KODEORD": "y"}, "ukrypteret"),
        ({"RAADGIVNING_SMTP_BRUGER": "x", "RAADGIVNING_SMTP_KODEORD": "å", "RAADGIVNING_SMTP_TLS": "tls"}, "æ, ø, å"),
        ({"RAADGIVNING_SMTP_KODEORD_FIL": "/findes/ikke"}, "kan ikke læses"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_one_sentence(køen: Køen, change: dict[str, str], besked: str) -> None:
    with pytest.raises(SettingsFejl, match=besked):
        Settings.from_environment(miljø(køen, 25) | change)


def test_the_password_comes_from_a_file_or_systemds_credentials_and_is_in_no_repr(køen: Køen, tmp_path: Path) -> None:
    (tmp_path / "raadgivning.smtp").write_text("Zxq-hemmelig\n", encoding="utf-8")
    (tmp_path / "raadgivning.noegle").write_text("", encoding="utf-8")
    start = miljø(køen, 587) | {"RAADGIVNING_SMTP_BRUGER": "x", "RAADGIVNING_SMTP_TLS": ""}
    for where in (
        {"RAADGIVNING_SMTP_KODEORD_FIL": str(tmp_path / "raadgivning.smtp")},
        {"CREDENTIALS_DIRECTORY": str(tmp_path)},
        {"RAADGIVNING_SMTP_KODEORD": "Zxq-hemmelig"},
    ):
        settings = Settings.from_environment(start | where)
        assert settings.post is not None
        assert (settings.post.kodeord, settings.post.tls) == ("Zxq-hemmelig", "starttls")
        assert settings.post.adresse == "https://sager.bolig.example"
        assert "Zxq-hemmelig" not in repr(settings)
    assert Settings.from_environment({}).post is None
