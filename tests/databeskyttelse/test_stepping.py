"""Which pages of the room want a fresh proof of who asks: every one is decided here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlmodel import Session

from rådgivning import database
from rådgivning.adgang import stepup
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.databeskyttelse.models import Slags
from rådgivning.databeskyttelse.requests import registrér
from rådgivning.databeskyttelse.views import make_blueprint
from tests.conftest import IDAG, Klient

BEVIS = set(
    """
    identitet forlæng afvis rettelse begræns indsigelse ophæv slet gennemsyn udlever genåbn brev intet slet_nu
    udtræk ny_bruger email spær åbn rolle konto konto_kode konto_fjern afslut_session afslut_sessioner
    nulstil_to_trin nyt_kodeord_til bopæl rettigheder_for afslut_gennemgang slet_beboer
    brugerliste bruger rettigheder gennemgang
""".split()
)
UDEN = {
    "shows ids, dates and counts; opens no resident": (
        "forside anmodninger anmodning kvitteringer kvittering slettefrister spor læst usædvanlig brud hoved"
    ),
    "writes down what was asked and opens nothing": "ny_anmodning beboers_anmodning",
    "keeps, and can be done over": "behold gennemset",
    "the adviser's own residents, as her other lists": "slettes_snart",
    "checks and shows no entry": "tjek_spor",
    "about the roles, and no user": "roller",
    "no resident stands in a document": (
        "dokumenter dokument_asvs hent_asvs dokument_biblioteker hent_biblioteker hent_cyclonedx dokument_fortegnelse"
        " hent_fortegnelse dokument_rettigheder hent_rettigheder dokument_slettepolitik hent_slettepolitik"
    ),
}


def has_step_up(view: Any) -> bool:
    """Whether `frisk` is among the decorators."""
    while view is not None:
        if view.__code__.co_filename == stepup.__file__:
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_every_page_of_the_room_is_decided() -> None:
    app = Flask("prøve")
    app.register_blueprint(make_blueprint())
    pages = {name.partition(".")[2]: view for name, view in app.view_functions.items() if "." in name}
    assert {name for name, view in pages.items() if has_step_up(view)} == BEVIS
    assert set(pages) - BEVIS == {name for names in UDEN.values() for name in names.split()}


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_an_old_proof_opens_no_decision_and_no_letter_of_a_request(
    klient: Callable[[Rolle | None], Klient], db: Session
) -> None:
    hun = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    id_ = registrér(db, Slags.BEGRÆNSNING, modtaget=IDAG, beboer_id=hun, id=new_id()).id
    db.commit()
    dpo, url = klient(Rolle.DATABESKYTTELSE), f"/databeskyttelse/anmodninger/{id_}"
    assert dpo.send(f"{url}/identitet", {"identitet": "kendt"}).status_code == 303
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 16, tzinfo=UTC)
    for page in ("begræns", "ophæv", "brev", "afvis", "forlæng", "gennemsyn", "slet", "indsigelse", "intet", "genåbn"):
        svar = dpo.get(f"{url}/{page}")
        assert (svar.status_code, unquote(svar.location)) == (303, f"/bekræft?næste={url}/{page}"), page
    asked = dpo.send(f"{url}/begræns", {"grund": "rigtighed"})
    assert (asked.status_code, "rigtighed" in asked.text) == (403, True)
    assert dpo.get(url).status_code == 200
