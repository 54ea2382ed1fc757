"""`tjek` finds every way of touching the trail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from sqlmodel import Session, col, delete, select, update

from rådgivning.adgang.permissions import Rolle
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.chain import entry_mac, head_seal
from rådgivning.spor.check import BATCH, tjek
from rådgivning.spor.models import Handling, Spor, SporHoved, SporNævnt
from rådgivning.spor.trail import Aktør, skriv
from tests.conftest import Personale
from tests.limit import vent_på

pytestmark = pytest.mark.usefixtures("som_ejer")


@pytest.fixture
def plan(personale: Personale) -> str:
    """The chain of the helhedsplan."""
    return str(personale.helhedsplan.id)


@pytest.fixture
def skrevet(db: Session) -> Session:
    """A Session whose chain has six different entries."""
    for number in range(6):
        skriv(
            db,
            Handling.ÅBNET,
            "beboer",
            [uuid.uuid4()],
            beboere=[uuid.uuid4()],
            anledning="vis",
            detaljer={"antal": number},
        )
    db.commit()
    return db


def brud(session: Session) -> list[tuple[str, int]]:
    """Where the trail is broken."""
    return [(b.kæde, b.nr) for b in tjek(session, session.info["audit_key"])]


def test_an_untouched_trail_holds(skrevet: Session) -> None:
    seen: list[int] = []
    assert tjek(skrevet, skrevet.info["audit_key"], seen.append) == []
    assert seen[-1] >= 6


FIELDS: dict[str, Callable[[Spor], object]] = {
    "tidspunkt": lambda e: e.tidspunkt + timedelta(microseconds=1),
    "aktør": lambda _: uuid.uuid4(),
    "rolle": lambda _: "leder",
    "handling": lambda _: "slettet",
    "genstand": lambda _: "opgave",
    "anledning": lambda e: e.anledning + " ",
    "rækker": lambda e: [*e.rækker, str(uuid.uuid4())],
    "beboere": lambda _: [],
    "enhed": lambda _: "en anden",
    "detaljer": lambda _: {"antal": 99},
    "mac": lambda e: bytes([e.mac[0] ^ 1]) + e.mac[1:],
}


def test_a_change_of_any_field_is_found(skrevet: Session, plan: str) -> None:
    assert set(FIELDS) == set(Spor.model_fields) - {"kæde", "nr"}
    for name, change in FIELDS.items():
        entry = skrevet.get_one(Spor, (plan, 3))
        before = getattr(entry, name)
        setattr(entry, name, change(entry))
        skrevet.add(entry)
        skrevet.commit()
        assert brud(skrevet) == [(plan, 3)], name
        entry = skrevet.get_one(Spor, (plan, 3))
        setattr(entry, name, before)
        skrevet.add(entry)
        skrevet.commit()
        assert brud(skrevet) == [], name


def test_a_name_taken_out_of_the_table_of_names_or_put_into_it_is_found(skrevet: Session, plan: str) -> None:
    mine = (col(SporNævnt.kæde) == plan, col(SporNævnt.nr) == 3)
    before = [row.model_dump() for row in skrevet.exec(select(SporNævnt).where(*mine)).all()]
    assert sorted(row["beboer"] for row in before) == [False, True]
    for change in (
        delete(SporNævnt).where(*mine, col(SporNævnt.beboer)),
        update(SporNævnt).where(*mine).values(læst_af=uuid.uuid4()),
        update(SporNævnt).where(*mine, col(SporNævnt.beboer)).values(om=str(uuid.uuid4())),
    ):
        skrevet.exec(change)
        skrevet.commit()
        assert brud(skrevet) == [(plan, 3)]
        skrevet.exec(delete(SporNævnt).where(*mine))
        skrevet.add_all([SporNævnt(**row) for row in before])
        skrevet.commit()
        assert brud(skrevet) == []
    skrevet.add(SporNævnt(kæde=plan, nr=99, om=str(uuid.uuid4())))
    skrevet.commit()
    assert brud(skrevet) == [(plan, 7)]


def test_a_removed_entry_is_found(skrevet: Session, plan: str) -> None:
    skrevet.exec(delete(Spor).where(col(Spor.kæde) == plan, col(Spor.nr) == 4))
    skrevet.commit()
    assert brud(skrevet) == [(plan, 4)]


def test_two_entries_that_change_places_are_found(skrevet: Session, plan: str) -> None:
    for old, new in ((2, 100), (3, 2), (100, 3)):
        skrevet.exec(update(Spor).where(col(Spor.kæde) == plan, col(Spor.nr) == old).values(nr=new))
    skrevet.commit()
    assert brud(skrevet) == [(plan, 2)]


def test_a_cut_off_tail_is_found(skrevet: Session, plan: str) -> None:
    skrevet.exec(delete(Spor).where(col(Spor.kæde) == plan, col(Spor.nr) > 4))
    skrevet.commit()
    assert brud(skrevet) == [(plan, 5)]


def test_a_tail_cut_off_together_with_a_rewritten_head_is_found(skrevet: Session, plan: str) -> None:
    skrevet.exec(delete(Spor).where(col(Spor.kæde) == plan, col(Spor.nr) > 4))
    head = skrevet.get_one(SporHoved, plan)
    head.nr, head.mac = 4, skrevet.get_one(Spor, (plan, 4)).mac
    skrevet.add(head)
    skrevet.commit()
    assert brud(skrevet) == [(plan, 4)]


def test_entries_of_another_key_are_found_and_the_right_one_is_needed(skrevet: Session, plan: str) -> None:
    assert brud(skrevet) == []
    assert {b.nr for b in tjek(skrevet, bytes(32))} == {1}
    last = skrevet.get_one(SporHoved, plan)
    forged = Spor(
        kæde=plan,
        nr=last.nr + 1,
        tidspunkt=skrevet.get_one(Spor, (plan, 1)).tidspunkt,
        handling="åbnet",
        genstand="beboer",
        rækker=[],
        beboere=[],
        detaljer={},
        mac=b"",
    )
    forged.mac = entry_mac(bytes(32), last.mac, forged)
    number, mac = forged.nr, forged.mac
    skrevet.add(forged)
    skrevet.commit()
    assert brud(skrevet) == [(plan, number)]
    head = skrevet.get_one(SporHoved, plan)
    head.nr, head.mac = number, mac
    head.segl = head_seal(bytes(32), head)
    skrevet.add(head)
    skrevet.commit()
    assert brud(skrevet) == [(plan, number)]


def test_a_missing_head_and_a_missing_chain_are_found(skrevet: Session, plan: str) -> None:
    skrevet.exec(delete(SporHoved).where(col(SporHoved.kæde) == plan))
    skrevet.commit()
    assert brud(skrevet) == [(plan, 1)]
    skrevet.exec(delete(Spor).where(col(Spor.kæde) == plan))
    skrevet.commit()
    assert brud(skrevet) == [(plan, 1)]


def test_a_missing_system_chain_is_found(skrevet: Session) -> None:
    skrevet.exec(delete(Spor).where(col(Spor.kæde) == "system"))
    skrevet.exec(delete(SporHoved).where(col(SporHoved.kæde) == "system"))
    skrevet.commit()
    assert brud(skrevet) == [("system", 1)]


def test_an_entry_of_one_chain_does_not_fit_into_another(skrevet: Session, plan: str) -> None:
    other = Aktør(uuid.uuid4(), "leder", uuid.uuid4())
    skrevet.info["aktør"] = other
    skriv(skrevet, Handling.ÅBNET, "plan")
    skrevet.commit()
    skrevet.exec(delete(Spor).where(col(Spor.kæde) == plan, col(Spor.nr) == 1))
    skrevet.exec(update(Spor).where(col(Spor.kæde) == str(other.helhedsplan_id)).values(kæde=plan))
    skrevet.commit()
    assert (plan, 1) in brud(skrevet)


def test_a_chain_longer_than_a_batch_is_walked_to_its_end(skrevet: Session, plan: str) -> None:
    for _ in range(BATCH):
        skriv(skrevet, Handling.ÅBNET, "beboer")
    skrevet.commit()
    assert brud(skrevet) == []
    skrevet.exec(update(Spor).where(col(Spor.kæde) == plan, col(Spor.nr) == BATCH + 5).values(rolle="leder"))
    skrevet.commit()
    assert brud(skrevet) == [(plan, BATCH + 5)]


def test_writers_at_once_leave_one_unbroken_chain(kontekst: Nøglekontekst, personale: Personale, plan: str) -> None:
    each = 15
    errors: list[object] = []

    def write(rolle: Rolle) -> None:
        try:
            for number in range(each):
                with kontekst.session(personale.aktør(rolle)) as session:
                    skriv(session, Handling.ÅBNET, "beboer", detaljer={"nr": number})
                    session.commit()
        except Exception as error:  # noqa: BLE001 (shown by the assertion below)
            errors.append(error)

    def check() -> None:
        with kontekst.session(Aktør()) as session:
            errors.extend(tjek(session, kontekst.audit_key))

    threads = [Thread(target=write, args=(rolle,)) for rolle in Rolle] + [Thread(target=check)]
    for thread in threads:
        thread.start()
    vent_på(threads)
    with kontekst.session(Aktør()) as session:
        entries = session.exec(select(Spor).where(Spor.kæde == plan)).all()
        assert errors == []
        assert sorted(e.nr for e in entries) == list(range(1, each * len(Rolle) + 1))
        assert tjek(session, kontekst.audit_key) == []
