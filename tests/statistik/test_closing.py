"""What is published of a closed month stands: corrections, late facts, erasures and revised plans change no figure."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from rådgivning import database
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.fakta.facts import fjern
from rådgivning.fakta.models import Faktum, FrossetFaktum
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.overblik.removal import slet
from rådgivning.plan.models import Helhedsplan
from rådgivning.spor.trail import Aktør
from rådgivning.statistik.audit import Published, audit
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.release import Release, beskyttet
from rådgivning.statistik.release_words import angreb, efterslæb, metodenavn, måneder, stand
from tests.conftest import Personale
from tests.statistik.cases import FRØ, fakta, faktum, gem, kontakt

KVARTALER = ("2026-K1", "2026-K2", "2026-K3")
kun_sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def gemt(db: Session, release: Release) -> str:
    """What the database has recorded of a release."""
    return db.exec(select(Udgivelse.indhold).where(Udgivelse.id == release.id)).one()


def skru(dag: date) -> None:
    """Move the clock."""
    database.clock.read = lambda: datetime(dag.year, dag.month, dag.day, 9, 0, tzinfo=UTC)


@kun_sqlite
def test_a_release_says_all_about_itself(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, fakta(80))
    year, quarter = (beskyttet(db, personale.helhedsplan.id, name, frø=FRØ) for name in ("2026", "2026-K1"))
    assert (year.foreløbig, year.åbne) == (True, ("2026-11", "2026-12"))
    assert (quarter.foreløbig, quarter.åbne) == (False, ())
    assert stand(year).startswith("Endnu ikke lukket: november – december 2026.")
    assert stand(quarter).startswith("Alle måneder er lukket")
    assert year.sha256 == hashlib.sha256(year.data).hexdigest()
    assert (year.metode, metodenavn(year), year.plan_version) == ("controlled-rounding", "Afrunding til 5", 2)
    assert "kontakter_art_tid" in year.tabeller
    assert not any(name.startswith("offentlig_") for name in year.tabeller)
    assert year.nummer < quarter.nummer
    assert "Ingen af dem" in angreb(year)
    assert efterslæb(year) == []


def test_months_in_words_are_joined_when_they_follow_each_other() -> None:
    assert måneder(["2026-11"]) == "november 2026"
    assert måneder(["2026-11", "2026-07", "2026-12"]) == "juli 2026, november – december 2026"
    assert måneder(["2025-12", "2026-01"]) == "december 2025 – januar 2026"
    assert måneder([]) == ""


@kun_sqlite
def test_nothing_that_comes_later_changes_what_is_published_of_closed_months(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    ids = gem(db, plan, fakta(150))
    first = {name: beskyttet(db, plan, name, frø=FRØ) for name in ("2026", *KVARTALER)}
    for faktum_id in ids[:20]:
        fjern(db, faktum_id)
    late = [kontakt("2026-03", number, art="opsøgende") for number in range(900, 912)]
    road = {"udfald": "udsat", "afdeling": "aab55", "fase": "udsat", "kontaktet": "nej", "ventetid": "0-1"}
    gem(db, plan, [*late, faktum("restancesag", "2026-04", pseudonym=b"u", **road)])
    row = db.get_one(Helhedsplan, plan)
    row.version += 1
    db.add(row)
    db.commit()
    skru(date(2026, 12, 15))
    gem(db, plan, [kontakt("2026-12", number) for number in range(30, 40)])
    second = {name: beskyttet(db, plan, name, frø=FRØ) for name in ("2026", *KVARTALER)}
    for name in KVARTALER:
        assert second[name].data == first[name].data
        assert second[name].plan_version == first[name].plan_version == 2  # it keeps the version it was made under
    year, later = first["2026"], second["2026"]
    assert later.nummer > year.nummer
    assert gemt(db, year).encode() == year.data
    assert later.plan_version == 3
    cells, new = ({key: value for part in one.celler.values() for key, value in part.items()} for one in (year, later))
    closed = [key for key in cells if dict(key).get("tid") in KVARTALER]
    assert [new[key] for key in closed] == [cells[key] for key in closed]
    assert later.celle("kontakter") >= year.celle("kontakter") + 20  # type: ignore[operator]  # what came too late counts
    assert year.noter["efterregistrerede"] == 0
    assert later.noter["efterregistrerede"] in (10, 15)  # of 13 persons
    assert later.noter["rettede"] % 5 == 0
    assert len(efterslæb(later)) == 1 + bool(later.noter["rettede"])
    before = {**year.indhold, "tables": [table for table in year.indhold["tables"] if table["name"] in year.tabeller]}
    stood = db.exec(select(Udgivelse.stande).where(Udgivelse.id == year.id)).one()
    rows = db.exec(
        select(Udgivelse).where(~col(Udgivelse.periode).startswith("system-"), Udgivelse.id != year.id)
    ).all()
    all_of_them = [Published(before, stood), *(Published(json.loads(one.indhold), one.stande) for one in rows)]
    assert audit(all_of_them, exact=False).open == ()  # what the agreement publishes each time is no secret


@kun_sqlite
def test_a_handful_of_late_facts_is_not_told_of(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    ids = gem(db, plan, fakta(60))
    beskyttet(db, plan, "2026", frø=FRØ)
    fjern(db, ids[0])
    gem(db, plan, [kontakt("2026-03", number) for number in range(900, 904)])
    skru(date(2026, 12, 15))
    assert efterslæb(beskyttet(db, plan, "2026", frø=FRØ)) == []


@kun_sqlite
def test_a_provisional_release_becomes_closed_when_the_same_figures_stand(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, fakta(60))
    before = beskyttet(db, plan, "2026-K4", frø=FRØ)
    skru(date(2027, 1, 15))
    after = beskyttet(db, plan, "2026-K4", frø=FRØ)
    assert (after.id, after.data) == (before.id, before.data)
    assert (before.foreløbig, after.foreløbig) == (True, False)
    assert after.oprettet == before.oprettet < after.bekræftet


def test_when_a_resident_is_erased_no_figure_moves_her_facts_count_and_nothing_leads_back(
    db: Session, personale: Personale, kontekst: Nøglekontekst
) -> None:
    plan = personale.helhedsplan.id
    emner = ("gæld", "vold", "ydelser")
    beboere = [
        opret_beboer(db, BeboerData(navn=f"Testa Nr{n}", afdeling="aab55", aldersgruppe="30-39")).id for n in range(9)
    ]
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", form="telefon")
    for number, beboer in enumerate(beboere):
        for dag in (date(2026, 3, 2), date(2026, 11, 5)):
            log_kontakt(db, data.model_copy(update={"hovedemne": emner[number % 3]}), dato=dag, beboer_id=beboer)
        db.commit()
    first = {name: beskyttet(db, plan, name, frø=FRØ) for name in ("2026", "2026-K1")}
    code = pseudonym(db, beboere[0], 2026)
    hers = db.exec(select(Faktum.id).where(Faktum.pseudonym == code)).all()
    assert len(hers) == 2
    slet(db, beboere[0], next(iter(Slettegrund)))
    db.commit()
    for table in (Faktum, FrossetFaktum):
        rows = db.exec(select(table).where(col(table.id).in_(hers))).all()
        assert len(rows) == 2  # they still count, as one person's
        assert len({row.pseudonym for row in rows}) == 1
        assert code not in {row.pseudonym for row in db.exec(select(table)).all()}
        assert len({row.pseudonym for row in db.exec(select(table)).all()}) == 9
    for name, release in first.items():
        assert beskyttet(db, plan, name, frø=FRØ).data == release.data
        assert gemt(db, release).encode() == release.data
    with kontekst.session(Aktør()) as other:  # not even the database's own numbers tell whose they were
        if other.get_bind().dialect.name == "postgresql":
            for table_name in ("faktum", "frosset_faktum"):
                join = f"SELECT count(DISTINCT f.id) FROM {table_name} f JOIN sletning s ON f.xmin = s.xmin"
                assert other.execute(text(join)).scalar_one() in (0, 18)
    skru(date(2026, 12, 15))
    gem(db, plan, [kontakt("2026-12", number) for number in range(6)])
    beskyttet(db, plan, "2026", frø=FRØ)
    assert gemt(db, first["2026"]).encode() == first["2026"].data
