"""I dag, a resident's page, and deleting a resident, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from urllib.parse import unquote

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer, ret_beboer, slet_beboer
from rådgivning.database import new_id
from rådgivning.fakta.models import Faktum
from rådgivning.henvisninger.intake import tag_op
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.henvisninger.referrals import henvis
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import destroy_key
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.restancer.cases import knyt_beboer, luk_sag, opret_sag
from rådgivning.restancer.models import Hændelse, RestancesagData
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Klient, Personale

SPOILED = {"sqlite": "zeroblob(64)", "postgresql": "decode(repeat('00', 64), 'hex')"}
KlientFor = Callable[[Rolle | None], Klient]


@pytest.fixture
def rådgiver(klient: KlientFor) -> Klient:
    """The beboerrådgiver's browser."""
    return klient(Rolle.BEBOERRÅDGIVER)


@pytest.fixture
def beboer_id(db: Session) -> uuid.UUID:
    """A resident."""
    data = BeboerData(navn="Zxq Prøvesen", telefon="+4520121234", adresse="Opdigtet Allé 7", afdeling="aab55")
    made = opret_beboer(db, data).id
    db.commit()
    return made


def kontakt(db: Session, beboer_id: uuid.UUID | None, notat: str = "", dage: int = 0) -> uuid.UUID:
    """A contact so many days ago."""
    data = KontaktData(
        art="en_til_en",
        aktivitet="beboerrådgivning",
        afdeling="aab55",
        hovedemne="gæld",
        udfald="råd_givet",
        notat=notat,
    )
    return log_kontakt(db, data, dato=IDAG - timedelta(days=dage), beboer_id=beboer_id).id


def sag(db: Session, beboer_id: uuid.UUID) -> uuid.UUID:
    """A restancesag with a påkrav two days ago, so that its deadline is near."""
    hændelse = Hændelse(fase="påkrav", dato=IDAG - timedelta(days=2))
    data = RestancesagData(navn="Zxq Prøvesen", afdeling="aab55", beløb=Decimal("4200.50"), hændelser=[hændelse])
    made = opret_sag(db, data, boligorganisation="aab", beboer_id=beboer_id)
    return made.id


def henvisning(db: Session, navn: str = "Zxq Prøvesen") -> uuid.UUID:
    """A new referral."""
    data = HenvisningData(
        navn=navn, adresse="Opdigtet Allé 7", afdeling="aab55", grund="restance", kilde="ejendomsdrift"
    )
    return henvis(db, data, hast="akut", boligorganisation="aab", id=new_id()).id


def test_every_role_begins_on_the_page_it_works_on(klient: KlientFor) -> None:
    for rolle, url in {
        Rolle.EJENDOMSDRIFT: "/henvisninger",
        Rolle.INKASSO: "/henvisninger",
        Rolle.LEDER: "/delmål",
        Rolle.DATABESKYTTELSE: "/databeskyttelse",
    }.items():
        svar = klient(rolle).get("/")
        assert (svar.status_code, unquote(svar.location)) == (303, url)


def test_an_empty_day_says_so_and_offers_the_four_kinds_of_contact(rådgiver: Klient) -> None:
    side = rådgiver.get("/").text
    assert len(re.findall(r'class="hurtigknap" href="/kontakter/ny\?art=', side)) == 4
    for text in ("fredag den 20. november 2026", "Ingen opgaver med frist", "Ingen nye henvisninger", "Ingen frister"):
        assert text in side
    assert "Du har ikke logget noget i dag" in side
    assert 'action="/beboere"' in side


def test_the_day_shows_what_is_due_new_near_and_done(rådgiver: Klient, db: Session, beboer_id: uuid.UUID) -> None:
    opret_opgave(db, titel="Ring for sent", frist=IDAG - timedelta(days=1), beboer_id=beboer_id)
    opret_opgave(db, titel="Ring i næste uge", frist=IDAG + timedelta(days=7))
    henvisning(db, "Testa Opdigtet")
    sag(db, beboer_id)
    kontakt(db, beboer_id)
    kontakt(db, beboer_id, dage=1)
    gem_kladde(db, "/kontakter/ny", {"notat": ["Begyndt på"]})
    gem_kladde(db, "kontakter/vaner", {"form": ["telefon"]})
    db.commit()
    side = rådgiver.get("/").text
    assert "Ring for sent" in side
    assert "Ring i næste uge" not in side
    assert "1 dag over" in side
    assert "Testa Opdigtet" in side
    assert "Påkrav" in side
    assert side.count('href="/kontakter/') >= 1
    assert len(re.findall(r'href="/kontakter/[0-9a-f-]{36}"', side)) == 1
    assert side.count("kladde fra") == 1


def test_the_resident_page_tells_everything_newest_first(rådgiver: Klient, db: Session, beboer_id: uuid.UUID) -> None:
    kontakt(db, beboer_id, "Ældre notat", 9)
    kontakt(db, beboer_id, "Nyere notat", 3)
    opret_opgave(db, titel="Ring igen", frist=IDAG, beboer_id=beboer_id)
    udfør(db, opret_opgave(db, titel="Sendt brev", frist=IDAG, beboer_id=beboer_id).id)
    sag(db, beboer_id)
    db.commit()
    side = rådgiver.get(f"/beboere/{beboer_id}").text
    order = [side.index(t) for t in ("Sendt brev", "Restancesag: Påkrav", "Nyere notat", "Ældre notat")]
    assert order == sorted(order)
    for text in ("Zxq Prøvesen", "20 12 12 34", "Opdigtet Allé 7", "4.200,50 kr.", "Ring igen", "Gæld"):
        assert text in side
    assert len(re.findall(rf'href="/kontakter/ny/{beboer_id}\?art=', side)) == 4
    assert f'href="/opgaver/ny/{beboer_id}"' in side
    title = re.search(r"<title>(.*?)</title>", side)
    assert title is not None
    assert "Zxq" not in title[1]


def test_the_page_leaves_one_trace_for_each_table(rådgiver: Klient, db: Session, beboer_id: uuid.UUID) -> None:
    for dage in (1, 2):
        kontakt(db, beboer_id, dage=dage)
        opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=beboer_id)
    sag(db, beboer_id)
    db.commit()
    before = len(db.exec(select(Spor)).all())
    db.rollback()
    rådgiver.get(f"/beboere/{beboer_id}")
    entries = db.exec(select(Spor).order_by("nr")).all()[before:]
    opened = [e.genstand for e in entries if e.handling == Handling.ÅBNET]
    assert sorted(opened) == ["beboer", "kontakt", "opgave", "restancesag"]
    assert all(e.beboere == [str(beboer_id)] for e in entries if e.handling == Handling.ÅBNET)


def test_referrals_and_closed_and_erased_work_stand_on_the_page(
    rådgiver: Klient, db: Session, beboer_id: uuid.UUID
) -> None:
    sendt = henvisning(db)
    tag_op(db, sendt, beboer_id=beboer_id)
    stamdata = BeboerData(
        navn="Zxq Prøvesen", fødselsdato=IDAG.replace(year=1990), note="Ring først", email="z@x.example"
    )
    ret_beboer(db, beboer_id, stamdata, 1)
    kontakt(db, beboer_id, "Langt notat. " * 60)
    luk_sag(db, sag(db, beboer_id), udfald="betalt", dato=IDAG, kilde="aab", hændelse_id=new_id())
    db.commit()
    side = rådgiver.get(f"/beboere/{beboer_id}").text
    for text in (
        "Henvisning fra",
        "Taget op",
        "30-39 år",
        "Ring først",
        "mailto:z@x.example",
        " …",
        "Lukket 20.11.2026",
    ):
        assert text in side, text


def test_a_new_resident_has_an_empty_timeline(rådgiver: Klient, beboer_id: uuid.UUID) -> None:
    side = rådgiver.get(f"/beboere/{beboer_id}").text
    assert "Intet er logget endnu" in side
    assert "Ingen åbne opgaver" in side


def test_a_long_timeline_is_cut_and_can_be_shown_whole(rådgiver: Klient, db: Session, beboer_id: uuid.UUID) -> None:
    for dage in range(42):
        kontakt(db, beboer_id, f"Notat {dage:02}.", dage)
    db.commit()
    side = rådgiver.get(f"/beboere/{beboer_id}").text
    assert "Notat 39." in side
    assert "Notat 40." not in side
    assert "Vis hele forløbet (42)" in side
    assert "Notat 41." in rådgiver.get(f"/beboere/{beboer_id}?alt=1").text


def test_deleting_says_what_is_lost_asks_for_a_reason_and_keeps_the_figures(
    rådgiver: Klient, db: Session, beboer_id: uuid.UUID
) -> None:
    kontakt(db, beboer_id)
    luk_sag(db, sag(db, beboer_id), udfald="betalt", dato=IDAG, kilde="ukendt", hændelse_id=new_id())
    udfør(db, opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=beboer_id).id)
    db.commit()
    facts = len(db.exec(select(Faktum)).all())
    db.rollback()
    side = rådgiver.get(f"/beboere/{beboer_id}/slet").text
    for text in ("1 kontakt", "1 opgave", "1 restancesag", "Zxq Prøvesen"):
        assert text in side
    assert rådgiver.send(f"/beboere/{beboer_id}/slet").status_code == 422
    assert rådgiver.send(f"/beboere/{beboer_id}/slet", {"grund": "fordi"}).status_code == 422
    assert rådgiver.send(f"/beboere/{beboer_id}/slet", {"grund": Slettegrund.DUBLET}).location == "/beboere"
    db.expire_all()
    assert db.exec(select(Beboer)).all() == []
    assert db.exec(select(Opgave)).all() == []
    assert len(db.exec(select(Faktum)).all()) == facts
    db.rollback()
    assert rådgiver.get(f"/beboere/{beboer_id}").status_code == 404
    assert "Zxq" not in rådgiver.send("/beboere", {"q": "Zxq"}).text.replace('value="Zxq"', "")


def test_after_a_deletion_every_list_still_opens(rådgiver: Klient, db: Session, beboer_id: uuid.UUID) -> None:
    kontakt(db, beboer_id)
    sag(db, beboer_id)
    slet_beboer(db, beboer_id, Slettegrund.FEJL)
    db.commit()
    for url in ("/", "/opgaver", "/beboere", "/kontakter", "/restancer", "/henvisninger"):
        svar = rådgiver.get(url)
        assert svar.status_code == 200, url
        assert "Zxq" not in svar.text
    assert "Slettet" in rådgiver.get("/").text


def test_rows_changed_behind_the_programs_back_close_no_list(
    rådgiver: Klient, db: Session, beboer_id: uuid.UUID
) -> None:
    kontakt(db, beboer_id)
    sag(db, beboer_id)
    opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=beboer_id)
    henvisning = HenvisningData(navn="Zxq Prøvesen", afdeling="aab55", grund="andet", kilde="ejendomsdrift")
    henvis(db, henvisning, hast="snarest", boligorganisation="aab", id=new_id())
    for table in ("kontakt", "restancesag", "opgave", "henvisning"):
        db.connection().exec_driver_sql(f"UPDATE {table} SET sealed = {SPOILED[db.get_bind().dialect.name]}")
    db.commit()
    for url in ("/", "/opgaver", "/kontakter?periode=alle", "/restancer", "/henvisninger", f"/beboere/{beboer_id}"):
        svar = rådgiver.get(url)
        assert svar.status_code == 200, url
        assert "Slettet" in svar.text, url
    assert rådgiver.get("/kontakter?art=en_til_en").status_code == 200


def test_a_resident_whose_key_alone_is_gone_is_said_to_be_deleted_and_can_be_tidied_away(
    rådgiver: Klient, db: Session, beboer_id: uuid.UUID
) -> None:
    destroy_key(db, beboer_id)
    db.commit()
    for url in (f"/beboere/{beboer_id}", f"/beboere/{beboer_id}/ret"):
        svar = rådgiver.get(url)
        assert svar.status_code == 404
        assert "slettet" in svar.text
    assert rådgiver.get("/beboere").status_code == 200
    assert "kan ikke længere læses" in rådgiver.get(f"/beboere/{beboer_id}/slet").text
    assert rådgiver.send(f"/beboere/{beboer_id}/slet", {"grund": Slettegrund.FEJL}).status_code == 303
    assert db.exec(select(Beboer)).all() == []


def test_another_helhedsplans_resident_and_task_are_not_found(
    rådgiver: Klient, kontekst: Nøglekontekst, personale: Personale, db: Session
) -> None:
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør(me.bruger_id, me.rolle, uuid.uuid4(), me.åbner)) as other:
        fremmed = opret_beboer(other, BeboerData(navn="Fremmed Opdigtet")).id
        opgave = opret_opgave(other, titel="Fremmed opgave", frist=IDAG).id
        other.commit()
    for path in ("", "/ret", "/slet"):
        assert rådgiver.get(f"/beboere/{fremmed}{path}").status_code == 404
    for path in ("ret", "slet"):
        assert rådgiver.send(f"/beboere/{fremmed}/{path}", {"navn": "x", "version": "1"}).status_code == 404
    for path in ("ret", "udført", "fortryd", "flyt", "slet"):
        assert rådgiver.send(f"/opgaver/{opgave}/{path}", {"frist": "2026-12-01"}).status_code == 404
    assert "Fremmed" not in rådgiver.get("/beboere?vis=alle").text + rådgiver.get("/opgaver?hvem=alle").text
    refused = db.exec(select(Spor).where(Spor.handling == Handling.AFVIST)).all()
    assert len(refused) == 10


def test_no_other_role_opens_these_pages(klient: KlientFor, beboer_id: uuid.UUID) -> None:
    for rolle in (Rolle.EJENDOMSDRIFT, Rolle.INKASSO, Rolle.LEDER, Rolle.DATABESKYTTELSE):
        other = klient(rolle)
        for url in (f"/beboere/{beboer_id}", f"/beboere/{beboer_id}/slet", "/beboere", "/opgaver", "/opgaver/ny"):
            assert other.get(url).status_code == 403, (rolle, url)


def test_a_case_matched_to_a_resident_later_stands_on_her_page(
    rådgiver: Klient, db: Session, beboer_id: uuid.UUID
) -> None:
    data = RestancesagData(navn="Zxq P", afdeling="aab55", hændelser=[Hændelse(fase="ophævet", dato=IDAG)])
    made = opret_sag(db, data, boligorganisation="aab").id
    knyt_beboer(db, made, beboer_id=beboer_id)
    db.commit()
    assert f'href="/restancer/{made}"' in rådgiver.get(f"/beboere/{beboer_id}").text
