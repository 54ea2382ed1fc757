"""The verb `spor tjek`."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from rådgivning.spor.trail import Aktør


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    spor = group(verbs, "spor", "Sporet: hvem gjorde og læste hvad.")
    add_verb(
        spor, "tjek", _tjek, "Kontrollér at intet i sporet er ændret, fjernet eller flyttet.", "raadgivning spor tjek"
    )


def _tjek(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        brud = tjek(session, kontekst.audit_key, progress("Poster kontrolleret"))
    for sted in brud:
        sys.stdout.write(f"BRUD i kæden {sted.kæde} ved post {sted.nr}: {sted.besked}\n")
    sys.stdout.write("Sporet er ubrudt.\n" if not brud else f"{len(brud)} kæder er brudt.\n")
    return 1 if brud else 0
