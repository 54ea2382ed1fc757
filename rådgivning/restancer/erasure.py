"""What becomes of restancesager when their resident is erased. Knows no Flask."""

from __future__ import annotations

import uuid

from sqlmodel import Session, select

from rådgivning.beboere.households import løs_sag
from rådgivning.beboere.residents import arbejdssted
from rådgivning.database import today
from rådgivning.restancer.models import Restancesag
from rådgivning.restancer.own import er_indberettet
from rådgivning.restancer.storing import trace
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold

GRUND = "beboeren er slettet"


def slet_beboers_sager(session: Session, beboer_id: uuid.UUID) -> int:
    """Let go of all cases of a resident who is being erased; how many. What was counted stays.

    A case of the beboerrådgiver's own goes. One that the landlord filed stays, ended and unreadable, for whoever filed
    it: it stands in her list as deleted, and on no list of work. A case still open is counted nowhere: nobody knows how
    it ends.
    """
    helhedsplan_id = arbejdssted(session)
    hold(session)
    query = select(Restancesag).where(Restancesag.helhedsplan_id == helhedsplan_id, Restancesag.beboer_id == beboer_id)
    rows = session.exec(query).all()
    for sag in rows:
        løs_sag(session, sag.id)
        if er_indberettet(session, sag):
            sag.lukket, sag.frist = sag.lukket or today(), None
            session.add(sag)
            trace(session, Handling.ÆNDRET, sag, GRUND)
        else:
            session.delete(sag)
            trace(session, Handling.SLETTET, sag, GRUND)
    session.flush()
    return len(rows)
