"""Files of figures: the protected values, nothing else, and always the same bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from sqlmodel import Session

from rådgivning.felter.sheet import neutral
from rådgivning.plan.plans import plan
from rådgivning.rapporter.csv import skriv_csv
from rådgivning.rapporter.formater import FORMATER, skriv_fil
from rådgivning.rapporter.report import Rapport, rapport, tal_dokument
from rådgivning.rapporter.xlsx import skriv_xlsx
from rådgivning.statistik.release import Release, beskyttet
from tests.conftest import Personale
from tests.statistik.cases import FRØ, fakta, gem

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def release(db: Session, personale: Personale) -> Release:
    """A year's figures."""
    gem(db, personale.helhedsplan.id, fakta(250))
    return beskyttet(db, personale.helhedsplan.id, "2026", frø=FRØ)


@pytest.fixture
def indhold(db: Session, personale: Personale, release: Release) -> Rapport:
    """The report of that year."""
    return rapport(plan(db, personale.helhedsplan.id), release)


def published(release: Release) -> list[int]:
    """All values of a release but 0 in order of size; whether a row of noughts is shown is the table's own choice."""
    return sorted(cell["value"] for table in release.indhold["tables"] for cell in table["cells"] if cell["value"])


@pytest.mark.parametrize("form", list(FORMATER))
def test_the_same_release_gives_the_same_bytes(db: Session, release: Release, form: str) -> None:
    assert skriv_fil(db, release, form) == skriv_fil(db, release, form)


def test_json_is_the_release_itself(db: Session, release: Release) -> None:
    assert skriv_fil(db, release, "json") == release.data


def test_csv_opens_in_a_danish_spreadsheet_and_has_every_published_value(indhold: Rapport, release: Release) -> None:
    data = skriv_csv(tal_dokument(indhold))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert sorted(int(row["Antal"]) for row in rows if row["Antal"] != "0") == published(release)
    assert {row["Beskyttelse"] for row in rows if row["Kolonne"]} == {"afrundet til 5"}
    exact = [row for row in rows if row["Beskyttelse"].startswith("præcist: ")]
    assert [row["Tabel"] for row in exact] == [
        "Udsættelser på baggrund af restance i AAB 55, registreret i rådgivningen"
    ]


@pytest.mark.parametrize("text", ["=1+1", "+45", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_a_label_is_never_a_formula(text: str, indhold: Rapport) -> None:
    assert neutral(text) == "'" + text
    table = replace(indhold.tabeller[0], rækker=[(text, values) for _label, values in indhold.tabeller[0].rækker])
    changed = tal_dokument(replace(indhold, tabeller=(table,)))
    sheet = openpyxl.load_workbook(io.BytesIO(skriv_xlsx(changed))).worksheets[1]
    assert sheet["A5"].data_type == "s"
    assert f";'{text[0]}" in skriv_csv(changed).decode() or text[0] in "\t\r"


def test_xlsx_has_a_cover_and_one_real_table_and_chart_a_sheet(indhold: Rapport, release: Release) -> None:
    data = skriv_xlsx(tal_dokument(indhold))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames[0] == "Forside"
    assert len(book.sheetnames) == 1 + len(indhold.tabeller)
    cover = [str(row[0].value) for row in book["Forside"].iter_rows()]
    assert "Tal for 2026" in cover
    assert indhold.metode in cover
    values: list[int] = [row[1].value for row in book["Forside"].iter_rows() if isinstance(row[1].value, int)]
    for sheet, table in zip(book.worksheets[1:], indhold.tabeller, strict=True):
        assert len(sheet.tables) == 1
        numbers = [
            [cell.value for cell in row[1:]] for row in sheet.iter_rows(min_row=5, max_row=4 + len(table.rækker))
        ]
        assert numbers == [list(line) for _label, line in table.rækker]
        values += [value for row in numbers for value in row]  # type: ignore[misc]
    assert sorted(value for value in values if value) == published(release)
    parts = zipfile.ZipFile(io.BytesIO(data))
    drawings = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/drawings/drawing")]
    assert len(drawings) == len(indhold.tabeller)
    assert all("descr=" in drawing for drawing in drawings)
    hidden = [sheet for sheet in book.worksheets if sheet.sheet_state != "visible"]
    assert not hidden


def test_headings_that_are_alike_are_told_apart(indhold: Rapport) -> None:
    table: Any = indhold.tabeller[0]
    twins = replace(table, kolonner=["Andet"] * len(table.kolonner))
    sheet = openpyxl.load_workbook(
        io.BytesIO(skriv_xlsx(tal_dokument(replace(indhold, tabeller=(twins,)))))
    ).worksheets[1]
    assert [cell.value for cell in sheet[4]][1:4] == ["Andet", "Andet (2)", "Andet (3)"]
