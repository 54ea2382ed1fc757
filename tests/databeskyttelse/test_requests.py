"""Requests by a resident's rights: registered, found without anybody being looked up, given time, refused, overdue."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beskeder.models import Besked
from rådgivning.database import now
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData
from rådgivning.databeskyttelse.requests import Søgt, find_præcis, varsle_frister
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_sealed, seal
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient, Personale

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
LISTE = "/databeskyttelse/anmodninger"
NAVN = "Zxq Prøvesen"


@pytest.fixture
def beboer_id(db: Session) -> uuid.UUID:
    """A resident with a birth date."""
    data = BeboerData(navn=NAVN, fødselsdato=date(1980, 2, 3), adresse="Opdigtet Allé 7, st. tv.", note="Zxqnote")
    made = opret_beboer(db, data).id
    db.commit()
    return made


def registrér(klient: Klient, **felter: str) -> str:
    """Register what somebody has written; the address of the request."""
    svar = klient.send(f"{LISTE}/ny", {"slags": "indsigt", "modtaget": IDAG.isoformat(), **felter})
    assert svar.status_code == 303
    return str(svar.location)


def test_an_adviser_registers_and_databeskyttelse_is_told_and_sees_nothing_of_her_before_identity(
    klient: KlientFor, db: Session, beboer_id: uuid.UUID
) -> None:
    felter = {"slags": "indsigt", "modtaget": "2026-10-31", "ønske": "Jeg vil se det hele"}
    rådgiver, dpo = klient(Rolle.BEBOERRÅDGIVER), klient(Rolle.DATABESKYTTELSE)
    assert rådgiver.send(f"/beboere/{beboer_id}/anmodning", {"slags": "", "modtaget": ""}).status_code == 422
    assert rådgiver.send(f"/beboere/{beboer_id}/anmodning", felter).status_code == 303
    row = db.exec(select(Anmodning)).one()
    url = f"{LISTE}/{row.id}"
    assert (row.frist, row.identitet) == (date(2026, 11, 30), "")
    db.rollback()
    assert "1 ny anmodning" in dpo.get("/beskeder").text
    assert "Anmodninger" in dpo.get("/databeskyttelse").text
    page = dpo.get(url).text
    assert "Jeg vil se det hele" in page
    assert NAVN not in page
    assert "Zxqnote" not in page
    opened = db.exec(select(Spor.genstand).where(Spor.handling == Handling.ÅBNET, Spor.rolle == "databeskyttelse"))
    assert set(opened.all()) == {"anmodning"}
    db.rollback()
    assert dpo.send(f"{url}/identitet", {}).status_code == 422
    assert dpo.send(f"{url}/identitet", {"identitet": "kendt"}).status_code == 303
    assert "Næste skridt" in dpo.get(url).text


def test_she_is_found_by_her_whole_name_and_one_thing_more_and_nobody_by_less(
    klient: KlientFor, db: Session, beboer_id: uuid.UUID
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    assert dpo.send(f"{LISTE}/ny", {"slags": "indsigt", "modtaget": IDAG.isoformat(), "navn": NAVN}).status_code == 422
    tries = [
        ({"navn": "prøvesen zxq", "fødselsdato": "3.2.1980"}, True),
        ({"navn": NAVN, "adresse": "opdigtet alle 7, st. tv."}, True),
        ({"navn": NAVN, "fødselsdato": "4.2.1980"}, False),
        ({"navn": "Zxq", "fødselsdato": "3.2.1980"}, False),
        ({"navn": NAVN, "adresse": "Opdigtet Allé"}, False),
    ]
    for felter, found in tries:
        url = registrér(dpo, **felter)
        row = db.get_one(Anmodning, uuid.UUID(url.rsplit("/", 1)[1]))
        assert (row.beboer_id == beboer_id) is found, felter
        db.rollback()
        assert "Zxqnote" not in dpo.get(url).text
    opened = db.exec(select(Spor.genstand).where(Spor.handling == Handling.ÅBNET, Spor.rolle == "databeskyttelse"))
    assert set(opened.all()) == {"anmodning"}


def test_father_and_son_of_one_name_at_one_address_are_told_apart_by_the_birth_date(
    db: Session, beboer_id: uuid.UUID
) -> None:
    adresse = "Opdigtet Allé 7, st. tv."
    søn = opret_beboer(db, BeboerData(navn=NAVN, fødselsdato=date(2004, 5, 6), adresse=adresse)).id
    db.commit()
    assert find_præcis(db, Søgt(NAVN, date(1980, 2, 3), adresse)) == [beboer_id]
    assert find_præcis(db, Søgt(NAVN, date(2004, 5, 6), adresse)) == [søn]
    assert find_præcis(db, Søgt(NAVN, date(1999, 9, 9), adresse)) == []
    assert set(find_præcis(db, Søgt(NAVN, adresse=adresse))) == {beboer_id, søn}


def test_two_who_fit_are_neither_of_them(klient: KlientFor, db: Session, beboer_id: uuid.UUID) -> None:
    opret_beboer(db, BeboerData(navn=NAVN, fødselsdato=date(1980, 2, 3)))
    db.commit()
    url = registrér(klient(Rolle.DATABESKYTTELSE), navn=NAVN, fødselsdato="3.2.1980")
    row = db.exec(select(Anmodning)).one()
    assert (row.beboer_id, row.fundet) == (None, 2)
    assert open_sealed(db, row, AnmodningData, "prøve").navn == NAVN
    db.rollback()
    page = klient(Rolle.DATABESKYTTELSE).get(url).text
    assert "Flere beboere har det navn" in page


@pytest.mark.parametrize("slags", ["indsigt", "sletning"])
def test_somebody_nothing_is_held_on_is_told_so_and_not_refused(klient: KlientFor, db: Session, slags: str) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    url = registrér(dpo, navn="Zxq Ukendtsen", fødselsdato="3.2.1980", slags=slags)
    assert "Svar, at vi ingen oplysninger har" in dpo.get(url).text
    assert "ingen oplysninger om dig" not in dpo.get(f"{url}/afvis").text
    page = dpo.get(f"{url}/intet").text
    assert ("Zxq Ukendtsen" in page, "Svar, og luk anmodningen" in page) == (True, True)
    assert dpo.send(f"{url}/intet", {}).status_code == 303
    row = db.exec(select(Anmodning)).one()
    assert (row.status, row.afslag, row.afgjort) == ("imødekommet", "", IDAG)
    db.rollback()
    assert dpo.send(f"{url}/intet", {}).status_code == 409
    letter = dpo.get(f"{url}/brev")
    text = " ".join(PdfReader(io.BytesIO(letter.data)).pages[0].extract_text().replace("\u00ad\n", "").split())
    assert "Vi har ingen oplysninger om dig" in text
    assert "behandler ingen oplysninger om dig" in text
    assert ("ikke noget at slette" in text) is (slags == "sletning")
    assert "Afslag" not in text


def test_nobody_is_told_that_nothing_is_held_who_is_a_resident_or_written_down_without_being_one(
    klient: KlientFor, db: Session, personale: Personale, beboer_id: uuid.UUID
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    hers = registrér(dpo, navn=NAVN, fødselsdato="3.2.1980")
    løs = registrér(dpo, navn="Zxq Løssen", adresse="Opdigtet Allé 9")
    senere = registrér(dpo, navn="Zxq Senere", fødselsdato="5.6.1990")
    ejer = personale.brugere[Rolle.EJENDOMSDRIFT].id
    henvist = Henvisning(helhedsplan_id=personale.helhedsplan.id, ejer_id=ejer, oprettet=now())
    seal(db, henvist, HenvisningData(navn="Zxq Løssen", adresse="Opdigtet Allé 9"))
    db.add(henvist)
    opret_beboer(db, BeboerData(navn="Zxq Senere", fødselsdato=date(1990, 6, 5)))
    db.commit()
    for url, why in ((hers, "fra en beboer"), (løs, "ikke er knyttet til en beboer"), (senere, "Nu er der en beboer")):
        page = dpo.get(f"{url}/intet").text
        assert (why in page, "Svar, og luk" in page) == (True, False), url
        assert dpo.send(f"{url}/intet", {}).status_code == 409
    assert {row.status for row in db.exec(select(Anmodning)).all()} == {"modtaget"}


def test_a_refusal_has_a_reason_and_words_and_is_final_and_time_is_given_once(
    klient: KlientFor, db: Session, beboer_id: uuid.UUID
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    url = registrér(dpo, navn=NAVN, fødselsdato="3.2.1980", slags="sletning")
    assert dpo.send(f"{url}/forlæng", {"begrundelse": ""}).status_code == 422
    assert dpo.send(f"{url}/forlæng", {"begrundelse": "Mange på én gang"}).status_code == 303
    assert dpo.send(f"{url}/forlæng", {"begrundelse": "igen"}).status_code == 409
    assert db.exec(select(Anmodning)).one().frist == date(2027, 2, 20)
    db.rollback()
    svar = dpo.send(f"{url}/afvis", {"grund": "retskrav", "forklaring": ""})
    assert svar.status_code == 422
    assert dpo.send(f"{url}/afvis", {"grund": "rigtigt", "forklaring": "nej"}).status_code == 422
    assert dpo.send(f"{url}/afvis", {"grund": "retskrav", "forklaring": "Sagen er i fogedretten"}).status_code == 303
    assert "art. 17, stk. 3, litra e" in dpo.get(url).text
    assert dpo.send(f"{url}/afvis", {"grund": "retskrav", "forklaring": "igen"}).status_code == 409


def test_what_is_late_stands_on_the_front_page_and_is_told_once_a_day(
    klient: KlientFor, db: Session, kontekst: Nøglekontekst, personale: Personale, beboer_id: uuid.UUID
) -> None:
    registrér(klient(Rolle.DATABESKYTTELSE), navn=NAVN, fødselsdato="3.2.1980", modtaget="2026-10-15")
    page = klient(Rolle.DATABESKYTTELSE).get("/databeskyttelse").text
    assert "1 over fristen" in page
    for _ in range(2):
        with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
            varsle_frister(session)
            session.commit()
    told = select(Besked).where(Besked.slags == "anmodning_frist")
    assert [row.bruger_id for row in db.exec(told).all()] == [personale.brugere[Rolle.DATABESKYTTELSE].id]
    database.clock.read = lambda: datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    varsle_frister(db)
    db.commit()
    assert len(db.exec(told).all()) == 2
