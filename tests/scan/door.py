"""The scanners' way in: a proxy that is signed in as one role, however long they scan and whatever they end.

It signs in anew when the program asks who one is, and puts the session's own cookies and CSRF token into every request.
A form that is sent again is a new one, on the row as it is now: else the program would only say that it has it already.
Of a page it shows the forms that this page is to show, without links: where to go is the crawl's. Cookies stay inside.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import secrets
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from urllib.parse import unquote, urlencode

from tests.scan import planted

HER = "127.0.0.1"
FORNY = 3000
"""Seconds after which it signs in anew: no proof of who it is grows old (`FRISK`, minutes)."""
FRISK = 60
VENTER = (15, 80)
"""Seconds between attempts to sign in, and how many: whoever has tried wrong passwords in vain is made to wait."""
_TOKEN = re.compile(r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"')
_SENT = re.compile(rb'(csrf_token=|name="csrf_token"\r\n\r\n)[^&\r\n]*')
_FORMS = re.compile(r"<form\b.*?</form>", re.DOTALL)
_BOXES = re.compile(r'<input\b(?=[^>]*\btype="(?:checkbox|radio)")[^>]*\bname="([^"]+)"[^>]*>')
_LINKS = re.compile(r"<(?:a|link|script|iframe)\b[^>]*>")
_ID = re.compile(rb'(formular_id=|name="formular_id"\r\n\r\n)[0-9a-f-]{36}(?=&|\r|$)')
_VERSION = re.compile(rb'(version=|name="version"\r\n\r\n)\d+(?=&|\r|$)')
_NEWEST = re.compile(rb'name="version"[^>]*value="(\d+)"')
_ASCII = re.compile(rb"ZQ([0-9a-f]{2})Z")
_KEPT = {"accept", "content-type", "user-agent"}
_OWN = {"connection", "transfer-encoding", "content-length", "server", "date", "set-cookie", "keep-alive"}


def ascii_navn(navn: str) -> str:
    """A field's name without letters beyond ASCII: sqlmap does not find those. The door spells it right again."""
    return "".join(chr(byte) if byte < 128 else f"ZQ{byte:02x}Z" for byte in navn.encode())


@dataclass(frozen=True)
class Svar:
    """What the program answered."""

    status: int
    hoveder: list[tuple[str, str]]
    krop: bytes

    def hoved(self, navn: str) -> str:
        """One header; "" without it."""
        return next((value for name, value in self.hoveder if name.lower() == navn.lower()), "")


@dataclass
class Tilstand:
    """A session, whole: whoever signs in anew begins another, and what still comes back to this one stays in it."""

    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    siden: float = field(default_factory=time.monotonic)


@dataclass
class Dør:
    """One user's way into the server on `port`, every request from another address; without a name it signs nobody in.
    `fejl` are requests the program answered with 500 or more."""

    port: int
    brugernavn: str
    kodeord: str
    vis: Callable[[str, str], bool] = lambda _path, _form: True
    """Whether a page, by its path and query, shows a form, by its HTML."""
    antal: Counter[int] = field(default_factory=Counter)
    fejl: list[str] = field(default_factory=list)
    _nu: Tilstand | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hent(self, metode: str, sti: str, krop: bytes = b"", hoveder: dict[str, str] | None = None) -> Svar:
        """One request as the role. Raises OSError or HTTPException when the server is gone."""
        sent = {name.lower(): value for name, value in (hoveder or {}).items() if name.lower() in _KEPT}
        state = self._indlogget(None)
        answer = self._send(state, metode, sti, krop, sent)
        if self.brugernavn and unquote(answer.hoved("Location")).startswith(("/log-ind", "/bekræft")):
            state = self._indlogget(state)
            answer = self._send(state, metode, sti, krop, sent)
        if answer.status == 409 and (newest := _NEWEST.search(answer.krop)):
            krop = _VERSION.sub(lambda found: found.group(1) + newest.group(1), krop)
            answer = self._send(state, metode, sti, krop, sent)
        self.antal[answer.status] += 1
        if answer.status >= 500:
            self.fejl.append(f"{answer.status} {metode} {sti} {krop[:2000]!r}")
        return answer

    def _indlogget(self, slut: Tilstand | None) -> Tilstand:
        """The session to use: a new one when `slut` has ended, or the newest has grown old."""
        with self._lock:
            if self._nu is None or self._nu is slut or time.monotonic() - self._nu.siden > FORNY:
                self._nu = self._log_ind()
            return self._nu

    def _log_ind(self) -> Tilstand:
        """From a browser the program knows: who guesses at her password elsewhere cannot keep her out of that one."""
        state = Tilstand(
            {name: value for name, value in self._nu.cookies.items() if name == "enhed"} if self._nu else {}
        )
        self._note_token(state, "/log-ind")
        if self.brugernavn:
            typed = {"csrf_token": "", "brugernavn": self.brugernavn, "kodeord": self.kodeord}
            form = {"content-type": "application/x-www-form-urlencoded"}
            for _ in range(VENTER[1]):
                answer = self._send(state, "POST", "/log-ind", urlencode(typed).encode(), form)
                if answer.status != 429:
                    break
                time.sleep(VENTER[0])
            if answer.status != 303:
                raise PermissionError(f"{self.brugernavn} could not sign in: {answer.status}")
            self._note_token(state, "/sessioner")
        return state

    def _note_token(self, state: Tilstand, sti: str) -> None:
        answer = self._send(state, "GET", sti, b"", {})
        found = _TOKEN.search(answer.krop.decode())
        if found is None:
            raise PermissionError(f"{self.brugernavn} was shown a page without a token: {answer.status}")
        state.token = found.group(1)

    def _send(self, state: Tilstand, metode: str, sti: str, krop: bytes, hoveder: dict[str, str]) -> Svar:
        sent = dict(hoveder)
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in state.cookies.copy().items())
        sent["X-Forwarded-For"] = str(IPv4Address(0x0A000000 + secrets.randbelow(1 << 24)))
        sent |= {"Origin": f"http://{HER}:{self.port}", "Sec-Fetch-Site": "same-origin"} if metode != "GET" else {}
        krop = _SENT.sub(lambda found: found.group(1) + state.token.encode(), krop)
        krop = _ID.sub(lambda found: found.group(1) + str(uuid.uuid4()).encode(), krop)
        multipart = "multipart" in sent.get("content-type", "")
        krop = _ASCII.sub((lambda found: bytes.fromhex(found.group(1).decode())) if multipart else rb"%\1", krop)
        sti = _ASCII.sub(rb"%\1", sti.encode()).decode()
        with contextlib.closing(http.client.HTTPConnection(HER, self.port, timeout=120)) as connection:
            connection.request(metode, sti, krop or None, sent)
            answer = connection.getresponse()
            body = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            state.cookies[name] = value
        return Svar(answer.status, answer.getheaders(), body)

    def side(self, sti: str, answer: Svar) -> bytes:
        """The answer's page as the scanner is to see it."""
        if "html" not in answer.hoved("Content-Type"):
            return answer.krop
        text = answer.krop.decode()
        text = _FORMS.sub(lambda form: _one_of_each(form.group(0)) if self.vis(sti, form.group(0)) else "", text)
        return _LINKS.sub("", text).encode()


def _one_of_each(form: str) -> str:
    """A form with one box to tick of each name: the others are the same parameter with other values."""
    met = set[str]()

    def first(box: re.Match[str]) -> str:
        name = box.group(1)
        known = name in met
        met.add(name)
        return "" if known else box.group(0)

    return _BOXES.sub(first, form)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.split("?")[0] == planted.STI:
            status, page = planted.svar(body)
            self._answer(status, [("Content-Type", "text/html; charset=utf-8")], page.encode())
            return
        door = self.server.door
        try:
            answer = door.hent(self.command, self.path, body, dict(self.headers.items()))
        except (OSError, http.client.HTTPException) as fejl:
            door.fejl.append(f"{type(fejl).__name__} {self.command} {self.path}: {fejl}")
            self._answer(502, [], b"")
            return
        kept = [(name, value) for name, value in answer.hoveder if name.lower() not in _OWN]
        self._answer(answer.status, kept, door.side(self.path, answer))

    def _answer(self, status: int, hoveder: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in hoveder:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(OSError):
                self.wfile.write(body)

    def __getattr__(self, navn: str) -> Callable[[], None]:
        """Every method goes on to the program, those that nobody has heard of too."""
        if not navn.startswith("do_"):
            raise AttributeError(navn)
        return self._any

    def log_message(self, *_args: object) -> None:
        """Nothing: the program's own log is looked at."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    door: Dør

    def handle_error(self, request: object, client_address: object) -> None:
        """A scanner that goes away in the middle of a request is no news."""


@contextlib.contextmanager
def åben(dør: Dør) -> Iterator[str]:
    """The door on a free port, as the address to scan."""
    server = _Server((HER, 0), _Handler)
    server.door = dør
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://{HER}:{server.server_port}"
    server.shutdown()
    thread.join(60)
    server.server_close()
