"""The site as the world sees it: its certificate, the versions and suites of TLS it takes, and what it does without."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from rådgivning.database import now
from rådgivning.drift.fund import Fund, advarsel, fejl, ok
from rådgivning.settings import Settings
from rådgivning.udgang import Udgang, navn

_TIMEOUT: Final = 10.0
_ANYWHERE: Final = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
_WEAK: Final = "ALL:!ECDHE+AESGCM:!ECDHE+CHACHA20:!DHE+AESGCM:!DHE+CHACHA20:@SECLEVEL=0"
_SOON, _VERY_SOON = 21, 7
_WHY: Final = {
    10: "det er udløbet. Forny det.",
    18: "det er ikke fra en offentlig udsteder. Brug et, som alle browsere kender.",
    19: "dets udsteder er ikke offentlig. Brug en, som alle browsere kender.",
    20: "kæden mangler, eller udstederen er ikke offentlig. Lav filen med hele kæden (fullchain.pem).",
    21: "kæden mangler. Lav filen med hele kæden (fullchain.pem).",
    62: "det er til et andet navn. Få et til sidens navn.",
    64: "det er til et andet navn. Få et til sidens navn.",
}


@dataclass(frozen=True)
class Side:
    """This site's address, and where it answers without TLS."""

    host: str
    port: int
    http_port: int = 80

    def forbind(self, port: int) -> socket.socket:
        """Our own address may well be an inner one."""
        return Udgang(frozenset({(self.host, port)}), _ANYWHERE).forbind(self.host, port, _TIMEOUT)

    @contextlib.contextmanager
    def tls(self, kontekst: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
        """A TLS connection. Raises OSError."""
        with self.forbind(self.port) as sock, kontekst.wrap_socket(sock, server_hostname=self.host) as encrypted:
            yield encrypted


def tjek_adresse(settings: Settings) -> Iterator[Fund]:
    """Everything about the address in RAADGIVNING_ADRESSE."""
    url = urlsplit(settings.adresse)
    if not settings.adresse:
        yield advarsel("adresse", "RAADGIVNING_ADRESSE er ikke sat, så siden kan ikke ses udefra. Sæt den.")
    elif url.scheme != "https":
        yield fejl("adresse", "Siden nås uden kryptering. Brug https:// i RAADGIVNING_ADRESSE.")
    else:
        yield from tjek_side(Side(navn(url.hostname or ""), url.port or 443))


def tjek_side(side: Side) -> Iterator[Fund]:
    """Certificate, versions, suites, headers, and the way without TLS."""
    try:
        side.forbind(side.port).close()
    except OSError:
        yield fejl("adresse", f"{side.host} svarer ikke på port {side.port}. Se webserveren foran og navnet i DNS.")
        return
    yield _certificate(side)
    yield _versions(side)
    yield _suites(side)
    yield _strict(side)
    yield from _without(side)


def _certificate(side: Side) -> Fund:
    try:
        with side.tls(ssl.create_default_context()) as sock:
            ends = ssl.cert_time_to_seconds(str((sock.getpeercert() or {})["notAfter"]))
    except ssl.SSLCertVerificationError as error:
        why = _WHY.get(error.verify_code, "browsere stoler ikke på det. Brug et fra en offentlig udsteder.")
        return fejl("certifikat", f"Certifikatet kan ikke bruges: {why}")
    except OSError:
        return fejl("certifikat", "Siden kan ikke nås med TLS 1.2 eller nyere. Se webserveren foran.")
    days = int((ends - now().timestamp()) // 86400)
    if days < _VERY_SOON:
        return fejl("certifikat", f"Certifikatet udløber om {days} dage og burde være fornyet. Se fornyelsen.")
    if days < _SOON:
        return advarsel("certifikat", f"Certifikatet udløber om {days} dage. Se, om fornyelsen virker.")
    return ok("certifikat", f"betroet af maskinens liste, til det rigtige navn, {days} dage endnu")


def _accepts(side: Side, version: ssl.TLSVersion, suites: str) -> str:
    """The suite agreed on with a client that speaks only this; "" when the server refuses it."""
    kontekst = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    kontekst.check_hostname, kontekst.verify_mode = False, ssl.CERT_NONE  # what is asked is not who answers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the old versions: that is what they are
        kontekst.minimum_version = kontekst.maximum_version = version
    try:
        kontekst.set_ciphers(suites)
        with side.tls(kontekst) as sock:
            return (sock.cipher() or ("",))[0]
    except OSError:
        return ""


def _versions(side: Side) -> Fund:
    old = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1}
    taken = [name for name, version in old.items() if _accepts(side, version, "ALL:@SECLEVEL=0")]
    if taken:
        return fejl("TLS", f"Siden tager imod TLS {' og '.join(taken)}. Tillad kun 1.2 og 1.3 (ssl_protocols).")
    if not _accepts(side, ssl.TLSVersion.TLSv1_3, "DEFAULT"):
        return advarsel("TLS", "Siden tager ikke imod TLS 1.3. Slå den til (ssl_protocols).")
    return ok("TLS", "kun 1.2 og 1.3")


def _suites(side: Side) -> Fund:
    weak = _accepts(side, ssl.TLSVersion.TLSv1_2, _WEAK)
    if weak:
        return fejl("kryptering", f"Siden tager imod {weak}. Brug listen fra »drift opsætning nginx« (ssl_ciphers).")
    return ok("kryptering", "kun stærk kryptering med nye nøgler til hver forbindelse")


def _ask(sock: socket.socket, host: str, method: str, path: str) -> tuple[int, dict[str, list[str]]]:
    """Status and headers of one request; 0 when the connection was ended without an answer."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    answer = b""
    with contextlib.suppress(OSError):
        sock.sendall(head.encode("ascii"))
        while b"\r\n\r\n" not in answer and len(answer) < 65536 and (part := sock.recv(4096)):
            answer += part
    first, *lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    status = first.split(" ")[1] if first.startswith("HTTP/") and " " in first else "0"
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _colon, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return int(status) if status.isdigit() else 0, headers


def _strict(side: Side) -> Fund:
    kontekst = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    kontekst.check_hostname, kontekst.verify_mode = False, ssl.CERT_NONE  # the certificate has a line of its own
    try:
        with side.tls(kontekst) as sock:
            status, headers = _ask(sock, side.host, "GET", "/log-ind")
    except OSError:
        return fejl("HSTS", "Siden svarer ikke. Se webserveren foran.")
    found = headers.get("strict-transport-security", [])
    if len(found) != 1:
        said = "mangler" if not found else f"står der {len(found)} gange"
        return fejl("HSTS", f"Hovedet Strict-Transport-Security {said}. Programmet sætter det; se webserveren foran.")
    return ok("HSTS", "sat én gang") if status < 500 else fejl("HSTS", f"Siden svarer {status}. Se programmets log.")


def _without(side: Side) -> Iterator[Fund]:
    """What is sent in clear by mistake must be found out: pages lead on, everything else is refused."""
    try:
        side.forbind(side.http_port).close()
    except OSError:
        yield ok("uden TLS", f"der svares ikke på port {side.http_port}")
        return
    statuses = {}
    for method, path in (("GET", "/"), ("POST", "/log-ind"), ("GET", "/kalender/hent/x.ics")):
        with side.forbind(side.http_port) as sock:
            status, headers = _ask(sock, side.host, method, path)
        statuses[method, path] = status
        if (method, path) == ("GET", "/") and not headers.get("location", [""])[0].startswith("https://"):
            yield fejl("uden TLS", f"Siden svarer {status} uden kryptering i stedet for at sende videre til https.")
            return
    wrong = [f"{method} {path}" for (method, path), status in statuses.items() if path != "/" and 0 < status < 400]
    if wrong:
        yield fejl("uden TLS", f"{' og '.join(wrong)} bliver ikke afvist. Brug »drift opsætning nginx«.")
    else:
        yield ok("uden TLS", "sider sendes videre, alt andet afvises")
