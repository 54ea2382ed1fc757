"""Counting by columns against counting one fact at a time, as anybody would write it."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from rådgivning.fakta.rows import Fakta, Faktabord
from rådgivning.statistik.columns import Kolonner, kolonner, optæl, seneste
from tests.statistik.cases import faktum

MÅNEDER = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-12"]
STRÆK = [
    None,
    frozenset(MÅNEDER[:2]),
    frozenset(MÅNEDER[2:4]),
    frozenset(["2026-02", "2026-12"]),
    frozenset(["2027-01"]),
]
FAKTA = st.lists(
    st.builds(
        lambda måned, art, alder, person, enhed, antal: faktum(
            enhed,
            måned,
            art=art,
            aldersgruppe=alder,
            afdeling="a",
            pseudonym=person and bytes([person]) * 16,
            antal=antal,
        ),
        st.sampled_from(MÅNEDER),
        st.sampled_from(["en", "to", "", "ukendt"]),
        st.sampled_from(["18-24", "25-29", ""]),
        st.one_of(st.none(), st.integers(1, 4)),
        st.sampled_from(["kontakt", "fremmøde"]),
        st.integers(1, 3),
    ),
    max_size=40,
)


@given(FAKTA)
def test_every_stretch_counts_what_one_fact_at_a_time_counts(fakta: list[Fakta]) -> None:
    found = kolonner(fakta, ["kontakter", "fremmøde"], {"art": ["en", "to"], "aldersgruppe": ["18-24", "25-29"]})
    for unit, names in (("kontakter", ("art", "aldersgruppe")), ("kontakter", ()), ("fremmøde", ("aldersgruppe",))):
        by = [found[unit].dimensioner[name] for name in names]
        for one, counted in zip(STRÆK, optæl(found[unit], by, STRÆK), strict=True):
            assert {key: tuple(count) for key, count in counted.items()} == _slowly(fakta, unit, names, one)


@given(FAKTA)
def test_a_resident_is_where_her_latest_fact_says(fakta: list[Fakta]) -> None:
    facts: Kolonner = kolonner(fakta, ["beboere"])["beboere"]
    ages = facts.dimensioner["aldersgruppe"].værdier
    for one in STRÆK:
        inside = [f for f in fakta if f.enhed == "kontakt" and f.pseudonym and (one is None or f.måned in one)]
        latest: dict[bytes | None, tuple[str, str]] = {}
        for fact in inside:
            latest[fact.pseudonym] = max(latest.get(fact.pseudonym, ("", "")), (fact.måned, fact.aldersgruppe))
        chosen = seneste(facts, one)
        homes = [ages[code] for code in chosen.dimensioner["aldersgruppe"].koder]
        assert sorted(homes) == sorted(age or "uoplyst" for _month, age in latest.values())


@given(FAKTA)
def test_a_board_gives_back_the_facts_it_was_made_of(fakta: list[Fakta]) -> None:
    board = Faktabord.af(fakta)
    assert list(board) == fakta
    assert list(board.i(MÅNEDER[1:3])) == [fact for fact in fakta if fact.måned in MÅNEDER[1:3]]


def _slowly(
    fakta: list[Fakta], unit: str, names: tuple[str, ...], one: frozenset[str] | None
) -> dict[tuple[str, ...], tuple[int, int]]:
    known = {"art": ("en", "to"), "aldersgruppe": ("18-24", "25-29")}
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    persons: dict[tuple[str, ...], dict[str, set[object]]] = defaultdict(lambda: defaultdict(set))
    for number, fact in enumerate(fakta):
        if fact.enhed != {"kontakter": "kontakt", "fremmøde": "fremmøde"}[unit] or (one and fact.måned not in one):
            continue
        key = tuple(value if (value := getattr(fact, name)) in known[name] else "uoplyst" for name in names)
        counts[key] += fact.antal
        persons[key][fact.måned[:4]].add(fact.pseudonym or number)
    heads = unit == "fremmøde"
    return {
        key: (count, count if heads else max(len(own) for own in persons[key].values()))
        for key, count in counts.items()
    }
