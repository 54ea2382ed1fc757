"""What a user's daily digest counts: numbers from clear columns, so no envelope is opened and nobody is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import Base
from rådgivning.henvisninger.models import Henvisning
from rådgivning.henvisninger.models import Status as Henvisningsstatus
from rådgivning.kalender.models import Aftale
from rådgivning.kalender.states import STÅR
from rådgivning.opgaver.models import Opgave
from rådgivning.restancer.models import Restancesag


def dagens_tal(session: Session, bruger: Bruger, dag: date) -> Mapping[str, int]:
    """The day of a user in counts, by the words of `beskeder.kinds.TAL`; nothing for a role without casework."""
    if bruger.rolle == Rolle.BEBOERRÅDGIVER:
        return _advisor(session, bruger, dag)
    if bruger.rolle == Rolle.EJENDOMSDRIFT:
        hers = col(Aftale.boligorganisation) == bruger.boligorganisation
        return {"besøg": _count(session, Aftale, bruger, *_visits(dag), hers)}
    return {}


def _advisor(session: Session, bruger: Bruger, dag: date) -> Mapping[str, int]:
    """Own tasks; what all of the helhedsplan's beboerrådgivere share of referrals, cases and visits."""
    open_case, frist = col(Restancesag.lukket).is_(None), col(Restancesag.frist)
    due = (col(Opgave.ejer_id) == bruger.id, col(Opgave.udført).is_(None), col(Opgave.frist) <= dag)
    return {
        "besøg": _count(session, Aftale, bruger, *_visits(dag)),
        "opgaver": _count(session, Opgave, bruger, *due),
        "henvisninger": _count(session, Henvisning, bruger, col(Henvisning.status) == Henvisningsstatus.MODTAGET),
        "restancer_i_dag": _count(session, Restancesag, bruger, open_case, frist == dag),
        "restancer_overskredet": _count(session, Restancesag, bruger, open_case, frist < dag),
    }


def _visits(dag: date) -> list[ColumnElement[bool]]:
    return [col(Aftale.dato) == dag, col(Aftale.status).in_(STÅR)]


def _count(session: Session, table: type[Base], bruger: Bruger, *where: ColumnElement[bool]) -> int:
    rows = select(func.count()).select_from(table).where(table.helhedsplan_id == bruger.helhedsplan_id)  # type: ignore[attr-defined]
    return session.exec(rows.where(*where)).one()
