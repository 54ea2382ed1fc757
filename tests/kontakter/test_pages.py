"""The log's pages: the list, one contact, deleting; each opening is traced."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.residents import Slettegrund, slet_beboer
from rådgivning.kontakter.browse import SIDELÆNGDE
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import Kontakt
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient
from tests.kontakter.conftest import samtale


def test_the_list_pages_and_filters_and_leaves_a_trace_of_what_it_showed(
    db: Session, zxq: uuid.UUID, rådgiver: Klient
) -> None:
    for n in range(SIDELÆNGDE + 1):
        log_kontakt(db, samtale(art="opsøgende" if n % 2 else "en_til_en"), dato=IDAG - timedelta(days=n))
    old = log_kontakt(db, samtale(), dato=IDAG - timedelta(days=100), beboer_id=zxq).id
    db.commit()
    first, second = rådgiver.get("/kontakter").text, rådgiver.get("/kontakter?side=2").text
    assert "Side 1 af 2" in first
    assert second.count('href="/kontakter/') < first.count('href="/kontakter/')
    assert str(old) not in first + second
    assert str(old) in rådgiver.get("/kontakter?periode=alle&side=2&hvem=mine").text
    everyone = rådgiver.get(f"/kontakter?beboer={zxq}").text
    assert "Kontakter med Zxq Prøvesen" in everyone
    assert str(old) in everyone
    only_art = rådgiver.get("/kontakter?art=opsøgende&periode=90").text
    assert "En-til-en rådgivning</td>" not in only_art
    opened = db.exec(select(Spor).where(Spor.genstand == "kontakt", Spor.handling == Handling.ÅBNET)).all()
    assert len(opened[0].rækker) == SIDELÆNGDE


@pytest.mark.parametrize("query", ["beboer=opdigtet", f"beboer={uuid.UUID(int=4)}"])
def test_a_list_of_nobody_is_not_there(rådgiver: Klient, query: str) -> None:
    assert rådgiver.get(f"/kontakter?{query}").status_code == 404


def test_an_odd_filter_shows_the_usual_list_and_an_empty_one_says_what_to_do(rådgiver: Klient) -> None:
    page = rådgiver.get("/kontakter?periode=x&art=x&side=-4")
    assert (page.status_code, "Ingen kontakter her" in page.text) == (200, True)


def test_a_deleted_residents_contacts_are_listed_without_her(db: Session, zxq: uuid.UUID, rådgiver: Klient) -> None:
    kontakt_id = log_kontakt(db, samtale(notat="hemmeligt"), dato=IDAG, beboer_id=zxq).id
    slet_beboer(db, zxq, Slettegrund.FEJL)
    db.commit()
    page = rådgiver.get("/kontakter").text
    assert "Slettet" in page
    assert "Zxq" not in page
    assert rådgiver.get(f"/kontakter/{kontakt_id}").status_code == 404
    assert rådgiver.get(f"/kontakter/{kontakt_id}/slet").status_code == 404


def test_one_contact_shows_everything_in_words(db: Session, zxq: uuid.UUID, rådgiver: Klient) -> None:
    data = samtale(notat="Linje 1\nLinje 2", varighed=45, aftale=True, emner=["vold"], brobygning_til="jobcenter")
    kontakt_id = log_kontakt(db, data, dato=IDAG, beboer_id=zxq).id
    db.commit()
    page = rådgiver.get(f"/kontakter/{kontakt_id}").text
    for part in ("Zxq Prøvesen", "45 min.", "Vold i nære relationer", "Jobcenter", "30-39 år", "Linje 1\nLinje 2"):
        assert part in page
    assert "Testa Beboerrådgiver" in page


def test_deleting_asks_why_and_then_deletes(db: Session, rådgiver: Klient) -> None:
    kontakt_id = log_kontakt(db, samtale(), dato=IDAG).id
    db.commit()
    slet = f"/kontakter/{kontakt_id}/slet"
    assert "Slet kontakten fra den 20.11.2026?" in rådgiver.get(slet).text
    for reason in ("", "fordi jeg vil", "fortrudt"):
        answer = rådgiver.send(slet, {"grund": reason})
        assert answer.status_code == 422
    assert rådgiver.send(slet, {"grund": "logget to gange"}).status_code == 303
    assert db.exec(select(Kontakt)).all() == []


@pytest.mark.parametrize("rolle", [Rolle.LEDER, Rolle.INKASSO, Rolle.EJENDOMSDRIFT, Rolle.DATABESKYTTELSE, None])
def test_nobody_else_sees_or_does_anything_here(
    db: Session, klient: Callable[[Rolle | None], Klient], rolle: Rolle | None
) -> None:
    kontakt_id = log_kontakt(db, samtale(notat="hemmeligt"), dato=IDAG).id
    db.commit()
    other = klient(rolle)
    paths = ["", "/ny", f"/{kontakt_id}", f"/{kontakt_id}/ret", f"/{kontakt_id}/slet", "/import", "/import/kontrol"]
    answers = [other.get(f"/kontakter{path}") for path in paths]
    posts = [
        "/ny",
        f"/{kontakt_id}/ret",
        f"/{kontakt_id}/slet",
        f"/{kontakt_id}/fortryd",
        "/kassér?formular=/kontakter/ny",
    ]
    posts += ["/import", "/import/gennemfør", "/import/kassér"]
    answers += [other.send(f"/kontakter{path}", {"grund": "logget to gange"}) for path in posts]
    assert {answer.status_code for answer in answers} == ({403} if rolle else {303})
    assert not [answer for answer in answers if "hemmeligt" in answer.text]
    assert len(db.exec(select(Kontakt)).all()) == 1
