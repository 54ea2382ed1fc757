"""The two reports: what each is called, which periods it is made for, and which tables it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rådgivning.statistik.declared import rapporter


@dataclass(frozen=True)
class Rapportslags:
    """A kind of report. `tabeller` are names of statistik's tables, in the report's order."""

    titel: str
    kvartalsvis: bool
    tabeller: Sequence[str]

    def perioder(self, navne: Sequence[str]) -> list[str]:
        """Those of a plan's periods that it is made for."""
        return [name for name in navne if ("-K" in name) == self.kvartalsvis]


def slags() -> Mapping[str, Rapportslags]:
    """The kinds of report by key, as statistik's file of tables declares them: one whose key says quarter is made for
    quarters, the others for years.
    """
    return {key: Rapportslags(r.titel, key.startswith("kvartal"), r.tabeller) for key, r in rapporter().items()}
