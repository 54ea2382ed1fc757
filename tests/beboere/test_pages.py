"""The room's pages as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer, ret_beboer
from rådgivning.database import new_id, now
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Klient

KlientFor = Callable[[Rolle | None], Klient]
ZXQ = {"navn": "Zxq Prøvesen", "telefon": "20 12 12 34", "adresse": "Opdigtet Allé 7", "afdeling": "aab55"}


@pytest.fixture
def rådgiver(klient: KlientFor) -> Klient:
    """The beboerrådgiver's browser."""
    return klient(Rolle.BEBOERRÅDGIVER)


def opret(rådgiver: Klient, **felter: str) -> Any:
    """Send the form for a new resident."""
    return rådgiver.send("/beboere/ny", {**ZXQ, "formular_id": str(new_id()), **felter})


def test_a_new_resident_is_saved_once_however_often_the_form_is_sent(rådgiver: Klient, db: Session) -> None:
    formular_id = str(new_id())
    for _ in range(2):
        svar = opret(rådgiver, formular_id=formular_id)
        assert (svar.status_code, svar.location) == (303, f"/beboere/{formular_id}")
    assert len(db.exec(select(Beboer)).all()) == 1
    data = hent_beboer(db, db.exec(select(Beboer.id)).one())[1]
    assert (data.navn, data.telefon, data.afdeling) == ("Zxq Prøvesen", "+4520121234", "aab55")


def test_a_form_that_cannot_be_saved_comes_back_with_everything_typed(rådgiver: Klient, db: Session) -> None:
    svar = opret(rådgiver, navn="", telefon="12", fødselsdato="31.02.1980", email="ikke-en-adresse", note="Min note")
    assert svar.status_code == 422
    for typed in ('value="12"', "31.02.1980", "ikke-en-adresse", "Min note", "Opdigtet Allé 7"):
        assert typed in svar.text
    assert "Skriv beboerens navn." in svar.text
    assert db.exec(select(Beboer)).all() == []


@pytest.mark.parametrize("felt", ["navn", "telefon", "adresse", "email", "note"])
def test_a_cpr_number_is_refused_in_every_field(rådgiver: Klient, db: Session, felt: str) -> None:
    svar = opret(rådgiver, **{felt: "010180-1234"})
    assert svar.status_code == 422
    assert "ligner et CPR-nummer" in svar.text
    assert db.exec(select(Beboer)).all() == []


def test_an_unknown_afdeling_and_a_huge_paste_are_refused(rådgiver: Klient, db: Session) -> None:
    assert opret(rådgiver, afdeling="findes-ikke").status_code == 422
    assert opret(rådgiver, note="x" * 10_000_000).status_code == 422
    assert db.exec(select(Beboer)).all() == []


def test_a_possible_duplicate_is_pointed_out_once_and_blocks_nothing(rådgiver: Klient, db: Session) -> None:
    første = opret(rådgiver).location
    svar = opret(rådgiver, navn="Zxq Opdigtet")
    assert svar.status_code == 422
    assert "Er det en af disse?" in svar.text
    assert f'href="{første}"' in svar.text
    seen = re.search(r'name="set_dubletter"[^>]*value="([^"]+)"', svar.text)
    assert seen is not None
    assert opret(rådgiver, navn="Zxq Opdigtet", set_dubletter=seen[1]).status_code == 303
    assert len(db.exec(select(Beboer)).all()) == 2


def test_two_people_correcting_at_once_both_see_what_the_other_wrote(rådgiver: Klient, db: Session) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    ret_beboer(db, beboer_id, BeboerData(navn="Zxq Prøvesen", telefon="+4530303030"), 1)
    db.commit()
    url = f"/beboere/{beboer_id}/ret"
    svar = rådgiver.send(url, {"navn": "Zxq Prøvesen", "note": "Ring formiddag", "version": "1"})
    assert svar.status_code == 409
    assert "30 30 30 30" in svar.text
    assert "Ring formiddag" in svar.text
    assert hent_beboer(db, beboer_id)[1].note == ""
    db.commit()
    svar = rådgiver.send(url, {"navn": "Zxq Prøvesen", "telefon": "30303030", "note": "Ring formiddag", "version": "2"})
    assert svar.status_code == 303
    db.expire_all()
    row, data = hent_beboer(db, beboer_id)
    assert (row.version, data.telefon, data.note) == (3, "+4530303030", "Ring formiddag")


def test_a_conflict_shows_every_kind_of_field_in_words(rådgiver: Klient, db: Session) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    other = BeboerData(
        navn="Zxq Opdigtet", afdeling="aab55", fødselsdato=date(1980, 5, 1), børn_i_husstanden=True, email="z@x.example"
    )
    ret_beboer(db, beboer_id, other, 1)
    db.commit()
    url = f"/beboere/{beboer_id}/ret"
    assert "Slet beboeren" in rådgiver.get(url).text
    mine = {"navn": "Zxq Prøvesen", "aldersgruppe": "65+", "børn_i_husstanden": "nej", "version": "1"}
    svar = rådgiver.send(url, {**dict.fromkeys(("telefon", "email", "fødselsdato", "afdeling"), ""), **mine})
    assert svar.status_code == 409
    shown = re.findall(r"<td data-label[^>]*>(.*?)</td>", svar.text)
    assert {"Zxq Opdigtet", "AAB 55", "01.05.1980", "Ja", "Nej", "65 år og derover", "z@x.example", "–"} <= set(shown)


def test_a_version_that_is_no_number_counts_as_a_conflict(rådgiver: Klient, db: Session) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    assert rådgiver.send(f"/beboere/{beboer_id}/ret", {"navn": "Zxq", "version": "abc"}).status_code == 409


@pytest.mark.parametrize("tekst", ["Åse", "Aase", "åse", "Prøv", "prøvesn", "1212", "20 12 12 34", "opdigtet al"])
def test_search_finds_name_word_beginning_phone_part_and_one_wrong_letter(
    rådgiver: Klient, db: Session, tekst: str
) -> None:
    opret(rådgiver, navn="Åse Prøvesen")
    opret(rådgiver, navn="Zxq Fjernesen", telefon="", adresse="Et Andet Sted 1")
    for url in ("/beboere", "/beboere/forslag"):
        svar = rådgiver.send(url, {"q": tekst})
        assert svar.status_code == 200
        assert "Åse Prøvesen" in svar.text
        assert "Fjernesen" not in svar.text


def test_suggestions_are_options_with_the_id_and_nothing_around_them(rådgiver: Klient) -> None:
    beboer = opret(rådgiver).location.removeprefix("/beboere/")
    svar = rådgiver.send("/beboere/forslag", {"q": "Zxq"})
    assert f'<li role="option" data-autocomplete-value="{beboer}" data-tekst="Zxq Prøvesen">' in svar.text
    assert "<html" not in svar.text
    assert rådgiver.send("/beboere/forslag", {"q": "010180-1234"}).text.strip() == ""


def test_nothing_searched_for_stands_in_any_address(rådgiver: Klient) -> None:
    opret(rådgiver)
    side = rådgiver.send("/beboere", {"q": "Zxq"}).text
    addresses = re.findall(r'(?:href|action|data-søg\S*)="([^"]*)"', side)
    assert addresses
    assert not [a for a in addresses if "zxq" in a.lower() or "pr%C3%B8" in a.lower()]
    assert re.search(r"<title>Beboere – ", side)


def test_a_search_without_hits_or_with_a_cpr_number_says_what_to_do(rådgiver: Klient) -> None:
    assert "Ingen beboer fundet" in rådgiver.send("/beboere", {"q": "Findesikke"}).text
    svar = rådgiver.send("/beboere", {"q": "010180-1234"})
    assert svar.status_code == 422
    assert "ligner et CPR-nummer" in svar.text
    for useless in ("x" * 300, "x", ""):
        assert rådgiver.send("/beboere", {"q": useless}).status_code == 422


def test_a_search_with_very_many_hits_says_that_it_is_cut(rådgiver: Klient, db: Session) -> None:
    for nr in range(31):
        opret_beboer(db, BeboerData(navn=f"Zxq Prøvesen {nr}"))
    db.commit()
    svar = rådgiver.send("/beboere", {"q": "Zxq"})
    assert "Her er de 30, der ligner mest" in svar.text
    assert "Her er de" not in rådgiver.send("/beboere", {"q": "Zxq 17"}).text


def test_the_list_is_empty_at_first_then_pages_and_sorts(rådgiver: Klient, db: Session) -> None:
    assert "Opret den første beboer" in rådgiver.get("/beboere").text
    for nr in range(27):
        opret_beboer(db, BeboerData(navn=f"Åse {nr:02}"))
    opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    db.commit()
    side = rådgiver.get("/beboere?vis=alle").text
    assert side.index("Zxq Prøvesen") < side.index("Åse 00") < side.index("Åse 01")
    assert "Side 1 af 2" in side
    assert "Åse 26" in rådgiver.get("/beboere?vis=alle&side=2").text
    assert "Side 2 af 2" in rådgiver.get("/beboere?side=2").text
    assert "Siden er tom" in rådgiver.get("/beboere?side=99999999999999").text
    assert rådgiver.get("/beboere?side=-4").status_code == 200


def test_a_list_leaves_one_trace_that_names_everybody_on_it(rådgiver: Klient, db: Session) -> None:
    ids = {
        opret(rådgiver, navn=navn, telefon="", adresse="").location[-36:] for navn in ("Anna Prøvesen", "Bo Opdigtet")
    }
    rådgiver.get("/beboere")
    last = db.exec(select(Spor).where(Spor.genstand == "beboer").order_by(Spor.nr.desc())).first()  # type: ignore[attr-defined]
    assert last is not None
    assert (last.handling, last.anledning, set(last.rækker)) == (Handling.ÅBNET, "liste", ids)


def test_what_was_typed_when_the_session_ended_is_there_after_login(klient: KlientFor, db: Session) -> None:
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    token = rådgiver.csrf()
    for row in db.exec(select(BrugerSession)).all():
        row.afsluttet = now()
        db.add(row)
    db.commit()
    svar = rådgiver.post("/beboere/ny", data={**ZXQ, "formular_id": str(new_id()), "csrf_token": token})
    assert svar.status_code == 303
    assert db.exec(select(Beboer)).all() == []
    db.rollback()
    assert rådgiver.log_ind("beboerrådgiver").status_code == 303
    side = rådgiver.get("/beboere/ny").text
    assert "Vi har hentet din kladde" in side
    assert "Zxq Prøvesen" in side
    assert rådgiver.send("/beboere/ny?kassér=1").status_code == 303
    assert "Zxq Prøvesen" not in rådgiver.get("/beboere/ny").text
