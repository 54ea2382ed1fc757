"""A real mail server on loopback that can be told to refuse, and Sessions of an instance that has a mail server."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.models import Besked
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Postopsætning, Settings
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale

KODE = "hemmelig-Zxq"


@dataclass
class Postkasse:
    """What the server got, and what it is to answer: the next answers to RCPT and DATA, "" for an OK.

    `tænketid`: seconds before it answers to DATA.
    """

    breve: list[EmailMessage] = field(default_factory=list)
    rå: list[bytes] = field(default_factory=list)
    hilsner: list[str] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    krypteret: list[bool] = field(default_factory=list)
    tænketid: float = 0

    async def handle_RCPT(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        """Take the recipient or refuse."""
        self.hilsner.append(session.host_name)
        svar = self.rcpt.pop(0) if self.rcpt else ""
        if not svar:
            envelope.rcpt_tos.append(address)
        return svar or "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the mail or refuse."""
        await asyncio.sleep(self.tænketid)
        svar = self.data.pop(0) if self.data else ""
        if not svar:
            self.rå.append(envelope.content)
            self.krypteret.append(server.transport.get_extra_info("ssl_object") is not None)
            self.breve.append(
                email.message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=email.policy.default)
            )
        return svar or "250 OK"


@dataclass(frozen=True)
class Certifikat:
    """A certificate for 127.0.0.1 that signs itself."""

    pem: Path

    def server(self) -> ssl.SSLContext:
        """What the server shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        return context


@pytest.fixture(scope="session")
def certifikat(tmp_path_factory: pytest.TempPathFactory) -> Certifikat:
    """Made anew for the run."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=365 * 80))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("certifikat") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + cert.public_bytes(serialization.Encoding.PEM))
    return Certifikat(pem)


def ledig_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _opsætning(port: int, tls: str = "ingen") -> Postopsætning:
    kode: dict[str, Any] = {"bruger": "beskeder", "kodeord": KODE} if tls != "ingen" else {}
    return Postopsætning("127.0.0.1", port, tls, "beskeder@bolig.example", "https://sager.bolig.example", **kode)


Server = Callable[..., tuple[Postkasse, Postopsætning]]


@pytest.fixture
def server(certifikat: Certifikat) -> Iterator[Server]:
    """Start a mail server: "ingen", "starttls" or "tls"; the encrypted ones want name and password."""
    running: list[Controller] = []

    def start(tls: str = "ingen", *, port: int = 0, kan_starttls: bool = True) -> tuple[Postkasse, Postopsætning]:
        kasse, port = Postkasse(), port or ledig_port()
        more: dict[str, Any] = {}
        if tls != "ingen" and kan_starttls:
            more = {"authenticator": _known, "auth_required": True, "auth_require_tls": tls == "starttls"}
            more |= {"tls_context" if tls == "starttls" else "ssl_context": certifikat.server()}
            more |= {"require_starttls": True} if tls == "starttls" else {}
        controller = Controller(kasse, hostname="127.0.0.1", port=port, **more)
        controller.start()
        running.append(controller)
        return kasse, _opsætning(port, tls)

    yield start
    for controller in running:
        controller.stop()


def _known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == KODE.encode()
    return AuthResult(success=right, handled=False)


@pytest.fixture
def betroet(certifikat: Certifikat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the test's certificate, as it would its own organisation's."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certifikat.pem))


@dataclass
class Køen:
    """The instance with a mail server: Sessions of the system or of a user, and the rows as they stand."""

    kontekst: Nøglekontekst
    settings: Settings
    personale: Personale

    def session(self, rolle: Rolle | None = None) -> Session:
        """A Session of a role's user, or the system's."""
        session = self.kontekst.session(self.personale.aktør(rolle) if rolle else Aktør())
        session.info["settings"] = self.settings
        return session

    def adresse(self, rolle: Rolle, email: str = "") -> Bruger:
        """Give a role's user an address; returns the user."""
        bruger = self.personale.brugere[rolle]
        with self.session() as session:
            found = session.get_one(Bruger, bruger.id)
            found.email = email or f"test.{bruger.id.hex[:8]}@bruger.example"
            session.add(found)
            session.commit()
        return bruger

    def rækker(self) -> list[Besked]:
        """All notices in the order they were made."""
        with self.session() as session:
            rows = list(session.exec(select(Besked).order_by(Besked.oprettet, Besked.slags)).all())  # type: ignore[arg-type]
            session.expunge_all()
            return rows


@pytest.fixture
def køen(kontekst: Nøglekontekst, settings: Settings, personale: Personale) -> Køen:
    """An instance that has a mail server nobody listens at, until a test says which."""
    return Køen(kontekst, replace(settings, post=_opsætning(1)), personale)
