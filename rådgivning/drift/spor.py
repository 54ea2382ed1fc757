"""The verbs `spor tjek`, `spor hoved` and `spor send`."""

from __future__ import annotations

import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from rådgivning.database import now
from rådgivning.drift.beskeder import OPTAGET, sekunder
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.drift.spor_modtager import Modtager, læs_modtager
from rådgivning.drift.tjek_drift import EFTERSET
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.check import Brud, antal_poster, tjek
from rådgivning.spor.heads import Hoved, HovedFejl, hoveder, hovedtekst, læs_hoveder
from rådgivning.spor.models import Handling
from rådgivning.spor.stream import gem_sendt, læs_strøm, næste, sammenlign, uden_poster
from rådgivning.spor.trail import Aktør, skriv


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
    check.add_argument(
        "--strøm",
        metavar="FIL",
        type=Path,
        help="linjer fra »spor send«, gemt et andet sted: sammenlignes post for post",
    )
    send = add_verb(
        spor, "send", _send, "Send sporets nye poster til en modtager uden for maskinen, én gang eller igen og igen.",
        "raadgivning spor send --hvert 10",
    )  # fmt: skip
    send.add_argument("--hvert", type=sekunder, metavar="SEKUNDER", help="bliv ved, med så mange sekunder imellem")
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
        brud += _stream(session, args.strøm) if args.strøm else []
        if not brud:  # nothing is written into a trail that is broken: it is evidence
            skriv(session, Handling.SYSTEM, "spor", anledning=EFTERSET)
            session.commit()
    for sted in brud:
        sys.stdout.write(f"BRUD i kæden {sted.kæde} ved post {sted.nr}: {sted.besked}\n")
    kept = [*(["det gemte hoved"] if kendte else []), *(["den gemte strøm"] if args.strøm else [])]
    fine = "Sporet er ubrudt" + (f" og det samme som i {' og '.join(kept)}.\n" if kept else ".\n")
    sys.stdout.write(fine if not brud else f"{len(brud)} kæder er brudt.\n")
    return 1 if brud else 0


def _stream(session: Session, path: Path) -> list[Brud]:
    """What is not as it was sent. Raises KommandoFejl when the file holds no line of ours."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            brud, count = sammenlign(session, læs_strøm(lines))
    except OSError:
        raise KommandoFejl("Filen med strømmen kan ikke læses.") from None
    if not count:
        raise KommandoFejl("Filen har ingen linjer fra »spor send«.")
    return brud


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


def _send(settings: Settings, args: Namespace) -> int:
    modtager = læs_modtager(settings)
    if modtager is None:
        raise KommandoFejl("Sæt RAADGIVNING_SPOR_MODTAGER, fx tls://log.example.dk:6514 eller journal.")
    kontekst = open_instance(settings)
    stop = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    try:
        while True:
            done = _round(kontekst, modtager, stop)
            if args.hvert is None or stop.wait(args.hvert):
                return 0 if done or args.hvert is not None else 1
    finally:
        signal.signal(signal.SIGTERM, before)
        kontekst.close()


def _round(kontekst: Nøglekontekst, modtager: Modtager, stop: threading.Event) -> bool:
    """Hand over what is new; whether the receiver took it and nothing is missing here. What it did not take comes again
    in the next round."""
    sent, lost = 0, list[str]()
    try:
        with kontekst.session(Aktør()) as session:
            while not stop.is_set() and (entries := næste(session)):
                modtager.aflever(entries)
                gem_sendt(session, entries[-1])
                sent += len(entries)
            lost = [*uden_poster(session)]
    except OperationalError:
        sys.stderr.write(f"{OPTAGET} Prøv igen.\n")
        return False
    except OSError as fejl:
        sys.stderr.write(f"Modtageren af sporet svarer ikke ({type(fejl).__name__}). Posterne er ikke tabt.\n")
        return False
    if sent:
        sys.stderr.write(f"{sent} poster sendt\n")
    for kæde in lost:
        sys.stderr.write(f"Kæden {kæde} mangler poster, som skulle være sendt. Kør: raadgivning spor tjek\n")
    return not lost
