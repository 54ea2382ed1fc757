"""OWASP ASVS 5.0: every requirement by its number, whether it applies, and what shows that it is met.

The table is docs/asvs.csv; a test fails when a requirement is missing or what it points to is not there. The
requirements' own texts are OWASP's (CC BY-SA 4.0) and stand at owasp.org; here are numbers and a few words of ours.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from rådgivning.database import now
from rådgivning.databeskyttelse.documents import Afsnit, Dokument, Grundlag

_ROOM: Final = Path(__file__).resolve().parents[1]
FIL: Final = next(
    (p for p in (_ROOM.parent / "docs" / "asvs.csv", _ROOM / "asvs.csv") if p.is_file()), _ROOM / "asvs.csv"
)
NIVEAU_TRE: Final = frozenset({"V8", "V11", "V14", "V16"})
"""The chapters where level 3 is the target; elsewhere it is level 2."""


class Svar(StrEnum):
    """How a requirement stands."""

    OPFYLDT = "opfyldt"
    MANGLER = "mangler"
    IKKE_RELEVANT = "ikke relevant"
    UDEN_FOR = "uden for målet"


@dataclass(frozen=True)
class Krav:
    """One requirement. `bevis`: tests (file::name), settings (RAADGIVNING_…) and files; `hvorfor` says the rest."""

    id: str
    niveau: int
    emne: str
    svar: Svar
    bevis: tuple[str, ...]
    hvorfor: str

    @property
    def kapitel(self) -> str:
        """Its chapter, as V11."""
        return self.id.partition(".")[0]

    @property
    def i_mål(self) -> bool:
        """Whether it is within the level aimed at."""
        return self.niveau <= (3 if self.kapitel in NIVEAU_TRE else 2)


@cache
def krav() -> tuple[Krav, ...]:
    """The whole table in order."""
    with FIL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return tuple(
        Krav(r["id"], int(r["niveau"]), r["emne"], Svar(r["svar"]), tuple(r["bevis"].split()), r["hvorfor"])
        for r in rows
    )


def asvs(grund: Grundlag) -> Dokument:
    """The table as a document: the counts first, what is missing next, then all of it by chapter."""
    counts = Counter(one.svar for one in krav())
    missing = [one for one in krav() if one.svar == Svar.MANGLER]
    chapters = dict.fromkeys(one.kapitel for one in krav())
    return Dokument(
        "asvs",
        "OWASP ASVS 5.0",
        f"Mål: niveau 2, og niveau 3 i {', '.join(sorted(NIVEAU_TRE, key=lambda v: int(v[1:])))}. {len(krav())} krav.",
        (
            Afsnit("Sådan står det", (), ("Svar", "Krav"), tuple((svar.value, str(counts[svar])) for svar in Svar)),
            Afsnit(
                f"Mangler ({len(missing)})", (), ("Krav", "Niveau", "Om", "Hvorfor"),
                tuple((one.id, str(one.niveau), one.emne, one.hvorfor) for one in missing),
            ),
            *(_chapter(chapter) for chapter in chapters),
        ),
        now(),
    )  # fmt: skip


def _chapter(chapter: str) -> Afsnit:
    rows = tuple(
        (
            one.id,
            str(one.niveau),
            one.emne,
            one.svar.value,
            ". ".join(filter(None, (one.hvorfor, ", ".join(one.bevis)))),
        )
        for one in krav()
        if one.kapitel == chapter
    )
    return Afsnit(chapter, (), ("Krav", "Niveau", "Om", "Svar", "Bevis eller grund"), rows)
