"""The keyring: root keys, and everything derived from them. Where it is read from stands in sources.py."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rådgivning.nøgler.errors import KeyMissing, KeyWrong

ROOT_BYTES = 32


@dataclass(frozen=True)
class Keyring:
    """Root keys by number (kid). `primary` wraps new person keys; `anchor`, the oldest, never rotates away because the
    audit, statistics and cookie keys hang on it.

    A file's own word for `primary` counts only where there is no database yet: see `used_by`.
    """

    roots: dict[int, bytes]
    primary: int

    @property
    def anchor(self) -> int:
        """The lowest kid."""
        return min(self.roots)

    def keks(self) -> dict[int, bytes]:
        """Key-encryption keys by kid."""
        return {kid: _derive(root, b"kek") for kid, root in self.roots.items()}

    def purpose_key(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose ("audit", "statistics", "rounding", "cookie", "faktor"); no key serves two."""
        return _derive(self.roots[self.anchor], b"purpose:" + purpose.encode())

    def check_values(self) -> dict[int, bytes]:
        """HMAC(root, "kcv")[:8] by kid: tells a wrong key from the right one without revealing either."""
        return {kid: hmac.digest(root, b"kcv", hashlib.sha256)[:8] for kid, root in self.roots.items()}

    def verify(self, stored: Sequence[tuple[int, bytes]]) -> None:
        """Compare with the database's check values; raises KeyMissing or KeyWrong, before anything is written."""
        mine = self.check_values()
        for kid, kcv in stored:
            if kid not in mine:
                raise KeyMissing(f"Databasen er skrevet med nøgle nr. {kid}, som ikke findes i nøgleringen.")
            if not hmac.compare_digest(mine[kid], kcv):
                raise KeyWrong(f"Nøgle nr. {kid} i nøgleringen er ikke den, databasen er skrevet med.")

    def with_new_root(self) -> Keyring:
        """The same ring with one more random root, not yet primary: first every host gets it, then it is used."""
        return Keyring({**self.roots, max(self.roots) + 1: os.urandom(ROOT_BYTES)}, self.primary)

    def used_by(self, known: Iterable[int]) -> Keyring:
        """The same ring, with the newest root that a database knows of wrapping: the same on every host, whichever copy
        of the file it has."""
        return Keyring(self.roots, max(known, default=self.primary))

    def newest_primary(self) -> Keyring:
        """The same ring, with its newest root wrapping from now on."""
        return Keyring(self.roots, max(self.roots))

    def agrees_with(self, other: Keyring) -> bool:
        """Whether the roots that both have are the same, and their anchor is."""
        both = self.roots.keys() & other.roots.keys()
        same = [hmac.compare_digest(self.roots[kid], other.roots[kid]) for kid in both]
        return self.anchor == other.anchor and all(same)

    def to_text(self) -> str:
        """The key file's content."""
        keys = {str(kid): base64.b64encode(root).decode() for kid, root in sorted(self.roots.items())}
        return json.dumps({"format": 1, "primær": self.primary, "nøgler": keys}, ensure_ascii=False, indent=1) + "\n"


def new_keyring() -> Keyring:
    """A keyring with one random root."""
    return Keyring({1: os.urandom(ROOT_BYTES)}, 1)


def parse_keyring(text: str, name: str) -> Keyring:
    """A keyring from a key file's text; raises KeyWrong when it is not one."""
    try:
        data = json.loads(text)
        roots = {int(kid): base64.b64decode(root, validate=True) for kid, root in data["nøgler"].items()}
        keyring = Keyring(roots, int(data["primær"]))
        whole = all(0 < kid < 1 << 16 and len(root) == ROOT_BYTES for kid, root in roots.items())
        sound = data["format"] == 1 and keyring.primary in roots and whole
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        sound = False
    if not sound:
        raise KeyWrong(f"{name} er ikke en nøglering.")
    return keyring


def _derive(root: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"raadgivning/1/" + info).derive(root)
