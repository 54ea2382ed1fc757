"""The two reports: chosen, written to, read, finished; a finished one stays what it was, whatever happens later."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from docx import Document
from pypdf import PdfReader
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id
from rådgivning.plan.measurements import MålingData, opret_måling
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import plan
from rådgivning.rapporter import editions, templates
from rådgivning.rapporter.document import Dokument
from rådgivning.rapporter.formater import DOKUMENTER
from rådgivning.rapporter.models import FærdigRapport, Rapportkommentar
from rådgivning.spor.models import Handling, Spor
from rådgivning.statistik.declared import rapporter, standard
from rådgivning.statistik.models import Udgivelse
from tests.conftest import Klient, Personale
from tests.statistik.cases import fakta, gem

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
STED = "/rapporter/årsstatus/2026"


@pytest.fixture
def leder(db: Session, personale: Personale, klient: Callable[[Rolle | None], Klient]) -> Klient:
    """A signed-in leder with half a year of facts."""
    gem(db, personale.helhedsplan.id, fakta(120))
    return klient(Rolle.LEDER)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    return dict(re.findall(r'name="(version|udgivelse|formular_id)" type="hidden" value="([^"]*)"', page))


def write(leder: Klient, **texts: str) -> Any:
    """Save texts through the page."""
    page = leder.get(f"{STED}/tekster").text
    return leder.send(f"{STED}/tekster", {**hidden(page), **texts})


def finish(leder: Klient, read: dict[str, str]) -> str:
    """Finish the report that was read; where the finished one is."""
    answer = leder.send(f"{STED}/færdig", read)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def files(leder: Klient, where: str) -> Iterator[bytes]:
    """The finished report in every format."""
    for form in DOKUMENTER:
        answer = leder.get(f"{where}/hent.{form}")
        assert answer.status_code == 200
        yield answer.data


def test_a_finished_report_keeps_texts_figures_and_bytes_and_a_new_edition_stands_beside_it(
    leder: Klient, db: Session, personale: Personale
) -> None:
    goal = next(iter(plan(db, personale.helhedsplan.id).delmål))
    db.rollback()
    assert write(leder, indledning="Zxq indledning\n\nandet afsnit", **{f"delmål_{goal}": "Zxq <b>"}).status_code == 303
    page = leder.get(STED).text
    assert "Zxq indledning" in page
    assert "Zxq &lt;b&gt;" in page
    assert "Kladde: rapporten er ikke gjort færdig." in page
    read = hidden(page)
    first = finish(leder, read)
    assert finish(leder, read) == first
    before = list(files(leder, first))
    lines = [line.split(";") for line in before[3].decode("utf-8-sig").splitlines()[1:]]
    assert not [line for line in lines if "(præcist)" in line[2]]
    assert [line[4] for line in lines if line[5].startswith("præcist: ")] == ["0"]
    shown = leder.get(first).text
    assert "1. udgave, gjort færdig fredag den 20. november 2026." in shown
    assert "Zxq indledning" in PdfReader(io.BytesIO(before[0])).pages[2].extract_text()

    assert write(leder, indledning="Helt andet").status_code == 303
    templates.læg_ind(db, personale.helhedsplan.id, 0, b"Zxq")
    db.commit()
    gem(db, personale.helhedsplan.id, fakta(200, frø=2))
    assert "Tal eller tekster er ændret siden 1. udgave" in leder.get(STED).text
    templates.læg_ind(db, personale.helhedsplan.id, 1, None)
    db.commit()
    second = finish(leder, hidden(leder.get(STED).text))
    assert second != first
    assert list(files(leder, first)) == before
    assert leder.get(first).text.count("Der er en nyere udgave") == 1
    rows = db.exec(select(FærdigRapport).order_by(FærdigRapport.udgave)).all()  # type: ignore[arg-type]
    assert [row.tekster[""] for row in rows] == ["Zxq indledning\n\nandet afsnit", "Helt andet"]
    assert [row.udgave for row in rows] == [1, 2]
    assert {row.plan_version for row in rows} == {db.get_one(Helhedsplan, personale.helhedsplan.id).version}
    kept = editions.dokument(rows[1])
    assert Dokument.model_validate_json(kept.model_dump_json()) == kept
    assert [db.get_one(Udgivelse, row.udgivelse_id).nummer for row in rows] == [row.udgivelse for row in rows]
    db.rollback()
    overview = leder.get("/rapporter").text
    assert first in overview
    assert second in overview
    left = [row.anledning for row in db.exec(select(Spor).where(Spor.handling == Handling.EKSPORTERET)).all()]
    assert left == list(DOKUMENTER) * 2


def test_what_another_wrote_meanwhile_is_shown_and_nothing_typed_is_lost(leder: Klient, db: Session) -> None:
    page = hidden(leder.get(f"{STED}/tekster").text)
    assert write(leder, indledning="Først").status_code == 303
    late = leder.send(f"{STED}/tekster", {**page, "indledning": "Senere"})
    assert late.status_code == 409
    assert "En anden har rettet teksterne" in late.text
    assert "Senere</textarea>" in late.text
    assert "Der står nu: Først" in late.text
    again = leder.send(f"{STED}/tekster", {**hidden(late.text), "indledning": "Senere"})
    assert again.status_code == 303
    assert db.exec(select(Rapportkommentar)).one().version == 2
    db.rollback()
    long = leder.send(f"{STED}/tekster", {**hidden(leder.get(f"{STED}/tekster").text), "indledning": "x" * 4001})
    assert long.status_code == 422
    assert "x" * 4001 in long.text
    cpr = write(leder, indledning="Zxq 010203-4567")
    assert cpr.status_code == 422


def test_a_report_is_not_finished_with_other_texts_or_figures_than_those_read(leder: Klient, db: Session) -> None:
    read = hidden(leder.get(STED).text)
    assert write(leder, indledning="Nyt").status_code == 303
    assert leder.send(f"{STED}/færdig", read).status_code == 409
    read = hidden(leder.get(STED).text)
    assert leder.send(f"{STED}/færdig", {**read, "udgivelse": "999"}).status_code == 409
    assert not db.exec(select(FærdigRapport)).all()


def test_there_is_no_other_report(klient: Callable[[Rolle | None], Klient]) -> None:
    leder = klient(Rolle.LEDER)
    for sti in ("zxq/2026", "årsstatus/2026-K1", "kvartalsstatus/2026", "årsstatus/2031", "årsstatus/2026/hent.json"):
        assert leder.get(f"/rapporter/{sti}").status_code == 404, sti


def test_the_quarter_has_its_own_tables_and_every_format_the_same_figures(
    leder: Klient, db: Session, personale: Personale
) -> None:
    _measured(db, personale)
    page = leder.get("/rapporter/kvartalsstatus/2026-K1").text
    assert "Kontakter efter aktivitet og tid" in page
    assert "Kontakter efter udfald og art" not in page
    where = "/rapporter/kvartalsstatus/2026-K1/hent"
    book = openpyxl.load_workbook(io.BytesIO(leder.get(f"{where}.xlsx").data))
    assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
    row = db.exec(select(Udgivelse).where(Udgivelse.periode == "2026-K1")).one()
    published = json.loads(row.indhold)["tables"]
    db.rollback()
    known = {table["name"]: sorted(cell["value"] for cell in table["cells"]) for table in published}
    declared = {table.titel: table.navn for table in standard()}
    shown = {declared[sheet["A1"].value]: sheet for sheet in book.worksheets if sheet["A1"].value in declared}
    assert tuple(shown) == rapporter()["kvartalsstatus"].tabeller
    for name, sheet in shown.items():
        values = [cell.value for row in sheet.iter_rows(min_row=5) for cell in row if isinstance(cell.value, int)]
        assert [value for value in sorted(values) if value] == [value for value in known[name] if value], name
    indicators = next(sheet for sheet in book.worksheets if sheet["A1"].value == "Indikatorer")
    lines = [[cell.value for cell in row] for row in indicators.iter_rows(min_row=4)]
    police = dict(zip(lines[0], next(line for line in lines if line[2] == "Tillid til politiet"), strict=True))
    assert (police["Baseline"], police["Sammenligning"], police["Seneste måling"]) == (68, 80, 71.5)
    text = leder.get(f"{where}.csv").data.decode("utf-8-sig")
    assert "Tillid til politiet, %;Seneste måling;71,5;" in text
    words = " ".join(p.text for p in Document(io.BytesIO(leder.get(f"{where}.docx").data)).paragraphs)
    paper = PdfReader(io.BytesIO(leder.get(f"{where}.pdf").data))
    for told in (words, " ".join(" ".join(p.extract_text().split()) for p in paper.pages)):
        assert "Udvikling: Tillid til politiet" in told
        assert "Kilde: LBF Tryghedsundersøgelse" in told


def _measured(db: Session, personale: Personale) -> None:
    indhold = plan(db, personale.helhedsplan.id)
    key = next(key for key, value in indhold.indikator.items() if value.navn == "Tillid til politiet")
    data = MålingData(key, 2026, Decimal("71.5"), "LBF Tryghedsundersøgelse")
    opret_måling(db, personale.helhedsplan.id, indhold.indikator[key], data, new_id())
    db.commit()
