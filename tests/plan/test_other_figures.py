"""Figures of Vejleåparken, Slagelse and Sønderborg, each read out of its place in the document and compared."""

from __future__ import annotations

import re
import uuid
from datetime import date
from decimal import Decimal

import pytest

from rådgivning.database import now
from rådgivning.plan.agreement import Figur, Indikator
from rådgivning.plan.models import Måling
from rådgivning.statistik.standing import status
from tests.plan.documents import SLAGELSE, SØNDERBORG, VEJLEÅPARKEN, kildetekst, planfil, tæt

GOALS_OF_LBF = [
    "Der skal ske et fagligt løft af børn og unge, så flere bliver skoleparate, og flere tager en uddannelse",
    "Flere bliver tilknyttet arbejdsmarkedet",
    "Børn og unge skal støttes i et liv uden kriminalitet, og områderne skal opleves trygge",
    "Flere er en del af fællesskabet og deltager aktivt i samfundet",
]


@pytest.mark.parametrize("name", [VEJLEÅPARKEN, SLAGELSE])
def test_the_four_overall_goals_are_marked_as_such(name: str) -> None:
    plan = planfil(name)
    assert [goal.tekst for goal in plan.delmål.values()] == GOALS_OF_LBF
    assert all(goal.overordnet for goal in plan.delmål.values())
    assert {indicator.delmål for indicator in plan.indikator.values()} == set(plan.delmål)


def _row(figure: Figur | None) -> tuple[str, int | None, int] | None:
    return None if figure is None else (f"{figure.værdi:f}".replace(".", ","), figure.tæller, figure.år)


BASELINES = {
    "dagtilbud": r"i dagtilbud (\d+) børn ([\d,]+) % (\d+) børn ([\d,]+) % (\d{4})",
    "grundskole": r"en uddannelse (\d+) unge ([\d,]+) % (\d+) unge ([\d,]+) % (\d{4})",
    "restgruppen": r"\(restgruppen\) (\d+) ([\d,]+) % (\d+) ([\d,]+) % (\d{4})",
}


@pytest.mark.parametrize("key", BASELINES)
def test_vejleåparkens_counts_and_shares_are_those_of_section_5(key: str) -> None:
    told = re.search(BASELINES[key], kildetekst(VEJLEÅPARKEN))
    assert told is not None
    indicator = planfil(VEJLEÅPARKEN).indikator[key]
    assert _row(indicator.baseline) == (told[2], int(told[1]), int(told[5]))
    assert _row(indicator.sammenligning) == (told[4], int(told[3]), int(told[5]))


def test_vejleåparkens_table_has_nine_indicators_and_the_plan_all_of_them() -> None:
    source, plan = kildetekst(VEJLEÅPARKEN), planfil(VEJLEÅPARKEN)
    start = source.index("Mål Indikator Baseline bolig")
    table = tæt(source[start : source.index("6. Indsatsområder", start)])
    named = [i.gruppe or i.navn for i in plan.indikator.values()]
    assert len(set(named)) == 9
    assert table.count("Andel") == 8
    assert table.count("Karaktergennemsnit") == 1
    for name in named:
        assert tæt(name)[:24] in table, name


def test_vejleåparkens_other_baselines_are_those_of_section_5() -> None:
    source = kildetekst(VEJLEÅPARKEN)
    for words in (
        "9.-klasseselever 5,8 6,2 2019",
        "686 2.303 2019 LBF Beboerdata arbejdsmarked og uddannelse 24,8 % 16,3 %",
        "sigtet mindst én gang 4,6 % 52 3,5 % 158 2019",
        "trygge i boligområdet 80 % Øvrige HHP 73 % 2018 VIVE",
        "tit/meget tit i boligområdet 13 % Øvrige HHP 12 % 2018 VIVE",
        "Kommunal valg (2017) 46,6 % Folketingsvalg (2019) 68,5 %",
        "Kommunal valg (2017) 70,8 % Folketingsvalg (2019) 84,6 %",
    ):
        assert words in source, words
    rows = {
        key: (_row(indicator.baseline), _row(indicator.sammenligning))
        for key, indicator in planfil(VEJLEÅPARKEN).indikator.items()
        if key not in BASELINES
    }
    assert rows == {
        "karaktergennemsnit": (("5,8", None, 2019), ("6,2", None, 2019)),
        "uden_tilknytning": (("24,8", 686, 2019), ("16,3", 2303, 2019)),
        "sigtede_unge": (("4,6", 52, 2019), ("3,5", 158, 2019)),
        "trygge": (("80", None, 2018), ("73", None, 2018)),
        "frivilligt_arbejde": (("13", None, 2018), ("12", None, 2018)),
        "kommunalvalg": (("46,6", None, 2017), ("70,8", None, 2017)),
        "folketingsvalg": (("68,5", None, 2019), ("84,6", None, 2019)),
    }


def test_slagelses_nine_indicators_have_no_baseline_as_the_table_has_none() -> None:
    source, plan = kildetekst(SLAGELSE), planfil(SLAGELSE)
    table = source[source.index("Mål Indikator Baseline") : source.index("6. Indsatsområder")]
    assert re.search(r"\d+(,\d+)? ?(%|pct)", table) is None
    assert len(plan.indikator) == table.count("LBF") == 9
    assert all(not indicator.figurer() and indicator.sammenligning is None for indicator in plan.indikator.values())


def test_slagelses_nine_afdelinger_belong_where_the_text_puts_them() -> None:
    told = re.findall(r"(\w+) \((afdeling [^)]+)\)", kildetekst(SLAGELSE).split("Det skal her bemærkes")[0])
    expected = {
        (place, organisation, number)
        for place, words in told
        for numbers, organisation in re.findall(r"([\d, og]+) i ([A-Z][\w ]*?)(?= og|$)", words.replace("afdeling", ""))
        for number in re.findall(r"\d+", numbers)
    }
    plan = planfil(SLAGELSE)
    found = {
        (plan.boligområde[a.boligområde].navn, plan.boligorganisation[a.boligorganisation].navn.split(",")[0], a.nummer)
        for a in plan.afdeling.values()
    }
    assert found == expected
    assert len(found) == 9


def test_sønderborgs_attendance_is_told_for_each_afdeling() -> None:
    told = re.findall(r"Afd\. (\d+): (\d+) beboere \(([\d,]+)%\)", kildetekst(SØNDERBORG))
    plan = planfil(SØNDERBORG)
    found = [
        (str(i.område).removeprefix("Afd. "), str(i.baseline.tæller), f"{i.baseline.værdi:f}".replace(".", ","))
        for i in plan.indikator.values()
        if i.delmål == "afdelingsmøder" and i.baseline is not None
    ]
    assert found == told
    assert [place.nummer for place in plan.afdeling.values()] == [number for number, *_ in told]


def test_the_places_inferred_from_the_attendance_give_its_percentages() -> None:
    plan = planfil(SØNDERBORG)
    for place, indicator in zip(plan.afdeling.values(), plan.indikator.values(), strict=False):
        adults = plan.boligområde[place.boligområde].oplysninger[0].værdi
        assert indicator.baseline is not None
        assert indicator.baseline.tæller is not None
        assert round(100 * indicator.baseline.tæller / adults, 1) == indicator.baseline.værdi


def test_sønderborgs_quality_of_life_and_reports_have_their_fractions() -> None:
    plan, source = planfil(SØNDERBORG), kildetekst(SØNDERBORG)
    life, reports = plan.indikator["livskvalitet"], plan.indikator["anmeldelser"]
    told = re.search(r"78% 115 ud af 148 beboere 77% 8\.064 ud af 10\.473 beboere \(alle helhedsplaner\) 2018", source)
    assert told is not None
    assert life.baseline == Figur(år=2018, værdi=Decimal(78), tæller=115, nævner=148, n=148)
    assert life.sammenligning is not None
    assert (life.sammenligning.tæller, life.sammenligning.nævner, life.sammenligning.værdi) == (
        8064,
        10473,
        Decimal(77),
    )
    assert "108 anmeldelser = 4,40% af alle anmeldelser 2.453 anmeldelser 2020" in source
    assert reports.baseline is not None
    assert (reports.baseline.tæller, reports.baseline.nævner, str(reports.baseline.værdi)) == (108, 2453, "4.40")


def test_sønderborgs_table_of_residents_adds_up_and_is_that_of_the_text() -> None:
    plan, source = planfil(SØNDERBORG), kildetekst(SØNDERBORG)
    for place in (*plan.boligområde.values(), None):
        facts = plan.helhedsplan.oplysninger if place is None else place.oplysninger
        values = " ".join(f"{fact.værdi:f}".replace(".", ",") for fact in facts)
        assert f"{'Total' if place is None else place.navn.replace('/', ' /')} {values}" in source
    for number, total in enumerate(plan.helhedsplan.oplysninger):
        assert sum(place.oplysninger[number].værdi for place in plan.boligområde.values()) == total.værdi


def test_posts_without_hours_say_their_extent() -> None:
    posts = planfil(SØNDERBORG).indsatsområde["sammenhængskraft"].ressourcer
    source = kildetekst(SØNDERBORG)
    assert len(posts) == 3
    for post in posts:
        assert " ".join(f"{post.funktion} {post.omfang} {post.andel}%".split()) in source


def test_a_change_in_a_register_is_no_chance_of_who_answered() -> None:
    indicator: Indikator = planfil(VEJLEÅPARKEN).indikator["uden_tilknytning"]
    fell = Måling(
        helhedsplan_id=uuid.uuid4(), indikator="x", år=2023, værdi=Decimal(22), enhed="%", kilde="x",
        oprettet=now(), ændret=now(),
    )  # fmt: skip
    found = status(indicator, fell, date(2024, 1, 1))
    assert (found.mærke, found.tekst) == ("Den ønskede vej", "Faldet 2,8 procentpoint fra 2019 til 2023.")
