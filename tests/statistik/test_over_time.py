"""Twelve months and their year, and four ever longer stretches of it: attacked together, nobody is found.

Rounded figures are those of one system, as the program gives them; blanks are chosen one release after the other. All
of them are read together as JSON, the way `raadgivning statistik angrib` reads files.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from rådgivning.statistik.adding import lav_system
from rådgivning.statistik.audit import Published, audit
from rådgivning.statistik.blocks import Årsdeling
from rådgivning.statistik.omitting import udelad_med_plads
from rådgivning.statistik.periods import Periode, months_between
from rådgivning.statistik.protection import IkkeBeskyttet
from rådgivning.statistik.rounding import Opgave, Regel, afrund
from rådgivning.statistik.sharing import Årsgrundlag
from rådgivning.statistik.suppression import celler, regel, udelad
from rådgivning.statistik.suppression_cuts import ARBEJDE
from rådgivning.statistik.system import rapport
from rådgivning.statistik.tables import Tabel, nøgle
from tests.conftest import LANG
from tests.statistik.cases import FRØ, LISTER, fakta
from tests.statistik.simulated import SimuleretÅr

MÅNEDER = [*((month, month) for month in range(1, 13)), (1, 12)]
OPHOBET = [(1, 3), (1, 6), (1, 9), (1, 12)]
STYKKER = pytest.mark.parametrize("stykker", [MÅNEDER, OPHOBET], ids=["months and year", "cumulative"])
ANTAL = (50, 300, 1000, 20_000) if LANG else (300,)
UDELADT = [(sæt, antal) for sæt in "DC" for antal in ANTAL] if LANG else [("D", 300)]
OVER_TID = [
    Tabel("art_alder_tid", "kontakter", ("art", "aldersgruppe", "tid")),
    Tabel("art_udfald_tid", "kontakter", ("art", "udfald", "tid")),
    Tabel("emne_udfald_tid", "kontakter", ("hovedemne", "udfald", "tid")),
    Tabel("modtager_tid", "brobygninger", ("modtager", "tid")),
]


def months(stykke: tuple[int, int]) -> tuple[str, ...]:
    """The months from one to another, both included."""
    return months_between(f"2026-{stykke[0]:02}", f"2026-{stykke[1]:02}")


@pytest.mark.parametrize("antal", ANTAL)
def test_every_month_every_longer_stretch_and_the_year_rounded_in_one_system_give_nobody_away(antal: int) -> None:
    whole = months((1, 12))
    rows = fakta(antal, 1, whole)
    stande, deling = dict.fromkeys(whole, "1.0001"), Årsdeling("2026", 11)
    system = lav_system(Årsgrundlag(uuid.UUID(int=1), deling, rows, stande, LISTER, [], Regel(), OVER_TID), FRØ)
    stretches = [*MÅNEDER, *OPHOBET[:-1]]
    spans = {stykke: Periode("stykke", months(stykke), months(stykke)) for stykke in stretches}
    made = {stykke: rapport([system], periode, LISTER, Regel()) for stykke, periode in spans.items()}
    found = audit(list(made.values()), exact=False)
    assert found.open == ()
    assert {finding.release for finding in found.findings} == set(range(len(stretches)))
    assert total(made[1, 12]) == sum(total(made[month]) for month in MÅNEDER[:-1]) > 0


def total(release: dict[str, Any]) -> int:
    """All contacts of a release: each of three tables says it."""
    cells = (cell for table in release["tables"] for cell in table["cells"])
    return sum(int(cell["value"]) for cell in cells if cell["key"] == {"enhed": "kontakter"}) // 3


def test_longer_stretches_rounded_each_by_itself_would_give_somebody_away() -> None:
    """Why there is one system a year: the attack sees that a quarter is what two stretches differ by."""
    year = SimuleretÅr("D", 300)
    made = []
    for stykke in OPHOBET:
        own = year.stykke(*stykke)
        marks = {cell: f"{stykke}{cell}".encode() for cell in own.celler}
        values = afrund(Opgave(dict(own.celler), list(own.summer)), Regel(), b"t" * 32, marks)
        made.append(own.som_json(values, {"method": "controlled-rounding", "base": 5}))
    assert all(audit([one], exact=False).passed for one in made)
    assert not audit(made, exact=False).passed


def true(year: SimuleretÅr, stykke: tuple[int, int]) -> Published:
    """A stretch's true counts."""
    own = year.stykke(*stykke)
    return Published(own.som_json({key: count.antal for key, count in own.celler.items()}, regel(5)))


@STYKKER
@pytest.mark.parametrize(("sæt", "antal"), UDELADT)
def test_stretches_with_blanks_made_one_after_the_other_give_nobody_away(
    stykker: Sequence[tuple[int, int]], sæt: str, antal: int
) -> None:
    year = SimuleretÅr(sæt, antal)
    made: list[Published] = []
    refused = 0
    for stykke in stykker:
        new = true(year, stykke)
        try:
            found = udelad_med_plads(new, year.tæl(celler([*made, new])), made, 5, ARBEJDE if LANG else 0)
        except IkkeBeskyttet:  # what stands already leaves it no room at all: it is not published
            refused += 1
        else:
            made.append(Published(found.indhold))
    assert len(made) > len(stykker) // 2
    assert audit([one.content for one in made]).open == ()


def test_blanks_chosen_apart_give_away_the_quarters_between_and_chosen_together_they_do_not() -> None:
    """The quarters that nobody published are what two stretches differ by: those of few must stay hidden too."""
    year = SimuleretÅr("D", 300)
    quarters = [(4, 6), (7, 9), (10, 12)]
    apart: list[dict[str, Any]] = []
    together: list[Published] = []
    for stykke in OPHOBET:
        new = true(year, stykke)
        apart.append(udelad(new, year.tæl(celler([new])), arbejde=0).indhold)
        known = year.tæl(celler([*together, new]))
        together.append(Published(udelad_med_plads(new, known, together, 5, 0).indhold))
    few = [
        {(quarter, key) for key, count in year.stykke(*quarter).celler.items() if 0 < count.antal < 5}
        for quarter in quarters
    ]
    assert set.union(*few) & found_out(year, quarters, apart)
    assert not set.union(*few) & found_out(year, quarters, [one.content for one in together])


def found_out(year: SimuleretÅr, stykker: Sequence[tuple[int, int]], made: Sequence[Any]) -> set[Any]:
    """The cells of unpublished stretches that the attacker comes too close to, when she is asked about them."""
    asked = []
    for stykke in stykker:
        own = year.stykke(*stykke)
        asked.append(own.som_json(dict.fromkeys(own.celler), {"method": "suppression", "suppressed_min": 0}))
    return {
        (stykker[finding.release - len(made)], nøgle(**finding.key))
        for finding in audit([*made, *asked]).open
        if finding.release >= len(made)
    }
