"""What a plan takes over from the standard lists, and what it keeps for itself."""

from __future__ import annotations

import tomllib

import pytest

from rådgivning.plan.plans import PLANER
from rådgivning.plan.reader import PlanFejl, læs
from rådgivning.plan.schema import Listenavn
from rådgivning.plan.standard import STANDARD, med_standard

ISHØJ = (PLANER / "ishøj-2025.toml").read_text("utf-8")
SLAGELSE = (PLANER / "slagelse-2021.toml").read_text("utf-8")
ONE = '\n[liste.hast]\nstraks = "Straks"\n'


def _standard() -> dict[str, dict[str, object]]:
    return tomllib.loads(STANDARD.read_text("utf-8"))["liste"]  # type: ignore[no-any-return]


def test_the_standard_has_every_list_and_nothing_else() -> None:
    assert set(_standard()) == {name.value for name in Listenavn}
    assert set(tomllib.loads(STANDARD.read_text("utf-8"))) == {"liste", "indkaldelse"}


def test_a_plan_without_lists_takes_all_of_them() -> None:
    plan = læs(SLAGELSE.encode(), "x.toml")
    assert {name.value: list(values) for name, values in plan.liste.items()} == {
        name: list(values) for name, values in _standard().items()
    }
    assert set(plan.indkaldelse.sprog) == {"da", "en", "tr", "ar", "ur"}


def test_a_list_is_taken_whole_or_not_at_all() -> None:
    plan = læs((SLAGELSE + ONE).encode(), "x.toml")
    assert list(plan.liste[Listenavn.HAST]) == ["straks"]
    assert list(plan.liste[Listenavn.FORM]) == list(_standard()["form"])


def test_a_plan_that_writes_every_list_is_left_as_it_is() -> None:
    raw = tomllib.loads(ISHØJ)
    assert med_standard(raw) == (raw, frozenset())


def test_a_key_in_both_means_the_same_in_both() -> None:
    """Figures of several plans can be laid beside each other by key."""
    own = læs(ISHØJ.encode(), "x.toml").liste
    for name, values in læs(SLAGELSE.encode(), "x.toml").liste.items():
        for key, value in values.items():
            assert own[name].get(key, value).etiket == value.etiket


def test_the_plan_with_copies_of_its_own_invites_as_the_standard_does() -> None:
    own = læs(ISHØJ.encode(), "x.toml").indkaldelse
    assert own == læs(SLAGELSE.encode(), "x.toml").indkaldelse


def test_a_plan_may_have_invitations_of_its_own_or_none() -> None:
    assert læs((SLAGELSE + "\n[indkaldelse.sprog]\n").encode(), "x.toml").indkaldelse.sprog == {}


NEITHER = {
    "a count": (
        SLAGELSE + '\n["optælling".x]\netiket = "X"\n"delmål" = ["fællesskab"]\n'
        'filter = { enhed = "kontakt", hovedemne = "vejret" }\n',
        "I listen emne: nøglen »vejret« findes hverken i planen, som ingen [liste.emne] har, eller i standardlisten.",
    ),
    "an offer": (
        SLAGELSE.replace('arter = ["en_til_en", "opsøgende"]', 'arter = ["en_til_en", "kaffe"]'),
        "Arten »kaffe« findes hverken i planen, som ingen [liste.art] har, eller i standardlisten.",
    ),
    "a topic's group": (
        SLAGELSE + '\n[liste.emne]\nvejret = { etiket = "Vejret", gruppe = "luft" }\n',
        "Emnegruppen »luft« findes hverken i planen, som ingen [liste.emnegruppe] har, eller i standardlisten.",
    ),
    "an outcome's art": (
        SLAGELSE + '\n[liste.udfald]\nsol = { etiket = "Sol", arter = ["luft"] }\n',
        "Arten »luft« findes hverken i planen, som ingen [liste.art] har, eller i standardlisten.",
    ),
}


@pytest.mark.parametrize("place", NEITHER)
def test_a_key_that_is_in_neither_is_told_with_its_line(place: str) -> None:
    text, words = NEITHER[place]
    with pytest.raises(PlanFejl) as caught:
        læs(text.encode(), "x.toml")
    (error,) = caught.value.fejl
    assert error.besked == words
    assert any(word in text.splitlines()[error.linje - 1] for word in ("vejret", "kaffe", "luft"))


def test_a_key_missing_from_the_plans_own_list_is_told_as_the_plans() -> None:
    with pytest.raises(PlanFejl, match=r"Arten »service« findes ikke i planen\."):
        læs(ISHØJ.replace('art = "servicebesøg"', 'art = "service"').encode(), "x.toml")


def test_an_own_list_that_the_standard_ones_do_not_fit_names_the_list() -> None:
    with pytest.raises(PlanFejl, match="liste") as caught:
        læs((SLAGELSE + '\n[liste.emnegruppe]\nluft = "Luft"\n').encode(), "x.toml")
    assert {error.sti.rpartition(".")[2] for error in caught.value.fejl} == {"gruppe"}
    assert all("findes ikke i planen" in error.besked for error in caught.value.fejl)


@pytest.mark.parametrize("wrong", ["liste = 1\n", 'liste = "x"\n'])
def test_lists_that_are_no_table_are_told_as_before(wrong: str) -> None:
    with pytest.raises(PlanFejl, match="tabel"):
        læs((wrong + SLAGELSE).encode(), "x.toml")
