"""The pages of the list import: choose, name the columns, look, confirm, follow, take back."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.kladder import LEVETID
from rådgivning.adgang.models import Bruger, Kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import now
from rådgivning.databeskyttelse.shutting_out import giv_rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.restancer.list_import import ryd_lister
from rådgivning.restancer.models import Listesag, Restanceliste, Restancesag
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Klient, Personale
from tests.restancer.factories import sag
from tests.restancer.list_cases import HOVED, all_cases, csv, row

Klienter = Callable[[Rolle | None], Klient]
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
OPSLAG = {"dato": "2026-11-20", "hel": "ja"}


def upload(klient: Klient, data: bytes, **felter: str) -> Any:
    return klient.send("/restancer/lister/ny", {**OPSLAG, **felter, "fil": (io.BytesIO(data), "liste.csv")})


def done(klient: Klient, url: str) -> str:
    """The list's page once the work is done, as somebody without JavaScript would see it."""
    for _ in range(200):
        page: str = klient.get(url).text
        if 'http-equiv="refresh"' not in page:
            return page
        time.sleep(0.05)
    raise AssertionError("the work does not end")


def confirm(klient: Klient, **svar: str) -> Any:
    page = klient.get("/restancer/lister/kontrol").text
    fil_id = re.search(r'name="fil_id"[^>]*value="([^"]+)"', page)
    assert fil_id
    return klient.send("/restancer/lister/kontrol", {"fil_id": fil_id.group(1), **svar})


def test_opkrævning_sees_what_a_list_would_do_before_it_is_done_and_can_take_it_back(
    db: Session, klient: Klienter
) -> None:
    inge = klient(Rolle.INKASSO)
    assert inge.get("/restancer/lister/kontrol").status_code == 303
    assert "Boligorganisation</label>" not in inge.get("/restancer/lister/ny").text
    assert upload(inge, csv(row(1), row(2), row(3, "0"))).status_code == 303
    page = inge.get("/restancer/lister/kontrol").text
    for part in ("Zxq1 Prøvesen1", "Række 4", "Beløbet skal være over 0 kr.", "Importér listen"):
        assert part in page
    (kept,) = db.exec(select(Kladde)).all()
    assert b"Zxq" not in kept.sealed
    assert db.exec(select(Restancesag)).all() == []
    db.rollback()
    answer = confirm(inge)
    assert answer.status_code == 303
    page = done(inge, answer.location)
    assert "2 nye, 0 ændrede, 0 uændrede, 1 afvist" in page
    assert "mangler beboer" not in page
    assert "Listen pr. 20.11.2026" in inge.get("/restancer/lister").text
    assert len(db.exec(select(Restancesag)).all()) == 2
    db.rollback()
    again = inge.send("/restancer/lister/kontrol", {}, follow_redirects=True)
    assert "Hent en restanceliste" in again.text
    inge.send(f"{answer.location}/fortryd")
    assert "Fortrudt" in done(inge, answer.location)
    assert db.exec(select(Restancesag)).all() == []


def test_unknown_headings_are_asked_about_and_remembered(klient: Klienter) -> None:
    inge = klient(Rolle.INKASSO)
    data = "Bolig;Hvem;Kr.;Siden\n55-1;Zxq Prøvesen;900;02.11.2026".encode()
    assert upload(inge, data).status_code == 303
    assert inge.get("/restancer/lister/kontrol").location.endswith("/restancer/lister/kolonner")
    valg = {"lejemål": "Bolig", "navn": "Hvem", "beløb": "Kr."}
    wrong = inge.send("/restancer/lister/kolonner", valg)
    assert wrong.status_code == 422
    assert "Vælg kolonnen med forfaldsdatoen" in wrong.text
    twice = inge.send("/restancer/lister/kolonner", {**valg, "forfaldsdato": "Kr."})
    assert "valgt to gange" in twice.text
    assert inge.send("/restancer/lister/kolonner", {**valg, "forfaldsdato": "Siden"}).status_code == 303
    assert "1 nye" in done(inge, confirm(inge).location)
    assert upload(inge, data.replace(b"900", b"950")).status_code == 303
    page = inge.get("/restancer/lister/kontrol")
    assert page.status_code == 200
    assert "900,00 kr. bliver til 950,00 kr." in page.text


@pytest.mark.parametrize(
    ("felter", "besked"),
    [({"dato": ""}, "Skriv datoen."), ({"dato": "2026-12-24"}, "fremtiden"), ({"hel": ""}, "Svar ja eller nej.")],
)
def test_what_is_wrong_stands_at_its_field(klient: Klienter, felter: dict[str, str], besked: str) -> None:
    answer = upload(klient(Rolle.INKASSO), csv(row()), **felter)
    assert answer.status_code == 422
    assert besked in answer.text


def test_a_file_of_no_use_is_refused_and_a_kept_one_can_be_forgotten(db: Session, klient: Klienter) -> None:
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert "Vælg boligorganisationen." in upload(rådgiver, csv(row())).text
    answer = upload(rådgiver, HOVED.encode(), organisation="aab")
    assert answer.status_code == 422
    assert "ingen rækker" in answer.text
    upload(rådgiver, csv(row()), organisation="aab")
    assert rådgiver.send("/restancer/lister/kassér").status_code == 303
    assert db.exec(select(Kladde)).all() == []


def test_a_doubtful_row_is_answered_before_anything_is_done(db: Session, klient: Klienter) -> None:
    case_id = str(sag(db).id)
    db.rollback()
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    upload(rådgiver, csv("55-0107-2;Testa Opdigtet;;55;900;02.11.2026;;"), organisation="aab")
    page = rådgiver.get("/restancer/lister/kontrol").text
    assert "Zxq Prøvesen, 55-0107-2" in page
    unanswered = confirm(rådgiver)
    assert unanswered.status_code == 422
    assert "Vælg, hvilken sag rækken er." in unanswered.text
    assert "1 ændrede" in done(rådgiver, confirm(rådgiver, valg_2=case_id).location)


def test_the_beboerrådgiver_finds_residents_and_answers_what_is_gone(db: Session, klient: Klienter) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Zxq1 Prøvesen1", telefon="+4520000001")).id
    db.commit()
    inge, rådgiver = klient(Rolle.INKASSO), klient(Rolle.BEBOERRÅDGIVER)
    upload(inge, csv(row(1), row(2), row(3)), dato="2026-11-03")
    first = confirm(inge).location
    done(inge, first)
    assert "Find beboerne til 3 sager" in rådgiver.get(first).text
    page = rådgiver.get(f"{first}/beboere").text
    (chosen,) = re.findall(rf'name="(hvem_[^"]+)" value="{beboer_id}" checked', page)
    others = [name for name in set(re.findall(r'name="(hvem_[^"]+)"', page)) if name != chosen]
    assert rådgiver.send(f"{first}/beboere", {chosen: str(beboer_id), others[0]: "ny"}).status_code == 303
    db.expire_all()
    linked = [case.beboer_id for case in db.exec(select(Restancesag)).all()]
    assert (linked.count(beboer_id), linked.count(None)) == (1, 1)
    db.rollback()
    upload(inge, csv(row(3)))
    page = inge.get("/restancer/lister/kontrol").text
    assert "Ikke længere på listen" in page
    done(inge, confirm(inge).location)
    gone = [UUID(str(found.id)) for found in db.exec(select(Listesag).where(Listesag.forslag == "åbent")).all()]
    first_case = db.get_one(Listesag, gone[0]).sag_id
    db.rollback()
    assert "luk som betalt?" in rådgiver.get(f"/restancer/{first_case}").text
    assert "luk som betalt?" in rådgiver.get("/restancer/lister").text
    assert "luk som betalt?" not in inge.get("/restancer/lister").text
    assert inge.send(f"/restancer/lister/forslag/{gone[0]}/luk").status_code == 403
    rådgiver.send(f"/restancer/lister/forslag/{gone[0]}/luk")
    rådgiver.send(f"/restancer/lister/forslag/{gone[1]}/afvis")
    db.expire_all()
    assert [case.lukket for case in db.exec(select(Restancesag)).all()].count(date(2026, 11, 20)) == 1
    assert "luk som betalt?" not in rådgiver.get("/restancer/lister").text


def test_a_list_whose_worker_stopped_says_so_and_goes_on(db: Session, klient: Klienter) -> None:
    inge = klient(Rolle.INKASSO)
    upload(inge, csv(row(1)))
    url = confirm(inge).location
    done(inge, url)
    liste = db.exec(select(Restanceliste)).one()
    liste.tilstand, liste.puls, liste.nået = "kører", now() - timedelta(minutes=5), 1
    db.add(liste)
    db.commit()
    assert "Arbejdet er gået i stå" in inge.get(url).text
    inge.send(f"{url}/fortsæt")
    db.expire_all()
    for _ in range(100):
        db.rollback()
        if db.exec(select(Restanceliste)).one().tilstand == "færdig":
            break
        time.sleep(0.05)
    assert len(all_cases(db)) == 1


def stopped(db: Session, nået: int) -> Restanceliste:
    """The one list, as a worker that went down left it."""
    liste = db.exec(select(Restanceliste)).one()
    liste.tilstand, liste.puls, liste.nået = "kører", now() - timedelta(minutes=5), nået
    db.add(liste)
    db.commit()
    return liste


def test_the_rest_of_a_list_that_stopped_becomes_its_senders_cases_and_nobody_elses(
    db: Session, klient: Klienter
) -> None:
    inge, rådgiver = klient(Rolle.INKASSO), klient(Rolle.BEBOERRÅDGIVER)
    upload(inge, csv(row(1)))
    url = confirm(inge).location
    done(inge, url)
    stopped(db, 0)
    page = rådgiver.get(url).text
    assert " kan fortsætte med resten, eller fortryd det hele." in page
    assert f'action="{url}/fortsæt"' not in page
    assert rådgiver.send(f"{url}/fortsæt").status_code == 404
    assert rådgiver.send(f"{url}/fortryd").status_code == 303
    db.rollback()
    assert db.exec(select(Restanceliste)).one().tilstand in ("fortrydes", "fortrudt")


def test_a_list_nobody_went_on_with_is_taken_back_from_its_page(db: Session, klient: Klienter) -> None:
    inge = klient(Rolle.INKASSO)
    upload(inge, csv(row(1), row(2)))
    url = confirm(inge).location
    done(inge, url)
    stopped(db, 1).oprettet = now() - LEVETID - timedelta(days=1)
    db.commit()
    ryd_lister(db)
    db.commit()
    assert "Standset: 1 af 2 rækker blev taget. Hent listen igen" in inge.get(url).text
    inge.send(f"{url}/fortryd")
    assert "<strong>Fortrudt</strong>" in done(inge, url)
    db.expire_all()
    assert db.exec(select(Restanceliste)).one().tilstand == "fortrudt"
    assert db.exec(select(Restancesag)).all() == []


def test_a_list_that_a_later_one_builds_on_is_not_taken_back_before_it(db: Session, klient: Klienter) -> None:
    inge = klient(Rolle.INKASSO)
    urls = []
    for lines in ((row(1),), (row(1), row(2))):
        upload(inge, csv(*lines))
        urls.append(confirm(inge).location)
        done(inge, urls[-1])
        for liste in db.exec(select(Restanceliste)).all():
            liste.oprettet -= timedelta(hours=1)
            db.add(liste)
        db.commit()
    assert "Fortryd den først" in inge.get(urls[0]).text
    assert f'action="{urls[0]}/fortryd"' not in inge.get(urls[0]).text
    assert inge.send(f"{urls[0]}/fortryd").status_code == 409
    assert len(all_cases(db)) == 2
    db.rollback()
    for url in reversed(urls):
        inge.send(f"{url}/fortryd")
        assert "<strong>Fortrudt</strong>" in done(inge, url)
    db.expire_all()
    assert all_cases(db) == {}


def test_who_has_moved_to_another_boligorganisation_has_the_old_ones_lists_no_more(
    db: Session, klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    inge = klient(Rolle.INKASSO)
    upload(inge, csv(row(1)))
    url = confirm(inge).location
    done(inge, url)
    upload(inge, csv(row(2)))
    fil_id = re.search(r'name="fil_id"[^>]*value="([^"]+)"', inge.get("/restancer/lister/kontrol").text)
    assert fil_id
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        bruger = session.get_one(Bruger, personale.brugere[Rolle.INKASSO].id)
        giv_rolle(session, bruger, Rolle.INKASSO, "vildtbanegård")
        session.commit()
    moved = klient(Rolle.INKASSO)
    assert url not in moved.get("/restancer/lister").text
    answers = [moved.get(url), moved.send(f"{url}/fortsæt"), moved.send(f"{url}/fortryd")]
    assert [svar.status_code for svar in answers] == [404] * 3
    assert moved.send("/restancer/lister/kontrol", {"fil_id": fil_id.group(1)}).location == "/restancer/lister/ny"
    assert len(db.exec(select(Restancesag)).all()) == 1
    refused = db.exec(select(Spor.anledning).where(Spor.handling == Handling.AFVIST, Spor.genstand == "restanceliste"))
    assert refused.all() == ["hører til et andet sted"] * 3
