"""Who lives together, which cases a tenancy has, and what must never stand in clear about it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Rolle
from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData, Lejemål, LejemålData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.drift.instance import open_instance
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import MåIkkeÅbne
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import Personale


@pytest.fixture
def anden(settings: Settings, personale: Personale) -> Iterator[Session]:
    """A session of a second worker."""
    kontekst: Nøglekontekst = open_instance(settings)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        yield session
    kontekst.close()


def beboer(session: Session, navn: str = "Zxq Prøvesen", **felter: object) -> UUID:
    """A resident."""
    return opret_beboer(session, BeboerData.model_validate({"navn": navn, **felter})).id


def lejemål(session: Session, nummer: str = "55-0107-2", **felter: object) -> UUID:
    """A tenancy in aab."""
    values = {"nummer": nummer, "boligorganisation": "aab", "afdeling": "aab55", **felter}
    return households.opret_lejemål(session, LejemålData.model_validate(values)).id


def test_a_number_is_found_however_it_is_spaced_and_in_its_own_boligorganisation_alone(db: Session) -> None:
    here = lejemål(db)
    assert {households.find_lejemål(db, "aab", n) for n in ("55-0107-2", "55 0107 2", "55.0107.2 ")} == {here}
    assert households.find_lejemål(db, "vildtbanegård", "55-0107-2") is None
    assert households.find_lejemål(db, "aab", " - ") is None
    with pytest.raises(households.LejemålFindes) as taken:
        lejemål(db, "55.0107.2")
    assert taken.value.id == here
    there = households.find_eller_opret(db, boligorganisation="vildtbanegård", nummer="55-0107-2")
    assert there != here
    assert households.find_eller_opret(db, boligorganisation="aab", nummer="55 0107 2") == here
    assert set(households.alle_lejemål(db)) == {here, there}
    assert set(households.alle_lejemål(db, "aab")) == {here}
    assert households.opret_lejemål(db, LejemålData(), id=here).id == here


def test_a_resident_lives_in_one_place_and_a_case_belongs_to_one(db: Session) -> None:
    one, two = beboer(db), beboer(db, "Testa Opdigtet")
    here, there, sag = lejemål(db, medlemmer=[one, two]), lejemål(db, "55-0001-1"), new_id()
    households.knyt_sag(db, here, sag)
    db.commit()
    households.flyt_ind(db, two, there)
    households.knyt_sag(db, there, sag)
    households.knyt_sag(db, there, sag)
    assert (found := households.husstand(db, two)) is not None
    assert (found[0], found[1].medlemmer, found[1].sager) == (there, [two], [sag])
    assert households.hent_lejemål(db, here)[1].medlemmer == [one]
    assert (case := households.sagens_lejemål(db, sag)) is not None
    assert case[0] == there
    households.flyt_ud(db, two)
    households.flyt_ud(db, two)
    assert households.husstand(db, two) is None
    with pytest.raises(IkkeFundet):
        households.flyt_ind(db, new_id(), here)
    with pytest.raises(IkkeFundet):
        households.knyt_sag(db, new_id(), sag)


def test_the_last_one_out_without_a_case_destroys_the_tenancy_and_its_key(db: Session) -> None:
    one, sag = beboer(db), new_id()
    here = lejemål(db, medlemmer=[one], sager=[sag])
    db.commit()
    households.flyt_ud(db, one)
    db.commit()
    row = db.get_one(Lejemål, here)
    households.løs_sag(db, sag)
    db.commit()
    assert db.get(Lejemål, here) is None
    with pytest.raises(Shredded):
        db.info["keystore"].get(row.id if row in db else here)
    assert households.find_lejemål(db, "aab", "55-0107-2") is None
    assert db.exec(select(Spor).where(Spor.handling == Handling.SLETTET, Spor.genstand == "lejemål")).one()


def test_children_are_one_answer_for_all_who_live_there(db: Session) -> None:
    one, two = beboer(db, børn_i_husstanden=True), beboer(db, børn_i_husstanden=False)
    here = lejemål(db, medlemmer=[one, two])
    assert households.hent_lejemål(db, here)[1].børn_i_husstanden is True
    households.sæt_børn(db, here, False)
    assert households.hent_lejemål(db, here)[1].børn_i_husstanden is False


def test_two_who_are_the_same_person_live_where_either_did(db: Session) -> None:
    one, two, three = beboer(db), beboer(db), beboer(db)
    here = lejemål(db, medlemmer=[one, three])
    households.erstat_medlem(db, one, two)
    assert households.hent_lejemål(db, here)[1].medlemmer == [two, three]
    households.erstat_medlem(db, three, two)
    assert households.hent_lejemål(db, here)[1].medlemmer == [two]
    there = lejemål(db, "55-0001-1", medlemmer=[one, three])
    households.erstat_medlem(db, one, two)
    assert households.hent_lejemål(db, there)[1].medlemmer == [three]
    assert (found := households.husstand(db, two)) is not None
    assert found[0] == here
    households.erstat_medlem(db, one, two)


def test_what_is_undone_is_forgotten_and_another_worker_sees_what_stands(db: Session, anden: Session) -> None:
    one = beboer(db)
    here = lejemål(db)
    db.commit()
    assert households.find_lejemål(anden, "aab", "55-0107-2") == here
    anden.commit()
    households.flyt_ind(db, one, here)
    assert households.husstande(db).for_beboer == {one: here}
    db.rollback()
    assert households.husstande(db).for_beboer == {}
    savepoint = db.begin_nested()
    households.flyt_ind(db, one, here)
    savepoint.rollback()
    assert households.husstande(db).for_beboer == {}
    there = lejemål(db, "55-0001-1")
    assert households.find_lejemål(db, "aab", "55-0001-1") == there
    db.commit()
    households.flyt_ind(db, one, here)
    households.ret_lejemål(db, here, nummer="55-0107-3", adresse="Opdigtet Allé 7", afdeling="aab55")
    with pytest.raises(households.LejemålFindes):
        households.ret_lejemål(db, here, nummer="55-0001-1", adresse="", afdeling="")
    db.commit()
    assert households.find_lejemål(anden, "aab", "55-0107-2") is None
    assert households.find_lejemål(anden, "aab", "55-0107-3") == here
    assert households.husstande(anden).for_beboer == {one: here}
    anden.commit()
    kept = households.husstande(anden)
    assert households.husstande(anden) is kept


def test_other_roles_may_not_look_even_when_the_picture_stands_in_memory(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    lejemål(db)
    db.commit()
    households.husstande(db)
    db.commit()
    for rolle in set(Rolle) - {Rolle.BEBOERRÅDGIVER}:
        with kontekst.session(personale.aktør(rolle)) as session, pytest.raises(MåIkkeÅbne):
            households.find_lejemål(session, "aab", "55-0107-2")


def test_no_column_and_no_entry_of_the_trail_ties_a_resident_to_a_tenancy(db: Session) -> None:
    one = beboer(db)
    here = lejemål(db, medlemmer=[one], sager=[new_id()])
    households.husstand(db, one)
    db.commit()
    for entry in db.exec(select(Spor)).all():
        assert not (str(here) in entry.rækker and str(one) in [*entry.rækker, *entry.beboere])
    columns = db.execute(text('SELECT * FROM "lejemål"')).one()._mapping
    assert set(columns) == {"id", "helhedsplan_id", "sealed", "version"}
    assert one.bytes not in bytes(columns["sealed"])
    assert str(one).encode() not in bytes(columns["sealed"])
