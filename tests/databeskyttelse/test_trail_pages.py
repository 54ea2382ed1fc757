"""The trail's pages: newest first, filtered, checked, and without personal data."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, select, update

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.databeskyttelse.trail_search import PÅ_EN_SIDE
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør, skriv
from tests.conftest import Klient, Personale

Klienter = Callable[[Rolle | None], Klient]


@pytest.fixture
def dpo(klient: Klienter) -> Klient:
    """The databeskyttelse user's browser."""
    return klient(Rolle.DATABESKYTTELSE)


def numre(dpo: Klient, **query: str) -> list[int]:
    """The numbers of the entries on the page, in its order."""
    svar = dpo.get("/spor", query_string=query)
    assert svar.status_code == 200
    return [int(n) for n in re.findall(r'<th scope="row">(\d+)\.', svar.text)]


def test_the_newest_entry_comes_first_and_looking_is_itself_an_entry(dpo: Klient, db: Session) -> None:
    for number in range(PÅ_EN_SIDE):
        skriv(db, Handling.ÅBNET, "beboer", [new_id()], detaljer={"nr": number})
    db.commit()
    first = numre(dpo)
    assert first == sorted(first, reverse=True)
    assert len(first) == PÅ_EN_SIDE
    second = numre(dpo, side="2")
    assert second[-1] == 1
    assert set(first).isdisjoint(second[1:])
    assert numre(dpo, side="99")[-1] == 1
    assert numre(dpo, side="vrøvl")[0] == first[0] + 3
    looked = db.exec(select(Spor).where(Spor.genstand == "spor", Spor.anledning == "se sporet")).all()
    assert len(looked) == 4


def test_entries_are_found_by_user_act_day_and_the_row_or_resident_they_touch(
    dpo: Klient, db: Session, personale: Personale
) -> None:
    beboer, række = new_id(), new_id()
    skriv(db, Handling.ÅBNET, "beboer", [beboer], beboere=[beboer], anledning="vis beboer")
    skriv(db, Handling.ÆNDRET, "kontakt", [række], beboere=[beboer])
    database.clock.read = lambda: datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    skriv(db, Handling.OPRETTET, "opgave", [new_id()])
    db.commit()
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    rådgiver = str(personale.brugere[Rolle.BEBOERRÅDGIVER].id)
    base = numre(dpo)[-4:]
    åbnet, ændret, oprettet = base[2], base[1], base[0]
    assert numre(dpo, id=str(beboer)) == [ændret, åbnet]
    assert numre(dpo, id=str(række).upper()) == [ændret]
    assert numre(dpo, bruger=rådgiver) == [oprettet, ændret, åbnet]
    assert numre(dpo, handling="oprettet", bruger=rådgiver) == [oprettet]
    assert numre(dpo, fra="2026-11-21") == [oprettet]
    assert numre(dpo, bruger=rådgiver, til="20.11.2026") == [ændret, åbnet]
    assert numre(dpo, id=str(new_id())) == []
    assert "Ingen poster passer" in dpo.get("/spor", query_string={"id": str(new_id())}).text


def test_a_filter_that_means_nothing_is_explained_and_a_name_is_none(dpo: Klient) -> None:
    for query in ({"id": "Zxq Prøvesen"}, {"fra": "31.02.2026"}, {"bruger": str(new_id())}, {"handling": "vås"}):
        svar = dpo.get("/spor", query_string=query)
        assert svar.status_code == 422
        assert "Der kan ikke søges sådan" in svar.text


def test_the_part_of_strangers_and_of_the_system_is_shown_apart(dpo: Klient, klient: Klienter) -> None:
    klient(None).get("/brugere")
    page = dpo.get("/spor?kæde=system").text
    assert "databeskyttelse.brugerliste" in page
    assert "databeskyttelse.brugerliste" not in dpo.get("/spor").text


def test_a_long_list_of_rows_is_folded_and_unknown_users_are_named_so(
    dpo: Klient, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør(new_id(), "leder", personale.helhedsplan.id)) as session:
        skriv(session, Handling.ÅBNET, "beboer", [new_id() for _ in range(10)], beboere=[uuid.UUID(int=7)])
        session.commit()
    page = dpo.get("/spor").text
    assert "og 7 til" in page
    assert "Ukendt bruger (leder)" in page
    assert str(uuid.UUID(int=7)) in page


def test_the_check_says_that_the_trail_holds_or_where_it_does_not(dpo: Klient, db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", [new_id()])
    db.commit()
    assert "Sporet er ubrudt" in dpo.send("/spor/tjek").text
    plan = db.info["aktør"].helhedsplan_id
    db.exec(update(Spor).where(col(Spor.kæde) == str(plan), col(Spor.nr) == 2).values(rolle="leder"))
    db.commit()
    svar = dpo.send("/spor/tjek")
    assert svar.status_code == 200
    assert "Sporet er brudt 1 sted." in svar.text
    assert "Post 2 er ændret" in svar.text
    checks = db.exec(select(Spor).where(Spor.anledning == "tjek kæden").order_by(col(Spor.nr))).all()
    assert [c.detaljer for c in checks] == [{"brud": 0}, {"brud": 1}]
