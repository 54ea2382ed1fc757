"""Every period can be published, in any order, with the same figures; and a correction moves only what it concerns."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, delete, select

from rådgivning import database
from rådgivning.fakta.models import Faktum, FrossetFaktum, FrossetMåned
from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.audit import Published, audit
from rådgivning.statistik.counting import tæl
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.release import Release, beskyttet
from tests.conftest import LANG, Personale
from tests.statistik.cases import FRØ, LISTER, TABELLER, fakta, gem, periode
from tests.statistik.remembered import glem

PERIODER = [*(f"2026-K{n}" for n in range(1, 5)), "2026", "2025-K4", "2025", "planår-1", "planår-2"]
FORAN = ["2025-11", "2025-12"]
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)  # solver and attack know no database


@pytest.fixture
def plan(db: Session, personale: Personale) -> uuid.UUID:
    """A plan with facts on both sides of a New Year."""
    gem(db, personale.helhedsplan.id, fakta(120) + fakta(30, 2, FORAN))
    return personale.helhedsplan.id


def udgiv_alle(db: Session, plan: uuid.UUID, navne: list[str], frø: bytes = FRØ) -> dict[str, Release]:
    """Each period, published in this order, beginning with none."""
    for table in (Udgivelse, FrossetFaktum, FrossetMåned):
        db.exec(delete(table))
    db.commit()
    return {navn: beskyttet(db, plan, navn, frø=frø) for navn in navne}


def celler(release: Release) -> dict[str, int]:
    """Every rounded value by its key."""
    cells = [cell for table in release.indhold["tables"] for cell in table["cells"] if not cell.get("public")]
    return {json.dumps(cell["key"], sort_keys=True): cell["value"] for cell in cells}


def published(db: Session) -> list[Published]:
    """Every recorded report."""
    rows = db.exec(select(Udgivelse).order_by(col(Udgivelse.nummer))).all()
    return [Published(json.loads(row.indhold), row.stande) for row in rows if not row.periode.startswith("system-")]


@pytest.mark.lang
@pytest.mark.parametrize("nummer", range(10 if LANG else 1))
def test_the_order_of_publishing_changes_no_byte_and_refuses_nothing(db: Session, plan: uuid.UUID, nummer: int) -> None:
    frø = bytes([nummer]) * 32
    first = udgiv_alle(db, plan, PERIODER, frø)
    glem()
    other = udgiv_alle(db, plan, random.Random(nummer).sample(PERIODER, len(PERIODER)), frø)
    assert {navn: release.data for navn, release in other.items()} == {n: r.data for n, r in first.items()}


def test_all_reports_of_two_years_together_give_nobody_away_and_add_up(db: Session, plan: uuid.UUID) -> None:
    made = udgiv_alle(db, plan, PERIODER)
    result = audit(published(db), exact=False)
    assert result.strict
    assert result.open == ()
    quarters = [celler(made[f"2026-K{n}"]) for n in range(1, 5)]
    for key, value in celler(made["2026"]).items():
        dims = json.loads(key)
        if "tid" not in dims and dims["enhed"] != "beboere" and key in quarters[0]:
            assert value == sum(quarter[key] for quarter in quarters)
    total = '{"enhed": "beboere"}'
    year = celler(made["2026"])[total]
    assert max(quarter[total] for quarter in quarters) <= year <= sum(quarter[total] for quarter in quarters)


def test_the_figures_are_near_the_true_counts(db: Session, plan: uuid.UUID) -> None:
    made = udgiv_alle(db, plan, PERIODER)
    facts = fakta(120) + fakta(30, 2, FORAN)
    for navn, allowed in (("2026", 1.6), ("2026-K2", 1.6), ("planår-1", 2.0)):
        own = set(periode(navn).måneder)
        counted = tæl((fact for fact in facts if fact.måned in own), periode(navn), LISTER, TABELLER)
        off = [
            abs((made[navn].celle(**dict(key)) or 0) - count.antal)  # type: ignore[arg-type]
            for key, count in counted.celler.items()
            if len(key) == 3
        ]
        assert sum(off) / len(off) <= allowed


def test_a_correction_of_five_persons_moves_only_cells_that_count_otherwise(db: Session, plan: uuid.UUID) -> None:
    database.clock.read = lambda: datetime(2026, 6, 5, 9, 0, tzinfo=UTC)  # May has ended and is not closed yet
    before = {navn: celler(release) for navn, release in udgiv_alle(db, plan, PERIODER).items()}
    old_facts = _frozen(db)
    persons: set[bytes] = set()
    for row in db.exec(select(Faktum).where(Faktum.måned == "2026-05", Faktum.enhed == "kontakt")).all():
        if row.pseudonym and row.pseudonym not in persons and len(persons) < 5:
            persons.add(row.pseudonym)
            row.art = "opsøgende" if row.art != "opsøgende" else "en_til_en"
    db.commit()
    assert len(persons) == 5
    database.clock.read = lambda: datetime(2026, 6, 8, 9, 0, tzinfo=UTC)
    after = {navn: celler(beskyttet(db, plan, navn, frø=FRØ)) for navn in PERIODER}
    new_facts = _frozen(db)
    assert old_facts != new_facts
    for navn in ("2026", "2026-K2", "2026-K1", "2026-K3"):
        old, new = (tæl((f for f in facts if f.måned in periode(navn).måneder), periode(navn), LISTER, TABELLER).celler
                    for facts in (old_facts, new_facts))  # fmt: skip
        for key, count in old.items():
            text = json.dumps(dict(key), sort_keys=True)
            if new[key] == count and text in before[navn]:
                assert after[navn][text] == before[navn][text], (navn, key, count)
    assert after["2026-K1"] == before["2026-K1"]
    assert audit(published(db), exact=False).open == ()


def _frozen(db: Session) -> list[Fakta]:
    rows = db.exec(select(FrossetFaktum).order_by(col(FrossetFaktum.id))).all()
    return [Fakta(*(getattr(row, name) for name in Fakta._fields)) for row in rows]
