"""A certificate authority of the test's own, and what it signs."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class Par:
    """A certificate with its chain, and its key."""

    certifikat: Path
    nøgle: Path


class Udsteder:
    """The authority; `pem` is what a client that trusts it is given."""

    def __init__(self, folder: Path, navn: str = "Zxq Prøveudsteder") -> None:
        self._folder, self._navn = folder, navn
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._own = self._build(navn, self._key, [], 3650, ca=True)
        self.pem = folder / "udsteder.pem"
        self.pem.write_bytes(self._own.public_bytes(serialization.Encoding.PEM))

    def udsted(self, *navne: str, dage: int = 60) -> Par:
        """A certificate for these names (an address is an address) that lasts so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._build(navne[0], key, navne, dage, ca=False)
        par = Par(self._folder / f"{navne[0]}-{dage}.pem", self._folder / f"{navne[0]}-{dage}.key")
        par.certifikat.write_bytes(
            b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (certificate, self._own))
        )
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        par.nøgle.write_bytes(secret)
        return par

    def _build(
        self, cn: str, key: ec.EllipticCurvePrivateKey, names: tuple[str, ...] | list[str], days: int, *, ca: bool
    ) -> x509.Certificate:
        real = dt.datetime.now(dt.UTC)
        ends = real + dt.timedelta(days=days, hours=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(cn))
            .issuer_name(_name(self._navn))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(real, ends) - dt.timedelta(days=1))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        return builder.sign(self._key, hashes.SHA256())


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
