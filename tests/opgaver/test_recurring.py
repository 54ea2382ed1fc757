"""Tasks that come again, and tasks that are handed over."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import ÅBNER, IkkeFundet, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beskeder.models import Besked
from rådgivning.dansk import er_helligdag
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import destroy_key
from rådgivning.opgaver import handover, lists, tasks
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.recurring import Gentagelse, arbejdsdag, gang, næste_gang
from rådgivning.opgaver.tasks import Rytme
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Personale, opret_testbruger

UGE, MÅNED = Gentagelse.UGE, Gentagelse.MÅNED
DAGE = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(DAGE, st.sampled_from([g for g in Gentagelse if g]), st.integers(0, 40), st.integers(0, 400))
def test_the_next_time_is_in_the_series_after_the_last_and_not_in_the_past(
    start: date, gentages: Gentagelse, n: int, senere: int
) -> None:
    sidste = gang(start, gentages, n)
    dag = sidste + timedelta(days=senere)
    found = næste_gang(start, gentages, sidste, None, dag)
    assert found is not None
    assert found > sidste
    assert arbejdsdag(found) >= dag
    assert arbejdsdag(found).weekday() < 5
    assert not er_helligdag(arbejdsdag(found))
    assert found in {gang(start, gentages, k) for k in range(n + 1, n + 62)}
    assert næste_gang(start, gentages, sidste, found, dag) == found
    assert næste_gang(start, gentages, sidste, found - timedelta(days=1), dag) is None


def test_the_31st_is_the_last_of_a_short_month_and_the_31st_again_after_it() -> None:
    days = [gang(date(2027, 1, 31), MÅNED, n) for n in range(1, 4)]
    assert days == [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


def åbne(db: Session) -> list[Opgave]:
    """The open tasks by deadline."""
    return list(db.exec(select(Opgave).where(col(Opgave.udført).is_(None)).order_by(col(Opgave.frist))).all())


def says(db: Session, opgave: Opgave) -> OpgaveData:
    """What a task says."""
    return tasks.hent_opgave(db, opgave.id)[1]


def test_when_done_the_next_is_made_once_from_the_deadline_on_a_working_day(db: Session) -> None:
    om = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    first = tasks.opret_opgave(
        db, titel="Ring", note="n", frist=date(2026, 11, 12), beboer_id=om, rytme=Rytme(MÅNED), restancesag_id=om
    )
    tasks.flyt(db, first.id, date(2026, 11, 19))
    for _ in range(2):
        tasks.udfør(db, first.id)
    [second] = åbne(db)
    assert (second.frist, second.beboer_id, second.ejer_id) == (date(2026, 12, 14), om, first.ejer_id)
    data = says(db, second)
    assert (data.titel, data.note, data.restancesag_id, data.serie_dag) == ("Ring", "n", om, date(2026, 12, 12))
    tasks.udfør(db, second.id)
    assert [o.frist for o in åbne(db)] == [date(2027, 1, 12)]
    assert [o.gentages for o in lists.opgaver_om(db, om)] == ["Hver måned på samme dato"] * 3


def test_a_weekly_task_left_for_weeks_comes_once_and_not_in_the_past(db: Session) -> None:
    late = tasks.opret_opgave(db, titel="Ring", frist=date(2026, 10, 26), rytme=Rytme(UGE))
    tasks.udfør(db, late.id)
    assert [o.frist for o in åbne(db)] == [date(2026, 11, 23)]


def test_a_series_ends_with_its_last_day_or_when_it_is_stopped(db: Session) -> None:
    last = tasks.opret_opgave(db, titel="Ring", frist=IDAG, rytme=Rytme(UGE, IDAG + timedelta(days=6)))
    tasks.udfør(db, last.id)
    stopped = tasks.opret_opgave(db, titel="Skriv", frist=IDAG, rytme=Rytme(UGE))
    assert [tasks.stop_gentagelse(db, stopped.id).version for _ in range(2)] == [2, 2]
    tasks.udfør(db, stopped.id)
    assert åbne(db) == []


def test_undoing_takes_the_next_one_back_unless_somebody_has_touched_it(db: Session) -> None:
    første = tasks.opret_opgave(db, titel="Ring", frist=IDAG, rytme=Rytme(UGE))
    tasks.udfør(db, første.id)
    tasks.fortryd(db, første.id)
    assert åbne(db) == [første]
    tasks.udfør(db, første.id)
    [næste] = åbne(db)
    tasks.flyt(db, næste.id, IDAG + timedelta(days=8))
    tasks.fortryd(db, første.id)
    tasks.udfør(db, første.id)
    assert åbne(db) == [næste]


def test_a_correction_starts_the_series_anew_only_when_it_moves(db: Session) -> None:
    made = tasks.opret_opgave(db, titel="Ring", frist=date(2026, 11, 21), rytme=Rytme(MÅNED))
    tasks.ret_opgave(db, made.id, titel="Skriv", frist=made.frist, note="", version=1, rytme=Rytme(MÅNED, IDAG))
    data = says(db, made)
    assert (data.serie_start, data.gentages_til) == (date(2026, 11, 21), IDAG)
    tasks.ret_opgave(db, made.id, titel="Skriv", frist=IDAG, note="", version=2, rytme=Rytme(MÅNED))
    data = says(db, made)
    assert (data.serie_start, data.serie_dag, data.gentages_til) == (IDAG, IDAG, None)
    tasks.ret_opgave(db, made.id, titel="Skriv", frist=IDAG, note="", version=3, rytme=Rytme())
    data = says(db, made)
    assert (data.gentages, data.serie_start) == ("", None)


def test_an_erased_residents_series_ends_without_a_word(db: Session) -> None:
    om = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    made = tasks.opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=om, rytme=Rytme(UGE))
    db.commit()
    destroy_key(db, om)
    db.commit()
    tasks.udfør(db, made.id)
    assert åbne(db) == []


@pytest.fixture
def kollega(kontekst: Nøglekontekst, personale: Personale) -> Bruger:
    """A second beboerrådgiver; a blocked one stands beside."""
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        made = opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
        made.navn = "Åse Kollega"
        opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "spærret").spærret = now()
        session.commit()
        session.expunge_all()
    return made


def test_a_task_handed_over_is_the_colleagues_who_sees_from_whom_and_is_told(
    db: Session, kontekst: Nøglekontekst, personale: Personale, kollega: Bruger
) -> None:
    id_ = tasks.opret_opgave(db, titel="Ring", frist=IDAG, rytme=Rytme(UGE)).id
    mig = personale.brugere[Rolle.BEBOERRÅDGIVER]
    assert [b.id for b in handover.kan_overtage(db, mig.id)] == [kollega.id]
    assert [handover.overdrag(db, id_, kollega.id).version for _ in range(2)] == [2, 2]
    for other in (personale.brugere[Rolle.LEDER].id, uuid.uuid4()):
        with pytest.raises(IkkeFundet):
            handover.overdrag(db, id_, other)
    db.commit()
    assert [(b.bruger_id, b.slags) for b in db.exec(select(Besked)).all()] == [(kollega.id, "opgave_overdraget")]
    assert lists.åbne_opgaver(db) == ([], 0)
    db.rollback()
    with kontekst.session(
        Aktør(kollega.id, Rolle.BEBOERRÅDGIVER, kollega.helhedsplan_id, ÅBNER[Rolle.BEBOERRÅDGIVER])
    ) as hendes:
        [linje] = lists.åbne_opgaver(hendes)[0]
        assert (linje.overdraget_af, linje.data and linje.data.overdraget) == (mig.navn, IDAG)
        tasks.udfør(hendes, id_)
        [næste] = lists.åbne_opgaver(hendes)[0]
        assert (næste.opgave.ejer_id, næste.overdraget_af) == (kollega.id, "")
        næste_id = næste.opgave.id
        hendes.commit()
    handover.overdrag(db, næste_id, mig.id)
    [mit] = lists.åbne_opgaver(db)[0]
    assert (mit.opgave.id, mit.overdraget_af) == (næste_id, "")
