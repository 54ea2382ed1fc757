"""`drift tjek` sees what is wrong with the place it runs in: real servers, files, databases and kernels' words."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import make_engine, now
from rådgivning.drift import tjek_adresse
from rådgivning.drift.fund import Fund, Niveau
from rådgivning.drift.kommandoer import main
from rådgivning.drift.tjek_adresse import Side, tjek_side
from rådgivning.drift.tjek_drift import account, connection, tjek_biblioteker, tjek_kørende
from rådgivning.drift.tjek_maskine import Maskine, clock_state, python_age, tjek_disk, tjek_filer, tjek_kerne
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv
from tests.clamd import clamd
from tests.conftest import Personale, som
from tests.drift.certificates import Par, Udsteder
from tests.drift.server import run
from tests.limit import vent_på

HSTS = b"Strict-Transport-Security: max-age=63072000\r\n"


@pytest.fixture(autouse=True)
def _real_time() -> None:
    """Certificates and files have real times."""
    database.clock.read = lambda: datetime.now(UTC)


@contextlib.contextmanager
def site(answer: Callable[[bytes], bytes], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that answers each request line; over TLS as its context says."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection = listening.accept()[0]
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.settimeout(10)
                source = tls.wrap_socket(connection, server_side=True) if tls else connection
                with source:
                    asked = source.recv(4096)
                    if asked:
                        source.sendall(answer(asked))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        vent_på([thread])


def server_context(par: Par, *, old: bool = False, new: bool = True) -> ssl.SSLContext:
    """TLS as in nginx' template, or with everything OpenSSL still can."""
    kontekst = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    kontekst.load_cert_chain(par.certifikat, par.nøgle)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        kontekst.minimum_version = ssl.TLSVersion.TLSv1 if old else ssl.TLSVersion.TLSv1_2
        kontekst.maximum_version = ssl.TLSVersion.TLSv1_3 if new else ssl.TLSVersion.TLSv1_2
    kontekst.set_ciphers("ALL:@SECLEVEL=0" if old else "ECDHE+AESGCM:ECDHE+CHACHA20")
    return kontekst


def good(asked: bytes) -> bytes:
    """As the site behind TLS answers."""
    return b"HTTP/1.1 200 OK\r\n" + HSTS + b"Content-Length: 0\r\n\r\n"


def in_clear(asked: bytes) -> bytes:
    """As the template answers without TLS."""
    if asked.startswith(b"GET / "):
        return b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\n\r\n"
    return b"HTTP/1.1 403 Forbidden\r\n\r\n"


def levels(found: Iterator[Fund]) -> dict[str, str]:
    """Each subject's level and words."""
    return {one.emne: f"{one.niveau.name} {one.besked}" for one in found}


@pytest.fixture
def udsteder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Udsteder:
    """An authority that this machine trusts."""
    made = Udsteder(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.pem))
    return made


def test_a_site_as_it_should_be_is_all_well(udsteder: Udsteder) -> None:
    tls = server_context(udsteder.udsted("127.0.0.1"))
    with site(good, tls) as port, site(in_clear) as http_port:
        found = list(tjek_side(Side("127.0.0.1", port, http_port)))
    assert [one.linje for one in found if one.niveau] == []
    assert [one.emne for one in found] == ["certifikat", "TLS", "kryptering", "HSTS", "uden TLS"]
    assert found[0].besked == "betroet af maskinens liste, til det rigtige navn, 60 dage endnu"


def test_old_versions_and_weak_suites_and_pages_in_clear_are_errors(udsteder: Udsteder) -> None:
    tls = server_context(udsteder.udsted("127.0.0.1"), old=True)
    twice = b"HTTP/1.1 200 OK\r\n" + HSTS + HSTS + b"\r\n"
    with site(lambda _a: twice, tls) as port, site(good) as http_port:
        found = levels(tjek_side(Side("127.0.0.1", port, http_port)))
    assert found["TLS"] == "FEJL Siden tager imod TLS 1.0 og 1.1. Tillad kun 1.2 og 1.3 (ssl_protocols)."
    assert found["kryptering"].startswith("FEJL Siden tager imod ")
    assert found["HSTS"].startswith("FEJL Hovedet Strict-Transport-Security står der 2 gange")
    assert found["uden TLS"].startswith("FEJL Siden svarer 200 uden kryptering")
    redirects = b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\n\r\n"
    plain = server_context(udsteder.udsted("127.0.0.1"), new=False)
    with site(lambda _a: b"HTTP/1.1 200 OK\r\n\r\n", plain) as port, site(lambda _a: redirects) as http_port:
        found = levels(tjek_side(Side("127.0.0.1", port, http_port)))
    assert found["TLS"].startswith("ADVARSEL Siden tager ikke imod TLS 1.3")
    assert found["HSTS"].startswith("FEJL Hovedet Strict-Transport-Security mangler")
    assert found["uden TLS"].startswith("FEJL POST /log-ind og GET /kalender/hent/x.ics bliver ikke afvist")


def test_certificates_that_browsers_refuse_or_that_end_soon(udsteder: Udsteder, tmp_path: Path) -> None:
    (tmp_path / "fremmed").mkdir()
    stranger = Udsteder(tmp_path / "fremmed", "Fremmed Prøveudsteder")
    cases = [
        (udsteder.udsted("127.0.0.1", dage=-1), "FEJL Certifikatet kan ikke bruges: det er udløbet"),
        (udsteder.udsted("andre.example"), "FEJL Certifikatet kan ikke bruges: det er til et andet navn"),
        (stranger.udsted("127.0.0.1"), "FEJL Certifikatet kan ikke bruges: dets udsteder er ikke offentlig"),
        (udsteder.udsted("127.0.0.1", dage=20), "ADVARSEL Certifikatet udløber om 20 dage"),
        (udsteder.udsted("127.0.0.1", dage=3), "FEJL Certifikatet udløber om 3 dage"),
    ]
    for par, wanted in cases:
        with site(good, server_context(par)) as port:
            said = tjek_adresse._certificate(Side("127.0.0.1", port))
            assert f"{said.niveau.name} {said.besked}".startswith(wanted), said
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert levels(tjek_side(Side("127.0.0.1", port)))["adresse"].startswith("FEJL 127.0.0.1 svarer ikke")


def test_files_others_can_read_or_own_are_named(settings: Settings, tmp_path: Path) -> None:
    folders = {"RAADGIVNING_BACKUP_MAPPE": tmp_path / "b", "RAADGIVNING_BACKUP_KEY_MAPPE": tmp_path / "findes ikke"}
    (tmp_path / "b").mkdir(mode=0o755)
    settings.instance.chmod(0o700)
    mine = replace(settings, environ={name: str(path) for name, path in folders.items()})
    found = levels(tjek_filer(mine))
    assert found["instansmappe"] == found["nøglefil"] == "OK kun ejeren kan læse"
    assert found["datakopier"] == f"FEJL {tmp_path / 'b'} kan læses af andre. Kør: chmod 0700 {tmp_path / 'b'}"
    assert found["nøglekopier"].startswith("FEJL")
    for mode in (0o440, 0o600):
        settings.key_file.chmod(mode)
        assert levels(tjek_filer(mine))["nøglefil"].endswith(f"Kør: chmod 0400 {settings.key_file}")
    settings.key_file.unlink()
    assert "systemd" in levels(tjek_filer(mine))["nøglefil"]
    if os.geteuid() == 0:  # only root can give a file away
        os.chown(settings.instance / "raadgivning.db", 4242, -1)
        assert levels(tjek_filer(mine))["instansmappe"].startswith("FEJL 1 filer i ")


def _machine(root: Path, files: dict[str, str]) -> Maskine:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return Maskine(root)


def test_disk_and_swap_are_followed_down_to_what_encrypts_them(settings: Settings, tmp_path: Path) -> None:
    device = settings.instance.stat().st_dev
    block = f"sys/dev/block/{os.major(device)}:{os.minor(device)}"
    head = "Filename Type Size Used Priority\n"
    assert {k: v.split()[0] for k, v in levels(tjek_disk(settings, Maskine(tmp_path / "tom"))).items()} == {
        "disk": "ADVARSEL", "swap": "ADVARSEL",
    }  # fmt: skip
    lvm = {f"{block}/dm/uuid": "LVM-x", f"{block}/slaves/dm-0": "", "sys/class/block/dm-0/dm/uuid": "CRYPT-LUKS2-x"}
    good = levels(
        tjek_disk(settings, _machine(tmp_path / "a", {**lvm, "proc/swaps": f"{head}/dev/dm-0 partition 1 0 -2\n"}))
    )
    assert good == {"disk": "OK krypteret", "swap": "OK krypteret"}
    zram = {"proc/swaps": f"{head}/dev/zram0 partition 1 0 100\n", f"{block}/size": "1"}
    found = levels(tjek_disk(settings, _machine(tmp_path / "b", zram)))
    assert found["disk"].startswith("ADVARSEL Disken er ikke krypteret herfra")
    assert found["swap"].startswith("OK")
    for area in ("/dev/sda3", "/swapfile"):
        swap = {"proc/swaps": f"{head}{area} partition 1 0 -2\n", "sys/class/block/sda3/size": "1"}
        said = levels(tjek_disk(settings, _machine(tmp_path / area.strip("/"), swap)))["swap"]
        assert said == f"FEJL {area} er ikke krypteret, og hukommelsen kan ende der. Slå den fra."
    assert levels(tjek_disk(settings, _machine(tmp_path / "c", {"proc/swaps": head})))["swap"] == "OK ingen"


def test_memory_encryption_is_told_as_active_possible_or_absent(tmp_path: Path) -> None:
    def said(name: str, files: dict[str, str]) -> str:
        return levels(tjek_kerne(_machine(tmp_path / name, files)))["krypteret hukommelse"]

    sme = "flags\t\t: fpu sme sev_es\n"
    assert said("intet", {"proc/cpuinfo": "flags\t\t: fpu vme\n"}).startswith("ADVARSEL Processoren viser ingen")
    assert said("kan", {"proc/cpuinfo": sme}).startswith(
        "ADVARSEL Processoren kan (sev_es, sme), men om det er slået til"
    )
    assert said("sme", {"proc/cpuinfo": sme, "proc/cmdline": "quiet mem_encrypt=on"}) == "OK slået til (SME)"
    assert said("snp", {"proc/cpuinfo": sme, "dev/sev-guest": ""}) == "OK slået til (sev-guest)"
    assert said("tdx", {"proc/cpuinfo": "flags : tdx_guest\n"}) == "OK slået til (TDX)"
    log = {"proc/cpuinfo": sme, "var/log/dmesg": "[1.0] Memory Encryption Features active: AMD SEV SEV-ES\n"}
    assert said("log", log) == "OK slået til (AMD SEV SEV-ES)"
    assert (
        said("tme", {"proc/cpuinfo": "flags : tme\n", "var/log/dmesg": "x86/tme: enabled by BIOS"})
        == "OK slået til (TME)"
    )


def test_core_dumps_are_looked_up_in_the_running_server(tmp_path: Path) -> None:
    def said(name: str, limit: str) -> str:
        process = {
            "proc/77/cmdline": "python\0-m\0rådgivning.drift\0start\0",
            "proc/77/limits": f"Max core file size   {limit} bytes\n",
            "proc/78/cmdline": "sh\0",
        }
        return levels(tjek_kerne(_machine(tmp_path / name, process if limit else {})))["hukommelsesdump"]

    assert said("a", "0                    0").startswith("OK")
    assert said("b", "0                    unlimited").startswith("FEJL Serveren må skrive sin hukommelse på disken")
    assert said("c", "").startswith("ADVARSEL Serverens grænse kan ikke ses herfra")


def test_clock_and_python() -> None:
    assert [clock_state(state).niveau.name for state in (0, 5, -1)] == ["OK", "FEJL", "ADVARSEL"]
    for day, level in ((date(2026, 11, 20), "OK"), (date(2027, 6, 1), "ADVARSEL"), (date(2027, 11, 1), "FEJL")):
        database.clock.read = lambda day=day: datetime(day.year, day.month, day.day, 12, tzinfo=UTC)  # type: ignore[misc]
        assert python_age((3, 11)).niveau.name == level
    assert python_age((3, 99)).niveau.name == "ADVARSEL"


def test_what_runs_at_night_and_every_week_is_missed_when_it_does_not(
    settings: Settings, kontekst: Nøglekontekst, personale: Personale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    found = levels(tjek_kørende(settings, kontekst))
    assert found["database"] == "OK SQLite på maskinen selv"
    assert [found[emne].split()[0] for emne in ("slettefrister", "spor", "datakopier", "nøglekopier")] == ["FEJL"] * 4
    assert [found[emne].split()[0] for emne in ("spor ud af huset", "virusscanner")] == ["ADVARSEL"] * 2
    made = run(settings.instance, "backup", "nøgle").stdout
    public = made.split()[1]
    env = {
        "RAADGIVNING_BACKUP_MODTAGER": public, "RAADGIVNING_BACKUP_MAPPE": str(tmp_path / "d"),
        "RAADGIVNING_BACKUP_KEY_MAPPE": str(tmp_path / "n"), "RAADGIVNING_SPOR_MODTAGER": "journal",
        "RAADGIVNING_INSTANCE": str(settings.instance), "RAADGIVNING_HTTPS": "0",
    }  # fmt: skip
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    verbs = (("databeskyttelse", "slet-udløbne"), ("backup", "tag"), ("spor", "tjek"), ("spor", "send"))
    assert [main(list(verb)) for verb in verbs] == [0, 0, 0, 0]
    with clamd(tmp_path / "c") as (_scanner, value):
        mine = replace(settings, environ={**env, "RAADGIVNING_CLAMAV": value})
        found = levels(tjek_kørende(mine, kontekst))
        assert {emne: said for emne, said in found.items() if not said.startswith("OK")} == {}
        real = time.time()
        with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
            skriv(session, Handling.ÅBNET, "beboer")
            session.commit()
        for hours, level in ((30, "ADVARSEL"), (120, "FEJL")):
            database.clock.read = lambda at=real + hours * 3600: datetime.fromtimestamp(at, UTC)  # type: ignore[misc]
            late = levels(tjek_kørende(mine, kontekst))
            assert [late[emne].split()[0] for emne in ("slettefrister", "spor", "datakopier", "nøglekopier")] == [
                level
            ] * 4
            assert late["spor ud af huset"].startswith("FEJL Poster har ventet i over en time")
    assert levels(tjek_kørende(mine, kontekst))["virusscanner"].startswith("FEJL Den svarer ikke")


def test_the_database_on_its_way_and_its_accounts(settings: Settings, postgresql: str) -> None:
    engine = make_engine(postgresql)
    with Session(engine) as session:
        near = replace(settings, database_url=postgresql, keystore_url=postgresql)
        assert levels(connection(session, near)) == {"database": "OK på maskinen selv"}
        away = replace(near, database_url="postgresql://db.bolig.example/x?sslmode=verify-full")
        assert levels(connection(session, away))["database"].startswith(
            "FEJL Forbindelsen til db.bolig.example er ikke"
        )
    assert account("databasens bruger", engine).linje.startswith(
        "FEJL      databasens bruger: Programmets bruger er super"
    )
    engine.dispose()
    for name, level in (("ejer", "ADVARSEL"), ("program", "OK")):
        engine = make_engine(som(postgresql, name))
        assert account("x", engine).niveau.name == level
        engine.dispose()


def test_libraries_are_looked_at_every_week(tmp_path: Path) -> None:
    stamp = tmp_path / "stempel"
    assert tjek_biblioteker(stamp).linje.startswith("ADVARSEL  biblioteker: Aldrig set efter")
    stamp.touch()
    assert tjek_biblioteker(stamp).niveau is Niveau.OK
    old = (now() - timedelta(days=9)).timestamp()
    os.utime(stamp, (old, old))
    assert "for 9 dage siden" in tjek_biblioteker(stamp).besked


def test_the_verb_prints_a_line_a_thing_and_ends_with_the_worst(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RAADGIVNING_ADRESSE", "http://sager.example.dk")
    assert main(["drift", "tjek"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FEJL      adresse: Siden nås uden kryptering. Brug https:// i RAADGIVNING_ADRESSE."
    assert {line.split()[0] for line in lines} <= {"OK", "ADVARSEL", "FEJL"}
    assert main(["drift", "tjek", "--kun-fund"]) == 2
    assert not any(line.startswith("OK") for line in capsys.readouterr().out.splitlines())
    settings.key_file.unlink()
    assert main(["drift", "tjek"]) == 2
    assert "FEJL      instans: " in capsys.readouterr().out
