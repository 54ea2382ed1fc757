"""A passkey in software: answers the server's challenges as a browser would, and can be told to misbehave."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

UP, UV, AT = 1, 4, 64


@dataclass
class Nøgle:
    """One passkey. `tæller` goes up with each use; a copy starts where it was copied."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    tæller: int = 0
    uv: bool = True
    bruger: bytes = b""
    id: bytes = field(default_factory=lambda: os.urandom(32))
    privat: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def lav(self, options: dict[str, Any], **andet: Any) -> str:
        """The answer to a challenge to make this passkey."""
        self.bruger = base64url_to_bytes(options["user"]["id"])
        numbers = self.privat.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        known = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(public)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(AT) + known}
        return self._json(options, "webauthn.create", {"attestationObject": encode_cbor(attestation)}, **andet)

    def svar(self, options: dict[str, Any], **andet: Any) -> str:
        """The answer to a challenge to use it."""
        self.tæller += 1
        data = self._data(0)
        client = self._client(options, "webauthn.get", **andet)
        signature = self.privat.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"authenticatorData": data, "signature": signature, "userHandle": self.bruger}
        return self._json(options, "webauthn.get", parts, **andet)

    def _data(self, flags: int) -> bytes:
        flags |= UP | (UV if self.uv else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.tæller.to_bytes(4, "big")

    def _client(self, options: dict[str, Any], kind: str, **andet: Any) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False} | andet
        return json.dumps(told).encode()

    def _json(self, options: dict[str, Any], kind: str, parts: dict[str, bytes], **andet: Any) -> str:
        coded = {name: bytes_to_base64url(value) for name, value in parts.items()}
        coded["clientDataJSON"] = bytes_to_base64url(self._client(options, kind, **andet))
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": coded})
