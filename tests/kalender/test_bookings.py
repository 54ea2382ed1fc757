"""Bookings in the database: answers, versions, walls, busy times and notices."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Rolle
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id
from rådgivning.kalender import agenda, bookings
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote, AftaleNoteData, Optaget
from rådgivning.kalender.states import Status
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import MåIkkeÅbne, open_sealed
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient, Personale, opret_testbruger
from tests.kalender.factories import ADRESSE, TIRSDAG, book


@contextmanager
def som(kontekst: Nøglekontekst, personale: Personale, rolle: Rolle, organisation: str = "aab") -> Iterator[Session]:
    """A Session of a role's user; ejendomsdrift of a boligorganisation."""
    who = replace(personale.aktør(rolle), boligorganisation=organisation if rolle is Rolle.EJENDOMSDRIFT else "")
    with kontekst.session(who) as session:
        yield session


def rådgiver(personale: Personale) -> uuid.UUID:
    """The beboerrådgiver."""
    return personale.brugere[Rolle.BEBOERRÅDGIVER].id


def test_a_booking_goes_back_and_forth_until_it_is_done_and_every_step_is_traced(
    kontekst: Nøglekontekst, personale: Personale
) -> None:
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift:
        id_ = book(drift, rådgiver(personale), note="Zxqbesked")
        with pytest.raises(bookings.AftaleÆndret):
            bookings.svar(drift, id_, Status.BEKRÆFTET, version=1)
    with som(kontekst, personale, Rolle.BEBOERRÅDGIVER) as bodil:
        assert [b.aftale.id for b in agenda.venter(bodil, "venter")] == [id_]
        assert bookings.hent_note(bodil, bookings.hent_aftale(bodil, id_)[0]) == "Zxqbesked"
        bookings.foreslå(bodil, id_, version=1, dato=IDAG, start=time(13), varighed=60, besked="Hellere fredag")
        bodil.commit()
        assert agenda.venter(bodil, "venter") == []
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift:
        assert [b.aftale.id for b in agenda.venter(drift, "venter")] == [id_]
        bookings.svar(drift, id_, Status.BEKRÆFTET, version=2)
        bookings.svar(drift, id_, Status.BEKRÆFTET, version=2)
        drift.commit()
    with som(kontekst, personale, Rolle.BEBOERRÅDGIVER) as bodil:
        bookings.svar(bodil, id_, Status.GENNEMFØRT, version=3)
        bodil.commit()
        aftale, data = bookings.hent_aftale(bodil, id_)
        assert (aftale.status, aftale.version, aftale.dato) == (Status.GENNEMFØRT, 4, IDAG)
        assert (data.start, data.varighed, data.afventer) == (time(13), 60, "")
        with pytest.raises(bookings.AftaleÆndret):
            bookings.svar(bodil, id_, Status.AFLYST, version=4)
        for _ in range(2):
            bookings.ikke_gennemført(bodil, id_, version=4)
        bodil.commit()
        assert (bookings.hent_aftale(bodil, id_)[0].status, aftale.version) == (Status.BEKRÆFTET, 5)
        bookings.svar(bodil, id_, Status.GENNEMFØRT, version=5)
        bodil.commit()
        steps = bodil.exec(
            select(Spor.anledning).where(Spor.genstand == "aftale", Spor.handling == Handling.ÆNDRET).order_by("nr")
        ).all()
        done = [Status.GENNEMFØRT, "ikke gennemført", Status.GENNEMFØRT]
        assert list(steps) == [Status.FORESLÅET, Status.BEKRÆFTET, *done]
        told = [(b.bruger_id, b.slags) for b in bodil.exec(select(Besked).order_by("oprettet")).all()]
    hers, his = rådgiver(personale), personale.brugere[Rolle.EJENDOMSDRIFT].id
    assert sorted(map(str, told)) == sorted(
        map(str, [(hers, "ny_aftale"), (his, "aftale_svar"), (hers, "aftale_svar")])
    )


def test_a_proposal_marked_as_done_by_mistake_is_a_proposal_again_and_only_for_the_beboerrådgiver_to_say(
    kontekst: Nøglekontekst, personale: Personale
) -> None:
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift:
        id_ = book(drift, rådgiver(personale), dato=IDAG)
    with som(kontekst, personale, Rolle.BEBOERRÅDGIVER) as bodil:
        bookings.svar(bodil, id_, Status.GENNEMFØRT, version=1)
        bodil.commit()
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift, pytest.raises(bookings.AftaleÆndret):
        bookings.ikke_gennemført(drift, id_, version=2)
    with som(kontekst, personale, Rolle.BEBOERRÅDGIVER) as bodil:
        with pytest.raises(bookings.AftaleÆndret):
            bookings.ikke_gennemført(bodil, id_, version=1)
        bodil.rollback()
        bookings.ikke_gennemført(bodil, id_, version=2)
        bodil.commit()
        aftale, data = bookings.hent_aftale(bodil, id_)
        assert (aftale.status, data.afventer) == (Status.FORESLÅET, "rådgiver")
        with pytest.raises(bookings.AftaleÆndret):
            bookings.ikke_gennemført(bodil, id_, version=3)


def test_another_boligorganisations_booking_is_unknown_and_only_the_beboerrådgivers_time_is_seen(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    theirs = book(db, rådgiver(personale), afdeling="steenbjerggård", start=time(10, 30))
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift:
        mine = book(drift, rådgiver(personale), afdeling="aab55", start=time(14))
        dag = next(d for d in agenda.ugen(drift, TIRSDAG) if d.dato == TIRSDAG)
        assert [b.aftale.id for b in dag.besøg] == [mine]
        assert dag.optaget == [("10.30–11.15", rådgiver(personale))]
        assert agenda.sammenstød(drift, TIRSDAG, time(10), 45, rådgiver(personale), new_id()) == ["10.30–11.15"]
        assert agenda.sammenstød(drift, TIRSDAG, time(9), 90, rådgiver(personale), new_id()) == []
        assert agenda.sammenstød(drift, TIRSDAG, time(10), 45, new_id(), new_id()) == []
        assert agenda.sammenstød(drift, TIRSDAG, time(14), 45, rådgiver(personale), mine) == []
        for attempt in (
            lambda: bookings.hent_aftale(drift, theirs),
            lambda: bookings.svar(drift, theirs, Status.BEKRÆFTET, version=1),
            lambda: bookings.foreslå(drift, theirs, version=1, dato=IDAG, start=time(9), varighed=15),
            lambda: bookings.ret(drift, theirs, {"adresse": "Andetsteds"}, version=1),
        ):
            with pytest.raises(IkkeFundet):
                attempt()
        row, note = drift.get(Aftale, theirs), AftaleNote(id=mine, helhedsplan_id=personale.helhedsplan.id)
        assert row is not None
        with pytest.raises(MåIkkeÅbne):
            open_sealed(drift, row, AftaleData, "vis")
        with pytest.raises(MåIkkeÅbne):
            open_sealed(drift, note, AftaleNoteData, "vis")
        with pytest.raises(Forbudt):
            book(drift, rådgiver(personale), afdeling="steenbjerggård")
    dag = next(d for d in agenda.ugen(db, TIRSDAG) if d.dato == TIRSDAG)
    assert ([b.aftale.id for b in dag.besøg], dag.optaget) == ([theirs, mine], [])


def test_a_time_given_back_is_free_again_and_one_proposed_anew_is_taken(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    id_ = book(db, rådgiver(personale))
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift:
        bookings.svar(drift, id_, Status.AFVIST, version=1, besked="Lejemålet er ikke tomt endnu")
        drift.commit()
        assert drift.exec(select(Optaget)).all() == []
        assert agenda.besøg_mellem(drift, TIRSDAG, TIRSDAG, "dag", alle=False) == []
        bookings.foreslå(drift, id_, version=2, dato=TIRSDAG + timedelta(1), start=time(9), varighed=30)
        drift.commit()
        assert [o.dato for o in drift.exec(select(Optaget)).all()] == [TIRSDAG + timedelta(1)]


def test_of_two_who_change_a_booking_the_second_is_told_and_nothing_is_lost(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    id_ = book(db, rådgiver(personale))
    bookings.ret(db, id_, {"deltagere": "Testa Opdigtet"}, version=1, note="Nøglen er hos viceværten")
    db.commit()
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift:
        with pytest.raises(bookings.AftaleÆndret, match="En anden har ændret"):
            bookings.ret(drift, id_, {"deltagere": "En anden"}, version=1)
        drift.rollback()
        bookings.ret(drift, id_, {"adresse": "Opdigtet Allé 9"}, version=2)
        drift.commit()
    aftale, data = bookings.hent_aftale(db, id_)
    db.refresh(aftale)
    assert (data.adresse, data.deltagere, aftale.version) == ("Opdigtet Allé 9", "Testa Opdigtet", 3)
    assert bookings.hent_note(db, aftale) == "Nøglen er hos viceværten"


def test_the_same_form_twice_books_once_and_a_handed_over_visit_tells_the_new_one(
    db: Session, personale: Personale
) -> None:
    number = new_id()
    for adresse in (ADRESSE, "Andetsteds"):
        data = AftaleData(art="servicebesøg", afdeling="aab55", adresse=adresse, rådgiver_id=rådgiver(personale))
        bookings.book(db, data, dato=TIRSDAG, id=number)
        db.commit()
    assert bookings.hent_aftale(db, number)[1].adresse == ADRESSE
    kollega = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
    db.flush()
    bookings.ret(db, number, {"rådgiver_id": kollega.id}, version=1)
    db.commit()
    assert (kollega.id, "ny_aftale") in {(b.bruger_id, b.slags) for b in db.exec(select(Besked)).all()}


def test_who_was_to_come_hears_of_a_corrected_address_and_of_a_colleagues_answer(
    kontekst: Nøglekontekst, personale: Personale
) -> None:
    hers, his = rådgiver(personale), personale.brugere[Rolle.EJENDOMSDRIFT].id
    with som(kontekst, personale, Rolle.BEBOERRÅDGIVER) as bodil:
        kollega = opret_testbruger(bodil, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega").id
        bodil.commit()

    def told(session: Session) -> list[tuple[object, str]]:
        found = [(b.bruger_id, b.slags) for b in session.exec(select(Besked)).all()]
        for row in session.exec(select(Besked)).all():
            session.delete(row)
        session.commit()
        return sorted(found, key=str)

    def both(*pairs: tuple[object, str]) -> list[tuple[object, str]]:
        return sorted(pairs, key=str)

    with som(kontekst, personale, Rolle.BEBOERRÅDGIVER) as bodil:
        id_ = book(bodil, kollega)
        assert told(bodil) == both((his, "ny_aftale"), (kollega, "ny_aftale"))
        bookings.ret(bodil, id_, {"adresse": "Opdigtet Allé 9"}, version=1)
        assert told(bodil) == both((his, "aftale_svar"), (kollega, "aftale_svar"))
        bookings.ret(bodil, id_, {"adresse": "Opdigtet Allé 9"}, version=2, note="Zxqbesked")
        assert told(bodil) == []
    with som(kontekst, personale, Rolle.EJENDOMSDRIFT) as drift:
        bookings.ret(drift, id_, {"adresse": "Opdigtet Allé 11", "rådgiver_id": hers}, version=3)
        assert told(drift) == both((kollega, "aftale_svar"), (hers, "ny_aftale"))


def test_a_holiday_and_a_weekend_are_said_and_so_is_the_other_visit(db: Session, personale: Personale) -> None:
    book(db, rådgiver(personale), date(2026, 12, 25))
    hers, none = rådgiver(personale), new_id()
    assert agenda.advarsler(db, date(2026, 12, 25), time(10), 45, hers, none) == [
        "Den 25.12.2026 er en helligdag (juledag).",
        "Beboerrådgiveren har et andet besøg kl. 10.00–10.45.",
    ]
    assert agenda.advarsler(db, date(2026, 11, 28), time(10), 45, hers, none) == ["Den 28.11.2026 er en lørdag."]
    assert agenda.advarsler(db, TIRSDAG, time(10), 45, hers, none) == []


def test_a_booking_of_half_a_year_ago_is_deleted_with_its_note_and_key_when_somebody_signs_in(
    db: Session, personale: Personale, klient: Callable[[Rolle | None], Klient], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = book(db, rådgiver(personale), IDAG, note="Zxqbesked")
    kept = book(db, rådgiver(personale), IDAG + timedelta(days=4))
    sealed = Aftale(**db.get_one(Aftale, old).model_dump())
    db.commit()
    monkeypatch.setattr(database.clock, "read", lambda: datetime(2027, 5, 23, 9, tzinfo=UTC))
    assert klient(None).log_ind(str(Rolle.LEDER)).status_code == 303
    assert [a.id for a in db.exec(select(Aftale)).all()] == [kept]
    assert [o.id for o in db.exec(select(Optaget)).all()] == [kept]
    assert db.exec(select(AftaleNote)).all() == []
    with pytest.raises(Shredded):
        open_sealed(db, sealed, AftaleData, "vis")
