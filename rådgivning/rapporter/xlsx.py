"""XLSX: a cover sheet and one sheet a table, with a real table and a chart that has a text alternative."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from rådgivning.dansk import tal
from rådgivning.rapporter.report import Rapport
from rådgivning.statistik.display import Visning

_FIRST_ROW = 3
_NAME_LENGTH = 31


def skriv_xlsx(rapport: Rapport) -> bytes:
    """The report as a workbook. Labels are only ever texts, never formulas; the bytes follow from the release alone."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    workbook.set_properties(
        {
            "title": f"{rapport.plan}, {rapport.periode}",
            "created": rapport.release.oprettet.replace(tzinfo=None, microsecond=0),
        }
    )
    names = [_sheet_name(number, table) for number, table in enumerate(rapport.tabeller, 1)]
    _cover(workbook, rapport, names)
    for number, (name, table) in enumerate(zip(names, rapport.tabeller, strict=True), 1):
        _sheet(workbook, name, table, number)
    workbook.close()
    return out.getvalue()


def _sheet_name(number: int, table: Visning) -> str:
    text = f"{number} {table.titel}"
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in text)[:_NAME_LENGTH].strip().strip("'")


def _cover(workbook: Any, rapport: Rapport, names: list[str]) -> None:
    sheet = workbook.add_worksheet("Forside")
    heading = workbook.add_format({"bold": True, "font_size": 16})
    bold = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 90, wrapped)
    sheet.set_column(1, 1, 14)
    lines: list[tuple[str, Any]] = [
        (rapport.plan, heading),
        (f"Periode: {rapport.periode}", bold),
        (f"Opgjort {rapport.dato}", wrapped),
        (rapport.metode, wrapped),
    ]
    for row, (text, form) in enumerate(lines):
        sheet.write_string(row, 0, text, form)
    row = len(lines) + 1
    for total in rapport.offentlige:
        sheet.write_string(row, 0, f"{total.titel}. Præcist tal, ikke afrundet: {total.begrundelse}", wrapped)
        sheet.write_number(row, 1, total.værdi)
        row += 1
    row += 1
    for name, table in zip(names, rapport.tabeller, strict=True):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", string=table.titel)
        row += 1


def _sheet(workbook: Any, name: str, table: Visning, number: int) -> None:
    sheet = workbook.add_worksheet(name)
    sheet.write_string(0, 0, table.titel, workbook.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, " ".join([f"{table.enhed}, afrundet.", *table.noter]))
    headings = _distinct([table.hoved, *table.kolonner])
    last = _FIRST_ROW + len(table.rækker)
    sheet.add_table(
        _FIRST_ROW,
        0,
        last,
        len(headings) - 1,
        {
            "name": f"Tabel{number}",
            "style": "Table Style Light 1",
            "first_column": True,
            "last_column": True,
            "columns": [{"header": heading} for heading in headings],
            "data": [[label, *values] for label, values in table.rækker],
        },
    )
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(headings) - 1, 14)
    sheet.freeze_panes(_FIRST_ROW + 1, 1)
    _chart(workbook, sheet, name, table, len(headings) - 1)


def _chart(workbook: Any, sheet: Any, name: str, table: Visning, sum_column: int) -> None:
    """Bars of the row sums, the same protected numbers as in the table, told again in the text alternative."""
    chart = workbook.add_chart({"type": "bar"})
    first, last = _FIRST_ROW + 1, _FIRST_ROW + len(table.rækker) - 1
    chart.add_series(
        {
            "name": table.titel,
            "categories": [name, first, 0, last, 0],
            "values": [name, first, sum_column, last, sum_column],
            "fill": {"color": "#0B5394"},
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    told = "; ".join(f"{label}: {tal(values[-1])}" for label, values in table.rækker)
    sheet.insert_chart(
        _FIRST_ROW + len(table.rækker) + 2, 0, chart, {"description": f"{table.titel}. {told}", "x_scale": 1.4}
    )


def _distinct(headings: list[str]) -> list[str]:
    """A table's headings must differ."""
    found: list[str] = []
    for heading in headings:
        text, number = heading, 2
        while text.casefold() in {known.casefold() for known in found}:
            text, number = f"{heading} ({number})", number + 1
        found.append(text)
    return found
