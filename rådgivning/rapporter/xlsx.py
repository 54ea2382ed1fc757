"""XLSX: a cover sheet and one sheet a table, with a real table and, for counts, a chart with a text alternative."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from rådgivning.dansk import tal
from rådgivning.rapporter.document import UDELADT_FORKLARET, Dokument, Tabelblok

_FIRST_ROW = 3
_NAME_LENGTH = 31


def skriv_xlsx(dokument: Dokument) -> bytes:
    """The report as a workbook. Labels are texts, never formulas; the bytes follow from the document alone."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    workbook.set_properties(
        {"title": dokument.fuld_titel[:255], "created": dokument.oprettet.replace(tzinfo=None, microsecond=0)}
    )
    public = [table for table in dokument.tabeller("ark") if _on_cover(table)]
    tables = [table for table in dokument.tabeller("ark") if not _on_cover(table)]
    names = [_sheet_name(number, table) for number, table in enumerate(tables, 1)]
    _cover(workbook, dokument, public, list(zip(names, tables, strict=True)))
    for number, (name, table) in enumerate(zip(names, tables, strict=True), 1):
        _sheet(workbook, name, table, number)
    workbook.close()
    return out.getvalue()


def _on_cover(table: Tabelblok) -> bool:
    return table.navn.startswith("offentlig_")


def _sheet_name(number: int, table: Tabelblok) -> str:
    text = f"{number} {table.titel}"
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in text)[:_NAME_LENGTH].strip().strip("'")


def _cover(
    workbook: Any, dokument: Dokument, public: Sequence[Tabelblok], sheets: Sequence[tuple[str, Tabelblok]]
) -> None:
    sheet = workbook.add_worksheet("Forside")
    heading = workbook.add_format({"bold": True, "font_size": 16, "text_wrap": True})
    bold = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 90, wrapped)
    sheet.set_column(1, 1, 14)
    lines: list[tuple[str, Any]] = [(dokument.plan, heading), (dokument.titel, bold)]
    lines += [(dokument.periode, bold)] if dokument.periode else []
    lines += [(text, wrapped) for text in (dokument.opgjort, *dokument.status, dokument.metode)]
    for row, (text, form) in enumerate(lines):
        sheet.write_string(row, 0, text, form)
    row = len(lines) + 1
    for table in public:
        sheet.write_string(row, 0, f"{table.titel}. Ikke afrundet, {table.beskyttelse}", wrapped)
        _write(sheet, row, 1, table.rækker[0][1])
        row += 1
    row += 1
    for name, table in sheets:
        sheet.write_url(row, 0, f"internal:'{name}'!A1", string=table.titel)
        row += 1


def _sheet(workbook: Any, name: str, table: Tabelblok, number: int) -> None:
    sheet = workbook.add_worksheet(name)
    left_out = any(row[index] is None for row in table.rækker for index in table.tal)
    about = [f"{table.enhed}, {table.beskyttelse}." if table.enhed else table.beskyttelse]
    sheet.write_string(0, 0, table.titel, workbook.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, " ".join([*about, *([UDELADT_FORKLARET] if left_out and table.enhed else [])]))
    headings = _distinct(table.hoved)
    sheet.add_table(
        _FIRST_ROW,
        0,
        _FIRST_ROW + len(table.rækker),
        len(headings) - 1,
        {
            "name": f"Tabel{number}",
            "style": "Table Style Light 1",
            "first_column": True,
            "last_column": table.sum_kolonne,
            "columns": [{"header": heading} for heading in headings],
        },
    )
    for row, cells in enumerate(table.rækker, _FIRST_ROW + 1):
        for column, cell in enumerate(cells):
            _write(sheet, row, column, cell, left_out="∙" if table.enhed else "")
    first = min(table.tal, default=len(headings))
    sheet.set_column(0, first - 1, 34)
    sheet.set_column(first, len(headings) - 1, 14)
    sheet.freeze_panes(_FIRST_ROW + 1, 1)
    if table.sum_række:
        _chart(workbook, sheet, name, table, len(headings) - 1)


def _write(sheet: Any, row: int, column: int, value: str | float | None, left_out: str = "") -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, left_out if value is None else value)


def _chart(workbook: Any, sheet: Any, name: str, table: Tabelblok, sum_column: int) -> None:
    """Bars of the row sums, the same protected numbers as in the table, told again in the text alternative."""
    chart = workbook.add_chart({"type": "bar"})
    first, last = _FIRST_ROW + 1, _FIRST_ROW + len(table.rækker) - 1
    chart.add_series(
        {
            "name": table.titel,
            "categories": [name, first, 0, last, 0],
            "values": [name, first, sum_column, last, sum_column],
            "fill": {"color": "#0B5394"},
            "border": {"color": "#1A1A1A"},
            "data_labels": {"value": True},
        }
    )
    chart.set_title({"name": table.titel, "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    told = "; ".join(f"{row[0]}: {_told(row[-1])}" for row in table.rækker)
    sheet.insert_chart(
        _FIRST_ROW + len(table.rækker) + 2, 0, chart, {"description": f"{table.titel}. {told}", "x_scale": 1.4}
    )


def _told(value: str | float | None) -> str:
    return "udeladt" if value is None else tal(value) if isinstance(value, int | float) else value


def _distinct(headings: Sequence[str]) -> list[str]:
    """A table's headings must differ, and none may be empty."""
    found: list[str] = []
    for heading in headings:
        text, number = heading or "Navn", 2
        while text.casefold() in {known.casefold() for known in found}:
            text, number = f"{heading} ({number})", number + 1
        found.append(text)
    return found
