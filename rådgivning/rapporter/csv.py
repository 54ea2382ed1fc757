"""CSV for a Danish spreadsheet: UTF-8 with its mark, semicolons, decimal commas, one figure a line."""

from __future__ import annotations

import csv
import io

from rådgivning.felter.sheet import neutral
from rådgivning.rapporter.document import Celle, Dokument

HOVED = ("Tabel", "Enhed", "Række", "Kolonne", "Antal", "Beskyttelse")


def skriv_csv(dokument: Dokument) -> bytes:
    """Every figure of the report with its row, column and protection; margins are rows called »I alt«. A figure that is
    left out is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HOVED)
    for table in dokument.tabeller("ark"):
        first = next((i for i in range(len(table.hoved)) if i in table.tal), len(table.hoved))
        for row in table.rækker:
            label = ", ".join(str(cell) for cell in row[:first] if cell)
            for index in table.tal:
                about = (table.titel, table.enhed, label, table.hoved[index] if len(table.tal) > 1 else "")
                writer.writerow([*map(neutral, about), _number(row[index]), neutral(table.beskyttelse)])
    return out.getvalue().encode("utf-8-sig")


def _number(value: Celle) -> str:
    """Without separators between thousands, which some programs read as decimals."""
    return "" if value is None else neutral(value) if isinstance(value, str) else str(value).replace(".", ",")
