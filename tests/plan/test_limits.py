"""The rules of how long things are kept: read, checked, told, written back, and exact to the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning.dansk import om_måneder
from rådgivning.plan.changes import ændringer
from rådgivning.plan.limits import MÅDER, SLAGS, slettefrister, standard_antal, standard_frister
from rådgivning.plan.reader import PlanFejl, læs
from rådgivning.plan.schema import Fristnavn, PlanIndhold
from rådgivning.plan.writing import rå, skriv_plan
from tests.conftest import ISHØJ

DAGE = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def med(tekst: str) -> PlanIndhold:
    """The Ishøj plan with more at its end."""
    return læs(ISHØJ.read_bytes() + b"\n" + tekst.encode(), "prøve.toml")


def test_every_kind_has_a_standard_with_reason_and_source_inside_its_own_bounds() -> None:
    assert set(standard_frister()) == set(Fristnavn) == set(SLAGS)
    for navn, regel in slettefrister(med("")).items():
        assert SLAGS[navn].mindst <= standard_antal(navn) <= SLAGS[navn].højst
        assert regel.grund.endswith(".")
        assert regel.kilde
        assert not regel.egen
        assert regel.længde.split()[1] == SLAGS[navn].enhed
    rules = slettefrister(med(""))
    assert [rules[n].længde for n in (Fristnavn.BEBOER, Fristnavn.HENVISNING, Fristnavn.KLADDE, Fristnavn.VARSEL)] == [
        "24 måneder",
        "6 måneder",
        "14 dage",
        "30 dage",
    ]
    assert {Fristnavn.VARSEL, Fristnavn.BEHOLD} == MÅDER


def test_a_plans_own_rule_is_taken_told_as_a_change_and_written_back() -> None:
    own = '[slettefrister.beboer]\n"måneder" = 18\ngrund = "Bestyrelsens ønske."\n[samtykke]\n"gælder_måneder" = 3\n'
    indhold = med(own)
    rule = slettefrister(indhold)[Fristnavn.BEBOER]
    assert (rule.længde, rule.grund, rule.egen) == ("18 måneder", "Bestyrelsens ønske.", True)
    assert slettefrister(indhold)[Fristnavn.SPOR].egen is False
    told = {(c.afsnit, c.navn, c.felt): (c.før, c.nu) for c in ændringer(med(""), indhold)}
    assert told[("Slettefrister", "Beboere", "Frist")] == ("24 måneder", "18 måneder")
    assert told[("Samtykker", "", "Gælder, når intet andet er sagt (måneder)")] == ("6", "3")
    assert læs(skriv_plan(rå(indhold)).encode(), "igen.toml") == indhold


@pytest.mark.parametrize(
    ("regel", "besked"),
    [
        ('[slettefrister.beboer]\n"måneder" = 2\ngrund = "x"', "måneder: Skal være fra 6 til 60 måneder."),
        (
            '[slettefrister.beboer]\ndage = 700\ngrund = "x"',
            'beboer: Fristen skal skrives i måneder, fx "måneder" = 24.',
        ),
        ('[slettefrister.bruger]\n"måneder" = 24\ngrund = "x"', "bruger: Brugernes navne skal gemmes mindst så længe"),
        ('[slettefrister.kladde]\ndage = 15\ngrund = "x"', "Skal være fra 1 til 14 dage."),
        ('[slettefrister.kladde]\ndage = 3\n"måneder" = 1\ngrund = "x"', "Fristen skal skrives i dage, fx dage = 14."),
        ("[slettefrister.kladde]\ndage = 3", "grund: Feltet mangler."),
        ('[slettefrister.katte]\ndage = 3\ngrund = "x"', "Skal være en af"),
        ('[samtykke]\n"gælder_måneder" = 9\n"højst_måneder" = 6', "Kan ikke være længere end"),
        ('[samtykke]\n"højst_måneder" = 36', "Må højst være 24."),
    ],
)
def test_a_rule_that_cannot_hold_is_refused_where_it_stands(regel: str, besked: str) -> None:
    with pytest.raises(PlanFejl) as fejl:
        med(regel)
    assert besked in str(fejl.value)
    assert "linje" in str(fejl.value)


def test_names_are_kept_as_long_as_the_trail_a_plan_has_its_own_rule_for() -> None:
    longer = med('[slettefrister.spor]\n"måneder" = 72\ngrund = "Revision."')
    rule = slettefrister(longer)[Fristnavn.BRUGER]
    assert (rule.længde, rule.egen) == ("72 måneder", False)
    shorter = med('[slettefrister.spor]\n"måneder" = 24\ngrund = "Bestyrelsens ønske."')
    assert slettefrister(shorter)[Fristnavn.BRUGER].længde == "60 måneder"
    assert læs(skriv_plan(rå(longer)).encode(), "igen.toml") == longer


@given(DAGE, st.sampled_from([navn for navn in Fristnavn if navn not in MÅDER]))
def test_the_first_day_that_is_kept_is_exact_whatever_the_calendar(i_dag: date, navn: Fristnavn) -> None:
    rule = slettefrister(PLAN)[navn]
    first = rule.grænse(i_dag)
    assert rule.udløber(first) >= i_dag
    assert rule.udløber(first - timedelta(days=1)) < i_dag


PLAN = med("")


def test_leap_days_and_short_months() -> None:
    rule = slettefrister(PLAN)[Fristnavn.BEBOER]
    assert rule.udløber(date(2024, 2, 29)) == date(2026, 2, 28)
    assert rule.grænse(date(2026, 2, 28)) == date(2024, 2, 28)
    assert rule.grænse(date(2026, 3, 1)) == date(2024, 3, 1)
    half = slettefrister(PLAN)[Fristnavn.HENVISNING]
    assert half.udløber(date(2026, 8, 31)) == date(2027, 2, 28) == om_måneder(date(2026, 8, 31), 6)
    assert half.grænse(date(2027, 2, 28)) == date(2026, 8, 28)
    assert slettefrister(PLAN)[Fristnavn.KLADDE].grænse(date(2026, 3, 1)) == date(2026, 2, 15)
