"""The demo's consents in every state, the answers they let inkasso see, and tasks that come again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlmodel import select

from rådgivning.adgang.permissions import Rolle
from rådgivning.dansk import om_måneder
from rådgivning.drift.demo_data import Sag
from rådgivning.opgaver.recurring import Gentagelse, arbejdsdag
from rådgivning.opgaver.tasks import Rytme, opret_opgave, udfør
from rådgivning.restancer.models import Restancesag
from rådgivning.restancer.own import sæt_aftale_på_vej
from rådgivning.samtykker.consents import giv, træk_tilbage
from rådgivning.samtykker.models import SamtykkeData

if TYPE_CHECKING:
    from rådgivning.drift.demo_fill import Opfyldning

RÅDGIVER = Rolle.BEBOERRÅDGIVER
HUSLEJEN = SamtykkeData(
    formål="At få en aftale om huslejen på plads",
    hvad="At vi har kontakt, og at en aftale om afdrag er på vej",
    modtagere=["opkrævning", "kommune"],
    måde="skriftligt",
    opbevares="Mappen »Samtykker« i det aflåste skab",
)
YDELSE = SamtykkeData(
    formål="At søge om en enkeltydelse",
    hvad="Huslejerestancen og husstandens økonomi",
    modtagere=["kommune", "jobcenter"],
    måde="mundtligt",
    anledning="Ved samtalen på kontoret",
    vidne="En kollega",
)


def consents(filling: Opfyldning, sager: Sequence[Sag], slut: date) -> None:
    """Of the residents with an open case some let Opkrævning see the two answers, some took it back, some never did."""
    for n, sag in enumerate(s for s in sager if s.slut is None):
        beboer, given = filling.beboere[sag.person], max(sag.forløb[0][1], slut - timedelta(days=9))
        if n % 4 < 3:
            _given(filling, beboer, HUSLEJEN, given, om_måneder(given, 6), trukket=slut if n % 4 == 2 else None)
        if n % 4 == 0:
            with filling.som(RÅDGIVER, slut) as session:
                for row in session.exec(select(Restancesag.id).where(Restancesag.beboer_id == beboer)).all():
                    sæt_aftale_på_vej(session, row, True)
    for n, til in enumerate((slut + timedelta(days=12), slut - timedelta(days=20))):
        _given(filling, filling.beboere[n], YDELSE, til - timedelta(days=180), til)


def _given(
    filling: Opfyldning, beboer: uuid.UUID, data: SamtykkeData, dag: date, til: date, *, trukket: date | None = None
) -> None:
    with filling.som(RÅDGIVER, dag) as session:
        made = giv(session, beboer, data.model_copy(update={"givet": dag}), til=til).id
    if trukket is not None:
        with filling.som(RÅDGIVER, trukket) as session:
            træk_tilbage(session, made, måde="telefon")


def recurring(filling: Opfyldning, slut: date) -> None:
    """A weekly, a fortnightly and a monthly task, each done once, so that the next has come by itself."""
    before = arbejdsdag(slut - timedelta(days=7))
    for titel, gentages, beboer in (
        ("Sæt ugens tider op ved beboerhuset", Gentagelse.UGE, None),
        ("Ring og hør, hvordan det går", Gentagelse.FJORTEN_DAGE, filling.beboere[2]),
        ("Aftal næste måneds besøg med ejendomsdriften", Gentagelse.MÅNED, None),
    ):
        with filling.som(RÅDGIVER, before) as session:
            made = opret_opgave(session, titel=titel, frist=before, beboer_id=beboer, rytme=Rytme(gentages)).id
            udfør(session, made)
