"""After a contact is logged through the pages, nothing under the instance folder tells who, where, or what was said."""

from __future__ import annotations

import base64
import unicodedata
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from rådgivning.database import make_engine
from rådgivning.settings import Settings
from tests.conftest import Klient, på_tværs
from tests.kontakter.conftest import felter

HEMMELIGT = {
    "navn": "Zxq Prøvesen",
    "telefon": "20121234",
    "adresse": "Opdigtet Allé 7",
    "notat": "Kvaksalver med en lilla trompet",
    "klager": "Nabo Quxholm",
    "titel": "Ring om trompeten",
    "kladde": "Halvfærdig om vandhanen",
}


def spellings(secret: str) -> Iterator[bytes]:
    """The ways in which a text could lie in a file: encodings, hex, base64 at each of the three offsets."""
    forms = {secret, secret.casefold(), unicodedata.normalize("NFD", secret), *secret.split()}
    for form in (f for f in forms if len(f) > 5):
        for raw in (form.encode(), form.encode("utf-16-le"), form.encode("utf-16-be"), form.encode("cp1252", "ignore")):
            yield raw
            yield raw.hex().encode()
            yield raw.hex().upper().encode()
            for offset in range(3):
                middle = base64.b64encode(b"\0" * offset + raw + b"\0" * 3)
                yield middle[4 : -8 if len(middle) > 16 else None] if offset else middle[:-8]


def log_everything(rådgiver: Klient) -> None:
    """A contact with a new resident, corrected, looked at and searched for, a follow-up, and a draft left behind."""
    values = {"beboer_id": "ny", "beboer_søg": HEMMELIGT["navn"], "ny_telefon": "20 12 12 34", "følg_op": "7"}
    values |= {"ny_adresse": HEMMELIGT["adresse"], "notat": HEMMELIGT["notat"], "opgave_titel": HEMMELIGT["titel"]}
    values |= {"art": "opsøgende", "anledning": "naboklage", "tredjepart": HEMMELIGT["klager"]}
    saved = rådgiver.send("/kontakter/ny", felter(**values))
    assert saved.status_code == 303
    rådgiver.send("/kladde?formular=/kontakter/ny", felter(notat=HEMMELIGT["kladde"], beboer_søg=HEMMELIGT["navn"]))
    found = rådgiver.send("/kontakter/ny", felter(beboer_id=None, beboer_søg="zxq", find_beboer="1"))
    assert HEMMELIGT["navn"] in found.text
    assert rådgiver.get("/kontakter").status_code == 200


def test_no_file_of_the_instance_holds_a_name_a_phone_an_address_or_a_note(
    rådgiver: Klient, settings: Settings
) -> None:
    log_everything(rådgiver)
    files = {path: path.read_bytes() for path in settings.instance.rglob("*") if path.is_file()}
    assert any(path.name.endswith("-wal") for path in files) or settings.database_url.startswith("postgresql")
    for secret in HEMMELIGT.values():
        for spelling in spellings(secret):
            assert not [path.name for path, content in files.items() if spelling in content]


def test_no_cell_of_the_database_holds_them_either(rådgiver: Klient, settings: Settings) -> None:
    log_everything(rådgiver)
    from rådgivning.drift.schema import all_tables

    engine = make_engine(på_tværs(settings.database_url))
    with engine.connect() as connection:
        for table in all_tables().sorted_tables:
            content = repr([tuple(row) for row in connection.execute(table.select())])
            assert not [secret for secret in HEMMELIGT.values() if secret in content or secret[:9] in content], (
                table.name
            )
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
    engine.dispose()


def test_nothing_in_the_database_leads_from_a_fact_to_a_resident(rådgiver: Klient, settings: Settings) -> None:
    log_everything(rådgiver)
    from rådgivning.drift.schema import all_tables

    engine = make_engine(på_tværs(settings.database_url))
    with engine.connect() as connection:
        tables = {t.name: repr([tuple(r) for r in connection.execute(t.select())]) for t in all_tables().sorted_tables}
        facts = list(connection.execute(all_tables().tables["faktum"].select()).mappings())
    engine.dispose()
    assert facts
    for fact in facts:
        for name, content in tables.items():
            if name != "faktum":
                assert str(fact["id"]) not in content
                assert repr(fact["pseudonym"]) not in content


def test_no_log_line_holds_them(rådgiver: Klient, caplog: pytest.LogCaptureFixture, app: Flask) -> None:
    caplog.set_level(0)
    log_everything(rådgiver)
    rådgiver.get(f"/kontakter/{uuid.uuid4()}")
    lines = " ".join(record.getMessage() for record in caplog.records)
    assert not [secret for secret in HEMMELIGT.values() if secret in lines]


def test_an_upload_never_becomes_a_temporary_file(rådgiver: Klient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    content = b"dato;afdeling;art;notat\n" + (b"20.11.2026;AAB 55;en_til_en;" + b"trompet" * 25 + b"\n") * 2_900
    assert len(content) > 500_000
    parts = [b'name="csrf_token"\r\n\r\n' + rådgiver.csrf().encode(), b'name="fil"; filename="x.csv"\r\n\r\n' + content]
    body = b"".join(b"--skel\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--skel--\r\n"
    answer = rådgiver.post("/kontakter/import", data=body, content_type="multipart/form-data; boundary=skel")
    assert answer.status_code == 303
