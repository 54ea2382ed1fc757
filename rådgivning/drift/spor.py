"""The verbs `spor tjek` and `spor hoved`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rådgivning.database import now
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.settings import Settings
from rådgivning.spor.check import antal_poster, tjek
from rådgivning.spor.heads import Hoved, HovedFejl, hoveder, hovedtekst, læs_hoveder
from rådgivning.spor.trail import Aktør


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    spor = group(verbs, "spor", "Sporet: hvem gjorde og læste hvad.")
    check = add_verb(
        spor, "tjek", _tjek, "Kontrollér at intet i sporet er ændret, fjernet eller flyttet.",
        "raadgivning spor tjek --hoved hoved-2026-11-16.txt",
    )  # fmt: skip
    check.add_argument(
        "--hoved", metavar="FIL|TEKST", help="et hoved, der er gemt et andet sted: finder også, hvad der er skrevet om"
    )
    add_verb(
        spor, "hoved", _hoved, "Skriv sporets hoved: længde og sidste kontrolværdi, til at gemme et andet sted.",
        "raadgivning spor hoved > hoved.txt",
    )  # fmt: skip


def _tjek(settings: Settings, args: Namespace) -> int:
    kendte = _known(args.hoved) if args.hoved else ()
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        show = progress("Poster kontrolleret", antal_poster(session))
        brud = tjek(session, kontekst.audit_key, show, kendte)
    for sted in brud:
        sys.stdout.write(f"BRUD i kæden {sted.kæde} ved post {sted.nr}: {sted.besked}\n")
    fine = "Sporet er ubrudt" + (" og det samme som i det gemte hoved.\n" if kendte else ".\n")
    sys.stdout.write(fine if not brud else f"{len(brud)} kæder er brudt.\n")
    return 1 if brud else 0


def _known(text: str) -> Sequence[Hoved]:
    """The heads in a file of this name, or in the text itself."""
    try:
        if "\n" not in text and len(text) < 250 and Path(text).is_file():
            text = Path(text).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise KommandoFejl("Filen med hovedet kan ikke læses.") from None
    try:
        return læs_hoveder(text)
    except HovedFejl as fejl:
        raise KommandoFejl(str(fejl)) from None


def _hoved(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        heads = hoveder(session)
        session.commit()
    sys.stdout.write(hovedtekst(heads, now()))
    return 0
