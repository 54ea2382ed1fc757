"""The formats a release can leave in, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlmodel import Session

from rådgivning.plan.plans import plan
from rådgivning.rapporter.csv import skriv_csv
from rådgivning.rapporter.docx import skriv_docx
from rådgivning.rapporter.pdf import RapportFejl, skriv_pdf
from rådgivning.rapporter.report import Rapport, rapport
from rådgivning.rapporter.xlsx import skriv_xlsx
from rådgivning.spor.trail import aktør
from rådgivning.statistik.release import Release

__all__ = ["FORMATER", "Format", "RapportFejl", "skriv_fil"]


class Format(NamedTuple):
    """A file format: its media type and what writes it."""

    mimetype: str
    skriv: Callable[[Rapport], bytes]


def skriv_json(rapport: Rapport) -> bytes:
    """The release as recorded, byte for byte."""
    return rapport.release.data


FORMATER: Mapping[str, Format] = {
    "json": Format("application/json", skriv_json),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", skriv_xlsx),
    "csv": Format("text/csv; charset=utf-8", skriv_csv),
    "pdf": Format("application/pdf", skriv_pdf),
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", skriv_docx),
}


def skriv_fil(session: Session, release: Release, form: str) -> bytes:
    """A release of the actor's helhedsplan as a file; the same release always gives the same bytes.

    Raises RapportFejl when the format cannot show it.
    """
    helhedsplan_id = aktør(session).helhedsplan_id
    assert helhedsplan_id is not None  # noqa: S101  # a release was made for one
    return FORMATER[form].skriv(rapport(plan(session, helhedsplan_id), release))
