"""The room's pages as a browser without JavaScript uses them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.samtykker.models import Samtykke
from tests.conftest import Klient

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]


@pytest.fixture
def rådgiver(klient: KlientFor) -> Klient:
    """The beboerrådgiver's browser."""
    return klient(Rolle.BEBOERRÅDGIVER)


@pytest.fixture
def om(db: Session) -> uuid.UUID:
    """A resident."""
    made = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    return made


def giv(rådgiver: Klient, om: uuid.UUID, **felter: Any) -> Any:
    """Send the form."""
    fields = {"formål": "Aftale om huslejen", "modtagere": ["opkrævning", "kommune"], "til": "2027-05-20"}
    fields |= {"hvad": "Restancen", "anledning": "Ved samtalen", "vidne": "Tolken", "opbevares": ""}
    more = {"måde": "mundtligt", "givet": "2026-11-20", "ordlyd": "»Sig det bare«", "formular_id": str(new_id())}
    return rådgiver.send(f"/samtykker/ny/{om}", {**fields, **more, **felter})


def test_a_consent_is_given_seen_in_words_and_withdrawn_after_one_question(
    rådgiver: Klient, om: uuid.UUID, db: Session
) -> None:
    side = rådgiver.get(f"/beboere/{om}").text
    assert f'href="/samtykker/ny/{om}"' in side
    form = rådgiver.get(f"/samtykker/ny/{om}").text
    assert 'value="2027-05-20"' in form
    assert not re.search(r'(type="checkbox"|value="(mund|skrift)tligt")[^>]* checked', form)
    felter = {"formular_id": str(new_id())}
    assert [giv(rådgiver, om, **felter).location for _ in range(2)] == [f"/beboere/{om}"] * 2
    [made] = db.exec(select(Samtykke.id)).all()
    db.rollback()
    side = rådgiver.get(f"/beboere/{om}").text
    for text in ("Aftale om huslejen", "Givet mundtligt 20.11.2026", "Opkrævning og inkasso, Kommunen", "20.05.2027"):
        assert text in side
    assert "Aftale om huslejen" in rådgiver.get("/samtykker").text
    tryk = f"/samtykker/{made}/træk-tilbage"
    [link] = re.findall(rf'href="(/samtykker/{made}/[^"]+)"', side)
    assert f"fornyer={made}" in side
    spørg = rådgiver.get(unescape(link)).text
    for text in ("Træk samtykket tilbage?", "kan ikke fortrydes", "Kommunen må derefter", f'value="/beboere/{om}"'):
        assert text in spørg
    assert "Aftale om huslejen" in rådgiver.get("/samtykker").text
    assert rådgiver.send(tryk, {"tilbage": f"/beboere/{om}", "den": "2026-11-19"}).status_code == 422
    svar = rådgiver.send(tryk, {"tilbage": f"/beboere/{om}", "den": "2026-11-19", "måde": "telefon"})
    assert svar.status_code == 422
    assert "ikke givet endnu" in svar.text
    svar = rådgiver.send(
        tryk, {"tilbage": f"/beboere/{om}", "den": "2026-11-20", "måde": "telefon", "virkning": "Slettes"}
    )
    assert svar.location == f"/beboere/{om}"
    assert "Sig til modtagerne, at samtykket er trukket tilbage" in rådgiver.get("/opgaver").text
    vis = rådgiver.get(f"/samtykker/{made}").text
    for text in ("I telefonen", "Slettes", "Ved samtalen", "Tolken", "Restancen", "Spørg igen"):
        assert text in vis
    side = rådgiver.get(f"/beboere/{om}").text
    assert "Trukket tilbage" in side
    assert f"/samtykker/{made}/" not in side
    assert "Aftale om huslejen" not in rådgiver.get("/samtykker").text
    assert "den 20.11.2026" in rådgiver.get("/samtykker?vis=ophørte").text
    assert "Ingen samtykker her" in rådgiver.get("/samtykker?vis=udløber&side=0").text
    assert rådgiver.send(tryk, {"tilbage": "//ond.example"}).location == "/samtykker"
    assert rådgiver.get(tryk).location == "/samtykker"


@pytest.mark.parametrize(
    ("felt", "værdi", "besked"),
    [
        ("formål", "", "Skriv, hvad samtykket gælder."),
        ("modtagere", [], "Vælg mindst én"),
        ("modtagere", ["naboen"], "Vælg en af mulighederne"),
        ("til", "", "Vælg, hvor længe samtykket gælder."),
        ("til", "2026-11-19", "Vælg en dato fra i dag"),
        ("til", "2028-11-21", "højst 24 måneder frem"),
        ("hvad", "", "Skriv, hvilke oplysninger det er."),
        ("anledning", "", "Skriv, hvornår og hvordan det blev sagt"),
        ("måde", "skriftligt", "Skriv, hvor papiret ligger."),
        ("modtagere", ["andet"], "Skriv, hvem de andre er."),
        ("måde", "", "Vælg, hvordan samtykket er givet."),
        ("givet", "2026-11-21", "fremtiden"),
        ("givet", "2006-11-20", "for langt tilbage"),
        ("ordlyd", "010180-1234", "ligner et CPR-nummer"),
    ],
)
def test_what_is_missing_is_said_at_the_field_and_nothing_typed_is_lost(
    rådgiver: Klient, om: uuid.UUID, db: Session, felt: str, værdi: Any, besked: str
) -> None:
    svar = giv(rådgiver, om, **{felt: værdi})
    assert svar.status_code == 422
    assert besked in svar.text
    assert "»Sig det bare«" in svar.text or felt == "ordlyd"
    assert db.exec(select(Samtykke)).all() == []


def test_what_was_begun_is_offered_again_and_can_be_thrown_away(rådgiver: Klient, om: uuid.UUID) -> None:
    rådgiver.send(f"/kladde?formular=/samtykker/ny/{om}", {"formål": "Begyndt på"})
    assert "Begyndt på" in rådgiver.get(f"/samtykker/ny/{om}").text
    assert "Samtykke</a>, kladde fra" in rådgiver.get("/").text
    assert rådgiver.send(f"/samtykker/ny/{om}?kassér=1").status_code == 303
    assert "Begyndt på" not in rådgiver.get(f"/samtykker/ny/{om}").text


@pytest.mark.parametrize("rolle", [Rolle.INKASSO, Rolle.EJENDOMSDRIFT, Rolle.LEDER])
def test_nobody_else_has_the_pages(klient: KlientFor, om: uuid.UUID, rolle: Rolle) -> None:
    browser = klient(rolle)
    assert browser.get("/samtykker").status_code == browser.get(f"/samtykker/ny/{om}").status_code == 403
    assert "/samtykker" not in browser.get("/hjælp").text


def test_what_is_typed_is_printed_for_her_to_sign_and_nothing_is_stored(
    rådgiver: Klient, om: uuid.UUID, db: Session
) -> None:
    svar = giv(rådgiver, om, blanket="1", måde="", modtagere=["kommune", "andet"], andre="Zxqforeningen")
    assert svar.status_code == 200
    for text in ("Zxq Prøvesen", "Aftale om huslejen", "Kommunen", "Zxqforeningen", "art. 7, stk. 3", "Underskrift"):
        assert text in svar.text
    pdf = giv(rådgiver, om, pdf="1", måde="")
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert b"pdfuaid" in pdf.data
    assert "Zxq" not in str(pdf.headers)
    assert giv(rådgiver, om, pdf="1", formål="", hvad="", modtagere=[], til="").status_code == 200
    assert db.exec(select(Samtykke)).all() == []


def test_a_missing_consent_is_registered_on_the_way_and_what_was_typed_waits(
    rådgiver: Klient, om: uuid.UUID, db: Session
) -> None:
    path = f"/kontakter/ny/{om}"
    kontakt = {
        "beboer_id": str(om),
        "formular_id": str(new_id()),
        "art": "en_til_en",
        "dato": "2026-11-20",
        "aktivitet": "beboerrådgivning",
        "form": "fremmøde",
        "kilde": "beboeren_selv",
        "hovedemne": "gæld",
        "udfald": "brobygning",
        "afdeling": "aab55",
        "aldersgruppe": "30-39",
        "afdeling_set": str(om),
        "notat": "Zxqnotat",
        "brobygning_til": "cvv",
        "brobygning_delt": "ja",
    }
    svar = rådgiver.send(path, kontakt)
    assert svar.status_code == 422
    assert "Beboeren havde ikke givet samtykke til det den dag." in svar.text
    assert "Zxqnotat" in svar.text
    [link] = re.findall(r'href="(/samtykker/ny/[^"]+)"', svar.text)
    link = unescape(link)
    assert "Zxqnotat" not in link
    side = rådgiver.get(link).text
    assert "kommer du tilbage til kontakten" in side
    assert giv(rådgiver, om, modtagere=["kommune"], tilbage=path).location == path
    igen = rådgiver.get(path).text
    assert "Zxqnotat" in igen
    svar = rådgiver.send(path, kontakt)
    assert svar.status_code == 303, re.findall(r'class="form-error-message[^>]*>.*?</', svar.text, re.DOTALL)
    assert "Oplysninger givet videre" in rådgiver.get(f"/kontakter/{kontakt['formular_id']}").text
