"""A spreadsheet of contacts: shown before it counts, bad rows named, and never counted twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, func, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.kontakter.models import Kontakt
from tests.browser.conftest import Vindue, Åbner

pytestmark = pytest.mark.browser
ARK = """dato;afdeling;art;hovedemne;kilde;form;udfald;beboer_navn;beboer_telefon
02.11.2026;AAB 55;En-til-en rådgivning;Gæld;Beboeren selv;Telefon;Råd givet;Zxq Prøvesen;20 12 12 34
31.02.2026;AAB 55;En-til-en rådgivning;Gæld;Beboeren selv;Telefon;Råd givet;;
03.11.2026;Månebasen;En-til-en rådgivning;Gæld;Beboeren selv;Telefon;Råd givet;;
04.11.2026;AAB 55;En-til-en rådgivning;Gæld;Beboeren selv;Telefon;Ny aftale;;
"""


def upload(window: Vindue) -> Page:
    """Choose the file and look at what it would do."""
    side = window.gå("/kontakter/import")
    side.get_by_label("Fil", exact=True).set_input_files(
        {"name": "kontakter.csv", "mimeType": "text/csv", "buffer": ARK.encode()}
    )
    side.get_by_role("button", name="Kontrollér filen").click()
    expect(side.get_by_role("heading", name="Kontrollér importen")).to_be_visible()
    return side


def antal(session: Session) -> int:
    """How many contacts there are."""
    found = session.exec(select(func.count()).select_from(Kontakt)).one()
    session.commit()
    return found


def test_bad_rows_are_named_good_ones_come_in_and_the_same_file_again_adds_nothing(db: Session, vindue: Åbner) -> None:
    window = vindue(Rolle.BEBOERRÅDGIVER, 1280)
    side = upload(window)
    bad = side.get_by_role("table", name="Rækker, der ikke kan hentes").get_by_role("row")
    expect(bad).to_have_count(3)
    expect(bad.filter(has_text="Række 3")).to_contain_text("dato")
    expect(bad.filter(has_text="Række 4")).to_contain_text("afdeling")
    assert antal(db) == 0
    side.get_by_role("button", name="Importér 2 kontakter").click()
    expect(side.get_by_role("link", name="Zxq Prøvesen")).to_be_visible()
    assert antal(db) == 2

    side = upload(window)
    expect(side.get_by_text("Kontakter, der er her i forvejen").locator("..")).to_contain_text("2")
    expect(side.get_by_role("button", name="Importér")).to_have_count(0)
    side.get_by_role("button", name="Glem filen").click()
    assert antal(db) == 2
