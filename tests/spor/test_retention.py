"""Old entries go, and what is left can still be checked; a head kept elsewhere finds what a stolen key hides."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, delete, func, select, update

from rådgivning import database
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor import check
from rådgivning.spor.chain import entry_mac, head_seal
from rådgivning.spor.check import tjek
from rådgivning.spor.heads import Hoved, HovedFejl, hoveder, hovedtekst, læs_hoveder
from rådgivning.spor.models import Handling, Spor, SporHoved, SporNævnt
from rådgivning.spor.retention import slet_gamle
from rådgivning.spor.trail import SYSTEM, Aktør, skriv
from tests.conftest import Personale

ÅR = 365
pytestmark = pytest.mark.usefixtures("som_ejer")


@pytest.fixture
def plan(personale: Personale) -> uuid.UUID:
    """The helhedsplan."""
    return personale.helhedsplan.id


@pytest.fixture
def gammelt(db: Session) -> Session:
    """Five entries from six years ago and five of today."""
    today = now()
    for days in (6 * ÅR, 0):
        database.clock.read = lambda days=days: today - timedelta(days=days)  # type: ignore[misc]
        for number in range(5):
            skriv(db, Handling.ÅBNET, "beboer", [uuid.uuid4()], detaljer={"nr": number})
        db.commit()
    return db


def brud(session: Session, *kendte: Hoved) -> list[tuple[str, int]]:
    """Where the trail is broken."""
    return [(b.kæde, b.nr) for b in tjek(session, session.info["audit_key"], kendte=kendte)]


def cut(session: Session, plan: uuid.UUID | None, *, højst: int = 100) -> int:
    """Delete what is over five years old."""
    gone = slet_gamle(session, plan, før=now() - timedelta(days=5 * ÅR), højst=højst)
    session.commit()
    return gone


def numbers(session: Session, kæde: object) -> list[int]:
    """The numbers that are left of a chain."""
    return list(session.exec(select(Spor.nr).where(Spor.kæde == str(kæde)).order_by(col(Spor.nr))).all())


def test_old_entries_go_in_turns_and_the_rest_still_holds(gammelt: Session, plan: uuid.UUID) -> None:
    assert cut(gammelt, plan, højst=3) == 3
    assert brud(gammelt) == []
    assert numbers(gammelt, plan)[0] == 4
    assert cut(gammelt, plan) == 2
    assert cut(gammelt, plan) == 0
    assert brud(gammelt) == []
    assert numbers(gammelt, plan) == list(range(6, 13))
    told = gammelt.exec(select(Spor).where(Spor.anledning == "slettefrist").order_by(col(Spor.nr))).all()
    assert [(entry.detaljer["antal"], entry.detaljer["til"]) for entry in told] == [(3, 3), (2, 5)]
    skriv(gammelt, Handling.ÅBNET, "beboer")
    gammelt.commit()
    assert brud(gammelt) == []


def test_a_check_that_meets_the_nights_cut_between_two_batches_raises_no_alarm(
    gammelt: Session, plan: uuid.UUID, kontekst: Nøglekontekst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "BATCH", 2)
    met: list[int] = []

    def night(seen: int) -> None:
        """The helhedsplan's own chain is walked first; after its second batch all that is old goes, in two turns."""
        met.append(seen)
        if len(met) == 2:
            with kontekst.session(Aktør()) as other:
                assert (cut(other, plan, højst=3), cut(other, plan)) == (3, 2)

    assert min(str(plan), SYSTEM) == str(plan)
    assert tjek(gammelt, gammelt.info["audit_key"], night) == []
    assert numbers(gammelt, plan) == list(range(6, 13))
    named = select(SporNævnt.nr).where(SporNævnt.kæde == str(plan)).order_by(col(SporNævnt.nr))
    assert list(gammelt.exec(named).all()) == list(range(6, 11))


def test_what_is_broken_after_the_cut_is_found_also_when_the_cut_comes_meanwhile(
    gammelt: Session, plan: uuid.UUID, kontekst: Nøglekontekst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "BATCH", 2)
    gammelt.exec(delete(Spor).where(col(Spor.kæde) == str(plan), col(Spor.nr) == 8))
    gammelt.commit()
    met: list[int] = []

    def night(seen: int) -> None:
        met.append(seen)
        if len(met) == 1:
            with kontekst.session(Aktør()) as other:
                cut(other, plan)

    assert [(b.kæde, b.nr) for b in tjek(gammelt, gammelt.info["audit_key"], night)] == [(str(plan), 8)]


def test_after_a_cut_every_touch_is_found_as_before(gammelt: Session, plan: uuid.UUID) -> None:
    cut(gammelt, plan)
    kæde, whole = str(plan), gammelt.get_one(SporHoved, str(plan))
    cut_mac = whole.fra_mac
    gammelt.commit()

    def after(change: str) -> list[tuple[str, int]]:
        head = gammelt.get_one(SporHoved, kæde)
        if change == "an entry":
            gammelt.exec(update(Spor).where(col(Spor.kæde) == kæde, col(Spor.nr) == 7).values(rolle="leder"))
        elif change == "the first left":
            gammelt.exec(delete(Spor).where(col(Spor.kæde) == kæde, col(Spor.nr) == 6))
        elif change == "one put back":
            old = gammelt.get_one(Spor, (kæde, 7)).model_dump() | {"nr": 2}
            gammelt.add(Spor(**old))
        elif change == "more cut off without the key":
            head.fra, head.fra_mac = 7, gammelt.get_one(Spor, (kæde, 7)).mac
            gammelt.exec(delete(Spor).where(col(Spor.kæde) == kæde, col(Spor.nr) <= 7))
        gammelt.flush()
        found = []
        gammelt.rollback = lambda: None  # type: ignore[method-assign]
        gammelt.commit = gammelt.flush  # type: ignore[method-assign]
        try:
            found = brud(gammelt)
        finally:
            del gammelt.rollback, gammelt.commit
            gammelt.rollback()
        return found

    assert after("an entry") == [(kæde, 7)]
    assert after("the first left") == [(kæde, 6)]
    assert after("one put back") == [(kæde, 2)]
    assert after("more cut off without the key")[0][0] == kæde
    assert after("nothing") == []
    assert gammelt.get_one(SporHoved, kæde).fra_mac == cut_mac


def test_a_cut_that_no_entry_tells_of_is_found_even_when_the_head_is_sealed(gammelt: Session, plan: uuid.UUID) -> None:
    head = gammelt.get_one(SporHoved, str(plan))
    head.fra, head.fra_mac = 5, gammelt.get_one(Spor, (str(plan), 5)).mac
    head.segl = head_seal(gammelt.info["audit_key"], head)
    gammelt.exec(delete(Spor).where(col(Spor.kæde) == str(plan), col(Spor.nr) <= 5))
    gammelt.commit()
    assert brud(gammelt) == [(str(plan), 6)]


def test_the_systems_chain_still_names_every_chain_when_it_was_cut(gammelt: Session, plan: uuid.UUID) -> None:
    database.clock.read = lambda: datetime(2033, 1, 1, tzinfo=UTC)
    assert cut(gammelt, None) > 0
    assert brud(gammelt) == []
    gammelt.exec(delete(Spor).where(col(Spor.kæde) == str(plan)))
    gammelt.exec(delete(SporHoved).where(col(SporHoved.kæde) == str(plan)))
    gammelt.commit()
    assert brud(gammelt) == [(str(plan), 1)]
    assert gammelt.exec(select(func.count()).where(Spor.kæde == SYSTEM)).one() > 0


def rewrite(session: Session, kæde: str, from_nr: int) -> None:
    """Write the chain anew from an entry on, as somebody with the audit key could."""
    key = session.info["audit_key"]
    mac = session.get_one(Spor, (kæde, from_nr - 1)).mac if from_nr > 1 else b""
    entries = session.exec(select(Spor).where(Spor.kæde == kæde, Spor.nr >= from_nr).order_by(col(Spor.nr))).all()
    for entry in entries:
        mac = entry.mac = entry_mac(key, mac, entry)
        session.add(entry)
    head = session.get_one(SporHoved, kæde)
    head.nr, head.mac = entries[-1].nr, mac
    head.segl = head_seal(key, head)
    session.add(head)
    session.commit()


def test_a_head_kept_elsewhere_finds_what_was_rewritten_or_cut_off_with_a_stolen_key(
    gammelt: Session, plan: uuid.UUID
) -> None:
    kæde = str(plan)
    kept = læs_hoveder(hovedtekst(hoveder(gammelt, [kæde]), now()))
    gammelt.commit()
    skriv(gammelt, Handling.ÅBNET, "beboer")
    gammelt.commit()
    assert brud(gammelt, *kept) == []
    gammelt.exec(update(Spor).where(col(Spor.kæde) == kæde, col(Spor.nr) == 8).values(rolle="leder"))
    rewrite(gammelt, kæde, 8)
    assert brud(gammelt) == []
    assert brud(gammelt, *kept) == [(kæde, 10)]
    for table in (Spor, SporNævnt):
        gammelt.exec(delete(table).where(col(table.kæde) == kæde, col(table.nr) > 9))
    rewrite(gammelt, kæde, 9)
    assert brud(gammelt) == []
    assert [b.besked for b in tjek(gammelt, gammelt.info["audit_key"], kendte=kept)] == [
        "Kæden er kortere end det gemte hoved, som har 10 poster: den er kappet."
    ]


def test_an_older_head_meets_the_retention_rule(gammelt: Session, plan: uuid.UUID) -> None:
    kæde = str(plan)
    at_cut, before = (Hoved(kæde, nr, gammelt.get_one(Spor, (kæde, nr)).mac) for nr in (5, 3))
    cut(gammelt, plan)
    assert brud(gammelt, at_cut) == []
    assert not gammelt.in_transaction()
    assert "ældre end de 5 poster" in tjek(gammelt, gammelt.info["audit_key"], kendte=[before])[0].besked
    assert brud(gammelt, Hoved(str(uuid.uuid4()), 1, bytes(32)))[0][1] == 1


def test_the_text_of_a_head_survives_a_mail_and_tells_of_a_slip_of_the_pen(gammelt: Session) -> None:
    heads = hoveder(gammelt)
    text = hovedtekst(heads, now())
    assert læs_hoveder(text) == heads
    assert læs_hoveder("> " + text.replace("\n", "\n> ").upper()) == heads
    mailed = "\r\n".join(text[i : i + 60] for i in range(0, len(text), 60))
    assert {h.kæde for h in læs_hoveder(text.replace(" ", "  "))} == {h.kæde for h in heads}
    assert mailed != text
    spot = text.rindex("-") + 1
    slip = text[:spot] + ("0" if text[spot] != "0" else "1") + text[spot + 1 :]
    for wrong in (slip, "Hejsa", ""):
        with pytest.raises(HovedFejl):
            læs_hoveder(wrong)
