"""The database's ground: SQLite as it is promised to run, instants with a zone."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import StatementError

from rådgivning.adgang.models import Bruger
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.trail import Aktør


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_sqlite_keeps_what_it_answered(engine: Engine) -> None:
    with engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")}
        assert found == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1


def test_an_instant_without_a_zone_is_refused(kontekst: Nøglekontekst) -> None:
    with kontekst.session(Aktør()) as session:
        session.add(
            Bruger(
                helhedsplan_id=new_id(),
                brugernavn="t",
                navn="Testa",
                rolle="leder",
                kodeord="",
                oprettet=datetime(2026, 1, 1),  # noqa: DTZ001
            )
        )
        with pytest.raises(StatementError, match="naive"):
            session.flush()
