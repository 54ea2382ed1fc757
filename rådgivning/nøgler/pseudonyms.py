"""Pseudonyms for counting distinct persons: one per person and year, not linkable across years without the key."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from sqlmodel import Session


def pseudonym(session: Session, person: uuid.UUID, år: int) -> bytes:
    """16 bytes: HMAC-SHA256 under the statistics key of year and person."""
    key: bytes = session.info["statistics_key"]
    return hmac.digest(key, f"{år}:".encode() + person.bytes, hashlib.sha256)[:16]


def parmærke(session: Session, a: uuid.UUID, b: uuid.UUID) -> bytes:
    """16 bytes for two persons in either order: tells whether they have been compared, and never who they are."""
    key: bytes = session.info["statistics_key"]
    return hmac.digest(key, b"par:" + b"".join(sorted((a.bytes, b.bytes))), hashlib.sha256)[:16]
