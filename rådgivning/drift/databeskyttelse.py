"""The verb `databeskyttelse slet-udløbne`: the night's run over every helhedsplan."""

from __future__ import annotations

import sys
import uuid
from argparse import Namespace
from functools import partial
from typing import Any

from sqlmodel import Session

from rådgivning.adgang.permissions import systemet
from rådgivning.database import på_tværs, today
from rådgivning.databeskyttelse.retention_run import AD_GANGEN, kør, vis
from rådgivning.databeskyttelse.trail_search import midnat
from rådgivning.databeskyttelse.weekly_head import send_hoveder
from rådgivning.drift import dokumenter, registrerede
from rådgivning.drift.brugere import vælg_plan
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.plans import alle_planer, frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.settings import Settings
from rådgivning.spor.retention import slet_gamle
from rådgivning.spor.trail import Aktør


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    databeskyttelse = group(verbs, "databeskyttelse", "Slettefrister, indsigt, sletning og dokumenter.")
    registrerede.add_verbs(databeskyttelse)
    dokumenter.add_to(databeskyttelse)
    verb = add_verb(
        databeskyttelse, "slet-udløbne", _slet_udløbne,
        "Slet det, hvis slettefrist er udløbet, og giv besked om det, hvis frist er nær (hver nat).",
        "raadgivning databeskyttelse slet-udløbne --vis",
    )  # fmt: skip
    verb.add_argument("--vis", action="store_true", help="vis kun, hvad der ville ske; intet ændres")
    verb.add_argument("--plan", help="kun denne helhedsplan, med dens nøgle (uden: dem alle)")


def _slet_udløbne(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        plans = [vælg_plan(session, args.plan)] if args.plan else alle_planer(session)
        chosen = [(plan.id, plan.nøgle) for plan in plans]
    failed = 0
    for plan_id, key in chosen:
        with _session(kontekst, settings, plan_id) as session:
            rules = frister(session, plan_id)
            if args.vis:
                done = vis(session, plan_id)
                for navn, antal in done.slettet.items():
                    if antal:
                        sys.stdout.write(f"{key}: {rules[navn].hvad}: {antal}\n")
        if not args.vis:
            try:
                done = kør(partial(_session, kontekst, settings, plan_id), plan_id, progress("Beboere slettet"))
            except Exception as error:  # noqa: BLE001 - its words may quote a row, and the other helhedsplaner go on
                failed += 1
                sys.stderr.write(f"fejl: {key}: kørslen blev afbrudt ({type(error).__name__}). Kør den igen.\n")
                continue
        failed += done.fejl
        sys.stdout.write(f"{key}: {'ville: ' if args.vis else ''}{done.linje}\n")
    if chosen and not args.vis:
        _system_trail(kontekst, settings, [plan_id for plan_id, _key in chosen])
    kontekst.close()
    return 1 if failed else 0


def _session(kontekst: Nøglekontekst, settings: Settings, plan_id: uuid.UUID) -> Session:
    session = kontekst.session(systemet(plan_id))
    session.info["settings"] = settings
    return session


def _system_trail(kontekst: Nøglekontekst, settings: Settings, plans: list[uuid.UUID]) -> None:
    """The chain of the system itself is kept as long as the helhedsplan that keeps its own the longest; and
    databeskyttelse gets the heads, when a week has passed, also where no mail is sent."""
    with kontekst.session(Aktør()) as session, på_tværs(session):
        session.info["settings"] = settings
        first = min(frister(session, plan_id)[Fristnavn.SPOR].grænse(today()) for plan_id in plans)
        while slet_gamle(session, None, før=midnat(first), højst=AD_GANGEN):
            session.commit()
        session.commit()
        send_hoveder(session)
