"""Reading a restance list: every shape a spreadsheet comes in, and what is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook
from sqlmodel import Session

from rådgivning.felter.sheet import FilFejl
from rådgivning.restancer.list_mapping import KOLONNER, gæt
from rådgivning.restancer.list_sheet import læs_ark
from tests.restancer.list_cases import HOVED, NOVEMBER, check, csv

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    fill(book)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def enlarged(data: bytes, text: bytes) -> bytes:
    """The workbook with one text made two megabytes long, which no spreadsheet program would write."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            after.writestr(part.filename, before.read(part).replace(text, b"x" * 2_000_000))
    return found.getvalue()


@SQLITE
def test_a_workbook_with_titles_merged_cells_formulas_and_dates_gives_its_good_rows(db: Session) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.append(["Restanceliste, november"])
        sheet.merge_cells("A1:H1")
        sheet.append([])
        sheet.append(["Lej. nr.", "Lejer", "Tlf.", "Afd.", "Saldo", "Forfald", "Status", "Statusdato"])
        sheet.append(["55-0001-1", "Zxq Prøvesen", 20121234, 55, 8450.5, NOVEMBER, None, None])
        sheet.append(["55-0002-1", "Testa Opdigtet", None, "AAB 55", 1.25, 46328, "Påkrav", date(2026, 11, 9)])
        sheet.append(["55-0003-1", "Zxq Tredje", None, 55, "=2*4225", NOVEMBER])
        sheet.append(["55-0004-1", "Zxq Fjerde", None, 55, 100, NOVEMBER])
        sheet.append([None, "Zxq Femte", None, 55, 100, NOVEMBER])
        sheet.merge_cells("A7:A8")
        sheet.append([None] * 8)
        sheet.append(["55-0006-1", "Zxq Enorm", None, 55, 100, NOVEMBER])
        sheet.append(["55-0007-1", "Zxq Syvende", None, 55, 100, NOVEMBER, "fogedmøde", date(2026, 12, 8)])

    found = check(db, enlarged(workbook(fill), b"Zxq Enorm"), "liste.xlsx")
    assert [(r.nummer, r.beløb, r.fase) for r in found.rækker] == [
        (4, Decimal("8450.50"), "forfalden"),
        (5, Decimal("1.25"), "påkrav"),
        (11, Decimal("100.00"), "fogedsag"),
    ]
    assert [r.forfaldsdato for r in found.rækker] == [NOVEMBER] * 3
    assert [(f.række, f.grund.split(".")[0]) for f in found.fejl] == [
        (6, "En celle er en formel"),
        (7, "Rækken har flettede celler"),
        (8, "Rækken har flettede celler"),
        (10, "En celle er alt for lang"),
    ]


def macro() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("xl/workbook.xml", "xl/vbaProject.bin"):
            archive.writestr(name, b"<x/>")
    return data.getvalue()


def merged() -> bytes:
    """Few kilobytes that say of one place, again and again, that it is merged."""
    found = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(lambda book: book.create_sheet(index=0).append(["lejemål"])))) as before,
        zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        cells = b"</sheetData><mergeCells>%s</mergeCells>" % (b'<mergeCell ref="A1:B99999"/>' * 100_000)
        for part in before.infolist():
            after.writestr(part.filename, before.read(part).replace(b"</sheetData>", cells))
    return found.getvalue()


@pytest.mark.parametrize(
    ("data", "besked"),
    [
        (macro(), "makroer"),
        (merged(), "for mange flettede celler"),
        (b"a\n" * 300_001, "for mange linjer"),
        (b"", "tom"),
        (b"\n\n", "tom"),
        (HOVED.encode(), "ingen rækker"),
        (b"x\ny", "ingen overskrifter"),
        (csv(*["1;Zxq;;55;1;02.11.2026;;"] * 10_001), "over 10.000 rækker"),
    ],
)
def test_a_file_of_no_use_is_refused_as_a_whole_in_one_sentence(data: bytes, besked: str) -> None:
    with pytest.raises(FilFejl, match=besked):
        læs_ark("liste.xlsx", data)


@SQLITE
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("tegn", [";", ",", "\t"])
def test_a_list_is_read_in_every_usual_shape(db: Session, encoding: str, tegn: str) -> None:
    lines = [HOVED.split(";"), ["55-1", "Åse Ærøsen", "20121234", "55", "900", "02.11.2026", "påkrav", "2026-11-09"]]
    (found,) = check(db, "\n".join(tegn.join(line) for line in lines).encode(encoding)).rækker
    assert (found.nummer, found.navn, found.telefon, found.afdeling) == (2, "Åse Ærøsen", "+4520121234", "aab55")


@SQLITE
def test_a_line_in_another_encoding_than_the_file_is_refused_alone(db: Session) -> None:
    danish = [f"55-{n};Åse Ærøsen;;55;900;02.11.2026;;" for n in range(4)]
    mixed = [line.encode("utf-8" if n == 1 else "cp1252") for n, line in enumerate(danish)]
    found = check(db, b"\n".join([HOVED.encode("cp1252"), *mixed]))
    assert len(found.rækker) == 4  # two letters instead of one: cp1252 has a meaning for every UTF-8 byte of æøå
    mixed = [line.encode("cp1252" if n == 1 else "utf-8") for n, line in enumerate(danish)]
    found = check(db, b"\n".join([HOVED.encode(), *mixed]))
    assert [f.række for f in found.fejl] == [3]
    assert len(found.rækker) == 3


def test_headings_are_guessed_and_what_was_used_last_time_comes_first() -> None:
    headings = ["Lej. nr.", "Lejers navn", "Saldo", "Restance", "Forfald"]
    assert gæt(headings, {}) == {
        "lejemål": "Lej. nr.",
        "navn": "Lejers navn",
        "beløb": "Saldo",
        "forfaldsdato": "Forfald",
    }
    assert gæt(headings, {"beløb": "Restance", "fase": "Findes ikke mere"})["beløb"] == "Restance"
    assert KOLONNER[0] == "lejemål"
