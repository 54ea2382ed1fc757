"""The trail leaves the machine in order and without loss, and what left finds a trail that was rewritten here."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import now
from rådgivning.drift.kommandoer import main
from rådgivning.drift.spor import _round
from rådgivning.drift.spor_modtager import læs_modtager
from rådgivning.drift.tjek_drift import tjek_kørende
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor import stream
from rådgivning.spor.chain import entry_mac, head_seal
from rådgivning.spor.models import Handling, Spor, SporHoved
from rådgivning.spor.retention import slet_gamle
from rådgivning.spor.trail import Aktør, skriv
from tests.conftest import Personale
from tests.drift.certificates import Udsteder
from tests.drift.server import ROOT, environment
from tests.limit import vent_på


class Modtager:
    """A syslog receiver: reads to the end of each connection. `tab`: resets so many connections before it has read."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.linjer: list[str] = []
        self.tab = 0
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            connection.settimeout(60)
            with connection:
                if self.tab:
                    self.tab -= 1
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    connection.recv(10)
                    continue
                with contextlib.suppress(OSError):
                    self._read(connection)

    def _read(self, connection: socket.socket) -> None:
        data, source = b"", connection
        if self._tls is not None:
            source = self._tls.wrap_socket(connection, server_side=True)
        with source:
            while part := source.recv(65536):
                data += part
            while data:  # all of it before we end: the sender waits for that
                length, _blank, rest = data.partition(b" ")
                self.linjer.append(rest[: int(length)].decode("ascii"))
                data = rest[int(length) :]
            if isinstance(source, ssl.SSLSocket):
                source.unwrap().close()

    def stop(self) -> None:
        """Listen no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        vent_på([self._thread])

    @property
    def poster(self) -> list[tuple[str, int]]:
        """Chain and number of each line."""
        return [(kæde, nr) for kæde, nr, _mac in stream.læs_strøm(self.linjer)]


@contextlib.contextmanager
def modtager(tls: ssl.SSLContext | None = None) -> Iterator[Modtager]:
    """A receiver for one test."""
    running = Modtager(tls)
    try:
        yield running
    finally:
        running.stop()


def write(kontekst: Nøglekontekst, personale: Personale, antal: int) -> None:
    """Entries in the helhedsplan's chain."""
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        for _ in range(antal):
            skriv(session, Handling.ÅBNET, "beboer", [personale.brugere[Rolle.LEDER].id], anledning="vis")
            session.commit()


def in_the_trail(kontekst: Nøglekontekst) -> list[tuple[str, int]]:
    """Every entry, chain by chain, in order."""
    with Session(kontekst.engine) as session:
        return [(k, nr) for k, nr in session.exec(select(Spor.kæde, Spor.nr).order_by(Spor.kæde, col(Spor.nr))).all()]


@pytest.fixture
def miljø(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The verbs work on this test's instance."""
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    monkeypatch.setattr(stream, "AD_GANGEN", 7)
    return settings


def test_every_entry_arrives_once_and_in_order_over_tls_and_says_nothing_personal(
    miljø: Settings, kontekst: Nøglekontekst, personale: Personale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    udsteder = Udsteder(tmp_path)
    par = udsteder.udsted("127.0.0.1")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(par.certifikat, par.nøgle)
    write(kontekst, personale, 40)
    with modtager(tls) as log:
        monkeypatch.setenv("RAADGIVNING_SPOR_MODTAGER", f"tls://127.0.0.1:{log.port}")
        assert main(["spor", "send"]) == 1  # a certificate nobody vouches for gets nothing
        assert log.poster == []
        monkeypatch.setenv("SSL_CERT_FILE", str(udsteder.pem))
        assert main(["spor", "send"]) == 0
        assert log.poster == in_the_trail(kontekst)
        write(kontekst, personale, 3)
        assert main(["spor", "send"]) == 0
        assert main(["spor", "send"]) == 0
        assert sorted(log.poster) == in_the_trail(kontekst)
        assert [nr for _kæde, nr in log.poster[-3:]] == [41, 42, 43]
    line = log.linjer[-1]
    assert line.startswith("<110>1 2026-11-20T09:00:00.000000Z - raadgivning - spor - {")
    told = json.loads(line.partition(" - spor - ")[2])
    assert told["handling"] == "åbnet"
    assert (told["raekker"], told["beboere"]) == (1, 0)
    assert str(personale.brugere[Rolle.LEDER].id) not in line
    assert "poster sendt" in capsys.readouterr().err


def test_nothing_is_lost_when_the_receiver_is_down_or_resets_the_connection(
    miljø: Settings, kontekst: Nøglekontekst, personale: Personale, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write(kontekst, personale, 20)
    with modtager() as gone:
        port = gone.port
    monkeypatch.setenv("RAADGIVNING_SPOR_MODTAGER", f"tcp://127.0.0.1:{port}")
    assert main(["spor", "send"]) == 1
    assert "Posterne er ikke tabt" in capsys.readouterr().err
    with modtager() as log:
        monkeypatch.setenv("RAADGIVNING_SPOR_MODTAGER", f"tcp://127.0.0.1:{log.port}")
        log.tab = 2
        assert [main(["spor", "send"]) for _ in range(3)] == [1, 1, 0]
        assert log.poster == in_the_trail(kontekst)


def test_a_sender_that_is_killed_goes_on_where_it_stopped_while_others_write(
    miljø: Settings, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with modtager() as log:
        env = environment(miljø.instance, RAADGIVNING_SPOR_MODTAGER=f"tcp://127.0.0.1:{log.port}")
        command = [sys.executable, "-m", "rådgivning.drift", "spor", "send", "--hvert", "1"]
        for sig in (signal.SIGKILL, signal.SIGTERM):
            sender = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
            seen, end = len(log.linjer), time.monotonic() + 90
            while len(log.linjer) == seen and time.monotonic() < end:
                write(kontekst, personale, 1)
                time.sleep(0.05)
            sender.send_signal(sig)
            assert sender.wait(60) == (0 if sig == signal.SIGTERM else -signal.SIGKILL)
        write(kontekst, personale, 2)
        assert subprocess.run(command[:-2], cwd=ROOT, env=env, check=False, timeout=120).returncode == 0
        unique = list(dict.fromkeys(log.poster))
        assert sorted(unique) == in_the_trail(kontekst)
        for kæde in {kæde for kæde, _nr in unique}:
            numbers = [nr for other, nr in unique if other == kæde]
            assert numbers == sorted(numbers)


def test_a_trail_rewritten_with_the_key_is_found_by_the_lines_that_left(
    miljø: Settings, kontekst: Nøglekontekst, personale: Personale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write(kontekst, personale, 12)
    kept = tmp_path / "strøm.log"
    monkeypatch.setenv("RAADGIVNING_SPOR_MODTAGER", "journal")
    assert main(["spor", "send"]) == 0
    lines = capsys.readouterr().out.splitlines()
    kept.write_text("\n".join(f"Nov 20 10:00:00 vært raadgivning[7]: {line}" for line in lines), encoding="utf-8")
    assert main(["spor", "tjek", "--strøm", str(kept)]) == 0
    assert "det samme som i den gemte strøm" in capsys.readouterr().out
    lost = tmp_path / "hul.log"
    plan = str(personale.helhedsplan.id)
    lost.write_text("\n".join(line for line in lines if f'"{plan}", "nr": 5,' not in line), encoding="utf-8")
    assert main(["spor", "tjek", "--strøm", str(lost)]) == 1
    assert "Post 5 til 5 mangler i strømmen" in capsys.readouterr().out
    lost.write_text(f"{lost.read_text(encoding='utf-8')}\n" + "\n".join(lines), encoding="utf-8")  # sent again
    assert main(["spor", "tjek", "--strøm", str(lost)]) == 0
    assert main(["spor", "tjek", "--strøm", str(miljø.instance / "raadgivning.db")]) == 2
    with kontekst.session(Aktør()) as session:  # what goes by the time limit has not been cut off
        assert slet_gamle(session, personale.helhedsplan.id, før=now() + timedelta(days=1), højst=2) == 2
        session.commit()
    assert main(["spor", "tjek", "--strøm", str(kept)]) == 0
    _rewrite(kontekst, plan, 4)
    capsys.readouterr()
    checked = in_the_trail(kontekst)
    assert main(["spor", "tjek"]) == 0  # in itself it holds: the host's administrator has the key
    assert main(["spor", "tjek", "--strøm", str(kept)]) == 1
    assert f"BRUD i kæden {plan} ved post 4: Post 4 er en anden end den, der blev sendt" in capsys.readouterr().out
    assert len(in_the_trail(kontekst)) == len(checked) + 1  # a clean check is an entry, a broken trail left alone
    _rewrite(kontekst, plan, 4, last=9)
    assert main(["spor", "tjek", "--strøm", str(kept)]) == 1


def _rewrite(kontekst: Nøglekontekst, kæde: str, fra: int, last: int = 0) -> None:
    """What somebody with the audit key and the database can do: another word in an entry, and every mac after it; or
    everything after `last` cut off."""
    with kontekst.session(Aktør()) as session:
        key: bytes = session.info["audit_key"]
        head = session.get_one(SporHoved, kæde)
        mac = session.exec(select(Spor.mac).where(Spor.kæde == kæde, Spor.nr == fra - 1)).one()
        for entry in session.exec(select(Spor).where(Spor.kæde == kæde, Spor.nr >= fra).order_by(col(Spor.nr))).all():
            if last and entry.nr > last:
                session.delete(entry)
                continue
            entry.anledning = "noget andet" if entry.nr == fra else entry.anledning
            entry.mac = mac = entry_mac(key, mac, entry)
            head.nr, head.mac = entry.nr, mac
        head.segl = head_seal(key, head)
        session.exec(update(SporHoved).where(col(SporHoved.kæde) == kæde).values(segl=head.segl))
        session.commit()


@pytest.mark.parametrize("databasetype", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.usefixtures("som_ejer")
def test_a_chain_whose_entries_are_gone_is_told_of_and_keeps_no_other_waiting(
    settings: Settings, kontekst: Nøglekontekst, personale: Personale, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write(kontekst, personale, 12)
    plan = str(personale.helhedsplan.id)
    mine = replace(settings, environ={"RAADGIVNING_SPOR_MODTAGER": "journal"})
    modtager = læs_modtager(mine)
    assert modtager is not None
    with kontekst.session(Aktør()) as session:
        skriv(session, Handling.SYSTEM, "spor", anledning="prøve")
        session.commit()
        session.exec(delete(Spor).where(col(Spor.kæde) == plan))
        session.commit()
    assert not _round(kontekst, modtager, threading.Event())
    told = capsys.readouterr()
    assert [kæde for kæde, _nr in in_the_trail(kontekst)] == [k for k, *_ in stream.læs_strøm(told.out.splitlines())]
    assert f"Kæden {plan} mangler poster" in told.err
    late = now() + timedelta(hours=2)
    monkeypatch.setattr(database.clock, "read", lambda: late)
    found = [one.linje for one in tjek_kørende(mine, kontekst)]
    assert [line for line in found if "spor ud af huset" in line and line.startswith("FEJL") and "spor tjek" in line]


def test_a_receiver_is_encrypted_or_on_this_machine(settings: Settings) -> None:
    for value in (
        "tcp://log.example.dk",
        "udp://log.example.dk",
        "tls://",
        "tls://h:x",
        "log.example.dk",
        "tls://h/sti",
    ):
        environ = {"RAADGIVNING_SPOR_MODTAGER": value}
        with pytest.raises(SettingsFejl, match="RAADGIVNING_SPOR_MODTAGER"):
            læs_modtager(Settings.from_environment(environ, settings.instance))
    found = læs_modtager(
        Settings.from_environment({"RAADGIVNING_SPOR_MODTAGER": "tls://Log.example.dk"}, settings.instance)
    )
    assert found is not None
    assert found.udgang.steder == {("log.example.dk", 6514)}


def test_without_a_receiver_the_verb_says_what_to_set(miljø: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spor", "send"]) == 2
    assert "Sæt RAADGIVNING_SPOR_MODTAGER" in capsys.readouterr().err
