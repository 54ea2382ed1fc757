"""What the database keeps beside its rows does not tell which fact was written together with which contact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.fakta.models import Faktum
from rådgivning.kontakter.log import log_kontakt, ret_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.settings import Settings
from tests.conftest import IDAG, Klient

EMNER = ("gæld", "misbrug", "vold", "ydelser")


def log(db: Session, emne: str, dato: date = IDAG) -> None:
    """A resident with one contact, in a transaction of its own."""
    beboer = opret_beboer(db, BeboerData(navn=f"Testa {emne}", afdeling="aab55", aldersgruppe="30-39")).id
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", hovedemne=emne, form="telefon")
    log_kontakt(db, data, dato=dato, beboer_id=beboer)
    db.commit()


@pytest.mark.parametrize("databasetype", ["postgresql"])
def test_no_transaction_number_joins_a_contact_to_its_fact_alone(db: Session) -> None:
    for emne in EMNER:
        log(db, emne)
    join = "SELECT k.id, f.hovedemne FROM kontakt k JOIN faktum f ON f.xmin = k.xmin"
    rows = db.execute(text(join)).all()
    assert len({row[0] for row in rows}) == 1
    assert {row[1] for row in rows} == set(EMNER)


@pytest.mark.parametrize("databasetype", ["postgresql"])
def test_a_correction_hides_among_the_month_as_well(db: Session) -> None:
    for emne in EMNER:
        log(db, emne)
    data = KontaktData(
        art="en_til_en", aktivitet="beboerrådgivning", hovedemne="gæld", form="telefon", afdeling="aab55"
    )
    kontakt = log_kontakt(db, data, dato=IDAG)
    db.commit()
    ret_kontakt(db, kontakt.id, data.model_copy(update={"hovedemne": "vold"}), dato=IDAG, beboer_id=None, version=1)
    db.commit()
    assert len(set(db.execute(text("SELECT xmin::text FROM faktum")).scalars().all())) == 1
    assert len(db.exec(select(Faktum)).all()) == len(EMNER) + 1


@pytest.mark.parametrize("databasetype", ["sqlite"])
def test_after_a_save_the_log_of_commits_is_empty(
    app: Flask, klient: Callable[[Rolle | None], Klient], settings: Settings
) -> None:
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert rådgiver.send("/beboere/ny", {"navn": "Testa Opdigtet", "afdeling": "aab55"}).status_code == 303
    wal = Path(settings.instance / "raadgivning.db-wal")
    assert wal.stat().st_size == 0
