"""Handing a task over to a colleague. Knows no Flask."""

from __future__ import annotations

import uuid

from sqlmodel import Session

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import IkkeFundet, Konflikt
from rådgivning.beboere.colleagues import rådgivere
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import acting
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import today
from rådgivning.nøgler.opening import Dækket, Dør, kræv_hel, open_whole, seal
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.storing import changed, lock

BESKED, OVERTAGET = "opgave_overdraget", "opgave_overtaget"
UDFØRT = "Opgaven er udført. Åbn den igen, hvis der er mere at gøre."


def kan_overtage(session: Session, ejer_id: uuid.UUID) -> list[Bruger]:
    """The active beboerrådgivere of the helhedsplan who do not have the task, by name. Oneself may be among them: the
    task of a colleague who is away can be taken over."""
    return [bruger for bruger in rådgivere(session) if bruger.id != ejer_id]


def overdrag(session: Session, id: uuid.UUID, til: uuid.UUID) -> Opgave:  # noqa: A002
    """Give a task to a colleague, who sees who it came from and is told; so is who had it when another moves it. With
    the task goes what is covered about its resident, if she is the giver's own. Giving it to who has it is nothing.

    Raises IkkeFundet for a user who may not have it, Konflikt when it is done, and Dækket for a task about nobody whose
    note the actor does not see: it would be its new owner's to read.
    """
    opgave = lock(session, id)
    if opgave.ejer_id == til:
        return opgave
    if opgave.udført is not None:
        raise Konflikt(UDFØRT)
    if til not in {bruger.id for bruger in kan_overtage(session, opgave.ejer_id)}:
        raise IkkeFundet("bruger", til)
    seen = _sees(session, opgave)
    data = open_whole(session, opgave, OpgaveData, "overdrag opgave", Dør.OPGAVE)
    if data.note and not seen and opgave.beboer_id is None:
        raise Dækket(opgave)
    _helhedsplan, bruger_id = acting(session)
    if opgave.ejer_id != bruger_id:
        læg_i_kø(session, opgave.ejer_id, OVERTAGET)
    opgave.adgang = ("givet" if _owns(session, opgave, bruger_id) else "") if seen else "overtaget"
    opgave.ejer_id = til
    given = {"overdraget_af": None if til == bruger_id else bruger_id, "overdraget": today()}
    seal(session, opgave, data.model_copy(update=given))
    læg_i_kø(session, til, BESKED)
    return changed(session, opgave, "overdraget")


def _owns(session: Session, opgave: Opgave, bruger_id: uuid.UUID) -> bool:
    """Whether the task is about a resident of the actor's. Nobody else gives access on: it would have no end."""
    beboer = session.get(Beboer, opgave.beboer_id) if opgave.beboer_id is not None else None
    return beboer is not None and beboer.ejer_id == bruger_id


def _sees(session: Session, opgave: Opgave) -> bool:
    """Whether the actor sees all of the task; what she does not see she can give to nobody."""
    try:
        kræv_hel(session, opgave)
    except Dækket:
        return False
    return True
