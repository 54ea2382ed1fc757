"""Tasks that follow from consents: ask again before one ends, and tell the recipients when one is withdrawn.

Each is made once: its id follows from the consent's, so that neither two runs nor two machines make two, and one that
somebody has deleted does not come again. Knows no Flask.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlmodel import Session, col, select

from rådgivning.beboere.colleagues import aktive
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import arbejdssted
from rådgivning.dansk import dato
from rådgivning.database import today
from rådgivning.nøgler.opening import is_readable, seal
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.recurring import arbejdsdag
from rådgivning.opgaver.storing import trace
from rådgivning.plan.plans import plan
from rådgivning.samtykker.consents import gælder_den
from rådgivning.samtykker.models import Samtykke
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold

UDLØBER, TRUKKET = "samtykket udløber", "samtykket er trukket tilbage"
_RUM = uuid.UUID("5a1b0c52-6f4e-4c55-9d2e-7a9f3f0b8d11")


def opgave_id(samtykke_id: uuid.UUID, hvad: str) -> uuid.UUID:
    """The id of the task that follows from a consent."""
    return uuid.uuid5(_RUM, f"{samtykke_id}:{hvad}")


def påmind(session: Session, undtagen: Collection[uuid.UUID] = ()) -> int:
    """Make a task of each of the helhedsplan's consents that soon ends, for her who has the resident; how many are new.

    Of the residents in `undtagen`, with whom nothing has been done for so long that they are about to be deleted,
    nobody is to ask: a task would keep them.
    """
    hold(session)
    plan_id, i_dag = arbejdssted(session), today()
    last = i_dag + timedelta(days=plan(session, plan_id).samtykke.påmindelse_dage)
    soon = select(Samtykke).where(
        Samtykke.helhedsplan_id == plan_id, col(Samtykke.påmindet).is_(None), col(Samtykke.til) <= last
    )
    made = 0
    for samtykke in session.exec(soon.where(*gælder_den(i_dag)).order_by(col(Samtykke.id))).all():
        beboer = session.get(Beboer, samtykke.beboer_id)
        if beboer is None or samtykke.til is None or beboer.begrænset is not None or beboer.id in undtagen:
            continue
        if not is_readable(session, beboer):
            continue
        samtykke.påmindet = i_dag
        session.add(samtykke)
        title = f"Samtykket udløber {dato(samtykke.til)}: spørg beboeren igen"
        made += _make(session, samtykke, UDLØBER, title, _owner(session, samtykke, beboer))
    return made


def følg_samtykke(session: Session, samtykke: Samtykke) -> None:
    """After a withdrawal or a renewal: nobody need ask again, and of a withdrawal the recipients are to be told."""
    old = session.get(Opgave, opgave_id(samtykke.id, UDLØBER))
    if old is not None and old.udført is None:
        session.delete(old)
        trace(session, Handling.SLETTET, old, UDLØBER)
        session.flush()
    who = aktør(session).bruger_id
    if samtykke.trukket is not None and who is not None and is_readable(session, samtykke):
        _make(session, samtykke, TRUKKET, "Sig til modtagerne, at samtykket er trukket tilbage", who)


def _make(session: Session, samtykke: Samtykke, hvad: str, titel: str, ejer_id: uuid.UUID) -> bool:
    number = opgave_id(samtykke.id, hvad)
    if session.get(Opgave, number) is not None:
        return False
    due = samtykke.til if hvad == UDLØBER and samtykke.til is not None else today()
    row = Opgave(
        id=number,
        helhedsplan_id=samtykke.helhedsplan_id,
        ejer_id=ejer_id,
        beboer_id=samtykke.beboer_id,
        frist=arbejdsdag(due),
    )
    seal(session, row, OpgaveData(titel=titel, note=f"Samtykket står på beboerens side. ({hvad.capitalize()}.)"))
    session.add(row)
    session.flush()
    trace(session, Handling.OPRETTET, row, hvad)
    return True


def _owner(session: Session, samtykke: Samtykke, beboer: Beboer) -> uuid.UUID:
    """The resident's own beboerrådgiver; whoever wrote it down when she does not work as one any more."""
    return beboer.ejer_id if beboer.ejer_id in aktive(session) else samtykke.ejer_id
