"""Restricting what is done with a resident's data (GDPR art. 18), and lifting it again. Knows no Flask."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, delete

from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import beboer_nu, lås_beboer
from rådgivning.database import now
from rådgivning.nøgler.errors import Begrænset
from rådgivning.nøgler.models import Begrænsningslæsning
from rådgivning.nøgler.restriction import KAN_IKKE_ÆNDRES
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

LÆSES_I: Final = timedelta(minutes=15)
LÆSEGRUNDE: Final = {
    "samtykke": "Beboeren har sagt ja til, at jeg læser det nu",
    "retskrav": "Det er nødvendigt for et retskrav",
    "beskyttelse": "Det er nødvendigt for at beskytte en anden person",
}
"""For what restricted data may be used besides being kept (art. 18(2))."""


def kræv_ubegrænset(session: Session, beboer_id: uuid.UUID) -> None:
    """Raises Begrænset (409) for a restricted resident, before anything is typed or changed; IkkeFundet."""
    if beboer_nu(session, beboer_id).begrænset is not None:
        raise Begrænset(KAN_IKKE_ÆNDRES, beboer_id)


def begræns(session: Session, beboer_id: uuid.UUID) -> None:
    """Freeze what there is about a resident; twice is as once. Raises IkkeFundet."""
    beboer = lås_beboer(session, beboer_id)
    if beboer.begrænset is None:
        beboer.begrænset = now()
        _save(session, beboer, "behandling begrænset")


def ophæv(session: Session, beboer_id: uuid.UUID) -> None:
    """Let work with a resident's data go on. Raises IkkeFundet."""
    beboer = lås_beboer(session, beboer_id)
    if beboer.begrænset is not None:
        beboer.begrænset = None
        _save(session, beboer, "begrænsning ophævet")
        session.exec(delete(Begrænsningslæsning).where(col(Begrænsningslæsning.person_id) == beboer_id))


def kan_læse(beboer: Beboer, bruger_id: uuid.UUID | None) -> bool:
    """Who may read a restricted resident by giving a reason: whose resident she is."""
    return beboer.ejer_id == bruger_id


def læs_alligevel(session: Session, beboer_id: uuid.UUID, grund: str) -> None:
    """Let the actor read a restricted resident for a quarter of an hour. `grund` is a key of LÆSEGRUNDE, and stands in
    the trail. Raises Begrænset for anybody but the owner."""
    beboer = beboer_nu(session, beboer_id)
    bruger_id = aktør(session).bruger_id
    if bruger_id is None or not kan_læse(beboer, bruger_id):
        raise Begrænset("Behandlingen er begrænset. Kun den beboerrådgiver, der har beboeren, kan læse oplysningerne.")
    session.merge(Begrænsningslæsning(bruger_id=bruger_id, person_id=beboer_id, grund=grund, til=now() + LÆSES_I))
    skriv(session, Handling.ÅBNET, "beboer", [beboer_id], beboere=[beboer_id], anledning=f"begrænset, {grund}")


def _save(session: Session, beboer: Beboer, anledning: str) -> None:
    session.add(beboer)
    skriv(session, Handling.ÆNDRET, "beboer", [beboer.id], beboere=[beboer.id], anledning=anledning)
    session.flush()
