"""Nothing goes out but through the door, and the door opens to what the settings name."""

from __future__ import annotations

import ast
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from rådgivning.adgang.oidc_http import gennem_døren
from rådgivning.adgang.oidc_setup import læs_oidc
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.udgang import Udgang, UdgangLukket
from tests.limit import vent_på

ROOT = Path(__file__).resolve().parents[1] / "rådgivning"
OUTGOING = (
    "socket",
    "smtplib",
    "requests",
    "urllib3",
    "urllib.request",
    "http.client",
    "ftplib",
    "asyncio",
    "httpx",
    "subprocess",
    "imaplib",
    "poplib",
    "telnetlib",
    "xmlrpc",
    "aiohttp",
    "socketserver",
    "multiprocessing.connection",
)
THE_DOOR = {
    "udgang.py": {"socket"},
    "virus.py": {"socket"},  # a type
    "beskeder/mail.py": {"smtplib", "socket"},  # both classes take their socket from the door
    "adgang/oidc_http.py": {"requests", "urllib3", "socket"},  # urllib3's connections do
    "adgang/oidc.py": {"requests", "urllib3"},  # only inside gennem_døren(…)
    "drift/spor_modtager.py": {"socket"},  # ends what the door opened
    "drift/tjek_adresse.py": {"socket"},  # a type
    "nøgler/sources.py": {"subprocess"},  # the administrator's own command
    "drift/demo.py": {"socket"},  # binds, to find a free port; connects to nobody
}
OPENS = {"create_connection", "getaddrinfo", "connect", "connect_ex", "sendto", "urlopen", "SMTP", "SMTP_SSL", "socket"}
"""Calls that open something. `bind` and `listen` do not."""


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "__import__"}:
            yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def _outgoing(source: str) -> set[str]:
    """The modules with which something could be opened outwards that a file imports."""
    found = set(_imports(ast.parse(source)))
    return {module for module in OUTGOING if any(name == module or name.startswith(f"{module}.") for name in found)}


def _calls(source: str) -> set[str]:
    called = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {
        (f.attr if isinstance(f, ast.Attribute) else f.id) for f in called if isinstance(f, ast.Attribute | ast.Name)
    }


def _sources() -> dict[str, str]:
    return {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in sorted(ROOT.rglob("*.py"))}


def test_no_other_file_of_the_program_could_open_a_connection() -> None:
    sources = _sources()
    assert {path: _outgoing(text) for path, text in sources.items() if _outgoing(text)} == THE_DOOR
    assert _outgoing("from http import client") == {"http.client"}
    assert _outgoing("import urllib3.util") == {"urllib3"}
    opening = {path: _calls(sources[path]) & OPENS for path in THE_DOOR if path != "udgang.py"}
    assert opening == {path: {"socket"} if path == "drift/demo.py" else set() for path in opening}
    directly = {"create_connection", "getaddrinfo", "urlopen", "open_connection", "get_server_certificate", "popen",
                "posix_spawn", "execv", "execve"}  # fmt: skip
    assert {path for path, text in sources.items() if _calls(text) & directly} == {"udgang.py"}
    assert sources["adgang/oidc.py"].count("requests.Session()") == sources["adgang/oidc.py"].count(
        "gennem_døren(requests.Session(), self.opsætning.udgang)"
    )
    assert {path for path, text in sources.items() if "create_engine" in _calls(text)} == {"database.py"}


@contextlib.contextmanager
def listener() -> Iterator[int]:
    """A port on this machine that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_door_opens_to_what_is_named_and_a_name_cannot_lead_inwards(monkeypatch: pytest.MonkeyPatch) -> None:
    with listener() as port:
        with Udgang(frozenset({("127.0.0.1", port)})).forbind("127.0.0.1", port, 5) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
        Udgang(frozenset({("localhost", port)})).forbind("LOCALHOST.", port, 5).close()
        for host, other in (("127.0.0.1", port + 1), ("127.0.0.2", port), ("localhost", port)):
            with pytest.raises(UdgangLukket):
                Udgang(frozenset({("127.0.0.1", port)})).forbind(host, other, 5)
        inwards = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: inwards)  # a name server that lies
        steder = frozenset({("mail.example.dk", port)})
        with pytest.raises(UdgangLukket, match="RAADGIVNING_INDRE_NET"):
            Udgang(steder).forbind("mail.example.dk", port, 5)
        Udgang(steder, (ipaddress.ip_network("127.0.0.0/8"),)).forbind("mail.example.dk", port, 5).close()


def test_which_addresses_a_name_may_lead_to() -> None:
    closed = Udgang(frozenset())
    opened = Udgang(frozenset(), (ipaddress.ip_network("10.20.0.0/16"), ipaddress.ip_network("fd00:20::/32")))
    plain = ("10.20.1.2", "127.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "239.1.1.1", "0.0.0.0")
    inside_ipv6 = ("::ffff:127.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
                   "2001:0:a00:1::1", "2001:0:909:909::f5ff:fffe")  # fmt: skip
    ipv6 = ("::1", "::", "fd00:20::5", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "64:ff9b:1::909:909")
    for text in (*plain, *inside_ipv6, *ipv6):
        assert not closed.må("mail.example.dk", ipaddress.ip_address(text)), text
        here = text in {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
        assert closed.må("localhost", ipaddress.ip_address(text)) == here, text
    for text in ("9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909", "2002:909:909::1"):
        assert closed.må("mail.example.dk", ipaddress.ip_address(text)), text
    assert closed.må("10.20.1.2", ipaddress.ip_address("10.20.1.2"))
    named = ("10.20.1.2", "::ffff:10.20.1.2", "64:ff9b::a14:102", "2002:a14:102::1", "fd00:20::5")
    for text in (*named, "10.21.0.1", "127.0.0.1", "64:ff9b::a15:1"):
        assert opened.må("mail.example.dk", ipaddress.ip_address(text)) == (text in named), text


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody to another port."""

    til = ""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", self.til)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_http_follows_no_redirect_to_another_place_and_takes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with listener() as other, ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        _Elsewhere.til = f"http://127.0.0.1:{other}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{other}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{other}")
        udgang = Udgang(frozenset({("127.0.0.1", server.server_port)}))
        url = f"http://127.0.0.1:{server.server_port}/"
        try:
            with gennem_døren(requests.Session(), udgang) as client:
                with client.get(url, allow_redirects=False, timeout=5) as answer:
                    assert answer.status_code == 302
                for refused in (url, f"http://127.0.0.1:{other}/"):
                    with pytest.raises(requests.ConnectionError, match="står ikke i indstillingerne"):
                        client.get(refused, timeout=5)
        finally:
            server.shutdown()
            vent_på([thread])


def test_the_places_come_from_the_settings(tmp_path: Path) -> None:
    environ = {
        "RAADGIVNING_SMTP_HOST": "Mail.example.dk",
        "RAADGIVNING_SMTP_AFSENDER": "a@example.dk",
        "RAADGIVNING_ADRESSE": "https://sager.example.dk",
        "RAADGIVNING_INDRE_NET": "10.0.0.0/8 fd00::/8",
    }
    post = Settings.from_environment(environ, Path("/tmp/x")).post
    assert post is not None
    assert post.udgang.steder == {("mail.example.dk", 587)}
    assert len(post.udgang.indre_net) == 2
    (tmp_path / "hemmelighed").write_text("xyz", encoding="utf-8")
    environ |= {
        "RAADGIVNING_OIDC_UDSTEDER": "https://login.example.dk/t/v2.0",
        "RAADGIVNING_OIDC_KLIENT": "k",
        "RAADGIVNING_OIDC_HEMMELIGHED_FIL": str(tmp_path / "hemmelighed"),
        "RAADGIVNING_OIDC_VAERTER": "Keys.example.dk",
    }
    oidc = læs_oidc(Settings.from_environment(environ, tmp_path))
    assert oidc is not None
    assert oidc.udgang.steder == {("login.example.dk", 443), ("keys.example.dk", 443)}
    with pytest.raises(SettingsFejl, match="RAADGIVNING_INDRE_NET"):
        Settings.from_environment({"RAADGIVNING_INDRE_NET": "10.0.0.1/8"}, Path("/tmp/x"))
