"""The verbs `bruger opret|liste|spær|nulstil-to-trin`."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import BrugerFejl, KodeordFejl, find_bruger, hash_kodeord, nyt_kodeord, opret_bruger
from rådgivning.beskeder.queue import varsl_adgang
from rådgivning.database import på_tværs
from rådgivning.databeskyttelse.shutting_out import luk_ude, ny_adgang
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import alle_planer
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    bruger = group(verbs, "bruger", "Opret, vis og spær brugere.")
    opret = add_verb(
        bruger, "opret", _opret, "Opret en bruger; adgangskoden vises én gang.",
        "raadgivning bruger opret anna --navn 'Anna Opdigtet' --rolle beboerrådgiver",
    )  # fmt: skip
    opret.add_argument("brugernavn", help="brugernavn")
    opret.add_argument("--navn", required=True, help="fulde navn")
    opret.add_argument(
        "--rolle", required=True, choices=[str(r) for r in Rolle], metavar="ROLLE", help=", ".join(Rolle)
    )
    opret.add_argument("--plan", help="helhedsplanens nøgle (kan udelades, når der kun er én)")
    opret.add_argument("--boligorganisation", default="", help="nøgle; kræves for ejendomsdrift og inkasso")
    add_verb(bruger, "liste", _liste, "Vis brugere.", "raadgivning bruger liste")
    spær = add_verb(
        bruger, "spær", _spær, "Spær en bruger; alle brugerens sessioner ender straks.", "raadgivning bruger spær anna"
    )
    spær.add_argument("brugernavn", help="brugernavn")
    nulstil = add_verb(
        bruger, "nulstil-to-trin", _nulstil,
        "Fjern en brugers passkeys, apps og genoprettelseskoder, når de er mistet, og log den ud alle steder.",
        "raadgivning bruger nulstil-to-trin anna",
    )  # fmt: skip
    nulstil.add_argument("brugernavn", help="brugernavn; personen skal have vist, hvem hun er")


def _opret(settings: Settings, args: Namespace) -> int:
    kodeord = nyt_kodeord()
    with open_instance(settings).session(Aktør()) as session, på_tværs(session):
        plan = vælg_plan(session, args.plan)
        try:
            opret_bruger(
                session, plan.id, args.brugernavn, args.navn, Rolle(args.rolle), kodeord,
                boligorganisation=args.boligorganisation, skal_skifte=True,
            )  # fmt: skip
        except (KodeordFejl, BrugerFejl) as fejl:
            raise KommandoFejl(str(fejl)) from fejl
        session.commit()
    sys.stdout.write(f"{args.rolle} {args.brugernavn} {kodeord}\n")
    return 0


def vælg_plan(session: Session, nøgle: str | None) -> Helhedsplan:
    """The helhedsplan of this key, or the only one; raises KommandoFejl when that is not clear."""
    planer = [p for p in alle_planer(session) if nøgle in {None, p.nøgle}]
    if len(planer) != 1:
        raise KommandoFejl("Vælg helhedsplan med --plan. Se: raadgivning plan liste")
    return planer[0]


def _liste(settings: Settings, args: Namespace) -> int:
    with open_instance(settings).session(Aktør()) as session, på_tværs(session):
        for bruger in session.exec(select(Bruger).order_by(col(Bruger.brugernavn))).all():
            spærret = "  SPÆRRET" if bruger.spærret else ""
            sys.stdout.write(f"{bruger.rolle}  {bruger.brugernavn}  {bruger.navn}{spærret}\n")
    return 0


def _nulstil(settings: Settings, args: Namespace) -> int:
    kodeord = nyt_kodeord()
    hashed = hash_kodeord(kodeord)
    with open_instance(settings).session(Aktør()) as session, på_tværs(session):
        session.info.update(settings=settings, adgang_ændret=(varsl_adgang,))
        ny_adgang(session, _find(session, args.brugernavn), hashed, faktorer=True)
        session.commit()
    sys.stdout.write(f"{args.brugernavn} {kodeord}\n")
    return 0


def _find(session: Session, brugernavn: str) -> Bruger:
    bruger = find_bruger(session, brugernavn)
    if bruger is None:
        raise KommandoFejl(f"Der er ingen bruger {brugernavn}. Se: raadgivning bruger liste")
    return bruger


def _spær(settings: Settings, args: Namespace) -> int:
    with open_instance(settings).session(Aktør()) as session, på_tværs(session):
        bruger = _find(session, args.brugernavn)
        luk_ude(session, bruger)
        session.commit()
    sys.stdout.write(f"{args.brugernavn} er spærret.\n")
    return 0
