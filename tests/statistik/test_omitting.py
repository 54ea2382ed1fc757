"""Releases with blanks: chosen for a whole calendar year, made when its months are closed, once and for ever."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.fakta.facts import fjern
from rådgivning.plan.plans import plan as hent_plan
from rådgivning.spor.models import Handling, Spor
from rådgivning.statistik import omitting
from rådgivning.statistik.archive import seneste_kvartal
from rådgivning.statistik.audit import Published, audit
from rådgivning.statistik.coarsening import MÅNEDER as MERGED
from rådgivning.statistik.coarsening import forslag
from rådgivning.statistik.methods import IkkeMulig, Metode, MetodeLåst, er_låst, metode_for, vælg_metode
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.plan_tables import tabeller
from rådgivning.statistik.release import beskyttet
from rådgivning.statistik.tables import i_perioden
from tests.conftest import LANG, Personale
from tests.statistik.cases import FRØ, fakta, faktum, gem

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
MÅNEDER = [f"2026-{month:02}" for month in range(1, 13)]
UDSAT = [faktum("restancesag", "2026-03", udfald="udsat", afdeling="aab55", pseudonym=b"%d" % n) for n in range(3)]


def stå(day: date) -> None:
    """Let the clock stand on a day; conftest sets it back."""
    database.clock.read = lambda: datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)


@pytest.fixture
def ids(db: Session, personale: Personale) -> list[uuid.UUID]:
    """A year of facts."""
    return gem(db, personale.helhedsplan.id, fakta(80, 1, MÅNEDER) + UDSAT)


@pytest.fixture
def plan(db: Session, personale: Personale, ids: list[uuid.UUID]) -> uuid.UUID:
    """A helhedsplan whose 2026 leaves figures out."""
    assert ids
    vælg_metode(db, personale.helhedsplan.id, "2026", Metode.UDELADELSE)
    db.commit()
    return personale.helhedsplan.id


@pytest.fixture(autouse=True)
def _kort(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for the fewest blanks is tried elsewhere (test_suppression.py); here any safe pattern will do."""
    monkeypatch.setattr(omitting, "ARBEJDE", 0)


def values(data: bytes) -> list[int | None]:
    """Every protected value."""
    tables = json.loads(data)["tables"]
    return [cell["value"] for table in tables for cell in table["cells"] if not cell.get("public")]


def test_a_quarter_a_year_and_the_quarters_between_are_safe_together_and_never_change(
    db: Session, plan: uuid.UUID, ids: list[uuid.UUID]
) -> None:
    stå(date(2026, 5, 1))
    first = beskyttet(db, plan, "2026-K1", frø=FRØ)
    assert None in values(first.data)
    assert first.indhold["known_rule"] == {"method": "suppression", "suppressed_min": 1, "threshold": 5}
    assert not first.foreløbig
    for fact in ids[:40]:
        fjern(db, fact)
    db.commit()
    stå(date(2027, 2, 1))
    whole = beskyttet(db, plan, "2026", frø=FRØ)
    later = [beskyttet(db, plan, "2026-K3", frø=FRØ)] if LANG else []
    assert beskyttet(db, plan, "2026-K1", frø=FRØ).data == first.data
    assert beskyttet(db, plan, "2026", frø=FRØ).data == whole.data
    rows = db.exec(select(Udgivelse).order_by(Udgivelse.nummer)).all()  # type: ignore[arg-type]
    assert [row.periode for row in rows] == ["2026-K1", "2026", *(release.periode.navn for release in later)]
    assert audit([Published(json.loads(row.indhold), row.stande) for row in rows], exact=False).passed
    assert whole.offentlig("udsættelser_aab55") is not None
    assert "restancesager_udfald_afdeling" not in whole.tabeller
    for third in later:  # what stands already leaves some tables no room: they are not in it, and it says so
        assert set(third.revision["uden_plads"]).isdisjoint(third.tabeller)


def test_a_period_that_has_not_ended_says_when_it_can_be_had(db: Session, plan: uuid.UUID) -> None:
    stå(date(2026, 11, 20))
    with pytest.raises(IkkeMulig) as told:
        beskyttet(db, plan, "2026", frø=FRØ)
    assert told.value.fra == date(2027, 1, 11)
    with pytest.raises(IkkeMulig) as never:
        beskyttet(db, plan, "planår-1", frø=FRØ)
    assert never.value.fra is None
    assert not db.exec(select(Udgivelse)).all()


def test_the_method_is_chosen_before_the_first_figure_and_stands_after_it(
    db: Session, plan: uuid.UUID, personale: Personale
) -> None:
    assert not er_låst(db, plan, "2026")
    stå(date(2026, 5, 1))
    beskyttet(db, plan, "2026-K1", frø=FRØ)
    assert er_låst(db, plan, "2026")
    with pytest.raises(MetodeLåst):
        vælg_metode(db, plan, "2026", Metode.AFRUNDING)
    beskyttet(db, plan, "2025", frø=FRØ)
    assert er_låst(db, plan, "2025")
    assert metode_for(db, plan, "2025").metode is Metode.AFRUNDING
    entry = db.exec(select(Spor).where(Spor.handling == Handling.ÆNDRET, Spor.genstand == "statistikmetode")).one()
    assert entry.anledning == "udeladelse"


def test_coarser_categories_that_were_chosen_give_coarser_tables(db: Session, plan: uuid.UUID) -> None:
    vælg_metode(db, plan, "2026", Metode.UDELADELSE, ["måneder", "aldersgruppe_grov"])
    db.commit()
    stå(date(2026, 5, 1))
    release = beskyttet(db, plan, "2026-K1", frø=FRØ)
    keys = [cell["key"] for table in release.indhold["tables"] for cell in table["cells"]]
    assert {key["tid"] for key in keys if "tid" in key} == {"2026-K1"}
    assert any(isinstance(key.get("aldersgruppe"), list) for key in keys)


def test_the_leder_chooses_a_year_without_figures_and_sees_when_they_come(klient: Callable[[Rolle], Any]) -> None:
    client = klient(Rolle.LEDER)
    page = client.get("/statistik/metode?år=2027").get_data(as_text=True)
    assert "Vælg for 2027" in page
    answer = client.send("/statistik/metode?år=2027", {"metode": "", "grovere": ["måneder"]})
    assert answer.status_code == 422
    assert "Vælg, hvordan tallene skal beskyttes" in answer.get_data(as_text=True)
    answer = client.send("/statistik/metode?år=2027", {"metode": "udeladelse", "grovere": ["måneder"]})
    assert answer.status_code == 303
    assert "Kvartaler i stedet for måneder" in client.get("/statistik/metode").get_data(as_text=True)
    stå(date(2027, 3, 1))
    page = klient(Rolle.LEDER).get("/statistik?periode=2027-K1").get_data(as_text=True)
    assert "tidligst den 11.04.2027" in page
    assert klient(Rolle.LEDER).get("/statistik/metode?år=1999").status_code == 404
    assert klient(Rolle.BEBOERRÅDGIVER).get("/statistik/metode").status_code == 403


def test_the_proposals_tell_what_they_cost_from_published_figures_alone_months_on_a_quarter(
    klient: Callable[[Rolle], Any], db: Session, personale: Personale, ids: list[uuid.UUID]
) -> None:
    plan, client = personale.helhedsplan.id, klient(Rolle.LEDER)
    assert "endnu ingen afrundede tal" in client.get("/statistik/metode?forslag=1").get_data(as_text=True)
    year = beskyttet(db, plan, "2026", frø=FRØ)
    shown = seneste_kvartal(db, plan, year)
    assert shown is not None
    periode, content = shown
    assert periode.navn == "2026-K3"  # the fourth has a month to come
    own = beskyttet(db, plan, "2026-K3", frø=FRØ).indhold["tables"]
    assert json.loads(json.dumps(content["tables"])) == [t for t in own if not t["name"].startswith("offentlig")]
    found = forslag(content, i_perioden(tabeller(db, plan), periode), hent_plan(db, plan), 5)
    assert all(0 <= part <= 100 for one in found for part in one.tab)
    whole, merged = found[0], next(one for one in found if one.grovere == (MERGED,))
    assert whole.grovere == ()
    assert merged.antal < whole.antal
    assert merged.tab.felter <= whole.tab.felter
    assert found[-1].grovere[-1] == MERGED  # the last proposal is all that helps
    db.rollback()
    page = client.get("/statistik/metode?forslag=1").get_data(as_text=True)
    assert "Tabt opdeling" in page
    tables = page.partition("Tab ved udeladelse: 2026")[2].partition("Tab ved udeladelse: 3. kvartal 2026")
    assert [part.count("Kvartaler i stedet for måneder") for part in tables] == [0, 0, 2]
    assert [part.count("Som nu") for part in tables] == [1, 0, 1]
    assert "Der er lavet tal for 2026" in client.get("/statistik/metode?år=2026").get_data(as_text=True)
