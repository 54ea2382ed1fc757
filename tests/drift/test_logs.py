"""SQLite's logs keep commits apart and what was deleted: whatever writes beside a running server leaves them empty."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.keystore import personnøgle
from rådgivning.restancer.list_job import sæt_i_gang
from rådgivning.settings import Settings
from tests.conftest import Klient, Personale
from tests.drift.test_commands import Kald, kald

__all__ = ["kald"]

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
LISTE = (
    "dato;afdeling;art;hovedemne;aldersgruppe;kilde;form;varighed;udfald;beboer_navn;beboer_telefon;beboer_adresse;"
    "notat\n03-11-2026;aab55;en_til_en;gæld;;;;;;Zxq Prøvesen;20121234;Opdigtet Allé 7;Zxqnotat\n"
)


def _logs(settings: Settings) -> list[int]:
    return [(settings.instance / f"{name}.db-wal").stat().st_size for name in ("raadgivning", "nøgler")]


def _write(kontekst: Nøglekontekst, personale: Personale, navn: str = "Testa Opdigtet") -> uuid.UUID:
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        made = opret_beboer(session, BeboerData(navn=navn)).id
        session.commit()
    return made


def test_a_verb_beside_the_server_leaves_no_log_that_pairs_a_contact_with_its_fact(
    app: Flask, settings: Settings, kontekst: Nøglekontekst, personale: Personale, kald: Kald, tmp_path: Path
) -> None:
    _write(kontekst, personale)
    assert all(_logs(settings)), "the server holds both databases open"
    fil = tmp_path / "kontakter.csv"
    fil.write_text(LISTE, encoding="utf-8")
    code, said, _errors = kald("import", "kontakter", str(fil))
    assert (code, "1 " in said) == (0, True)
    assert _logs(settings) == [0, 0]


def test_the_work_on_a_list_beside_a_request_leaves_no_log(
    settings: Settings, kontekst: Nøglekontekst, personale: Personale
) -> None:
    _write(kontekst, personale)
    sæt_i_gang(kontekst, personale.aktør(Rolle.BEBOERRÅDGIVER), uuid.uuid4()).join()
    assert _logs(settings) == [0, 0]


def test_a_destroyed_key_stands_in_no_file_of_the_key_store_after_the_next_request(
    app: Flask, klient: KlientFor, settings: Settings, kontekst: Nøglekontekst, personale: Personale
) -> None:
    hun = _write(kontekst, personale, "Zxq Prøvesen")
    with kontekst.keystore.engine.connect() as connection:
        query = select(personnøgle.c.indpakket).where(personnøgle.c.person_id == hun)
        wrapped = bytes(connection.execute(query).scalar_one())
    with kontekst.session(systemet(personale.helhedsplan.id)) as session:
        slet_person(session, hun, "anmodning", af=None)
        session.commit()
    assert klient(Rolle.BEBOERRÅDGIVER).send("/beboere/ny", {"navn": "Testa", "afdeling": "aab55"}).status_code == 303
    assert not [path.name for path in settings.instance.glob("nøgler.db*") if wrapped in path.read_bytes()]
