"""The receipt of an erasure: no name, no id, the same one every time, and when the last backup forgets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.database import new_id
from rådgivning.databeskyttelse.models import Kvittering
from rådgivning.databeskyttelse.receipts import SLETTEFRIST, kvittering_for, kvittér
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.removal import slet
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
    assert (row.antal, row.glemt) == ({"beboer": 1, "opgave": 1}, IDAG + timedelta(days=30))
    text = row.model_dump_json()
    assert "Testa" not in text
    assert str(beboer_id) not in text
    assert isinstance(row.glemt, date)


def test_nobody_unknown_gets_a_receipt(db: Session) -> None:
    with pytest.raises(IkkeFundet):
        kvittér(db, new_id(), SLETTEFRIST, af=None)
    assert db.exec(select(Kvittering)).all() == []
