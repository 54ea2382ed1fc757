"""Format version 1 of envelopes and wrapped keys: pure functions over bytes.

Envelope:    01 | alg 01 | epoch (2) | nonce (12) | ciphertext | tag (16)
Wrapped key: 01 | kid (2) | epoch (2) | nonce (12) | ciphertext (32) | tag (16)   = 65 bytes

AES-256-GCM from `cryptography`. The header stands in the AAD together with the place the blob belongs to, each part
with its length before it, so that no two places can look alike.
"""

from __future__ import annotations

import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rådgivning.nøgler.errors import KeyMissing, Tampered

VERSION = 1
AES_256_GCM = 1
NONCE = 12
TAG = 16
HEADER = 4
WRAP_HEADER = 5
STEP = 256


def seal_bytes(
    key: bytes, epoch: int, place: tuple[str, uuid.UUID, uuid.UUID], plain: bytes, nonce: bytes = b""
) -> bytes:
    """Seal `plain` (padded to a multiple of 256 bytes) under a person's data key.

    `place` is (table, row id, person id). `nonce` is given only by the frozen test vectors.
    """
    header = bytes([VERSION, AES_256_GCM]) + epoch.to_bytes(2, "big")
    nonce = nonce or os.urandom(NONCE)
    return header + nonce + AESGCM(key).encrypt(nonce, _pad(plain), _aad(header, place))


def open_bytes(key: bytes, place: tuple[str, uuid.UUID, uuid.UUID], blob: bytes) -> bytes:
    """The plaintext of an envelope; raises Tampered when it does not belong to this place, person and key."""
    if len(blob) < HEADER + NONCE + TAG or blob[0] != VERSION or blob[1] != AES_256_GCM:
        raise Tampered("Kuverten har et ukendt format.")
    header, nonce, body = blob[:HEADER], blob[HEADER : HEADER + NONCE], blob[HEADER + NONCE :]
    try:
        return _unpad(AESGCM(key).decrypt(nonce, body, _aad(header, place)))
    except InvalidTag:
        raise Tampered("Kuverten er ændret eller flyttet fra en anden plads.") from None


def epoch_of(blob: bytes) -> int:
    """The data key's epoch that an envelope was sealed under."""
    return int.from_bytes(blob[2:4], "big")


def wrap_key(kek: bytes, kid: int, epoch: int, person: uuid.UUID, data_key: bytes, nonce: bytes = b"") -> bytes:
    """Wrap a person's data key under the keyring key `kid`."""
    header = bytes([VERSION]) + kid.to_bytes(2, "big") + epoch.to_bytes(2, "big")
    nonce = nonce or os.urandom(NONCE)
    return header + nonce + AESGCM(kek).encrypt(nonce, data_key, _wrap_aad(header, person))


def wrapped_with(blob: bytes) -> tuple[int, int]:
    """(kid, epoch) of a wrapped key; raises Tampered when the header cannot be read."""
    if len(blob) != WRAP_HEADER + NONCE + 32 + TAG or blob[0] != VERSION:
        raise Tampered("Den indpakkede nøgle har et ukendt format.")
    return int.from_bytes(blob[1:3], "big"), int.from_bytes(blob[3:5], "big")


def unwrap_key(keks: dict[int, bytes], person: uuid.UUID, blob: bytes) -> bytes:
    """The data key in a wrapped key; raises KeyMissing for an unknown kid and Tampered for a changed or moved blob."""
    kid, _epoch = wrapped_with(blob)
    if kid not in keks:
        raise KeyMissing(f"Nøglering mangler nøgle nr. {kid}.")
    header, nonce = blob[:WRAP_HEADER], blob[WRAP_HEADER : WRAP_HEADER + NONCE]
    try:
        return AESGCM(keks[kid]).decrypt(nonce, blob[WRAP_HEADER + NONCE :], _wrap_aad(header, person))
    except InvalidTag:
        raise Tampered("Den indpakkede nøgle er ændret eller hører til en anden person.") from None


def _aad(header: bytes, place: tuple[str, uuid.UUID, uuid.UUID]) -> bytes:
    table, row, person = place
    return _lengths(b"envelope", header, table.encode(), b"sealed", row.bytes, person.bytes)


def _wrap_aad(header: bytes, person: uuid.UUID) -> bytes:
    return _lengths(b"wrap", header, person.bytes)


def _lengths(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _pad(plain: bytes) -> bytes:
    """Hide the length: 0x80 and zeros up to the next multiple of 256 (ISO/IEC 7816-4 padding)."""
    padded = plain + b"\x80"
    return padded + bytes(-len(padded) % STEP)


def _unpad(padded: bytes) -> bytes:
    return padded[: padded.rindex(b"\x80")]
