"""Logging, correcting and deleting contacts; their facts follow them exactly."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund as BeboerSlettegrund
from rådgivning.beboere.residents import hent_beboer, opret_beboer, ret_beboer, slet_beboer
from rådgivning.fakta.models import Faktum
from rådgivning.kontakter.browse import Udsnit, kontakter_om, kontaktliste
from rådgivning.kontakter.log import (
    AfdelingMangler,
    KontaktÆndret,
    Opfølgning,
    Slettegrund,
    fortryd_kontakt,
    hent_kontakt,
    log_kontakt,
    ret_kontakt,
    slet_beboers_kontakter,
    slet_kontakt,
    versioner,
)
from rådgivning.kontakter.models import Kontakt, KontaktData, KontaktVersion
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.keystore import KeyStore
from rådgivning.nøgler.opening import open_sealed
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import hent_opgave, udfør
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Personale
from tests.kontakter.conftest import ZXQ, samtale


def fakta(db: Session) -> list[Faktum]:
    return list(db.exec(select(Faktum)).all())


def log(db: Session, data: KontaktData, **kwargs: Any) -> uuid.UUID:
    kontakt_id = log_kontakt(db, data, **{"dato": IDAG, **kwargs}).id
    db.commit()
    return kontakt_id


def test_a_contact_is_saved_with_its_fact_its_trace_and_without_anything_in_clear(db: Session, zxq: uuid.UUID) -> None:
    kontakt_id = log(db, samtale(notat="Noget fortroligt"), beboer_id=zxq)
    kontakt, data = hent_kontakt(db, kontakt_id)
    (faktum,) = fakta(db)
    assert (data.notat, data.aldersgruppe, kontakt.version) == ("Noget fortroligt", "30-39", 1)
    assert (faktum.enhed, faktum.måned, faktum.hovedemne, faktum.aldersgruppe) == (
        "kontakt",
        "2026-11",
        "gæld",
        "30-39",
    )
    assert faktum.pseudonym == pseudonym(db, zxq, 2026)
    assert data.faktum_id == faktum.id
    trace = db.exec(select(Spor).where(Spor.genstand == "kontakt", Spor.handling == Handling.OPRETTET)).one()
    assert (trace.rækker, trace.beboere) == ([str(kontakt_id)], [str(zxq)])


def test_an_anonymous_contact_has_a_key_of_its_own_and_no_pseudonym(db: Session) -> None:
    kontakt_id = log(db, samtale())
    assert fakta(db)[0].pseudonym is None
    assert fakta(db)[0].aldersgruppe == "ukendt"
    store: KeyStore = db.info["keystore"]
    assert store.get(kontakt_id)
    slet_kontakt(db, kontakt_id, Slettegrund.FEJL)
    db.commit()
    with pytest.raises(Shredded):
        store.get(kontakt_id)


def test_brobygning_gives_a_second_fact_that_goes_away_when_it_is_taken_out(db: Session, zxq: uuid.UUID) -> None:
    bridge = {"brobygning_til": "jobcenter", "brobygning_ledsaget": True, "brobygning_resultat": "tilbudt"}
    kontakt_id = log(db, samtale(**bridge), beboer_id=zxq)
    second = next(f for f in fakta(db) if f.enhed == "brobygning")
    assert (second.modtager, second.ledsaget, second.udfald) == ("jobcenter", "ja", "tilbudt")
    ret_kontakt(db, kontakt_id, samtale(), dato=IDAG, beboer_id=zxq, version=1)
    db.commit()
    assert [f.enhed for f in fakta(db)] == ["kontakt"]
    assert hent_kontakt(db, kontakt_id)[1].brobygning_faktum_id is None


def test_the_age_is_that_of_the_day_of_the_event(db: Session) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Testa", afdeling="aab55", fødselsdato=date(2001, 11, 10))).id
    groups = [
        hent_kontakt(db, log(db, samtale(aldersgruppe="65+"), dato=day, beboer_id=beboer_id))[1].aldersgruppe
        for day in (date(2026, 11, 9), date(2026, 11, 10))
    ]
    assert groups == ["18-24", "25-29"]


@pytest.mark.parametrize(
    ("stamdata", "valgt", "gruppe"), [("40-49", "", "40-49"), ("", "50-64", "50-64"), ("", "", "ukendt")]
)
def test_without_a_birth_date_the_age_comes_from_stamdata_then_from_the_form(
    db: Session, stamdata: str, valgt: str, gruppe: str
) -> None:
    beboer_id = opret_beboer(db, BeboerData(navn="Testa", afdeling="aab55", aldersgruppe=stamdata)).id
    kontakt_id = log(db, samtale(aldersgruppe=valgt), beboer_id=beboer_id)
    assert hent_kontakt(db, kontakt_id)[1].aldersgruppe == gruppe


def test_the_afdeling_comes_from_the_resident_and_must_come_from_somewhere(db: Session, zxq: uuid.UUID) -> None:
    assert hent_kontakt(db, log(db, samtale(afdeling=""), beboer_id=zxq))[1].afdeling == "aab55"
    with pytest.raises(AfdelingMangler):
        log_kontakt(db, samtale(afdeling=""), dato=IDAG)


def test_the_same_form_twice_gives_one_contact_one_fact_and_one_task(db: Session, zxq: uuid.UUID) -> None:
    number = uuid.uuid4()
    for _again in range(2):
        log(db, samtale(), beboer_id=zxq, id=number, opfølgning=Opfølgning(IDAG + timedelta(days=7), "Ring igen"))
    assert len(db.exec(select(Kontakt)).all()) == len(fakta(db)) == 1
    opgave = db.exec(select(Opgave)).one()
    assert (opgave.frist, opgave.beboer_id) == (date(2026, 11, 27), zxq)
    assert hent_opgave(db, opgave.id)[1].kontakt_id == number


def test_a_correction_keeps_what_stood_before_and_moves_the_fact_to_another_month_and_year(
    db: Session, zxq: uuid.UUID
) -> None:
    kontakt_id = log(db, samtale(notat="først"), beboer_id=zxq)
    faktum_id = fakta(db)[0].id
    ret_kontakt(
        db, kontakt_id, samtale(notat="så", hovedemne="ydelser"), dato=date(2025, 12, 1), beboer_id=zxq, version=1
    )
    db.commit()
    kontakt, data = hent_kontakt(db, kontakt_id)
    (faktum,) = fakta(db)
    assert (kontakt.version, kontakt.dato, data.notat) == (2, date(2025, 12, 1), "så")
    assert (faktum.id, faktum.måned, faktum.hovedemne) == (faktum_id, "2025-12", "ydelser")
    assert faktum.pseudonym == pseudonym(db, zxq, 2025)
    ((row, before),) = versioner(db, kontakt)
    assert (row.nr, before.notat, before.dato, before.hovedemne) == (1, "først", IDAG, "gæld")


def test_saving_without_a_change_makes_no_version(db: Session, zxq: uuid.UUID) -> None:
    kontakt_id = log(db, samtale(), beboer_id=zxq)
    ret_kontakt(db, kontakt_id, samtale(), dato=IDAG, beboer_id=zxq, version=1)
    db.commit()
    assert hent_kontakt(db, kontakt_id)[0].version == 1


def test_two_who_correct_at_once_do_not_overwrite_each_other(db: Session, zxq: uuid.UUID) -> None:
    kontakt_id = log(db, samtale(notat="0"), beboer_id=zxq)
    ret_kontakt(db, kontakt_id, samtale(notat="den ene"), dato=IDAG, beboer_id=zxq, version=1)
    db.commit()
    with pytest.raises(KontaktÆndret) as caught:
        ret_kontakt(db, kontakt_id, samtale(notat="den anden"), dato=IDAG, beboer_id=zxq, version=1)
    assert (caught.value.gældende.notat, caught.value.forsøgt.notat) == ("den ene", "den anden")


def test_an_anonymous_contact_given_to_a_resident_is_sealed_for_her_history_and_all(
    db: Session, zxq: uuid.UUID
) -> None:
    kontakt_id = log(db, samtale(notat="a"))
    for number, (note, whose) in enumerate([("b", None), ("c", zxq), ("d", zxq)], 1):
        ret_kontakt(db, kontakt_id, samtale(notat=note), dato=IDAG, beboer_id=whose, version=number)
        db.commit()
    kontakt = hent_kontakt(db, kontakt_id)[0]
    assert [(v.anonym, v.notat) for _row, v in versioner(db, kontakt)] == [(True, "a"), (True, "b"), (False, "c")]
    assert {row.person_id for row in db.exec(select(KontaktVersion)).all()} == {zxq}
    assert fakta(db)[0].pseudonym == pseudonym(db, zxq, 2026)
    slet_beboer(db, zxq, BeboerSlettegrund.FEJL)
    db.commit()
    with pytest.raises(Shredded):
        hent_kontakt(db, kontakt_id)
    assert versioner(db, db.exec(select(Kontakt)).one()) == []


def test_deleting_takes_row_history_fact_and_open_task_and_says_why(db: Session, zxq: uuid.UUID) -> None:
    kontakt_id = log(db, samtale(), beboer_id=zxq, opfølgning=Opfølgning(IDAG))
    ret_kontakt(db, kontakt_id, samtale(notat="x"), dato=IDAG, beboer_id=zxq, version=1)
    slet_kontakt(db, kontakt_id, Slettegrund.DOBBELT)
    db.commit()
    for table in (Kontakt, KontaktVersion, Faktum, Opgave):
        assert db.exec(select(table)).all() == []
    trace = db.exec(select(Spor).where(Spor.genstand == "kontakt", Spor.handling == Handling.SLETTET)).one()
    assert trace.anledning == "logget to gange"


def test_a_task_that_is_done_stays_when_its_contact_is_deleted(db: Session, zxq: uuid.UUID) -> None:
    kontakt_id = log(db, samtale(), beboer_id=zxq, opfølgning=Opfølgning(IDAG))
    udfør(db, db.exec(select(Opgave)).one().id)
    slet_kontakt(db, kontakt_id, Slettegrund.FEJL)
    db.commit()
    assert db.exec(select(Opgave)).one().udført == IDAG


def test_a_contact_can_be_taken_back_for_ten_minutes_by_the_one_who_logged_it(
    db: Session, zxq: uuid.UUID, personale: Personale
) -> None:
    soon, late = log(db, samtale(), beboer_id=zxq), log(db, samtale(), beboer_id=zxq)
    real = database.clock.read()
    database.clock.read = lambda: real + timedelta(minutes=10)
    fortryd_kontakt(db, soon)
    database.clock.read = lambda: real + timedelta(minutes=10, seconds=1)
    with pytest.raises(Konflikt):
        fortryd_kontakt(db, late)
    database.clock.read = lambda: real
    db.info["aktør"] = replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=personale.brugere[Rolle.LEDER].id)
    with pytest.raises(Konflikt):
        fortryd_kontakt(db, late)


def test_a_contact_with_a_resident_who_is_gone_is_refused_and_nothing_is_saved(db: Session, zxq: uuid.UUID) -> None:
    slet_beboer(db, zxq, BeboerSlettegrund.FEJL)
    db.commit()
    with pytest.raises(IkkeFundet):
        log_kontakt(db, samtale(), dato=IDAG, beboer_id=zxq)
    db.rollback()
    assert fakta(db) == []
    with pytest.raises(Shredded):
        db.info["keystore"].get(zxq)


def test_a_contact_of_another_helhedsplan_is_not_there(db: Session, personale: Personale) -> None:
    kontakt_id = log(db, samtale())
    db.info["aktør"] = replace(personale.aktør(Rolle.BEBOERRÅDGIVER), helhedsplan_id=uuid.uuid4())
    for act in (hent_kontakt, fortryd_kontakt):
        with pytest.raises(IkkeFundet):
            act(db, kontakt_id)


def test_erasing_a_resident_removes_her_contacts_and_keeps_the_facts(db: Session, zxq: uuid.UUID) -> None:
    kontakt_id = log(db, samtale(), beboer_id=zxq)
    ret_kontakt(db, kontakt_id, samtale(notat="x"), dato=IDAG, beboer_id=zxq, version=1)
    log(db, samtale())
    assert slet_beboers_kontakter(db, zxq) == 1
    assert slet_beboers_kontakter(db, zxq) == 0
    db.commit()
    assert len(db.exec(select(Kontakt)).all()) == 1
    assert db.exec(select(KontaktVersion)).all() == []
    assert len(fakta(db)) == 2


def test_the_lists_show_newest_first_by_period_by_art_and_by_resident(db: Session, zxq: uuid.UUID) -> None:
    for days, art, whose in ((40, "en_til_en", zxq), (3, "opsøgende", None), (1, "en_til_en", zxq)):
        log(db, samtale(art=art), dato=IDAG - timedelta(days=days), beboer_id=whose)
    rows, sider = kontaktliste(db, Udsnit(fra=IDAG - timedelta(days=30)))
    assert ([r.kontakt.dato.day for r in rows], sider) == ([19, 17], 1)
    assert [r.beboer.navn if r.beboer else "" for r in rows] == ["Zxq Prøvesen", ""]
    assert [r.data.art for r in kontaktliste(db, Udsnit(art="opsøgende", mine=True))[0] if r.data] == ["opsøgende"]
    assert len(kontaktliste(db, Udsnit(beboer_id=zxq))[0]) == len(kontakter_om(db, zxq)) == 2


DATAS = st.builds(
    samtale,
    art=st.sampled_from(["en_til_en", "opsøgende", "servicebesøg"]),
    hovedemne=st.sampled_from(["gæld", "ydelser", ""]),
    afdeling=st.sampled_from(["aab55", "steenbjerggård"]),
    brobygning_til=st.sampled_from(["", "", "jobcenter", "cvv"]),
    brobygning_ledsaget=st.sampled_from([None, True, False]),
)
DAYS = st.dates(date(2025, 11, 1), IDAG)
STEPS = st.lists(
    st.tuples(st.sampled_from(["log", "log", "ret", "ret", "slet"]), DATAS, DAYS, st.booleans(), st.integers(0, 9)),
    max_size=12,
)


def counted(db: Session) -> Counter[tuple[Any, ...]]:
    return Counter(
        (f.enhed, f.måned, f.afdeling, f.art, f.hovedemne, f.modtager, f.ledsaget, f.pseudonym) for f in fakta(db)
    )


def expected(db: Session) -> Counter[tuple[Any, ...]]:
    """The same figures, counted from the opened contacts themselves."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in db.exec(select(Kontakt)).all():
        data = open_sealed(db, row, KontaktData, "prøve")
        code = pseudonym(db, row.beboer_id, row.dato.year) if row.beboer_id else None
        common = (f"{row.dato:%Y-%m}", data.afdeling, data.art, data.hovedemne)
        found[("kontakt", *common, "", "", code)] += 1
        if data.brobygning_til:
            ledsaget = {True: "ja", False: "nej", None: ""}[data.brobygning_ledsaget]
            found[("brobygning", *common, data.brobygning_til, ledsaget, code)] += 1
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_sequence_of_logging_correcting_and_deleting_the_facts_equal_the_contacts(
    db: Session, steps: list[tuple[str, KontaktData, date, bool, int]]
) -> None:
    beboer_id = opret_beboer(db, ZXQ).id
    for step, data, day, known, pick in steps:
        whose = beboer_id if known else None
        there = db.exec(select(Kontakt).order_by(Kontakt.id)).all()  # type: ignore[arg-type]
        if step == "log":
            log_kontakt(db, data, dato=day, beboer_id=whose)
        elif there:
            row = there[pick % len(there)]
            if step == "ret":
                ret_kontakt(db, row.id, data, dato=day, beboer_id=whose, version=row.version)
            else:
                slet_kontakt(db, row.id, Slettegrund.FEJL)
        db.flush()
        assert counted(db) == expected(db)
    db.commit()


def test_a_stamdata_correction_changes_no_earlier_contact(db: Session, zxq: uuid.UUID) -> None:
    log(db, samtale(), beboer_id=zxq)
    ret_beboer(db, zxq, ZXQ.model_copy(update={"afdeling": "steenbjerggård"}), 1)
    db.commit()
    assert fakta(db)[0].afdeling == "aab55"


def test_no_column_joins_a_topic_to_a_resident() -> None:
    columns = set(Faktum.__table__.columns.keys())  # type: ignore[attr-defined]
    assert not {name for name in columns if name.endswith("_id")} - {"helhedsplan_id"}
    assert not columns & {"dato", "oprettet", "ejer_id", "beboer"}
    kontakt = set(Kontakt.__table__.columns.keys())  # type: ignore[attr-defined]
    clear = {"id", "helhedsplan_id", "beboer_id", "ejer_id", "skrevet_af", "dato", "oprettet", "version"}
    assert kontakt == clear | {"sealed"}


def test_correcting_a_resident_and_logging_a_contact_with_her_never_lock_each_other_out(
    db: Session, kontekst: Nøglekontekst, personale: Personale, zxq: uuid.UUID
) -> None:
    rounds, start = 20, Barrier(2, timeout=60)

    def correct(session: Session, version: int) -> None:
        _row, shown = hent_beboer(session, zxq, "ret beboer")
        ret_beboer(session, zxq, shown.model_copy(update={"note": f"nr. {version}"}), version)

    def log(session: Session, version: int) -> None:
        log_kontakt(session, samtale(notat=f"nr. {version}"), dato=IDAG, beboer_id=zxq)

    def often(act: Callable[[Session, int], None]) -> None:
        for version in range(1, rounds + 1):
            start.wait()
            with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
                act(session, version)
                session.commit()

    db.rollback()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(often, correct), pool.submit(often, log)]:
            done.result()
    assert len(kontakter_om(db, zxq)) == rounds
    assert hent_beboer(db, zxq)[0].version == rounds + 1
