"""CSV for a Danish spreadsheet: UTF-8 with its mark, semicolons, one figure a line."""

from __future__ import annotations

import csv
import io

from rådgivning.rapporter.report import Rapport

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HOVED = ("Tabel", "Enhed", "Række", "Kolonne", "Antal", "Beskyttelse")


def skriv_csv(rapport: Rapport) -> bytes:
    """Every figure of the report with its row, column and protection; the margins are rows called »I alt«."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HOVED)
    base = rapport.release.indhold["known_rule"]["base"]
    for table in rapport.tabeller:
        for label, values in table.rækker:
            for column, value in zip(table.kolonner, values, strict=True):
                writer.writerow(
                    [neutral(text) for text in (table.titel, table.enhed, label, column)]
                    + [str(value), f"afrundet til {base}"]
                )
    for total in rapport.offentlige:
        writer.writerow([neutral(total.titel), "", "", "", str(total.værdi), neutral(f"præcist: {total.begrundelse}")])
    return out.getvalue().encode("utf-8-sig")


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text
