"""The Ishøj plan file says what the agreement says: its figures are read out of the source text and compared."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from rådgivning.plan.agreement import Retning
from rådgivning.plan.plans import PLANER
from rådgivning.plan.reader import læs
from rådgivning.plan.schema import PlanIndhold
from tests.plan.documents import KILDER, SEEDS, renset, sagt, tal_i

DELAFTALE = KILDER / "delaftale-sammenhængskraft.txt"
OVERSIGT = KILDER / "oversigt-indsatsområder.txt"


@pytest.fixture(scope="module")
def plan() -> PlanIndhold:
    path = PLANER / "ishøj-2025.toml"
    return læs(path.read_bytes(), path.name)


@pytest.fixture(scope="module")
def delaftale() -> str:
    return renset(DELAFTALE)


@pytest.fixture(scope="module")
def overblik() -> str:
    return renset(OVERSIGT)


SURVEY = {
    "tillid_politiet": r"Tillid til politiet: ([\d,.]+) ?%",
    "tillid_domstole": r"Tillid til retsvæsnet/ domstolene: ([\d,.]+) ?%",
    "tillid_politikere": r"Tillid til politikere: ([\d,.]+) ?%",
    "tillid_borgerservice": r"Tillid til Borgerservice, sagsbehandler osv\.: ([\d,.]+) ?%",
    "tilfreds_boligområde": r"Tilfreds med at bo i boligområdet: ([\d,.]+) ?% er meget tilfreds/ tilfreds",
    "fællesskab": r"følelse af at høre til i et fællesskab: ([\d,.]+) ?% er meget enig/ enig",
    "livstilfredshed": r"Tilfredshed med dit liv: ([\d,.]+) ?% er meget tilfreds/ tilfreds",
    "isoleret": r"isoleret fra andre: ([\d,.]+) ?% altid eller ofte",
}


@pytest.mark.parametrize("key", SURVEY)
def test_both_baselines_of_each_survey_indicator_are_those_of_the_delaftale(
    key: str, plan: PlanIndhold, delaftale: str
) -> None:
    område, andre = (Decimal(found.replace(",", ".")) for found in re.findall(SURVEY[key], delaftale))
    indicator = plan.indikator[key]
    assert indicator.baseline is not None
    assert indicator.sammenligning is not None
    assert (indicator.baseline.værdi, indicator.sammenligning.værdi) == (område, andre)
    assert indicator.baseline.år == indicator.sammenligning.år == 2023
    assert f"{indicator.sammenligning.gruppe}:" in delaftale
    assert indicator.gruppe.split("/")[0] in delaftale


def test_every_indicator_is_compared_with_the_delaftale(plan: PlanIndhold) -> None:
    assert set(plan.indikator) == {*SURVEY, "udsættelser_aab55"}


def test_every_number_of_the_plan_stands_in_a_document_and_the_other_way(
    plan: PlanIndhold, delaftale: str, overblik: str
) -> None:
    both = tal_i(f"{delaftale} ; {overblik}")
    written_with_a_comma_here = {"12.9"}
    assert tal_i(sagt(plan)) - both == written_with_a_comma_here
    period = tal_i("1/11-2025 31/10-2029")
    not_about_the_area = tal_i("12 9")  # 12.9 with a point reads as two numbers
    with_a_footnote_mark = tal_i("20242")  # 2024 and footnote 2
    when_the_work_began = tal_i("2021")
    left_out = period | not_about_the_area | with_a_footnote_mark | when_the_work_began
    assert both - tal_i(sagt(plan)) - left_out == set()


def test_isolation_must_fall_and_tells_how_the_document_writes_the_figure(plan: PlanIndhold, delaftale: str) -> None:
    indicator = plan.indikator["isoleret"]
    assert indicator.retning is Retning.NED
    assert indicator.sammenligning is not None
    assert "12.9 %" in indicator.sammenligning.note
    assert "12.9 %" in delaftale
    assert "7,8 %" in delaftale


def test_the_series_of_udsættelser_is_that_of_the_text(plan: PlanIndhold, delaftale: str) -> None:
    indicator = plan.indikator["udsættelser_aab55"]
    told = re.search(
        r"i (2017) var der (\d) udsættelser, i (2018) var der (\d), i (2019) var der (\d), "
        r"mens der i (2020) var (\d) udsættelser\. Til gengæld var der kun (\d) udsættelser i (2024)",
        delaftale,
    )
    assert told is not None
    *pairs, last_value, last_year = (int(group) for group in told.groups())
    series = dict(zip(pairs[::2], pairs[1::2], strict=True)) | {last_year: last_value}
    assert {figure.år: int(figure.værdi) for figure in indicator.figurer()} == series
    assert re.search(r"AAB55 (\d) udsættelser 1 _ 2024 Boligforeningen AAB", delaftale)
    assert indicator.baseline is not None
    assert indicator.datakilde == "Boligforeningen AAB"


def test_all_of_vejleåparken_in_2012_stands_apart_from_the_series(plan: PlanIndhold, delaftale: str) -> None:
    (figure,) = plan.indikator["udsættelser_aab55"].andre_tal
    told = re.search(r"hele Vejleåparken lå på (\d+) i (\d{4})", delaftale)
    assert told is not None
    assert (int(figure.værdi), figure.år) == tuple(int(group) for group in told.groups())


def test_the_target_is_under_six(plan: PlanIndhold, delaftale: str) -> None:
    indicator = plan.indikator["udsættelser_aab55"]
    told = re.search(r"fastholdes på under (\d) udsættelser årligt i AAB55", delaftale)
    assert told is not None
    assert indicator.retning is Retning.UNDER
    assert indicator.grænse == int(told[1])


def test_the_footnotes_stand_word_for_word(plan: PlanIndhold, delaftale: str) -> None:
    indicator = plan.indikator["udsættelser_aab55"]
    assert indicator.baseline is not None
    assert indicator.baseline.fodnoter == ("1", "2")
    for mark, text in indicator.fodnoter.items():
        assert f"{mark} {text}" in delaftale


def test_period_draft_and_parties_are_those_of_the_delaftale(plan: PlanIndhold, delaftale: str) -> None:
    head = plan.helhedsplan
    assert f"{head.fra:%-d/%-m-%Y} til {head.til:%-d/%-m-%Y}" in delaftale
    assert head.udkast in delaftale
    assert head.navn in delaftale
    assert all(part in delaftale for part in head.parter)


def test_staff_resources_are_those_of_the_delaftale(plan: PlanIndhold, delaftale: str) -> None:
    area = plan.indsatsområde["sammenhængskraft"]
    assert area.vægt in delaftale
    for post in area.ressourcer:
        assert f"{post.funktion} (ansat på {post.timer} timer): {post.andel} % af stillingen" in delaftale


def test_activities_are_described_in_the_words_of_the_delaftale(plan: PlanIndhold, delaftale: str) -> None:
    for key in ("beboerrådgivning", "sundhedstjek"):
        activity = plan.aktivitet[key]
        texts = [*activity.formål, activity.målgruppe, activity.hyppighed, activity.beskrivelse]
        texts += [task for role in activity.roller for task in role.opgaver]
        assert [text for text in texts if text not in delaftale] == []
    elements = plan.aktivitet["beboerrådgivning"].elementer
    assert [element.art for element in elements] == [
        "opsøgende",
        "indflytningssyn",
        "servicebesøg",
        "en_til_en",
        "opsøgende",
        "",
    ]
    for element in elements:
        for half in re.split(r"(?<=at have) ", element.indhold):
            assert half in delaftale
    assert f"BEMÆRKNING: {elements[2].bemærkning}" in delaftale


def test_beboerrådgivning_supports_all_four_and_sundhedstjek_one(plan: PlanIndhold) -> None:
    four = {key for key, goal in plan.delmål.items() if goal.indsatsområde == "sammenhængskraft"}
    assert set(plan.aktivitet["beboerrådgivning"].understøtter) == four
    assert plan.aktivitet["sundhedstjek"].understøtter == ("trivsel",)
    assert len(four) == 4


def test_every_delmål_and_activity_of_the_overview_is_there(plan: PlanIndhold, overblik: str) -> None:
    for goal in plan.delmål.values():
        assert goal.tekst in overblik
    for activity in plan.aktivitet.values():
        assert activity.navn in overblik
        assert activity.status in overblik
    for area in plan.indsatsområde.values():
        assert f"Indsatsområde med delmål (jf. Landsbyggefonden) Samarbejdsparter i fagcentrene {area.navn}" in overblik
        assert all(centre in overblik for centre in area.fagcentre)


def test_doubts_of_the_sources_are_noted(plan: PlanIndhold) -> None:
    assert {"31/10-2025", "Steenbjerggård", "Udkast"} <= {doubt.om for doubt in plan.helhedsplan.tvivl}


def test_the_sources_kept_here_are_the_ones_handed_over() -> None:
    for number, copy in (("000", DELAFTALE), ("002", OVERSIGT)):
        for original in SEEDS.glob(f"{number}_*.txt"):
            assert copy.read_bytes() == original.read_bytes()
    for earlier in SEEDS.glob("001_*.txt"):
        assert {"30/10-2025", "Stenbjerggård"} <= set(renset(earlier).split())


def test_only_the_agreements_own_number_is_shown_exact(plan: PlanIndhold) -> None:
    exact = {key: count for key, count in plan.optælling.items() if count.offentlig}
    assert set(exact) == {"udsættelser_aab55"}
    assert exact["udsættelser_aab55"].begrundelse
    assert exact["udsættelser_aab55"].filter.dimensioner() == {"afdeling": ("aab55",), "udfald": ("udsat",)}


def test_the_two_advice_offers_are_kept_apart(plan: PlanIndhold) -> None:
    offers = {key for key, activity in plan.aktivitet.items() if activity.rådgivning}
    assert offers == {"beboerrådgivning", "social_økonomisk_rådgivning"}
