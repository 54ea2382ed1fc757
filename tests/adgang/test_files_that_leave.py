"""Every file that leaves is declared: one about residents or users wants a fresh proof of who takes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlmodel import Session

import rådgivning
from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.restancer.cases import opret_sag
from rådgivning.restancer.models import RestancesagData
from rådgivning.samtykker import views as samtykker
from tests.conftest import KODEORD, Klient, Personale
from tests.databeskyttelse.test_stepping import has_step_up

KlientFor = Callable[[Rolle | None], Klient]
SENDER = re.compile(r"Content-Disposition|send_file|send_from_directory|download_name")
OM_NOGEN = {
    "databeskyttelse/decision_views.py brev": "databeskyttelse.brev",
    "databeskyttelse/insight_views.py udlever": "databeskyttelse.udlever",
    "databeskyttelse/trail_pages.py udtræk": "databeskyttelse.udtræk",
    "restancer/invitation_views.py _take": "restancer.indkald",
    "samtykker/views.py _file": "",
}
"""Where a file about residents or users is sent, and the page that sends it; "" where the function asks itself."""
OM_INGEN = {
    "databeskyttelse/accountability_views.py _file": "documents about the program and the roles",
    "kalender/feed_views.py hent": "the token is the key, and nobody is named",
    "plan/version_views.py hent_planfil": "the plan",
    "rapporter/report_views.py fil": "protected figures",
    "rapporter/template_views.py _file": "a template",
    "rapporter/views.py _fil": "protected figures",
    "restancer/letterhead_views.py _file": "a template, and a letter to nobody",
}


def _senders() -> set[str]:
    """Every function of the program that makes a response a file."""
    root, found = Path(rådgivning.__file__).parent, set()
    for path in root.rglob("*.py"):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and SENDER.search(ast.get_source_segment(source, node) or ""):
                found.add(f"{path.relative_to(root)} {node.name}")
    return found


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_every_file_that_leaves_is_declared_and_one_about_residents_or_users_wants_a_fresh_proof(app: Flask) -> None:
    assert _senders() == OM_NOGEN.keys() | OM_INGEN.keys()
    assert [page for page in filter(None, OM_NOGEN.values()) if not has_step_up(app.view_functions[page])] == []
    assert has_step_up(samtykker._file)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_an_old_proof_takes_no_letter_and_no_paper_and_what_was_typed_goes_along(
    klient: KlientFor, db: Session
) -> None:
    hun = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    sag = opret_sag(db, RestancesagData(navn="Zxq Prøvesen"), boligorganisation="aab", beboer_id=hun).id
    db.commit()
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 16, tzinfo=UTC)
    url = f"/restancer/indkald?sag={sag}"
    assert unquote(rådgiver.get(url).location) == f"/bekræft?næste={url}"
    letters = rådgiver.send("/restancer/indkald", {"sag": str(sag), "trin": "opret", "form": "pdf", "sted": "Zxqsted"})
    assert (letters.status_code, "Zxqsted" in letters.text, str(sag) in letters.text) == (403, True, True)
    typed = {"formål": "Zxqformål", "pdf": "1"}
    assert rådgiver.send(f"/samtykker/ny/{hun}", {"formål": "Zxqformål", "blanket": "1"}).status_code == 200
    paper = rådgiver.send(f"/samtykker/ny/{hun}", typed)
    assert (paper.status_code, "Zxqformål" in paper.text) == (403, True)
    proved = rådgiver.send(f"/samtykker/ny/{hun}", {**typed, "bekræft_kodeord": KODEORD})
    assert (proved.status_code, proved.mimetype) == (200, "application/pdf")
    assert rådgiver.get(url).status_code == 200


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_an_old_proof_shows_no_user(klient: KlientFor, personale: Personale) -> None:
    dpo, leder = klient(Rolle.DATABESKYTTELSE), personale.brugere[Rolle.LEDER].id
    pages = ("/brugere", f"/brugere/{leder}", "/rettigheder", f"/rettigheder/{leder}")
    assert [dpo.get(page).status_code for page in pages] == [200] * len(pages)
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 16, tzinfo=UTC)
    assert [unquote(dpo.get(page).location) for page in pages] == [f"/bekræft?næste={page}" for page in pages]
