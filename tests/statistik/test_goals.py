"""Delmål answered: figures of the agreement, later målinger, target and status, and protected counts beside them."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.fakta.facts import tilføj
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.agreement import Retning
from rådgivning.plan.measurements import MålingData, opret_måling
from rådgivning.plan.models import Helhedsplan, Måling
from rådgivning.plan.plans import PLANER, indlæs, plan
from rådgivning.plan.reader import læs
from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik import protection
from rådgivning.statistik.contributions import celle
from rådgivning.statistik.goals import DelmålVisning, vis_delmål, vis_indikator
from rådgivning.statistik.periods import Periode, læs_periode
from rådgivning.statistik.release import Release
from rådgivning.statistik.rounding import RundingFejl
from rådgivning.statistik.standing import INGEN_NY, status, usikkerhed
from tests.conftest import Personale

ISHØJ = PLANER / "ishøj-2025.toml"
IDAG = date(2026, 11, 20)
kun_sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def ishøj() -> PlanIndhold:
    return læs(ISHØJ.read_bytes(), ISHØJ.name)


def _period(name: str) -> Periode:
    return læs_periode(name, date(2025, 11, 1), date(2029, 10, 31))


def _måling(indikator: str, år: int, værdi: str, **felter: Any) -> Måling:
    moment = datetime(2026, 1, 1, felter.pop("time", 0), tzinfo=UTC)
    values = {"enhed": "%", "kilde": "LBF Tryghedsundersøgelse"} | felter
    return Måling(
        helhedsplan_id=uuid.uuid4(),
        indikator=indikator,
        år=år,
        værdi=Decimal(værdi),
        oprettet=moment,
        ændret=moment,
        **values,
    )


def _status(ishøj: PlanIndhold, indikator: str, år: int, værdi: str, **felter: Any) -> tuple[str, str]:
    found = status(ishøj.indikator[indikator], _måling(indikator, år, værdi, **felter), IDAG)
    return f"{found.mærke}: {found.tekst}", found.slags


def test_no_new_måling_is_a_normal_state(ishøj: PlanIndhold) -> None:
    assert status(ishøj.indikator["isoleret"], None, IDAG) is INGEN_NY
    assert INGEN_NY.slags == "neutral"


@pytest.mark.parametrize(
    ("år", "værdi", "expected"),
    [
        (2025, "5", ("Under 6: 5 i 2025.", "ok")),
        (2025, "0", ("Under 6: 0 i 2025.", "ok")),
        (2025, "6", ("Ikke under 6: 6 i 2025.", "fejl")),
        (2025, "7", ("Ikke under 6: 7 i 2025.", "fejl")),
        (2026, "2", ("Under 6 indtil nu: 2 i 2026, som ikke er slut.", "info")),
        (2026, "6", ("Ikke under 6: 6 i 2026.", "fejl")),
    ],
)
def test_the_ceiling_is_under_six_and_a_year_is_not_won_before_it_is_over(
    år: int, værdi: str, expected: tuple[str, str], ishøj: PlanIndhold
) -> None:
    assert _status(ishøj, "udsættelser_aab55", år, værdi) == expected


@pytest.mark.parametrize(
    ("indikator", "værdi", "n", "expected"),
    [
        ("tillid_politiet", "68", 500, ("Uændret: Det samme i 2026 som i 2023.", "neutral")),
        ("tillid_politiet", "88", 500, ("Den ønskede vej: Steget 20 procentpoint fra 2023 til 2026.", "info")),
        ("tillid_politiet", "58", 500, ("Den forkerte vej: Faldet 10 procentpoint fra 2023 til 2026.", "info")),
        (
            "tillid_politiet",
            "74",
            500,
            ("Usikker ændring: Steget 6 procentpoint fra 2023 til 2026. Usikkerheden er ± 6,3 procentpoint.", "info"),
        ),
        (
            "tillid_politiet",
            "74",
            None,
            (
                (
                    "Usikker ændring: Steget 6 procentpoint fra 2023 til 2026. "
                    "Antal svar er ikke oplyst: det kan være tilfældigt."
                ),
                "info",
            ),
        ),
        ("isoleret", "1", 2000, ("Den ønskede vej: Faldet 6,8 procentpoint fra 2023 til 2026.", "info")),
        ("isoleret", "17,8", 2000, ("Den forkerte vej: Steget 10 procentpoint fra 2023 til 2026.", "info")),
    ],
)
def test_a_change_is_told_with_its_direction_and_never_when_it_may_be_chance(
    indikator: str, værdi: str, n: int | None, expected: tuple[str, str], ishøj: PlanIndhold
) -> None:
    assert _status(ishøj, indikator, 2026, værdi.replace(",", "."), n=n) == expected


def test_an_indicator_that_is_no_percentage_has_no_margin(ishøj: PlanIndhold) -> None:
    grades = ishøj.indikator["tillid_politiet"].model_copy(update={"enhed": "karakterpoint"})
    found = status(grades, _måling("x", 2026, "69"), IDAG)
    assert (found.mærke, found.tekst) == ("Den ønskede vej", "Steget 1 karakterpoint fra 2023 til 2026.")


def test_an_indicator_without_a_baseline_says_so(ishøj: PlanIndhold) -> None:
    bare = ishøj.indikator["tillid_politiet"].model_copy(update={"baseline": None})
    assert status(bare, _måling("x", 2026, "69"), IDAG).tekst == "Målt i 2026; aftalen har ingen baseline."
    assert vis_indikator("x", bare, [], _period("2026"), None, IDAG).graf is None
    two = [_måling("x", 2025, "70"), _måling("x", 2026, "69")]
    assert "Baseline" not in str(vis_indikator("x", bare, two, _period("2026"), None, IDAG).graf)


def test_the_margin_of_two_surveys() -> None:
    assert round(usikkerhed(500, None), 1) == Decimal("6.3")
    assert round(usikkerhed(100, 10_000), 2) == Decimal("10.05")


def _goals(ishøj: PlanIndhold, målinger: list[Måling] | None = None, periode: str = "2026") -> dict[str, DelmålVisning]:
    areas = vis_delmål(ishøj, målinger or [], _period(periode), None, IDAG)
    return {goal.nøgle: goal for area in areas for goal in area.delmål}


def test_every_indsatsområde_and_delmål_is_answered(ishøj: PlanIndhold) -> None:
    areas = vis_delmål(ishøj, [], _period("2026"), None, IDAG)
    assert [area.indsatsområde.navn for area in areas] == [
        "Sammenhængskraft og medborgerskab",
        "Beskæftigelse",
        "Uddannelse og livschancer",
        "Kriminalitetsforebyggelse",
    ]
    assert set(_goals(ishøj)) == set(ishøj.delmål)
    assert [len(area.uden_delmål) for area in areas] == [0, 3, 2, 3]


def test_activities_stand_with_the_delmål_they_support(ishøj: PlanIndhold) -> None:
    names = {key: [a.navn for a in goal.aktiviteter] for key, goal in _goals(ishøj).items()}
    assert names["trivsel"] == ["Beboerrådgivning", "Sundhedstjek"]
    assert names["tillid"] == ["Beboerrådgivning"]
    assert names["sigtelser"] == []


def test_targets_are_told_in_words(ishøj: PlanIndhold) -> None:
    goals = _goals(ishøj)
    assert [i.mål for i in goals["udsættelser"].indikatorer] == ["Under 6 om året"]
    assert [i.mål for i in goals["trivsel"].indikatorer] == ["Skal stige", "Skal falde"]


def test_the_series_has_one_value_a_year_and_the_agreements_own_are_never_overwritten(ishøj: PlanIndhold) -> None:
    målinger = [
        _måling("udsættelser_aab55", 2025, "4", kilde="Boligforeningen AAB", time=1),
        _måling("udsættelser_aab55", 2025, "9", kilde="Avisen", time=2),
        _måling("udsættelser_aab55", 2024, "8", kilde="Boligforeningen AAB"),
        _måling("tillid_politiet", 2026, "70"),
    ]
    (vist,) = _goals(ishøj, målinger)["udsættelser"].indikatorer
    assert [(p.år, int(p.værdi), p.kilde) for p in vist.serie] == [
        (2017, 7, "Aftalen"),
        (2018, 2, "Aftalen"),
        (2019, 3, "Aftalen"),
        (2020, 6, "Aftalen"),
        (2024, 3, "Aftalen"),
        (2025, 4, "Måling"),
    ]
    assert vist.status.mærke == "Under 6"
    assert len(vist.målinger) == 3
    assert vist.rækker[-2:] == [["2024", "3", "Aftalen"], ["2025", "4", "Måling"]]


def test_a_line_is_drawn_from_two_years_with_baseline_and_target(ishøj: PlanIndhold) -> None:
    goals = _goals(ishøj, [_måling("isoleret", 2026, "7")])
    (evictions,) = goals["udsættelser"].indikatorer
    assert "Baseline 2024" in str(evictions.graf)
    assert "Målet er under" in str(evictions.graf)
    assert [bool(i.graf) for i in goals["trivsel"].indikatorer] == [False, True]


def test_a_delmål_or_activity_that_is_over_is_left_out(ishøj: PlanIndhold) -> None:
    over = ishøj.delmål["trivsel"].model_copy(update={"til": date(2026, 12, 31)})
    changed = ishøj.model_copy(update={"delmål": ishøj.delmål | {"trivsel": over}})
    assert "trivsel" in _goals(changed, periode="2026")
    assert "trivsel" not in _goals(changed, periode="2027")


def test_every_count_of_the_plan_has_a_cell_in_the_report(ishøj: PlanIndhold) -> None:
    for count in ishøj.optælling.values():
        assert celle(count.filter)[0]
    assert celle(ishøj.optælling["restancer_afhjulpet"].filter) == (
        "restancesager",
        {"restance_udfald": ("betalt", "betalingsaftale", "enkeltydelse")},
    )


def test_a_unit_the_report_does_not_have_gives_no_count(ishøj: PlanIndhold) -> None:
    count = ishøj.optælling["restancesager"]
    assert celle(count.filter.model_copy(update={"enhed": "henvisning"})) == ("", {})


def _fakta(kontekst: Nøglekontekst, personale: Personale) -> None:
    """A year of casework: 40 contacts, 23 head counts, 12 bridges, 9 restancesager of which 2 evictions in AAB 55."""
    key = personale.helhedsplan.id
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        for number in range(40):
            art = ("en_til_en", "opsøgende", "indflytningssyn", "servicebesøg")[number % 4]
            tilføj(
                session,
                helhedsplan_id=key,
                enhed="kontakt",
                måned=f"2026-{number % 10 + 1:02}",
                art=art,
                afdeling="aab55",
                hovedemne="husleje_restance",
                aldersgruppe="30-39",
                kilde="beboeren_selv",
                udfald="råd_givet",
                pseudonym=number.to_bytes(16, "big"),
            )
        tilføj(session, helhedsplan_id=key, enhed="fremmøde", måned="2026-03", sted="vejleåparken", antal=23)
        for number in range(12):
            tilføj(
                session,
                helhedsplan_id=key,
                enhed="brobygning",
                måned="2026-04",
                modtager="borgerservice",
                ledsaget="ja",
                pseudonym=number.to_bytes(16, "big"),
            )
        for number in range(9):
            tilføj(
                session,
                helhedsplan_id=key,
                enhed="restancesag",
                måned="2026-05",
                afdeling="aab55",
                udfald="udsat" if number < 2 else "betalt",
                pseudonym=number.to_bytes(16, "big"),
            )
        session.commit()


def _enter(kontekst: Nøglekontekst, personale: Personale, data: MålingData) -> None:
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        key = session.exec(select(Helhedsplan.id)).one()
        opret_måling(session, key, plan(session, key).indikator[data.indikator], data, uuid.uuid4())
        session.commit()


def _text(page: str) -> str:
    """The page as it reads: no tags, no doubled spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def besøg(klient: Callable[[Rolle | None], Any]) -> Callable[..., str]:
    def visit(rolle: Rolle = Rolle.LEDER, url: str = "/delmål") -> str:
        answer = klient(rolle).get(url)
        assert answer.status_code == 200
        return _text(answer.text)

    return visit


@kun_sqlite
def test_the_page_shows_the_figures_of_the_agreement_with_footnotes_and_doubts(besøg: Callable[..., str]) -> None:
    page = besøg()
    for words in (
        "Tillid til politiet 68 % i 2023. 80 % i 2023. LBF Tryghedsundersøgelse Skal stige",
        "Hvor ofte føler du dig isoleret fra andre: altid eller ofte 7,8 % i 2023.",
        "12,9 % i 2023. Dokumentet skriver »12.9 %« med punktum.",
        "3 udsættelser",
        "1 Baseline er lavere end delmålet af tre grunde: 1) Antallet af udsættelser var højere de foregående år,",
        "2 Tallet er behæftet med usikkerhed og kan være højere",
        "Hele Vejleåparken 2012: 34 udsættelser.",
        "Under 6 om året",
        "Skal falde",
        "Ingen ny måling",
        "Udkast: 01 09 2025",
        "Dagen 31/10-2025 hører ikke til nogen plan.",
        "Beboerrådgiver (ansat på 32 timer): 100 % af stillingen",
        "2017 7 Aftalen",
    ):
        assert words in page


def test_the_counts_of_the_year_are_protected_and_the_public_total_is_exact(
    besøg: Callable[..., str], kontekst: Nøglekontekst, personale: Personale
) -> None:
    _fakta(kontekst, personale)
    page = besøg()
    counts = {
        label: int(found[1])
        for label in ("Kontakter om husleje og restance", "Fremmøde til Sundhedstjek", "Afsluttede restancesager")
        if (found := re.search(rf"{label} (\d+)", page))
    }
    assert counts["Kontakter om husleje og restance"] in (35, 40, 45)
    assert counts["Fremmøde til Sundhedstjek"] in (20, 25)
    assert counts["Afsluttede restancesager"] in (5, 10)
    assert re.search(r"kommunens centre, Borgerservice og jobcenter \* (10|15) ", page)
    assert "Udsættelser på baggrund af restance i AAB 55, registreret i rådgivningen 2 Forskel –" in page
    assert "Ikke kommet endnu" in page


@kun_sqlite
def test_the_official_number_stands_beside_the_casework_count(
    besøg: Callable[..., str], kontekst: Nøglekontekst, personale: Personale
) -> None:
    _fakta(kontekst, personale)
    data = MålingData("udsættelser_aab55", 2026, Decimal(5), "Boligforeningen AAB", note="Foreløbigt tal.")
    _enter(kontekst, personale, data)
    page = besøg()
    assert "Officielt tal: Boligforeningen AAB 5" in page
    assert "registreret i rådgivningen 2 Forskel 3" in page
    assert "Note til det officielle tal: Foreløbigt tal." in page
    assert "Under 6 indtil nu 5 i 2026, som ikke er slut." in page


@kun_sqlite
def test_the_plan_year_is_offered_and_has_no_udsættelser_of_a_calendar_year(
    besøg: Callable[..., str], kontekst: Nøglekontekst, personale: Personale
) -> None:
    _fakta(kontekst, personale)
    page = besøg(url="/delmål?periode=planår-1")
    assert "Fra det daglige arbejde, planår 1 (november 2025 – oktober 2026)" in page
    assert "Det officielle tal og" not in page


@kun_sqlite
def test_a_period_the_plan_does_not_have_is_not_found(klient: Callable[[Rolle | None], Any]) -> None:
    leder = klient(Rolle.LEDER)
    for period in ("2024", "2028", "planår-9", "2026-K1", "x"):
        assert leder.get(f"/delmål?periode={period}").status_code == 404


@kun_sqlite
def test_before_the_plan_begins_there_are_no_counts_and_no_error(besøg: Callable[..., str]) -> None:
    database.clock.read = lambda: datetime(2025, 9, 1, 12, tzinfo=UTC)
    assert "Tillid til politiet 68 % i 2023." in besøg()


@kun_sqlite
def test_the_beboerrådgiver_sees_the_delmål_without_the_leders_links(klient: Callable[[Rolle | None], Any]) -> None:
    own = klient(Rolle.BEBOERRÅDGIVER).get("/delmål")
    assert own.status_code == 200
    assert "/målinger" not in unescape(own.text).replace("%C3%A5", "å")
    assert "/målinger" in unescape(klient(Rolle.LEDER).get("/delmål").text).replace("%C3%A5", "å")


@kun_sqlite
@pytest.mark.parametrize("rolle", [Rolle.EJENDOMSDRIFT, Rolle.INKASSO, Rolle.DATABESKYTTELSE])
def test_other_roles_are_refused(rolle: Rolle, klient: Callable[[Rolle | None], Any]) -> None:
    assert klient(rolle).get("/delmål").status_code == 403


@kun_sqlite
def test_figures_that_cannot_be_protected_are_left_out(
    besøg: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise RundingFejl("not safe")

    monkeypatch.setattr(protection, "lav_system", refuse)
    page = besøg()
    assert "kan ikke vises beskyttet og er derfor udeladt" in page
    assert "Fra det daglige arbejde" not in page


@kun_sqlite
def test_a_plan_without_indicators_or_counts_shows_what_it_has(
    besøg: Callable[..., str], kontekst: Nøglekontekst, personale: Personale, tmp_path: Path
) -> None:
    text = ISHØJ.read_text("utf-8")
    start, end = text.index("[indikator.tillid_politiet]"), text.index('[aktivitet."beboerrådgivning"]')
    text = text[:start] + text[end : text.index('["optælling"')] + text[text.index("[liste.art]") :]
    path = tmp_path / "ishøj-2025.toml"
    path.write_text(text.replace("ishøj-2025", "tom-2025"), "utf-8")
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        row = indlæs(session, path)
        _move(session, personale, row.id)
        session.commit()
    page = besøg()
    assert "Kilderne har ingen indikator til dette delmål." in page


def _move(session: Session, personale: Personale, helhedsplan_id: uuid.UUID) -> None:
    """Let the leder work in another helhedsplan."""
    leder = session.merge(personale.brugere[Rolle.LEDER])
    leder.helhedsplan_id = helhedsplan_id
    session.add(leder)


def _release(år: int, cells: dict[str, list[tuple[dict[str, Any], int | None]]], **rule: Any) -> Release:
    """A recorded release with these tables."""
    tables = [
        {"name": name, "cells": [{"key": key, "value": value} for key, value in rows]} for name, rows in cells.items()
    ]
    data = json.dumps({"tables": tables, "dims": {}, "known_rule": rule or {"method": "x", "base": 5}}).encode()
    moment = datetime(år + 1, 2, 1, tzinfo=UTC)
    return Release(
        uuid.uuid4(), _period(str(år)), data, moment, {"tærskel": 5}, 1, "x", "x", "x", 1, (), moment
    )  # fmt: skip


def _sager(år: int, alle: int | None, *afhjulpet: int | None) -> Release:
    unit = {"enhed": "restancesager"}
    rows: list[tuple[dict[str, Any], int | None]] = [(unit, alle)]
    for udfald, count in zip(("betalt", "betalingsaftale", "enkeltydelse"), afhjulpet, strict=True):
        rows.append(({**unit, "restance_udfald": udfald}, count))
    return _release(år, {"restancesager_udfald_tid": rows})


def _with_formula(ishøj: PlanIndhold, **felter: Any) -> PlanIndhold:
    share = ishøj.indikator["tillid_politiet"].model_copy(
        update={
            "delmål": "udsættelser",
            "formel": "100 * restancer_afhjulpet / restancesager",
            "baseline": None,
            "sammenligning": None,
            "decimaler": 1,
            **felter,
        }
    )
    return ishøj.model_copy(update={"indikator": {"andel": share}})


def test_a_formula_is_worked_out_from_protected_figures_year_by_year(ishøj: PlanIndhold) -> None:
    years = {2025: _sager(2025, 30, 10, 5, 0), 2026: _sager(2026, 45, 15, 10, 5)}
    plan = _with_formula(ishøj, mål=Decimal(50))
    areas = vis_delmål(plan, [], _period("2026"), years[2026], IDAG, years)
    shown = next(g for area in areas for g in area.delmål if g.nøgle == "udsættelser").indikatorer[0]
    assert [(p.år, str(p.værdi), p.kilde) for p in shown.serie] == [
        (2025, "50.0", "Beregnet"),
        (2026, "66.7", "Beregnet"),
    ]
    assert shown.beregning is not None
    assert shown.beregning.svar == "Ca. 66,7\u00a0%"
    assert shown.beregning.led[1] == ("Afsluttede restancesager", "45")
    assert (shown.status.mærke, shown.status.slags) == ("Målet er nået", "ok")
    running = vis_delmål(plan, [], _period("2026"), years[2026], IDAG, {2026: years[2026]})
    shown_now = next(g for area in running for g in area.delmål if g.nøgle == "udsættelser").indikatorer[0]
    assert (shown_now.status.mærke, shown_now.status.slags) == ("Indtil nu", "info")
    assert shown.mål == "Skal stige til 50\u00a0%"
    assert "Mål: 50" in str(shown.graf)


def test_a_formula_without_its_figures_is_not_shown(ishøj: PlanIndhold) -> None:
    plan = _with_formula(ishøj)
    for release, words in (
        (_sager(2026, None, 15, 10, 5), "Kan ikke beregnes: et af tallene er udeladt"),
        (_sager(2026, 45, 15, None, 5), "Kan ikke beregnes: et af tallene er udeladt"),
        (_sager(2026, 15, 5, 5, 5), "For få til en andel."),
        (_release(2026, {}), "Kan ikke beregnes"),
    ):
        areas = vis_delmål(plan, [], _period("2026"), release, IDAG, {2026: release})
        shown = next(g for area in areas for g in area.delmål if g.nøgle == "udsættelser").indikatorer[0]
        assert shown.beregning is not None
        assert shown.beregning.svar.startswith(words)
        assert shown.status.mærke == "Kan ikke beregnes"


@pytest.mark.parametrize(
    ("retning", "værdi", "expected"),
    [
        ("op", "75", ("Målet er nået", "ok")),
        ("op", "74", ("På vej mod målet", "advarsel")),
        ("op", "68", ("Målet er ikke nået", "fejl")),
        ("ned", "60", ("Målet er nået", "ok")),
    ],
)
def test_only_a_target_of_the_plan_gives_a_traffic_light(
    retning: str, værdi: str, expected: tuple[str, str], ishøj: PlanIndhold
) -> None:
    wish = {"mål": Decimal(75 if retning == "op" else 60), "retning": Retning(retning)}
    indicator = ishøj.indikator["tillid_politiet"].model_copy(update=wish)
    found = status(indicator, _måling("tillid_politiet", 2026, værdi), IDAG)
    assert (found.mærke, found.slags) == expected


def test_what_each_activity_did_is_told_where_the_release_has_it(ishøj: PlanIndhold) -> None:
    unit = {"enhed": "kontakter"}
    cells: list[tuple[dict[str, Any], int | None]] = [
        ({**unit, "art": "en_til_en"}, 40),
        ({**unit, "aktivitet": "beboerrådgivning"}, 35),
        ({**unit, "aktivitet": "sundhedstjek"}, None),
        ({**unit, "aktivitet": "beboerrådgivning", "art": "en_til_en"}, 25),
        ({**unit, "aktivitet": "sundhedstjek", "art": "en_til_en"}, 0),
    ]
    release = _release(2026, {"kontakter_aktivitet_art": cells, "fremmøde_sted_tid": [({"enhed": "fremmøde"}, 190)]})
    areas = vis_delmål(ishøj, [], _period("2026"), release, IDAG)
    goals = {goal.nøgle: goal for area in areas for goal in area.delmål}
    assert goals["trivsel"].bidrag is not None
    assert goals["trivsel"].bidrag.kolonner == ["Kontakter i alt", "En-til-en rådgivning", "Fremmødte i alt"]
    assert list(goals["trivsel"].bidrag.rækker) == [
        ("Beboerrådgivning", ["35", "25", "–"]),
        ("Sundhedstjek", ["∙", "0", "190"]),
    ]
    assert goals["tillid"].bidrag is None
