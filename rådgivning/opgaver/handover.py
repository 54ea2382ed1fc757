"""Handing a task over to a colleague. Knows no Flask."""

from __future__ import annotations

import uuid

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Rolle
from rådgivning.beboere.residents import acting
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import today
from rådgivning.nøgler.opening import open_sealed, seal
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.storing import changed, lock

BESKED = "opgave_overdraget"
UDFØRT = "Opgaven er udført. Åbn den igen, hvis der er mere at gøre."


def kan_overtage(session: Session, ejer_id: uuid.UUID) -> list[Bruger]:
    """The active beboerrådgivere of the helhedsplan who do not have the task, by name. Oneself may be among them: the
    task of a colleague who is away can be taken over."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Bruger).where(
        Bruger.helhedsplan_id == helhedsplan_id,
        Bruger.rolle == Rolle.BEBOERRÅDGIVER,
        col(Bruger.spærret).is_(None),
        Bruger.id != ejer_id,
    )
    return list(session.exec(query.order_by(Bruger.navn, Bruger.brugernavn)).all())


def overdrag(session: Session, id: uuid.UUID, til: uuid.UUID) -> Opgave:  # noqa: A002
    """Give a task to a colleague, who sees who it came from and is told. Giving it to who has it changes nothing.

    Raises IkkeFundet for a user who may not have it, Konflikt when it is done.
    """
    opgave = lock(session, id)
    if opgave.ejer_id == til:
        return opgave
    if opgave.udført is not None:
        raise Konflikt(UDFØRT)
    if til not in {bruger.id for bruger in kan_overtage(session, opgave.ejer_id)}:
        raise IkkeFundet("bruger", til)
    data = open_sealed(session, opgave, OpgaveData, "overdrag opgave")
    _helhedsplan, bruger_id = acting(session)
    opgave.ejer_id = til
    given = {"overdraget_af": None if til == bruger_id else bruger_id, "overdraget": today()}
    seal(session, opgave, data.model_copy(update=given))
    læg_i_kø(session, til, BESKED)
    return changed(session, opgave, "overdraget")
