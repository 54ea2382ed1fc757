"""The plan files of Vejleåparken, Slagelse and Sønderborg say what their agreements say, both ways."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.models import Måling
from rådgivning.plan.plans import PLANER, indlæs
from rådgivning.plan.reader import læs
from rådgivning.plan.schema import Figur, Indikator, PlanIndhold, Retning
from rådgivning.plan.standard import STANDARD
from rådgivning.statistik.goals import status
from tests.conftest import Personale

KILDER = Path(__file__).resolve().parent / "kilder"
SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
VEJLEÅPARKEN, SLAGELSE, SØNDERBORG = "vejleåparken-2021", "slagelse-2021", "sønderborg-2021"
TEKST = {
    VEJLEÅPARKEN: ("001", "samarbejdsaftale-vejleåparken.txt"),
    SLAGELSE: ("003", "samarbejdsaftale-slagelse.txt"),
    SØNDERBORG: ("004", "delaftale-sønderborg.txt"),
}
"""Each plan's seed and the copy of it that is kept here."""

IKKE_TAL = {
    VEJLEÅPARKEN: {
        "the template's own words and section numbers": "6 2019-26 2019 11",
        "numbers of pages and footnotes": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25",
        "years in footnotes and of the jobcenter's move": "2016-2020 2018 2021/22 22",
        "afdeling 55 with the mark of footnote 9": "559",
    },
    SLAGELSE: {
        "the template's own words and section numbers": "1 2 3 4 5 6 7 8 2019-26 11",
        "numbers of pages and footnotes, and what they quote": "1 2 15 2019:5",
        "earlier evaluations and plans": "1 2 2015-18",
    },
    SØNDERBORG: {
        "principles, themes, phases and footnotes that are counted": "1 2 3",
        "pages, tables and years of the literature": "82 2011 2019 6-9 10 14 120-123 2020",
    },
}
"""Numbers of the documents that say nothing about the area, and why."""


def _plan(name: str) -> PlanIndhold:
    path = PLANER / f"{name}.toml"
    return læs(path.read_bytes(), path.name)


def _source(name: str) -> str:
    text = (KILDER / TEKST[name][1]).read_text("utf-8")
    return " ".join(re.sub(r"(?<=[a-zæøå])-\s*\n\s*(?=[a-zæøå])", "", text).split())


def _squash(text: str) -> str:
    """A text without blanks and hyphens: what the page breaks of a PDF leave alone."""
    return re.sub(r"[\s\-]", "", text)


def _numbers(text: str) -> set[str]:
    """Every number of a Danish text, as a plain decimal."""
    found = re.findall(r"\d+(?:\.\d{3})+|\d+,\d+|\d+", text)
    return {str(Decimal(re.sub(r"\.(?=\d{3})", "", number).replace(",", ".")).normalize()) for number in found}


def _texts(value: object) -> Iterator[str]:
    """Every text and number of a dumped part of a plan; our own notes and doubts are no words of the agreement."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("note", "tvivl", "decimaler"):
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, Decimal | int) and not isinstance(value, bool):
        yield f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)
    elif isinstance(value, str):
        yield value


def _said(plan: PlanIndhold) -> str:
    """All that a plan says in the agreement's name."""
    parts = plan.model_dump(exclude={"liste", "indkaldelse", "optælling", "helhedsplan"})
    head = plan.helhedsplan.model_dump(exclude={"id", "fra", "til"})
    return " ; ".join(_texts((parts, head)))


@pytest.fixture(params=sorted(TEKST))
def navn(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_sources_kept_here_are_the_ones_handed_over(navn: str) -> None:
    number, copy = TEKST[navn]
    for original in SEEDS.glob(f"{number}_*.txt"):
        assert (KILDER / copy).read_bytes() == original.read_bytes()


def test_every_number_of_the_plan_stands_in_its_document(navn: str) -> None:
    assert _numbers(_said(_plan(navn))) - _numbers(_source(navn)) == set()


def test_every_number_of_the_document_stands_in_its_plan(navn: str) -> None:
    left_out = _numbers(" ; ".join(IKKE_TAL[navn].values()))
    head = _plan(navn).helhedsplan
    dates = _numbers(f"{head.fra:%d %m %y %Y} {head.til:%d %m %y %Y}")
    assert _numbers(_source(navn)) - _numbers(_said(_plan(navn))) - left_out - dates == set()


def _pieces(text: str, source: str) -> list[str]:
    """The text cut into the longest pieces that stand in the source: page breaks and footnote numbers cut it there."""
    rest = _squash(text)
    found: list[str] = []
    while rest:
        length = next((n for n in range(len(rest), 0, -1) if rest[:n] in source), 0)
        if not length:
            return [*found, "", rest]
        found.append(rest[:length])
        rest = rest[length:]
    return found


def _quotes(plan: PlanIndhold) -> Iterator[str]:
    head = plan.helhedsplan
    yield from (head.vision, *head.baggrund, *head.parter, *(d.titel for d in head.dokumenter))
    for area in plan.indsatsområde.values():
        yield from (area.navn, area.målgruppe, *area.problemkompleks)
        yield from (word for post in area.ressourcer for word in (post.funktion, post.omfang))
    yield from (goal.tekst for goal in plan.delmål.values())
    for activity in plan.aktivitet.values():
        yield from (activity.status, activity.beskrivelse, activity.målgruppe, activity.hyppighed)
        yield from (*activity.formål, *activity.aktivitetsmål, *(e.indhold for e in activity.elementer))
        yield from (task for role in activity.roller for task in role.opgaver)


def test_texts_stand_word_for_word_in_the_document(navn: str) -> None:
    source = _squash(_source(navn))
    for quote in _quotes(_plan(navn)):
        pieces = _pieces(quote, source)
        assert len(pieces) <= 4, quote
        assert all(len(piece) > 12 for piece in pieces[1:]), pieces


def test_indicators_and_their_sources_are_called_what_the_document_calls_them(navn: str) -> None:
    source = _squash(_source(navn))
    for key, indicator in _plan(navn).indikator.items():
        words = indicator.navn.partition(", afd. ")[0]
        assert len(_pieces(words, source)) <= 2, words
        assert _squash(indicator.datakilde) in source, key
        assert indicator.sammenligning is None or indicator.sammenligning.gruppe in _source(navn)


GOALS_OF_LBF = [
    "Der skal ske et fagligt løft af børn og unge, så flere bliver skoleparate, og flere tager en uddannelse",
    "Flere bliver tilknyttet arbejdsmarkedet",
    "Børn og unge skal støttes i et liv uden kriminalitet, og områderne skal opleves trygge",
    "Flere er en del af fællesskabet og deltager aktivt i samfundet",
]


@pytest.mark.parametrize("name", [VEJLEÅPARKEN, SLAGELSE])
def test_the_four_overall_goals_are_marked_as_such(name: str) -> None:
    plan = _plan(name)
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
    told = re.search(BASELINES[key], _source(VEJLEÅPARKEN))
    assert told is not None
    indicator = _plan(VEJLEÅPARKEN).indikator[key]
    assert _row(indicator.baseline) == (told[2], int(told[1]), int(told[5]))
    assert _row(indicator.sammenligning) == (told[4], int(told[3]), int(told[5]))


def test_vejleåparkens_other_baselines_are_those_of_section_5() -> None:
    source = _source(VEJLEÅPARKEN)
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
        for key, indicator in _plan(VEJLEÅPARKEN).indikator.items()
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
    source, plan = _source(SLAGELSE), _plan(SLAGELSE)
    table = source[source.index("Mål Indikator Baseline") : source.index("6. Indsatsområder")]
    assert re.search(r"\d+(,\d+)? ?(%|pct)", table) is None
    assert len(plan.indikator) == table.count("LBF") == 9
    assert all(not indicator.figurer() and indicator.sammenligning is None for indicator in plan.indikator.values())


def test_slagelses_nine_afdelinger_belong_where_the_text_puts_them() -> None:
    told = re.findall(r"(\w+) \((afdeling [^)]+)\)", _source(SLAGELSE).split("Det skal her bemærkes")[0])
    expected = {
        (place, organisation, number)
        for place, words in told
        for numbers, organisation in re.findall(r"([\d, og]+) i ([A-Z][\w ]*?)(?= og|$)", words.replace("afdeling", ""))
        for number in re.findall(r"\d+", numbers)
    }
    plan = _plan(SLAGELSE)
    found = {
        (plan.boligområde[a.boligområde].navn, plan.boligorganisation[a.boligorganisation].navn.split(",")[0], a.nummer)
        for a in plan.afdeling.values()
    }
    assert found == expected
    assert len(found) == 9


def test_sønderborgs_attendance_is_told_for_each_afdeling() -> None:
    told = re.findall(r"Afd\. (\d+): (\d+) beboere \(([\d,]+)%\)", _source(SØNDERBORG))
    plan = _plan(SØNDERBORG)
    found = [
        (str(i.område).removeprefix("Afd. "), str(i.baseline.tæller), f"{i.baseline.værdi:f}".replace(".", ","))
        for i in plan.indikator.values()
        if i.delmål == "afdelingsmøder" and i.baseline is not None
    ]
    assert found == told
    assert [place.nummer for place in plan.afdeling.values()] == [number for number, *_ in told]


def test_the_places_inferred_from_the_attendance_give_its_percentages() -> None:
    plan = _plan(SØNDERBORG)
    for place, indicator in zip(plan.afdeling.values(), plan.indikator.values(), strict=False):
        adults = plan.boligområde[place.boligområde].oplysninger[0].værdi
        assert indicator.baseline is not None
        assert indicator.baseline.tæller is not None
        assert round(100 * indicator.baseline.tæller / adults, 1) == indicator.baseline.værdi


def test_sønderborgs_quality_of_life_and_reports_have_their_fractions() -> None:
    plan, source = _plan(SØNDERBORG), _source(SØNDERBORG)
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
    plan, source = _plan(SØNDERBORG), _source(SØNDERBORG)
    for place in (*plan.boligområde.values(), None):
        facts = plan.helhedsplan.oplysninger if place is None else place.oplysninger
        values = " ".join(f"{fact.værdi:f}".replace(".", ",") for fact in facts)
        assert f"{'Total' if place is None else place.navn.replace('/', ' /')} {values}" in source
    for number, total in enumerate(plan.helhedsplan.oplysninger):
        assert sum(place.oplysninger[number].værdi for place in plan.boligområde.values()) == total.værdi


def test_posts_without_hours_say_their_extent() -> None:
    posts = _plan(SØNDERBORG).indsatsområde["sammenhængskraft"].ressourcer
    source = _source(SØNDERBORG)
    assert len(posts) == 3
    for post in posts:
        assert " ".join(f"{post.funktion} {post.omfang} {post.andel}%".split()) in source


def test_what_goes_down_is_named(navn: str) -> None:
    down = {key for key, indicator in _plan(navn).indikator.items() if indicator.retning is Retning.NED}
    assert down == (set() if navn == SØNDERBORG else {"grundskole", "restgruppen", "uden_tilknytning", "sigtede_unge"})


def test_surveys_are_told_from_registers(navn: str) -> None:
    surveys = {key for key, i in _plan(navn).indikator.items() if not i.registertal}
    assert surveys == ({"livskvalitet"} if navn == SØNDERBORG else {"trygge", "frivilligt_arbejde"})


DOUBTS = {
    VEJLEÅPARKEN: {"31/10-2025", "Steenbjerggård", "Delaftalerne", "Voksne uden tilknytning", "Karaktergennemsnit"},
    SLAGELSE: {"Baselines", "Tryghed", "Tre eller fire boligområder", "Mål og indsatsområder"},
    SØNDERBORG: {"Afdelinger og boligområder", "Førtidspensionister", "Antal anmeldelser til politiet"},
}


def test_doubts_of_the_sources_are_noted_once(navn: str) -> None:
    about = [doubt.om for doubt in _plan(navn).helhedsplan.tvivl]
    assert len(about) == len(set(about))
    assert DOUBTS[navn] <= set(about)


def test_lists_and_invitations_are_those_of_the_standard_and_of_no_plan(navn: str) -> None:
    text = (PLANER / f"{navn}.toml").read_text("utf-8")
    assert "[liste." not in text
    assert "[indkaldelse." not in text
    standard = læs((PLANER / f"{SLAGELSE}.toml").read_bytes(), "x.toml")
    assert (_plan(navn).liste, _plan(navn).indkaldelse) == (standard.liste, standard.indkaldelse)


def test_no_afdeling_or_plan_is_keyed_twice() -> None:
    plans = [læs(path.read_bytes(), path.name) for path in sorted(PLANER.glob("*.toml"))]
    assert len(plans) == 4
    assert len({plan.helhedsplan.id for plan in plans}) == 4
    assert STANDARD.parent not in {path.parent for path in PLANER.glob("*.toml")}


SHOWN = {
    VEJLEÅPARKEN: (
        "Overordnet mål: Flere bliver tilknyttet arbejdsmarkedet",
        "Andel 1-5-årige i dagtilbud 88,4 % (266 børn) i 2019. 90,2 % (1.337 børn) i 2019. LBFs Beboerdata Skal stige",
        "5,8 karakterpoint i 2019. 6,2 karakterpoint i 2019.",
        "24,8 % (686) i 2019. 16,3 % (2.303) i 2019.",
        "til arbejdsmarked og uddannelse. Landsgennemsnit 2019: 10,0 %.",
        "4,6 % (52) i 2019. Ishøj Kommune: 3,5 % (158) i 2019.",
        "80 % i 2018. Øvrige HHP: 73 % i 2018.",
        "46,6 % i 2017. Ishøj Kommune: 70,8 % i 2017.",
        "Planåret løber fra november til oktober.",
        "176.008 kr.",
        "Dagen 31/10-2025 hører ikke til nogen plan.",
    ),
    SLAGELSE: (
        "Overordnet mål: Flere er en del af fællesskabet og deltager aktivt i samfundet",
        "Andel 1-5 årige i dagtilbud Ingen baseline LBF - Boligsociale Data Skal stige Ingen",
        "Planåret løber fra oktober til september.",
        "Sydsjællands- og Lolland Falsters politi",
        "I 2019 var der 65 sigtelser pr. 1000 beboere",
    ),
    SØNDERBORG: (
        "Deltagelse ved afdelingsmøderne, afd. 22 6,3 % (41 beboere) i 2020.",
        "Deltagelse ved afdelingsmøderne, afd. 24 4,5 % (23 beboere) i 2020.",
        "78 % (115 af 148 beboere) i 2018. 77 % (8.064 af 10.473 beboere) i 2018.",
        "Antal anmeldelser til politiet 4,40 % (108 af 2.453 anmeldelser) i 2020.",
        "Planåret løber fra september til august.",
        "Boligsocial koordinator (½ stilling i 4 år): 100 % af stillingen",
        "Projektleder: 11 % af stillingen",
        "Antal førtidspensionister (fuldtidspersoner) (2018): 375,5",
        "Understøttes af: Netværksskabende aktiviteter.",
        "Aktivitetens egne delmål: Beboerne udvikler nye sociale netværk",
    ),
}


def test_the_pages_show_the_plan(
    navn: str, klient: Callable[[Rolle | None], Any], kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        row = indlæs(session, PLANER / f"{navn}.toml")
        leder = session.merge(personale.brugere[Rolle.LEDER])
        leder.helhedsplan_id = row.id
        session.add(leder)
        session.commit()
    visitor = klient(Rolle.LEDER)
    answer = visitor.get("/delmål")
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split()).replace("\u00a0", " ")
    page = re.sub(r" ([.,:;)])", r"\1", page)
    assert [words for words in SHOWN[navn] if words not in page] == []
    assert "Udsættelser opgøres" not in page
    assert ("Tal om boligområderne" in page) is (navn == SØNDERBORG)
    målinger = visitor.get("/målinger").text
    assert ("4,40&nbsp;%" in målinger) is (navn == SØNDERBORG)
    assert ".." not in målinger.replace("...", "")


def test_a_change_in_a_register_is_no_chance_of_who_answered() -> None:
    indicator: Indikator = _plan(VEJLEÅPARKEN).indikator["uden_tilknytning"]
    fell = Måling(
        helhedsplan_id=uuid.uuid4(), indikator="x", år=2023, værdi=Decimal(22), enhed="%", kilde="x",
        oprettet=now(), ændret=now(),
    )  # fmt: skip
    found = status(indicator, fell, date(2024, 1, 1))
    assert (found.mærke, found.tekst) == ("Den ønskede vej", "Faldet 2,8 procentpoint fra 2019 til 2023.")
