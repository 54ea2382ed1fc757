"""The organisation's own Word template: checked before it is kept, used from then on, and given up again."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Konflikt, Rolle
from rådgivning.rapporter import templates
from rådgivning.rapporter.docx import skriv_docx, standardskabelon
from rådgivning.rapporter.models import Rapportskabelon
from rådgivning.skabeloner.places import SkabelonFejl
from tests.conftest import Klient, Personale


def changed(change: Callable[[Any], object]) -> bytes:
    """The standard template with a change."""
    document = Document(io.BytesIO(standardskabelon()))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def without(place: str) -> bytes:
    """The standard template without one place."""

    def take(document: Any) -> None:
        for paragraph in [*document.paragraphs, *document.sections[0].header.paragraphs]:
            if place in paragraph.text:
                paragraph.text = paragraph.text.replace(place, "")

    return changed(take)


def test_the_standard_template_is_good_and_a_report_follows_its_own_styles() -> None:
    templates.godkend(standardskabelon())
    own = changed(lambda document: document.add_paragraph("Slutord fra Prøveparken"))
    templates.godkend(own)
    written = Document(io.BytesIO(skriv_docx(templates.PRØVE, own)))
    assert written.paragraphs[-1].text == "Slutord fra Prøveparken"
    assert "Et indsatsområde" in [p.text for p in written.paragraphs if p.style and p.style.name == "Heading 1"]
    assert written.tables[0].rows[2].cells[1].text == "∙"


@pytest.mark.parametrize("place", ["{{ metode }}", "{{ opgjort }}", "{{ status }}", "{{ plan }}"])
def test_a_template_must_show_what_a_reader_must_know(place: str) -> None:
    with pytest.raises(SkabelonFejl, match="Skabelonen mangler"):
        templates.godkend(without(place))


@pytest.mark.parametrize(
    ("change", "besked"),
    [
        (lambda d: d.add_paragraph("{{ 7*7 }}"), "andet end pladser"),
        (lambda d: d.add_paragraph("{{ kode }}"), "kode kendes ikke"),
        (lambda d: d.add_paragraph("{{ indhold }}"), "skal stå én gang"),
        (lambda d: d.add_table(1, 1).rows[0].cells[0].paragraphs[0].add_run("{% if %}"), "skrevet forkert"),
        (lambda d: d.styles["Heading 2"].delete(), "typografierne Overskrift 2"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(change: Callable[[Any], object], besked: str) -> None:
    with pytest.raises(SkabelonFejl, match=besked):
        templates.godkend(changed(change))


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_leder_puts_a_template_in_and_goes_back(
    db: Session, personale: Personale, klient: Callable[[Rolle | None], Klient]
) -> None:
    leder = klient(Rolle.LEDER)
    own = changed(lambda document: document.add_paragraph("Slutord fra Prøveparken"))
    bad = leder.send("/rapporter/skabelon", {"version": "0", "skabelon": (io.BytesIO(b"Zxq"), "x.docx")})
    assert bad.status_code == 422
    assert "Filen kan ikke åbnes" in bad.text
    assert leder.send("/rapporter/skabelon", {"version": "0"}).status_code == 422
    sent = leder.send("/rapporter/skabelon", {"version": "0", "skabelon": (io.BytesIO(own), "x.docx")})
    assert sent.status_code == 303
    late = leder.send("/rapporter/skabelon", {"version": "0", "skabelon": (io.BytesIO(own), "x.docx")})
    assert late.status_code == 409
    assert leder.get("/rapporter/skabelon/hent").data == own
    sample = Document(io.BytesIO(leder.get("/rapporter/skabelon/hent-prøve").data))
    assert sample.paragraphs[-1].text == "Slutord fra Prøveparken"
    assert leder.send("/rapporter/skabelon/standard", {"version": "1"}).status_code == 303
    assert leder.get("/rapporter/skabelon/hent").data == standardskabelon()
    assert [row.version for row in db.exec(select(Rapportskabelon)).all()] == [1, 2]
    with pytest.raises(Konflikt):
        templates.læg_ind(db, personale.helhedsplan.id, 1, None)
