"""Backups to a key of the tests' own."""

from __future__ import annotations

import base64
from pathlib import Path

from pyrage import x25519

from rådgivning.drift.restoring import take
from rådgivning.nøgler.keyring import Keyring
from rådgivning.settings import Settings

KOPI = x25519.Identity.generate()


def kopi(settings: Settings, folder: Path) -> tuple[Path, Path]:
    """A backup to the tests' own backup key."""
    (data, _a), (keys, _b) = take(settings, [KOPI.to_public()], folder / "d", folder / "n")
    return data, keys


def roots_in(ring: Keyring, *folders: Path) -> list[Path]:
    """The files under these folders that hold a root of the ring, as bytes or as a key file has them."""
    wanted = [form for root in ring.roots.values() for form in (root, base64.b64encode(root))]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(form in path.read_bytes() for form in wanted)]
