"""The verb `import kontakter`: a spreadsheet of contacts into the log, as on the page, with progress."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import ÅBNER, Rolle
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.kontakter.importing import importér
from rådgivning.kontakter.sheet import FilFejl, læs_fil
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    importen = group(verbs, "import", "Hent regneark ind.")
    kontakter = add_verb(
        importen, "kontakter", _kontakter, "Importér kontakter fra CSV eller XLSX; samme fil to gange fordobler ikke.",
        "raadgivning import kontakter kontakter.csv --bruger anna",
    )  # fmt: skip
    kontakter.add_argument("fil", type=Path, help="CSV (UTF-8 eller Windows-1252) eller XLSX")
    kontakter.add_argument("--bruger", help="beboerrådgiverens brugernavn (kan udelades, når der kun er én)")


def _kontakter(settings: Settings, args: Namespace) -> int:
    try:
        rækker = læs_fil(args.fil.name, args.fil.read_bytes())
    except OSError:
        raise KommandoFejl(f"Filen {args.fil} kan ikke læses.") from None
    except FilFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        aktør = _adviser(session, args.bruger)
    with kontekst.session(aktør) as session:
        resultat = importér(session, rækker, progress("Rækker", len(rækker.rækker)))
        session.commit()
    for afvist in resultat.fejl:
        sys.stdout.write(f"række {afvist.række}, {afvist.kolonne}: {afvist.grund}\n")
    sys.stdout.write(f"{resultat.linje}\n")
    return 1 if resultat.fejl else 0


def _adviser(session: Session, brugernavn: str | None) -> Aktør:
    query = select(Bruger).where(Bruger.rolle == Rolle.BEBOERRÅDGIVER, col(Bruger.spærret).is_(None))
    if brugernavn is not None:
        query = query.where(Bruger.brugernavn == brugernavn)
    found = session.exec(query).all()
    if len(found) != 1:
        raise KommandoFejl("Vælg den beboerrådgiver, kontakterne hører til, med --bruger. Se: raadgivning bruger liste")
    bruger = found[0]
    return Aktør(bruger.id, bruger.rolle, bruger.helhedsplan_id, ÅBNER[Rolle.BEBOERRÅDGIVER])
