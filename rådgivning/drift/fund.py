"""What `drift tjek` says: one line a thing, how bad it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Niveau(IntEnum):
    """How bad; also the verb's exit code."""

    OK = 0
    ADVARSEL = 1
    FEJL = 2


@dataclass(frozen=True)
class Fund:
    """One thing that was looked at. `besked` is Danish and ends with what to do, unless all is well."""

    niveau: Niveau
    emne: str
    besked: str

    @property
    def linje(self) -> str:
        """As it is printed."""
        return f"{self.niveau.name:<9} {self.emne}: {self.besked}"


def ok(emne: str, besked: str) -> Fund:
    """All is well."""
    return Fund(Niveau.OK, emne, besked)


def advarsel(emne: str, besked: str) -> Fund:
    """Not as it should be, or cannot be seen from here."""
    return Fund(Niveau.ADVARSEL, emne, besked)


def fejl(emne: str, besked: str) -> Fund:
    """Must be mended."""
    return Fund(Niveau.FEJL, emne, besked)
