"""The report on paper, as PDF and as Word: every published figure and no other, and nothing that only some can read."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.dansk import tal
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import plan
from rådgivning.rapporter.document import Tekst
from rådgivning.rapporter.docx import skriv_docx
from rådgivning.rapporter.docx_body import INDHOLD
from rådgivning.rapporter.figures import FOR_STORT, KUN_NUL, OFFENTLIGE, bred
from rådgivning.rapporter.formater import FORMATER
from rådgivning.rapporter.pdf import RapportFejl, skriv_pdf
from rådgivning.rapporter.report import TOM, Rapport, rapport, tal_dokument
from rådgivning.rapporter.sheets import ark
from rådgivning.statistik.display import I_ALT, Visning
from rådgivning.statistik.release import beskyttet
from tests.conftest import Klient, Personale
from tests.rapporter.test_formats import published
from tests.statistik.cases import FRØ, fakta, gem

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
_MADE: list[Rapport] = []
NUMBER = re.compile(r"\d[\d.]*\d|\d")


@pytest.fixture
def indhold(db: Session, personale: Personale) -> Rapport:
    """The report of a year, made once: it is a value that knows no database."""
    if not _MADE:
        gem(db, personale.helhedsplan.id, fakta(250))
        release = beskyttet(db, personale.helhedsplan.id, "2026", frø=FRØ)
        _MADE.append(rapport(plan(db, personale.helhedsplan.id), release))
    return _MADE[0]


def pages(data: bytes) -> list[str]:
    """Each page's text with single blanks."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def table(rows: int, columns: int, label: str = "Zxq") -> Visning:
    """An invented table."""
    names = [*(f"{label} {number}" for number in range(columns)), I_ALT]
    values = [(f"{label} {number}", [5] * columns + [5 * columns]) for number in range(rows)]
    total = (I_ALT, [5 * rows] * columns + [5 * rows * columns])
    return Visning("prøve", f"Prøve {label}", "Kontakter", label, names, [*values, total], (), "kontakter_art_tid")


def marked(data: bytes, kind: str) -> list[Any]:
    """The elements of one kind in the PDF's structure, in reading order."""
    found: list[Any] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if node.get("/S") == kind:
                found.append(node)
            walk(node.get("/K", []))

    root: Any = PdfReader(io.BytesIO(data)).trailer["/Root"]
    walk(root["/StructTreeRoot"])
    return found


def test_word_has_every_published_figure_and_no_other(indhold: Rapport) -> None:
    document = Document(io.BytesIO(skriv_docx(tal_dokument(indhold))))
    public, *tables = document.tables
    shown = [int(row.cells[1].text.replace(".", "")) for row in public.rows[1:]]
    for made, wanted in zip(tables, indhold.tabeller, strict=True):
        cells = [[cell.text for cell in row.cells] for row in made.rows]
        assert cells == [[wanted.hoved, *wanted.kolonner], *wanted.tekstrækker]
        shown += [int(text.replace(".", "")) for row in cells[1:] for text in row[1:]]
    assert sorted(value for value in shown if value) == published(indhold.release)
    told = {text for picture in document.element.body.iter(qn("wp:docPr")) for text in [picture.get("descr")]}
    assert told == {graf.tekst for graf in tal_dokument(indhold).grafer}


def test_pdf_has_every_published_figure_and_no_other(indhold: Rapport) -> None:
    data = skriv_pdf(tal_dokument(indhold))
    texts = pages(data)
    for wanted in indhold.tabeller:
        start = next(number for number, text in enumerate(texts) if number > 1 and f"2026 {wanted.titel}" in text)
        mine = " ".join(texts[start : start + 2])
        for row in wanted.tekstrækker[1:]:
            assert " ".join(row[1:]) in mine, (wanted.titel, row)
    known = Counter(NUMBER.findall(" ".join(tal(value) for value in published(indhold.release))))
    document = tal_dokument(indhold)
    words = [document.metode, document.plan, document.fuld_titel, document.opgjort, *document.status]
    words += [block.tekst for block in document.blokke if isinstance(block, Tekst)]
    words += [text for total in indhold.offentlige for text in (total.titel, total.begrundelse)]
    words += [text for t in indhold.tabeller for text in (t.titel, *t.noter, *t.kolonner, *(r[0] for r in t.rækker))]
    allowed = set(known) | set(NUMBER.findall(" ".join(words))) | {str(number) for number in range(1, len(texts) + 1)}
    assert set(NUMBER.findall(" ".join(texts))) <= allowed


def test_pdf_is_tagged_named_and_says_what_its_pictures_show(indhold: Rapport) -> None:
    data = skriv_pdf(tal_dokument(indhold))
    reader = PdfReader(io.BytesIO(data))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "da-DK"
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == f"{indhold.plan}: Tal for 2026"
    assert reader.metadata.author is None
    assert [figure["/Alt"] for figure in marked(data, "/Figure")] == [g.tekst for g in tal_dokument(indhold).grafer]
    heads = sum(len(t.kolonner) + 1 for t in indhold.tabeller) + 3
    assert len(marked(data, "/TH")) == heads
    assert len(marked(data, "/Table")) == len(indhold.tabeller) + 1


def test_pdf_reads_in_order(indhold: Rapport) -> None:
    text = " ".join(pages(skriv_pdf(tal_dokument(indhold))))
    order = [
        indhold.plan,
        "Tal for 2026",
        "Opgjort fredag den 20. november 2026",
        "Sådan er tallene beskyttet",
        indhold.metode[:60],
        INDHOLD,
    ]
    at = [text.index(words) for words in order]
    assert at == sorted(at)
    bodies = [text.rindex(words) for words in (OFFENTLIGE, *(t.titel for t in indhold.tabeller))]
    assert bodies == sorted(bodies)
    assert bodies[0] > at[-1]
    assert indhold.offentlige[0].begrundelse.split()[0] in text


def test_word_has_headings_repeated_header_rows_and_names_nobody(indhold: Rapport) -> None:
    data = skriv_docx(tal_dokument(indhold))
    document = Document(io.BytesIO(data))
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == [OFFENTLIGE, *(t.titel for t in indhold.tabeller)]
    assert indhold.metode in [p.text for p in document.paragraphs]
    for made in document.tables:
        assert made.rows[0]._tr.get_or_add_trPr().find(qn("w:tblHeader")) is not None
    links = [link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))]
    assert links == [mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))]
    core = document.core_properties
    assert (core.author, core.last_modified_by, core.comments, core.language) == ("", "", "", "da-DK")
    assert core.created == core.modified == indhold.release.oprettet.replace(microsecond=0)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {entry.date_time[0] for entry in parts.infolist()} == {1980}
        assert "docProps/app.xml" not in parts.namelist()
        assert b'w:val="da-DK"' in parts.read("word/styles.xml")


NASTY = "<w:p/>&amp; #panic() *fed* $x$ {{ 7*7 }} \\ _u_ @a `b` אבג"
LONG = "Zxq" * 40


def test_labels_come_out_as_text_in_word(indhold: Rapport) -> None:
    for label in (NASTY, LONG, "مرحبا بالعالم", "Zxq \N{GRINNING FACE}"):
        changed = replace(indhold, plan=label, tabeller=(table(2, 2, label),))
        document = Document(io.BytesIO(skriv_docx(tal_dokument(changed))))
        assert document.tables[-1].rows[1].cells[0].text == f"{label} 0"
        assert document.paragraphs[0].text == label


def test_labels_come_out_as_text_in_pdf(indhold: Rapport) -> None:
    nasty = NASTY[:-4]
    text = " ".join(pages(skriv_pdf(tal_dokument(replace(indhold, plan=nasty, tabeller=(table(2, 2, nasty),))))))
    assert f"{nasty} 0" in text
    assert "49" not in text
    words = pages(skriv_pdf(tal_dokument(replace(indhold, plan=LONG, tabeller=(table(2, 2, LONG),)))))
    assert LONG in re.sub(r"[\s\u00ad-]", "", words[0])
    assert "Zxq" not in "".join(pages(skriv_pdf(tal_dokument(replace(indhold, tabeller=(table(2, 2, "مرحبا"),))))))
    assert marked(skriv_pdf(tal_dokument(replace(indhold, tabeller=(table(2, 2, "مرحبا"),)))), "/Figure")


def test_a_sign_that_no_font_has_is_refused_without_being_told(indhold: Rapport) -> None:
    with pytest.raises(RapportFejl, match="hent Word-filen") as fejl:
        skriv_pdf(tal_dokument(replace(indhold, plan="Zxq \N{GRINNING FACE}")))
    assert "Zxq" not in str(fejl.value)


def test_signs_that_steer_are_left_out(indhold: Rapport) -> None:
    changed = replace(indhold, plan="Zxq\x00\x07\u202e\u2067\ufeff\ue000\uffff Prøve\tsen\n")
    assert "Zxq Prøve sen" in pages(skriv_pdf(tal_dokument(changed)))[0]
    assert Document(io.BytesIO(skriv_docx(tal_dokument(changed)))).paragraphs[0].text.strip() == "Zxq Prøve sen"


def test_a_table_too_wide_for_a_page_is_divided_and_one_too_tall_to_draw_says_so(indhold: Rapport) -> None:
    changed = replace(
        indhold,
        tabeller=(
            table(3, 30),
            table(90, 2),
            table(4, 11),
        ),
    )
    wide, tall, turned = [t for t in tal_dokument(changed).tabeller("papir") if t.navn == "prøve"]
    assert [len(sheet.hoved) for sheet in ark(wide)] == [12, 12, 10]
    assert [row[0] for row in ark(wide)[1].rækker] == ["Zxq 0", "Zxq 1", "Zxq 2", I_ALT]
    assert ark(wide)[-1].sum_kolonne
    assert Tekst(tekst=FOR_STORT) in tal_dokument(changed).blokke
    assert len(tal_dokument(changed).grafer) == 2
    assert [bred(part) for part in (wide, tall, turned)] == [True, False, True]
    assert len(ark(turned)) == 1
    sizes = [
        (page.mediabox.width > page.mediabox.height)
        for page in PdfReader(io.BytesIO(skriv_pdf(tal_dokument(changed)))).pages
    ]
    assert sum(sizes) == 2
    document = Document(io.BytesIO(skriv_docx(tal_dokument(changed))))
    assert len(document.tables) == 6
    turned_pages = [s.page_width > s.page_height for s in document.sections if s.page_width and s.page_height]
    assert sum(turned_pages) == 2


def test_a_table_of_nothing_has_no_chart(indhold: Rapport) -> None:
    nothing = table(2, 2)
    zeros = replace(nothing, rækker=[(label, [0] * len(values)) for label, values in nothing.rækker])
    document = tal_dokument(replace(indhold, tabeller=(zeros,)))
    assert not document.grafer
    assert Tekst(tekst=KUN_NUL) in document.blokke
    assert len(Document(io.BytesIO(skriv_docx(tal_dokument(replace(indhold, tabeller=(zeros,)))))).inline_shapes) == 0


def test_an_empty_period_says_so(db: Session, personale: Personale) -> None:
    release = beskyttet(db, personale.helhedsplan.id, "2026", frø=FRØ)
    empty = rapport(plan(db, personale.helhedsplan.id), release)
    text = " ".join(pages(skriv_pdf(tal_dokument(empty))))
    assert TOM in text
    assert empty.tabeller[0].titel not in text
    document = Document(io.BytesIO(skriv_docx(tal_dokument(empty))))
    assert TOM in [p.text for p in document.paragraphs]
    assert len(document.tables) == 1
    quarter = rapport(plan(db, personale.helhedsplan.id), beskyttet(db, personale.helhedsplan.id, "2026-K1", frø=FRØ))
    assert not quarter.offentlige
    assert TOM in " ".join(pages(skriv_pdf(tal_dokument(quarter))))
    assert not Document(io.BytesIO(skriv_docx(tal_dokument(quarter)))).tables


@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_the_leder_downloads_it_and_a_sign_without_a_font_is_told(
    form: str, db: Session, personale: Personale, klient: Callable[[Rolle | None], Klient]
) -> None:
    leder = klient(Rolle.LEDER)
    assert f"/statistik/hent/2026.{form}" in leder.get("/statistik").text
    answer = leder.get(f"/statistik/hent/2026.{form}")
    assert answer.status_code == 200
    assert answer.mimetype == FORMATER[form]
    assert answer.headers["Content-Disposition"] == f"attachment; filename=tal-2026.{form}"
    row = db.get_one(Helhedsplan, personale.helhedsplan.id)
    content = plan(db, row.id)
    head = content.helhedsplan.model_copy(update={"navn": "Zxq \N{GRINNING FACE}"})
    row.indhold = content.model_copy(update={"helhedsplan": head}).model_dump(mode="json")
    row.version += 1
    row.kilde = "en plan med et tegn uden skrift"  # plans are kept by version and source, and each test has the same id
    db.add(row)
    db.commit()
    again = leder.get(f"/statistik/hent/2026.{form}")
    assert again.status_code == (409 if form == "pdf" else 200)
