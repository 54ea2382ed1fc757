"""Data and key store belong together: another instance's keys are refused before anything is written with them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select as rows_of
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import make_engine
from rådgivning.drift.instance import StartFejl, create_instance, open_instance
from rådgivning.drift.restoring import restore
from rådgivning.drift.snapshots import DATA, NØGLER, is_empty
from rådgivning.nøgler.envelope import wrapped_with
from rådgivning.nøgler.errors import KeyMissing, KeyWrong
from rådgivning.nøgler.keystore import personnøgle
from rådgivning.nøgler.sources import replace_text
from rådgivning.settings import Settings
from tests.conftest import DATABASER, Personale
from tests.drift.copies import KOPI, kopi
from tests.drift.test_backup import åbn_alle
from tests.drift.test_commands import Kald, kald

__all__ = ["kald"]

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture(params=DATABASER)
def databasetype(request: pytest.FixtureRequest) -> str:
    """Either kind of database has a key store beside it."""
    return str(request.param)


@pytest.fixture
def anden(tmp_path: Path) -> Settings:
    """Another instance, whose key store has no key yet."""
    other = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, tmp_path / "anden" / "data")
    create_instance(other).close()
    return other


def fill(settings: Settings) -> dict[uuid.UUID, bytes]:
    """Some person keys more."""
    kontekst = open_instance(settings)
    made = kontekst.keystore.create_many([uuid.uuid4() for _ in range(3)])
    kontekst.close()
    return made


def keys_of(settings: Settings) -> list[tuple[uuid.UUID, bytes]]:
    """Everything in a key store."""
    engine = make_engine(settings.keystore_url, immediate=False)
    with engine.connect() as connection:
        found = [(person, bytes(wrapped)) for person, wrapped in connection.execute(rows_of(personnøgle))]
    engine.dispose()
    return sorted(found)


def test_a_server_does_not_start_on_another_instances_key_store_and_writes_nothing_there(
    settings: Settings, personale: Personale, db: Session, anden: Settings
) -> None:
    hun = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    wrong = replace(settings, keystore_url=anden.keystore_url, opgrader_keystore_url="")
    for said, made in (("tomt", False), ("hører ikke til denne instans", True)):
        before = sorted(fill(anden)) if made else []
        with pytest.raises(StartFejl, match=said):
            open_instance(wrong)
        assert [person for person, _wrapped in keys_of(anden)] == before
    assert åbn_alle(settings, personale.aktør(Rolle.BEBOERRÅDGIVER)) == {hun: "Zxq Prøvesen"}


def test_a_new_instance_is_not_made_on_another_instances_key_store(anden: Settings, tmp_path: Path) -> None:
    before = sorted(fill(anden))
    new = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, tmp_path / "ny" / "data")
    with pytest.raises(StartFejl, match="hører ikke til denne instans"):
        create_instance(replace(new, keystore_url=anden.keystore_url))
    assert [person for person, _wrapped in keys_of(anden)] == before
    assert not new.key_file.exists()


@SQLITE
def test_data_are_not_restored_with_another_instances_keys(
    settings: Settings, tomt: Settings, db: Session, anden: Settings, tmp_path: Path
) -> None:
    opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    db.commit()
    data, keys = kopi(settings, tmp_path / "a")
    for said, made in (("tomt", False), ("hører ikke til denne instans", True)):
        if made:
            fill(anden)
        _data, others = kopi(anden, tmp_path / f"b-{made}")
        with pytest.raises(KeyWrong, match=said):
            restore(tomt, [KOPI], data, others)
        assert is_empty(tomt.keystore_url, NØGLER)
        before = keys_of(anden)
        with pytest.raises(KeyWrong, match=said):
            restore(replace(tomt, keystore_url=anden.keystore_url), [KOPI], data, None)
        assert keys_of(anden) == before
        assert is_empty(tomt.database_url, DATA)
    restore(tomt, [KOPI], data, keys)


@pytest.mark.parametrize("drejet", [False, True])
@pytest.mark.parametrize("ældst", [DATA, NØGLER, "ingen"])
@SQLITE
def test_backups_of_different_days_go_together_and_so_do_those_on_either_side_of_a_rotation(
    settings: Settings, tomt: Settings, db: Session, kald: Kald, tmp_path: Path, ældst: str, *, drejet: bool
) -> None:
    hun = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    older = kopi(settings, tmp_path / "før")
    if drejet:
        assert kald("nøgle", "ny")[0] == kald("nøgle", "rotér")[0] == 0
    ny = opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    db.commit()
    newer = kopi(settings, tmp_path / "efter")
    data, keys = (older if ældst == DATA else newer)[0], (older if ældst == NØGLER else newer)[1]
    if drejet:
        with pytest.raises(KeyMissing, match=r"nr\. 2"):
            restore(tomt, [KOPI], data, keys)
        assert is_empty(tomt.database_url, DATA)
        replace_text(tomt.key_file, settings.key_file.read_text(encoding="utf-8"))
    assert restore(tomt, [KOPI], data, keys).uden_nøgle == (1 if ældst == NØGLER else 0)
    kontekst = open_instance(tomt)
    kontekst.keystore.get_or_create(new := uuid.uuid4())
    assert set(kontekst.keystore.get_many([hun, ny])) == ({hun} if ældst == NØGLER else {hun, ny})
    kontekst.close()
    assert wrapped_with(dict(keys_of(tomt))[new])[0] == (2 if drejet else 1)


@SQLITE
def test_a_few_damaged_keys_stop_no_start(settings: Settings) -> None:
    made = sorted(fill(settings))
    engine = make_engine(settings.keystore_url, immediate=False)
    with engine.begin() as connection:
        connection.execute(
            personnøgle.update().where(personnøgle.c.person_id.in_(made[:2])).values(indpakket=b"\x01" * 65)
        )
    engine.dispose()
    kontekst = open_instance(settings)
    assert set(kontekst.keystore.get_many(made[2:])) == set(made[2:])
    kontekst.close()
