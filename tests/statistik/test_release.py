"""Releases: what leaves, how it is recorded, and how one release binds the next."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session, func, select

from rådgivning import database
from rådgivning.fakta.facts import fjern
from rådgivning.fakta.models import Faktum
from rådgivning.plan.plans import plan as læs_plan
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.statistik import protection, release
from rådgivning.statistik.adding import lav_system
from rådgivning.statistik.audit import AuditResult, Published, Verdict, audit
from rådgivning.statistik.display import visninger
from rådgivning.statistik.labels import Etiketter
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.periods import UkendtPeriode
from rådgivning.statistik.protection import cell_key
from rådgivning.statistik.release import IkkeBeskyttet, Release, beskyttet, udgiv
from rådgivning.statistik.rounding import RundingFejl
from rådgivning.statistik.tables import liste, nøgle
from tests.conftest import Personale
from tests.statistik.cases import FRØ, fakta, faktum, gem, kontakt
from tests.statistik.remembered import glem

UDSAT = [faktum("restancesag", "2026-03", udfald="udsat", afdeling="aab55", pseudonym=b"%d" % n) for n in range(3)]
kun_sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def plan(db: Session, personale: Personale) -> Any:
    """A helhedsplan with a year of facts."""
    gem(db, personale.helhedsplan.id, fakta(300) + fakta(60, 2, ["2025-11", "2025-12"]) + UDSAT)
    return personale.helhedsplan.id


def celler(release: Release) -> dict[str, int]:
    """Every rounded value by its key."""
    return {
        json.dumps(cell["key"], sort_keys=True): cell["value"]
        for table in release.indhold["tables"]
        for cell in table["cells"]
        if not cell.get("public")
    }


def gemte(db: Session) -> list[Udgivelse]:
    """The recorded reports in order."""
    rows = db.exec(select(Udgivelse).order_by(Udgivelse.nummer)).all()  # type: ignore[arg-type]
    return [row for row in rows if not row.periode.startswith("system-")]


def alle(db: Session) -> list[Published]:
    """The newest release of each period, as the attacker sees them."""
    newest = {row.periode: row for row in gemte(db)}
    return [Published(json.loads(row.indhold), row.stande) for row in newest.values()]


@kun_sqlite
def test_a_release_has_the_agreed_form_and_adds_up(db: Session, plan: Any) -> None:
    content = beskyttet(db, plan, "2026", frø=FRØ).indhold
    assert list(content) == ["tables", "dims", "known_rule"]
    assert content["known_rule"] == {"method": "controlled-rounding", "base": 5}
    for table in content["tables"]:
        assert set(table) == {"name", "cells"}
        values = {cell_key(cell["key"]): cell["value"] for cell in table["cells"]}
        names = sorted({name for key in values for name, _value in key if name != "enhed"})
        if table["name"].startswith("offentlig"):
            continue
        for key, value in values.items():
            assert value % 5 == 0
            open_dims = [name for name in names if name not in dict(key)]
            if open_dims:
                name = open_dims[0]
                categories = {dict(own)[name] for own in values if name in dict(own)}
                gathered = [one for category in categories for one in liste(category)]
                assert sorted(gathered) == sorted(content["dims"][name])
                assert value == sum(values[nøgle(**{**dict(key), name: one})] for one in categories)  # type: ignore[arg-type]


def test_the_same_release_again_is_the_same_bytes_and_recorded_once(db: Session, plan: Any) -> None:
    first = beskyttet(db, plan, "2026", frø=FRØ)
    again = beskyttet(db, plan, "2026", frø=FRØ)
    assert again.data == first.data
    (row,) = gemte(db)
    assert row.indhold.encode() == first.data
    assert row.revision["EXACT"] == row.revision["SMALL"] == row.revision["NARROW"] == 0
    assert row.nøgle_id not in FRØ.hex()


@kun_sqlite
def test_the_same_facts_give_the_same_bytes_in_a_database_without_releases(db: Session, plan: Any) -> None:
    first = beskyttet(db, plan, "2026", frø=FRØ)
    for row in db.exec(select(Udgivelse)).all():
        db.delete(row)
    db.commit()
    glem()
    assert beskyttet(db, plan, "2026", frø=FRØ).data == first.data


def test_the_plans_public_total_is_exact_and_told_apart(db: Session, plan: Any) -> None:
    release = beskyttet(db, plan, "2026", frø=FRØ)
    (table,) = [table for table in release.indhold["tables"] if table["name"] == "offentlig_udsættelser_aab55"]
    true = db.exec(select(func.count()).where(Faktum.udfald == "udsat", Faktum.måned >= "2026")).one()
    key = {"restance_udfald": "udsat", "afdeling": "aab55", "enhed": "restancesager"}
    assert table["cells"] == [{"key": key, "value": true, "public": True}]
    assert release.offentlig("udsættelser_aab55") == true >= 3
    assert release.celle("restancesager", restance_udfald="udsat") >= 5  # type: ignore[operator]
    assert beskyttet(db, plan, "2026-K1", frø=FRØ).offentlig("udsættelser_aab55") is None


@kun_sqlite
def test_a_public_total_that_outgrows_the_rounded_figures_raises_them(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, [row for row in fakta(100) if row.enhed != "restancesag"])
    assert beskyttet(db, plan, "2026", frø=FRØ).celle("restancesager", restance_udfald="udsat") == 0
    gem(db, plan, UDSAT)
    after = beskyttet(db, plan, "2026", frø=FRØ)
    assert after.offentlig("udsættelser_aab55") == 3
    assert after.celle("restancesager", restance_udfald="udsat") == after.celle("restancesager") == 5
    assert sum(beskyttet(db, plan, f"2026-K{n}", frø=FRØ).celle("restancesager") or 0 for n in range(1, 5)) == 5


@kun_sqlite
def test_cells_are_found_by_key_and_summed(db: Session, plan: Any) -> None:
    release = beskyttet(db, plan, "2026", frø=FRØ)
    arts = ("en_til_en", "opsøgende", "indflytningssyn", "servicebesøg")
    assert release.sum("kontakter", art=arts) == release.celle("kontakter")
    assert release.celle("kontakter", art="findes_ikke") is None
    assert release.sum("kontakter", art=("en_til_en", "findes_ikke")) is None
    assert not release.tom


@kun_sqlite
def test_a_year_its_quarters_and_the_plan_year_stand_together(db: Session, plan: Any) -> None:
    names = ["2026-K2", "2026", "planår-1", "2025"]
    made = {name: beskyttet(db, plan, name, frø=FRØ) for name in names}
    assert audit(alle(db), exact=False).passed
    assert made["2026-K2"].celle("kontakter", art="opsøgende") == made["2026"].celle(
        "kontakter", art="opsøgende", tid="2026-K2"
    )


@kun_sqlite
def test_a_correction_in_a_closed_month_changes_no_byte(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    ids = gem(db, plan, fakta(200, måneder=["2026-02", "2026-05"]))
    first = beskyttet(db, plan, "2026", frø=FRØ)
    fjern(db, ids[0])
    gem(db, plan, [kontakt("2026-02", 7777) for _ in range(9)])
    assert beskyttet(db, plan, "2026", frø=FRØ).data == first.data


def test_new_facts_of_many_persons_come_in_and_the_old_release_still_stands_beside(db: Session, plan: Any) -> None:
    first = beskyttet(db, plan, "2026", frø=FRØ)
    gem(db, plan, [fact for fact in fakta(80, 5, ["2026-11"]) if fact.enhed != "restancesag"])  # no new public total
    second = beskyttet(db, plan, "2026", frø=FRØ)
    old, new = celler(first), celler(second)
    assert second.data != first.data
    assert all(new[key] == value for key, value in old.items() if '"2026-K1"' in key)
    assert all(new[key] >= value for key, value in old.items() if '"beboere"' not in key)
    stored = gemte(db)
    assert len(stored) == 2
    assert audit([Published(json.loads(row.indhold), row.stande) for row in stored]).passed


@kun_sqlite
def test_next_month_the_same_content_is_not_recorded_again(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, fakta(200, måneder=["2026-02", "2026-05"]))
    first = beskyttet(db, plan, "2026", frø=FRØ)
    database.clock.read = lambda: datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    assert beskyttet(db, plan, "2026", frø=FRØ).data == first.data
    (row,) = gemte(db)
    assert "2026-12" in row.stande


@kun_sqlite
def test_keys_that_no_list_has_count_as_not_told_and_show_only_where_something_is_published(
    db: Session, personale: Personale
) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, fakta(200) + [kontakt("2026-02", n, art="gammel_art") for n in range(30)])
    year, other = (beskyttet(db, plan, name, frø=FRØ) for name in ("2026", "2026-K3"))
    assert year.indhold["dims"]["art"] == other.indhold["dims"]["art"]
    assert "gammel_art" not in year.indhold["dims"]["art"]
    assert year.celle("kontakter", art="uoplyst") in (25, 30, 35)
    labels = Etiketter(læs_plan(db, plan))
    shown = [{label for label, _values in visninger(r, labels)[0].rækker} for r in (year, other)]
    assert ["Ikke oplyst" in labels for labels in shown] == [True, other.celle("kontakter", art="uoplyst") != 0]


@kun_sqlite
def test_no_facts_give_an_empty_release_and_no_period_none(db: Session, personale: Personale) -> None:
    assert beskyttet(db, personale.helhedsplan.id, "2026", frø=FRØ).tom
    with pytest.raises(UkendtPeriode):
        beskyttet(db, personale.helhedsplan.id, "1999", frø=FRØ)


@kun_sqlite
def test_the_settings_threshold_and_base_are_used(db: Session, plan: Any, settings: Settings) -> None:
    db.info["settings"] = replace(settings, person_threshold=8, rounding_base=10)
    release = beskyttet(db, plan, "2026", frø=FRØ)
    assert release.indhold["known_rule"]["base"] == 10
    assert all(value % 10 == 0 for value in celler(release).values())
    assert release.revision["tærskel"] == 8


def test_what_leaves_stands_in_the_trail(db: Session, plan: Any) -> None:
    release = udgiv(db, plan, "2026", "csv", frø=FRØ)
    entry = db.exec(select(Spor).where(Spor.handling == Handling.EKSPORTERET)).one()
    assert entry.rækker == [str(release.id)]
    assert (entry.anledning, entry.detaljer) == ("csv", {"periode": "2026"})


@kun_sqlite
def test_no_transaction_is_open_while_the_solver_works(db: Session, plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    open_during: list[bool] = []
    real = lav_system

    def watching(*args: Any, **kwargs: Any) -> Any:
        open_during.append(db.in_transaction())
        return real(*args, **kwargs)

    monkeypatch.setattr(protection, "lav_system", watching)
    beskyttet(db, plan, "2026", frø=FRØ)
    assert open_during == [False]


@kun_sqlite
def test_when_the_solver_or_the_attack_fails_nothing_is_released(
    db: Session, plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RundingFejl("out of time")

    with monkeypatch.context() as patched:
        patched.setattr(protection, "lav_system", fail)
        with pytest.raises(IkkeBeskyttet, match="out of time"):
            beskyttet(db, plan, "2026", frø=FRØ)
    assert db.exec(select(Udgivelse)).all() == []


@kun_sqlite
def test_nothing_is_released_that_the_attack_comes_too_close_to(
    db: Session, plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def suspicious(released: Any, **how: Any) -> AuditResult:
        result = audit(released, **how)
        return AuditResult((replace(result.findings[0], verdict=Verdict.SMALL), *result.findings[1:]))

    monkeypatch.setattr(protection, "audit", suspicious)
    with pytest.raises(IkkeBeskyttet) as fejl:
        beskyttet(db, plan, "2026", frø=FRØ)
    assert fejl.value.revision is not None
    assert {finding.verdict for finding in fejl.value.revision.open} == {Verdict.SMALL}
    assert db.exec(select(Udgivelse)).all() == []


def test_when_another_makes_the_year_meanwhile_its_figures_are_used(
    db: Session, plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = release.beskyt
    others = iter(["2026-K1"])

    def overtaken(grundlag: Any, frø: bytes) -> Any:
        if name := next(others, None):
            beskyttet(db, plan, name, frø=frø)
        return real(grundlag, frø)

    monkeypatch.setattr(release, "beskyt", overtaken)
    made = beskyttet(db, plan, "2026", frø=FRØ)
    assert [row.periode for row in gemte(db)] == ["2026-K1", "2026"]
    assert made.celle("kontakter", tid="2026-K1") == beskyttet(db, plan, "2026-K1", frø=FRØ).celle("kontakter")


@kun_sqlite
def test_who_is_overtaken_again_and_again_gets_no_figures_rather_than_wrong_ones(
    db: Session, personale: Personale, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = personale.helhedsplan.id
    gem(db, plan, fakta(40))
    monkeypatch.setattr(release, "_FORSØG", 2)
    real, outer = release.beskyt, [True]

    def overtaken(grundlag: Any, frø: bytes) -> Any:
        if outer[0]:
            outer[0] = False
            gem(db, plan, fakta(20, len(gemte(db)), ["2026-11"]))
            beskyttet(db, plan, "2026-K1", frø=frø)
            gem(db, plan, fakta(20, 9 + len(gemte(db)), ["2026-11"]))
            outer[0] = True
        return real(grundlag, frø)

    monkeypatch.setattr(release, "beskyt", overtaken)
    with pytest.raises(IkkeBeskyttet, match="at the same time"):
        beskyttet(db, plan, "2026", frø=FRØ)
