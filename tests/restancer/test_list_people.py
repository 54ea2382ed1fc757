"""The beboerrådgiver's own list finds its residents before it is imported; opkrævning's says nothing of any."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere import households
from rådgivning.beboere.models import Beboer, BeboerData, LejemålData
from rådgivning.beboere.residents import Slettegrund, hent_beboer, opret_beboer
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.removal import slet
from rådgivning.restancer import list_questions, list_residents
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient
from tests.restancer.factories import sag
from tests.restancer.list_cases import all_cases, csv, row, run
from tests.restancer.test_list_pages import confirm, done, upload

Klienter = Callable[[Rolle | None], Klient]
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


NAVNE = ("Zxq Bakkegård", "Testa Havnlund", "Nyta Opdigtet", "Prøva Klitmose", "Fiktiva Ødegaard")


def linje(n: int, navn: str = "") -> str:
    """The n'th tenancy, with a name that is like no other's."""
    return f"55-{n:04}-1;{navn or NAVNE[n - 1]};20{n:06};55;8450;02.11.2026;;"


def beboer(session: Session, navn: str, telefon: str = "") -> UUID:
    made = opret_beboer(session, BeboerData(navn=navn, telefon=telefon)).id
    session.commit()
    return made


def residents(session: Session) -> dict[str, UUID | None]:
    """Whom each case is about, by its tenancy."""
    session.expire_all()
    linked = {row.id: row.beboer_id for row in session.exec(select(Restancesag)).all()}
    found = {lejemål: linked[case.id] for lejemål, (case, _data) in all_cases(session).items()}
    session.commit()
    return found


def chosen(page: str) -> dict[str, str]:
    """What is chosen on the page, by field."""
    return dict(re.findall(r'name="(valg_\d+|ingen_træf)" value="([^"]+)" checked', page))


def test_the_beboerrådgiver_says_who_it_is_before_the_import_and_all_of_it_is_taken_back(
    db: Session, klient: Klienter
) -> None:
    sure, lives = beboer(db, NAVNE[0], "+4520000001"), beboer(db, "Havnlund Testa")
    home = LejemålData(nummer="55-0002-1", boligorganisation="aab", medlemmer=[lives])
    households.opret_lejemål(db, home)
    alike = beboer(db, NAVNE[2])
    db.commit()
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    upload(rådgiver, csv(*(linje(n) for n in range(1, 6))), organisation="aab")
    page = rådgiver.get("/restancer/lister/kontrol").text
    assert chosen(page) == {"valg_2": f"{sure}", "valg_3": f"{lives}", "valg_4": "ingen", "ingen_træf": "ingen"}
    assert "er 2 om en beboer, du kender, 1 ligner en, og 2 ligner ingen" in page
    opened = db.exec(select(Spor).where(Spor.anledning == "kontrollér restanceliste: mulige beboere")).all()
    assert {i for entry in opened for i in entry.beboere} == {f"{sure}", f"{lives}", f"{alike}"}
    db.commit()
    answer = confirm(rådgiver, **{**chosen(page), "valg_4": f"{alike}", "ingen_træf": "ny"})
    assert "5 nye" in (status := done(rådgiver, answer.location))
    assert "mangler beboer" not in status
    found = residents(db)
    assert [found[f"55-000{n}-1"] for n in (1, 2, 3)] == [sure, lives, alike]
    fresh = found["55-0004-1"]
    assert fresh is not None
    assert hent_beboer(db, fresh)[1].navn == NAVNE[3]
    assert all(case.version == 1 for case in db.exec(select(Restancesag)).all())
    other = found["55-0005-1"]
    assert other is not None
    opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=other)
    db.commit()
    rådgiver.send(f"{answer.location}/fortryd")
    assert "<strong>Fortrudt</strong>" in done(rådgiver, answer.location)
    db.expire_all()
    assert db.exec(select(Restancesag)).all() == []
    assert {row.id for row in db.exec(select(Beboer)).all()} == {sure, lives, alike, other}


def test_opkrævning_is_told_of_no_resident_and_her_answers_about_any_are_not_heard(
    db: Session, klient: Klienter
) -> None:
    sure = beboer(db, "Zxq1 Prøvesen1", "+4520000001")
    inge = klient(Rolle.INKASSO)
    upload(inge, csv(row(1), row(2)))
    page = inge.get("/restancer/lister/kontrol").text
    assert (chosen(page), "beboer, du kender" in page) == ({}, False)
    assert "finder beboerrådgiveren" in inge.get("/restancer/lister/ny").text
    done(inge, confirm(inge, valg_2=f"{sure}", ingen_træf="ny").location)
    assert set(residents(db).values()) == {None}
    assert len(db.exec(select(Beboer)).all()) == 1
    assert db.exec(select(Spor).where(Spor.rolle == Rolle.INKASSO, Spor.genstand == "beboer")).all() == []


def test_every_doubtful_row_can_be_answered_a_page_at_a_time(
    db: Session, klient: Klienter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_questions, "SIDELÆNGDE", 2)
    monkeypatch.setattr("rådgivning.restancer.list_check_views.SIDELÆNGDE", 2)
    ids = [sag(db, lejemål=f"55-{n:04}-1", navn="Zxq Andersen").id for n in range(1, 6)]
    db.commit()
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    upload(rådgiver, csv(*(row(n) for n in range(1, 6))), organisation="aab")

    def send(side: int, **svar: str) -> Any:
        page = rådgiver.get(f"/restancer/lister/kontrol?side={side}").text
        fil_id = re.search(r'name="fil_id"[^>]*value="([^"]+)"', page)
        assert fil_id
        return rådgiver.send(f"/restancer/lister/kontrol?side={side}", {"fil_id": fil_id.group(1), **svar})

    answer = send(1, valg_2=f"{ids[0]}", gå="2")
    assert (answer.status_code, "side=2" in answer.location) == (303, True)
    assert send(2, valg_4="ny").status_code == 422
    answer = send(2, valg_4="ny", valg_5="vent")
    assert "side=1" in answer.location
    page = rådgiver.get(answer.location).text
    assert "Du mangler at svare på 2 rækker." in page
    assert chosen(page) == {"valg_2": f"{ids[0]}"}
    assert "side=3" in send(1, valg_2=f"{ids[0]}", valg_3=f"{ids[1]}").location
    answer = send(3, resten="vent")
    status = done(rådgiver, answer.location)
    assert re.findall(r"\d nye, \d ændrede, \d uændrede, \d afvist", status) == [
        "1 nye, 0 ændrede, 2 uændrede, 2 afvist"
    ]


def test_a_resident_who_is_erased_before_the_row_is_taken_leaves_the_case_without_one(
    db: Session, klient: Klienter
) -> None:
    sure = beboer(db, "Zxq1 Prøvesen1", "+4520000001")
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    upload(rådgiver, csv(row(1)), organisation="aab")
    page = rådgiver.get("/restancer/lister/kontrol").text
    slet(db, sure, Slettegrund.FEJL)
    db.commit()
    done(rådgiver, confirm(rådgiver, **chosen(page)).location)
    assert residents(db) == {"55-0001-1": None}


def test_all_that_fit_nobody_are_made_residents_at_once_and_those_who_may_be_known_stay(
    db: Session, klient: Klienter, monkeypatch: pytest.MonkeyPatch
) -> None:
    beboer(db, NAVNE[2])
    words = ("Alun", "Birkholm", "Dværgel", "Egtved", "Fuglsang", "Gjerløv", "Hvidkilde", "Isterød", "Jonstrup")
    names = [NAVNE[2], *(f"{a} {b}" for a, b in combinations(words, 2))][:23]
    liste = run(db, *(linje(n, name) for n, name in enumerate(names, 1))).id
    db.commit()
    monkeypatch.setattr(list_residents, "AD_GANGEN", 4)
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    url = f"/restancer/lister/{liste}/beboere"
    page = rådgiver.get(f"{url}?side=2").text
    assert f'action="{url}?side=2"' in page
    name = re.findall(r'name="(hvem_[^"]+)" value="ny"', page)[-1]
    rådgiver.send(f"{url}?side=2", {name: "ny"})
    assert [i is not None for i in residents(db).values()].count(True) == 1
    assert "21 nye beboere er oprettet. 1 mangler." in rådgiver.send(f"{url}/nye", follow_redirects=True).text
    assert [name for name, beboer_id in residents(db).items() if beboer_id is None] == ["55-0001-1"]
    [entry] = db.exec(select(Spor).where(Spor.anledning == "fra restanceliste")).all()
    assert (entry.handling, entry.detaljer) == (Handling.OPRETTET, {"antal": 21})
    db.commit()
    assert klient(Rolle.INKASSO).send(f"{url}/nye").status_code == 403
