"""A figure left out by suppression, wherever it stands."""

from __future__ import annotations

import io

import openpyxl
from docx import Document
from pypdf import PdfReader

from rådgivning.rapporter.document import Graf, Tabelblok
from rådgivning.rapporter.formater import DOKUMENTER
from rådgivning.rapporter.report_views import tegnet
from rådgivning.rapporter.templates import PRØVE


def test_a_figure_left_out_is_a_dot_with_its_legend_and_never_a_number() -> None:
    table = Tabelblok(
        navn="prøve",
        titel="Prøve",
        enhed="Kontakter",
        hoved=("Art", "A", "B", "I alt"),
        rækker=(("Zxq", None, 7, None), ("I alt", None, 7, 12)),
        tal=(1, 2, 3),
        sum_række=True,
        sum_kolonne=True,
        beskyttelse="små tal er udeladt",
    )
    chart = Graf(
        form="stablet",
        titel="Prøve",
        serier=("A", "B"),
        rækker=(("Zxq", (None, 7)),),
        sum=(None,),
        tekst="x",
        plads=100,
    )
    document = PRØVE.model_copy(update={"blokke": (chart, table)})
    made = {form: kind.skriv(document, b"") for form, kind in DOKUMENTER.items()}
    sheet = openpyxl.load_workbook(io.BytesIO(made["xlsx"])).worksheets[1]
    assert [cell.value for cell in sheet[5]] == ["Zxq", "∙", 7, "∙"]
    assert "∙ betyder, at tallet er udeladt" in sheet["A2"].value
    assert "Prøve;Kontakter;Zxq;A;;små tal er udeladt" in made["csv"].decode("utf-8-sig")
    assert "Zxq • 7 •" in " ".join(PdfReader(io.BytesIO(made["pdf"])).pages[-1].extract_text().split())
    assert Document(io.BytesIO(made["docx"])).tables[0].rows[1].cells[1].text == "∙"
    ((_chart, svg), _table) = tegnet(document)
    assert "∙</text>" in str(svg)
    assert "A udeladt, B 7" in str(svg)
