"""A restance list is taken back whole, also after a crash in the middle of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import ÅBNER, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, opret_beboer
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.restancer import cases, list_import, list_proposals
from rådgivning.restancer.list_import import fortsæt, ryd_lister
from rådgivning.restancer.models import Restanceliste, Restancesag
from rådgivning.restancer.tenancies import knyt_lejemål
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Personale, opret_testbruger
from tests.restancer.list_cases import all_cases, indhold, later, proposals, row, run, undo

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def test_a_whole_import_is_taken_back_and_can_be_imported_again(db: Session) -> None:
    run(db, row(1), row(2), dag=date(2026, 11, 3))
    before = {number: data for number, (_row, data) in all_cases(db).items()}
    second = run(db, row(1, "9.000", fase="påkrav", dato="09.11.2026"), row(3), row(4), dag=date(2026, 11, 10))
    accepted = list_proposals.godtag(db, proposals(db)[0].id)
    worked_in = all_cases(db)["55-0004-1"][0].id
    cases.ret_sag(db, worked_in, {"note": "Opdigtet"}, 1)
    db.commit()
    undo(db, second)
    undo(db, second)
    found = all_cases(db)
    assert set(found) == {"55-0001-1", "55-0002-1", "55-0004-1"}
    assert found["55-0001-1"][0].fase == "forfalden"
    assert found["55-0001-1"][1].beløb == Decimal(8450)
    assert found["55-0001-1"][1].listet == before["55-0001-1"].listet
    assert db.get_one(Restancesag, accepted).lukket is None
    assert indhold(db, second).beholdt == [worked_in]
    assert second.tilstand == "fortrudt"
    trail = db.exec(select(Spor).where(Spor.anledning == "import fortrudt", Spor.genstand == "restanceliste")).one()
    assert trail.detaljer == {"sager": 4, "beholdt": 1}
    cases.slet_sag(db, worked_in, cases.Slettegrund.FEJL)
    db.commit()
    again = run(db, row(1, "9.000", fase="påkrav", dato="09.11.2026"), row(3), row(4), dag=date(2026, 11, 10))
    assert again.linje == "2 nye, 1 ændrede, 0 uændrede, 0 afvist"
    assert all_cases(db)["55-0001-1"][0].fase == "påkrav"


@SQLITE
def test_a_case_somebody_worked_in_is_no_longer_the_senders_when_she_takes_the_list_back(
    db: Session, inge: Session
) -> None:
    liste = run(inge, row(1), row(2))
    inge.rollback()
    case, _data = all_cases(db)["55-0001-1"]
    cases.ret_sag(db, case.id, {"note": "Opdigtet"}, 1)
    knyt_lejemål(db, all_cases(db)["55-0002-1"][0].id)
    db.commit()
    inge.refresh(liste)
    undo(inge, liste)
    sender = liste.ejer_id
    inge.rollback()
    (kept,) = db.exec(select(Restancesag).execution_options(populate_existing=True)).all()
    assert kept.id == case.id
    assert kept.ejer_id != sender


@SQLITE
def test_who_takes_a_list_back_comes_by_no_colleagues_notes(
    db: Session, inge: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    nysgerrig, ejer = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "nysgerrig"), acting(db)[1]
    db.commit()
    ids = [run(inge, row(1), row(2)).id]
    inge.commit()
    ids.append(run(db, row(3)).id)
    found = {n: case.id for n, (case, _data) in all_cases(db).items()}
    om = opret_beboer(db, BeboerData(navn="Zxq")).id
    cases.knyt_beboer(db, found["55-0001-1"], beboer_id=om)
    for sag_id in found.values():
        cases.ret_sag(db, sag_id, {"note": "Opdigtet"}, cases.hent_sag(db, sag_id)[0].version)
    db.commit()
    her = Aktør(nysgerrig.id, Rolle.BEBOERRÅDGIVER, personale.helhedsplan.id, ÅBNER[Rolle.BEBOERRÅDGIVER])
    db.commit()
    with kontekst.session(her) as session:
        for liste_id in ids:
            undo(session, session.get_one(Restanceliste, liste_id))
        seen = {n: data.note for n, (_case, data) in all_cases(session).items()}
        owners = {n: case.ejer_id for n, (case, _data) in all_cases(session).items()}
    assert owners == {"55-0001-1": ejer, "55-0002-1": her.bruger_id, "55-0003-1": ejer}
    assert seen == {"55-0001-1": "", "55-0002-1": "Opdigtet", "55-0003-1": ""}


class Afbrudt(Exception):
    """What a crash looks like to the program."""


@contextmanager
def crash_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> Iterator[None]:
    """The process goes down in the middle of a transaction."""
    real, done = cases.opret_sag, 0

    def maybe(*args: object, **kwargs: object) -> object:
        nonlocal done
        done += 1
        if done > calls:
            raise Afbrudt
        return real(*args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(Afbrudt):  # noqa: PT012 - what is done goes in here
        patch.setattr(cases, "opret_sag", maybe)
        yield


def test_a_crash_in_the_middle_leaves_a_list_that_goes_on_or_is_taken_back(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_import, "FLEST_AD_GANGEN", 4)
    monkeypatch.setattr(list_import, "LÆNGST", 60)  # the count alone ends a transaction, however slow the machine is
    lines = [row(n) for n in range(1, 11)]
    for ende in ("fortsæt", "fortryd"):
        with crash_after(monkeypatch, 6):
            run(db, *lines)
        db.rollback()
        (liste,) = db.exec(select(Restanceliste).where(Restanceliste.tilstand == "kører")).all()
        assert (liste.nået, liste.nye, len(db.exec(select(Restancesag)).all())) == (4, 4, 4)
        if ende == "fortsæt":
            fortsæt(db, liste.id)
            db.refresh(liste)
            assert liste.linje == "10 nye, 0 ændrede, 0 uændrede, 0 afvist"
        undo(db, liste)
        assert db.exec(select(Restancesag)).all() == []


@SQLITE
def test_the_rows_of_a_list_nobody_goes_on_with_are_destroyed_and_what_is_done_can_still_be_taken_back(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_import, "FLEST_AD_GANGEN", 4)
    monkeypatch.setattr(list_import, "LÆNGST", 60)
    with crash_after(monkeypatch, 6):
        run(db, *(row(n) for n in range(1, 11)))
    db.rollback()
    (liste,) = db.exec(select(Restanceliste)).all()
    for dage, tilstand in ((13, "kører"), (2, "færdig")):
        later(timedelta(days=dage))
        ryd_lister(db)
        db.commit()
        assert liste.tilstand == tilstand
    with pytest.raises(Shredded):
        indhold(db, liste)
    db.rollback()
    undo(db, liste)
    assert db.exec(select(Restancesag)).all() == []
