"""The search index over 10,000 residents: building it against opening their envelopes once, searching against both."""

from __future__ import annotations

import random
from functools import partial

from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.search import fresh_index
from rådgivning.database import new_id, today
from rådgivning.drift.demo_data import EFTERNAVNE, FORNAVNE, VEJE
from rådgivning.nøgler.envelope import seal_bytes
from rådgivning.nøgler.models import Søgeændring
from rådgivning.nøgler.opening import open_unnamed
from rådgivning.spor.trail import Aktør
from tests.bench.measuring import instance, report, seconds

ANTAL = 10_000
SØGNINGER = ("Aase", "fikt", "prøve 14", "0012", "Opdigtzen", "Mustafa Ærl", "ekse", "yasmni")


def run() -> None:
    """Print the ratios."""
    with instance() as (_settings, kontekst, aktører):
        aktør = aktører[Rolle.BEBOERRÅDGIVER]
        assert aktør.helhedsplan_id is not None
        plan_id = aktør.helhedsplan_id
        _fill(kontekst.session(aktør), aktør)
        opening, building = [], []
        for _ in range(5):
            with kontekst.session(aktør) as session:
                opening.append(seconds(partial(_open_all, session)))
                session.rollback()
            with kontekst.session(aktør) as session:
                kontekst.register.drop(plan_id)
                building.append(seconds(partial(fresh_index, session, plan_id)))
                session.commit()
        with kontekst.session(aktør) as session:
            index = fresh_index(session, plan_id)
            first = {text: seconds(partial(index.search, text)) for text in SØGNINGER}
            times = {text: min(seconds(partial(index.search, text)) for _ in range(20)) for text in SØGNINGER}
        report("indeks bygget", min(building), min(opening), "højst 2×")
        slowest = max(times, key=lambda t: times[t])
        report(f"langsomste søgning ({slowest})", times[slowest], min(opening), "højst 0,02×")
        report("langsomste første søgning", max(first.values()), min(opening), "oplysning")


def _open_all(session: Session) -> None:
    open_unnamed(session, session.exec(select(Beboer)).all(), BeboerData)


def _fill(session: Session, aktør: Aktør) -> None:
    draw = random.Random(7)
    ids = [new_id() for _ in range(ANTAL)]
    assert aktør.helhedsplan_id is not None
    assert aktør.bruger_id is not None
    keys = session.info["keystore"].create_many(ids)
    with session:
        for n, beboer_id in enumerate(ids):
            afdeling, vej, numre = draw.choice(VEJE)
            data = BeboerData(
                navn=f"{draw.choice(FORNAVNE)} {draw.choice(FORNAVNE)} {draw.choice(EFTERNAVNE)}{n % 97}",
                telefon=f"+4500{n:06d}",
                adresse=f"{vej} {draw.randint(1, numre)}, {n % 4}. tv.",
                afdeling=afdeling,
            )
            row = Beboer(id=beboer_id, helhedsplan_id=aktør.helhedsplan_id, ejer_id=aktør.bruger_id, oprettet=today())
            row.sealed = seal_bytes(keys[beboer_id], 1, row.place, data.model_dump_json().encode())
            session.add(row)
            session.add(Søgeændring(helhedsplan_id=aktør.helhedsplan_id, række_id=beboer_id, nr=n + 1))
        session.commit()
