"""The leder's own cross tables: composing, limits, and how they come into the figures."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.statistik import own_tables
from rådgivning.statistik.models import EgenTabel
from rådgivning.statistik.release import beskyttet
from tests.conftest import Klient, Personale
from tests.statistik.cases import FRØ, fakta, gem

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)  # solver and forms know no database
Indlogget = Callable[[Rolle | None], Klient]
NY = "/statistik/tabeller/ny/kontakter"


@pytest.fixture
def leder(klient: Indlogget) -> Klient:
    """A signed-in leder."""
    return klient(Rolle.LEDER)


def egne(db: Session) -> list[EgenTabel]:
    """All own tables, those taken away included."""
    db.expire_all()
    rows = list(db.exec(select(EgenTabel).order_by(EgenTabel.titel)).all())
    db.expunge_all()
    db.rollback()
    return rows


def test_a_table_is_composed_previewed_saved_listed_published_and_taken_away(
    leder: Klient, db: Session, personale: Personale
) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, fakta(80))
    before = beskyttet(db, plan, "2026", frø=FRØ)
    db.rollback()
    typed = {"dimension_1": "kilde", "dimension_2": "boligområde", "dimension_3": "tid"}
    seen = leder.send(NY, {**typed, "vis": "1"})
    assert seen.status_code == 200
    assert "celler uden summer" in seen.text
    assert 'value="boligområde" selected' in seen.text or 'selected value="boligområde"' in seen.text
    assert egne(db) == []
    assert leder.send(NY, typed).status_code == 303
    (row,) = egne(db)
    assert row.titel == "Kontakter efter henvisningskilde og boligområde og periode"
    assert row.dimensioner == list(typed.values())
    listed = leder.get("/statistik/tabeller").text
    assert row.titel in listed
    assert "De fleste celler bliver for små" in listed
    after = beskyttet(db, plan, "2026", frø=FRØ)
    assert set(after.tabeller) - set(before.tabeller) == {f"egen_{row.id.hex}"}
    assert {name: cells.items() for name, cells in after.celler.items() if name in before.celler} == {
        name: cells.items() for name, cells in before.celler.items()
    }
    assert [own.titel for own in after.egne] == [row.titel]
    assert own_tables.uden_plads(db, plan, after) == []
    db.rollback()
    away = f"/statistik/tabeller/{row.id}/fjern"
    assert "Fjern tabellen?" in leder.get(away).text
    assert leder.send(away, {}).status_code == 303
    assert leder.get(away).status_code == 404
    assert egne(db)[0].fjernet is not None
    again = beskyttet(db, plan, "2026", frø=FRØ)
    assert again.celler == before.celler
    assert row.titel not in leder.get("/statistik/tabeller").text


@pytest.mark.parametrize(
    ("enhed", "typed", "told"),
    [
        ("kontakter", {}, "Vælg, hvad rækkerne skal være."),
        ("kontakter", {"dimension_1": "art", "dimension_2": "art"}, "en til tre forskellige dimensioner"),
        ("kontakter", {"dimension_1": "afdeling", "dimension_2": "boligområde"}, "en til tre forskellige dimensioner"),
        ("kontakter", {"dimension_1": "afdeling", "dimension_2": "art"}, "Den tabel findes allerede"),
        (
            "restancesager",
            {"dimension_1": "restance_udfald", "dimension_2": "afdeling", "dimension_3": "tid"},
            "Aftalen offent",
        ),
        ("kontakter", {"dimension_1": "form", "titel": "Kontakter efter art og tid"}, "hedder det samme"),
        ("kontakter", {"dimension_1": "form", "titel": "x" * 121}, "plads til 120"),
    ],
)
def test_what_is_no_table_is_told_at_the_field_and_nothing_typed_is_lost(
    leder: Klient, db: Session, enhed: str, typed: dict[str, str], told: str
) -> None:
    answer = leder.send(f"/statistik/tabeller/ny/{enhed}", typed)
    assert answer.status_code == 422
    assert told in answer.text
    for value in typed.values():
        assert re.search(rf'(value="{value}"|>{value}<)', answer.text)
    assert egne(db) == []


def test_an_unknown_unit_or_dimension_and_other_roles_are_refused(leder: Klient, klient: Indlogget) -> None:
    assert leder.get("/statistik/tabeller/ny/katte").status_code == 404
    assert leder.send(NY, {"dimension_1": "afværget"}).status_code == 422
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert rådgiver.get("/statistik/tabeller").status_code == rådgiver.get(NY).status_code == 403


def test_there_is_a_limit_to_tables_and_to_cells(leder: Klient, db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_tables, "HØJST_TABELLER", 1)
    monkeypatch.setattr(own_tables, "HØJST_CELLER", 20)
    many = leder.send(NY, {"dimension_1": "hovedemne", "dimension_2": "kilde", "dimension_3": "tid"})
    assert (many.status_code, "højst 20 kan vises" in many.text) == (422, True)
    assert leder.send(NY, {"dimension_1": "form"}).status_code == 303
    full = leder.send(NY, {"dimension_1": "anledning"})
    assert (full.status_code, "Der kan være 1 egne tabeller" in full.text) == (422, True)
    assert "Fjern en, før du laver en ny" in leder.get("/statistik/tabeller").text
    assert len(egne(db)) == 1


def test_a_table_by_what_the_agreement_publishes_is_only_for_calendar_years(leder: Klient, db: Session) -> None:
    typed = {"dimension_1": "restance_udfald", "dimension_2": "boligområde"}
    assert leder.send("/statistik/tabeller/ny/restancesager", typed).status_code == 303
    assert [row.kun_kalenderår for row in egne(db)] == [True]
    assert "Kun for hele kalenderår" in leder.get("/statistik/tabeller").text
