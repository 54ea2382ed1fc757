"""DOCX from a template the organisation can replace: real headings and tables, charts as pictures with a text
alternative; the same document and template always give the same bytes. All of it in memory.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from docxtpl import DocxTemplate

from rådgivning.rapporter.document import Dokument, Graf
from rådgivning.rapporter.docx_body import Krop
from rådgivning.rapporter.drawing import fonts, plain, på_papir
from rådgivning.skabeloner.places import TEKST, Lukket, Pladser, SkabelonFejl

PLADSER: Final = Pladser(
    dict.fromkeys(("plan", "titel", "periode", "opgjort", "status", "metode", "indhold"), TEKST), "indhold"
)
_PLACE: Final = "\ue000indhold\ue001"
_PPI: Final = 200
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
_STANDARD: Final = Path(__file__).resolve().parent / "rapport.docx"
_PICTURES: Final = b"""
#set page(width: auto, height: auto, margin: 0pt, fill: white)
#let billeder = json(bytes(sys.inputs.data))
#for (n, b) in billeder.enumerate() {
  if n > 0 { pagebreak() }
  image(bytes(b.svg), format: "svg", width: b.bredde * 1mm)
}
"""


@cache
def standardskabelon() -> bytes:
    """The template that is used until an organisation has its own."""
    return _STANDARD.read_bytes()


def skriv_docx(dokument: Dokument, skabelon: bytes = b"") -> bytes:
    """The report as a Word document. Raises SkabelonFejl for a template that cannot be used."""
    template = DocxTemplate(io.BytesIO(skabelon or standardskabelon()))
    template.init_docx()
    template.render(_texts(dokument), Lukket(PLADSER), autoescape=True)
    document = template.docx
    _properties(document, dokument)
    _replace_place(document, dokument)
    out = io.BytesIO()
    document.save(out)
    return _timeless(out.getvalue())


def _texts(dokument: Dokument) -> dict[str, str]:
    return {
        "plan": plain(dokument.plan),
        "titel": plain(dokument.titel),
        "periode": plain(dokument.periode),
        "opgjort": plain(dokument.opgjort),
        "status": plain(" ".join(dokument.status)),
        "metode": plain(dokument.metode),
        "indhold": _PLACE,
    }


def _properties(document: Any, dokument: Dokument) -> None:
    core = document.core_properties
    core.title, core.language = plain(dokument.fuld_titel)[:255], "da-DK"
    core.author = core.last_modified_by = core.comments = core.keywords = core.category = core.subject = ""
    core.created = core.modified = dokument.oprettet.replace(tzinfo=None, microsecond=0)
    core.revision = 1


def _replace_place(document: Any, dokument: Dokument) -> None:
    """Write the report at the end, then put it where the template wants it."""
    places = [p for p in document.paragraphs if p.text.strip() == _PLACE]
    if len(places) != 1:
        raise SkabelonFejl("Pladsen {{ indhold }} skal stå én gang, alene på sin linje og uden for tabeller.")
    place = places[0]._p  # noqa: SLF001 - the library cannot move a paragraph
    before = set(document.element.body)
    last = place.getnext() is None or place.getnext().tag.endswith("}sectPr")
    Krop(document, _pictures(dokument.grafer)).skriv(dokument, sidst=last)
    for element in [child for child in document.element.body if child not in before]:
        place.addprevious(element)
    place.getparent().remove(place)


def _pictures(grafer: Sequence[Graf]) -> dict[Graf, tuple[bytes, float]]:
    """The charts as PNG with their width in millimetres."""
    if not grafer:
        return {}
    drawn = [på_papir(graf) for graf in grafer]
    data = json.dumps([{"svg": svg, "bredde": width} for svg, width in drawn])
    made = typst.compile(_PICTURES, sys_inputs={"data": data}, font_paths=fonts(), format="png", ppi=_PPI)
    pages = made if isinstance(made, list) else [made]
    return {graf: (page, width) for graf, page, (_svg, width) in zip(grafer, pages, drawn, strict=True)}


def _timeless(data: bytes) -> bytes:
    """The same package without the hour it was packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()
