"""The blocks of a report as paragraphs, tables and pictures in the styles of a Word document."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Emu, Mm, Pt

from rådgivning.rapporter.document import Dokument, Graf, Overskrift, Punkter, Sideskift, Tabelblok, Tekst
from rådgivning.rapporter.docx_parts import bookmark, header_row, table_look, table_of_contents, top_line
from rådgivning.rapporter.drawing import plain
from rådgivning.rapporter.figures import bred
from rådgivning.rapporter.sheets import Ark, ark

INDHOLD: Final = "Indhold"
_FIRST_COLUMN: Final = Mm(45)


class Krop:
    """Writes a report's blocks at the end of a document. `billeder` are its charts as PNG, with widths in mm."""

    def __init__(self, document: Any, billeder: Mapping[Graf, tuple[bytes, float]]) -> None:
        self._document = document
        self._billeder = billeder
        self._on_its_side = False
        self._new_page = False
        self._marks = 0

    def skriv(self, dokument: Dokument, *, sidst: bool) -> None:
        """The contents and every block. `sidst`: nothing of the template follows."""
        headings = dokument.overskrifter
        if headings:
            self._document.add_paragraph(INDHOLD, "TOC Heading")
            entries = [(f"afsnit{n}", plain(h.tekst), h.niveau) for n, h in enumerate(headings, 1)]
            table_of_contents(self._document, entries)
        for block in dokument.blokke:
            if isinstance(block, Sideskift):
                self._new_page = True
            elif not (isinstance(block, Tabelblok) and block.sted == "ark"):
                self._turn(wide=isinstance(block, Tabelblok) and bred(block))
                self._block(block)
        if self._on_its_side and not sidst:
            self._turn(wide=False)

    def _turn(self, *, wide: bool) -> None:
        """Begin a page when one is wanted; a table on its side has a section of its own."""
        if wide or self._on_its_side:
            section = self._document.add_section(WD_SECTION.NEW_PAGE)
            section.different_first_page_header_footer = False
            if wide != self._on_its_side:
                section.page_width, section.page_height = section.page_height, section.page_width
                section.orientation = int(wide)
        elif self._new_page:
            self._document.add_page_break()
        self._on_its_side, self._new_page = wide, False

    def _block(self, block: Any) -> None:
        match block:
            case Overskrift():
                self._heading(block)
            case Tekst():
                self._text(block)
            case Punkter():
                self._points(block)
            case Graf():
                png, width = self._billeder[block]
                shape = self._document.add_picture(io.BytesIO(png), width=Mm(width))
                shape._inline.docPr.set("descr", plain(block.tekst))  # noqa: SLF001
            case Tabelblok():
                for sheet in ark(block):
                    self._sheet(block, sheet)

    def _heading(self, block: Overskrift) -> None:
        heading = self._document.add_heading(plain(block.tekst), block.niveau)
        if block.niveau < 3:
            self._marks += 1
            bookmark(heading, f"afsnit{self._marks}", 100 + self._marks)

    def _text(self, block: Tekst) -> None:
        paragraph = self._document.add_paragraph(plain(block.tekst))
        if block.stil == "note":
            paragraph.runs[0].font.size = Pt(9)
        elif block.stil == "kommentar":
            paragraph.paragraph_format.left_indent = Mm(6)

    def _points(self, block: Punkter) -> None:
        for navn, tekst in block.punkter:
            paragraph = self._document.add_paragraph(style="List Bullet")
            if navn:
                paragraph.add_run(f"{plain(navn)} ").bold = True
            paragraph.add_run(plain(tekst))

    def _sheet(self, block: Tabelblok, sheet: Ark) -> None:
        if sheet.billedtekst:
            caption = self._document.add_paragraph(plain(sheet.titel), "Caption")
            caption.paragraph_format.keep_with_next = True
        table = self._table(block, sheet)
        count = len(sheet.hoved) - 1
        if block.sum_række:
            for cell in table.rows[-1].cells:
                top_line(cell)
                _bold(cell)
        if sheet.sum_kolonne:
            for cell in table.columns[count].cells:
                _bold(cell)
        table_look(table, sums=(block.sum_række, sheet.sum_kolonne))
        self._document.add_paragraph()

    def _table(self, block: Tabelblok, sheet: Ark) -> Any:
        """A table whose header row is said to be one and is repeated on every page."""
        table = self._document.add_table(len(sheet.rækker) + 1, len(sheet.hoved), "Table Grid")
        table.autofit = False
        widths = self._widths(block, len(sheet.hoved))
        size = Pt(8 if len(sheet.hoved) > 9 else 9)
        for row, texts in zip(table.rows, [sheet.hoved, *sheet.rækker], strict=True):
            for index, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.width = widths[index]
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(1)
                paragraph.paragraph_format.line_spacing = 1
                paragraph.add_run(plain(text)).font.size = size
                if index in block.tal:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        header_row(table, plain(sheet.titel))
        return table

    def _widths(self, block: Tabelblok, count: int) -> Sequence[Emu]:
        section = self._document.sections[-1]
        room = section.page_width - section.left_margin - section.right_margin
        if block.bredder:
            return [Emu(room * part // sum(block.bredder)) for part in block.bredder]
        first = min(_FIRST_COLUMN, room // 2)
        return [Emu(first), *[Emu((room - first) // (count - 1))] * (count - 1)]


def _bold(cell: Any) -> None:
    for run in cell.paragraphs[0].runs:
        run.bold = True
