"""The yearly figures of the demo: reading, solving and attacking apart; reading against the bare GROUP BY queries."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.drift.demo import make_demo
from rådgivning.drift.instance import open_instance
from rådgivning.fakta.models import Faktum
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from rådgivning.statistik import protection
from rådgivning.statistik.basis import læs_grundlag
from rådgivning.statistik.periods import læs_periode
from rådgivning.statistik.tables import ENHEDER, TABELLER
from tests.bench.measuring import bare_plan, in_turns, report, seconds

PERIODE = "2026"


def run() -> None:
    """Make the demo's year and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, Path(folder) / "demo")
        make_demo(settings, seed=2026)
        kontekst = open_instance(settings)
        with kontekst.session(Aktør(rolle=Rolle.LEDER)) as session:
            plan = bare_plan(session)
            session.rollback()

            def read() -> object:
                found = læs_grundlag(session, plan.id, PERIODE)
                session.commit()
                return found

            months = læs_periode(PERIODE, plan.fra, plan.til).måneder
            times = in_turns({"læs": read, "bar": lambda: _group_bys(session, months)}, 15)
            report("læsning af årets tal", times["læs"], times["bar"], "højst 2×")
            grundlag = læs_grundlag(session, plan.id, PERIODE)
            session.commit()
            key = kontekst.rounding_key
            solving = min(seconds(lambda: protection._round(grundlag, key, Counter())) for _ in range(3))
            both = min(seconds(lambda: protection.beskyt(grundlag, key)) for _ in range(3))
            data, _result = protection.beskyt(grundlag, key)
        cells = sum(len(table["cells"]) for table in json.loads(data)["tables"])
        sys.stdout.write(f"{cells} celler: afrunding {solving:.2f} s, angreb {both - solving:.2f} s\n")
        kontekst.close()


def _group_bys(session: Session, months: object) -> None:
    """One plain query per table, as somebody would write it who had nothing to protect."""
    table = Faktum.__table__.c  # type: ignore[attr-defined]
    for tabel in TABELLER:
        enhed = ENHEDER[tabel.enhed]
        names = [table[enhed.kolonner[d]] if d != "tid" else table.måned for d in (tabel.rækker, tabel.kolonner)]
        persons = func.count(table.pseudonym.distinct())
        query = select(*names, func.sum(table.antal), persons).where(
            table.enhed == enhed.fakta, table.måned.in_(months)
        )
        session.connection().execute(query.group_by(*names)).all()
    session.rollback()
