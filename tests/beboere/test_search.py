"""The index across workers, transactions and deletions; the matching itself is tested with the index."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import (
    Slettegrund,
    alle_beboere,
    opret_beboer,
    ret_beboer,
    seneste_beboere,
    slet_beboer,
    søg_beboere,
)
from rådgivning.drift.instance import open_instance
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Personale


@pytest.fixture
def anden(settings: Settings, personale: Personale) -> Iterator[Session]:
    """A session of a second worker: another process's engines, keys and index."""
    kontekst: Nøglekontekst = open_instance(settings)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        yield session
    kontekst.engine.dispose()
    kontekst.keystore.engine.dispose()


def navne(session: Session, tekst: str) -> list[str]:
    """What a search shows, with its trace made durable as the end of a request does."""
    found = [t.navn for t in søg_beboere(session, tekst)]
    session.commit()
    return found


def test_a_second_worker_sees_what_the_first_registers_corrects_and_deletes(db: Session, anden: Session) -> None:
    assert navne(anden, "Prøvesen") == []
    beboer = opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    db.commit()
    assert navne(anden, "Prøvesen") == ["Zxq Prøvesen"]
    ret_beboer(db, beboer.id, BeboerData(navn="Zxq Opdigtet"), 1)
    db.commit()
    assert navne(anden, "Prøvesen") == []
    assert navne(anden, "Opdigtet") == ["Zxq Opdigtet"]
    slet_beboer(db, beboer.id, Slettegrund.FEJL)
    db.commit()
    assert navne(anden, "Opdigtet") == []


def test_what_is_undone_is_never_in_the_index_and_what_follows_is(db: Session) -> None:
    opret_beboer(db, BeboerData(navn="Fortrudt Prøvesen"))
    assert [t.navn for t in søg_beboere(db, "Prøvesen")] == []
    db.rollback()
    opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    db.commit()
    assert navne(db, "Prøvesen") == ["Zxq Prøvesen"]


def test_a_correction_that_is_undone_leaves_the_old_name_findable(db: Session) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    opret_beboer(db, BeboerData(navn="En Anden"))
    db.commit()
    ret_beboer(db, beboer.id, BeboerData(navn="Testa Opdigtet"), 1)
    assert [t.navn for t in søg_beboere(db, "Anden")] == ["En Anden"]
    assert søg_beboere(db, "Testa") == []
    db.rollback()
    assert navne(db, "Zxq") == ["Zxq Prøvesen"]
    assert navne(db, "Testa") == []


def test_a_search_is_traced_with_those_it_shows_and_the_index_with_a_count(db: Session) -> None:
    shown = opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    db.commit()
    navne(db, "Zxq")
    indexed = db.exec(select(Spor).where(Spor.handling == Handling.INDEKSERET)).one()
    assert (indexed.detaljer, indexed.rækker, indexed.beboere) == ({"antal": 2}, [], [])
    opened = db.exec(select(Spor).where(Spor.handling == Handling.ÅBNET)).one()
    assert (opened.anledning, opened.rækker, opened.beboere) == ("søgning", [str(shown.id)], [str(shown.id)])


def test_all_residents_are_listed_in_danish_order_and_the_latest_newest_first(db: Session) -> None:
    for navn in ("Åse Prøvesen", "Zxq Prøvesen", "Ærlig Prøvesen", "Øde Prøvesen", "Anna Prøvesen", "Aase Prøvesen"):
        opret_beboer(db, BeboerData(navn=navn))
    db.commit()
    names = [t.navn.split()[0] for t in alle_beboere(db, 1)[0]]
    assert names == ["Anna", "Zxq", "Ærlig", "Øde", "Åse", "Aase"]
    assert len(seneste_beboere(db, 1)[0]) == 6
    assert alle_beboere(db, 2) == ([], 1)
