"""A worker's memory is filled before its first page, a little at a time, and misses nothing that happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.beboere import households
from rådgivning.drift.instance import open_instance
from rådgivning.drift.warming import varm_op
from rådgivning.nøgler import mirrors, opening
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import MåIkkeÅbne
from rådgivning.restancer import cases, worklist
from rådgivning.restancer.worklist import Udsnit, sager
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Personale
from tests.limit import vent_på
from tests.restancer.factories import sag


def _indexed(session: Session) -> list[tuple[str, str, Any]]:
    rows = session.exec(select(Spor).where(Spor.handling == Handling.INDEKSERET)).all()
    found = [(row.rolle, row.genstand, row.detaljer["antal"]) for row in rows]
    session.commit()
    return found


def test_the_first_list_after_a_restart_opens_its_page_alone(
    db: Session, settings: Settings, personale: Personale, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "AD_GANGEN", 4)
    for n in range(11):
        sag(db, lejemål=f"55-{n:04}-1", navn=f"Zxq {n}")
    db.commit()
    before = len(_indexed(db))
    ny: Nøglekontekst = open_instance(settings)
    thread = varm_op(ny)
    assert not thread.is_alive()
    counts = _indexed(db)[before:]
    assert ("system", "restancesag", 11) in counts
    assert {rolle for rolle, _genstand, _antal in counts} == {"system"}
    with ny.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        assert len(sager(session, Udsnit(), 1, ()).linjer) == 11
        assert len(households.husstande(session).for_sag) == 11
        session.commit()
    assert len(_indexed(db)) == before + len(counts)
    vent_på([varm_op(ny)])
    assert len(_indexed(db)) == before + len(counts)
    ny.close()


def test_what_changes_while_the_memory_is_filled_is_seen(
    db: Session, settings: Settings, personale: Personale, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "AD_GANGEN", 1)
    made = [sag(db, navn=f"Zxq {n}").id for n in range(3)]
    db.commit()
    ny = open_instance(settings)

    def meanwhile(session: Session, *args: Any) -> Iterator[Any]:
        for n, batch in enumerate(opening.open_in_turns(session, *args)):
            yield batch
            session.commit()
            if n == 0:
                for sag_id in made[:2]:
                    cases.slet_sag(db, sag_id, cases.Slettegrund.FEJL)
                sag(db, navn="Zxq Ny")
                db.commit()

    monkeypatch.setattr(mirrors, "open_in_turns", meanwhile)
    with ny.session(systemet(personale.helhedsplan.id)) as session:
        worklist.SPEJL.varm(session)
    with ny.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        names = {line.data.navn for line in sager(session, Udsnit(), 1, ()).linjer if line.data}
        session.commit()
    assert names == {"Zxq 2", "Zxq Ny"}
    with ny.session(personale.aktør(Rolle.INKASSO)) as session, pytest.raises(MåIkkeÅbne):
        worklist.SPEJL.varm(session)
    ny.close()
