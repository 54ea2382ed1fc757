"""Restancesager without a browser: facts that follow the case, keys that follow the resident, and two at once."""

from __future__ import annotations

import random
import uuid
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id, now
from rådgivning.fakta.models import Faktum
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.envelope import open_bytes
from rådgivning.nøgler.errors import Shredded, Tampered
from rådgivning.nøgler.opening import destroy_key
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.restancer import cases
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.order import umuligt
from rådgivning.restancer.phases import ordnet
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Personale
from tests.restancer.factories import sag, skridt
from tests.restancer.sequences import tilfældig_sag


def luk(db: Session, id: uuid.UUID, udfald: str, dag: date) -> Restancesag:  # noqa: A002
    closed = cases.luk_sag(db, id, udfald=udfald, dato=dag, kilde="opkrævning", hændelse_id=new_id())
    db.commit()
    return closed


def fakta(db: Session) -> list[Faktum]:
    return list(db.exec(select(Faktum)).all())


def test_an_open_case_is_no_fact_but_is_counted_where_it_is_worked_on(db: Session) -> None:
    sag(db)
    row = sag(db, skridt("påkrav", date(2026, 11, 6)))
    assert (row.fase, row.frist, row.lukket) == ("påkrav", date(2026, 11, 20), None)
    assert fakta(db) == []
    assert cases.tæl_åbne(db) == 2
    luk(db, row.id, "betalt", date(2026, 11, 20))
    assert cases.tæl_åbne(db) == 1


def test_an_udsættelse_counts_in_the_month_and_year_it_was_carried_out_and_in_its_afdeling(db: Session) -> None:
    row = sag(db, skridt("udsættelse_berammet", date(2025, 12, 1), frist=date(2026, 1, 5)))
    luk(db, row.id, "udsat", date(2026, 1, 5))
    [faktum] = fakta(db)
    assert (faktum.enhed, faktum.måned, faktum.afdeling, faktum.udfald, faktum.fase) == (
        "restancesag",
        "2026-01",
        "aab55",
        "udsat",
        "udsat",
    )
    assert (faktum.art, faktum.kilde, faktum.antal) == ("", "", 1)
    assert faktum.pseudonym == pseudonym(db, row.id, 2026)
    assert (row.fase, row.frist, row.lukket) == ("udsat", None, date(2026, 1, 5))


def test_the_fact_follows_every_correction_and_goes_when_the_case_is_opened_again(db: Session) -> None:
    row = sag(db, skridt("fogedsag", date(2026, 9, 1)))
    luk(db, row.id, "fraflyttet", date(2026, 10, 30))
    [faktum] = fakta(db)
    assert (faktum.måned, faktum.udfald, faktum.fase) == ("2026-10", "fraflyttet_efter_ophævelse", "fogedsag")
    _row, data = cases.hent_sag(db, row.id)
    slut = data.hændelser[-1]
    cases.ret_hændelse(db, row.id, slut.model_copy(update={"dato": date(2026, 11, 2)}))
    cases.ret_sag(db, row.id, {"afdeling": "steenbjerggård"}, row.version)
    db.commit()
    [after] = fakta(db)
    assert (after.id, after.måned, after.afdeling) == (faktum.id, "2026-11", "steenbjerggård")
    cases.genåbn_sag(db, row.id)
    cases.genåbn_sag(db, row.id)
    db.commit()
    assert fakta(db) == []
    assert (row.fase, row.lukket) == ("fogedsag", None)
    luk(db, row.id, "enkeltydelse", date(2026, 11, 20))
    assert [(f.udfald, f.fase) for f in fakta(db)] == [("enkeltydelse", "fogedsag")]
    assert row.fase == "afværget"
    _row, data = cases.hent_sag(db, row.id)
    assert [h.annulleret for h in data.hændelser] == [False, True, False]
    cases.annullér_hændelse(db, row.id, data.hændelser[-1].id)
    db.commit()
    assert fakta(db) == []
    assert row.lukket is None


def test_a_late_step_changes_how_an_ended_case_is_counted(db: Session) -> None:
    row = sag(db, skridt("påkrav", date(2026, 9, 1)))
    luk(db, row.id, "betalt", date(2026, 10, 30))
    assert row.fase == "lukket"
    cases.tilføj_hændelse(db, row.id, skridt("ophævet", date(2026, 10, 1)))
    db.commit()
    assert (row.fase, fakta(db)[0].fase) == ("afværget", "ophævet")
    cases.tilføj_hændelse(db, row.id, skridt("påkrav", date(2026, 11, 6)))
    db.commit()
    assert (row.fase, row.lukket, row.frist) == ("påkrav", None, date(2026, 11, 20))
    assert fakta(db) == []


def test_a_case_is_closed_once_and_not_before_what_has_happened_in_it(db: Session) -> None:
    row = sag(db, skridt("påkrav", date(2026, 11, 6)))
    with pytest.raises(cases.SagFejl, match="efter den dato"):
        luk(db, row.id, "betalt", date(2026, 11, 5))
    trin = new_id()
    for _ in range(2):
        cases.luk_sag(db, row.id, udfald="betalt", dato=date(2026, 11, 19), kilde="", hændelse_id=trin)
    assert len(cases.hent_sag(db, row.id)[1].hændelser) == 2
    with pytest.raises(Konflikt, match="allerede lukket"):
        luk(db, row.id, "udsat", date(2026, 11, 20))
    db.commit()
    assert [f.udfald for f in fakta(db)] == ["betalt"]


def test_a_correction_keeps_what_stood_before_and_who_changed_it_and_an_annulled_one_stays(
    db: Session, personale: Personale
) -> None:
    row = sag(db, skridt("påkrav", date(2026, 11, 6)))
    [før] = cases.hent_sag(db, row.id)[1].hændelser
    rettet = før.model_copy(update={"dato": date(2026, 11, 7), "fremme": date(2026, 11, 10), "fase": "ophævet"})
    for _ in range(2):
        cases.ret_hændelse(db, row.id, rettet)
    cases.annullér_hændelse(db, row.id, før.id)
    cases.annullér_hændelse(db, row.id, før.id)
    db.commit()
    [efter] = cases.hent_sag(db, row.id)[1].hændelser
    assert (efter.fase, efter.dato, efter.fremme, efter.annulleret) == (
        "påkrav",
        date(2026, 11, 7),
        date(2026, 11, 10),
        True,
    )
    assert (efter.registreret, efter.af) == (før.registreret, før.af)
    assert [(t.dato, t.fremme, t.annulleret, t.tidligere) for t in efter.tidligere] == [
        (date(2026, 11, 6), None, False, []),
        (date(2026, 11, 7), date(2026, 11, 10), False, []),
    ]
    assert {t.rettet_af for t in (*efter.tidligere[1:], efter)} == {personale.brugere[Rolle.BEBOERRÅDGIVER].id}
    assert (row.fase, row.frist) == ("forfalden", None)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_case_in_the_database_is_the_same_in_whatever_order_its_steps_are_filed(db: Session) -> None:
    første = skridt("forfalden", date(2025, 10, 1))
    faser = set()
    for frø in range(12):
        draw = random.Random(frø)
        typed = [h.model_copy(update={"registreret": now(), "annulleret": False}) for h in tilfældig_sag(draw)]
        possible = [h for h in typed if umuligt(ordnet(h), IDAG) is None]
        ends = []
        for order in (possible, draw.sample(possible, len(possible))):
            row = sag(db, første)
            for hændelse in order:
                cases.tilføj_hændelse(db, row.id, hændelse)
            ends.append((row.fase, row.frist, row.lukket, cases.hent_sag(db, row.id)[1].udfald))
        assert ends[0] == ends[1]
        faser.add(ends[0][0])
    assert len(faser) > 3
    assert len(fakta(db)) % 2 == 0


def test_what_cannot_have_happened_is_refused_wherever_it_comes_from(db: Session) -> None:
    i_morgen = date(2026, 11, 21)
    with pytest.raises(cases.SagFejl, match="fremtiden"):
        sag(db, skridt("påkrav", i_morgen))
    db.rollback()
    row = sag(db, skridt("påkrav", date(2026, 11, 6)))
    with pytest.raises(cases.SagFejl, match="fremtiden"):
        cases.tilføj_hændelse(db, row.id, skridt("ophævet", i_morgen))
    with pytest.raises(cases.SagFejl, match="fremtiden"):
        cases.luk_sag(db, row.id, udfald="betalt", dato=i_morgen, kilde="", hændelse_id=new_id(), kun_meldt=True)
    [trin] = cases.hent_sag(db, row.id)[1].hændelser
    with pytest.raises(cases.SagFejl, match="kommet frem"):
        cases.ret_hændelse(db, row.id, trin.model_copy(update={"fremme": date(2026, 11, 5)}))
    luk(db, row.id, "betalt", date(2026, 11, 19))
    slut = cases.hent_sag(db, row.id)[1].hændelser[-1].model_copy(update={"dato": date(2026, 11, 5)})
    with pytest.raises(cases.SagFejl, match="efter den dato"):
        cases.ret_hændelse(db, row.id, slut)
    assert cases.ret_hændelse(db, row.id, slut, kun_meldt=True).lukket is None


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_fact_says_whether_the_household_was_reached_in_time_and_how_long_it_took(db: Session) -> None:
    row = sag(db, skridt("ophævet", date(2026, 11, 16)), kontaktet=date(2026, 11, 16))
    luk(db, row.id, "betalt", date(2026, 11, 19))
    [faktum] = fakta(db)
    assert (faktum.kontaktet, faktum.ventetid) == ("ja", "0-1")
    _row, data = cases.hent_sag(db, row.id)
    cases.ret_hændelse(db, row.id, data.hændelser[0].model_copy(update={"dato": date(2026, 11, 13)}))
    assert fakta(db)[0].kontaktet == "nej"
    cases.ret_sag(db, row.id, {"kontaktet": None}, row.version)
    assert [(f.kontaktet, f.ventetid) for f in fakta(db)] == [("nej", "ingen")]


def test_an_appointment_with_a_coming_date_is_a_deadline_and_was_made_known_today(db: Session) -> None:
    row = sag(db)
    trin = skridt("udsættelse_berammet", date(2026, 12, 8))
    for _ in range(2):
        cases.tilføj_hændelse(db, row.id, trin)
    db.commit()
    assert (row.fase, row.frist, row.version) == ("udsættelse_berammet", date(2026, 12, 8), 2)
    assert cases.hent_sag(db, row.id)[1].hændelser[-1].dato == date(2026, 11, 20)


def test_linking_reseals_under_the_resident_and_the_pseudonym_becomes_hers(
    db: Session, kontekst: Nøglekontekst
) -> None:
    row = sag(db)
    luk(db, row.id, "betalt", date(2026, 11, 20))
    own_key = kontekst.keystore.get(row.id)
    beboer = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    cases.knyt_beboer(db, row.id, beboer_id=beboer)
    db.commit()
    destroy_key(db, row.id)
    db.commit()
    with pytest.raises(Tampered):
        open_bytes(own_key, row.place, row.sealed)
    with pytest.raises(Shredded):
        kontekst.keystore.get(row.id)
    plain = open_bytes(kontekst.keystore.get(beboer), row.place, row.sealed)
    assert RestancesagData.model_validate_json(plain).beløb == Decimal("8450.00")
    assert [f.pseudonym for f in fakta(db)] == [pseudonym(db, beboer, 2026)]


def test_a_deleted_case_takes_fact_and_key_along_and_says_why_in_the_trail(
    db: Session, kontekst: Nøglekontekst
) -> None:
    row = sag(db)
    luk(db, row.id, "betalt", date(2026, 11, 20))
    cases.slet_sag(db, row.id, cases.Slettegrund.DOBBELT)
    db.commit()
    assert fakta(db) == []
    with pytest.raises(IkkeFundet):
        cases.hent_sag(db, row.id)
    with pytest.raises(Shredded):
        kontekst.keystore.get(row.id)
    query = select(Spor).where(Spor.handling == Handling.SLETTET, Spor.genstand == "restancesag")
    assert [e.anledning for e in db.exec(query).all()] == ["oprettet to gange"]


def test_of_two_who_correct_a_case_the_second_is_told_what_stands_now(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    række = sag(db).id
    cases.ret_sag(db, række, {"note": "Den første"}, 1)
    db.commit()
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as other:
        with pytest.raises(cases.SagÆndret) as caught:
            cases.ret_sag(other, række, {"note": "Den anden"}, 1)
        assert (caught.value.version, caught.value.gældende.note) == (2, "Den første")


def test_a_step_that_is_not_in_the_case_cannot_be_corrected(db: Session) -> None:
    row = sag(db)
    with pytest.raises(IkkeFundet):
        cases.annullér_hændelse(db, row.id, new_id())
    with pytest.raises(IkkeFundet):
        cases.genåbn_sag(db, new_id())


def test_the_same_id_gives_the_first_case_and_a_missing_resident_none(db: Session) -> None:
    row = sag(db)
    again = cases.opret_sag(db, RestancesagData(navn="Testa Anden"), boligorganisation="aab", id=row.id)
    assert again.id == row.id
    assert cases.hent_sag(db, row.id)[1].navn == "Zxq Prøvesen"
    with pytest.raises(IkkeFundet):
        cases.opret_sag(db, RestancesagData(), boligorganisation="aab", beboer_id=new_id())
