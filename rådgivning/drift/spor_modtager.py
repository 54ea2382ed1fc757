"""The receiver of the trail outside this machine (RAADGIVNING_SPOR_MODTAGER): syslog over TLS, or systemd's journal."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final
from urllib.parse import urlsplit

from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor.models import Spor
from rådgivning.spor.stream import linje
from rådgivning.udgang import Udgang, navn

PORTE: Final = {"tls": 6514, "tcp": 601}
PRIORITET: Final = 13 * 8 + 6  # RFC 5424: facility "log audit", severity "informational"
_TIMEOUT: Final = 30.0


@dataclass(frozen=True)
class Modtager:
    """Where the lines go. `slags`: "tls", "tcp" (only to this machine, where a log service stands) or "journal"."""

    slags: str
    udgang: Udgang

    def aflever(self, entries: Sequence[Spor]) -> None:
        """Hand entries over; raises OSError unless the receiver has read them all.

        Syslog has no receipt. So each batch has a connection of its own, which we end, and the receiver must end in
        turn without a reset: it sees our end only after everything before it.
        """
        if self.slags == "journal":
            sys.stdout.write("".join(f"spor {linje(entry)}\n" for entry in entries))
            sys.stdout.flush()
            return
        ((host, port),) = self.udgang.steder
        with self.udgang.forbind(host, port, _TIMEOUT) as sock:
            data = b"".join(map(syslog, entries))
            if self.slags == "tls":
                with ssl.create_default_context().wrap_socket(sock, server_hostname=host) as encrypted:
                    encrypted.sendall(data)
                    _end(_unwrapped(encrypted))
            else:
                sock.sendall(data)
                _end(sock)


def syslog(entry: Spor) -> bytes:
    """RFC 5424 with the length before it (RFC 6587). No host name: the receiver knows whom it let in."""
    tid = entry.tidspunkt.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    line = f"<{PRIORITET}>1 {tid} - raadgivning - spor - {linje(entry)}".encode()
    return f"{len(line)} ".encode() + line


def _unwrapped(encrypted: ssl.SSLSocket) -> socket.socket:
    with contextlib.suppress(ssl.SSLEOFError, ssl.SSLZeroReturnError):  # it may hang up without TLS's goodbye
        return encrypted.unwrap()
    return encrypted


def _end(sock: socket.socket) -> None:
    with contextlib.suppress(ssl.SSLError):
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass


def læs_modtager(settings: Settings) -> Modtager | None:
    """The receiver in the settings; None when there is none. Raises SettingsFejl."""
    value = settings.environ.get("RAADGIVNING_SPOR_MODTAGER", "").strip()
    if value in {"", "journal"}:
        return Modtager("journal", Udgang(frozenset())) if value else None
    url = urlsplit(value)
    try:
        port = url.port or PORTE.get(url.scheme, 0)
    except ValueError:
        port = 0
    host = navn(url.hostname or "")
    if url.scheme not in PORTE or not host or not port or url.path.strip("/"):
        raise SettingsFejl("RAADGIVNING_SPOR_MODTAGER skal være tls://log.example.dk:6514 eller journal.")
    if url.scheme == "tcp" and host not in {"127.0.0.1", "::1", "localhost"}:
        raise SettingsFejl("RAADGIVNING_SPOR_MODTAGER: tcp er ukrypteret og går kun til denne maskine. Brug tls://.")
    return Modtager(url.scheme, Udgang(frozenset({(host, port)}), settings.indre_net))
