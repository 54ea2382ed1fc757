"""What becomes of restancesager when their resident is erased, or their own time is out. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from functools import partial

from sqlmodel import Session, col, delete, or_, select

from rådgivning.beboere.households import løs_sag
from rådgivning.beboere.residents import arbejdssted
from rådgivning.database import today
from rådgivning.fakta.facts import løsriv
from rådgivning.nøgler.opening import destroy_key
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.restancer.models import Listesag, Restanceliste, Restancesag
from rådgivning.restancer.own import er_indberettet
from rådgivning.restancer.storing import trace
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

GRUND = "beboeren er slettet"
SLETTEFRIST = "slettefrist"


def slet_beboers_sager(session: Session, beboer_id: uuid.UUID) -> int:
    """Let go of all cases of a resident who is being erased; how many. What was counted stays.

    A case of the beboerrådgiver's own goes. One that the landlord filed stays, ended and unreadable, for whoever filed
    it: it stands in her list as deleted, and on no list of work. A case still open is counted nowhere: nobody knows how
    it ends. A month that was frozen before she was linked to a case bears the case's own pseudonym.
    """
    helhedsplan_id = arbejdssted(session)
    hold(session)
    query = select(Restancesag).where(Restancesag.helhedsplan_id == helhedsplan_id, Restancesag.beboer_id == beboer_id)
    rows = session.exec(query).all()
    for sag in rows:
        løs_sag(session, sag.id)
        løsriv(session, helhedsplan_id, partial(pseudonym, session, sag.id))
        if er_indberettet(session, sag):
            sag.lukket, sag.frist = sag.lukket or today(), None
            session.add(sag)
            trace(session, Handling.ÆNDRET, sag, GRUND)
        else:
            session.delete(sag)
            trace(session, Handling.SLETTET, sag, GRUND)
    session.flush()
    return len(rows)


def slet_gamle_sager(session: Session, før: date, højst: int, undtagen: Collection[uuid.UUID] = ()) -> int:
    """Delete the helhedsplan's cases that ended before a day, at most so many, for whoever filed them as well; how
    many. What was counted stays, and leads back to nobody. The cases of the residents in `undtagen` are kept."""
    helhedsplan_id = arbejdssted(session)
    hold(session)
    query = select(Restancesag).where(Restancesag.helhedsplan_id == helhedsplan_id, col(Restancesag.lukket) < før)
    kept = or_(col(Restancesag.beboer_id).is_(None), col(Restancesag.beboer_id).not_in(undtagen))
    rows = session.exec(query.where(kept).order_by(col(Restancesag.id)).limit(højst)).all()
    for sag in rows:
        løs_sag(session, sag.id)
        session.delete(sag)
        trace(session, Handling.SLETTET, sag, SLETTEFRIST)
        session.flush()
        if sag.beboer_id is None:
            løsriv(session, helhedsplan_id, partial(pseudonym, session, sag.id))
            destroy_key(session, sag.id)
    return len(rows)


def slet_gamle_lister(session: Session, før: datetime, højst: int) -> int:
    """Delete the accounts of lists that were imported before an instant, at most so many; how many. The cases stay."""
    hold(session)
    query = select(Restanceliste).where(
        Restanceliste.helhedsplan_id == arbejdssted(session),
        Restanceliste.oprettet < før,
        col(Restanceliste.tilstand).in_(["færdig", "fortrudt"]),
    )
    rows = session.exec(query.order_by(col(Restanceliste.id)).limit(højst)).all()
    if rows:
        skriv(session, Handling.SLETTET, "restanceliste", [row.id for row in rows], anledning=SLETTEFRIST)
    for liste in rows:
        session.exec(delete(Listesag).where(col(Listesag.liste_id) == liste.id))
        session.delete(liste)
        destroy_key(session, liste.id, varig=False)
    session.flush()
    return len(rows)
