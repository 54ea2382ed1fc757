"""DOCX: real headings and real tables, charts as pictures with a text alternative; always the same bytes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any, Final

import typst
from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from rådgivning.rapporter import paper
from rådgivning.rapporter.docx_parts import (
    bookmark,
    field,
    header_row,
    plain_styles,
    table_look,
    table_of_contents,
    top_line,
)
from rådgivning.rapporter.paper import Afsnit, Ark, Billede, Papir, fonts, papir
from rådgivning.rapporter.report import Rapport

_A4: Final = (210, 297)
_MARGIN: Final = 20
_FIRST_COLUMN: Final = 45
_PPI: Final = 200
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
_DROPPED: Final = ("docProps/app.xml", "docProps/thumbnail.jpeg", "customXml")
_PICTURES: Final = b"""
#set page(width: auto, height: auto, margin: 0pt, fill: white)
#let billeder = json(bytes(sys.inputs.data))
#for (n, b) in billeder.enumerate() {
  if n > 0 { pagebreak() }
  image(bytes(b.svg), format: "svg", width: b.bredde * 1mm)
}
"""


def skriv_docx(rapport: Rapport) -> bytes:
    """The report as a Word document; the bytes follow from the release alone."""
    page = papir(rapport)
    document = Document()
    plain_styles(document)
    _properties(document, page)
    _first_section(document.sections[0], page)
    _cover(document, page)
    _contents(document, page)
    pictures = _pictures([part.billede for part in page.afsnit if part.billede])
    for number, part in enumerate(page.afsnit, 1):
        _section(document, part, f"tabel{number}", pictures)
    out = io.BytesIO()
    _drop_parts(document)
    document.save(out)
    return _timeless(out.getvalue())


def _properties(document: Any, page: Papir) -> None:
    core = document.core_properties
    core.title, core.language = page.titel[:255], "da-DK"
    core.author = core.last_modified_by = core.comments = ""
    core.created = core.modified = page.oprettet.replace(tzinfo=None)


def _first_section(section: Any, page: Papir) -> None:
    """Page size, running head and page numbers; later sections take them over. The cover has no head."""
    _turn(section, wide=False)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin, section.bottom_margin = Mm(25), Mm(20)
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = page.titel
    for footer in (section.footer, section.first_page_footer):
        line = footer.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.add_run("Side ")
        field(line, "PAGE")
        line.add_run(" af ")
        field(line, "NUMPAGES")


def _turn(section: Any, *, wide: bool) -> None:
    width, height = reversed(_A4) if wide else _A4
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT


def _new_page(document: Any, *, wide: bool) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.different_first_page_header_footer = False
    _turn(section, wide=wide)


def _cover(document: Any, page: Papir) -> None:
    title = document.add_paragraph(page.plan, "Title")
    title.paragraph_format.space_before = Mm(50)
    document.add_paragraph(page.periode, "Subtitle")
    document.add_paragraph(page.opgjort).paragraph_format.space_after = Mm(12)
    document.add_heading(paper.SÅDAN, 2)
    document.add_paragraph(page.metode)


def _contents(document: Any, page: Papir) -> None:
    _new_page(document, wide=False)
    entries = [("offentlige", paper.OFFENTLIGE)] if page.offentlige else []
    entries += [(f"tabel{number}", part.titel) for number, part in enumerate(page.afsnit, 1)]
    if entries:
        document.add_paragraph(paper.INDHOLD, "TOC Heading")
        table_of_contents(document, entries)
    if page.tom:
        document.add_paragraph(paper.TOM)
    if page.offentlige:
        bookmark(document.add_heading(paper.OFFENTLIGE, 1), "offentlige", 1)
        table = _table(document, paper.OFFENTLIGE, paper.OFFENTLIG_HOVED, page.offentlige, [65, 20, 85], {1})
        table_look(table, sums=(False, False))


def _section(document: Any, part: Afsnit, name: str, pictures: dict[str, bytes]) -> None:
    _new_page(document, wide=False)
    bookmark(document.add_heading(part.titel, 1), name, int(name[5:]) + 1)
    for note in part.noter:
        document.add_paragraph(note)
    if part.billede:
        _picture(document, part.billede, pictures[part.billede.svg])
    if part.bred:
        _new_page(document, wide=True)
    for sheet in part.ark:
        _sheet(document, sheet, (_A4[1] if part.bred else _A4[0]) - 2 * _MARGIN)


def _sheet(document: Any, sheet: Ark, width: int) -> None:
    caption = document.add_paragraph(sheet.titel, "Caption")
    caption.paragraph_format.keep_with_next = True
    count = len(sheet.hoved) - 1
    widths = [_FIRST_COLUMN, *[(width - _FIRST_COLUMN) / count] * count]
    table = _table(document, sheet.titel, sheet.hoved, sheet.rækker, widths, set(range(1, count + 1)))
    for index, cell in enumerate(table.rows[-1].cells):
        top_line(cell)
        cell.paragraphs[0].runs[0].bold = True
        if index == count and sheet.sum_kolonne:
            for last in table.columns[count].cells:
                last.paragraphs[0].runs[0].bold = True
    table_look(table, sums=(True, sheet.sum_kolonne))
    document.add_paragraph()


def _table(
    document: Any,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    numbers: set[int],
) -> Any:
    """A table whose header row is said to be one and is repeated on every page."""
    table = document.add_table(len(rows) + 1, len(headings), "Table Grid")
    table.autofit = False
    for row, texts in zip(table.rows, [headings, *rows], strict=True):
        for index, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = Mm(widths[index])
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            paragraph.paragraph_format.line_spacing = 1
            paragraph.add_run(text).font.size = Pt(8 if len(headings) > 9 else 9)
            if index in numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    header_row(table, title)
    return table


def _picture(document: Any, billede: Billede, png: bytes) -> None:
    shape = document.add_picture(io.BytesIO(png), width=Mm(billede.bredde))
    shape._inline.docPr.set("descr", billede.tekst)  # noqa: SLF001


def _pictures(billeder: Sequence[Billede]) -> dict[str, bytes]:
    """The charts as PNG, by their SVG."""
    if not billeder:
        return {}
    data = json.dumps([{"svg": b.svg, "bredde": b.bredde} for b in billeder])
    made = typst.compile(_PICTURES, sys_inputs={"data": data}, font_paths=fonts(), format="png", ppi=_PPI)
    pages = made if isinstance(made, list) else [made]
    return {billede.svg: page for billede, page in zip(billeder, pages, strict=True)}


def _drop_parts(document: Any) -> None:
    """What the library's own template carries along and says of its maker."""
    for holder in (document.part.package, document.part):
        for key, relation in list(holder.rels.items()):
            if str(relation.target_part.partname).lstrip("/").startswith(_DROPPED):
                del holder.rels[key]


def _timeless(data: bytes) -> bytes:
    """The same package without the hour it was packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()
