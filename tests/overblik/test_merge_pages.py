"""Finding the other one, comparing, merging and undoing, as a browser without JavaScript does it."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import opret_beboer, ret_beboer
from rådgivning.nøgler.errors import Shredded
from rådgivning.overblik.models import Sammenlægning
from rådgivning.samtykker.consents import giv, træk_tilbage
from rådgivning.samtykker.models import SamtykkeData
from tests.conftest import Klient
from tests.overblik.test_merging import A, B, fyld, kontakt

KlientFor = Callable[[Rolle | None], Klient]
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
Par = tuple[uuid.UUID, uuid.UUID]


@pytest.fixture
def rådgiver(klient: KlientFor) -> Klient:
    """The beboerrådgiver's browser."""
    return klient(Rolle.BEBOERRÅDGIVER)


@pytest.fixture
def par(db: Session) -> Par:
    """Two residents who look alike; the second was registered last."""
    first = A.model_copy(update={"børn_i_husstanden": True})
    second = B.model_copy(update={"telefon": A.telefon, "fødselsdato": date(1980, 5, 1)})
    made = opret_beboer(db, first).id, opret_beboer(db, second).id
    kontakt(db, made[1])
    db.commit()
    return made


def felter(side: str) -> dict[str, str]:
    """What a browser would send from the form of a page as it is shown."""
    form = re.search(r'<form method="post" action="[^"]*/sammenl[^"]*" novalidate.*?</form>', side, re.DOTALL)
    assert form is not None
    found = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        attr = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attr.get("type") != "radio" or " checked" in tag:
            found[attr["name"]] = html.unescape(attr.get("value", ""))
    return {name: value for name, value in found.items() if name != "csrf_token"}


def test_the_other_one_is_found_by_likeness_and_by_search_never_by_get(rådgiver: Klient, db: Session, par: Par) -> None:
    a, b = par
    far = opret_beboer(db, BeboerData(navn="Opdigtet Fremmed")).id
    db.commit()
    her = f"/beboere/{a}/sammenlæg"
    assert f'href="{her}"' in rådgiver.get(f"/beboere/{a}").text
    assert her in rådgiver.get(f"/beboere/{a}/slet").text
    side = rådgiver.get(her + "?q=Fremmed").text
    assert f"{her}/{b}" in side
    assert str(far) not in side
    assert "Næsten samme navn" in side
    assert f"{her}/{far}" in rådgiver.send(her, {"q": "fremmed"}).text
    assert f'data-søg-gå="{her}/"' in side
    assert "Ingen anden beboer fundet" in rådgiver.send(her, {"q": "ingen her"}).text
    for bad in ("", "x", "x" * 201, "010180-1234"):
        assert rådgiver.send(her, {"q": bad}).status_code == 422


def test_both_stand_side_by_side_with_what_moves_and_what_is_proposed(rådgiver: Klient, par: Par) -> None:
    a, b = par
    side = rådgiver.get(f"/beboere/{a}/sammenlæg/{b}").text
    for text in ("Zxqa Prøvesen", "Zxka Prøvesen", "20 12 12 34", "Opdigtet Allé 9", "01.05.1980", "Behold begge"):
        assert text in side
    assert "Kontakter, der flyttes: 1" in side
    assert f"/beboere/{b}/sammenlæg/{a}" in side
    assert "Begge har samtykker" not in side
    sent = felter(side)
    assert {n: v for n, v in sent.items() if n not in {"formular_id", "versioner"}} == {
        "navn": "udgået",
        "adresse": "udgået",
        "fødselsdato": "udgået",
        "børn_i_husstanden": "beholdt",
        "note": "begge",
    }
    assert rådgiver.get(f"/beboere/{a}/sammenlæg/{a}").status_code == 409
    title = re.search(r"<title>(.*?)</title>", side)
    assert title is not None
    assert "Zx" not in title[1]


def test_two_with_consents_are_to_be_looked_through_for_what_was_withdrawn(
    rådgiver: Klient, db: Session, par: Par
) -> None:
    a, b = par
    given = [giv(db, i, SamtykkeData(modtagere=["opkrævning"]), til=None).id for i in par]
    træk_tilbage(db, given[0])
    db.commit()
    assert "Begge har samtykker" in rådgiver.get(f"/beboere/{a}/sammenlæg/{b}").text


def test_merging_leads_to_one_page_that_tells_of_it_and_undoing_to_two_again(
    rådgiver: Klient, db: Session, par: Par
) -> None:
    a, b = par
    sti = f"/beboere/{a}/sammenlæg/{b}"
    sent = felter(rådgiver.get(sti).text)
    assert rådgiver.send(sti, {**sent, "navn": "hvad"}).status_code == 422
    first = rådgiver.send(sti, {**sent, "navn": "beholdt"})
    assert (first.status_code, first.location) == (303, f"/beboere/{a}")
    assert rådgiver.send(sti, sent).location == f"/beboere/{a}"
    page = rådgiver.get(f"/beboere/{a}").text
    for text in (
        "Zxqa Prøvesen",
        "Opdigtet Allé 9",
        "20 12 12 34",
        "Ring først",
        "Tolk: opdigtisk",
        "Gæld",
        "20.12.2026",
    ):
        assert text in page
    old = rådgiver.get(f"/beboere/{b}")
    assert (old.status_code, old.location) == (303, f"/beboere/{a}")
    assert "lagt sammen med en anden" in rådgiver.get(old.location).text
    for gone in ("ret", "slet", "sammenlæg", f"sammenlæg/{a}"):
        assert rådgiver.get(f"/beboere/{b}/{gone}").status_code == 404
    assert str(b) not in rådgiver.get("/beboere?vis=alle").text + rådgiver.send("/beboere", {"q": "Prøvesen"}).text
    assert "Ingen mulige dubletter" in rådgiver.get("/beboere/dubletter").text
    kontakt(db, a)
    row = db.get_one(Beboer, a)
    ret_beboer(db, a, A.model_copy(update={"email": "z@x.example"}), row.version)
    db.commit()
    link = re.search(r'href="(/sammenlægninger/[^"]+)"', page)
    assert link is not None
    undo = rådgiver.get(link[1]).text
    for text in ("Rettet siden", "E-mail", "Kommet til siden", "Kontakt 20.11.2026", "Zxqa Prøvesen", "Zxka Prøvesen"):
        assert text in undo
    assert rådgiver.send(link[1]).location == f"/beboere/{a}"
    assert rådgiver.send(link[1]).location == f"/beboere/{a}"
    assert "Zxka Prøvesen" in rådgiver.get(f"/beboere/{b}").text
    assert "Fortryd sammenlægningen" not in rådgiver.get(f"/beboere/{a}").text


def test_who_was_corrected_meanwhile_is_shown_again_before_anything_is_merged(
    rådgiver: Klient, db: Session, par: Par
) -> None:
    a, b = par
    sti = f"/beboere/{a}/sammenlæg/{b}"
    sent = felter(rådgiver.get(sti).text)
    ret_beboer(db, b, B.model_copy(update={"adresse": "Ny Opdigtet Vej 1"}), 1)
    db.commit()
    svar = rådgiver.send(sti, sent)
    assert svar.status_code == 409
    assert "Ny Opdigtet Vej 1" in svar.text
    assert db.exec(select(Sammenlægning)).all() == []
    db.rollback()
    assert rådgiver.send(sti, felter(svar.text)).status_code == 303


def test_a_later_merge_is_undone_first_and_after_thirty_days_signing_in_ends_it(
    rådgiver: Klient, klient: KlientFor, db: Session, par: Par, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = par
    c = opret_beboer(db, A).id
    db.commit()
    for kept, gone in ((b, a), (c, b)):
        sti = f"/beboere/{kept}/sammenlæg/{gone}"
        assert rådgiver.send(sti, felter(rådgiver.get(sti).text)).status_code == 303
    assert rådgiver.get(f"/beboere/{a}").location == f"/beboere/{c}"
    first, last = (row.id for row in db.exec(select(Sammenlægning).order_by("nr")).all())
    db.rollback()
    svar = rådgiver.get(f"/sammenlægninger/{first}/fortryd")
    assert (svar.status_code, "nyeste" in svar.text) == (409, True)
    real = database.clock.read()
    monkeypatch.setattr(database.clock, "read", lambda: real + timedelta(days=31))
    assert klient(None).log_ind(str(Rolle.LEDER)).status_code == 303
    assert [row.tømt for row in db.exec(select(Sammenlægning)).all()] == [True, True]
    with pytest.raises(Shredded):
        db.info["keystore"].get(a)
    db.rollback()
    again = klient(Rolle.BEBOERRÅDGIVER)
    svar = again.get(f"/sammenlægninger/{last}/fortryd")
    assert (svar.status_code, "for sent" in svar.text) == (409, True)
    assert again.get(f"/beboere/{a}").location == f"/beboere/{c}"


def test_everything_about_two_residents_is_shown_whatever_it_is(rådgiver: Klient, db: Session, par: Par) -> None:
    import random

    a, b = par
    for seed in range(3):
        fyld(db, a, random.Random(seed))
        fyld(db, b, random.Random(seed + 10))
    db.commit()
    assert rådgiver.get(f"/beboere/{a}/sammenlæg/{b}").status_code == 200
