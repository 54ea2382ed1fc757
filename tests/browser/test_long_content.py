"""Pages bear what people really type: names without end, notes as long as the field allows, on the smallest phone."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlmodel import Session

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.opgaver.tasks import opret_opgave
from tests.browser.conftest import Åbner
from tests.browser.test_every_page import check
from tests.conftest import IDAG
from tests.henvisninger.factories import henvisning
from tests.restancer.factories import sag, skridt

pytestmark = pytest.mark.browser
NAVN = "Zxq " + "Prøvesenogopdigtet" * 8
NOTAT = ("Et langt notat om æ, ø og å, " * 680)[:19_700] + "ordudenende" * 27
LANGT: dict[str, str] = {"navn": NAVN, "adresse": "Langvejsnavnudenmellemrum" * 6, "telefon": "+4520121234"}


@pytest.fixture
def stier(db: Session) -> list[str]:
    """The pages on which one long-named resident, her contact, task, referral and case stand."""
    stamdata = BeboerData(**LANGT, afdeling="aab55", email=f"{'lang' * 15}@example.dk", note=NOTAT)
    beboer, uden_noget = (opret_beboer(db, stamdata.model_copy()).id for _ in range(2))
    data = KontaktData(
        art="en_til_en",
        aktivitet="beboerrådgivning",
        afdeling="aab55",
        form="telefon",
        kilde="kollega",
        hovedemne="gæld",
        udfald="råd_givet",
        notat=NOTAT,
    )
    kontakt = log_kontakt(db, data, dato=IDAG, beboer_id=beboer).id
    titel = "Opgavemedlangtitel" * 6
    opgave = opret_opgave(db, titel=titel, frist=IDAG, beboer_id=beboer, note=NOTAT, kontakt_id=kontakt).id
    sendt = henvisning(db, **LANGT, beskrivelse=NOTAT[:2000]).id
    mødt = skridt("fogedsag", date(2026, 11, 18), frist=date(2026, 11, 24))
    meldt = sag(db, skridt("forfalden", date(2026, 11, 2)), mødt, **LANGT, note=NOTAT[:2000]).id
    db.commit()
    own = [*_details(beboer, kontakt, opgave), f"/beboere/{uden_noget}/slet"]
    return [*_lists(), *own, f"/henvisninger/{sendt}", f"/restancer/{meldt}"]


def _lists() -> list[str]:
    return ["/", "/beboere", "/kontakter", "/opgaver", "/henvisninger", "/restancer"]


def _details(beboer: uuid.UUID, kontakt: uuid.UUID, opgave: uuid.UUID) -> list[str]:
    own = [f"/beboere/{beboer}", f"/beboere/{beboer}/ret", f"/kontakter/ny/{beboer}"]
    return [*own, f"/kontakter/{kontakt}", f"/kontakter/{kontakt}/ret", f"/opgaver/{opgave}/ret"]


def test_long_names_and_notes_stay_inside_every_page(stier: list[str], vindue: Åbner) -> None:
    opened = vindue(Rolle.BEBOERRÅDGIVER)
    assert [fault for sti in stier for fault in check(opened, sti)] == []
