"""The one door to plaintext: rights, traces, the four errors, and blobs that were moved between rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Rolle, hent
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.database import now, på_tværs, today
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded, Tampered
from rådgivning.nøgler.opening import MåIkkeÅbne, destroy_key, is_readable, open_many, open_sealed, open_unnamed, seal
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Adgang, Aktør, aktør
from tests.conftest import Personale


def make(db: Session, navn: str = "Zxq Prøvesen") -> Beboer:
    """A stored resident, sealed but not in the search index."""
    who = aktør(db)
    assert who.helhedsplan_id is not None
    assert who.bruger_id is not None
    row = Beboer(helhedsplan_id=who.helhedsplan_id, ejer_id=who.bruger_id, oprettet=today(), version=1)
    seal(db, row, BeboerData(navn=navn))
    db.add(row)
    db.commit()
    return row


def traces(db: Session) -> list[Spor]:
    """The entries of reads."""
    return list(db.exec(select(Spor).where(Spor.handling == Handling.ÅBNET)).all())


def test_opening_gives_the_value_and_leaves_a_trace(db: Session) -> None:
    row = make(db)
    assert open_sealed(db, row, BeboerData, "vis beboer").navn == "Zxq Prøvesen"
    db.commit()
    entry = traces(db)[-1]
    assert (entry.rækker, entry.beboere, entry.anledning) == ([str(row.id)], [str(row.id)], "vis beboer")
    assert entry.aktør == aktør(db).bruger_id


def test_a_batch_leaves_one_trace_that_names_every_row(db: Session) -> None:
    rows = [make(db, f"Testa Opdigtet {n}") for n in range(3)]
    values = open_many(db, rows, BeboerData, "liste")
    assert {values[row.id].navn for row in rows} == {f"Testa Opdigtet {n}" for n in range(3)}
    assert [set(entry.rækker) for entry in traces(db)] == [{str(row.id) for row in rows}]
    assert open_many(db, [], BeboerData, "liste") == {}


def test_building_an_index_is_traced_as_a_count(db: Session) -> None:
    rows = [make(db), make(db)]
    assert len(open_unnamed(db, rows, BeboerData)) == 2
    entry = db.exec(select(Spor).where(Spor.handling == Handling.INDEKSERET)).one()
    assert (entry.rækker, entry.detaljer) == ([], {"antal": 2})


def test_a_destroyed_key_is_shredded_and_only_that(db: Session) -> None:
    gone, stays = make(db), make(db)
    destroy_key(db, gone.id)
    db.commit()
    with pytest.raises(Shredded):
        open_sealed(db, gone, BeboerData, "vis")
    assert list(open_many(db, [gone, stays], BeboerData, "liste")) == [stays.id]
    assert (is_readable(db, gone), is_readable(db, stays)) == (False, True)


def test_a_blob_in_another_row_or_of_another_person_does_not_open(db: Session) -> None:
    first, second = make(db), make(db)
    second.sealed = first.sealed
    with pytest.raises(Tampered):
        open_sealed(db, second, BeboerData, "vis")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bit=st.integers(min_value=0))
def test_a_stored_blob_with_one_bit_changed_does_not_open(db: Session, bit: int) -> None:
    row = make(db)
    blob = bytearray(row.sealed)
    blob[bit // 8 % len(blob)] ^= 1 << bit % 8
    row.sealed = bytes(blob)
    with pytest.raises(Tampered):
        open_sealed(db, row, BeboerData, "vis")
    db.rollback()


@pytest.mark.parametrize("rolle", [r for r in Rolle if r is not Rolle.BEBOERRÅDGIVER])
def test_no_other_role_opens_a_resident(
    db: Session, kontekst: Nøglekontekst, personale: Personale, rolle: Rolle
) -> None:
    row_id = make(db).id
    db.rollback()
    with kontekst.session(personale.aktør(rolle)) as session:
        row = session.get(Beboer, row_id)
        assert row is not None
        for attempt in _attempts(session, row):
            with pytest.raises(MåIkkeÅbne):
                attempt()


def _attempts(session: Session, row: Beboer) -> list[Callable[[], object]]:
    return [
        lambda: open_sealed(session, row, BeboerData, "vis"),
        lambda: open_many(session, [row], BeboerData, "vis"),
        lambda: open_unnamed(session, [row], BeboerData),
    ]


def test_a_row_of_another_helhedsplan_does_not_open(db: Session, kontekst: Nøglekontekst) -> None:
    row_id = make(db).id
    db.rollback()
    stranger = Aktør(uuid.uuid4(), "beboerrådgiver", uuid.uuid4(), {"beboer": Adgang("alle")})
    with kontekst.session(stranger) as session:
        with på_tværs(session):  # PostgreSQL would not even show it
            row = session.get(Beboer, row_id)
        assert row is not None
        with pytest.raises(MåIkkeÅbne):
            open_sealed(session, row, BeboerData, "vis")


def _referral(db: Session, boligorganisation: str) -> uuid.UUID:
    """A stored row that belongs to a boligorganisation."""
    who = aktør(db)
    assert who.helhedsplan_id is not None
    assert who.bruger_id is not None
    row = Henvisning(
        helhedsplan_id=who.helhedsplan_id, ejer_id=who.bruger_id, boligorganisation=boligorganisation, oprettet=now()
    )
    seal(db, row, HenvisningData(navn="Zxq Prøvesen"))
    db.add(row)
    db.commit()
    return row.id


@pytest.mark.parametrize(
    ("aktørens", "rækkens", "samme_plan", "må"),
    [
        ("aab", "aab", True, True),
        ("aab", "ishøj_boligselskab", True, False),
        ("aab", "", True, False),
        ("", "", True, False),
        ("", "aab", True, False),
        ("aab", "aab", False, False),
    ],
)
def test_the_scope_of_an_organisation_opens_and_finds_its_rows_alone(
    db: Session, kontekst: Nøglekontekst, aktørens: str, rækkens: str, samme_plan: bool, må: bool
) -> None:
    row_id, plan = _referral(db, rækkens), aktør(db).helhedsplan_id
    db.rollback()
    who = Aktør(
        uuid.uuid4(),
        "ejendomsdrift",
        plan if samme_plan else uuid.uuid4(),
        {"henvisning": Adgang("organisation")},
        aktørens,
    )
    with kontekst.session(who) as session:
        with på_tværs(session):
            row = session.get(Henvisning, row_id)
        assert row is not None
        if må:
            assert open_sealed(session, row, HenvisningData, "vis").navn == "Zxq Prøvesen"
            assert hent(session, Henvisning, row_id) is row
            return
        with pytest.raises(MåIkkeÅbne):
            open_sealed(session, row, HenvisningData, "vis")
        with pytest.raises(MåIkkeÅbne):
            open_many(session, [row], HenvisningData, "vis")
        with pytest.raises(IkkeFundet):
            hent(session, Henvisning, row_id)
        session.commit()
        refused = session.exec(select(Spor).where(Spor.handling == Handling.AFVIST)).one()
        assert (refused.anledning, refused.rækker) == ("hører til et andet sted", [str(row_id)])


def test_pseudonyms_differ_by_year_and_person(db: Session) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    assert pseudonym(db, one, 2026) == pseudonym(db, one, 2026)
    assert len({pseudonym(db, p, y) for p in (one, two) for y in (2026, 2027)}) == 4
    assert len(pseudonym(db, one, 2026)) == 16


def test_two_hosts_that_make_the_same_key_end_with_one(kontekst: Nøglekontekst) -> None:
    person = uuid.uuid4()
    first = kontekst.keystore.create_many([person])[person]
    assert kontekst.keystore.get_or_create(person) == first


def test_a_key_made_by_another_host_in_the_same_moment_is_the_one_that_counts(
    kontekst: Nøglekontekst, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, store = uuid.uuid4(), kontekst.keystore
    real = store.create_many

    def slower(persons: list[uuid.UUID], _nyeste: int) -> dict[uuid.UUID, bytes]:
        theirs.update(real(persons))
        return real(persons)

    theirs: dict[uuid.UUID, bytes] = {}
    monkeypatch.setattr(store, "create_many", slower)
    assert store.get_or_create(person) == theirs[person]
