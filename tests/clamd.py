"""A scanner of our own: a real server that speaks clamd's INSTREAM and knows one signature."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.limit import vent_på

SIGNATUR = b"X-PR\xc3\x98VE-SKADELIG"


class Clamd:
    """What it got, and how it is to behave: "", "tavs" (no answer), "fejl", "afbryd" (hangs up early)."""

    def __init__(self) -> None:
        self.set: list[bytes] = []
        self.måde = ""


class _Handler(socketserver.StreamRequestHandler):
    clamd: Clamd
    timeout = 60

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        if self.clamd.måde == "afbryd":
            return
        data = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
        self.clamd.set.append(data)
        if self.clamd.måde == "tavs":
            time.sleep(1)
            return
        if self.clamd.måde == "fejl":
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        else:
            self.wfile.write(b"stream: Proeve.Skadelig FOUND\0" if SIGNATUR in data else b"stream: OK\0")


@contextlib.contextmanager
def clamd(sti: Path | None = None) -> Iterator[tuple[Clamd, str]]:
    """The scanner and the value of RAADGIVNING_CLAMAV; on a socket file, or a port."""
    scanner = Clamd()
    handler = type("Handler", (_Handler,), {"clamd": scanner})
    server: socketserver.BaseServer
    if sti is None:
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        server, value = tcp, f"127.0.0.1:{tcp.server_address[1]}"
    else:
        server, value = socketserver.ThreadingUnixStreamServer(str(sti), handler), f"unix:{sti}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield scanner, value
    finally:
        server.shutdown()
        server.server_close()
        vent_på([thread])
