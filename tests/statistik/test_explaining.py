"""Every table says how it was protected, and the help shows it on an example that the rounding itself has made."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import now
from rådgivning.statistik.example import eksempel
from rådgivning.statistik.explaining import beskyttelse
from rådgivning.statistik.labels import metode
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import Tabel
from tests.conftest import Klient, Personale
from tests.statistik.cases import fakta, gem, periode


def udgivelse(navn: str, values: list[int | None], rule: dict[str, Any], **revision: Any) -> Release:
    """A release of one table `t` and one public total."""
    content = {
        "tables": [
            {
                "name": "t",
                "cells": [{"key": {"enhed": "kontakter", "art": str(n)}, "value": v} for n, v in enumerate(values)],
            },
            {"name": "offentlig_x", "cells": [{"key": {"enhed": "restancesager"}, "value": 3, "public": True}]},
        ],
        "dims": {},
        "known_rule": rule,
    }
    row = Udgivelse(
        helhedsplan_id=uuid.uuid4(),
        nummer=1,
        periode=navn,
        oprettet=now(),
        metode=rule["method"],
        nøgle_id="",
        mærke="",
        indhold=json.dumps(content),
        sha256="",
        stande={},
        revision=revision,
    )
    return Release.af(row, periode(navn))


@pytest.mark.parametrize(("base", "year", "plan_year"), [(3, 2, 4), (5, 4, 8)])
def test_a_rounded_table_says_its_steps_and_how_far_a_figure_may_lie(base: int, year: int, plan_year: int) -> None:
    rule = {"method": "controlled-rounding", "base": base}
    said = beskyttelse(udgivelse("2026-K1", [0, base], rule, strict=True), "t")
    assert f"0, {base}, {2 * base}" in said
    assert f"højst {year} fra" in said
    assert "0 kan dække over nogle få" in said
    said = beskyttelse(udgivelse("planår-1", [0, base], rule, strict=True), "t")
    assert "to kalenderårs" in said
    assert f"højst {plan_year} fra" in said


def test_a_table_whose_sums_forced_some_figures_further_says_so() -> None:
    rule = {"method": "controlled-rounding", "base": 5}
    assert "længere væk" in beskyttelse(udgivelse("2026", [5], rule, strict=False), "t")
    assert "længere væk" not in beskyttelse(udgivelse("2026", [5], rule, strict=True), "t")


def test_a_table_of_the_leders_own_says_that_it_had_to_fit_in() -> None:
    release = udgivelse("2026", [5], {"method": "controlled-rounding", "base": 5})
    own = replace(release, egne=(Tabel("t", "kontakter", ("art",)),))
    assert "mellem tal, der lå fast" in beskyttelse(own, "t")
    assert "mellem tal, der lå fast" not in beskyttelse(release, "t")


def test_a_table_with_figures_left_out_says_that_they_are_not_nought() -> None:
    rule = {"method": "suppression", "suppressed_min": 1, "threshold": 4}
    said = beskyttelse(udgivelse("2026", [None, 12], rule), "t")
    assert "færre end 4 personer, er udeladt (∙)" in said
    assert "ikke 0" in said
    assert "intet er udeladt" in beskyttelse(udgivelse("2026", [0, 12], rule), "t")
    assert "færre end 4 personer, er udeladt (∙)" in metode(udgivelse("2026", [None, 12], rule))


def test_a_public_total_says_that_it_is_exact_under_either_method() -> None:
    for rule in ({"method": "controlled-rounding", "base": 5}, {"method": "suppression", "suppressed_min": 1}):
        assert "præcist" in beskyttelse(udgivelse("2026", [5], rule), "offentlig_x")


def test_it_is_one_sentence() -> None:
    for rule in ({"method": "controlled-rounding", "base": 5}, {"method": "suppression", "suppressed_min": 1}):
        for name in ("2026", "planår-1"):
            said = beskyttelse(udgivelse(name, [None, 5], rule, strict=False), "t")
            assert said.endswith(".")
            assert said.count(".") == 1


@pytest.mark.parametrize("base", [3, 5])
def test_the_example_is_what_the_rounding_makes_and_shows_what_the_page_tells(base: int) -> None:
    shown = eksempel(base, 5)
    assert shown.tydeligt
    assert shown.op
    assert 0 < shown.op.antal < shown.op.vist == base
    assert shown.ned
    assert shown.ned.antal > shown.ned.vist == 0
    for cells in [[cell.vist for cell in cells] for _label, cells in shown.rækker]:
        assert sum(cells[:-1]) == cells[-1]
        assert all(value % base == 0 for value in cells)
    assert all(sum(int(row[n]) for row in shown.vist[:-1]) == int(shown.vist[-1][n]) for n in range(1, 5))


@pytest.mark.parametrize("tærskel", [3, 20])
def test_the_example_has_its_tables_under_every_threshold(tærskel: int) -> None:
    assert len(eksempel(5, tærskel).vist) == 5


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_help_is_reached_from_every_table_and_each_of_its_questions_has_an_answer(
    db: Session, personale: Personale, klient: Callable[[Rolle], Klient]
) -> None:
    gem(db, personale.helhedsplan.id, fakta(250))
    page = klient(Rolle.LEDER).get("/statistik").text
    assert page.count("Hvorfor er dette 5 og ikke 3?") == page.count("<table")
    for rolle in (Rolle.LEDER, Rolle.BEBOERRÅDGIVER):
        answer = klient(rolle).get("/hjælp/tal").text
        assert "Hvorfor er dette 5 og ikke 3?" in answer
        wanted = set(re.findall(r'href="(?:/hj[^"]*)?#([a-zæø]+)"', page + answer))
        assert {"hvorfor", "præcise", "gengiv"} <= wanted
        assert wanted <= set(re.findall(r'id="([^"]+)"', answer)) | {"indhold"}
    for rolle in set(Rolle) - {Rolle.LEDER, Rolle.BEBOERRÅDGIVER}:
        assert klient(rolle).get("/hjælp/tal").status_code == 403
