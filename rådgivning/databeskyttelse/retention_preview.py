"""What goes when, in numbers, for those who may not see whom: by month and kind, if nothing happens meanwhile."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from rådgivning.dansk import om_måneder
from rådgivning.database import today
from rådgivning.databeskyttelse.retention import EN_DAG, Beboerfrist, Hindring, beboerfrister, fredede
from rådgivning.databeskyttelse.retention_kinds import ARBEJDER
from rådgivning.databeskyttelse.retention_run import KØRSEL
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.spor.models import Handling, Spor

MÅNEDER = 12
FORSINKET = timedelta(hours=36)


@dataclass(frozen=True)
class Udsigt:
    """The next year: (first day of the month, kind in words, how many), residents that something stops by what stops
    them, and how many are soon deleted."""

    linjer: list[tuple[date, str, int]]
    stoppet: list[tuple[Hindring, int]]
    snart: int


def udsigt(session: Session, plan_id: uuid.UUID) -> Udsigt:
    """The preview; opens nothing."""
    rules, i_dag = frister(session, plan_id), today()
    last = om_måneder(i_dag.replace(day=1), MÅNEDER)
    times, holds = beboerfrister(session, plan_id), fredede(session, plan_id)
    counts: Counter[tuple[date, Fristnavn]] = Counter()
    counts.update((_month(f.slettes(i_dag)), Fristnavn.BEBOER) for f in times if not f.hindringer)
    for navn, arbejde in ARBEJDER.items():
        rule = rules[navn]
        for day, om in arbejde.dage(session, plan_id, rule.grænse(last)):
            kept = holds.get(om, date.min) if om else date.min
            if kept is not None:
                counts[_month(max(i_dag, rule.udløber(day) + EN_DAG, kept + EN_DAG)), navn] += 1
    order = list(Fristnavn)
    found = sorted((month, order.index(navn), antal) for (month, navn), antal in counts.items() if month < last)
    return Udsigt(
        [(month, rules[order[place]].hvad, antal) for month, place, antal in found],
        sorted(_stopped(times, i_dag).items(), key=lambda pair: list(Hindring).index(pair[0])),
        sum(frist.snart(i_dag) and not frist.hindringer for frist in times),
    )


def antal_snart(session: Session, plan_id: uuid.UUID) -> int:
    """How many residents are soon deleted."""
    i_dag = today()
    return sum(frist.snart(i_dag) and not frist.hindringer for frist in beboerfrister(session, plan_id))


def sidste_kørsel(session: Session, plan_id: uuid.UUID) -> datetime | None:
    """When the night's run was last made."""
    runs = (Spor.kæde == str(plan_id), Spor.handling == Handling.SYSTEM, Spor.anledning == KØRSEL)
    return session.exec(select(Spor.tidspunkt).where(*runs).order_by(col(Spor.nr).desc()).limit(1)).first()


def _stopped(times: list[Beboerfrist], i_dag: date) -> Counter[Hindring]:
    return Counter(frist.hindringer[0] for frist in times if frist.hindringer and frist.snart(i_dag))


def _month(day: date) -> date:
    return day.replace(day=1)
