"""A table as it stands on paper: one with very many columns is divided, each part with the row labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rådgivning.rapporter.document import Tabelblok

_MEST: Final = 12


@dataclass(frozen=True)
class Ark:
    """A table, or a part of one."""

    titel: str
    billedtekst: bool
    hoved: Sequence[str]
    rækker: Sequence[Sequence[str]]
    sum_kolonne: bool


def ark(table: Tabelblok) -> list[Ark]:
    """The table in as many parts as it takes."""
    headings = table.hoved[1:]
    parts = -(-len(headings) // _MEST)
    size = -(-len(headings) // parts)
    return [
        Ark(
            table.titel + (f" (del {number} af {parts})" if parts > 1 else ""),
            table.billedtekst or parts > 1,
            [table.hoved[0], *headings[first : first + size]],
            [[row[0], *row[1 + first : 1 + first + size]] for row in table.tekstrækker],
            table.sum_kolonne and number == parts,
        )
        for number, first in enumerate(range(0, len(headings), size), 1)
    ]
