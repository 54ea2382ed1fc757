"""What a report is, whatever shows it: a title page and a row of blocks. Page, PDF, Word, Excel and CSV are made from
this alone. It holds protected figures only, and a finished report is kept as the JSON of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from rådgivning.dansk import tal

UDELADT: Final = "∙"
UDELADT_FORKLARET: Final = f"{UDELADT} betyder, at tallet er udeladt, så ingen kan findes i det. Det er ikke 0."
Celle = str | int | float | None
"""A figure is a number, None when it is left out; a text stands as it is."""


class _Blok(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Overskrift(_Blok):
    """A heading; level 1 begins a part and stands in the contents, as does level 2."""

    slags: Literal["overskrift"] = "overskrift"
    tekst: str
    niveau: Literal[1, 2, 3] = 1


class Tekst(_Blok):
    """A paragraph; `note` is small print, `kommentar` what the leder wrote."""

    slags: Literal["tekst"] = "tekst"
    tekst: str
    stil: Literal["", "note", "kommentar"] = ""


class Punkter(_Blok):
    """A list; an item may begin with a name that is set apart."""

    slags: Literal["punkter"] = "punkter"
    punkter: tuple[tuple[str, str], ...]


class Tabelblok(_Blok):
    """A table with a heading row. `tal`: which columns hold figures. `sted`: on paper, in spreadsheets, or both.

    Without `billedtekst` the heading above names it. `beskyttelse` says how its figures are
    protected, or why they need not be.
    """

    slags: Literal["tabel"] = "tabel"
    navn: str
    titel: str
    hoved: tuple[str, ...]
    rækker: tuple[tuple[Celle, ...], ...]
    tal: tuple[int, ...]
    enhed: str = ""
    bredder: tuple[int, ...] = ()
    sum_række: bool = False
    sum_kolonne: bool = False
    billedtekst: bool = True
    beskyttelse: str = ""
    sted: Literal["begge", "papir", "ark"] = "begge"

    @property
    def tekstrækker(self) -> list[list[str]]:
        """The rows as they are read."""
        return [[celletekst(cell) for cell in row] for row in self.rækker]


class Graf(_Blok):
    """A chart of the figures of a table, or of an indicator's years with its baseline and target as `linjer`.

    `tekst` says the same in words; `plads` is how high it may be on paper, in millimetres.
    """

    slags: Literal["graf"] = "graf"
    form: Literal["stablet", "søjler", "udvikling"]
    titel: str
    serier: tuple[str, ...] = ()
    rækker: tuple[tuple[str, tuple[int | float | None, ...]], ...]
    sum: tuple[int | None, ...] = ()
    linjer: tuple[tuple[str, float], ...] = ()
    enhed: str = ""
    tekst: str
    plads: float


class Sideskift(_Blok):
    """What follows begins on a page of its own."""

    slags: Literal["side"] = "side"


Blok = Annotated[Overskrift | Tekst | Punkter | Tabelblok | Graf | Sideskift, Field(discriminator="slags")]


class Dokument(_Blok):
    """The whole report. `oprettet` is when its figures were made: the files say no other hour."""

    titel: str
    plan: str
    periode: str
    opgjort: str
    oprettet: datetime
    status: tuple[str, ...]
    metode: str
    blokke: tuple[Blok, ...]

    @property
    def fuld_titel(self) -> str:
        """The title in the file's properties and its running head."""
        return f"{self.plan}: {self.titel}" + (f", {self.periode}" if self.periode else "")

    @property
    def overskrifter(self) -> list[Overskrift]:
        """What stands in the contents."""
        return [block for block in self.blokke if isinstance(block, Overskrift) and block.niveau < 3]

    def tabeller(self, sted: Literal["papir", "ark"]) -> list[Tabelblok]:
        """The tables that are shown in one of the two kinds of file."""
        return [block for block in self.blokke if isinstance(block, Tabelblok) and block.sted in {sted, "begge"}]

    @property
    def grafer(self) -> list[Graf]:
        """The charts in order."""
        return [block for block in self.blokke if isinstance(block, Graf)]


def celletekst(celle: Celle) -> str:
    """A cell as it is read."""
    if celle is None:
        return UDELADT
    return celle if isinstance(celle, str) else tal(celle)
