"""What somebody must say before a list is imported: which case a row is, and whom a new case is about. Knows no Flask.

The questions stand in pages; the answers are kept with the file, sealed, until all of it is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rådgivning.restancer.list_matching import Fund
from rådgivning.restancer.list_people import Person
from rådgivning.restancer.list_review import Gennemgang

SIDELÆNGDE = 25
SVAR, INGEN_TRÆF = "svar ", "ingen_træf"


@dataclass(frozen=True)
class Spørgsmål:
    """A row with its question: which case it is (`person` is None), or which resident a new case is about."""

    fund: Fund
    person: Person | None = None

    @property
    def slags(self) -> str:
        """tvivl (which case), sikker (whom it surely is) or ligner (whom it may be)."""
        if self.person is None:
            return "tvivl"
        return "sikker" if self.person.sikker else "ligner"


def spørgsmål(found: Gennemgang, personer: Mapping[int, Person]) -> list[Spørgsmål]:
    """Every question: which case first, since a row without an answer is not taken; then whom it may be about, and last
    those it surely is, which are answered already."""
    cases = [Spørgsmål(fund) for fund in found.som("tvivl")]
    people = [Spørgsmål(f, p) for f in found.som("ny") if (p := personer.get(f.række.nummer)) and p.forslag]
    return cases + sorted(people, key=lambda row: row.slags == "sikker")


def ubesvarede(rows: list[Spørgsmål], svar: Mapping[int, str]) -> list[int]:
    """The places of the questions that must be answered and are not."""
    return [n for n, row in enumerate(rows) if row.person is None and row.fund.række.nummer not in svar]


def gemte_svar(felter: Mapping[str, str]) -> dict[int, str]:
    """The answers kept with the file, by row number."""
    return {int(name.removeprefix(SVAR)): text for name, text in felter.items() if name.startswith(SVAR)}
