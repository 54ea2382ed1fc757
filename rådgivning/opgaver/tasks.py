"""Follow-ups: made, corrected, done, undone, moved, deleted; one that recurs makes the next when it is done.

Knows no Flask.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.beboere.residents import acting, arbejdssted, beboer_nu
from rådgivning.database import today
from rådgivning.nøgler.covering import TAGET
from rådgivning.nøgler.opening import (
    Dør,
    destroy_key,
    is_readable,
    kræv_hel,
    open_sealed,
    open_whole,
    open_whole_many,
    seal,
)
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.recurring import Gentagelse, arbejdsdag, næste_gang
from rådgivning.opgaver.storing import changed, lock, trace
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv


@dataclass(frozen=True)
class Rytme:
    """How often a task comes again, and the last day it may; None for no end."""

    gentages: Gentagelse = Gentagelse.INGEN
    til: date | None = None

    def felter(self, frist: date) -> dict[str, object]:
        """The fields of a series that starts with this deadline; empty ones when nothing comes again."""
        again = self.gentages is not Gentagelse.INGEN
        start = frist if again else None
        end = self.til if again else None
        return {"gentages": self.gentages.value, "gentages_til": end, "serie_start": start, "serie_dag": start}


ÉN_GANG = Rytme()


class OpgaveÆndret(Konflikt):
    """Somebody else saved this task first; carries what stands there now."""

    def __init__(self, version: int, frist: date, gældende: OpgaveData) -> None:
        super().__init__("En anden har rettet opgaven, mens du skrev. Gå tilbage, og indlæs siden igen.")
        self.version = version
        self.frist = frist
        self.gældende = gældende


def opret_opgave(
    session: Session,
    *,
    titel: str,
    frist: date,
    beboer_id: uuid.UUID | None = None,
    note: str = "",
    kontakt_id: uuid.UUID | None = None,
    henvisning_id: uuid.UUID | None = None,
    restancesag_id: uuid.UUID | None = None,
    rytme: Rytme = ÉN_GANG,
    id: uuid.UUID | None = None,  # noqa: A002
) -> Opgave:
    """Make a task for the actor. With an `id` that is already a task's (the same form twice) that one is given back.

    Raises IkkeFundet when the resident is not there any more.
    """
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if id is not None and session.get(Opgave, id) is not None:
        return hent(session, Opgave, id)
    if beboer_id is not None and not is_readable(session, beboer_nu(session, beboer_id)):
        raise IkkeFundet("beboer", beboer_id)
    opgave = Opgave(helhedsplan_id=helhedsplan_id, ejer_id=bruger_id, beboer_id=beboer_id, frist=frist)
    opgave.id = id or opgave.id
    data = OpgaveData(
        titel=titel, note=note, kontakt_id=kontakt_id, henvisning_id=henvisning_id, restancesag_id=restancesag_id
    )
    seal(session, opgave, data.model_copy(update=rytme.felter(frist)))
    try:
        with session.begin_nested():
            session.add(opgave)
    except IntegrityError:
        return hent(session, Opgave, opgave.id)
    trace(session, Handling.OPRETTET, opgave)
    return opgave


def hent_opgave(session: Session, id: uuid.UUID, anledning: str = "vis opgave") -> tuple[Opgave, OpgaveData]:  # noqa: A002
    """A task and what it says."""
    opgave = hent(session, Opgave, id)
    return opgave, open_sealed(session, opgave, OpgaveData, anledning)


def ret_opgave(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    titel: str,
    frist: date,
    note: str,
    version: int,
    rytme: Rytme | None = None,
) -> Opgave:
    """Save a corrected task; raises OpgaveÆndret when it is no longer `version`, Dækket when its note is covered.

    Another rhythm, or another deadline of a task that recurs, starts the series anew from that deadline; without a
    `rytme` it stays.
    """
    opgave = lock(session, id)
    kræv_hel(session, opgave)
    data = open_sealed(session, opgave, OpgaveData, "ret opgave")
    if opgave.version != version:
        raise OpgaveÆndret(opgave.version, opgave.frist, data)
    nu = Rytme(Gentagelse(data.gentages), data.gentages_til)
    wanted = rytme or nu
    anew = wanted.gentages is not nu.gentages or frist != opgave.frist
    series = wanted.felter(frist) if anew else {"gentages_til": wanted.felter(frist)["gentages_til"]}
    opgave.frist = frist
    seal(session, opgave, data.model_copy(update={"titel": titel, "note": note, **series}))
    return changed(session, opgave)


def udfør(session: Session, id: uuid.UUID) -> Opgave:  # noqa: A002
    """Mark a task as done today; one that is done already stays as it is. One that recurs makes the next."""
    opgave = lock(session, id)
    if opgave.udført is not None:
        return opgave
    opgave.udført = today()
    data = open_whole_many(session, [opgave], OpgaveData, "udfør opgave", Dør.OPGAVE).get(id)
    if data is not None and data.gentages and data.næste_id is None:
        data.næste_id = _make_next(session, opgave, data)
        seal(session, opgave, data)
    return changed(session, opgave)


def fortryd(session: Session, id: uuid.UUID) -> Opgave:  # noqa: A002
    """Open a task again that was marked as done; the next one it made goes, unless somebody has touched it.
    Access that came with it does not come again, unless it was done today: it ended when the task did."""
    opgave = lock(session, id)
    if opgave.udført is None:
        return opgave
    if opgave.adgang == "givet" and opgave.udført != today():
        opgave.adgang = ""
    opgave.udført = None
    data = open_whole_many(session, [opgave], OpgaveData, "fortryd opgave", Dør.OPGAVE).get(id)
    if data is not None and data.næste_id is not None and _take_back(session, data.næste_id):
        data.næste_id = None
        seal(session, opgave, data)
    return changed(session, opgave)


def stop_gentagelse(session: Session, id: uuid.UUID) -> Opgave:  # noqa: A002
    """Let a task come no more after this one. Of one that is done the next has come already: raises Konflikt."""
    opgave = lock(session, id)
    data = open_whole(session, opgave, OpgaveData, "stop gentagelse", Dør.OPGAVE)
    if data.gentages and opgave.udført is not None:
        raise Konflikt("Opgaven er udført, og den næste er kommet. Stop gentagelsen på den.")
    if not data.gentages:
        return opgave
    seal(session, opgave, data.model_copy(update=ÉN_GANG.felter(opgave.frist)))
    return changed(session, opgave, "gentages ikke mere")


def flyt(session: Session, id: uuid.UUID, frist: date) -> Opgave:  # noqa: A002
    """Give a task another deadline. A series goes on from where it was."""
    opgave = lock(session, id)
    if opgave.frist == frist:
        return opgave
    opgave.frist = frist
    return changed(session, opgave)


def slet_opgave(session: Session, id: uuid.UUID) -> None:  # noqa: A002
    """Delete a task; one that is no resident's loses its key as well."""
    _delete(session, lock(session, id))


def slet_beboers_opgaver(session: Session, beboer_id: uuid.UUID) -> int:
    """Delete all tasks about a resident who is being deleted; returns how many."""
    helhedsplan_id = arbejdssted(session)
    query = select(Opgave).where(Opgave.helhedsplan_id == helhedsplan_id, Opgave.beboer_id == beboer_id)
    hold(session)
    opgaver = session.exec(query).all()
    for opgave in opgaver:
        session.delete(opgave)
    if opgaver:
        skriv(session, Handling.SLETTET, "opgave", [o.id for o in opgaver], beboere=[beboer_id])
    return len(opgaver)


def _make_next(session: Session, opgave: Opgave, data: OpgaveData) -> uuid.UUID | None:
    """The next task of a series, for who has this one; None when the series has ended."""
    start, here = data.serie_start or opgave.frist, data.serie_dag or opgave.frist
    day = næste_gang(start, Gentagelse(data.gentages), here, data.gentages_til, today())
    if day is None:
        return None
    row = Opgave(helhedsplan_id=opgave.helhedsplan_id, ejer_id=opgave.ejer_id, frist=arbejdsdag(day))
    row.beboer_id = opgave.beboer_id
    row.adgang = TAGET if opgave.adgang == TAGET else ""
    made = {"serie_dag": day, "næste_id": None, "overdraget_af": None, "overdraget": None}
    seal(session, row, data.model_copy(update=made))
    session.add(row)
    session.flush()
    trace(session, Handling.OPRETTET, row, "gentagelse")
    return row.id


def _take_back(session: Session, id: uuid.UUID) -> bool:  # noqa: A002
    """Delete the next task of a series if nobody has done anything with it; whether it is gone."""
    if session.get(Opgave, id) is None:
        return True
    row = lock(session, id)
    if row.version > 1 or row.udført is not None:
        return False
    _delete(session, row)
    return True


def _delete(session: Session, opgave: Opgave) -> None:
    session.delete(opgave)
    trace(session, Handling.SLETTET, opgave)
    session.flush()
    if opgave.beboer_id is None:
        destroy_key(session, opgave.id)
