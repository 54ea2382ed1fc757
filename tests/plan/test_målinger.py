"""The leder enters yearly målinger through the pages: what is saved, what is refused, and what is kept."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Rolle
from rådgivning.database import now, på_tværs
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan import measurements
from rådgivning.plan.measurements import MålingData
from rådgivning.plan.models import Helhedsplan, Måling, MålingVersion, Tusindedele
from rådgivning.plan.plans import plan
from rådgivning.spor.models import Spor
from tests.conftest import Personale

SURVEY = {"år": "2026", "værdi": "71,5", "kilde": "LBF Tryghedsundersøgelse"}
EVICTIONS = {"år": "2025", "værdi": "5", "kilde": "Boligforeningen AAB"}


@pytest.fixture
def leder(klient: Callable[[Rolle | None], FlaskClient]) -> Any:
    return klient(Rolle.LEDER)


@pytest.fixture
def db(kontekst: Nøglekontekst, personale: Personale) -> Any:
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        yield session


def _all(session: Session) -> list[Måling]:
    """What stands now; the transaction is ended, so that the pages can write."""
    found = list(measurements.alle_målinger(session, session.exec(select(Helhedsplan.id)).one()))
    session.expunge_all()
    session.rollback()
    return found


def _enter(leder: Any, indicator: str = "tillid_politiet", **fields: str) -> Any:
    return leder.send(f"/målinger/ny/{indicator}", SURVEY | fields)


def test_a_måling_is_saved_with_year_value_source_n_and_note(leder: Any, db: Session) -> None:
    answer = _enter(leder, sammenligning="81", n="212", note="Målt i foråret.")
    assert answer.status_code == 303
    (saved,) = _all(db)
    assert (saved.indikator, saved.år, saved.værdi, saved.enhed) == ("tillid_politiet", 2026, Decimal("71.5"), "%")
    assert (saved.sammenligning, saved.n, saved.note, saved.version) == (Decimal(81), 212, "Målt i foråret.", 1)
    page = leder.get("/målinger").text
    assert "71,5\u00a0%" in page.replace("&nbsp;", "\u00a0")
    assert "n = 212" in page
    assert db.exec(select(Spor).where(Spor.genstand == "måling")).one().handling == "oprettet"


def test_the_source_is_suggested_from_the_plan(leder: Any) -> None:
    assert 'value="Boligforeningen AAB"' in leder.get("/målinger/ny/udsættelser_aab55").text


def test_the_official_number_of_udsættelser_is_a_måling_too(leder: Any, db: Session) -> None:
    assert leder.send("/målinger/ny/udsættelser_aab55", EVICTIONS).status_code == 303
    (saved,) = _all(db)
    assert (saved.værdi, saved.enhed) == (Decimal(5), "udsættelser")


REFUSED = {
    "more than 100 %": ({"værdi": "100,1"}, "En procent ligger mellem 0 og 100."),
    "less than nothing": ({"værdi": "-1"}, "Tallet skal ligge mellem 0 og 1.000.000."),
    "no value": ({"værdi": ""}, "Skriv målingens værdi."),
    "no year": ({"år": ""}, "Skriv det år, målingen gælder."),
    "no source": ({"kilde": "  "}, "Skriv, hvor tallet kommer fra."),
    "a year to come": ({"år": "2027"}, "Året skal ligge mellem 2006 og 2026."),
    "a year long ago": ({"år": "1999"}, "Året skal ligge mellem 2006 og 2026."),
    "a word for a value": ({"værdi": "mange"}, "Skriv et tal"),
    "too many decimals": ({"værdi": "71,55"}, "Skriv tallet med højst 1 decimal."),
    "a comparison over 100 %": ({"sammenligning": "101"}, "En procent ligger mellem 0 og 100."),
    "a numerator alone": ({"tæller": "115"}, "Tæller og nævner hører sammen"),
    "a denominator alone": ({"nævner": "148"}, "Tæller og nævner hører sammen"),
    "a numerator above its denominator": ({"tæller": "149", "nævner": "148"}, "ikke være større end nævneren"),
    "a denominator of nothing": ({"tæller": "0", "nævner": "0"}, "ikke være større end nævneren"),
    "a fraction that is another percentage": ({"tæller": "115", "nævner": "148"}, "Tæller og nævner giver 77,7 %."),
    "a CPR number in the note": ({"note": "Oplyst af 010190-1234"}, "CPR"),
    "a far too long note": ({"note": "a" * 2001}, "der er plads til 2.000"),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_what_cannot_be_right_is_refused_in_danish_and_stays_in_the_form(mistake: str, leder: Any, db: Session) -> None:
    fields, words = REFUSED[mistake]
    answer = _enter(leder, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert _all(db) == []


def test_a_fraction_of_a_person_evicted_is_refused(leder: Any) -> None:
    answer = leder.send("/målinger/ny/udsættelser_aab55", EVICTIONS | {"værdi": "2,5"})
    assert answer.status_code == 422
    assert "Skriv tallet med hele tal." in answer.text


def test_where_the_agreement_compares_with_nobody_a_måling_may_say_with_whom(leder: Any, db: Session) -> None:
    own = {**EVICTIONS, "sammenligning": "9"}
    alone = leder.send("/målinger/ny/udsættelser_aab55", own)
    assert alone.status_code == 422
    assert "Værdi og gruppe hører sammen" in alone.text
    assert leder.send("/målinger/ny/udsættelser_aab55", {**own, "gruppe": "Hele Ishøj"}).status_code == 303
    (saved,) = _all(db)
    assert (saved.sammenligning, saved.gruppe) == (Decimal(9), "Hele Ishøj")
    assert "Hele Ishøj: 9 udsættelser" in leder.get("/målinger").text
    assert 'name="gruppe"' not in leder.get("/målinger/ny/tillid_politiet").text


def test_a_percentage_with_its_fraction_is_taken(leder: Any, db: Session) -> None:
    assert _enter(leder, værdi="77,7", tæller="115", nævner="148").status_code == 303
    assert (_all(db)[0].tæller, _all(db)[0].nævner) == (115, 148)


def test_one_måling_per_indicator_year_and_source(leder: Any, db: Session) -> None:
    assert _enter(leder).status_code == 303
    answer = _enter(leder, værdi="60", kilde="  LBF   Tryghedsundersøgelse ")
    assert answer.status_code == 422
    assert "Der er allerede en måling for 2026 fra den kilde." in answer.text
    assert _enter(leder, kilde="Egen undersøgelse").status_code == 303
    assert _enter(leder, år="2025").status_code == 303
    assert len(_all(db)) == 3


def test_the_same_form_sent_twice_makes_one(leder: Any, db: Session) -> None:
    key = str(uuid.uuid4())
    assert _enter(leder, formular_id=key).status_code == 303
    assert _enter(leder, formular_id=key).status_code == 303
    assert len(_all(db)) == 1


def _version(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_correction_keeps_what_stood_before(leder: Any, db: Session) -> None:
    _enter(leder, note="Foreløbig.")
    url = f"/målinger/{_all(db)[0].id}"
    page = leder.get(url).text
    assert 'value="71,5' in page
    answer = leder.send(url, SURVEY | {"værdi": "70", "version": _version(page)})
    assert answer.status_code == 303
    (saved,) = _all(db)
    assert (saved.værdi, saved.version, saved.note) == (Decimal(70), 2, "")
    after = leder.get(url).text.replace("&nbsp;", "\u00a0")
    assert "Nu: 2026: 70\u00a0%" in after
    assert "Før: 2026: 71,5\u00a0%. Kilde: LBF Tryghedsundersøgelse. Foreløbig." in after


def test_saving_without_a_change_makes_no_version(leder: Any, db: Session) -> None:
    _enter(leder)
    url = f"/målinger/{_all(db)[0].id}"
    assert leder.send(url, SURVEY | {"version": "1"}).status_code == 303
    assert _all(db)[0].version == 1
    assert db.exec(select(MålingVersion)).all() == []


def test_a_faulty_correction_changes_nothing(leder: Any, db: Session) -> None:
    _enter(leder)
    answer = leder.send(f"/målinger/{_all(db)[0].id}", SURVEY | {"værdi": "171", "version": "1"})
    assert answer.status_code == 422
    assert _all(db)[0].værdi == Decimal("71.5")


def test_two_who_correct_at_once_the_later_is_told_and_keeps_what_she_typed(leder: Any, db: Session) -> None:
    _enter(leder)
    url = f"/målinger/{_all(db)[0].id}"
    leder.send(url, SURVEY | {"værdi": "70", "version": "1"})
    answer = leder.send(url, SURVEY | {"værdi": "69", "version": "1"})
    assert answer.status_code == 409
    assert "En anden har rettet målingen, mens du skrev." in answer.text
    assert 'value="69' in answer.text
    assert _all(db)[0].værdi == Decimal(70)
    assert leder.send(url, SURVEY | {"værdi": "69", "version": _version(answer.text)}).status_code == 303
    assert _all(db)[0].værdi == Decimal(69)


def test_a_version_that_is_no_number_is_nobodys(leder: Any, db: Session) -> None:
    _enter(leder)
    assert leder.send(f"/målinger/{_all(db)[0].id}", SURVEY | {"værdi": "69", "version": "²"}).status_code == 409


def test_removing_asks_first_and_the_måling_stays_among_the_removed(leder: Any, db: Session) -> None:
    _enter(leder)
    url = f"/målinger/{_all(db)[0].id}/slet"
    page = leder.get(url)
    assert page.status_code == 200
    assert "Slet målingen?" in page.text
    assert len(_all(db)) == 1
    assert leder.send(url, {"version": "1"}).status_code == 303
    assert _all(db) == []
    assert "Slettede målinger" in leder.get("/målinger").text
    assert leder.get(url).status_code == 404
    assert _enter(leder).status_code == 303


def test_removing_what_was_corrected_meanwhile_is_refused(leder: Any, db: Session) -> None:
    _enter(leder)
    key = _all(db)[0].id
    leder.send(f"/målinger/{key}", SURVEY | {"værdi": "70", "version": "1"})
    assert leder.send(f"/målinger/{key}/slet", {"version": "1"}).status_code == 409
    assert len(_all(db)) == 1


def test_an_indicator_the_plan_does_not_have_is_not_found(leder: Any) -> None:
    assert leder.get("/målinger/ny/lykke").status_code == 404


@pytest.mark.parametrize("role", [Rolle.BEBOERRÅDGIVER, Rolle.EJENDOMSDRIFT, Rolle.INKASSO, Rolle.DATABESKYTTELSE])
def test_others_than_the_leder_are_refused(
    role: Rolle, leder: Any, klient: Callable[[Rolle | None], Any], db: Session
) -> None:
    _enter(leder)
    key = _all(db)[0].id
    other = klient(role)
    for url in ("/målinger", "/målinger/ny/tillid_politiet", f"/målinger/{key}", f"/målinger/{key}/slet"):
        assert other.get(url).status_code == 403
    assert other.send(f"/målinger/{key}/slet", {"version": "1"}).status_code == 403
    assert len(_all(db)) == 1


def _other_plan(session: Session, indicator: str) -> Måling:
    plan_row = session.exec(select(Helhedsplan)).one()
    other = Helhedsplan(
        nøgle="anden",
        navn="En anden",
        fra=plan_row.fra,
        til=plan_row.til,
        indhold=plan_row.indhold,
        kilde="0",
        indlæst=now(),
    )
    session.add(other)
    session.flush()
    foreign = Måling(
        helhedsplan_id=other.id,
        indikator=indicator,
        år=2026,
        værdi=Decimal(1),
        enhed="%",
        kilde="x",
        oprettet=now(),
        ændret=now(),
    )
    with på_tværs(session):
        session.add(foreign)
        session.commit()
        session.refresh(foreign)
        session.expunge_all()
        session.rollback()
    return foreign


def test_another_helhedsplans_måling_is_not_found(leder: Any, db: Session) -> None:
    key = _other_plan(db, "tillid_politiet").id
    assert leder.get(f"/målinger/{key}").status_code == 404
    assert leder.send(f"/målinger/{key}/slet", {"version": "1"}).status_code == 404
    assert _enter(leder, formular_id=str(key)).status_code == 422


def test_the_database_itself_refuses_a_second_one(db: Session) -> None:
    key = db.exec(select(Helhedsplan.id)).one()
    indicator = plan(db, key).indikator["tillid_politiet"]
    data = MålingData("tillid_politiet", 2026, Decimal(70), "LBF")
    first = measurements.opret_måling(db, key, indicator, data, uuid.uuid4())
    assert measurements.opret_måling(db, key, indicator, data, first.id).id == first.id
    with pytest.raises(Konflikt, match="allerede en måling for 2026"):
        measurements.opret_måling(db, key, indicator, data, uuid.uuid4())
    measurements.slet_måling(db, first, 1)
    measurements.opret_måling(db, key, indicator, data, uuid.uuid4())
    with pytest.raises(IkkeFundet):
        measurements.hent_måling(db, first.id)


def test_thousandths_are_exact_and_more_is_refused(db: Session) -> None:
    kind = Tusindedele()
    dialect = db.get_bind().dialect
    for text in ("0", "7.8", "12.9", "100", "0.001", "9999999.999"):
        value = Decimal(text)
        assert kind.process_result_value(kind.process_bind_param(value, dialect), dialect) == value
    assert kind.process_bind_param(None, dialect) is None
    with pytest.raises(ValueError, match="three decimals"):
        kind.process_bind_param(Decimal("0.0001"), dialect)
