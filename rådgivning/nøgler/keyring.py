"""The keyring: root keys from outside the data folder, and everything derived from them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rådgivning.nøgler.errors import KeyMissing, KeyWrong

ROOT_BYTES = 32


@dataclass(frozen=True)
class Keyring:
    """Root keys by number (kid). `primary` wraps new person keys; `anchor`, the oldest, never rotates away because the
    audit, statistics and cookie keys hang on it."""

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
        """A 32-byte key for one purpose ("audit", "statistics", "rounding", "cookie"); no root is used for two."""
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

    def to_text(self) -> str:
        """The key file's content."""
        keys = {str(kid): base64.b64encode(root).decode() for kid, root in sorted(self.roots.items())}
        return json.dumps({"format": 1, "primær": self.primary, "nøgler": keys}, ensure_ascii=False, indent=1) + "\n"


def new_keyring() -> Keyring:
    """A keyring with one random root."""
    return Keyring({1: os.urandom(ROOT_BYTES)}, 1)


def write_keyring(path: Path, keyring: Keyring) -> None:
    """Write a new key file readable by its owner alone; raises FileExistsError rather than replace one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(keyring.to_text())
        file.flush()
        os.fsync(file.fileno())


def read_keyring(path: Path, data_folder: Path) -> Keyring:
    """Read a key file; raises KeyMissing when there is none and KeyWrong when it cannot be used or is unsafe."""
    if data_folder in path.parents:
        raise KeyWrong(f"Nøglefilen {path} ligger i datamappen. Flyt den ud, og sæt RAADGIVNING_KEY_FILE.")
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyMissing(
            f"Der er ingen nøglefil på {path}. Læg den tilbage fra gendannelsesarket, eller sæt RAADGIVNING_KEY_FILE."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise KeyWrong(f"Nøglefilen {path} kan ikke læses.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise KeyWrong(f"Nøglefilen {path} kan læses af andre. Kør: chmod 0400 {path}")
    return parse_keyring(text, str(path))


def parse_keyring(text: str, name: str) -> Keyring:
    """A keyring from a key file's text; raises KeyWrong when it is not one."""
    try:
        data = json.loads(text)
        roots = {int(kid): base64.b64decode(root, validate=True) for kid, root in data["nøgler"].items()}
        keyring = Keyring(roots, int(data["primær"]))
        sound = data["format"] == 1 and keyring.primary in roots and all(len(r) == ROOT_BYTES for r in roots.values())
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        sound = False
    if not sound:
        raise KeyWrong(f"{name} er ikke en nøglering.")
    return keyring


def _derive(root: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"raadgivning/1/" + info).derive(root)
