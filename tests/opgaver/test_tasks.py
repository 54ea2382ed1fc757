"""Follow-ups as the other rooms use them."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import destroy_key, is_readable
from rådgivning.opgaver import lists, tasks
from rådgivning.opgaver.deadlines import Hast, første_frist, hast, i_ord, udsættelser
from rådgivning.opgaver.models import Opgave
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, Personale

I_MORGEN = IDAG + timedelta(days=1)


def beboer_id(db: Session) -> uuid.UUID:
    """A resident to do something for."""
    return opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id


def test_a_task_opens_as_it_was_made_and_every_step_is_traced(db: Session) -> None:
    kontakt_id, om = new_id(), beboer_id(db)
    opgave = tasks.opret_opgave(db, titel="Ring igen", frist=I_MORGEN, beboer_id=om, note="n", kontakt_id=kontakt_id)
    db.commit()
    row, data = tasks.hent_opgave(db, opgave.id)
    assert (data.titel, data.note, data.kontakt_id, row.frist) == ("Ring igen", "n", kontakt_id, I_MORGEN)
    tasks.udfør(db, opgave.id)
    tasks.slet_opgave(db, opgave.id)
    db.commit()
    entries = db.exec(select(Spor).where(Spor.genstand == "opgave").order_by("nr")).all()
    assert [e.handling for e in entries] == [
        Handling.OPRETTET,
        Handling.ÅBNET,
        Handling.ÅBNET,
        Handling.ÆNDRET,
        Handling.SLETTET,
    ]
    assert all(e.beboere == [str(om)] for e in entries)


def test_the_same_id_twice_makes_one_task(db: Session) -> None:
    opgave_id = new_id()
    for titel in ("Ring igen", "Noget andet"):
        tasks.opret_opgave(db, titel=titel, frist=I_MORGEN, id=opgave_id)
        db.commit()
    assert len(db.exec(select(Opgave)).all()) == 1
    assert tasks.hent_opgave(db, opgave_id)[1].titel == "Ring igen"


def test_done_twice_and_undone_twice_is_done_and_undone_once(db: Session) -> None:
    opgave_id = tasks.opret_opgave(db, titel="Ring", frist=IDAG).id
    assert [tasks.udfør(db, opgave_id).version for _ in range(2)] == [2, 2]
    assert db.exec(select(Opgave)).one().udført == IDAG
    assert [tasks.fortryd(db, opgave_id).version for _ in range(2)] == [3, 3]
    assert [tasks.flyt(db, opgave_id, I_MORGEN).version for _ in range(2)] == [4, 4]


def test_of_two_who_correct_at_once_the_second_sees_what_the_first_wrote(db: Session) -> None:
    opgave_id = tasks.opret_opgave(db, titel="Ring", frist=IDAG).id
    tasks.ret_opgave(db, opgave_id, titel="Skriv", frist=I_MORGEN, note="", version=1)
    with pytest.raises(tasks.OpgaveÆndret) as caught:
        tasks.ret_opgave(db, opgave_id, titel="Bank på", frist=IDAG, note="", version=1)
    assert (caught.value.version, caught.value.frist, caught.value.gældende.titel) == (2, I_MORGEN, "Skriv")


def test_a_task_for_a_resident_who_is_not_there_is_refused(db: Session) -> None:
    erased = beboer_id(db)
    destroy_key(db, erased)
    db.commit()
    for om in (new_id(), erased):
        with pytest.raises(IkkeFundet):
            tasks.opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=om)


def test_lists_are_by_deadline_own_or_all_and_open_or_done(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    om = beboer_id(db)
    for titel, dage in (("Sen", 9), ("Over", -2), ("I dag", 0)):
        tasks.opret_opgave(db, titel=titel, frist=IDAG + timedelta(days=dage), beboer_id=om)
    færdig = tasks.opret_opgave(db, titel="Færdig", frist=IDAG)
    tasks.udfør(db, færdig.id)
    db.commit()
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør(personale.brugere[Rolle.LEDER].id, me.rolle, me.helhedsplan_id, me.åbner)) as kollega:
        tasks.opret_opgave(kollega, titel="Kollegas", frist=I_MORGEN)
        kollega.commit()
    assert [o.titel for o in lists.åbne_opgaver(db)[0]] == ["Over", "I dag", "Sen"]
    assert [o.titel for o in lists.åbne_opgaver(db, til=IDAG)[0]] == ["Over", "I dag"]
    assert [o.titel for o in lists.åbne_opgaver(db, alle=True)[0]] == ["Over", "I dag", "Kollegas", "Sen"]
    assert [o.titel for o in lists.udførte_opgaver(db)[0]] == ["Færdig"]
    first = lists.åbne_opgaver(db)[0][0]
    assert first.beboer is not None
    assert first.beboer.navn == "Zxq Prøvesen"
    assert [o.titel for o in lists.opgaver_om(db, om)] == ["Over", "I dag", "Sen"]


def test_an_erased_residents_task_is_shown_as_deleted_and_does_not_break_the_list(db: Session) -> None:
    om = beboer_id(db)
    tasks.opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=om)
    tasks.opret_opgave(db, titel="Uden beboer", frist=IDAG)
    destroy_key(db, om)
    db.commit()
    linjer = lists.åbne_opgaver(db)[0]
    assert {o.titel for o in linjer} == {"Slettet opgave", "Uden beboer"}
    assert all(o.beboer is None for o in linjer)


def test_deleting_a_task_of_no_resident_destroys_its_own_key_alone(db: Session) -> None:
    om = beboer_id(db)
    hers = tasks.opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=om)
    nobodys = tasks.opret_opgave(db, titel="Bestil lokale", frist=IDAG)
    db.commit()
    kept = tasks.hent_opgave(db, hers.id)[0]
    copy = Opgave(**tasks.hent_opgave(db, nobodys.id)[0].model_dump())
    tasks.slet_opgave(db, nobodys.id)
    db.commit()
    assert not is_readable(db, copy)
    tasks.slet_opgave(db, tasks.opret_opgave(db, titel="Skriv", frist=IDAG, beboer_id=om).id)
    assert is_readable(db, kept)


def test_a_residents_tasks_go_with_her(db: Session) -> None:
    om = beboer_id(db)
    tasks.opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=om)
    tasks.opret_opgave(db, titel="Andet", frist=IDAG)
    assert tasks.slet_beboers_opgaver(db, om) == 1
    assert tasks.slet_beboers_opgaver(db, om) == 0
    assert [o.titel for o in lists.åbne_opgaver(db)[0]] == ["Andet"]


def test_another_helhedsplan_cannot_touch_the_task(db: Session, kontekst: Nøglekontekst, personale: Personale) -> None:
    opgave_id = tasks.opret_opgave(db, titel="Ring", frist=IDAG).id
    db.commit()
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør(me.bruger_id, me.rolle, uuid.uuid4(), me.åbner)) as other:
        for act in (tasks.udfør, tasks.fortryd, tasks.slet_opgave, tasks.hent_opgave):
            with pytest.raises(IkkeFundet):
                act(other, opgave_id)
        assert lists.åbne_opgaver(other, alle=True) == ([], 0)


def test_a_task_whose_key_is_destroyed_cannot_be_corrected(db: Session) -> None:
    opgave_id = tasks.opret_opgave(db, titel="Ring", frist=IDAG).id
    destroy_key(db, opgave_id)
    with pytest.raises(Shredded):
        tasks.ret_opgave(db, opgave_id, titel="x", frist=IDAG, note="", version=1)


@pytest.mark.parametrize(
    ("frist", "expected", "ord_"),
    [
        (date(2026, 11, 18), Hast.OVERSKREDET, "2 dage over"),
        (date(2026, 11, 19), Hast.OVERSKREDET, "1 dag over"),
        (date(2026, 11, 20), Hast.I_DAG, "i dag"),
        (date(2026, 11, 21), Hast.DENNE_UGE, "i morgen"),
        (date(2026, 11, 22), Hast.DENNE_UGE, "om 2 dage"),
        (date(2026, 11, 23), Hast.SENERE, "om 3 dage"),
    ],
)
def test_a_deadline_in_words_and_the_week_ends_on_sunday(frist: date, expected: Hast, ord_: str) -> None:
    assert hast(frist, IDAG) is expected
    assert i_ord(frist, IDAG) == ord_


@pytest.mark.parametrize(
    ("frist", "dag", "expected"),
    [
        (date(2026, 11, 18), date(2026, 11, 18), [("I morgen", date(2026, 11, 19)), ("Om en uge", date(2026, 11, 25))]),
        (date(2026, 10, 1), IDAG, [("På mandag", date(2026, 11, 23)), ("Om en uge", date(2026, 11, 27))]),
        (IDAG, date(2026, 11, 21), [("På mandag", date(2026, 11, 23)), ("Om en uge", date(2026, 11, 30))]),
        (date(2026, 12, 17), IDAG, [("Én dag senere", date(2026, 12, 18)), ("Én uge senere", date(2026, 12, 24))]),
        (date(2026, 12, 24), IDAG, [("Én dag senere", date(2026, 12, 28)), ("Én uge senere", date(2026, 12, 31))]),
    ],
)
def test_one_tap_puts_off_to_the_next_working_day_or_a_week_and_counts_a_missed_deadline_from_today(
    frist: date, dag: date, expected: list[tuple[str, date]]
) -> None:
    assert [(u.tekst, u.frist) for u in udsættelser(frist, dag)] == expected


def test_a_new_task_is_offered_a_working_day_a_week_from_now() -> None:
    assert første_frist(IDAG) == IDAG + timedelta(days=7)
    assert første_frist(date(2026, 11, 21)) == date(2026, 11, 30)
    assert første_frist(date(2026, 12, 18)) == date(2026, 12, 28)


def test_the_same_form_at_the_same_moment_makes_one_task(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    opgave_id = new_id()
    tasks.opret_opgave(db, titel="Ring", frist=IDAG, id=opgave_id)

    def again() -> uuid.UUID:
        with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
            made = tasks.opret_opgave(session, titel="Ring", frist=IDAG, id=opgave_id).id
            session.commit()
            return made

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(again)
        time.sleep(0.3)
        db.commit()
        assert second.result(timeout=20) == opgave_id
    assert len(db.exec(select(Opgave)).all()) == 1
