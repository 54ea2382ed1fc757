"""The server is killed in the middle of 200 saves: what it answered is there, nothing is half there."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.drift.instance import open_instance
from rådgivning.fakta.models import Faktum
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_many
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from tests.conftest import KODEORD, LANG, Personale
from tests.drift.server import Klient, server
from tests.limit import vent_på

SAVES = 200
KILL_AFTER = 90


class Gemmer(threading.Thread):
    """One browser that saves contacts until the server is gone; remembers which were answered."""

    def __init__(self, port: int, beboer: uuid.UUID, ids: Sequence[uuid.UUID], enough: threading.Event) -> None:
        super().__init__()
        self.klient, self.beboer, self.ids, self.enough = Klient(port), beboer, ids, enough
        self.answered: list[uuid.UUID] = []
        self.refused: list[int] = []

    def run(self) -> None:
        """Save one after the other; an anonymous one every fourth time, so that new keys are made as well."""
        with contextlib.closing(self.klient), contextlib.suppress(OSError, http.client.HTTPException):
            self.klient.log_ind("beboerrådgiver", KODEORD)
            self._save_all()

    def _save_all(self) -> None:
        for n, kontakt in enumerate(self.ids):
            body = fields(kontakt, None if n % 4 == 0 else self.beboer)
            status = self.klient.post("/kontakter/ny?art=en_til_en", body)[0]
            if status == 303:
                self.answered.append(kontakt)
            else:
                self.refused.append(status)
            if len(self.answered) >= KILL_AFTER // 4:
                self.enough.set()


def fields(kontakt: uuid.UUID, beboer: uuid.UUID | None) -> dict[str, str]:
    """What the form sends for a contact with a known resident, or an anonymous one."""
    return {
        "beboer_id": str(beboer or "anonym"),
        "afdeling": "aab55",
        "aldersgruppe": "30-39",
        "formular_id": str(kontakt),
        "art": "en_til_en",
        "dato": datetime.now(UTC).date().isoformat(),
        "aktivitet": "beboerrådgivning",
        "form": "fremmøde",
        "kilde": "beboeren_selv",
        "hovedemne": "gæld",
        "udfald": "råd_givet",
        "notat": f"Notat {kontakt}",
    }


@pytest.mark.lang
@pytest.mark.parametrize("_gang", range(20 if LANG else 1))
def test_an_answered_save_survives_kill_9_and_none_is_half_there(
    settings: Settings, kontekst: Nøglekontekst, personale: Personale, _gang: int
) -> None:
    aktør = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(aktør) as session:
        beboer = opret_beboer(session, BeboerData(navn="Testa Opdigtet", afdeling="aab55", aldersgruppe="30-39")).id
        session.commit()
    kontekst.close()
    ids = [uuid.uuid4() for _ in range(SAVES)]
    enough = threading.Event()
    with server(settings.instance) as (port, process):
        savers = [Gemmer(port, beboer, ids[n::4], enough) for n in range(4)]
        for saver in savers:
            saver.start()
        assert enough.wait(60)
        os.killpg(process.pid, signal.SIGKILL)
        vent_på(savers)
    answered = [kontakt for saver in savers for kontakt in saver.answered]
    assert [saver.refused for saver in savers] == [[], [], [], []]
    assert KILL_AFTER // 4 <= len(answered) < SAVES
    after = open_instance(settings)
    with after.session(aktør) as session:
        rows = session.exec(select(Kontakt)).all()
        contents = open_many(session, rows, KontaktData, "prøve")
        facts = set(session.exec(select(Faktum.id)).all())
        assert set(answered) <= set(contents) <= set(ids)
        assert len(contents) == len(rows)
        assert {data.faktum_id for data in contents.values()} == facts
        assert all(data.notat == f"Notat {kontakt}" for kontakt, data in contents.items())
        session.rollback()
        assert tjek(session, after.audit_key) == []
    after.close()
