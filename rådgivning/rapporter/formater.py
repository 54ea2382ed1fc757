"""The formats a release can leave in, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlmodel import Session

from rådgivning.plan.plans import plan
from rådgivning.rapporter.csv import skriv_csv
from rådgivning.rapporter.document import Dokument
from rådgivning.rapporter.docx import skriv_docx
from rådgivning.rapporter.pdf import RapportFejl, skriv_pdf
from rådgivning.rapporter.report import rapport, tal_dokument
from rådgivning.rapporter.templates import skabelon
from rådgivning.rapporter.xlsx import skriv_xlsx
from rådgivning.spor.trail import aktør
from rådgivning.statistik.release import Release

__all__ = ["DOKUMENTER", "FORMATER", "Format", "RapportFejl", "skriv_fil"]


class Format(NamedTuple):
    """A file format: its name, its media type and what writes a document in it."""

    navn: str
    mimetype: str
    skriv: Callable[[Dokument, bytes], bytes]


DOKUMENTER: Mapping[str, Format] = {
    "pdf": Format("PDF", "application/pdf", lambda dokument, _skabelon: skriv_pdf(dokument)),
    "docx": Format("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", skriv_docx),
    "xlsx": Format(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda dokument, _skabelon: skriv_xlsx(dokument),
    ),
    "csv": Format("CSV", "text/csv; charset=utf-8", lambda dokument, _skabelon: skriv_csv(dokument)),
}
FORMATER: Mapping[str, str] = {"json": "application/json", **{key: f.mimetype for key, f in DOKUMENTER.items()}}
"""The media types of the formats a release can leave in: a document's, or the release itself."""


def skriv_fil(session: Session, release: Release, form: str) -> bytes:
    """A release of the actor's helhedsplan as a file; the same release always gives the same bytes.

    Raises RapportFejl when the format cannot show it.
    """
    if form == "json":
        return release.data
    helhedsplan_id = aktør(session).helhedsplan_id
    assert helhedsplan_id is not None  # noqa: S101  # a release was made for one
    dokument = tal_dokument(rapport(plan(session, helhedsplan_id), release))
    own = skabelon(session, helhedsplan_id)
    return DOKUMENTER[form].skriv(dokument, (own.indhold if own else None) or b"")
