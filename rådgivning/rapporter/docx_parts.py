"""What Word wants said and the library has no word for: the contents, bookmarks, header rows."""

# ruff: noqa: SLF001 - the library's objects are thin; the elements under them are the way to what it does not cover

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

_SHADE: Final = "E1E1E1"


def element(tag: str, **values: str) -> Any:
    """`<w:tag w:key="value"/>`."""
    made = OxmlElement(f"w:{tag}")
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """A place that the contents lead to."""
    paragraph.runs[0]._r.addprevious(element("bookmarkStart", id=str(number), name=name))
    paragraph._p.append(element("bookmarkEnd", id=str(number)))


def table_of_contents(document: Any, entries: Sequence[tuple[str, str, int]]) -> None:
    """The contents as links, filled in already; a field, so that Word can make them anew. Without page numbers: only
    Word knows them."""
    for number, (name, title, level) in enumerate(entries):
        line = document.add_paragraph(style=f"toc {level}")
        if number == 0:
            _mark(line, "begin")
            code = OxmlElement("w:instrText")
            code.text = r' TOC \o "1-2" \n \h '
            line.add_run()._r.append(code)
            _mark(line, "separate")
        link = element("hyperlink", anchor=name)
        run = line.add_run(title)._r
        link.append(run)
        line._p.append(link)
        if number == len(entries) - 1:
            _mark(line, "end")


def _mark(paragraph: Any, kind: str) -> None:
    paragraph.add_run()._r.append(element("fldChar", fldCharType=kind))


def header_row(table: Any, title: str) -> None:
    """Say which row heads the columns and repeat it on every page, split no row between two, and name the table."""
    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(element("cantSplit"))
        if number == 0:
            properties.append(element("tblHeader"))
            for cell in row.cells:
                cell._tc.get_or_add_tcPr().append(element("shd", val="clear", color="auto", fill=_SHADE))
                for run in cell.paragraphs[0].runs:
                    run.bold = True
    table._tbl.tblPr.append(element("tblCaption", val=title))


def top_line(cell: Any) -> None:
    """A heavier line above a sum."""
    borders = OxmlElement("w:tcBorders")
    borders.append(element("top", val="single", sz="12", space="0", color="000000"))
    cell._tc.get_or_add_tcPr().append(borders)


def table_look(table: Any, *, sums: tuple[bool, bool]) -> None:
    """Which row and columns are headings and sums, for those who have the table read aloud."""
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.attrib.clear()
    last_row, last_column = sums
    flags = {"firstRow": True, "lastRow": last_row, "firstColumn": True, "lastColumn": last_column}
    bits = 0x06A0 | 0x40 * last_row | 0x100 * last_column
    look.set(qn("w:val"), f"{bits:04X}")
    for name, value in {**flags, "noHBand": True, "noVBand": True}.items():
        look.set(qn(f"w:{name}"), str(int(value)))
