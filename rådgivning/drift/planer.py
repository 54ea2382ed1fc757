"""Verbs about the helhedsplaner: plan indlæs, eksport, liste."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError, Namespace
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.dansk import parse_dato
from rådgivning.database import på_tværs
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import alle_planer, indlæs
from rådgivning.plan.reader import PlanFejl
from rådgivning.plan.versions import tekst
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    plan = group(verbs, "plan", "Indlæs, eksportér og vis helhedsplaner.")
    verb = add_verb(
        plan, "indlæs", _indlæs, "Indlæs en helhedsplan fra en planfil, eller gør filen til planens næste version.",
        "raadgivning plan indlæs rådgivning/planer/ishøj-2025.toml --grund 'Delaftalen er revideret'",
    )  # fmt: skip
    verb.add_argument("fil", type=Path, help="planfil (TOML)")
    verb.add_argument("--grund", default="", help="hvorfor planen ændres; står ved versionen")
    verb.add_argument("--gælder-fra", dest="gælder_fra", type=_dag, help="dagen versionen gælder fra (uden: i dag)")
    verb = add_verb(
        plan, "eksport", _eksport, "Skriv en helhedsplan som planfil.",
        "raadgivning plan eksport ishøj-2025 --ud ishøj-2025.toml",
    )  # fmt: skip
    verb.add_argument("nøgle", help="planens nøgle, som »plan liste« viser den")
    verb.add_argument("--version", type=int, help="en tidligere version (uden: den gældende)")
    verb.add_argument("--ud", type=Path, help="fil (uden: skriv til skærmen)")
    add_verb(plan, "liste", _liste, "Vis indlæste helhedsplaner.", "raadgivning plan liste")


def indlæs_fil(session: Session, fil: Path, grund: str = "", gælder_fra: date | None = None) -> Helhedsplan:
    """Load a plan file; what is wrong with it is one KommandoFejl."""
    try:
        return indlæs(session, fil, grund=grund, gælder_fra=gælder_fra)
    except PlanFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl


def _dag(text: str) -> date:
    try:
        return parse_dato(text)
    except ValueError:
        raise ArgumentTypeError(text) from None


def _indlæs(settings: Settings, args: Namespace) -> int:
    with open_instance(settings).session(Aktør()) as session, på_tværs(session):
        plan = indlæs_fil(session, args.fil, args.grund, args.gælder_fra)
        session.commit()
        sys.stdout.write(f"Indlæst: {plan.navn} ({plan.nøgle}), version {plan.version}\n")
    return 0


def _eksport(settings: Settings, args: Namespace) -> int:
    with open_instance(settings).session(Aktør()) as session, på_tværs(session):
        plan = session.exec(select(Helhedsplan).where(Helhedsplan.nøgle == args.nøgle)).first()
        if plan is None:
            raise KommandoFejl(f"Der er ingen helhedsplan »{args.nøgle}«. Se dem med: raadgivning plan liste")
        try:
            data = tekst(session, plan.id, args.version).encode()
        except IkkeFundet:
            raise KommandoFejl(f"Helhedsplanen har ingen version {args.version}.") from None
    if args.ud is None:
        sys.stdout.buffer.write(data)
    else:
        args.ud.write_bytes(data)
    return 0


def _liste(settings: Settings, args: Namespace) -> int:
    with open_instance(settings).session(Aktør()) as session, på_tværs(session):
        for plan in alle_planer(session):
            sys.stdout.write(f"{plan.nøgle}  {plan.navn}  {plan.fra} – {plan.til}  version {plan.version}\n")
    return 0
