"""Lists of contacts: the log by day, and everything about one resident; opened as a batch with one trace."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, hent_beboere
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.opening import open_many

SIDELÆNGDE = 25


@dataclass(frozen=True)
class Kontaktlinje:
    """A contact in a list. Both values are None when their key is destroyed; `beboer` also when it was anonymous."""

    kontakt: Kontakt
    data: KontaktData | None
    beboer: BeboerData | None


@dataclass(frozen=True)
class Udsnit:
    """Which contacts a list shows."""

    fra: date | None = None
    art: str = ""
    mine: bool = False
    beboer_id: uuid.UUID | None = None


def kontaktliste(session: Session, udsnit: Udsnit, side: int = 1) -> tuple[list[Kontaktlinje], int]:
    """One page of contacts, newest first, and the number of pages.

    The art lies in the envelope: choosing by it opens every contact of the period, without it only the page's.
    """
    if not udsnit.art:
        antal = session.exec(select(func.count()).select_from(Kontakt).where(*_where(session, udsnit))).one()
        return _lines(session, _rows(session, udsnit, side)), -(-antal // SIDELÆNGDE)
    rows = _rows(session, udsnit)
    data = open_many(session, rows, KontaktData, "liste efter art")
    fitting = [row for row in rows if row.id in data and data[row.id].art == udsnit.art]
    page = fitting[(side - 1) * SIDELÆNGDE : side * SIDELÆNGDE]
    return _lines(session, page, data), -(-len(fitting) // SIDELÆNGDE)


def kontakter_om(session: Session, beboer_id: uuid.UUID, anledning: str = "vis beboer") -> list[Kontaktlinje]:
    """Every contact with a resident, newest first (her page, her timeline, an indsigt)."""
    rows = _rows(session, Udsnit(beboer_id=beboer_id))
    data = open_many(session, rows, KontaktData, anledning)
    return [Kontaktlinje(row, data.get(row.id), None) for row in rows]


def _where(session: Session, udsnit: Udsnit) -> list[bool]:
    helhedsplan_id, bruger_id = acting(session)
    where = [Kontakt.helhedsplan_id == helhedsplan_id]
    if udsnit.fra is not None:
        where.append(Kontakt.dato >= udsnit.fra)
    if udsnit.mine:
        where.append(Kontakt.ejer_id == bruger_id)
    if udsnit.beboer_id is not None:
        where.append(Kontakt.beboer_id == udsnit.beboer_id)
    return where


def _rows(session: Session, udsnit: Udsnit, side: int | None = None) -> Sequence[Kontakt]:
    order = (col(Kontakt.dato).desc(), col(Kontakt.oprettet).desc(), col(Kontakt.id))
    query = select(Kontakt).where(*_where(session, udsnit)).order_by(*order)
    if side is not None:
        query = query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)
    return session.exec(query).all()


def _lines(
    session: Session, rows: Sequence[Kontakt], data: dict[uuid.UUID, KontaktData] | None = None
) -> list[Kontaktlinje]:
    if data is None:
        data = open_many(session, rows, KontaktData, "liste")
    beboere = hent_beboere(session, [row.beboer_id for row in rows], "kontaktliste")
    return [Kontaktlinje(k, data.get(k.id), beboere.get(k.beboer_id) if k.beboer_id else None) for k in rows]
