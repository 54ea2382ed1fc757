"""Deadlines after the vectors of the sources, and a state that does not depend on the order of arrival."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning.dansk import er_helligdag
from rådgivning.plan.plans import PLANER
from rådgivning.restancer import deadlines
from rådgivning.restancer.deadlines import fogedsag_ventes, sidste_betaling, sidste_rettidige, tidligste_påkrav
from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.phases import BOLIGEN_REDDET, ENDER, FASER, VEJEN, huskeliste, lukkefase, ordnet, tilstand
from rådgivning.restancer.rules import PRAKSIS
from tests.restancer.factories import skridt

DAGE = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("forfald", "påkrav"),
    [
        (date(2021, 9, 6), date(2021, 9, 10)),  # Monday to Friday
        (date(2021, 9, 7), date(2021, 9, 11)),  # Tuesday to Saturday
        (date(2021, 9, 1), date(2021, 9, 6)),  # Wednesday to Monday
        (date(2021, 9, 2), date(2021, 9, 7)),  # Thursday to Tuesday
        (date(2021, 10, 1), date(2021, 10, 6)),  # Friday to Wednesday, accepted by Vestre Landsret (UfR 2022.1586)
        (date(2026, 8, 1), date(2026, 8, 7)),  # Saturday: due on Monday, so Friday; the later of two readings
        (date(2026, 11, 1), date(2026, 11, 6)),  # Sunday: the same
        (date(2026, 4, 1), date(2026, 4, 9)),  # Maundy Thursday, Good Friday and Easter Monday do not count
        (date(2026, 1, 1), date(2026, 1, 7)),  # New Year's Day: due on 2 January
        (date(2026, 5, 13), date(2026, 5, 19)),  # Ascension Day does not count: Friday, Saturday, Monday, then Tuesday
    ],
)
def test_the_earliest_påkrav_follows_the_third_hverdag(forfald: date, påkrav: date) -> None:
    assert tidligste_påkrav(forfald) == påkrav


@pytest.mark.parametrize(
    ("fremme", "sidste"),
    [
        (date(2026, 11, 6), date(2026, 11, 20)),  # a plain Friday
        (date(2026, 11, 7), date(2026, 11, 23)),  # would end on a Saturday
        (date(2026, 11, 8), date(2026, 11, 23)),  # on a Sunday
        (date(2026, 12, 11), date(2026, 12, 28)),  # on Christmas Day, then 26 December and a Sunday
        (date(2026, 3, 20), date(2026, 4, 7)),  # on Good Friday, then Easter
        (date(2029, 5, 22), date(2029, 6, 6)),  # on grundlovsdag, a Tuesday
        (date(2024, 4, 12), date(2024, 4, 26)),  # Store bededag is an ordinary day since 2024
        (date(2026, 12, 10), date(2026, 12, 24)),  # 24 December is no statutory helligdag
    ],
)
def test_the_last_day_to_pay_is_fourteen_days_on_and_moved_over_what_is_no_working_day(
    fremme: date, sidste: date
) -> None:
    assert sidste_betaling(fremme) == sidste


@pytest.mark.parametrize(
    ("regel", "fra", "dag"),
    [
        ("tidligste_ophævelse", date(2026, 11, 6), date(2026, 11, 21)),  # the day after the last day to pay
        ("ophævelser_ventes", date(2026, 11, 9), date(2026, 11, 27)),  # the last day to pay is the 23rd
        ("ophævelser_ventes", date(2026, 11, 16), date(2026, 12, 28)),  # the 30th: so the 27th of December, a Sunday
        ("ophævelser_ventes", date(2026, 11, 12), date(2026, 11, 27)),  # the 26th: the 27th is the first day after it
        ("kommunens_afgørelse", date(2026, 12, 11), date(2026, 12, 28)),  # 14 days end on Christmas Day
        ("fogedsag_ventes", date(2026, 12, 18), date(2026, 12, 28)),  # a week ends on Christmas Day
    ],
)
def test_the_dates_that_the_field_works_by(regel: str, fra: date, dag: date) -> None:
    assert getattr(deadlines, regel)(fra) == dag


@pytest.mark.parametrize(
    ("lovfrist", "skrevet", "handl"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 20)),  # today is in time
        (date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 23)),  # passed: the next working day
        (date(2026, 11, 21), date(2026, 11, 20), date(2026, 11, 23)),  # a Saturday
        (date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)),  # a Saturday, written down on the Sunday
        (date(2026, 12, 20), date(2026, 12, 23), date(2026, 12, 24)),  # 24 December is a day to work
        (date(2027, 6, 5), date(2027, 6, 1), date(2027, 6, 7)),  # grundlovsdag
    ],
)
def test_the_day_to_act_on_is_a_working_day_that_had_not_passed(lovfrist: date, skrevet: date, handl: date) -> None:
    assert deadlines.at_handle_på(lovfrist, skrevet) == handl


def test_the_table_is_whole_and_every_rule_says_where_it_stands() -> None:
    lister = tomllib.loads((PLANER / "ishøj-2025.toml").read_text(encoding="utf-8"))["liste"]
    assert set(FASER) == set(lister["restance_fase"])
    assert {ende.udfald for ende in ENDER} == set(lister["restance_udfald"])
    assert {"betalt", "betalingsaftale", "enkeltydelse", "genhusning"} == BOLIGEN_REDDET
    for fase in FASER.values():
        assert set(fase.efter) <= set(FASER)
        assert all(FASER[før].rang < fase.rang for før in fase.efter)
        assert {"dato", "kilde"} <= set(fase.kræver) <= set(Hændelse.model_fields)
        assert fase.lukker == (fase.starter is None) == ("udfald" in fase.kræver)
        for regel in (*fase.husk, *([fase.starter] if fase.starter else [])):
            assert "§" in regel.kilde or regel.kilde == PRAKSIS
            assert regel.tekst.endswith((".", ")"))


def test_what_to_remember_follows_the_phase_and_counts_from_the_arrival() -> None:
    sendt = skridt("påkrav", date(2026, 11, 6), fremme=date(2026, 11, 9))
    stand = tilstand([sendt])
    assert (stand.frist, stand.lovfrist) == (date(2026, 11, 23), date(2026, 11, 23))
    assert [dag for _regel, dag in huskeliste(stand) if dag] == [date(2026, 11, 24), date(2026, 11, 27)]
    udsat = tilstand([skridt("udsat", date(2026, 11, 11), udfald="udsat")])
    assert [dag for _regel, dag in huskeliste(udsat)] == [date(2026, 11, 25)]
    assert huskeliste(tilstand([])) == []


def test_only_a_påkrav_arrives_and_a_coming_appointment_was_made_known_when_it_was_written_down() -> None:
    skrevet = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # past midnight in Denmark
    møde = ordnet(skridt("fogedsag", date(2026, 12, 8), registreret=skrevet, fremme=date(2026, 11, 20)))
    assert (møde.dato, møde.frist, møde.fremme) == (date(2026, 11, 21), date(2026, 12, 8), None)
    assert ordnet(møde) == møde


@given(DAGE)
def test_no_computed_deadline_lies_on_a_day_when_nothing_is_open_or_before_its_event(dag: date) -> None:
    for fase in VEJEN:
        assert fase.beregn is not None
        frist = fase.beregn(dag)
        assert frist > dag
        assert not er_helligdag(frist)
        assert frist.weekday() != 6
        if fase.nøgle != "forfalden":
            assert frist.weekday() != 5
            assert (frist.month, frist.day) != (6, 5)
    assert sidste_rettidige(dag) >= dag
    assert fogedsag_ventes(dag) - dag >= timedelta(days=7)


HÆNDELSER = st.lists(
    st.builds(
        Hændelse,
        id=st.uuids(version=4),
        fase=st.sampled_from(sorted(FASER)),
        dato=st.dates(date(2026, 1, 1), date(2026, 1, 20)),
        registreret=st.integers(0, 5_000_000).map(lambda s: datetime.fromtimestamp(1_767_225_600 + s, UTC)),
        frist=st.none() | st.dates(date(2026, 2, 1), date(2026, 3, 1)),
        udfald=st.sampled_from(["", "betalt", "udsat", "fraflyttet", "fraflyttet_efter_ophævelse", "andet"]),
        annulleret=st.booleans(),
    ),
    max_size=7,
)


@given(HÆNDELSER, st.randoms())
def test_the_state_is_the_same_in_whatever_order_the_events_arrive(
    hændelser: list[Hændelse], tilfældig: object
) -> None:
    blandet = list(hændelser)
    tilfældig.shuffle(blandet)  # type: ignore[attr-defined]
    stand = tilstand(hændelser)
    assert tilstand(blandet) == stand
    assert (stand.lukket is None) == (stand.udfald == "") == (not FASER[stand.fase].lukker)
    assert stand.lukket is None or stand.frist is None
    assert tilstand([h for h in hændelser if not h.annulleret]) == stand


def test_a_date_in_the_letter_wins_over_the_computed_one_and_the_latest_event_of_the_phase_counts() -> None:
    første = skridt("påkrav", date(2026, 11, 6))
    assert tilstand([første]).frist == date(2026, 11, 20)
    oplyst = skridt("påkrav", date(2026, 11, 7), frist=date(2026, 11, 30))
    stand = tilstand([oplyst, første])
    assert (stand.fase, stand.frist, stand.frist_er_oplyst) == ("påkrav", date(2026, 11, 30), True)


def test_a_step_further_is_where_the_case_stands_also_when_an_earlier_one_is_typed_late() -> None:
    ophævet, påkrav = skridt("ophævet", date(2026, 11, 9)), skridt("påkrav", date(2026, 11, 16))
    assert tilstand([ophævet, påkrav]).fase == "ophævet"
    assert tilstand([]).fase == "forfalden"


def test_what_happens_after_the_end_opens_the_case_again_at_its_own_phase() -> None:
    slut = skridt("lukket", date(2026, 11, 10), udfald="betalingsaftale")
    stand = tilstand([skridt("ophævet", date(2026, 11, 2)), slut, skridt("påkrav", date(2026, 11, 12))])
    assert (stand.fase, stand.nået, stand.lukket) == ("påkrav", "ophævet", None)
    late = skridt("fogedsag", date(2026, 11, 10), frist=date(2026, 12, 1))
    assert tilstand([late, slut]).lukket == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("nået", "udfald", "ventet"),
    [
        ("forfalden", "betalt", ("lukket", "forfalden", "betalt")),
        ("påkrav", "betalt", ("lukket", "påkrav", "betalt")),
        ("ophævet", "betalt", ("afværget", "ophævet", "betalt")),
        ("fogedsag", "enkeltydelse", ("afværget", "fogedsag", "enkeltydelse")),
        ("udsættelse_berammet", "genhusning", ("afværget", "udsættelse_berammet", "genhusning")),
        ("forfalden", "fraflyttet", ("lukket", "forfalden", "fraflyttet")),
        ("fogedsag", "fraflyttet", ("lukket", "fogedsag", "fraflyttet_efter_ophævelse")),
        ("forfalden", "fraflyttet_efter_ophævelse", ("lukket", "ophævet", "fraflyttet_efter_ophævelse")),
        ("fogedsag", "udsat", ("udsat", "udsat", "udsat")),
        ("fogedsag", "andet", ("lukket", "fogedsag", "andet")),
    ],
)
def test_averted_moved_out_and_evicted_are_three_different_ends(
    nået: str, udfald: str, ventet: tuple[str, str, str]
) -> None:
    hændelser = [skridt(nået, date(2026, 11, 2)), skridt("lukket", date(2026, 11, 10), udfald=udfald)]
    stand = tilstand(hændelser)
    assert (stand.fase, stand.nået, stand.udfald) == ventet


def test_an_end_without_an_outcome_still_says_whether_it_was_an_eviction() -> None:
    assert tilstand([skridt("udsat", date(2026, 11, 2))]).udfald == "udsat"
    assert tilstand([skridt("lukket", date(2026, 11, 2))]).udfald == "andet"
    assert lukkefase("udsat", "forfalden") == "udsat"


def test_two_events_of_the_same_day_are_told_apart_by_when_they_were_written_down() -> None:
    dag = date(2026, 11, 2)
    tidlig = skridt("fogedsag", dag, frist=date(2026, 12, 1), registreret=datetime(2026, 11, 2, 8, tzinfo=UTC))
    sen = skridt("fogedsag", dag, frist=date(2026, 12, 8), registreret=datetime(2026, 11, 2, 9, tzinfo=UTC))
    assert tilstand([sen, tidlig]).frist == date(2026, 12, 8)
