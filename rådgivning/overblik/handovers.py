"""The handovers of the last months: whose they are to know of, why they were made, until when they can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import or_
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import IkkeFundet, Rolle, hent
from rådgivning.beboere.residents import arbejdssted
from rådgivning.database import now
from rådgivning.overblik.emergency import navne
from rådgivning.overblik.models import Overdragelse
from rådgivning.spor.trail import aktør, hold

GRUNDE: Final = {
    "fordeling": "Beboerne er fordelt om",
    "ønske": "Beboeren ønsker det",
    "fagligt": "Kollegaen er den rette til opgaven",
    "fravær": "Jeg er væk længe",
    "fratræder": "Jeg holder op",
}
GRUNDE_ALT: Final = {
    "ophørt": "Kollegaen er holdt op",
    "rolle": "Kollegaen har fået en anden rolle",
    "orlov": "Kollegaen er væk længe og er spærret imens",
}
MODTAGER_INDEN: Final = timedelta(days=30)
GIVER_INDEN: Final = timedelta(days=1)
"""Who received may give back for a month. Who gave may regret it for a day: later she would get to read what the
colleague has written since."""
HUSKES_I: Final = timedelta(days=90)


_ORD: Final = {
    "beboer": ("beboer", "beboere"),
    "opgave": ("opgave", "opgaver"),
    "henvisning": ("henvisning", "henvisninger"),
    "restancesag": ("restancesag", "restancesager"),
    "kontakt": ("anonym kontakt", "anonyme kontakter"),
    "aftale": ("aftale", "aftaler"),
}


def i_ord(antal: Mapping[str, int]) -> str:
    """How much of what, by table, as people read it: `2 beboere, 1 opgave og 3 restancesager`."""
    words = [f"{n} {en if n == 1 else flere}" for tabel, (en, flere) in _ORD.items() if (n := antal.get(tabel, 0))]
    return " og ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "ingenting"


def hvad(row: Overdragelse) -> str:
    """What a handover moved, in words."""
    return i_ord({tabel: len(ids) for tabel, ids in row.rækker.items()})


@dataclass(frozen=True)
class Linje:
    """A handover with names."""

    overdragelse: Overdragelse
    fra: str
    til: str
    af: str

    @property
    def grund(self) -> str:
        """Why, as people read it."""
        return {**GRUNDE, **GRUNDE_ALT}.get(self.overdragelse.grund, "")

    @property
    def hvad(self) -> str:
        """What moved, in words."""
        return hvad(self.overdragelse)


def kan_gives_tilbage(session: Session, row: Overdragelse) -> bool:
    """Whether the actor may undo it: the receiver for a month, the giver for a day, databeskyttelse what it did."""
    who, age = aktør(session), now() - row.tidspunkt
    if row.tilbage is not None:
        return False
    if row.alt:
        return who.rolle == Rolle.DATABESKYTTELSE and age <= MODTAGER_INDEN
    if who.bruger_id == row.til_id:
        return age <= MODTAGER_INDEN
    return who.bruger_id == row.fra_id and age <= GIVER_INDEN


def hent_overdragelse(session: Session, id: uuid.UUID) -> Overdragelse:  # noqa: A002
    """A handover that is the actor's to know of; raises IkkeFundet for a third one's."""
    row, who = hent(session, Overdragelse, id), aktør(session)
    if who.rolle != Rolle.DATABESKYTTELSE and who.bruger_id not in (row.fra_id, row.til_id):
        raise IkkeFundet("overdragelse", id, fremmed=True)
    return row


def overdragelser(session: Session) -> list[Linje]:
    """The handovers of the last months, newest first: all for databeskyttelse, else the actor's."""
    who, o = aktør(session), Overdragelse
    query = select(o).where(o.helhedsplan_id == who.helhedsplan_id, o.tidspunkt >= now() - HUSKES_I)
    if who.rolle != Rolle.DATABESKYTTELSE:
        query = query.where(or_(col(o.fra_id) == who.bruger_id, col(o.til_id) == who.bruger_id))
    return med_navne(session, session.exec(query.order_by(col(o.tidspunkt).desc(), col(o.id))).all())


def med_navne(session: Session, rows: Sequence[Overdragelse]) -> list[Linje]:
    """Handovers with the names of the users."""
    name = navne(session, {i for row in rows for i in (row.fra_id, row.til_id, row.af_id)})
    return [Linje(row, name[row.fra_id], name[row.til_id], name[row.af_id]) for row in rows]


def glem_overdragelser(session: Session) -> None:
    """Forget which rows were handed over long ago; the trail keeps it as long as the plan says."""
    hold(session)
    where = (Overdragelse.helhedsplan_id == arbejdssted(session), Overdragelse.tidspunkt < now() - HUSKES_I)
    for row in session.exec(select(Overdragelse).where(*where)).all():
        session.delete(row)
