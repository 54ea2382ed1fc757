"""The demo's visits around today: agreed, waiting for either side, done, cancelled, and one elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from rådgivning.adgang.permissions import Rolle
from rådgivning.dansk import er_helligdag
from rådgivning.drift.demo_data import Person
from rådgivning.kalender.bookings import book, rådgivere, svar
from rådgivning.kalender.models import AftaleData
from rådgivning.kalender.states import Status

if TYPE_CHECKING:
    from rådgivning.drift.demo_fill import Opfyldning

BEBOERRÅDGIVER, DRIFT = Rolle.BEBOERRÅDGIVER, Rolle.EJENDOMSDRIFT


@dataclass(frozen=True)
class Demobesøg:
    """A visit so many working days from today, who booked it, and how it went on from there."""

    hverdage: int
    start: time
    art: str
    af: Rolle
    svar: tuple[Status, ...] = ()
    afdeling: str = "aab55"


BESØG = (
    Demobesøg(-2, time(9, 30), "indflytningssyn", DRIFT, (Status.BEKRÆFTET, Status.GENNEMFØRT)),
    Demobesøg(0, time(10), "indflytningssyn", DRIFT, (Status.BEKRÆFTET,)),
    Demobesøg(0, time(13, 30), "servicebesøg", DRIFT, (Status.BEKRÆFTET,)),
    Demobesøg(1, time(9), "indflytningssyn", BEBOERRÅDGIVER, (Status.BEKRÆFTET,)),
    Demobesøg(2, time(11), "servicebesøg", DRIFT, (Status.AFLYST,)),
    Demobesøg(3, time(9, 30), "indflytningssyn", DRIFT),
    Demobesøg(4, time(14), "servicebesøg", BEBOERRÅDGIVER),
    Demobesøg(4, time(10), "servicebesøg", BEBOERRÅDGIVER, afdeling="steenbjerggård"),
)


def visits(filling: Opfyldning, personer: Sequence[Person], slut: date) -> None:
    """Book the visits and answer them; a home stands with its address alone."""
    for n, besøg in enumerate(BESØG):
        homes = [p.adresse for p in personer if p.afdeling == besøg.afdeling and p.adresse]
        number = uuid.uuid4()
        with filling.som(besøg.af, slut - timedelta(days=6)) as session:
            data = AftaleData(
                art=besøg.art,
                start=besøg.start,
                varighed=45,
                adresse=homes[n * 7 % len(homes)],
                afdeling=besøg.afdeling,
                deltagere="Ejendomsfunktionær fra afdelingen",
                rådgiver_id=rådgivere(session)[0].id,
            )
            book(session, data, dato=_hverdag(slut, besøg.hverdage), id=number)
        for version, status in enumerate(besøg.svar, start=1):
            other = DRIFT if besøg.af is BEBOERRÅDGIVER else BEBOERRÅDGIVER
            with filling.som(other, slut if status is Status.GENNEMFØRT else slut - timedelta(days=5)) as session:
                besked = "Lejemålet er ikke klar endnu." if status is Status.AFLYST else ""
                svar(session, number, status, version=version, besked=besked)


def _hverdag(dag: date, antal: int) -> date:
    """The working day so many from a day; with 0 the day itself, or the next working day."""
    step = timedelta(days=1 if antal >= 0 else -1)
    while dag.weekday() > 4 or er_helligdag(dag):
        dag += timedelta(days=1)
    for _ in range(abs(antal)):
        dag += step
        while dag.weekday() > 4 or er_helligdag(dag):
            dag += step
    return dag
