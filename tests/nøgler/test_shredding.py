"""A key is destroyed when the commit that decides it stands: not before, not never, and never made again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer, slet_beboer
from rådgivning.drift.instance import open_instance
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.models import Sletning
from rådgivning.nøgler.opening import destroy_key, is_readable, open_many, open_sealed
from rådgivning.nøgler.shredding import finish_destruction
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Klient, Personale
from tests.nøgler.test_opening import make


def test_a_rollback_leaves_the_key_and_a_commit_takes_it(db: Session) -> None:
    row = make(db)
    destroy_key(db, row.id)
    assert is_readable(db, row)
    db.rollback()
    assert is_readable(db, row)
    assert db.get(Sletning, row.id) is None
    destroy_key(db, row.id)
    db.commit()
    assert not is_readable(db, row)


def test_a_savepoint_neither_carries_out_nor_forgets(db: Session) -> None:
    kept, undone = make(db), make(db)
    destroy_key(db, kept.id)
    with db.begin_nested():
        pass
    assert is_readable(db, kept)
    with pytest.raises(ZeroDivisionError), db.begin_nested():
        raise ZeroDivisionError
    db.commit()
    assert not is_readable(db, kept)
    assert is_readable(db, undone)


def test_what_a_crash_left_undone_is_done_at_the_next_start(
    db: Session, kontekst: Nøglekontekst, settings: Settings
) -> None:
    row, draft = make(db), make(db)
    db.add(Sletning(person_id=row.id))
    db.add(Sletning(person_id=draft.id, varig=False))
    db.commit()
    assert is_readable(db, row)
    db.rollback()
    open_instance(settings).close()
    assert not is_readable(db, row)
    assert not is_readable(db, draft)
    log = {entry.person_id: entry.udført for entry in db.exec(select(Sletning)).all()}
    assert log == {row.id: True}
    assert finish_destruction(db, kontekst.keystore) == 0


def test_an_erased_id_never_gets_a_key_again(db: Session) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Testa Opdigtet", afdeling="aab55"))
    old = beboer.id
    db.commit()
    slet_beboer(db, old, next(iter(Slettegrund)))
    with pytest.raises(Shredded):
        opret_beboer(db, BeboerData(navn="Testa Opdigtet"), id=old)
    db.rollback()
    slet_beboer(db, old, next(iter(Slettegrund)))
    db.commit()
    with pytest.raises(Shredded):
        opret_beboer(db, BeboerData(navn="Testa Opdigtet"), id=old)


def test_the_back_button_after_a_deletion_hurts_nobody(
    app: Flask, klient: Callable[[Rolle | None], Klient], personale: Personale
) -> None:
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    form = {"formular_id": "11111111-1111-4111-8111-111111111111", "navn": "Testa Opdigtet", "afdeling": "aab55"}
    assert rådgiver.send("/beboere/ny", form).status_code == 303
    grund = next(iter(Slettegrund)).value
    side = f"/beboere/{form['formular_id']}"
    assert rådgiver.send(f"{side}/slet", {"grund": grund}).status_code == 303
    again = rådgiver.send("/beboere/ny", form)
    assert again.status_code == 404
    assert "er slettet" in again.text
    for sti in ("/", "/beboere", "/restancer", "/kontakter"):
        assert rådgiver.get(sti).status_code == 200


def test_one_tampered_row_closes_no_list_and_is_in_the_trail(db: Session) -> None:
    good, bad = make(db), make(db)
    bad.sealed = good.sealed
    assert list(open_many(db, [good, bad], BeboerData, "liste")) == [good.id]
    entry = db.exec(select(Spor).where(Spor.handling == Handling.AFVIST)).one()
    assert (entry.rækker, entry.anledning) == ([str(bad.id)], "kuverten er ændret")
    assert open_sealed(db, good, BeboerData, "vis").navn == "Zxq Prøvesen"


def test_a_page_with_a_tampered_envelope_says_so(
    app: Flask, klient: Callable[[Rolle | None], Klient], db: Session
) -> None:
    good, bad = make(db), make(db)
    bad.sealed = good.sealed
    db.add(bad)
    sti = f"/beboere/{bad.id}/ret"
    db.commit()
    answer = klient(Rolle.BEBOERRÅDGIVER).get(sti)
    assert answer.status_code == 500
    assert "ændret uden om programmet" in answer.text
