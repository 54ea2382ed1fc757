"""The room's pages as a browser without JavaScript uses them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer, slet_beboer
from rådgivning.database import new_id
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import hent_opgave, opret_opgave, ret_opgave
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient

KlientFor = Callable[[Rolle | None], Klient]


@pytest.fixture
def rådgiver(klient: KlientFor) -> Klient:
    """The beboerrådgiver's browser."""
    return klient(Rolle.BEBOERRÅDGIVER)


@pytest.fixture
def opgave_id(db: Session) -> uuid.UUID:
    """A task due today."""
    made = opret_opgave(db, titel="Ring til Zxq", frist=IDAG).id
    db.commit()
    return made


def opret(rådgiver: Klient, url: str = "/opgaver/ny", **felter: Any) -> Any:
    """Send the form for a new task."""
    return rådgiver.send(url, {"titel": "Ring igen", "frist": "2026-11-25", "formular_id": str(new_id()), **felter})


def row(db: Session, opgave_id: uuid.UUID) -> Opgave | None:
    """The task as it stands in the database now."""
    db.rollback()
    found = db.get(Opgave, opgave_id, populate_existing=True)
    db.expunge_all()
    db.rollback()
    return found


def beboer(db: Session) -> uuid.UUID:
    """A resident."""
    made = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    return made


def test_a_task_is_made_once_and_leads_back_to_the_resident(rådgiver: Klient, db: Session) -> None:
    om, formular_id = beboer(db), str(new_id())
    for _ in range(2):
        svar = opret(rådgiver, f"/opgaver/ny/{om}", beboer_id=str(om), formular_id=formular_id)
        assert (svar.status_code, svar.location) == (303, f"/beboere/{om}")
    assert len(db.exec(select(Opgave)).all()) == 1
    db.rollback()
    assert opret(rådgiver).location == "/opgaver"


def test_the_form_of_a_resident_has_her_chosen(rådgiver: Klient, db: Session) -> None:
    om = beboer(db)
    side = rådgiver.get(f"/opgaver/ny/{om}").text
    assert re.search(rf'name="beboer_id"[^>]*value="{om}"', side)
    assert "Zxq Prøvesen" in side
    assert rådgiver.get(f"/opgaver/ny/{new_id()}").status_code == 404


@pytest.mark.parametrize(
    ("felt", "værdi", "besked"),
    [
        ("titel", "", "Skriv, hvad der skal gøres."),
        ("titel", "Ring 010180-1234", "ligner et CPR-nummer"),
        ("note", "010180-1234", "ligner et CPR-nummer"),
        ("frist", "", "Vælg en frist."),
        ("frist", "31.02.2026", "findes ikke i kalenderen"),
        ("frist", "2199-01-01", "for langt væk"),
        ("beboer_tekst", "Zxq", "Vælg beboeren på listen"),
        ("note", "x" * 30_000, "der er plads til"),
    ],
)
def test_what_cannot_be_saved_comes_back_with_the_reason(
    rådgiver: Klient, db: Session, felt: str, værdi: str, besked: str
) -> None:
    svar = opret(rådgiver, **{"note": "Min note", felt: værdi})
    assert svar.status_code == 422
    assert besked in svar.text
    assert "Min note" in svar.text or felt == "note"
    assert db.exec(select(Opgave)).all() == []


def test_a_resident_is_found_without_javascript(rådgiver: Klient, db: Session) -> None:
    om = beboer(db)
    svar = opret(rådgiver, beboer_tekst="Zxq", find_beboer="1")
    assert svar.status_code == 200
    assert re.search(rf'type="radio"[^>]*value="{om}"', svar.text)
    assert "Ring igen" in svar.text
    assert db.exec(select(Opgave)).all() == []


def test_a_cpr_number_in_the_search_box_is_refused_and_the_rest_stays(rådgiver: Klient) -> None:
    svar = opret(rådgiver, beboer_tekst="010190-1234", find_beboer="1", note="Min note")
    assert svar.status_code == 422
    assert "ligner et CPR-nummer" in svar.text
    assert "Min note" in svar.text


def test_a_resident_deleted_meanwhile_is_said_and_what_was_typed_stays(rådgiver: Klient, db: Session) -> None:
    om = beboer(db)
    slet_beboer(db, om, Slettegrund.FEJL)
    db.commit()
    svar = opret(rådgiver, beboer_id=str(om), beboer_tekst="Zxq Prøvesen")
    assert svar.status_code == 422
    assert "Beboeren findes ikke mere" in svar.text
    assert "Ring igen" in svar.text
    refused = db.exec(select(Spor).where(Spor.handling == Handling.AFVIST)).all()
    assert [(r.genstand, r.rækker) for r in refused] == [("beboer", [str(om)])]


def test_done_offers_undo_and_undo_opens_it_again(rådgiver: Klient, db: Session, opgave_id: uuid.UUID) -> None:
    svar = rådgiver.send(f"/opgaver/{opgave_id}/udført", {"tilbage": "/opgaver"})
    assert (svar.status_code, svar.location) == (303, f"/opgaver?fortryd={opgave_id}")
    assert (found := row(db, opgave_id)) is not None
    assert found.udført == IDAG
    side = rådgiver.get(svar.location).text
    assert f'action="/opgaver/{opgave_id}/fortryd"' in side
    assert "Ring til Zxq" in rådgiver.get("/opgaver?vis=udført").text
    assert rådgiver.send(f"/opgaver/{opgave_id}/fortryd", {"tilbage": "/opgaver"}).status_code == 303
    assert (found := row(db, opgave_id)) is not None
    assert found.udført is None


def test_a_button_moves_the_deadline_once_however_often_it_is_pressed_and_offers_the_way_back(
    rådgiver: Klient, db: Session, opgave_id: uuid.UUID
) -> None:
    side = rådgiver.get("/opgaver").text
    dates = re.findall(r'type="hidden" name="frist" value="([^"]+)"', side)
    assert dates == ["2026-11-23", "2026-11-27"]
    assert f'<label class="form-label" for="frist-{opgave_id}">' in side
    assert re.findall(r'name="fra" value="([^"]+)"', side) == ["2026-11-20"] * 3
    pressed = {"frist": dates[1], "fra": "2026-11-20", "tilbage": "/opgaver?hvem=alle"}
    for _ in range(2):
        svar = rådgiver.send(f"/opgaver/{opgave_id}/flyt", pressed)
        assert svar.location == f"/opgaver?hvem=alle&flyttet={opgave_id}&fra=2026-11-20"
    svar = rådgiver.send(f"/opgaver/{opgave_id}/flyt", {"frist": dates[1], "fra": "i går"})
    assert svar.location == f"/opgaver?flyttet={opgave_id}&fra=2026-11-27"
    assert rådgiver.send(f"/opgaver/{opgave_id}/flyt", {"frist": "1.12.2026", "tilbage": "/"}).status_code == 303
    assert (found := row(db, opgave_id)) is not None
    assert found.frist == date(2026, 12, 1)
    for page in ("/", "/opgaver"):
        side = rådgiver.get(f"{page}?flyttet={opgave_id}&fra=2026-11-20").text
        assert "Fristen er flyttet." in side
        assert f'action="/opgaver/{opgave_id}/flyt"' in side
    rådgiver.send(f"/opgaver/{opgave_id}/flyt", {"frist": "2026-11-20", "fortrudt": "1"})
    assert (found := row(db, opgave_id)) is not None
    assert found.frist == IDAG
    assert "sat tilbage" in rådgiver.get("/opgaver?flyttet=x&fra=i-går").text
    assert rådgiver.send(f"/opgaver/{opgave_id}/flyt", {"frist": "i går"}).location == "/opgaver"
    assert (found := row(db, opgave_id)) is not None
    assert found.frist == IDAG


@pytest.mark.parametrize("tilbage", ["https://ond.example/", "//ond.example", "/log-ud", "/opgaver\r\nX: y", ""])
def test_a_button_leads_nowhere_but_to_pages_with_tasks(rådgiver: Klient, opgave_id: uuid.UUID, tilbage: str) -> None:
    svar = rådgiver.send(f"/opgaver/{opgave_id}/fortryd", {"tilbage": tilbage})
    assert svar.location == "/opgaver"


def test_two_people_correcting_at_once_both_see_what_the_other_wrote(
    rådgiver: Klient, db: Session, opgave_id: uuid.UUID
) -> None:
    ret_opgave(db, opgave_id, titel="Skriv et brev", frist=IDAG, note="", version=1)
    db.commit()
    form = {"titel": "Bank på døren", "frist": "2026-11-27", "version": "1"}
    assert "Skriv et brev" in rådgiver.get(f"/opgaver/{opgave_id}/ret").text
    assert rådgiver.send(f"/opgaver/{opgave_id}/ret", {**form, "frist": "i morgen"}).status_code == 422
    assert rådgiver.send(f"/opgaver/{opgave_id}/ret?kassér=1").status_code == 303
    svar = rådgiver.send(f"/opgaver/{opgave_id}/ret", form)
    assert svar.status_code == 409
    assert "Skriv et brev" in svar.text
    assert "Bank på døren" in svar.text
    assert rådgiver.send(f"/opgaver/{opgave_id}/ret", {**form, "version": "2"}).status_code == 303
    assert hent_opgave(db, opgave_id)[1].titel == "Bank på døren"


def test_deleting_asks_first_and_a_deleted_task_is_gone_for_every_button(
    rådgiver: Klient, db: Session, opgave_id: uuid.UUID
) -> None:
    assert "Slet opgaven?" in rådgiver.get(f"/opgaver/{opgave_id}/slet").text
    assert row(db, opgave_id) is not None
    assert rådgiver.send(f"/opgaver/{opgave_id}/slet").location == "/opgaver"
    assert row(db, opgave_id) is None
    for path in ("udført", "fortryd", "slet"):
        assert rådgiver.send(f"/opgaver/{opgave_id}/{path}").status_code == 404
    assert rådgiver.send(f"/opgaver/{opgave_id}/flyt", {"frist": "2026-12-01"}).status_code == 404
    assert rådgiver.get(f"/opgaver/{opgave_id}/ret").status_code == 404


def test_the_list_is_empty_at_first_then_groups_by_urgency_and_pages(rådgiver: Klient, db: Session) -> None:
    assert "Ingen åbne opgaver" in rådgiver.get("/opgaver").text
    assert "Ingen udførte opgaver endnu" in rådgiver.get("/opgaver?vis=udført&hvem=alle").text
    for dage in (-3, 0, 1, 20):
        opret_opgave(db, titel=f"Om {dage}", frist=IDAG + timedelta(days=dage))
    for _ in range(28):
        opret_opgave(db, titel="Fyld", frist=IDAG + timedelta(days=40))
    db.commit()
    side = rådgiver.get("/opgaver").text
    headings = ("Overskredet (1)", "I dag (1)", "Denne uge (1)", "Senere (29)")
    places = [side.index(f"<h2>{h}</h2>") for h in headings]
    assert "1 overskredet, 1 i dag, 1 senere på ugen, 29 derefter." in side
    assert places == sorted(places)
    assert "3 dage over" in side
    assert "Side 1 af 2" in side
    assert "Side 2 af 2" in rådgiver.get("/opgaver?side=2&hvem=alle").text
    assert "Siden er tom" in rådgiver.get("/opgaver?side=7").text


def test_a_draft_of_one_residents_task_shows_up_there_alone_and_can_be_thrown_away(
    rådgiver: Klient, db: Session
) -> None:
    om, anden = beboer(db), beboer(db)
    rådgiver.send(f"/kladde?formular=/opgaver/ny/{om}", {"titel": "Begyndt på", "beboer_id": str(om)})
    assert "Begyndt på" in rådgiver.get(f"/opgaver/ny/{om}").text
    assert "Begyndt på" not in rådgiver.get(f"/opgaver/ny/{anden}").text + rådgiver.get("/opgaver/ny").text
    assert "Ny opgave</a>, kladde fra" in rådgiver.get("/").text
    assert rådgiver.send(f"/opgaver/ny/{om}?kassér=1").status_code == 303
    assert "Begyndt på" not in rådgiver.get(f"/opgaver/ny/{om}").text
