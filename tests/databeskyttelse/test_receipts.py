"""The receipt of an erasure: no name, no id, the same one every time, and when the last backup forgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.database import new_id
from rådgivning.databeskyttelse.models import Kvittering
from rådgivning.databeskyttelse.receipts import SLETTEFRIST, kopier, kvittering_for, kvittér
from rådgivning.drift.instance import open_instance
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.removal import slet
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor.trail import aktør
from tests.conftest import IDAG


def test_a_receipt_counts_what_was_there_names_nobody_and_is_the_same_one_ever_after(db: Session) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    opret_opgave(db, titel="Ring til Testa", frist=IDAG, beboer_id=beboer_id)
    first = kvittér(db, beboer_id, SLETTEFRIST, af=None)
    slet(db, beboer_id, Slettegrund.ØNSKE)
    db.commit()
    assert kvittér(db, beboer_id, SLETTEFRIST, af=None) == first
    row = db.exec(select(Kvittering)).one()
    assert kvittering_for(db, beboer_id) == row
    assert (row.antal, row.glemt) == ({"beboer": 1, "opgave": 1}, IDAG + timedelta(days=31))
    assert row.data_glemt == IDAG + timedelta(days=91)
    text = row.model_dump_json()
    assert "Testa" not in text
    assert str(beboer_id) not in text
    assert isinstance(row.glemt, date)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_receipt_promises_what_the_settings_keep_and_a_letter_says_the_same(settings: Settings, db: Session) -> None:
    egne = Settings.from_environment({"RAADGIVNING_BACKUP_KEY_DAGE": "7", "RAADGIVNING_BACKUP_DAGE": "14"})
    kontekst = open_instance(replace(settings, kopidage=egne.kopidage))
    with kontekst.session(aktør(db)) as session:
        beboer_id = opret_beboer(session, BeboerData(navn="Testa Opdigtet")).id
        row = session.get_one(Kvittering, kvittér(session, beboer_id, SLETTEFRIST, af=None))
        assert (row.glemt, row.data_glemt) == (IDAG + timedelta(days=8), IDAG + timedelta(days=15))
        said = kopier(row)
        assert "Til og med lørdag den 28. november 2026" in said
        assert "slettes senest lørdag den 5. december 2026. Indtil da står der i dem et tilfældigt nummer" in said
        database.clock.read = lambda: datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
        assert "kan der ligge" not in kopier(row)
        assert "hvem det boede sammen med" in kopier(row)
        database.clock.read = lambda: datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
        assert "nummer" not in kopier(row)
        session.rollback()
    kontekst.close()
    for too_many in ("0", "31"):
        with pytest.raises(SettingsFejl):
            Settings.from_environment({"RAADGIVNING_BACKUP_KEY_DAGE": too_many})


def test_nobody_unknown_gets_a_receipt(db: Session) -> None:
    with pytest.raises(IkkeFundet):
        kvittér(db, new_id(), SLETTEFRIST, af=None)
    assert db.exec(select(Kvittering)).all() == []
