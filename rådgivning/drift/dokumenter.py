"""The verb `databeskyttelse dokumenter`: every document of accountability as a file."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from rådgivning.database import now
from rådgivning.databeskyttelse.accountability_views import ALLE
from rådgivning.databeskyttelse.documents import Grundlag
from rådgivning.databeskyttelse.libraries import sbom_json
from rådgivning.databeskyttelse.paper import som_pdf
from rådgivning.drift.brugere import vælg_plan
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, skriv


def add_to(databeskyttelse: Any) -> None:
    """Add the verb to its group."""
    verb = add_verb(
        databeskyttelse, "dokumenter", _dokumenter,
        "Skriv fortegnelse, slettepolitik, rettigheder, biblioteker og ASVS-tabel som filer, lavet af det, der kører.",
        "raadgivning databeskyttelse dokumenter --ud dokumenter",
    )  # fmt: skip
    verb.add_argument("--ud", required=True, type=Path, metavar="MAPPE", help="mappen, filerne skrives i")
    verb.add_argument("--plan", help="helhedsplanens nøgle (kan udelades, når der kun er én)")


def _dokumenter(settings: Settings, args: Namespace) -> int:
    files = _files(settings, args.plan)
    try:
        args.ud.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (args.ud / name).write_bytes(content)
    except OSError:
        raise KommandoFejl(f"Der kan ikke skrives i {args.ud}. Vælg en anden mappe.") from None
    sys.stdout.write(f"{len(files)} filer i {args.ud}\n")
    return 0


def _files(settings: Settings, nøgle: str | None) -> dict[str, bytes]:
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        plan = vælg_plan(session, nøgle)
        session.info["aktør"] = Aktør(helhedsplan_id=plan.id)
        grund = Grundlag(session, plan.id, settings)
        made = {navn: make(grund) for navn, make in ALLE.items()}
        skriv(session, Handling.EKSPORTERET, "dokument", anledning="alle", detaljer={"antal": len(made) + 1})
        session.commit()
    kontekst.close()
    return {f"{navn}.pdf": som_pdf(dokument) for navn, dokument in made.items()} | {
        "biblioteker.cdx.json": sbom_json(now())
    }
