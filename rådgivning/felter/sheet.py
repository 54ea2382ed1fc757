"""Reading a spreadsheet into numbered lines of texts: CSV (UTF-8 or Windows-1252; `;`, `,` or tab) or XLSX, in memory.

A line that cannot be read carries the reason and takes no other line with it. What the columns mean is for the rooms.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import accumulate
from pathlib import PurePath
from typing import Any

LARGEST_FILE = 20_000_000
LARGEST_UNPACKED = 30_000_000
LARGEST_LINE = 100_000
MOST_LINES = 300_000
LARGEST_CELL = 32_767
MOST_PARTS = 2_000
MOST_MERGED = 20_000
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_LOST = "\ufffd"

TEGN = "dens tegn kan ikke læses. Gem filen som »CSV UTF-8«."
ANFØRSEL = "et anførselstegn er ikke lukket."
FOR_LANG = "en celle er alt for lang."
FLETTET = "rækken har flettede celler. Ophæv fletningen, så hver række har sine egne værdier."
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FORMEL = "en celle er en formel. Indsæt værdien i stedet."


class FilFejl(Exception):
    """The file cannot be read; one Danish sentence says why and what to do."""


@dataclass(frozen=True)
class Linje:
    """One line: its number in the file, its cells as texts, and why it cannot be used ("" when it can)."""

    nummer: int
    celler: list[str]
    fejl: str = ""


def læs_linjer(name: str, data: bytes, *, højst_linjer: int, højst_kolonner: int) -> Iterator[Linje]:
    """The lines of a CSV or XLSX file; the content decides which it is. Raises FilFejl.

    An XLSX file is read to `højst_linjer` and `højst_kolonner`; how many lines are too many is for the caller to say.
    """
    if len(data) > LARGEST_FILE:
        raise FilFejl("Filen er større end 20 MB. Del den i mindre filer.")
    if not data.strip():
        raise FilFejl("Filen er tom.")
    if data.startswith(_OLE):
        raise FilFejl("Filen er et gammelt Excel-format eller har adgangskode. Gem den som .xlsx eller CSV uden.")
    return _xlsx(name, data, højst_linjer, højst_kolonner) if data.startswith(_ZIP) else _csv(data)


def _csv(data: bytes) -> Iterator[Linje]:
    """The records of a CSV file, numbered as a spreadsheet shows them."""
    if max(data.count(b"\n"), data.count(b"\r")) > MOST_LINES:
        raise FilFejl("Filen har alt for mange linjer. Del den i mindre filer.")
    lines = re.split(r"\r\n|\n|\r", _decode(data))
    headings = next((line for line in lines if line.strip()), "")
    counts = {sign: headings.count(sign) for sign in ";,\t"}
    delimiter = max(counts, key=counts.__getitem__)
    place, number = 0, 0
    while place < len(lines) - (lines[-1] == ""):
        number += 1
        taken = _record(lines, place, delimiter, counts[delimiter])
        yield _line(number, "\n".join(lines[place : place + taken]), delimiter)
        place += taken


def _record(lines: Sequence[str], place: int, delimiter: str, delimiters: int) -> int:
    """How many lines of the file the record at `place` goes over.

    A quote that is never closed must not swallow the rows below it: no further line may look like a row of its own.
    """
    if lines[place].count('"') % 2 == 0:
        return 1
    for end in range(place + 1, len(lines)):
        if delimiters and lines[end].count(delimiter) >= delimiters:
            return 1
        if lines[end].count('"') % 2:
            return end + 1 - place
    return 1


def _line(number: int, text: str, delimiter: str) -> Linje:
    if _LOST in text:
        cells = [cell for cell in text.split(delimiter) if _LOST not in cell]
        return Linje(number, cells[:1] if text.startswith(tuple(cells[:1])) else [], TEGN)
    if len(text) > LARGEST_LINE:
        return Linje(number, [text[:LARGEST_CELL].partition(delimiter)[0]], FOR_LANG)
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return Linje(number, [], ANFØRSEL)
    return Linje(number, [cell.strip() for cell in cells])


def _decode(data: bytes) -> str:
    """The text, with U+FFFD in each line whose signs are of another encoding than the file's."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4096]:
        raise FilFejl("Filen er ikke en CSV-fil i UTF-8 eller Windows-1252. Gem den som »CSV UTF-8«.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    lines = data.split(b"\n")
    telling = Counter(_is(line, "utf-8") for line in lines if not line.isascii())
    if telling[True] > telling[False]:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return "\n".join(line.decode("cp1252", "replace") for line in lines)


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _xlsx(name: str, data: bytes, most_lines: int, most_columns: int) -> Iterator[Linje]:
    """The first sheet's lines. Macros and files that unpack to something enormous are refused before they are read."""
    _check_zip(name, data)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheet: Any = book.worksheets[0]
            sheet.reset_dimensions()
            broken = _broken_lines(data, sheet._worksheet_path, most_lines)  # noqa: SLF001 - where its XML is
            cut = sheet.iter_rows(max_col=most_columns, max_row=most_lines, values_only=True)
            return iter([_sheet_line(number, cells, broken) for number, cells in enumerate(cut, 1)])
        finally:
            book.close()
    except FilFejl:
        raise
    except Exception:  # noqa: BLE001 - openpyxl raises whatever a broken file makes it stumble over
        raise FilFejl("Excel-filen kan ikke læses. Åbn den, gem den igen som .xlsx, og prøv på ny.") from None


def _sheet_line(number: int, values: Sequence[Any], broken: Mapping[int, str]) -> Linje:
    cells = [_cell(value) for value in values]
    while cells and not cells[-1]:
        cells.pop()
    if any(len(cell) > LARGEST_CELL for cell in cells):
        return Linje(number, [cell if len(cell) <= LARGEST_CELL else "" for cell in cells], FOR_LANG)
    return Linje(number, cells, broken.get(number, ""))


_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*\br=\"[A-Z]+(\d+)\"[^>]*(?<!/)>((?:(?!</(?:\w+:)?c>).)*)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_KEPT_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>/]*>[^<]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"[A-Z]+(\d+):[A-Z]+(\d+)\"")


def _broken_lines(data: bytes, path: str, most_lines: int) -> dict[int, str]:
    """The lines of a sheet that a merged cell touches, and those with a formula of which no value is kept."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(path)
    found: dict[int, str] = {}
    for cell in _CELL.finditer(xml) if _FORMULA.search(xml) else ():
        if _FORMULA.search(cell[2]) and not _KEPT_VALUE.search(cell[2]):
            found[int(cell[1])] = FORMEL
    if xml.count(b"mergeCell") > MOST_MERGED:
        raise FilFejl("Excel-filen har alt for mange flettede celler. Ophæv fletningen, og prøv på ny.")
    begin_or_end = [0] * (most_lines + 2)
    for merged in _MERGED.finditer(xml):
        first, last = int(merged[1]), min(int(merged[2]), most_lines)
        if first <= last:
            begin_or_end[first] += 1
            begin_or_end[last + 1] -= 1
    return found | {line: FLETTET for line, depth in enumerate(accumulate(begin_or_end)) if depth}


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
    """A cell as text: dates ISO, whole numbers without decimals, others with a comma, as Danes write them."""
    if value is None or isinstance(value, time):
        return "" if value is None else f"{value:%H.%M}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value).replace(".", ",")
    return str(value).strip()


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula when it is written out again."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
