"""The real nginx with the configuration the verb writes, before the real server on a socket file."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.drift.certificates import Udsteder
from tests.drift.server import ROOT, Klient, environment, free_port, run

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
NAVN = "sager.bolig.example"
MAIN = """\
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/start.log warn;
events {{}}
http {{
    client_body_temp_path {folder}/tmp/body;
    proxy_temp_path {folder}/tmp/proxy;
    fastcgi_temp_path {folder}/tmp/f;
    uwsgi_temp_path {folder}/tmp/u;
    scgi_temp_path {folder}/tmp/s;
    include {folder}/raadgivning.conf;
}}
"""


@dataclass
class Foran:
    """Both running. `mappe` holds every log and the socket; `server` may be stopped."""

    mappe: Path
    udsteder: Udsteder
    https: int
    http: int
    server: subprocess.Popen[bytes]
    stak: contextlib.ExitStack

    def kontekst(self) -> ssl.SSLContext:
        """What a browser that trusts the test's authority would use."""
        return ssl.create_default_context(cafile=str(self.udsteder.pem))

    def tls(self, kontekst: ssl.SSLContext, navn: str = NAVN) -> ssl.SSLSocket:
        """A TLS connection; raises ssl.SSLError or OSError."""
        sock = socket.create_connection(("127.0.0.1", self.https), 10)
        try:
            return kontekst.wrap_socket(sock, server_hostname=navn)
        except BaseException:
            sock.close()
            raise

    def klient(self, fra: str = "127.0.0.1", **hoveder: str) -> Browser:
        """A browser at this address that sends these headers with everything."""
        browser = Browser(self, fra, {name.replace("_", "-"): value for name, value in hoveder.items()})
        self.stak.callback(browser.close)
        return browser

    def uden_tls(self, metode: str, sti: str, host: str = NAVN) -> tuple[int, str, str]:
        """Status, body and Location of a request in clear."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)) as connection:
            connection.request(metode, sti, b"x=1" if metode == "POST" else None, {"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers.get("Location", "")

    def log(self, sidste: str = "") -> str:
        """Everything that was written to any file beside the server: nginx's logs and the program's own. nginx writes
        of a request when it has answered it, so `sidste` is waited for."""
        until = time.monotonic() + 60
        while sidste not in (found := self._written()) and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _written(self) -> str:
        files = [path for path in self.mappe.glob("*.log") if path.is_file()]
        return "\n".join(path.read_text(encoding="utf-8") for path in files)


class _Https(http.client.HTTPSConnection):
    """To the address of the test, by the name of the site."""

    def __init__(self, foran: Foran, fra: str) -> None:
        super().__init__(f"{NAVN}:{foran.https}", timeout=60, context=foran.kontekst())
        self._foran, self._fra = foran, fra

    def connect(self) -> None:
        sock = socket.create_connection(("127.0.0.1", self._foran.https), 60, (self._fra, 0))
        self.sock = self._foran.kontekst().wrap_socket(sock, server_hostname=NAVN)


class Browser(Klient):
    """The client of the other tests over TLS; `hoveder` of the last answer are kept, doubled ones too."""

    def __init__(self, foran: Foran, fra: str, send: dict[str, str]) -> None:
        super().__init__(foran.https)
        self._connection = _Https(foran, fra)
        self.send_med = send

    @property
    def hoveder(self) -> list[tuple[str, str]]:
        """The headers of the last answer, lower case."""
        return [(name.lower(), value) for name, value in self.svar_hoveder]


@contextlib.contextmanager
def foran(instance: Path, mappe: Path) -> Iterator[Foran]:
    """Start both, wait until they answer, and end both."""
    mappe.mkdir()
    (mappe / "tmp").mkdir()
    udsteder, sock = Udsteder(mappe), mappe / "web.sock"
    par = udsteder.udsted(NAVN)
    https, plain = free_port(), free_port()
    made = run(
        instance, "drift", "opsætning", "nginx", "--navn", NAVN, "--certifikat", str(par.certifikat),
        "--nøgle", str(par.nøgle), "--socket", str(sock), "--log", str(mappe / "adgang.log"), "--acme", str(mappe),
        "--https-port", str(https), "--http-port", str(plain), "--kun-ipv4", RAADGIVNING_HTTPS="1",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (mappe / "raadgivning.conf").write_text(made.stdout, encoding="utf-8")
    main = MAIN.format(folder=mappe, user="user root;" if os.getuid() == 0 else "")
    (mappe / "nginx.conf").write_text(main, encoding="utf-8")
    adresse = f"https://{NAVN}:{https}"
    miljø = environment(instance, RAADGIVNING_HTTPS="1", RAADGIVNING_ANDEN_FAKTOR="kan", RAADGIVNING_ADRESSE=adresse)
    start = [sys.executable, "-m", "rådgivning.drift", "start", "--udvikling", "--bind", f"unix:{sock}"]
    with contextlib.ExitStack() as stack:
        program = stack.enter_context(_process(start, mappe / "program.log", miljø))
        front = stack.enter_context(
            _process([NGINX, "-p", str(mappe), "-c", str(mappe / "nginx.conf")], mappe / "nginx.log")
        )
        found = Foran(mappe, udsteder, https, plain, program, stack)
        _wait(found, front)
        yield found


@contextlib.contextmanager
def _process(command: list[str], log: Path, miljø: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=miljø, stdout=out, stderr=out, start_new_session=True)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def _wait(found: Foran, front: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and front.poll() is None:
        browser = found.klient()
        with contextlib.suppress(OSError, http.client.HTTPException):
            if browser.get("/healthz")[0] == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(found.log())
