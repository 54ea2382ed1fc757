"""Backups to a key of the tests' own."""

from __future__ import annotations

from pathlib import Path

from pyrage import x25519

from rådgivning.drift.restoring import take
from rådgivning.settings import Settings

KOPI = x25519.Identity.generate()


def kopi(settings: Settings, folder: Path) -> tuple[Path, Path]:
    """A backup to the tests' own backup key."""
    (data, _a), (keys, _b) = take(settings, [KOPI.to_public()], folder / "d", folder / "n")
    return data, keys
