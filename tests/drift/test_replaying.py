"""A restore brings nothing back of who has been erased since, whichever backups and key store it is made from."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from rådgivning import database
from rådgivning.adgang.kladder import gem_kladde, hent_kladde
from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.beboere.households import opret_lejemål
from rådgivning.beboere.models import Beboer, BeboerData, Lejemål, LejemålData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.databeskyttelse.receipts import ANMODNING
from rådgivning.drift.archive import ArkivFejl
from rådgivning.drift.instance import open_instance
from rådgivning.drift.replaying import SEGLET_FOR
from rådgivning.drift.restoring import restore
from rådgivning.drift.schema import all_tables
from rådgivning.drift.snapshots import DATA, NØGLER, is_empty
from rådgivning.fakta.freezing import opdatér
from rådgivning.fakta.models import Faktum, FrossetFaktum
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote, AftaleNoteData
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import SealedRow, is_readable, open_sealed, seal
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.overblik import merging
from rådgivning.overblik.models import Sammenlægning
from rådgivning.restancer.cases import opret_sag
from rådgivning.restancer.models import RestancesagData
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from tests.conftest import DATABASER, IDAG, Personale
from tests.drift.copies import KOPI, kopi
from tests.facit import Facit

ADRESSE = "Opdigtet Allé 7"
HUN = BeboerData(navn="Zxq Prøvesen", adresse=ADRESSE, telefon="+4520121234")
PÅ_SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture(params=DATABASER)
def databasetype(request: pytest.FixtureRequest) -> str:
    """A restore works in another way on each database."""
    return str(request.param)


def slet(settings: Settings, personale: Personale, hun: uuid.UUID) -> None:
    """Erase her, as databeskyttelse does."""
    kontekst = open_instance(settings)
    with kontekst.session(systemet(personale.helhedsplan.id)) as session:
        slet_person(session, hun, ANMODNING, af=None)
        session.commit()
    kontekst.close()


@contextmanager
def åbnet(settings: Settings, personale: Personale) -> Iterator[Session]:
    """The restored instance, for the beboerrådgiver; its trail holds together."""
    kontekst = open_instance(settings)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        yield session
        session.rollback()
        assert tjek(session, kontekst.audit_key) == []
    kontekst.close()


def besøg(db: Session, personale: Personale) -> uuid.UUID:
    """A visit at her address, with a note."""
    aftale = Aftale(helhedsplan_id=personale.helhedsplan.id, ejer_id=personale.brugere[Rolle.BEBOERRÅDGIVER].id,
                    boligorganisation="aab", dato=IDAG)  # fmt: skip
    note = AftaleNote(id=aftale.id, helhedsplan_id=aftale.helhedsplan_id)
    for row, data in ((aftale, AftaleData(adresse=ADRESSE)), (note, AftaleNoteData(note="Zxqnote"))):
        seal(db, row, data)
        db.add(row)
    db.flush()
    return aftale.id


def lejemål(db: Session, nummer: str, *medlemmer: uuid.UUID, sager: tuple[uuid.UUID, ...] = ()) -> uuid.UUID:
    """A tenancy."""
    data = LejemålData(nummer=nummer, adresse=ADRESSE, boligorganisation="aab", medlemmer=[*medlemmer], sager=[*sager])
    return opret_lejemål(db, data).id


def bundet(session: Session, ids: list[uuid.UUID]) -> list[Any]:
    """The facts, live and frozen, that lead back to one of them."""
    codes = [pseudonym(session, id_, IDAG.year) for id_ in ids]
    tables: tuple[type[Faktum | FrossetFaktum], ...] = (Faktum, FrossetFaktum)
    return [f for t in tables for f in session.exec(select(t).where(col(t.pseudonym).in_(codes))).all()]


def nøgler_til(session: Session, ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Those of them whose key is there."""
    return set(session.info["keystore"].get_many(ids))


def test_what_her_erasure_destroyed_is_destroyed_in_an_older_backup_as_well(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path, db: Session
) -> None:
    hun, før, nabo = (opret_beboer(db, HUN.model_copy(update={"navn": navn})).id for navn in ("Zxq", "Zxqx", "Testa"))
    for person in (hun, før, nabo):
        Facit().kontakt(db, person)
    db.commit()
    opdatér(db, personale.helhedsplan.id, ["2026-11"], "2026-11")
    db.commit()
    merging.slå_sammen(db, new_id(), beholdt_id=hun, udgået_id=før, valg={}, versioner=(1, 1))
    now, sag = (
        database.clock.read,
        opret_sag(db, RestancesagData(navn="Zxq"), boligorganisation="aab", beboer_id=hun).id,
    )
    database.clock.read = lambda: now() + timedelta(days=31)
    merging.slet_udløbne(db, ())
    database.clock.read = now
    alene = opret_beboer(db, BeboerData(navn="Zxq Alene", adresse="Opdigtet Allé 9")).id
    hjem, delt = lejemål(db, "55-2", alene), lejemål(db, "55-1", hun, nabo, sager=(sag,))
    visit = besøg(db, personale)
    for path in (f"/kontakter/ny/{hun}", f"/restancer/{sag}", "/kontakter/ny", f"/kontakter/ny/{nabo}"):
        gem_kladde(db, path, {"notat": ["Zxqkladde"], **({"beboer_id": [str(hun)]} if path == "/kontakter/ny" else {})})
    kladder = {k.formular: k.id for k in db.exec(select(Kladde)).all()}
    db.commit()
    old = kopi(settings, tmp_path / "før")
    with_nabo = kladder.pop(f"/kontakter/ny/{nabo}")
    db.delete(db.get_one(Kladde, kladder["/kontakter/ny"]))  # saved meanwhile: nothing about it is in any log
    db.commit()
    for person in (hun, alene):
        slet(settings, personale, person)
    new = kopi(settings, tmp_path / "efter")
    assert restore(tomt, [KOPI], *old, slettet_i=[new[0]]).gentaget > 0
    with åbnet(tomt, personale) as session:
        gone = [hun, før, alene, hjem, *kladder.values()]
        assert nøgler_til(session, gone) == set()
        assert [k.id for k in session.exec(select(Kladde)).all()] == [with_nabo]
        assert hent_kladde(session, f"/kontakter/ny/{nabo}") == {"notat": ["Zxqkladde"]}
        assert bundet(session, gone) == []
        assert len(bundet(session, [nabo])) == 2
        assert session.exec(select(Sammenlægning)).all() == []
        home = open_sealed(session, session.get_one(Lejemål, delt), LejemålData, "prøve")
        assert (home.medlemmer, home.sager) == ([nabo], [])
        assert session.get(Lejemål, hjem) is None
        assert {a.id for a in session.exec(select(Aftale)).all()} == {visit}, "others live there: it waits for its time"


@PÅ_SQLITE
def test_a_booking_at_her_address_alone_goes_again(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path, db: Session
) -> None:
    hun = opret_beboer(db, HUN).id
    visit = besøg(db, personale)
    db.commit()
    old = kopi(settings, tmp_path / "før")
    slet(settings, personale, hun)
    new = kopi(settings, tmp_path / "efter")
    restore(tomt, [KOPI], *old, slettet_i=[new[0]])
    with åbnet(tomt, personale) as session:
        assert (session.get(Aftale, visit), session.get(AftaleNote, visit)) == (None, None)
        assert nøgler_til(session, [visit]) == set()


def test_beside_the_key_store_of_today_who_has_no_key_any_more_is_erased_as_well(
    personale: Personale, settings: Settings, tmp_path: Path, db: Session
) -> None:
    hun, nabo = opret_beboer(db, HUN).id, opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    for person in (hun, nabo, None):
        Facit().kontakt(db, person)
    delt, tom = lejemål(db, "55-1", hun, nabo), lejemål(db, "55-3")
    gem_kladde(db, f"/kontakter/ny/{nabo}", {"notat": ["Zxqkladde"]})
    db.commit()
    data, _keys = kopi(settings, tmp_path)
    slet(settings, personale, hun)
    db.close()
    _mist_data(settings)
    assert restore(settings, [KOPI], data, None).gentaget == 1
    with åbnet(settings, personale) as session:
        assert session.exec(select(Beboer.id)).all() == [nabo]
        assert {k.beboer_id for k in session.exec(select(Kontakt)).all()} == {nabo, None}
        assert bundet(session, [hun]) == []
        assert len(session.exec(select(Faktum)).all()) == 3
        assert hent_kladde(session, f"/kontakter/ny/{nabo}") is not None
        assert open_sealed(session, session.get_one(Lejemål, delt), LejemålData, "prøve").medlemmer == [nabo]
        assert session.get(Lejemål, tom) is not None
        with pytest.raises(Shredded):
            opret_beboer(session, HUN, hun)


def _mist_data(settings: Settings) -> None:
    """Lose the data and keep the key store."""
    if settings.database_url.startswith("sqlite"):
        for path in settings.instance.glob("raadgivning.db*"):
            path.unlink()
        return
    engine = database.make_engine(settings.ejer_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
        all_tables().drop_all(connection)
    engine.dispose()


@PÅ_SQLITE
def test_until_the_last_data_backup_is_gone_it_shows_a_number_and_no_name(
    personale: Personale, settings: Settings, tmp_path: Path, db: Session
) -> None:
    hun, nabo = opret_beboer(db, HUN).id, opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    Facit().kontakt(db, hun)
    delt = lejemål(db, "55-1", hun, nabo)
    db.commit()
    with closing(sqlite3.connect(settings.instance / "raadgivning.db")) as source:
        source.execute("VACUUM INTO ?", (str(tmp_path / "gl.db"),))
    slet(settings, personale, hun)
    kontekst = open_instance(settings)
    engine = database.make_engine(f"sqlite:///{tmp_path / 'gl.db'}")
    with replace(kontekst, engine=engine).session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as old:
        for row in (old.get_one(Beboer, hun), old.exec(select(Kontakt)).one()):
            assert not is_readable(old, row)
        assert open_sealed(old, old.get_one(Lejemål, delt), LejemålData, "prøve").medlemmer == [hun, nabo]
        assert len(bundet(old, [hun])) == 1
    engine.dispose()
    kontekst.close()


@PÅ_SQLITE
def test_a_backup_of_keys_has_no_log_of_erasures_and_is_refused_as_one(
    settings: Settings, tomt: Settings, tmp_path: Path
) -> None:
    data, keys = kopi(settings, tmp_path)
    with pytest.raises(ArkivFejl, match="kopi af nøgler, ikke af data"):
        restore(tomt, [KOPI], data, keys, slettet_i=[data, keys])
    assert is_empty(tomt.ejer_database_url, DATA)
    assert is_empty(tomt.ejer_keystore_url, NØGLER)


def test_whose_key_seals_a_row_is_read_from_its_columns_as_the_row_itself_says() -> None:
    def sealed(base: type[SealedRow]) -> Iterator[type[SealedRow]]:
        for model in base.__subclasses__():
            yield from ([model] if hasattr(model, "__table__") else [])
            yield from sealed(model)

    own = {str(model.__tablename__) for model in sealed(SealedRow) if model.person_id is not SealedRow.person_id}
    assert own == set(SEGLET_FOR)
