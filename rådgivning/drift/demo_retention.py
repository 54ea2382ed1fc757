"""The demo's residents of two years ago: some are soon deleted, one is stopped by an open task, one is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.beboere.models import BeboerData, FastholdelseData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.dansk import om_måneder
from rådgivning.database import clock, new_id
from rådgivning.databeskyttelse.retention_keep import behold
from rådgivning.databeskyttelse.retention_run import kør, varsl
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.plan.models import Helhedsplan

if TYPE_CHECKING:
    from rådgivning.drift.demo_fill import Opfyldning

RÅDGIVER = Rolle.BEBOERRÅDGIVER
# Invented like all the others: name, address, and the days after today on which two years are gone.
FORLÆNGST = (
    ("Agnete Opdigtsen", "Vejleåparken 14, 1. th", 6),
    ("Birger Fantasius", "Vejleåparken 92, st. tv", 13),
    ("Cecilie Prøvelund", "Vildtbanegård 31, 2. tv", 24),
    ("Dagny Testgaard", "Vildtbanegård 8, 3. th", 2),
    ("Egon Ingenmand", "Vejleåparken 51, 4. tv", 17),
)


def long_ago(filling: Opfyldning, slut: date) -> None:
    """Residents with whom nothing has been done since: the last thing is a task that was done."""
    made = [_resident(filling, *person, slut) for person in FORLÆNGST]
    with filling.som(RÅDGIVER, slut) as session:
        opret_opgave(session, titel="Hør, om flytningen blev til noget", frist=slut, beboer_id=made[3])
    with filling.som(RÅDGIVER, slut) as session:
        reason = FastholdelseData(grund="afventer_svar", forklaring="Kommunen har endnu ikke afgjort ansøgningen.")
        behold(session, made[4], reason, id=new_id())


def _resident(filling: Opfyldning, navn: str, adresse: str, om: int, slut: date) -> uuid.UUID:
    last = om_måneder(slut + timedelta(days=om), -24)
    with filling.som(RÅDGIVER, last) as session:
        beboer = opret_beboer(session, BeboerData(navn=navn, adresse=adresse, afdeling="aab55")).id
        udfør(session, opret_opgave(session, titel="Send papirerne", frist=last, beboer_id=beboer).id)
    return beboer


def first_night(kontekst: Nøglekontekst) -> None:
    """The warnings of two nights some weeks back, and the whole of tonight's run: the days of deletion then differ,
    and consents that end are tasks."""
    with Session(kontekst.engine) as session:
        plans = session.exec(select(Helhedsplan.id)).all()
    real = clock.read
    for plan_id in plans:
        for ago in (timedelta(days=22), timedelta(days=10)):
            clock.read = partial(_earlier, real, ago)
            with kontekst.session(systemet(plan_id)) as session:
                varsl(session, plan_id)
                session.commit()
        clock.read = real
        kør(partial(kontekst.session, systemet(plan_id)), plan_id)


def _earlier(read: Callable[[], datetime], ago: timedelta) -> datetime:
    return read() - ago
