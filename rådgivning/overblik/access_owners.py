"""Who hears of an emergency access and may end it, when the resident gets another beboerrådgiver. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Nødadgang
from rådgivning.beboere.residents import arbejdssted
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv


def giv_adgange_videre(session: Session, ids: Collection[uuid.UUID], ejer: uuid.UUID, anledning: str) -> None:
    """Accesses that run, to residents or rows about nobody (`ids`), are the new owner's to hear of and to end."""
    runs = (col(Nødadgang.til) > now(), col(Nødadgang.sluttet).is_(None))
    others = (Nødadgang.bruger_id != ejer, Nødadgang.kollega_id != ejer)
    rows = session.exec(select(Nødadgang).where(Nødadgang.helhedsplan_id == arbejdssted(session), *runs, *others)).all()
    for adgang in (row for row in rows if (row.beboer_id or row.række_id) in ids):
        adgang.kollega_id = ejer
        session.add(adgang)
        om = [adgang.beboer_id] if adgang.beboer_id is not None else []
        skriv(session, Handling.ÆNDRET, "nødadgang", [adgang.id], beboere=om, anledning=anledning)
        læg_i_kø(session, ejer, Slags.NØDADGANG)
