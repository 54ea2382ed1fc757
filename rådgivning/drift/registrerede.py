"""The verbs `databeskyttelse indsigt` and `databeskyttelse slet`: a resident's rights without a browser."""

from __future__ import annotations

import os
import sys
import uuid
from argparse import Namespace
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import systemet
from rådgivning.beboere.models import Beboer
from rådgivning.dansk import dato
from rådgivning.database import på_tværs
from rådgivning.databeskyttelse.collecting import saml
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.databeskyttelse.export import Kvitteret, afslut, forbered, skriv_zip
from rådgivning.databeskyttelse.masking import aftryk_af, fritekster
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering, Slags, Status
from rådgivning.databeskyttelse.receipts import KOMMANDO, i_ord, kvittering_for
from rådgivning.databeskyttelse.requests import tekst
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Begrænset
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør

ORDET = "SLET"
NYT = "Der er skrevet nyt om beboeren, siden teksterne blev set igennem. Se dem igennem igen i anmodningen."


def add_verbs(databeskyttelse: Any) -> None:
    """Add this file's verbs to the group `databeskyttelse`."""
    indsigt = add_verb(
        databeskyttelse, "indsigt", _indsigt,
        "Skriv alt om en beboer til en ZIP-fil (art. 15). Det, der er streget over i anmodningen, er streget over her.",
        "raadgivning databeskyttelse indsigt 7c9e6679-7425-40de-944b-e07fc1f90ae7 --ud indsigt.zip",
    )  # fmt: skip
    indsigt.add_argument("beboer", type=uuid.UUID, help="beboerens id, som det står i sporet")
    indsigt.add_argument("--ud", type=Path, required=True, help="filen; den må ikke findes i forvejen")
    slet = add_verb(
        databeskyttelse, "slet", _slet,
        "Slet en beboer for altid, og vis kvitteringen (art. 17). Er det sket, vises kvitteringen igen.",
        "raadgivning databeskyttelse slet 7c9e6679-7425-40de-944b-e07fc1f90ae7",
    )  # fmt: skip
    slet.add_argument("beboer", type=uuid.UUID, help="beboerens id, som det står i sporet")
    slet.add_argument("--ja", action="store_true", help="spørg ikke")


def _indsigt(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    try:
        with _session(kontekst, args.beboer) as session:
            data, gennemset = _reviewed(session, args.beboer)
            udtræk = forbered(session, args.beboer, data, None)
            handle = _new_file(args.ud)
            session.commit()
            kvitteret = Kvitteret()
            with os.fdopen(handle, "wb") as file:
                for piece in skriv_zip(udtræk, kvitteret):
                    file.write(piece)
            afslut(session, udtræk, kvitteret)
            session.commit()
    finally:
        kontekst.close()
    sys.stdout.write(f"{args.ud}: {udtræk.samling.antal} rækker, SHA-256 {kvitteret.sha256.hexdigest()}\n")
    if not gennemset:
        sys.stderr.write(
            "OBS: teksterne er ikke set igennem i en anmodning. Kun felterne om andre personer er udeladt;"
            " læs noterne, før filen gives videre.\n"
        )
    return 0


def _reviewed(session: Session, beboer_id: uuid.UUID) -> tuple[AnmodningData, bool]:
    """What was struck out in her latest indsigt that was gone through and not refused, and whether there is one.

    Raises KommandoFejl when a text was written since: nobody has gone through that one.
    """
    mine = (
        Anmodning.beboer_id == beboer_id, Anmodning.slags == Slags.INDSIGT, Anmodning.status != Status.AFVIST,
        col(Anmodning.gennemset).is_not(None),
    )  # fmt: skip
    row = session.exec(select(Anmodning).where(*mine).order_by(col(Anmodning.gennemset).desc())).first()
    found = tekst(session, row, "indsigt") if row is not None else None
    if found is not None and aftryk_af(fritekster(saml(session, beboer_id, "er der skrevet nyt"))) != found.aftryk:
        raise KommandoFejl(NYT)
    return found or AnmodningData(), found is not None


def _new_file(path: Path) -> int:
    """A file nobody else may read, which was not there."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KommandoFejl(f"{path} findes allerede. Vælg et andet navn, eller slet filen.") from None
    except OSError:
        raise KommandoFejl(f"{path} kan ikke skrives. Findes mappen?") from None


def _slet(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    try:
        with _session(kontekst, args.beboer, slettet=True) as session:
            if session.get(Beboer, args.beboer) is not None and not args.ja:
                sys.stderr.write(f"Alt om beboeren bliver ulæseligt for altid. Skriv {ORDET} for at fortsætte: ")
                sys.stderr.flush()
                session.rollback()
                if sys.stdin.readline().strip() != ORDET:
                    raise KommandoFejl("Der er ikke slettet noget.")
            try:
                receipt = session.get_one(Kvittering, slet_person(session, args.beboer, KOMMANDO, af=None))
            except Begrænset:
                raise KommandoFejl("Behandlingen er begrænset (art. 18). Ophæv begrænsningen først.") from None
            session.commit()
            sys.stdout.write(f"Slettet: {', '.join(i_ord(receipt.antal))}\n")
            data = f", den sidste af databasen efter den {dato(receipt.data_glemt)}" if receipt.data_glemt else ""
            sys.stdout.write(
                f"Kvittering {receipt.nummer}. Den sidste sikkerhedskopi af nøglen"
                f" er væk efter den {dato(receipt.glemt)}{data}.\n"
            )
    finally:
        kontekst.close()
    return 0


def _session(kontekst: Nøglekontekst, beboer_id: uuid.UUID, *, slettet: bool = False) -> Session:
    """A Session of the program itself in the resident's helhedsplan; with `slettet` also of one who has a receipt."""
    with kontekst.session(Aktør()) as session, på_tværs(session):
        beboer = session.get(Beboer, beboer_id)
        receipt = kvittering_for(session, beboer_id) if slettet else None
        found = beboer or receipt
        if found is None:
            raise KommandoFejl("Der er ingen beboer med det id. Det står på beboerens side og i sporet.")
        plan_id = found.helhedsplan_id
        session.rollback()
    return kontekst.session(systemet(plan_id))
