"""Recurring tasks, hand-over, and a new task from where one stands, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Konflikt, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.henvisninger.referrals import henvis
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.handover import overdrag
from rådgivning.opgaver.lists import åbne_opgaver
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.tasks import hent_opgave
from rådgivning.restancer.cases import Slettegrund, knyt_beboer, slet_sag
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale, opret_testbruger
from tests.restancer.factories import sag

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]


@pytest.fixture
def rådgiver(klient: KlientFor) -> Klient:
    """The beboerrådgiver's browser."""
    return klient(Rolle.BEBOERRÅDGIVER)


def opret(rådgiver: Klient, url: str = "/opgaver/ny", **felter: Any) -> Any:
    """Send the form for a new task."""
    return rådgiver.send(url, {"titel": "Ring igen", "frist": "2026-11-25", "formular_id": str(new_id()), **felter})


def den_ene(db: Session) -> tuple[uuid.UUID, OpgaveData]:
    """The one open task."""
    [linje] = åbne_opgaver(db)[0]
    assert linje.data is not None
    found = linje.opgave.id, linje.data
    db.rollback()
    return found


def test_a_recurring_task_is_made_seen_done_and_stopped(rådgiver: Klient, db: Session) -> None:
    form = rådgiver.get("/opgaver/ny").text
    assert re.search(r'<option selected value="">Nej</option>', form)
    for felter, besked in (
        ({"gentages": "hver dag"}, "Vælg en af mulighederne"),
        ({"gentages": "uge", "gentages_til": "2026-11-24"}, "Sidste gang kan ikke ligge før fristen."),
        ({"gentages": "uge", "gentages_til": "2099-01-01"}, "for langt væk"),
    ):
        svar = opret(rådgiver, **felter)
        assert (svar.status_code, besked in svar.text) == (422, True)
    assert opret(rådgiver, gentages="uge", gentages_til="2027-01-31").status_code == 303
    id_, data = den_ene(db)
    assert (data.gentages, data.gentages_til) == ("uge", date(2027, 1, 31))
    assert "Hver uge til 31.01.2027." in rådgiver.get("/opgaver").text
    rådgiver.send(f"/opgaver/{id_}/udført", {"tilbage": "/opgaver"})
    næste, _data = den_ene(db)
    assert næste != id_
    assert "02.12.2026" in rådgiver.get("/opgaver").text
    side = rådgiver.get(f"/opgaver/{næste}/ret").text
    assert '<option selected value="uge">' in side
    assert "kommer ikke igen" in rådgiver.get(f"/opgaver/{næste}/slet").text
    assert rådgiver.send(f"/opgaver/{næste}/stop").location == "/opgaver"
    assert "Stop gentagelsen" not in rådgiver.get(f"/opgaver/{næste}/ret").text
    assert hent_opgave(db, næste)[1].gentages == ""
    db.rollback()
    assert "den næste er kommet" in rådgiver.send(f"/opgaver/{id_}/stop", follow_redirects=True).text
    side = rådgiver.get(f"/opgaver/{id_}/ret").text
    assert ("Stop gentagelsen" in side, f"/opgaver/{id_}/overdrag" in side) == (False, False)
    assert hent_opgave(db, id_)[1].gentages == "uge"


def test_a_task_is_handed_over_and_taken_over(
    rådgiver: Klient, db: Session, app: Flask, kontekst: Nøglekontekst, personale: Personale
) -> None:
    opret(rådgiver)
    id_, _data = den_ene(db)
    url = f"/opgaver/{id_}/overdrag"
    assert "ingen anden beboerrådgiver" in rådgiver.get(url).text
    with kontekst.session(Aktør()) as session:
        kollega = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
        kollega.navn, kollega_id = "Åse Kollega", kollega.id
        session.commit()
    assert "Åse Kollega" in rådgiver.get(url).text
    for til in ("", str(personale.brugere[Rolle.INKASSO].id), "x"):
        assert rådgiver.send(url, {"til": til}).status_code == 422
    assert rådgiver.send(url, {"til": str(kollega_id)}).location == "/opgaver"
    assert "Ring igen" not in rådgiver.get("/opgaver").text
    hendes = app.test_client()
    assert isinstance(hendes, Klient)
    hendes.log_ind("kollega")
    assert "Overdraget af Testa Beboerrådgiver 20.11.2026." in hendes.get("/opgaver").text
    assert "Mig selv" in rådgiver.get(url).text
    rådgiver.send(url, {"til": str(personale.brugere[Rolle.BEBOERRÅDGIVER].id)})
    assert "Ring igen" in rådgiver.get("/opgaver").text
    rådgiver.send(f"/opgaver/{id_}/udført")
    for svar in (rådgiver.get(url), rådgiver.send(url, {"til": str(kollega_id)})):
        assert unquote(svar.location) == "/opgaver?vis=udført"
    assert "Opgaven er udført. Åbn den igen" in rådgiver.get("/opgaver?vis=udført").text
    with pytest.raises(Konflikt):
        overdrag(db, id_, kollega_id)


def test_from_a_case_and_a_referral_the_new_task_knows_what_it_is_about(rådgiver: Klient, db: Session) -> None:
    om = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    sag_id = sag(db).id
    knyt_beboer(db, sag_id, beboer_id=om)
    data = HenvisningData(navn="Testa Opdigtet", grund="restance", afdeling="aab55")
    henvisning = henvis(db, data, hast="akut", boligorganisation="aab", id=new_id()).id
    db.commit()
    for side, beboer, felt in (
        (f"/restancer/{sag_id}", om, "restancesag_id"),
        (f"/henvisninger/{henvisning}", None, "henvisning_id"),
    ):
        page = rådgiver.get(side).text
        assert page.count(f'href="{side}/opgave"') == 2
        form = rådgiver.get(f"{side}/opgave").text
        assert bool(re.search(rf'name="beboer_id"[^>]*value="{om}"', form)) == (beboer is not None)
        rådgiver.send(f"/kladde?formular={side}/opgave", {"titel": "Begyndt på"})
        assert "Begyndt på" in rådgiver.get(f"{side}/opgave").text
        assert "Ny opgave</a>, kladde fra" in rådgiver.get("/").text
        svar = opret(rådgiver, f"{side}/opgave", beboer_id=str(beboer or ""), beboer_tekst="Zxq" if beboer else "")
        assert svar.location == side
        id_, made = den_ene(db)
        assert getattr(made, felt) == uuid.UUID(side[-36:])
        assert f'<a href="{side}">' in rådgiver.get("/opgaver").text
        assert f'<a href="{side}">' in rådgiver.get(f"/opgaver/{id_}/ret").text
        rådgiver.send(f"/opgaver/{id_}/udført")
    assert [o.beboer_id for o in db.exec(select(Opgave).where(Opgave.beboer_id == om)).all()] == [om]
    about = db.exec(select(Opgave.id).where(Opgave.beboer_id == om)).one()
    slet_sag(db, sag_id, Slettegrund.FEJL)
    db.commit()
    for side in ("/opgaver?vis=udført", f"/opgaver/{about}/ret"):
        assert f"/restancer/{sag_id}" not in rådgiver.get(side).text
    assert f'<a href="/henvisninger/{henvisning}">' in rådgiver.get("/opgaver?vis=udført").text


def test_the_shortcut_stands_on_every_page_of_who_has_tasks_and_knows_the_resident(
    rådgiver: Klient, klient: KlientFor, db: Session
) -> None:
    om = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    db.commit()
    genvej = re.compile(r'class="klokke genvej" href="([^"]+)"')
    assert genvej.findall(rådgiver.get("/delmål").text) == ["/opgaver/ny"]
    assert genvej.findall(rådgiver.get(f"/beboere/{om}").text) == [f"/opgaver/ny/{om}"]
    assert genvej.findall(rådgiver.get("/findes-ikke").text) == ["/opgaver/ny"]
    assert genvej.findall(klient(Rolle.INKASSO).get("/restancer").text) == []
