"""Sundhedstjek: heads are counted, nobody is named, and the facts follow every correction."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Rolle
from rådgivning.database import new_id
from rådgivning.fakta.models import Faktum
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.models import Handling, Spor
from rådgivning.sundhedstjek import sessions
from rådgivning.sundhedstjek.models import Sundhedstjek, SundhedstjekFremmøde
from tests.conftest import Klient

Klienter = Callable[[Rolle | None], Klient]


@pytest.fixture
def rådgiver(klient: Klienter) -> Klient:
    return klient(Rolle.BEBOERRÅDGIVER)


def tjek(**ændret: Any) -> dict[str, Any]:
    """The fields of the form, with a form id of their own."""
    felter = {
        "dato": "2026-11-18",
        "sted": "vejleåparken",
        "tema": "søvn",
        "temamøde": "ja",
        "titel": "Sov godt",
        "antal_18-24": "2",
        "antal_65+": "11",
        "brobygninger": "3",
    }
    return {"formular_id": str(new_id()), **felter, **ændret}


def fakta(kontekst: Nøglekontekst) -> dict[str, tuple[str, str, str, int]]:
    with Session(kontekst.engine) as session:
        rows = session.exec(select(Faktum).where(Faktum.enhed == "fremmøde")).all()
        return {f.aldersgruppe: (f.måned, f.sted, f.tema, f.antal) for f in rows}


def antal(kontekst: Nøglekontekst, model: type[Any]) -> int:
    with Session(kontekst.engine) as session:
        return len(session.exec(select(model)).all())


def en(kontekst: Nøglekontekst) -> Sundhedstjek:
    with Session(kontekst.engine) as session:
        return session.exec(select(Sundhedstjek)).one()


def test_a_session_gives_one_fact_for_each_age_group_that_came(rådgiver: Klient, kontekst: Nøglekontekst) -> None:
    siden = rådgiver.get("/sundhedstjek/ny").text
    assert siden.count('name="antal_') == 7
    for person in ('name="navn"', 'name="telefon"', "data-søg"):
        assert person not in siden
    felter = tjek()
    for _ in range(2):
        assert rådgiver.send("/sundhedstjek/ny", felter).status_code == 303
    assert fakta(kontekst) == {
        "18-24": ("2026-11", "vejleåparken", "søvn", 2),
        "65+": ("2026-11", "vejleåparken", "søvn", 11),
    }
    with Session(kontekst.engine) as session:
        for faktum in session.exec(select(Faktum)).all():
            assert (faktum.pseudonym, faktum.aktivitet, faktum.afdeling) == (None, "sundhedstjek", "")
    listen = rådgiver.get("/sundhedstjek").text
    assert "onsdag den 18. november 2026" in listen
    assert "temamøde: Sov godt" in listen
    assert ">13<" in listen


def test_a_correction_rewrites_adds_and_removes_facts(rådgiver: Klient, kontekst: Nøglekontekst) -> None:
    rådgiver.send("/sundhedstjek/ny", tjek())
    url = f"/sundhedstjek/{en(kontekst).id}"
    siden = rådgiver.get(url).text
    assert 'value="11"' in siden
    assert "Ingen navne: titlen er ikke forseglet." in siden
    ændret = {"dato": "2026-10-28", "antal_18-24": "0", "antal_65+": "12", "antal_ukendt": "1", "temamøde": "nej"}
    assert rådgiver.send(url, tjek(version="1", **ændret)).status_code == 303
    assert fakta(kontekst) == {
        "65+": ("2026-10", "vejleåparken", "søvn", 12),
        "ukendt": ("2026-10", "vejleåparken", "søvn", 1),
    }
    assert antal(kontekst, SundhedstjekFremmøde) == 2
    assert (en(kontekst).titel, en(kontekst).version) == ("", 2)


def test_deleting_needs_a_reason_and_takes_the_facts_along(rådgiver: Klient, kontekst: Nøglekontekst) -> None:
    rådgiver.send("/sundhedstjek/ny", tjek())
    url = f"/sundhedstjek/{en(kontekst).id}/slet"
    assert "forsvinder" in rådgiver.get(url).text
    assert rådgiver.send(url, {"grund": "derfor"}).status_code == 422
    assert rådgiver.send(url, {"grund": "aflyst"}).status_code == 303
    assert antal(kontekst, Sundhedstjek) == antal(kontekst, SundhedstjekFremmøde) == antal(kontekst, Faktum) == 0
    with Session(kontekst.engine) as session:
        query = select(Spor.anledning).where(Spor.handling == Handling.SLETTET, Spor.genstand == "sundhedstjek")
        assert session.exec(query).all() == ["aflyst"]
    assert rådgiver.get(url).status_code == 404


@pytest.mark.parametrize(
    ("felter", "besked"),
    [
        ({"dato": ""}, "Skriv datoen."),
        ({"dato": "31.02.2026"}, "findes ikke i kalenderen"),
        ({"dato": "2026-11-21"}, "Fremmødet skrives ind, når dagen er gået."),
        ({"dato": "2028-11-21"}, "for langt fra i dag"),
        ({"dato": "1926-11-18"}, "for langt fra i dag"),
        ({"sted": "månen"}, "Vælg en af mulighederne"),
        ({"tema": ""}, "Vælg temaet."),
        ({"antal_65+": "-1"}, "Tallet skal ligge mellem 0 og 500."),
        ({"antal_65+": "501"}, "Tallet skal ligge mellem 0 og 500."),
        ({"antal_65+": "2,5"}, "Skriv et helt tal"),
        ({"antal_65+": "mange"}, "Skriv et tal"),
        ({"titel": "Talte med 010190-1234"}, "ligner et CPR-nummer"),
        ({"titel": "x" * 81}, "der er plads til 80"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_all_that_was_typed_is_kept(
    rådgiver: Klient, kontekst: Nøglekontekst, felter: dict[str, str], besked: str
) -> None:
    svar = rådgiver.send("/sundhedstjek/ny", tjek(**{"antal_40-49": "17", **felter}))
    assert svar.status_code == 422
    assert besked in svar.text
    assert 'value="17"' in svar.text
    assert antal(kontekst, Sundhedstjek) == antal(kontekst, Faktum) == 0


def test_a_coming_session_is_planned_without_heads(rådgiver: Klient, kontekst: Nøglekontekst) -> None:
    svar = rådgiver.send(
        "/sundhedstjek/ny", tjek(**{"dato": "2026-12-02", "antal_18-24": "", "antal_65+": "", "brobygninger": ""})
    )
    assert svar.status_code == 303
    assert fakta(kontekst) == {}
    assert "Planlagt" in rådgiver.get("/sundhedstjek").text


def test_of_two_who_correct_at_once_the_second_keeps_what_she_typed(rådgiver: Klient, kontekst: Nøglekontekst) -> None:
    rådgiver.send("/sundhedstjek/ny", tjek())
    url = f"/sundhedstjek/{en(kontekst).id}"
    assert rådgiver.send(url, tjek(version="1", **{"antal_65+": "12"})).status_code == 303
    svar = rådgiver.send(url, tjek(version="1", **{"antal_65+": "13"}))
    assert svar.status_code == 409
    assert 'value="13"' in svar.text
    assert fakta(kontekst)["65+"][3] == 12
    version = re.search(r'name="version"[^>]*value="(\d+)"', svar.text)
    assert version is not None
    assert rådgiver.send(url, tjek(version=version[1], **{"antal_65+": "13"})).status_code == 303
    assert fakta(kontekst)["65+"][3] == 13


def test_a_draft_is_offered_and_gone_when_saved(rådgiver: Klient) -> None:
    rådgiver.send("/kladde?formular=/sundhedstjek/ny", tjek(titel="Kun en kladde"))
    assert "Kun en kladde" in rådgiver.get("/sundhedstjek/ny").text
    rådgiver.send("/sundhedstjek/ny", tjek())
    assert "Kun en kladde" not in rådgiver.get("/sundhedstjek/ny").text


def test_the_list_is_by_date_and_has_pages(rådgiver: Klient, db: Session) -> None:
    for dag in range(1, 27):
        sessions.opret_tjek(db, sessions.TjekData(date(2026, 10, dag), "vejleåparken", "mad", fremmøde={"65+": dag}))
    db.commit()
    første, anden = (rådgiver.get(f"/sundhedstjek?side={n}").text for n in (1, 2))
    assert første.index("26. oktober") < første.index("2. oktober 2026")
    assert "den 1. oktober" in anden
    assert "den 1. oktober" not in første


def test_only_the_beboerrådgiver_comes_in(klient: Klienter) -> None:
    for rolle in (Rolle.EJENDOMSDRIFT, Rolle.INKASSO, Rolle.LEDER, Rolle.DATABESKYTTELSE):
        hvem = klient(rolle)
        assert hvem.get("/sundhedstjek").status_code == 403
        assert hvem.send("/sundhedstjek/ny", tjek()).status_code == 403


def test_what_is_not_there_cannot_be_corrected_or_deleted(db: Session) -> None:
    data = sessions.TjekData(date(2026, 11, 18), "vejleåparken", "mad")
    with pytest.raises(IkkeFundet):
        sessions.ret_tjek(db, uuid.uuid4(), data, 1)
    with pytest.raises(IkkeFundet):
        sessions.slet_tjek(db, uuid.uuid4(), sessions.Slettegrund.FEJL)
