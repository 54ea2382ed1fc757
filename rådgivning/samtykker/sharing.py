"""The one question other rooms ask: may this be shared with them? Answered from consents. Knows no Flask.

docs/samtykke.md lists every place where something of a resident leaves, and which of them ask here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import date

from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import acting
from rådgivning.database import today
from rådgivning.nøgler.opening import open_many
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import Listenavn
from rådgivning.samtykker.consents import ANDET, OPKRÆVNING, gælder_den
from rådgivning.samtykker.models import Samtykke, SamtykkeData

KOMMUNE = "kommune"


class SamtykkeMangler(Konflikt):
    """Something may not be shared: no consent of the resident's held on that day. Nothing was saved."""

    def __init__(self, beboer_id: uuid.UUID | None) -> None:
        super().__init__("Der er intet samtykke, som tillader, at der gives oplysninger til modtageren.")
        self.beboer_id = beboer_id


def må_deles(session: Session, beboer_id: uuid.UUID, modtager: str = OPKRÆVNING) -> bool:
    """Whether the resident lets a recipient be told something now. For Opkrævning, who is shown something by the
    program itself, nothing is opened; for the others her consents are."""
    if modtager == OPKRÆVNING:
        return beboer_id in må_deles_for(session, [beboer_id])
    return gjaldt(session, beboer_id, {modtager}, today())


def gjaldt(session: Session, beboer_id: uuid.UUID, modtagere: Collection[str], dag: date) -> bool:
    """Whether one of the resident's consents allowed telling one of these recipients something on a day."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Samtykke).where(Samtykke.helhedsplan_id == helhedsplan_id, Samtykke.beboer_id == beboer_id)
    rows = [row for row in session.exec(query).all() if _held(row, dag)]
    given = open_many(session, rows, SamtykkeData, "må det deles").values()
    return any(set(data.modtagere) & set(modtagere) and (data.givet is None or data.givet <= dag) for data in given)


def _held(row: Samtykke, dag: date) -> bool:
    """Whether a consent had not ended by a day; withdrawn or renewed on that day it had."""
    ended = min((day for day in (row.trukket, row.fornyet) if day is not None), default=date.max)
    return (row.til is None or row.til >= dag) and dag < ended


def kræv_brobygning(session: Session, beboer_id: uuid.UUID | None, til: str, dag: date) -> None:
    """Raises SamtykkeMangler unless the resident had consented to telling the place a brobygning goes to (a key of the
    plan's list brobygning_til). About nobody nothing can be told."""
    if beboer_id is None or not gjaldt(session, beboer_id, modtagere_for(session, til), dag):
        raise SamtykkeMangler(beboer_id)


def modtagere_for(session: Session, brobygning_til: str) -> frozenset[str]:
    """The recipients of a consent that cover a place: its own key, the kommune for each of its offices, and for a place
    that is on no list of recipients whoever is named as another."""
    indhold = plan(session, acting(session)[0])
    known, place = (
        indhold.liste[Listenavn.SAMTYKKE_MODTAGER],
        indhold.liste[Listenavn.BROBYGNING_TIL].get(brobygning_til),
    )
    covers = {brobygning_til} & set(known)
    if place is not None and KOMMUNE in known and known[KOMMUNE].gruppe == place.gruppe:
        covers.add(KOMMUNE)
    return frozenset(covers or {ANDET})


def må_deles_for(session: Session, beboere: Iterable[uuid.UUID | None]) -> set[uuid.UUID]:
    """Those of the residents who let Opkrævning see what a restancesag shares, as one look-up of clear columns. What is
    restricted is shared with nobody."""
    helhedsplan_id, _bruger = acting(session)
    wanted = {b for b in beboere if b is not None}
    where = [col(Samtykke.beboer_id).in_(wanted), col(Samtykke.deler_restance).is_(True), *gælder_den(today())]
    free = select(Beboer.id).where(Beboer.id == Samtykke.beboer_id, col(Beboer.begrænset).is_(None)).exists()
    query = select(Samtykke.beboer_id).where(Samtykke.helhedsplan_id == helhedsplan_id, free, *where)
    return set(session.exec(query).all())
