"""A colleague's resident in the browser: what is covered, the way in with a reason, who is told, and stand-ins."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.models import Bruger, Vikar
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import now, today
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.opgaver.tasks import opret_opgave
from tests.conftest import IDAG, Klient, Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
NOTAT = "Kun mellem os"
GRUND = {"årsag": "sygdom", "begrundelse": "Skal bruges til mødet", "varighed": "1"}


@dataclass
class Sag:
    """A resident of the beboerrådgiver's with a contact and a task, her browser, a colleague's and a third one's."""

    beboer: uuid.UUID
    kontakt: uuid.UUID
    opgave: uuid.UUID
    ejer: Klient
    kollega: Klient
    tredje: Klient
    dpo: Klient

    @property
    def url(self) -> str:
        """Her page."""
        return f"/beboere/{self.beboer}"


@pytest.fixture
def sag(db: Session, klient: Callable[[Rolle | None], Klient], personale: Personale) -> Sag:
    """See Sag."""
    beboer = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", afdeling="aab55", note=NOTAT)).id
    data = KontaktData(art="en_til_en", afdeling="aab55", hovedemne="gæld", udfald="råd_givet", notat=NOTAT)
    kontakt = log_kontakt(db, data, dato=IDAG, beboer_id=beboer).id
    opgave = opret_opgave(db, titel="Ring", frist=IDAG, note=NOTAT, beboer_id=beboer).id
    others = [opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, f"kollega-{n}") for n in range(2)]
    others[0].navn, others[1].navn = "Zxq Kollega", "Zxq Tredje"
    db.expire_on_commit = False
    db.commit()
    browsers = [klient(None) for _ in others]
    for browser, bruger in zip(browsers, others, strict=True):
        browser.sign_in(bruger)
    return Sag(
        beboer, kontakt, opgave, klient(Rolle.BEBOERRÅDGIVER), browsers[0], browsers[1], klient(Rolle.DATABESKYTTELSE)
    )


def test_notes_are_covered_with_the_way_to_them_and_no_edit_is_offered_or_taken(sag: Sag) -> None:
    page = sag.kollega.get(sag.url).text
    assert NOTAT not in page
    assert "Skjult: kollegas notat" in page
    assert f"/nødadgang/beboer/{sag.beboer}" in page
    assert f"{sag.url}/ret" not in page
    for url in (f"/kontakter/{sag.kontakt}", "/kontakter", "/opgaver?hvem=alle", f"/opgaver/{sag.opgave}/overdrag"):
        page = sag.kollega.get(url).text
        assert NOTAT not in page, url
        assert "Skjult: kollegas notat" in page or url == "/kontakter"
    for url in (f"{sag.url}/ret", f"/kontakter/{sag.kontakt}/ret", f"/opgaver/{sag.opgave}/ret", f"{sag.url}/slet"):
        refused = sag.kollega.get(url)
        assert refused.status_code == 403
        assert f"/nødadgang/beboer/{sag.beboer}" in refused.text
        assert NOTAT not in refused.text
    lost = sag.kollega.send(f"{sag.url}/ret", {"navn": "Nyt Navn", "afdeling": "aab55", "version": "1"})
    assert (lost.status_code, "gemt som kladde" in lost.text) == (403, True)
    assert sag.kollega.send(f"/opgaver/{sag.opgave}/udført").status_code == 303
    assert NOTAT in sag.ejer.get(sag.url).text


def test_break_glass_asks_why_tells_the_owner_and_databeskyttelse_and_ends(sag: Sag, db: Session) -> None:
    way = f"/nødadgang/beboer/{sag.beboer}"
    assert "Testa Beboerrådgiver" in sag.kollega.get(way).text
    missing = sag.kollega.send(way, {**GRUND, "begrundelse": " ", "varighed": "8"})
    assert missing.status_code == 422
    assert "Skriv kort, hvad du skal bruge" in missing.text
    assert sag.kollega.send(way, GRUND).headers["Location"] == sag.url
    page = sag.kollega.get(sag.url).text
    assert NOTAT in page
    assert "Skjult" not in page
    assert sag.kollega.get(way).status_code == 303
    assert sag.kollega.get(f"{sag.url}/ret").status_code == 200
    assert "Zxq Kollega har nødadgang til beboeren" in sag.ejer.get(sag.url).text
    assert "åbnet 1 af dine beboere eller sager med nødadgang" in sag.ejer.get("/beskeder").text
    assert "1 beboer eller sag er åbnet med nødadgang" in sag.dpo.get("/beskeder").text
    assert NOTAT not in sag.tredje.get(sag.url).text
    db.commit()
    listed = sag.dpo.get("/nødadgang").text
    assert "Zxq Kollega" in listed
    assert "Zxq Prøvesen" not in listed
    link = listed.split('href="/nødadgang/')[1].split('"')[0] if 'href="/nødadgang/' in listed else ""
    link = link or listed.split("/n%C3%B8dadgang/")[1].split('"')[0]
    detail = sag.dpo.get(f"/nødadgang/{link}").text
    assert "Skal bruges til mødet" in detail
    assert "kontakt" in detail
    assert sag.tredje.get(f"/nødadgang/{link}").status_code == 404
    assert sag.tredje.send(f"/nødadgang/{link}/slut").status_code == 404
    assert sag.dpo.send(f"/nødadgang/{link}/slut").status_code == 303
    assert NOTAT not in sag.kollega.get(sag.url).text
    assert "havde nødadgang" in sag.ejer.get(sag.url).text


def test_what_was_typed_when_the_time_ran_out_stands_there_when_it_is_open_again(sag: Sag) -> None:
    way, start = f"/nødadgang/beboer/{sag.beboer}", now()
    sag.kollega.send(way, {**GRUND, "varighed": "0"})
    form = {"navn": "Zxq Rettet", "afdeling": "aab55", "version": "1", "note": "Ny note"}
    database.clock.read = lambda: start + timedelta(hours=14)
    assert sag.kollega.send(f"{sag.url}/ret", form).status_code in {303, 403}
    database.clock.read = lambda: start
    sag.kollega.send(f"{way}", {**GRUND, "varighed": "2"})
    assert NOTAT in sag.ejer.get(sag.url).text


def test_only_a_beboerrådgiver_may_and_her_own_needs_none(sag: Sag, klient: Callable[[Rolle | None], Klient]) -> None:
    way = f"/nødadgang/beboer/{sag.beboer}"
    for rolle in (Rolle.EJENDOMSDRIFT, Rolle.INKASSO, Rolle.LEDER, Rolle.DATABESKYTTELSE):
        assert klient(rolle).send(way, GRUND).status_code == 403
    assert sag.ejer.get(way).headers["Location"] == sag.url
    assert "Ingen har åbnet" in sag.ejer.get("/nødadgang").text


def test_an_owner_names_her_stand_in_databeskyttelse_anybodys_and_nobody_herself(
    sag: Sag, db: Session, personale: Personale
) -> None:
    ids = {b.navn: str(b.id) for b in db.exec(select(Bruger)).all()}
    me = str(personale.brugere[Rolle.BEBOERRÅDGIVER].id)
    db.commit()
    form = {"for_id": me, "vikar_id": ids["Zxq Kollega"], "fra": str(today()), "til": str(today() + timedelta(days=7))}
    assert sag.kollega.send("/vikar/ny", form).status_code == 422
    assert sag.ejer.send("/vikar/ny", {**form, "til": str(today() - timedelta(days=1))}).status_code == 422
    assert NOTAT not in sag.kollega.get(sag.url).text
    assert sag.ejer.send("/vikar/ny", form).status_code == 303
    assert NOTAT in sag.kollega.get(sag.url).text
    assert "nyt om 1 vikar" in sag.kollega.get("/beskeder").text.lower()
    row = db.exec(select(Vikar.id)).one()
    db.commit()
    assert sag.tredje.send(f"/vikar/{row}/slut").status_code == 404
    assert sag.kollega.send(f"/vikar/{row}/slut").status_code == 303
    assert NOTAT not in sag.kollega.get(sag.url).text
    assert sag.dpo.send("/vikar/ny", {**form, "vikar_id": ids["Zxq Tredje"]}).status_code == 303
    assert NOTAT in sag.tredje.get(sag.url).text


def test_an_anonymous_contact_of_a_colleagues_has_the_same_way_in(sag: Sag, db: Session) -> None:
    data = KontaktData(art="en_til_en", afdeling="aab55", hovedemne="gæld", udfald="råd_givet", notat=NOTAT)
    anonym = log_kontakt(db, data, dato=IDAG).id
    db.commit()
    way, page = f"/nødadgang/sag/kontakt/{anonym}", f"/kontakter/{anonym}"
    seen = sag.kollega.get(page).text
    assert NOTAT not in seen
    assert way in seen
    refused = sag.kollega.get(f"{page}/ret")
    assert (refused.status_code, way in refused.text) == (403, True)
    assert "Anonym kontakt" in sag.kollega.get(way).text
    assert sag.kollega.send(way, {**GRUND, "årsag": ""}).status_code == 422
    assert sag.kollega.send(way, GRUND).headers["Location"] == page
    assert NOTAT in sag.kollega.get(page).text
    assert "anonym kontakt" in sag.ejer.get("/nødadgang").text
    assert "anonym kontakt" in sag.dpo.get("/nødadgang").text
    assert NOTAT not in sag.tredje.get(page).text
    hers = sag.kollega.get(f"/nødadgang/sag/kontakt/{sag.kontakt}")
    assert hers.headers["Location"].endswith(f"/beboer/{sag.beboer}")
    assert sag.kollega.get(f"/nødadgang/sag/aftale/{anonym}").status_code == 404
