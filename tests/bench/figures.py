"""The yearly figures of the demo: reading, solving and attacking apart; reading against the bare GROUP BY queries."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.drift.demo import make_demo
from rådgivning.drift.instance import open_instance
from rådgivning.fakta.models import Faktum
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from rådgivning.statistik import protection
from rådgivning.statistik.adding import lav_system
from rådgivning.statistik.basis import læs_grundlag
from rådgivning.statistik.declared import standard
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.periods import læs_periode
from rådgivning.statistik.sharing import Årsgrundlag
from rådgivning.statistik.tables import ENHEDER, GROVE
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
            key = kontekst.rounding_key
            session.rollback()

            def read() -> object:
                session.exec(delete(Udgivelse))
                found = læs_grundlag(session, plan.id, PERIODE, key)
                session.commit()
                return found

            months = læs_periode(PERIODE, plan.fra, plan.til).måneder
            times = in_turns({"læs": read, "bar": lambda: _group_bys(session, months)}, 15)
            report("læsning af årets tal", times["læs"], times["bar"], "højst 2×")
            grundlag = læs_grundlag(session, plan.id, PERIODE, key).mangler[PERIODE]
            assert isinstance(grundlag, Årsgrundlag)
            session.commit()
            solving = min(seconds(lambda: lav_system(grundlag, key)) for _ in range(3))
            both = min(seconds(lambda: protection.beskyt(grundlag, key)) for _ in range(3))
            _system, result = protection.beskyt(grundlag, key)
        cells = len(result.findings)
        sys.stdout.write(f"{cells} celler: afrunding {solving:.2f} s, angreb {both - solving:.2f} s\n")
        kontekst.close()


def _group_bys(session: Session, months: object) -> None:
    """One plain query per table, as somebody would write it who had nothing to protect."""
    table = Faktum.__table__.c  # type: ignore[attr-defined]
    for tabel in standard():
        enhed = ENHEDER[tabel.enhed]
        fine = [GROVE.get(name, name) for name in tabel.dimensioner]
        columns = [enhed.kolonner[name] if name != "tid" else "måned" for name in fine]
        names = [table[column] for column in columns if column in table]  # one is worked out from two others
        persons = func.count(table.pseudonym.distinct())
        query = select(*names, func.sum(table.antal), persons).where(
            table.enhed == enhed.fakta, table.måned.in_(months)
        )
        session.connection().execute(query.group_by(*names)).all()
    session.rollback()
