"""Formulas of indicators: read by a parser of our own, checked when the plan is loaded, told with line and place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning.plan.formulas import FormelFejl, KanIkkeBeregnes, læs_formel, vis_formel
from rådgivning.plan.plans import PLANER
from rådgivning.plan.reader import PlanFejl, læs

TEXT = (PLANER / "ishøj-2025.toml").read_text("utf-8")
ANDEL = """
[indikator.andel]
"delmål" = "udsættelser"
navn = "Andel afhjulpne sager"
enhed = "%"
retning = "op"
datakilde = "Rådgivningens egne tal"
formel = "FORMEL"
"""


@pytest.mark.parametrize(
    ("formel", "value"),
    [
        ("a", "15"),
        ("100 * a / (a + b)", "37.5"),
        ("a - b - 5", "-15"),
        ("2,5 * a / 2", "18.75"),
        ("'65+' / 4", "5"),
        ("((a))*(b+1)", "390"),
    ],
)
def test_a_formula_is_worked_out_as_written(formel: str, value: str) -> None:
    assert læs_formel(formel).beregn({"a": 15, "b": 25, "65+": 20}, 20) == Decimal(value)


@pytest.mark.parametrize(
    ("formel", "message"),
    [
        ("", "tegn 1: Her mangler et tal"),
        ("1 +", "tegn 4: Her mangler et tal"),
        ("a b", "tegn 3: Her ventes"),
        ("a ** b", "tegn 4: Her mangler et tal"),
        ("__import__('os')", "tegn 11: Her ventes"),
        ("a.b", "tegn 2: Tegnet ».«"),
        ("(a", "tegn 1: Parentesen bliver ikke lukket"),
        ("a)", "tegn 2: Her ventes"),
        ("a / 0", "tegn 3: Der kan ikke deles med 0"),
        ("1 + 2", "mindst én optælling"),
        ("(" * 40 + "a" + ")" * 40, "for mange parenteser"),
        ("a" * 301, "for lang"),
    ],
)
def test_what_is_no_formula_is_told_with_its_place(formel: str, message: str) -> None:
    with pytest.raises(FormelFejl, match="Formlen, tegn") as error:
        læs_formel(formel)
    assert message in str(error.value)


@given(st.text("ab1 +-*/().,'$", max_size=40))
def test_any_text_is_a_formula_or_a_mistake_told(text: str) -> None:
    try:
        formula = læs_formel(text)
    except FormelFejl:
        return
    try:
        formula.beregn(dict.fromkeys(formula.navne, 25), 20)
    except KanIkkeBeregnes:
        return


def test_what_is_left_out_or_too_few_gives_no_value() -> None:
    share = læs_formel("100 * a / (a + b)")
    with pytest.raises(KanIkkeBeregnes, match="udeladt"):
        share.beregn({"a": None, "b": 25}, 20)
    with pytest.raises(KanIkkeBeregnes, match="For få"):
        share.beregn({"a": 5, "b": 10}, 20)
    with pytest.raises(KanIkkeBeregnes, match="For få"):
        læs_formel("a / (b - b)").beregn({"a": 5, "b": 10}, 20)


def test_a_formula_reads_in_words() -> None:
    shown = vis_formel("100*afhjulpet/(alle)", {"afhjulpet": "Afhjulpne", "alle": "Alle sager"})
    assert shown == "100 × »Afhjulpne« ÷ (»Alle sager«)"


def test_the_plan_file_is_refused_with_line_and_place() -> None:
    def load(formel: str) -> None:
        læs((TEXT + ANDEL.replace("FORMEL", formel)).encode(), "x.toml")

    load("100 * restancer_afhjulpet / restancesager")
    line = (TEXT + ANDEL).splitlines().index('formel = "FORMEL"') + 1
    for formel, message in {
        "100 * restancer_afhjulpet / restancesag": (
            "tegn 29: Planen har ingen optælling »restancesag«. Mente du »restancesager«?"
        ),
        "100 *": "tegn 6: Her mangler et tal, en optælling eller en parentes.",
    }.items():
        with pytest.raises(PlanFejl) as error:
            load(formel)
        assert error.value.linjer() == [f"x.toml, linje {line}, indikator.andel.formel: Formlen, {message}"]


def test_a_target_belongs_to_a_direction_and_an_exact_number_counts_no_derived_thing() -> None:
    exact = 'filter = { enhed = "restancesag", udfald = "udsat", afdeling = "aab55" }'
    every = 'filter = { enhed = "restancesag" }'
    derived = 'filter = { enhed = "restancesag", "afværget" = "%s" }'
    for old, new, message in (
        ('"grænse" = 6', '"grænse" = 6\n"mål" = 4', "har en grænse og intet mål"),
        (exact, derived % "ja", "kan ikke tælle afværgede"),
        (every, derived % "måske", "nøglen »måske« findes ikke"),
    ):
        with pytest.raises(PlanFejl, match=message):
            læs(TEXT.replace(old, new, 1).encode(), "x.toml")
