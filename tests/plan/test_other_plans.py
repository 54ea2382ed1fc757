"""The plan files of Vejleåparken, Slagelse and Sønderborg say what their agreements say, both ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import på_tværs
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.agreement import Retning
from rådgivning.plan.plans import PLANER, indlæs
from rådgivning.plan.reader import læs
from rådgivning.plan.schema import PlanIndhold
from rådgivning.plan.standard import STANDARD
from tests.conftest import Personale
from tests.plan.documents import (
    KILDER,
    SEEDS,
    SLAGELSE,
    SØNDERBORG,
    TEKST,
    VEJLEÅPARKEN,
    kildetekst,
    planfil,
    sagt,
    tal_i,
    tæt,
)

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


@pytest.fixture(params=sorted(TEKST))
def navn(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_sources_kept_here_are_the_ones_handed_over(navn: str) -> None:
    number, copy = TEKST[navn]
    for original in SEEDS.glob(f"{number}_*.txt"):
        assert (KILDER / copy).read_bytes() == original.read_bytes()


def test_every_number_of_the_plan_stands_in_its_document(navn: str) -> None:
    assert tal_i(sagt(planfil(navn))) - tal_i(kildetekst(navn)) == set()


def test_every_number_of_the_document_stands_in_its_plan(navn: str) -> None:
    left_out = tal_i(" ; ".join(IKKE_TAL[navn].values()))
    head = planfil(navn).helhedsplan
    dates = tal_i(f"{head.fra:%d %m %y %Y} {head.til:%d %m %y %Y}")
    assert tal_i(kildetekst(navn)) - tal_i(sagt(planfil(navn))) - left_out - dates == set()


def _pieces(text: str, source: str) -> list[str]:
    """The text cut into the longest pieces that stand in the source: page breaks and footnote numbers cut it there."""
    rest = tæt(text)
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
    source = tæt(kildetekst(navn))
    for quote in _quotes(planfil(navn)):
        pieces = _pieces(quote, source)
        assert len(pieces) <= 4, quote
        assert all(len(piece) > 12 for piece in pieces[1:]), pieces


def test_indicators_and_their_sources_are_called_what_the_document_calls_them(navn: str) -> None:
    source = tæt(kildetekst(navn))
    for key, indicator in planfil(navn).indikator.items():
        words = indicator.navn.partition(", afd. ")[0]
        assert len(_pieces(words, source)) <= 2, words
        assert tæt(indicator.datakilde) in source, key
        assert indicator.sammenligning is None or indicator.sammenligning.gruppe in kildetekst(navn)


def test_what_goes_down_is_named(navn: str) -> None:
    down = {key for key, indicator in planfil(navn).indikator.items() if indicator.retning is Retning.NED}
    assert down == (set() if navn == SØNDERBORG else {"grundskole", "restgruppen", "uden_tilknytning", "sigtede_unge"})


def test_surveys_are_told_from_registers(navn: str) -> None:
    surveys = {key for key, i in planfil(navn).indikator.items() if not i.registertal}
    assert surveys == ({"livskvalitet"} if navn == SØNDERBORG else {"trygge", "frivilligt_arbejde"})


DOUBTS = {
    VEJLEÅPARKEN: {"31/10-2025", "Steenbjerggård", "Delaftalerne", "Voksne uden tilknytning", "Karaktergennemsnit"},
    SLAGELSE: {"Baselines", "Tryghed", "Tre eller fire boligområder", "Mål og indsatsområder"},
    SØNDERBORG: {"Afdelinger og boligområder", "Førtidspensionister", "Antal anmeldelser til politiet"},
}


def test_doubts_of_the_sources_are_noted_once(navn: str) -> None:
    about = [doubt.om for doubt in planfil(navn).helhedsplan.tvivl]
    assert len(about) == len(set(about))
    assert DOUBTS[navn] <= set(about)


def test_lists_and_invitations_are_those_of_the_standard_and_of_no_plan(navn: str) -> None:
    text = (PLANER / f"{navn}.toml").read_text("utf-8")
    assert "[liste." not in text
    assert "[indkaldelse." not in text
    standard = læs((PLANER / f"{SLAGELSE}.toml").read_bytes(), "x.toml")
    assert (planfil(navn).liste, planfil(navn).indkaldelse) == (standard.liste, standard.indkaldelse)


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


def _shown(plan: PlanIndhold) -> Iterator[str]:
    """Every figure of the plan as the page must have it."""
    for indicator in plan.indikator.values():
        for figure in (indicator.baseline, indicator.sammenligning):
            if figure is not None:
                counted = "" if figure.tæller is None else f" ({figure.tæller:,}"
                counted += "" if figure.nævner is None else f" af {figure.nævner:,}"
                counted += f" {indicator.tælles}" if counted and indicator.tælles else ""
                value = f"{figure.værdi:f}".replace(".", ",")
                yield f"{value} {indicator.enhed}{counted.replace(',', '.')}{')' if counted else ''} i {figure.år}."
        for figure in indicator.andre_tal:
            value = f"{figure.værdi:f}".replace(".", ",")
            yield f"{figure.område} {figure.år}: {value} {indicator.enhed}."


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)  # the page's figures are made on both elsewhere
def test_the_pages_show_the_plan(
    navn: str, klient: Callable[[Rolle | None], Any], kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session, på_tværs(session):
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
    assert [words for words in _shown(planfil(navn)) if words not in page] == []
    assert "Udsættelser opgøres" not in page
    assert ("Tal om boligområderne" in page) is (navn == SØNDERBORG)
    målinger = visitor.get("/målinger").text
    assert ("4,40&nbsp;%" in målinger) is (navn == SØNDERBORG)
    assert ".." not in målinger.replace("...", "")
