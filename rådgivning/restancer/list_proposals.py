"""Cases that are no longer on their sender's list: proposed as betalt, never closed without somebody saying so."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import IkkeFundet, hent
from rådgivning.beboere.residents import acting
from rådgivning.restancer import cases
from rådgivning.restancer.models import Listesag, Restanceliste, Restancesag
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

UDFALD = "betalt"
KILDE = "opkrævning"


@dataclass(frozen=True)
class Forslag:
    """One proposal: the case is not on the list as of `dato`."""

    id: uuid.UUID
    sag_id: uuid.UUID
    liste_id: uuid.UUID
    dato: date


def åbne_forslag(session: Session, sager: Collection[uuid.UUID] | None = None) -> list[Forslag]:
    """The helhedsplan's proposals nobody has answered, of cases that are still open; only of `sager` when named."""
    helhedsplan_id, _bruger = acting(session)
    query = (
        select(Listesag, col(Restanceliste.dato))
        .join(Restanceliste, col(Restanceliste.id) == col(Listesag.liste_id))
        .join(Restancesag, col(Restancesag.id) == col(Listesag.sag_id))
        .where(Listesag.helhedsplan_id == helhedsplan_id, Listesag.forslag == "åbent")
        .where(col(Restancesag.lukket).is_(None))
    )
    if sager is not None:
        query = query.where(col(Listesag.sag_id).in_(sager))
    rows = session.exec(query.order_by(col(Restanceliste.dato), col(Listesag.id))).all()
    return [Forslag(row.id, row.sag_id, row.liste_id, dato) for row, dato in rows]


def godtag(session: Session, forslag_id: uuid.UUID) -> uuid.UUID:
    """Close the case as betalt on the day of the list; the case's id. Twice closes once.

    Raises Konflikt when it is closed already, SagFejl when something happened in it later.
    """
    hold(session)
    row = hent(session, Listesag, forslag_id)
    if row.forslag == "åbent":
        dato = hent(session, Restanceliste, row.liste_id).dato
        cases.luk_sag(session, row.sag_id, udfald=UDFALD, dato=dato, kilde=KILDE, hændelse_id=row.id)
        _answer(session, row, "godtaget")
    return row.sag_id


def afvis(session: Session, forslag_id: uuid.UUID) -> uuid.UUID:
    """The case stays open although it is not on the list; its id."""
    hold(session)
    row = hent(session, Listesag, forslag_id)
    if row.forslag == "åbent":
        _answer(session, row, "afvist")
    return row.sag_id


def _answer(session: Session, row: Listesag, svar: str) -> None:
    row.forslag = svar
    session.add(row)
    if session.get(Restancesag, row.sag_id) is None:
        raise IkkeFundet("restancesag", row.sag_id)
    skriv(session, Handling.ÆNDRET, "listesag", [row.id], anledning=f"forslag {svar}")
