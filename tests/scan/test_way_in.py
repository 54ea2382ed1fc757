"""The scanners get in, stay in, and meet what a user of the role meets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlmodel import Session, select

from rådgivning.adgang.models import BrugerSession
from rådgivning.beboere.models import Beboer
from tests.conftest import KODEORD
from tests.scan import planted
from tests.scan.crawl import FORM, Formular, Gennemgang, Kort, dækkende, indhold, mål
from tests.scan.door import Dør, ascii_navn, åben


@pytest.fixture
def databasetype() -> str:
    """What the scanners meet is the same on both."""
    return "sqlite"


def dør_for(adresse: str, rolle: str) -> Dør:
    return Dør(int(urlsplit(adresse).port or 0), rolle, KODEORD)


def test_a_form_is_not_refused_although_the_session_was_ended_and_its_token_is_old(adresse: str, db: Session) -> None:
    dør = dør_for(adresse, "beboerrådgiver")
    typed = b"csrf_token=old&gammelt=a&nyt=b&gentaget=c"
    assert dør.hent("POST", "/kodeord", typed, {"Content-Type": FORM}).status == 422
    db.exec(delete(BrugerSession))
    db.commit()
    assert dør.hent("GET", "/beboere").status == 200
    assert dør.hent("POST", "/kodeord", typed, {"Content-Type": FORM}).status == 422
    assert set(dør.antal) == {200, 422}


@pytest.mark.parametrize("enctype", [FORM, "multipart/form-data"])
def test_what_is_sent_with_names_in_ascii_arrives_as_the_form_has_it(adresse: str, db: Session, enctype: str) -> None:
    dør = dør_for(adresse, "beboerrådgiver")
    felter = [("csrf_token", "", "hidden"), ("navn", "Zxq Prøvesen", "text"), ("fødselsdato", "32.13.1980", "text")]
    body, sent = indhold(Formular("/beboere/ny", "POST", "/beboere/ny", enctype, felter))
    assert body.isascii() == (enctype == FORM)
    assert ascii_navn("fødselsdato").encode() in body
    answer = dør.hent("POST", "/beboere/ny", body, {"Content-Type": sent})
    assert answer.status == 422
    page = answer.krop.decode()
    assert "32.13.1980" in page
    assert "Zxq Prøvesen" in page
    assert db.exec(select(Beboer)).all() == []


def test_every_kind_of_form_of_a_role_is_found_and_sent_and_shown_to_a_scanner_once(app: Flask, adresse: str) -> None:
    dør, kort = dør_for(adresse, "ejendomsdrift"), Kort(app.url_map.bind("127.0.0.1"))
    found = Gennemgang(dør, kort)
    found.følg(["/"])
    before = set(found.slags)
    found.tryk()
    assert "henvisninger.vis" in found.slags - before  # a page that only sending a form has made
    targets = mål(kort, found, lambda endpoint: ["zxq"] if endpoint == "kalender.uge" else [])
    assert {"navn", "beskrivelse", "hast"} <= {name for target in targets for name in target.felter}
    assert "zxq" in {name for target in targets if "zxq=1" in target.sti for name in target.felter}
    kinds = [(part, form.sti) for form, new in dækkende(kort, found.former) for part in new]
    assert len({part for part, _sti in kinds}) == len(kinds)
    assert dør.fejl == []


def test_what_is_planted_is_weak_and_no_cookie_comes_out(adresse: str) -> None:
    with åben(dør_for(adresse, "beboerrådgiver")) as udenfor:
        with urlopen(udenfor + "/beboere") as page:
            assert page.headers.get_all("Set-Cookie") is None
            assert "<form" in (text := page.read().decode())
            assert not re.search("<a[ >]", text)
        with urlopen(udenfor + planted.STI, b"navn=%27+OR+%271%27%3D%271") as page:
            assert "Zxqvej" in page.read().decode()
        with urlopen(udenfor + planted.STI, b"navn=<script>zxq") as page:
            assert "<script>zxq" in page.read().decode()
