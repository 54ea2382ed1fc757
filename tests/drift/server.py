"""A server in a process of its own, as it runs in production, and a client that behaves like a browser."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parents[2]
HURTIGT = {"RAADGIVNING_KALD_MINUT": "1000000", "RAADGIVNING_KALD_TIME": "1000000"}
"""A drill calls faster than hands do: the limit of calls is out of its way."""


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def environment(instance: Path, **extra: str) -> dict[str, str]:
    """The environment of a command that works on this instance. Nobody here has to call as slowly as hands do."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RAADGIVNING_")}
    return {
        **kept,
        "RAADGIVNING_INSTANCE": str(instance),
        "RAADGIVNING_HTTPS": "0",
        **HURTIGT,
        "PYTHONUTF8": "1",
        **extra,
    }


def run(instance: Path, *args: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run one verb to its end."""
    command = [sys.executable, "-m", "rådgivning.drift", *args]
    return subprocess.run(
        command, cwd=ROOT, env=environment(instance, **extra), capture_output=True, text=True, check=False, timeout=1800
    )


@contextlib.contextmanager
def server(
    instance: Path, *args: str, log: Path | None = None, **extra: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The server on a free port, in a process group of its own; killed at the end if it still runs. What it writes goes
    into `log`."""
    process, port = _start(instance, args, log or Path(os.devnull), extra)
    try:
        yield port, process
    finally:
        _kill(process)


def _start(
    instance: Path, args: tuple[str, ...], log: Path, extra: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """A server that answers; tried again where another took the port that was free a moment ago."""
    for _ in range(3):
        port = free_port()
        verb = args or ("start", "--udvikling", "--bind", "127.0.0.1:PORT")
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "rådgivning.drift", *(arg.replace("PORT", str(port)) for arg in verb)],
                cwd=ROOT,
                env=environment(instance, RAADGIVNING_ANDEN_FAKTOR="kan", **extra),
                start_new_session=True,
                stdout=out,
                stderr=out,
            )
        try:
            if _answers(process, port):
                return process, port
        except BaseException:
            _kill(process)
            raise
        _kill(process)
    raise TimeoutError("the server did not answer")


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)


def _answers(process: subprocess.Popen[bytes], port: int, seconds: float = 300) -> bool:
    """Whether /healthz answers before the server gives up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        klient = Klient(port)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(klient):
            if klient.get("/healthz")[0] == 200 and process.poll() is None:
                return True
        time.sleep(0.1)
    return False


class Klient:
    """One browser: keeps cookies and the CSRF token."""

    def __init__(self, port: int) -> None:
        self._connection: http.client.HTTPConnection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.send_med: dict[str, str] = {}
        self.svar_hoveder: list[tuple[str, str]] = []
        self.cookies: dict[str, str] = {}
        self.token = ""

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def request(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        """Status, body and Location of one request. Raises OSError or HTTPException when the server is gone."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **self.send_med}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, quote(path, safe="/?=&-%"), body, headers)
        answer = self._connection.getresponse()
        self.svar_hoveder = answer.getheaders()
        text = answer.read().decode(errors="replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"', text)
        self.token = found.group(1) if found else self.token
        return answer.status, text, answer.headers.get("Location", "")

    def get(self, path: str) -> tuple[int, str, str]:
        """GET."""
        return self.request("GET", path)

    def post(self, path: str, data: Mapping[str, str]) -> tuple[int, str, str]:
        """POST with the CSRF token of the last page."""
        return self.request("POST", path, urlencode({**data, "csrf_token": self.token}))

    def log_ind(self, brugernavn: str, kodeord: str) -> int:
        """Sign in; the status of the answer."""
        self.get("/log-ind")
        status = self.post("/log-ind", {"brugernavn": brugernavn, "kodeord": kodeord})[0]
        self.get("/")
        return status
