"""Reading a spreadsheet of contacts: CSV (UTF-8 or Windows-1252, `;` or `,`) or XLSX, in memory alone."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

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
LARGEST_FILE = 20_000_000
LARGEST_UNPACKED = 60_000_000
MOST_PARTS = 2_000
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"


class FilFejl(Exception):
    """The file cannot be read; one Danish sentence says why and what to do."""


@dataclass(frozen=True)
class Rækker:
    """The rows of a file: number in the file (the heading is 1), and texts by column."""

    rækker: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rækker)


def læs_fil(name: str, data: bytes) -> Rækker:
    """The rows of a CSV or XLSX file; the content decides which it is. Raises FilFejl."""
    if len(data) > LARGEST_FILE:
        raise FilFejl("Filen er større end 20 MB. Del den i mindre filer.")
    if not data.strip():
        raise FilFejl("Filen er tom.")
    if data.startswith(_OLE):
        raise FilFejl("Filen er et gammelt Excel-format eller har adgangskode. Gem den som .xlsx eller CSV uden.")
    if data.startswith(_ZIP):
        return _rows(_xlsx(name, data))
    return _rows(_csv(data))


def _rows(lines: Iterable[tuple[int, list[str]]]) -> Rækker:
    """Rows by column from lines, the first non-empty one being the headings."""
    numbered = iter(lines)
    headings: list[str] = []
    for _number, cells in numbered:
        if any(cells):
            headings = [_heading(cell) for cell in cells]
            break
    _check_headings(headings)
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in numbered:
        if not any(cells):
            continue
        if len(rows) == FLEST_RÆKKER:
            raise FilFejl("Filen har over 3.000 rækker. Del filen i mindre filer, og hent dem en ad gangen.")
        row = dict(zip(headings, cells, strict=False))
        if any(cells[len(headings) :]):
            row[""] = "for mange felter"
        rows.append((number, row))
    if not rows:
        raise FilFejl("Filen har overskrifter, men ingen rækker.")
    return Rækker(rows)


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


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decode(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error:
        raise FilFejl(f"Række {reader.line_num} kan ikke læses: et anførselstegn er ikke lukket.") from None


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4096]:
        raise FilFejl("Filen er ikke en CSV-fil i UTF-8 eller Windows-1252. Gem den som »CSV UTF-8«.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FilFejl("Filens tegn kan ikke læses. Gem den som »CSV UTF-8«.")


def _xlsx(name: str, data: bytes) -> list[tuple[int, list[str]]]:
    """The first sheet's rows. Macros and files that unpack to something enormous are refused before they are read."""
    _check_zip(name, data)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            cut = sheet.iter_rows(max_col=len(KOLONNER) + 7, max_row=FLEST_RÆKKER + 50, values_only=True)
            return [(number, _without_tail([_cell(v) for v in cells])) for number, cells in enumerate(cut, 1)]
        finally:
            book.close()
    except Exception:  # noqa: BLE001 - openpyxl raises whatever a broken file makes it stumble over
        raise FilFejl("Excel-filen kan ikke læses. Åbn den, gem den igen som .xlsx, og prøv på ny.") from None


def _check_zip(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise FilFejl("Filen er beskadiget og kan ikke åbnes.") from None
    names = [part.filename.lower() for part in parts]
    if PurePath(name).suffix.lower() == ".xlsm" or any(n.endswith("vbaproject.bin") for n in names):
        raise FilFejl("Filen har makroer. Gem den som almindelig .xlsx uden makroer.")
    if "xl/workbook.xml" not in names:
        raise FilFejl("Filen er ikke et Excel-regneark. Brug .xlsx eller CSV.")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise FilFejl("Excel-filen pakker sig ud til for meget. Gem den som CSV, eller del den i mindre filer.")


def _cell(value: Any) -> str:
    """A cell as text: dates ISO, whole numbers without decimals."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _without_tail(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells
