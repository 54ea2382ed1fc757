"""Uploads that others can fetch again are shown to clamd before anything else looks at them (RAADGIVNING_CLAMAV).

Without the setting nothing is scanned, and `drift tjek` says so. With it, an upload that clamd has not called clean is
refused: also when it is silent.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import current_app

from rådgivning.database import current_session
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.udgang import Udgang, forbind_lokalt, navn

SVARER_IKKE: Final = "Virusscanneren svarer ikke, så filen er ikke lagt ind. Prøv igen, eller sig det til jeres it."
FUNDET: Final = "Virusscanneren fandt noget skadeligt i filen. Den er ikke lagt ind. Sig det til jeres it."
_CONNECT: Final = 5.0
_IN_ALL: Final = 30.0
_CHUNK: Final = 64 * 1024


class VirusFejl(ValueError):
    """The upload may not be kept; the message is a Danish sentence."""


@dataclass(frozen=True)
class Skanner:
    """Where clamd listens: a socket file, or else a host and port."""

    sti: Path | None
    udgang: Udgang

    def undersøg(self, data: bytes) -> None:
        """Raises VirusFejl unless clamd says that the data is clean."""
        try:
            with self._forbind() as sock:
                svar = _ask(sock, data, time.monotonic() + _IN_ALL)
        except OSError:
            raise VirusFejl(SVARER_IKKE) from None
        if svar.endswith(" FOUND"):
            raise VirusFejl(FUNDET)
        if svar != "stream: OK":
            raise VirusFejl(SVARER_IKKE)

    def _forbind(self) -> socket.socket:
        if self.sti is not None:
            return forbind_lokalt(self.sti, _CONNECT)
        ((host, port),) = self.udgang.steder
        return self.udgang.forbind(host, port, _CONNECT)


def _ask(sock: socket.socket, data: bytes, until: float) -> str:
    """clamd's INSTREAM: lengths and pieces, a zero, one answer."""
    sock.settimeout(_IN_ALL)
    try:
        sock.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), _CHUNK):
            piece = data[start : start + _CHUNK]
            sock.sendall(struct.pack("!L", len(piece)) + piece)
        sock.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has said why before it had everything: too long, for one
    svar = b""
    while not svar.endswith(b"\0") and len(svar) < 4096:
        sock.settimeout(max(until - time.monotonic(), 0.001))
        part = sock.recv(4096)
        if not part:
            break
        svar += part
    return svar.rstrip(b"\0").decode("ascii", "replace").strip()


def læs_skanner(settings: Settings) -> Skanner | None:
    """The scanner in the settings; None when there is none. Raises SettingsFejl."""
    value = settings.environ.get("RAADGIVNING_CLAMAV", "").strip()
    if not value:
        return None
    if value.startswith("unix:/"):
        return Skanner(Path(value.removeprefix("unix:")), Udgang(frozenset()))
    host, _colon, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsFejl(f"RAADGIVNING_CLAMAV skal være unix:/run/clamav/clamd.ctl eller vært:3310, ikke »{value}«.")
    return Skanner(None, Udgang(frozenset({(navn(host), int(port))}), settings.indre_net))


def undersøg_upload(data: bytes) -> None:
    """Show an upload of this request to the scanner, if there is one. Raises VirusFejl.

    What the request has written so far is saved first: nobody waits for a database while a scanner thinks.
    """
    skanner = læs_skanner(current_app.extensions["settings"])
    if skanner is not None:
        current_session().commit()
        skanner.undersøg(data)
