"""The page of figures and its downloads."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.spor.models import Handling, Spor
from rådgivning.statistik import protection
from rådgivning.statistik.declared import standard
from rådgivning.statistik.rounding import RundingFejl
from tests.conftest import Klient, Personale
from tests.statistik.cases import fakta, gem

Indlogget = Callable[[Rolle | None], Klient]
kun_sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def leder(db: Session, personale: Personale, klient: Indlogget) -> Klient:
    """A signed-in leder with a year of facts."""
    gem(db, personale.helhedsplan.id, fakta(250))
    return klient(Rolle.LEDER)


@kun_sqlite
def test_each_table_is_shown_as_a_chart_and_a_table_with_the_sentence_of_protection(leder: Klient) -> None:
    page = leder.get("/statistik").text
    assert page.count('role="img"') == page.count('<details class="foldud"') == len(standard())
    assert page.count("Tallene er afrundet op eller ned til 0, 5, 10 og så videre") == len(standard())
    assert "Kontakter efter hovedemne og aldersgruppe" in page
    assert "Udsættelser på baggrund af restance i AAB 55" in page
    assert 'value="2026" selected' in page
    assert "style=" not in page


@kun_sqlite
def test_quarters_and_plan_years_can_be_chosen(leder: Klient) -> None:
    assert "marts 2026" in leder.get("/statistik?periode=2026-K1").text
    page = leder.get("/statistik?periode=planår-1").text
    assert "nov. 2025 – jan. 2026" in page
    assert "årsskifte" in page


@kun_sqlite
def test_an_unknown_period_or_format_is_not_found(leder: Klient) -> None:
    for url in (
        "/statistik?periode=1999",
        "/statistik?periode=x",
        "/statistik/hent/1999.csv",
        "/statistik/hent/2026.doc",
    ):
        assert leder.get(url).status_code == 404


@kun_sqlite
def test_without_facts_the_page_says_so(klient: Indlogget) -> None:
    page = klient(Rolle.LEDER).get("/statistik").text
    assert "Ingen tal i perioden" in page
    assert 'role="img"' not in page


@kun_sqlite
@pytest.mark.parametrize("rolle", [rolle for rolle in Rolle if rolle is not Rolle.LEDER])
def test_only_the_leder_gets_figures(klient: Indlogget, rolle: Rolle) -> None:
    client = klient(rolle)
    assert client.get("/statistik").status_code == 403
    assert client.get("/statistik/hent/2026.json").status_code == 403


def test_a_download_is_the_release_and_leaves_a_trace(leder: Klient, db: Session) -> None:
    answer = leder.get("/statistik/hent/2026.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=tal-2026.json"
    assert json.loads(answer.data)["known_rule"] == {"method": "controlled-rounding", "base": 5}
    assert leder.get("/statistik/hent/2026.json").data == answer.data
    entries = db.exec(select(Spor).where(Spor.handling == Handling.EKSPORTERET)).all()
    assert [(entry.rolle, entry.anledning) for entry in entries] == [("leder", "json")] * 2


@kun_sqlite
def test_figures_that_cannot_be_protected_are_not_shown(leder: Klient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RundingFejl("out of time")

    monkeypatch.setattr(protection, "lav_system", fail)
    page = leder.get("/statistik")
    assert page.status_code == 200
    assert "kunne ikke beskyttes" in page.text
    assert 'role="img"' not in page.text
    answer = leder.get("/statistik/hent/2026.xlsx")
    assert answer.status_code == 409
    assert "kunne ikke beskyttes" in answer.text
