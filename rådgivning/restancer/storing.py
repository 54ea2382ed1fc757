"""How a restancesag is opened to be changed and stored again: held, derived, counted, sealed, traced. Knows no Flask.

Figures count endings: a case becomes a fact in the month of the day it ended, and loses it when it is opened again.
"""

from __future__ import annotations

import uuid

from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, hent
from rådgivning.fakta import facts
from rådgivning.nøgler.changes import note_change
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import Dør, is_readable, open_whole, seal
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.phases import tilstand
from rådgivning.restancer.waiting import nået_i_tide, ventetid
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


def locked(session: Session, id: uuid.UUID) -> Restancesag:  # noqa: A002
    """The case, held until the commit, so that of two who save at once the second sees the first."""
    hold(session)
    query = select(Restancesag).where(Restancesag.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("restancesag", id)
    return hent(session, Restancesag, id)


def readable(session: Session, sag: Restancesag) -> Restancesag:
    """The case, for a form about it; raises Shredded when its resident is erased: there is nothing to write in."""
    if not is_readable(session, sag):
        raise Shredded("restancesag")
    return sag


def open_locked(session: Session, id: uuid.UUID) -> tuple[Restancesag, RestancesagData]:  # noqa: A002
    """The locked case and all it says, for a step that carries it on; raises Shredded when the resident is erased."""
    sag = locked(session, id)
    return sag, open_whole(session, sag, RestancesagData, "ret restancesag", Dør.RESTANCESAG)


def changed(session: Session, sag: Restancesag, data: RestancesagData, anledning: str) -> Restancesag:
    """Store a changed case as its next version; `anledning` says in the trail what was changed."""
    sag.version += 1
    store(session, sag, data)
    trace(session, Handling.ÆNDRET, sag, anledning)
    return sag


def store(session: Session, sag: Restancesag, data: RestancesagData) -> None:
    """Derive the clear columns, keep the fact in step, and seal."""
    stand = tilstand(data.hændelser)
    sag.fase, sag.frist, sag.lukket = stand.fase, stand.frist, stand.lukket
    data.udfald = stand.udfald
    data.faktum_id = _count(session, sag, data, stand.nået)
    seal(session, sag, data)
    session.add(sag)


def _count(session: Session, sag: Restancesag, data: RestancesagData, nået: str) -> uuid.UUID | None:
    """The fact of a closed case, added, corrected, or taken away when it is open."""
    if sag.lukket is None:
        if data.faktum_id is not None:
            facts.fjern(session, data.faktum_id)
        return None
    dimensions = facts.Dimensioner(
        helhedsplan_id=sag.helhedsplan_id,
        enhed="restancesag",
        måned=f"{sag.lukket:%Y-%m}",
        afdeling=data.afdeling,
        udfald=data.udfald,
        fase=nået,
        kontaktet=nået_i_tide(data.hændelser, data.kontaktet),
        ventetid=ventetid(sag.oprettet, data.kontaktet),
        pseudonym=pseudonym(session, sag.person_id, sag.lukket.year),
    )
    if data.faktum_id is None:
        return facts.tilføj(session, **dimensions)
    facts.ret(session, data.faktum_id, **dimensions)
    return data.faktum_id


def trace(session: Session, handling: Handling, sag: Restancesag, anledning: str = "") -> None:
    """Write in the trail what was done with a case, and let every worker's list read it again."""
    beboere = [sag.beboer_id] if sag.beboer_id else []
    skriv(session, handling, "restancesag", [sag.id], beboere=beboere, anledning=anledning)
    note_change(session, sag.helhedsplan_id, sag.id)
