"""What happened stays in the trail, whatever became of the transaction."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import SURVIVES_ROLLBACK, finish, skriv


def poster(session: Session) -> list[str]:
    """The words of the entries in the actor's chain, oldest first; also proves that the chain holds."""
    kæde = str(session.info["aktør"].helhedsplan_id)
    found = session.exec(select(Spor.anledning).where(Spor.kæde == kæde).order_by(col(Spor.nr))).all()
    assert tjek(session, session.info["audit_key"]) == []
    return list(found)


def test_a_read_is_committed_although_the_view_only_read(db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", anledning="vis")
    finish(db, keep=True)
    assert poster(db) == ["vis"]


def test_a_request_that_failed_keeps_its_reads_and_refusals_and_loses_its_changes(db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", anledning="vis")
    skriv(db, Handling.OPRETTET, "kontakt", anledning="ny")
    skriv(db, Handling.AFVIST, "kontakt", anledning="nej")
    finish(db, keep=False)
    assert poster(db) == ["vis", "nej"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_view_that_rolled_back_after_reading_keeps_the_read(db: Session, keep: bool) -> None:
    skriv(db, Handling.ÅBNET, "beboer", anledning="vis")
    db.rollback()
    finish(db, keep=keep)
    assert poster(db) == ["vis"]


def test_a_read_before_a_rollback_is_written_with_the_next_commit(db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", anledning="vis")
    db.rollback()
    skriv(db, Handling.OPRETTET, "kontakt", anledning="ny")
    db.commit()
    finish(db, keep=False)
    assert sorted(poster(db)) == ["ny", "vis"]


def test_a_commit_makes_entries_durable_once(db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", anledning="vis")
    db.commit()
    db.rollback()
    finish(db, keep=False)
    finish(db, keep=True)
    assert poster(db) == ["vis"]


def test_a_savepoint_that_fails_keeps_its_reads_once(db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", anledning="før")
    inner = db.begin_nested()
    skriv(db, Handling.ÅBNET, "beboer", anledning="i")
    skriv(db, Handling.ÆNDRET, "beboer", anledning="ændret")
    inner.rollback()
    skriv(db, Handling.ÅBNET, "beboer", anledning="efter")
    finish(db, keep=True)
    assert sorted(poster(db)) == ["efter", "før", "i"]


def test_a_savepoint_that_holds_is_no_commit(db: Session) -> None:
    with db.begin_nested():
        skriv(db, Handling.ÅBNET, "beboer", anledning="i")
    db.rollback()
    finish(db, keep=True)
    assert poster(db) == ["i"]


def test_a_savepoint_left_open_by_a_rollback_is_forgotten(db: Session) -> None:
    db.begin_nested()
    skriv(db, Handling.ÅBNET, "beboer", anledning="a")
    db.rollback()
    with db.begin_nested():
        skriv(db, Handling.ÅBNET, "beboer", anledning="b")
    finish(db, keep=True)
    assert sorted(poster(db)) == ["a", "b"]


def test_nothing_is_committed_by_a_request_without_entries(db: Session) -> None:
    skriv(db, Handling.ÅBNET, "beboer", anledning="vis")
    db.commit()
    before = poster(db)
    finish(db, keep=True)
    assert poster(db) == before


def test_what_was_shown_or_refused_survives_and_what_was_undone_does_not() -> None:
    undone = {
        Handling.OPRETTET,
        Handling.ÆNDRET,
        Handling.SLETTET,
        Handling.LOGGET_IND,
        Handling.LOGGET_UD,
        Handling.IMPORTERET,
        Handling.SYSTEM,
    }
    assert set(Handling) == undone | SURVIVES_ROLLBACK
    assert not undone & SURVIVES_ROLLBACK


@pytest.mark.parametrize(
    "word",
    ["Zxq Prøvesen", "20121234", "010190-1234", "0101901234", "zxq@eksempel.dk", "to\nlinjer", "x" * 81],
)
def test_what_looks_personal_is_no_word_of_the_trail(db: Session, word: str) -> None:
    with pytest.raises(ValueError, match="fixed words"):
        skriv(db, Handling.ÅBNET, "beboer", anledning=word)
    with pytest.raises(ValueError, match="fixed words"):
        skriv(db, Handling.ÅBNET, word)
    with pytest.raises(ValueError, match="fixed words"):
        skriv(db, Handling.ÅBNET, "beboer", detaljer={"grund": word})
    with pytest.raises(ValueError, match="fixed words"):
        skriv(db, Handling.ÅBNET, "beboer", detaljer={word: 1})
