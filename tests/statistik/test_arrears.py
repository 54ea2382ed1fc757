"""The figures behind the delmål on udsættelser: shares, waiting and the years, from protected figures alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.fakta import arrears
from rådgivning.fakta.rows import Fakta
from rådgivning.plan.plans import plan
from rådgivning.restancer import phases
from rådgivning.restancer.waiting import BÅND, INGEN
from rådgivning.statistik.arrears import nøgletal, udsættelser
from rådgivning.statistik.release import Release, beskyttet
from rådgivning.statistik.tables import FASTE
from tests.conftest import Personale
from tests.statistik.cases import FRØ, faktum, gem

IDAG = date(2026, 11, 20)
kun_sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def sag(n: int, fase: str, udfald: str, ventetid: str, måned: str = "2026-03", afdeling: str = "aab55") -> Fakta:
    """An ended case as the casework room counts it."""
    return faktum(
        "restancesag",
        måned,
        fase=fase,
        udfald=udfald,
        afdeling=afdeling,
        ventetid=ventetid,
        kontaktet="nej" if ventetid == INGEN else "ja",
        pseudonym=f"{måned[:4]}-{n}".encode(),
    )


SAGER = [
    *(sag(n, "påkrav", "betalt", "2-3") for n in range(30)),
    *(sag(n, "ophævet", "betalingsaftale", "4-7") for n in range(30, 60)),
    *(sag(n, "udsat", "udsat", INGEN, afdeling="vildtbanegård_1") for n in range(60, 80)),
    *(sag(n, "udsat", "udsat", INGEN) for n in range(80, 84)),
    *(sag(n, "udsat", "udsat", INGEN, afdeling="steenbjerggård") for n in range(84, 91)),
]


@pytest.fixture
def release(db: Session, personale: Personale) -> Release:
    """A year with ninety ended cases."""
    gem(db, personale.helhedsplan.id, SAGER)
    return beskyttet(db, personale.helhedsplan.id, "2026", frø=FRØ)


def test_the_keys_are_those_the_casework_counts_by() -> None:
    assert list(FASTE["ventetid"]) == [*(key for key, _first, _last in BÅND), INGEN]
    assert set(FASTE["afværget"]) == {"ja", "nej", "ikke_ophævet"}


def test_the_rule_of_the_figures_is_the_rule_of_the_road() -> None:
    assert arrears.BOLIGEN_REDDET == phases.BOLIGEN_REDDET
    for fase in (*phases.VEJEN, phases.FASER["udsat"]):
        assert (fase.nøgle in arrears.OPHÆVEDE) == (fase.rang >= phases.OPHÆVET)
        for ende in phases.ENDER:
            saved = phases.lukkefase(ende.udfald, fase.nøgle) == "afværget"
            if fase.nøgle != "udsat":
                assert (arrears.afværget(fase.nøgle, ende.udfald) == "ja") == saved


@kun_sqlite
def test_shares_and_median_come_from_the_protected_figures_and_are_near_the_truth(release: Release) -> None:
    found = {figure.titel: figure for figure in nøgletal(release)}
    for titel, truth in (("Truffet før ophævelsen", 100 * 60 / 91), ("Afværget", 100 * 30 / 61)):
        share = re.fullmatch(r"Ca\. (\d+) %", found[titel].værdi)
        assert share is not None
        assert abs(int(share[1]) - truth) < 12
    parts = [int(n) for n in re.findall(r"^(\d+) af (\d+) sager", found["Afværget"].forklaring)[0]]
    assert all(n % 5 == 0 for n in parts)
    assert found["Fra listen til første kontakt, median"].værdi in {"2-3 dage", "4-7 dage"}


@kun_sqlite
def test_few_cases_give_no_share(db: Session, personale: Personale) -> None:
    gem(db, personale.helhedsplan.id, SAGER[:8])
    few = {f.titel: f.værdi for f in nøgletal(beskyttet(db, personale.helhedsplan.id, "2026", frø=FRØ))}
    assert few["Truffet før ophævelsen"] == few["Afværget"] == "For få sager til en andel"
    assert few["Fra listen til første kontakt, median"] == "For få sager til en median"


def test_the_years_stand_beside_the_history_and_the_ceiling(
    db: Session, personale: Personale, release: Release
) -> None:
    indhold = plan(db, personale.helhedsplan.id)
    official = {2017: Decimal(7), 2018: Decimal(2), 2024: Decimal(3)}
    years = {2026: release}
    table = udsættelser(indhold, "udsættelser_aab55", official, release, years, IDAG)
    assert table is not None
    assert list(table.kolonner[:3]) == ["År", "Officielt: AAB 55", "Under 6"]
    rows = {row[0]: row[1:] for row in table.rækker}
    assert rows["2017"] == ["7", "Nej", "–", "–", "–", "–"]
    assert rows["2018"][1] == rows["2024"][1] == "Ja"
    assert rows["2026"][:3] == ["–", "Ja, indtil nu, efter egne tal", "4"]
    assert rows["2026"][3] in {"5", "10"}
    assert udsættelser(indhold, "isoleret", official, release, years, IDAG) is None
    indicator = indhold.indikator["udsættelser_aab55"].model_copy(update={"grænse": None})
    without = indhold.model_copy(update={"indikator": {"udsættelser_aab55": indicator}})
    free = udsættelser(without, "udsættelser_aab55", official, release, years, IDAG)
    assert free is not None
    assert free.kolonner[2] == "Mål"
    assert {row[2] for row in free.rækker} == {"–"}


@kun_sqlite
def test_the_page_shows_history_target_and_key_figures(
    klient: Callable[[Rolle | None], Any], db: Session, personale: Personale
) -> None:
    gem(db, personale.helhedsplan.id, SAGER)
    page = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", klient(Rolle.LEDER).get("/delmål").text)))
    for text in ("2017 7", "2018 2", "2019 3", "2020 6", "2024 3", "Under 6", "AAB 55, præcist", "Ja, indtil nu"):
        assert text in page
    assert "Truffet før ophævelsen Ca." in page
    assert "Tallet er behæftet med usikkerhed og kan være højere" in page


@kun_sqlite
def test_an_afdeling_that_the_agreement_does_not_publish_is_never_exact(
    db: Session, personale: Personale, release: Release
) -> None:
    indhold = plan(db, personale.helhedsplan.id)
    table = udsættelser(indhold, "udsættelser_aab55", {}, release, {2026: release}, IDAG)
    assert table is not None
    for heading, value in zip(table.kolonner, table.rækker[0], strict=True):
        if heading.endswith("afrundet"):
            assert int(value) % 5 == 0


@kun_sqlite
def test_the_tables_behind_the_key_figures_are_those_of_the_period_that_is_shown(
    klient: Callable[[Rolle | None], Any], db: Session, personale: Personale
) -> None:
    gem(db, personale.helhedsplan.id, SAGER)
    leder = klient(Rolle.LEDER)
    perioder = re.findall(r'<option value="([^"]+)"', leder.get("/delmål").text)
    assert len(perioder) > 1
    for periode in perioder:
        link = re.search(
            r'href="(/statistik[^"#]*)#(\w+)"', leder.get("/delmål", query_string={"periode": periode}).text
        )
        assert link is not None
        page = leder.get(link[1]).text
        assert f'<option value="{periode}" selected>' in page
        assert f'id="{link[2]}"' in page or "Ingen tal i perioden" in page
