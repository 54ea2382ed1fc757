"""The trail as a file: CSV, a workbook or JSON, one entry a line, with the chain's values to compare with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

import xlsxwriter

from rådgivning.felter.sheet import neutral
from rådgivning.spor.models import Spor

HØJST_XLSX = 100_000
KOLONNER = (
    "nr", "tidspunkt", "bruger", "bruger_id", "rolle", "handling", "genstand", "anledning", "rækker", "beboere",
    "detaljer", "enhed", "mac",
)  # fmt: skip
Navne = Mapping[str, str]


def som_csv(poster: Iterable[Spor], navne: Navne) -> Iterator[bytes]:
    """UTF-8 with its mark, semicolons; no cell is taken for a formula."""
    yield "\ufeff".encode() + _line(KOLONNER)
    for post in poster:
        yield _line([neutral(str(value)) for value in _values(post, navne)])


def som_json(poster: Iterable[Spor], navne: Navne) -> Iterator[bytes]:
    """One array of objects with the columns' names; rows and details as they are."""
    yield b"["
    for number, post in enumerate(poster):
        values: dict[str, Any] = dict(zip(KOLONNER, _values(post, navne), strict=True))
        values |= {"rækker": post.rækker, "beboere": post.beboere, "detaljer": post.detaljer}
        yield (b",\n" if number else b"\n") + json.dumps(values, ensure_ascii=False).encode()
    yield b"\n]\n"


def som_xlsx(poster: Iterable[Spor], navne: Navne) -> Iterator[bytes]:
    """A workbook made in memory, so for at most HØJST_XLSX entries; every cell is a text or a number."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = workbook.add_worksheet("Spor")
    bold = workbook.add_format({"bold": True})
    for column, name in enumerate(KOLONNER):
        sheet.write_string(0, column, name, bold)
    for row, post in enumerate(poster, 1):
        sheet.write_number(row, 0, post.nr)
        for column, value in enumerate(_values(post, navne)[1:], 1):
            sheet.write_string(row, column, str(value))
    sheet.freeze_panes(1, 1)
    workbook.close()
    yield out.getvalue()


FORMATER: Mapping[str, tuple[str, str, Callable[[Iterable[Spor], Navne], Iterator[bytes]]]] = {
    "csv": ("CSV (regneark)", "text/csv; charset=utf-8", som_csv),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", som_xlsx),
    "json": ("JSON", "application/json", som_json),
}


def _values(post: Spor, navne: Navne) -> list[str | int]:
    who = str(post.aktør or "")
    return [
        post.nr,
        post.tidspunkt.astimezone(UTC).isoformat(),
        navne.get(who, ""),
        who,
        post.rolle,
        post.handling,
        post.genstand,
        post.anledning,
        " ".join(post.rækker),
        " ".join(post.beboere),
        ", ".join(f"{name} {value}" for name, value in sorted(post.detaljer.items())),
        post.enhed,
        post.mac.hex(),
    ]


def _line(values: Iterable[object]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(list(values))
    return out.getvalue().encode()
