"""The verbs `drift …`: what stands around the program, made and looked at."""

from __future__ import annotations

from typing import Any

from rådgivning.drift import opsætning, tjek
from rådgivning.drift.parser import group


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    drift = group(verbs, "drift", "Det, der står rundt om programmet.")
    opsætning.add_to(drift)
    tjek.add_to(drift)
