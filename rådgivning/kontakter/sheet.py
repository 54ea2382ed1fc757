"""What a spreadsheet of contacts holds: its columns, and its rows by column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rådgivning.felter.sheet import FilFejl, Linje, læs_linjer

__all__ = ["FLEST_RÆKKER", "KOLONNER", "PÅKRÆVEDE", "FilFejl", "Rækker", "læs_fil"]

KOLONNER = (
    "dato",
    "afdeling",
    "art",
    "hovedemne",
    "aldersgruppe",
    "kilde",
    "form",
    "varighed",
    "udfald",
    "beboer_navn",
    "beboer_telefon",
    "beboer_adresse",
    "notat",
)
PÅKRÆVEDE = ("dato", "afdeling", "art")
FLEST_RÆKKER = 3_000


@dataclass(frozen=True)
class Rækker:
    """The rows of a file: number in the file (the heading is 1), and texts by column."""

    rækker: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rækker)


def læs_fil(name: str, data: bytes) -> Rækker:
    """The rows of a CSV or XLSX file; the content decides which it is. Raises FilFejl."""
    return _rows(læs_linjer(name, data, højst_linjer=FLEST_RÆKKER + 50, højst_kolonner=len(KOLONNER) + 7))


def _rows(lines: Iterable[Linje]) -> Rækker:
    """Rows by column from lines, the first non-empty one being the headings."""
    numbered = iter(lines)
    headings: list[str] = []
    for line in numbered:
        if any(_read(line)):
            headings = [_heading(cell) for cell in line.celler]
            break
    _check_headings(headings)
    rows: list[tuple[int, dict[str, str]]] = []
    for line in numbered:
        cells = _read(line)
        if not any(cells):
            continue
        if len(rows) == FLEST_RÆKKER:
            raise FilFejl("Filen har over 3.000 rækker. Del filen i mindre filer, og hent dem en ad gangen.")
        row = dict(zip(headings, cells, strict=False))
        if any(cells[len(headings) :]):
            row[""] = "for mange felter"
        rows.append((line.nummer, row))
    if not rows:
        raise FilFejl("Filen har overskrifter, men ingen rækker.")
    return Rækker(rows)


def _read(line: Linje) -> list[str]:
    """The cells; a contact that cannot be read stops the file, so that nobody's notes are left out unseen."""
    if line.fejl:
        raise FilFejl(f"Række {line.nummer} kan ikke læses: {line.fejl}")
    return line.celler


def _heading(cell: str) -> str:
    return "_".join(cell.casefold().replace("-", " ").split())


def _check_headings(headings: list[str]) -> None:
    missing = [column for column in PÅKRÆVEDE if column not in headings]
    if missing:
        raise FilFejl(f"Første linje skal have kolonnernes navne. Der mangler: {', '.join(missing)}.")
    if any(heading and heading not in KOLONNER for heading in headings):
        raise FilFejl(f"Der er en kolonne, som ikke kan bruges. De mulige er: {', '.join(KOLONNER)}.")
    known = [heading for heading in headings if heading]
    if len(known) != len(set(known)):
        raise FilFejl("Den samme kolonne står der to gange.")
