"""What is kept about users who have left, and about who stood in for whom: counted and deleted under the plan's rules.

A user who was blocked long ago keeps her row, since others point at it, but not her name: a role and a number stand in
its place wherever she is shown. Knows no Flask.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Delete
from sqlmodel import Session, col, delete, func, select, update

from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import (
    Bruger,
    BrugerFaktor,
    BrugerIdentitet,
    Genoprettelseskode,
    IdentitetInvitation,
    Mellemtrin,
    OidcBrugt,
    Rettighedsafgørelse,
    Rettighedsgennemgang,
    Vikar,
    Visning,
)
from rådgivning.beskeder.models import Beskedvalg
from rådgivning.database import COPENHAGEN, now
from rådgivning.databeskyttelse.trail_models import Bopæl
from rådgivning.databeskyttelse.trail_search import midnat
from rådgivning.kalender.models import Kalenderfeed
from rådgivning.nøgler.models import Begrænsningslæsning
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

SLETTEFRIST = "slettefrist"
HENDES = (BrugerFaktor, BrugerIdentitet, Genoprettelseskode, Visning, Beskedvalg, Bopæl)
"""What only she has use of; her sessions, devices, drafts and notices have ended before."""


def spærret_dage(session: Session, plan_id: uuid.UUID, før: date) -> list[date]:
    """On which days before a day those were blocked whose names still stand."""
    found = session.exec(select(Bruger.spærret).where(*_named(plan_id, før))).all()
    return [at.astimezone(COPENHAGEN).date() for at in found if at is not None]


def slet_navne(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    """Put a role and a number in the place of the names of those who were blocked before a day, in what was decided
    about them as well."""
    old = select(Bruger.id).where(*_named(plan_id, før)).order_by(col(Bruger.id)).limit(højst)
    locked = [lås_bruger(session, bruger_id, nøgle=True) for bruger_id in session.exec(old).all()]
    hold(session)
    still = session.exec(select(Bruger.id).where(*_named(plan_id, før))).all()
    rows = [row for row in locked if row.id in still]
    gone = (Bruger.helhedsplan_id == plan_id, col(Bruger.navn_slettet).is_not(None))
    already = session.exec(select(func.count()).select_from(Bruger).where(*gone)).one()
    for number, row in enumerate(rows, already + 1):
        row.navn, row.brugernavn = f"{row.rolle.capitalize()} {number} (ikke længere ansat)", f"slettet {row.id}"
        row.email, row.kodeord, row.sidst_logget_ind, row.navn_slettet = "", "", None, now()
        session.add(row)
        for model in HENDES:
            session.exec(delete(model).where(col(model.bruger_id) == row.id))
        told = update(Rettighedsafgørelse).where(col(Rettighedsafgørelse.bruger_id) == row.id)
        session.exec(told.values(navn=row.navn, brugernavn="", note=""))
    if rows:
        skriv(session, Handling.SLETTET, "bruger", [row.id for row in rows], anledning=SLETTEFRIST)
    session.flush()
    return len(rows)


def feed_dage(session: Session, plan_id: uuid.UUID, før: date) -> list[date]:
    """On which days before a day calendar addresses were called back."""
    found = session.exec(select(Kalenderfeed.tilbagekaldt).where(*_called_back(plan_id, før))).all()
    return [at.astimezone(COPENHAGEN).date() for at in found if at is not None]


def slet_feeds(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    """Calendar addresses that were called back before a day."""
    ids = session.exec(select(Kalenderfeed.id).where(*_called_back(plan_id, før)).limit(højst)).all()
    session.exec(delete(Kalenderfeed).where(col(Kalenderfeed.id).in_(ids)))
    return len(ids)


def slet_vikarer(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    """Who stood in for whom until before a day."""
    old = (Vikar.helhedsplan_id == plan_id, Vikar.til < før)
    ids = session.exec(select(Vikar.id).where(*old).limit(højst)).all()
    return _delete(session, "vikar", ids, [delete(Vikar).where(col(Vikar.id).in_(ids))])


def slet_gennemgange(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    """Reviews of rights that began before a day, with what was decided and the names as they were."""
    old = (Rettighedsgennemgang.helhedsplan_id == plan_id, Rettighedsgennemgang.begyndt < midnat(før))
    ids = session.exec(select(Rettighedsgennemgang.id).where(*old).limit(højst)).all()
    decided = delete(Rettighedsafgørelse).where(col(Rettighedsafgørelse.gennemgang_id).in_(ids))
    reviews = delete(Rettighedsgennemgang).where(col(Rettighedsgennemgang.id).in_(ids))
    return _delete(session, "rettighedsgennemgang", ids, [decided, reviews])


def ryd_udløbne(session: Session) -> None:
    """What was good for some minutes and was not tidied away at a sign-in."""
    session.exec(delete(Mellemtrin).where(col(Mellemtrin.udløber) < now()))
    session.exec(delete(IdentitetInvitation).where(col(IdentitetInvitation.udløber) < now()))
    session.exec(delete(OidcBrugt).where(col(OidcBrugt.udløber) < now()))
    session.exec(delete(Begrænsningslæsning).where(col(Begrænsningslæsning.til) < now()))


def _delete(session: Session, genstand: str, ids: Sequence[uuid.UUID], statements: list[Delete]) -> int:
    if ids:
        hold(session)
        skriv(session, Handling.SLETTET, genstand, ids, anledning=SLETTEFRIST)
        for statement in statements:
            session.exec(statement)
    return len(ids)


def _named(plan_id: uuid.UUID, før: date) -> tuple[ColumnElement[bool], ...]:
    blocked = col(Bruger.spærret) < midnat(før)
    return col(Bruger.helhedsplan_id) == plan_id, blocked, col(Bruger.navn_slettet).is_(None)


def _called_back(plan_id: uuid.UUID, før: date) -> tuple[ColumnElement[bool], ...]:
    users = select(Bruger.id).where(Bruger.helhedsplan_id == plan_id)
    return col(Kalenderfeed.bruger_id).in_(users), col(Kalenderfeed.tilbagekaldt) < midnat(før)
