"""What the time of a page of figures tells: the same recorded figures over other facts, asked for in turns."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from rådgivning import create_app, database
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import empty_wal, new_id
from rådgivning.drift.instance import open_instance
from rådgivning.fakta.models import Faktum, FrossetFaktum
from rådgivning.settings import Settings
from rådgivning.statistik.release import beskyttet
from tests.bench.measuring import bare_plan, in_turns, instance, report
from tests.conftest import Klient
from tests.statistik.cases import fakta, gem

ANTAL, FLERE, RUNDER = 1_000, 10_000, 40
LUKKET, ÅBEN = "2026-02", "2026-11"
I_DAG = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _én_mindre(session: Session) -> None:
    """One resident is in no fact and no copy."""
    named = col(Faktum.pseudonym).is_not(None)
    who = session.exec(select(Faktum.pseudonym).where(named, Faktum.måned == ÅBEN).limit(1)).one()
    for table in (Faktum, FrossetFaktum):
        session.execute(delete(table).where(col(table.pseudonym) == who))


def _én_ny(session: Session) -> None:
    """One resident has come to the open month, too few to be counted yet."""
    row = session.exec(select(Faktum).where(Faktum.måned == ÅBEN).limit(1)).one().model_dump()
    session.execute(insert(Faktum), [{**row, "id": new_id(), "pseudonym": bytes(16)}])


def _mange(month: str, session: Session) -> None:
    """The months' facts, and their copies with them, are ten times as many."""
    row = session.exec(select(Faktum).where(Faktum.måned == month).limit(1)).one().model_dump()
    rows = [{**row, "id": new_id()} for _ in range(FLERE)]
    session.execute(insert(Faktum), rows)
    session.execute(insert(FrossetFaktum), [{**own, "fra": ""} for own in rows])


SOM_UDGIVET = "som udgivet"
ÆNDRINGER: dict[str, Callable[[Session], None]] = {
    SOM_UDGIVET: lambda _session: None,
    "én beboer mindre": _én_mindre,
    "én ny, der ikke er talt med endnu": _én_ny,
    f"{FLERE} flere i en lukket måned": partial(_mange, LUKKET),
    f"{FLERE} flere i den åbne måned": partial(_mange, ÅBEN),
}


def run() -> None:
    """The page's time over other facts, as a ratio to its time over those that its figures were made from."""
    database.clock.read = lambda: I_DAG
    with ExitStack() as stack:
        settings = stack.enter_context(_recorded())
        pages = {name: stack.enter_context(_page(settings, name, change)) for name, change in ÆNDRINGER.items()}
        times = in_turns({name: partial(_get, klient) for name, klient in pages.items()}, RUNDER)
    for name in list(ÆNDRINGER)[1:]:
        report(f"siden med tal, {name}", times[name], times[SOM_UDGIVET], "omkring 1")


@contextmanager
def _recorded() -> Iterator[Settings]:
    """An instance with a year of facts whose figures are recorded."""
    with instance() as (settings, kontekst, aktører):
        with kontekst.session(aktører[Rolle.LEDER]) as session:
            plan_id = bare_plan(session).id
            gem(session, plan_id, fakta(ANTAL))
            beskyttet(session, plan_id, "2026", frø=kontekst.rounding_key)
        empty_wal(kontekst.engine)
        yield settings


@contextmanager
def _page(settings: Settings, navn: str, change: Callable[[Session], None]) -> Iterator[FlaskClient]:
    """A leder signed in to a copy of the instance with other facts below the same figures."""
    folder = settings.instance.with_name(f"kopi-{list(ÆNDRINGER).index(navn)}")
    shutil.copytree(settings.instance, folder)
    shutil.copy2(settings.key_file, Path(f"{folder}.nøgle"))
    own = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
    opened = open_instance(own)
    with Session(opened.engine) as session:
        change(session)
        session.commit()
        leder = session.exec(select(Bruger).where(Bruger.rolle == Rolle.LEDER)).one()
    opened.close()
    app = create_app(own)
    app.test_client_class = Klient
    klient = app.test_client()
    assert isinstance(klient, Klient)
    klient.sign_in(leder)
    yield klient
    app.extensions["nøgler"].close()


def _get(klient: FlaskClient) -> None:
    answer = klient.get("/statistik?periode=2026")
    if answer.status_code != 200 or "på vej" in answer.text:
        raise RuntimeError(f"the page answered {answer.status_code}")
