"""What is typed about a resident stands in no file of the instance, however spelled, while search finds her."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.settings import Settings
from tests.conftest import Klient

NAVN, TELEFON, ADRESSE = "Zxq Prøvesen", "20 98 76 54", "Qwolstræde 47, 3. mf"
NOTE, OPGAVE = "Vexlbjørn kommer om fredagen", "Ring til Vexlbjørns søster"
FORMS = (NAVN, "Zxq", "Prøvesen", "+4520987654", "20987654", TELEFON, ADRESSE, "Qwolstræde", NOTE, "Vexlbjørn", OPGAVE)


def spellings(text: str) -> set[bytes]:
    """The text in the encodings a careless layer would leave it in."""
    plain = {text.encode(), text.lower().encode(), text.encode("utf-16-le"), text.encode("utf-16-be")}
    hexed = {form for p in plain for form in (p.hex().encode(), p.hex().upper().encode())}
    return plain | hexed | {form for p in plain for n in range(3) if len(form := in_base64(p, n)) >= 8}


def in_base64(plain: bytes, before: int) -> bytes:
    """The characters that depend on the text alone when `before` bytes (modulo 3) stand in front of it."""
    encoded = base64.b64encode(b"\0" * before + plain).rstrip(b"=")
    return encoded[(0, 2, 3)[before] : len(encoded) - ((before + len(plain)) % 3 > 0)]


def files(settings: Settings) -> list[Path]:
    """Every file of the instance: database, WAL, key store, whatever else is there."""
    return [path for path in settings.instance.rglob("*") if path.is_file()]


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_nothing_typed_about_a_resident_stands_in_any_file_and_search_finds_her(
    app: Flask, klient: Callable[[Rolle | None], Klient], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    felter = {"navn": NAVN, "telefon": TELEFON, "adresse": ADRESSE, "note": NOTE, "formular_id": str(new_id())}
    url = rådgiver.send("/beboere/ny", felter).location
    rådgiver.send("/kladde?formular=/beboere/ny", felter)
    opgave = {"titel": OPGAVE, "frist": "2026-11-25", "beboer_id": url[-36:], "note": NOTE}
    assert rådgiver.send(f"/opgaver/ny/{url[-36:]}", opgave).status_code == 303
    rådgiver.send(f"{url}/ret", {**felter, "version": "1"})
    assert url in rådgiver.send("/beboere", {"q": "zxq prøv"}).text
    assert {path.name for path in files(settings)} >= {"raadgivning.db", "raadgivning.db-wal", "nøgler.db"}
    kept = [path.read_bytes() for path in files(settings)] + [caplog.text.encode()]
    needles = {needle for text in FORMS for needle in spellings(text)}
    assert not [needle for needle in needles for content in kept if needle in content]


def test_the_search_for_leaks_would_find_one(tmp_path: Path) -> None:
    for text in FORMS:
        for n, form in enumerate((text.encode(), text.encode("utf-16-le"), text.encode().hex().encode())):
            assert any(needle in b"x" * n + form for needle in spellings(text))
        for before in [b"", b"a", b"ab"] if len(text) > 8 else []:
            assert any(needle in base64.b64encode(before + text.encode() + b"cd") for needle in spellings(text))
