"""When residents are deleted by the plan's time limits, and what stops it. Opens nothing and knows no Flask.

A resident goes when nobody has had anything to do with her for so long, nothing about her is open, and her owner has
known of it for 30 days. All of that is read from clear columns.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col, func, or_

from rådgivning.beboere.models import Beboer, Fastholdelse
from rådgivning.database import COPENHAGEN, today
from rådgivning.databeskyttelse.models import Anmodning
from rådgivning.databeskyttelse.models import Status as Anmodningsstatus
from rådgivning.henvisninger.models import Henvisning, Status
from rådgivning.kontakter.models import Kontakt
from rådgivning.opgaver.models import Opgave
from rådgivning.overblik.merging import FORTRYDES_INDEN
from rådgivning.overblik.models import Sammenlægning
from rådgivning.plan.limits import Regel
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.restancer.models import Restancesag
from rådgivning.samtykker.models import Samtykke

EN_DAG = timedelta(days=1)


class Hindring(Enum):
    """Why somebody whose time has run out is not deleted, in words."""

    RESTANCESAG = "Der er en åben restancesag."
    HENVISNING = "Der er en henvisning, som ikke er afsluttet."
    OPGAVE = "Der er en opgave, som ikke er udført."
    SAMTYKKE = "Der er et samtykke, som gælder."
    ANMODNING = "Beboeren har bedt om noget efter databeskyttelsesforordningen, og det er ikke afgjort."
    BEGRÆNSET = "Behandlingen af beboerens oplysninger er begrænset."
    FORTRYDES = "Beboeren er lagt sammen med en anden, og det kan stadig fortrydes."


@dataclass(frozen=True)
class Beboerfrist:
    """A resident's time: what it is counted from, its last day by the rule, and what was done about it.

    `behold_til`: kept until then for a reason. `varslet` and `varsel_slut`: when her owner was told, and the first day
    on which she may go.
    """

    beboer_id: uuid.UUID
    ejer_id: uuid.UUID
    sidst: date
    udløber: date
    behold_til: date | None
    varslet: date | None
    varsel_slut: date | None
    hindringer: tuple[Hindring, ...]
    varsel: timedelta

    @property
    def tidligst(self) -> date:
        """The first day after her time, whatever stops it."""
        return max(self.udløber, self.behold_til or self.udløber) + EN_DAG

    def slettes(self, i_dag: date) -> date:
        """The day she goes if nothing happens: never before the warning has stood its time."""
        return max(self.tidligst, self.varsel_slut or max(i_dag, self.tidligst - self.varsel) + self.varsel)

    def snart(self, i_dag: date) -> bool:
        """Whether it is time to tell her owner."""
        return self.tidligst - self.varsel <= i_dag

    def nu(self, i_dag: date) -> bool:
        """Whether she is to be deleted today."""
        return self.varsel_slut is not None and self.slettes(i_dag) <= i_dag and not self.hindringer


def beboerfrister(session: Session, helhedsplan_id: uuid.UUID, beboer_id: uuid.UUID | None = None) -> list[Beboerfrist]:
    """The time of every resident of a helhedsplan (or of one), those that go first first."""
    rules, i_dag = frister(session, helhedsplan_id), today()
    rows = session.execute(
        select(*(col(c) for c in (Beboer.id, Beboer.ejer_id, Beboer.oprettet, Beboer.varslet, Beboer.slettes))).where(
            *_of(Beboer, helhedsplan_id), *([col(Beboer.id) == beboer_id] if beboer_id else [])
        )
    ).all()
    last = _last_seen(session, helhedsplan_id, beboer_id)
    stops = _stops(session, helhedsplan_id, beboer_id, i_dag)
    kept = dict(_pairs(session, Fastholdelse, helhedsplan_id, beboer_id, func.max(Fastholdelse.til)))
    found = [
        _frist(rules, id_, ejer, max(oprettet, last.get(id_, oprettet)), kept.get(id_), (varslet, slettes), stops[id_])
        for id_, ejer, oprettet, varslet, slettes in rows
    ]
    return sorted(found, key=lambda frist: (frist.slettes(i_dag), frist.beboer_id))


def _frist(
    rules: dict[Fristnavn, Regel],
    beboer_id: uuid.UUID,
    ejer_id: uuid.UUID,
    sidst: date,
    behold_til: date | None,
    varsel: tuple[date | None, date | None],
    hindringer: Sequence[Hindring],
) -> Beboerfrist:
    length = timedelta(days=rules[Fristnavn.VARSEL].dage or 0)
    last = rules[Fristnavn.BEBOER].udløber(sidst)
    return Beboerfrist(beboer_id, ejer_id, sidst, last, behold_til, *varsel, tuple(hindringer), length)


def _last_seen(session: Session, plan_id: uuid.UUID, beboer_id: uuid.UUID | None) -> dict[uuid.UUID, date]:
    """The last day somebody had to do with each resident: a contact, or a case, a referral or a task that ended."""
    found: dict[uuid.UUID, date] = {}
    sources: list[tuple[type[Any], list[Any]]] = [
        (Kontakt, [Kontakt.dato]),
        (Restancesag, [Restancesag.oprettet, Restancesag.lukket]),
        (Henvisning, [Henvisning.oprettet, Henvisning.taget_op, Henvisning.kontakt_opnået, Henvisning.afsluttet]),
        (Opgave, [Opgave.udført]),
    ]
    for model, days in sources:
        for id_, *seen in _pairs(session, model, plan_id, beboer_id, *(func.max(day) for day in days)):
            for day in filter(None, seen):
                on = day.astimezone(COPENHAGEN).date() if isinstance(day, datetime) else day
                found[id_] = max(on, found.get(id_, on))
    return found


def _stops(
    session: Session, plan_id: uuid.UUID, beboer_id: uuid.UUID | None, i_dag: date
) -> defaultdict[uuid.UUID, list[Hindring]]:
    """What stands against deleting each resident, in the order of Hindring."""
    found: defaultdict[uuid.UUID, list[Hindring]] = defaultdict(list)
    holds = or_(col(Samtykke.til).is_(None), col(Samtykke.til) >= i_dag)
    open_: list[tuple[Hindring, type[Any], list[ColumnElement[bool]]]] = [
        (Hindring.RESTANCESAG, Restancesag, [col(Restancesag.lukket).is_(None)]),
        (Hindring.HENVISNING, Henvisning, [col(Henvisning.status) != Status.AFSLUTTET]),
        (Hindring.OPGAVE, Opgave, [col(Opgave.udført).is_(None)]),
        (Hindring.SAMTYKKE, Samtykke, [col(Samtykke.trukket).is_(None), col(Samtykke.fornyet).is_(None), holds]),
        (Hindring.ANMODNING, Anmodning, [col(Anmodning.status) == Anmodningsstatus.MODTAGET]),
    ]
    for hindring, model, where in open_:
        for (id_,) in _pairs(session, model, plan_id, beboer_id, where=where):
            found[id_].append(hindring)
    restricted = select(col(Beboer.id)).where(*_of(Beboer, plan_id), col(Beboer.begrænset).is_not(None))
    for id_ in session.execute(restricted).scalars():
        found[id_].append(Hindring.BEGRÆNSET)
    merged = select(col(Sammenlægning.beholdt_id)).where(
        *_of(Sammenlægning, plan_id),
        col(Sammenlægning.fortrudt).is_(None),
        col(Sammenlægning.dato) >= i_dag - FORTRYDES_INDEN,
    )
    for id_ in set(session.execute(merged).scalars()):
        found[id_].append(Hindring.FORTRYDES)
    return found


def _pairs(
    session: Session,
    model: type[Any],
    plan_id: uuid.UUID,
    beboer_id: uuid.UUID | None,
    *values: ColumnElement[Any],
    where: Iterable[ColumnElement[bool]] = (),
) -> Iterator[Any]:
    """Resident and values, once for each resident that rows of a table are about."""
    about = model.beboer_id
    mine = about == beboer_id if beboer_id else about.is_not(None)
    query = select(about, *values).where(*_of(model, plan_id), mine, *where).group_by(about)
    return iter(session.execute(query))


def _of(model: type[Any], plan_id: uuid.UUID) -> list[ColumnElement[bool]]:
    return [model.helhedsplan_id == plan_id]


def fredede(session: Session, helhedsplan_id: uuid.UUID) -> dict[uuid.UUID, date | None]:
    """The residents of whom nothing goes now, not even what has a time of its own, and the last day of that: kept for a
    reason; or, without a day, restricted, or waiting for an answer to what they have asked by their rights."""
    kept = _pairs(
        session,
        Fastholdelse,
        helhedsplan_id,
        None,
        func.max(Fastholdelse.til),
        where=[col(Fastholdelse.til) >= today()],
    )
    asked = select(col(Anmodning.beboer_id)).where(
        *_of(Anmodning, helhedsplan_id), col(Anmodning.status) == Anmodningsstatus.MODTAGET
    )
    restricted = select(col(Beboer.id)).where(*_of(Beboer, helhedsplan_id), col(Beboer.begrænset).is_not(None))
    endless = {id_ for query in (asked, restricted) for id_ in session.execute(query).scalars() if id_ is not None}
    return {**dict(kept), **dict.fromkeys(endless)}
