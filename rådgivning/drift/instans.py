"""Verbs about the instance itself: opret, database."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import BrugerFejl, KodeordFejl, nyt_kodeord, opret_bruger, tjek_bruger
from rådgivning.database import på_tværs
from rådgivning.drift.ark import add_options, check_folder, hand_out
from rådgivning.drift.instance import create_instance, upgrade_existing
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.planer import indlæs_fil
from rådgivning.plan.reader import PlanFejl, læs
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør

PLANER = Path(__file__).resolve().parents[1] / "planer"


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    opret = add_verb(
        verbs,
        "opret",
        _opret,
        "Opret en ny instans: nøglefil, database, helhedsplan og første bruger.",
        "raadgivning opret --plan rådgivning/planer/ishøj-2025.toml --bruger anna --navn 'Anna Opdigtet'",
        åbner=False,
    )
    opret.add_argument("--plan", type=Path, default=PLANER / "ishøj-2025.toml", help="planfil (TOML)")
    opret.add_argument("--bruger", required=True, help="brugernavn til den første bruger (rollen databeskyttelse)")
    opret.add_argument("--navn", required=True, help="den første brugers navn")
    add_options(opret)
    database = group(verbs, "database", "Databasens udgave.")
    add_verb(
        database, "opgrader", _opgrader, "Bring databasen op på programmets udgave.", "raadgivning database opgrader",
        åbner=False,
    )  # fmt: skip


def _opret(settings: Settings, args: Namespace) -> int:
    kodeord = nyt_kodeord() if not sys.stdin.isatty() else getpass.getpass("Adgangskode (tom = lav en): ")
    kodeord = kodeord or nyt_kodeord()
    _check(args, kodeord)
    check_folder(args.ark)
    kontekst = create_instance(settings)
    with kontekst.session(Aktør()) as session, på_tværs(session):
        plan = indlæs_fil(session, args.plan)
        opret_bruger(session, plan.id, args.bruger, args.navn, Rolle.DATABESKYTTELSE, kodeord)
        session.commit()
    kontekst.close()
    sys.stdout.write(f"Instansen er oprettet i {settings.instance}\n")
    sys.stdout.write(f"Nøglefil: {settings.key_file}  (uden den eller arket kan intet åbnes)\n\n")
    try:
        hand_out(kontekst.keyring, dele=args.dele, mappe=args.ark)
    finally:  # the sheet can be had again, the password cannot
        sys.stdout.write(f"\n{Rolle.DATABESKYTTELSE} {args.bruger} {kodeord}\n")
    return 0


def _check(args: Namespace, kodeord: str) -> None:
    """Refuse what cannot be used before anything is made."""
    try:
        læs(args.plan.read_bytes(), args.plan.name)
        tjek_bruger(args.bruger, kodeord)
    except OSError:
        raise KommandoFejl(f"Planfilen {args.plan} kan ikke læses.") from None
    except (PlanFejl, BrugerFejl, KodeordFejl) as fejl:
        raise KommandoFejl(str(fejl)) from fejl


def _opgrader(settings: Settings, args: Namespace) -> int:
    sys.stdout.write(f"Databasen er på udgave {upgrade_existing(settings)}\n")
    return 0
