"""Facts: what may be counted, and how it is stored."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from rådgivning.fakta.facts import fjern, ret, tilføj
from rådgivning.fakta.models import Faktum
from tests.conftest import Personale


def test_a_fact_is_added_corrected_and_removed(db: Session, personale: Personale) -> None:
    plan = personale.helhedsplan.id
    faktum_id = tilføj(db, helhedsplan_id=plan, enhed="kontakt", måned="2026-03", art="opsøgende", pseudonym=b"p" * 16)
    db.commit()
    ret(db, faktum_id, art="servicebesøg", måned="2026-04")
    db.commit()
    faktum = db.exec(select(Faktum)).one()
    assert (faktum.id, faktum.art, faktum.måned, faktum.antal) == (faktum_id, "servicebesøg", "2026-04", 1)
    assert faktum.pseudonym == b"p" * 16
    fjern(db, faktum_id)
    db.commit()
    assert db.exec(select(Faktum)).all() == []


def test_a_fact_that_is_gone_is_left_alone(db: Session) -> None:
    ret(db, uuid.uuid4(), art="opsøgende")
    fjern(db, uuid.uuid4())
    db.commit()
    assert db.exec(select(Faktum)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [{"enhed": "beboer"}, {"måned": "2026-13"}, {"måned": "2026-3"}, {"måned": "2026-03-01"}, {"antal": -1}],
)
def test_what_could_never_be_counted_is_refused_without_being_quoted(
    db: Session, personale: Personale, wrong: dict[str, str]
) -> None:
    values = {"helhedsplan_id": personale.helhedsplan.id, "enhed": "kontakt", "måned": "2026-03", **wrong}
    with pytest.raises(ValueError, match="fact") as fejl:
        tilføj(db, **values)  # type: ignore[arg-type]
    assert str(next(iter(wrong.values()))) not in str(fejl.value).replace("2026-03", "")


def test_the_table_has_no_resident_no_date_and_no_order_of_insertion(db: Session) -> None:
    assert not {"beboer_id", "dato", "oprettet", "ejer_id"} & set(Faktum.model_fields)
    if db.get_bind().dialect.name == "sqlite":
        made = db.connection().execute(text("SELECT sql FROM sqlite_master WHERE name = 'faktum'")).scalar_one()
        assert "WITHOUT ROWID" in made
