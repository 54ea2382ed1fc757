"""Loading a plan into either database: once, again, changed; and what became of its keys."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.database import på_tværs
from rådgivning.plan import lister, plans
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import PLANER, alle_planer, indlæs, plan
from rådgivning.plan.reader import PlanFejl
from rådgivning.plan.schema import Listenavn
from rådgivning.spor.models import Spor

ISHØJ = PLANER / "ishøj-2025.toml"
TEXT = ISHØJ.read_text("utf-8")
JURA = 'jura = "Jura"\n'


def _load(session: Session, folder: Path, text: str) -> Helhedsplan:
    path = folder / "ishøj-2025.toml"
    path.write_text(text, "utf-8")
    row = indlæs(session, path)
    session.commit()
    return row


def _ishøj(session: Session) -> Helhedsplan:
    return session.exec(select(Helhedsplan).where(Helhedsplan.nøgle == "ishøj-2025")).one()


def test_the_same_plan_again_changes_nothing(db: Session) -> None:
    before = _ishøj(db)
    known = (before.id, before.version, before.indlæst)
    again = indlæs(db, ISHØJ)
    assert (again.id, again.version, again.indlæst) == known
    assert len(alle_planer(db)) == 1


def test_the_plan_comes_back_as_it_was_written(db: Session) -> None:
    value = plan(db, _ishøj(db).id)
    assert value.helhedsplan.fra == date(2025, 11, 1)
    assert str(value.indikator["isoleret"].baseline.værdi) == "7.8"  # type: ignore[union-attr]
    assert next(iter(value.liste[Listenavn.ART])) == "en_til_en"


def test_it_is_read_again_only_when_it_has_changed(db: Session, tmp_path: Path) -> None:
    key = _ishøj(db).id
    first = plan(db, key)
    assert plan(db, key) is first
    _load(db, tmp_path, TEXT.replace(JURA, 'jura = "Juridisk afdeling"\n'))
    assert plan(db, key) is not first
    assert lister.etiket(db, key, "henvisningskilde", "jura") == "Juridisk afdeling"


def test_a_change_is_a_new_version_in_the_trail(db: Session, tmp_path: Path) -> None:
    row = _load(db, tmp_path, TEXT.replace(JURA, 'jura = "Juridisk afdeling"\n'))
    assert row.version == 2
    entry = db.exec(select(Spor).where(Spor.genstand == "helhedsplan", Spor.handling == "ændret")).one()
    assert entry.rækker == [str(row.id)]


def test_a_comment_alone_is_no_new_version(db: Session, tmp_path: Path) -> None:
    assert _load(db, tmp_path, "# rettet\n" + TEXT).version == 1


def test_a_key_that_left_the_file_is_retired_but_stays_valid_for_old_rows(db: Session, tmp_path: Path) -> None:
    key = _load(db, tmp_path, TEXT.replace(JURA, "")).id
    chosen = dict(lister.valg(db, key, "henvisningskilde"))
    assert "jura" not in chosen
    assert lister.etiket(db, key, "henvisningskilde", "jura") == "Jura"
    earlier = database.today() - timedelta(days=1)
    assert ("jura", "Jura") in lister.valg(db, key, "henvisningskilde", på_dato=earlier)
    assert ("jura", "Jura") in lister.valg(db, key, "henvisningskilde", også={"jura"})
    assert not lister.er_gyldig(db, key, "henvisningskilde", "jura")
    assert lister.er_gyldig(db, key, "henvisningskilde", "jura", earlier)


def test_a_retired_key_stays_retired_on_its_day_and_cannot_become_something_else(db: Session, tmp_path: Path) -> None:
    key = _load(db, tmp_path, TEXT.replace(JURA, "")).id
    retired = plan(db, key).liste[Listenavn.HENVISNINGSKILDE]["jura"].til
    database.clock.read = lambda: datetime(2027, 3, 1, 12, tzinfo=UTC)
    assert _load(db, tmp_path, "# senere\n" + TEXT.replace(JURA, "")).version == 2
    assert plan(db, key).liste[Listenavn.HENVISNINGSKILDE]["jura"].til == retired
    with pytest.raises(PlanFejl, match="må ikke bruges om andet"):
        _load(db, tmp_path, TEXT.replace(JURA, 'jura = "Juletræsfest"\n'))
    assert _load(db, tmp_path, TEXT).version == 3
    assert lister.er_gyldig(db, key, "henvisningskilde", "jura")


def test_an_activity_that_left_the_file_keeps_its_name(db: Session, tmp_path: Path) -> None:
    head = TEXT.index('[aktivitet."cykelværestedet"]')
    key = _load(db, tmp_path, TEXT[:head] + TEXT[TEXT.index('["optælling"') :]).id
    assert lister.etiket(db, key, "aktivitet", "cykelværestedet") == "CykelVærestedet"
    assert "cykelværestedet" not in dict(lister.valg(db, key, "aktivitet"))


def test_another_plan_stands_beside_the_first(db: Session, tmp_path: Path) -> None:
    with på_tværs(db):
        other = _load(db, tmp_path, TEXT.replace('id = "ishøj-2025"', 'id = "prøve-2025"'))
    assert [row.nøgle for row in alle_planer(db)] == ["ishøj-2025", "prøve-2025"]
    assert plan(db, other.id).helhedsplan.id == "prøve-2025"


def test_a_faulty_file_changes_nothing(db: Session, tmp_path: Path) -> None:
    with pytest.raises(PlanFejl):
        _load(db, tmp_path, TEXT.replace('etiket = "AAB 55"', "etiket = 55"))
    assert _ishøj(db).version == 1


def test_a_file_that_is_not_there_or_far_too_big_is_told(db: Session, tmp_path: Path) -> None:
    with pytest.raises(PlanFejl, match="findes ikke"):
        indlæs(db, tmp_path / "væk.toml")
    big = tmp_path / "stor.toml"
    big.write_bytes(b"#" * 2_000_001)
    with pytest.raises(PlanFejl, match="for stor"):
        indlæs(db, big)


def test_an_unknown_plan_is_not_found(db: Session) -> None:
    with pytest.raises(IkkeFundet):
        plan(db, uuid.uuid4())


def test_the_cache_of_plans_does_not_grow_without_end(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    value = plan(db, _ishøj(db).id)
    kept = {(uuid.uuid4(), 1, ""): value, (uuid.uuid4(), 1, "x"): value}
    monkeypatch.setattr(plans, "_read", kept)
    monkeypatch.setattr(plans, "_MOST_KEPT", 2)
    assert plan(db, _ishøj(db).id) == value
    assert len(kept) == 1
