"""A beboerrådgiver deletes a resident of hers: the same erasure as databeskyttelse's, with the same hindrances."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.beboere.restriction import begræns, ophæv
from rådgivning.database import new_id, now
from rådgivning.databeskyttelse.models import Anmodning, Kvittering, Slags
from rådgivning.databeskyttelse.requests import registrér
from rådgivning.databeskyttelse.retention_keep import Hindret, slet_for_hånd
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kalender.models import Aftale, AftaleData
from rådgivning.nøgler.opening import is_readable, seal
from rådgivning.opgaver.tasks import opret_opgave, udfør
from tests.conftest import IDAG, Klient, Personale

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
DATA = BeboerData(navn="Zxq Prøvesen", adresse="Opdigtet Allé 7", telefon="+4520121234")
GRUND = {"grund": Slettegrund.ØNSKE}


@pytest.fixture
def hun(db: Session) -> uuid.UUID:
    """A resident about whom nothing is open."""
    made = opret_beboer(db, DATA).id
    db.commit()
    return made


def test_what_stands_against_it_is_said_with_what_to_do_and_nothing_is_deleted(
    klient: KlientFor, db: Session, hun: uuid.UUID
) -> None:
    url, rådgiver = f"/beboere/{hun}/slet", klient(Rolle.BEBOERRÅDGIVER)
    opgave = opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=hun).id
    registrér(db, Slags.INDSIGT, modtaget=IDAG, beboer_id=hun, id=new_id())
    db.commit()
    for svar in (rådgiver.get(url), rådgiver.send(url, GRUND)):
        assert svar.status_code == 409
        for text in ("Beboeren kan ikke slettes nu", "Udfør eller slet opgaven først", "De svarer beboeren"):
            assert text in svar.text, text
    udfør(db, opgave)
    begræns(db, hun)
    db.commit()
    svar = rådgiver.get(url)
    assert (svar.status_code, "Udfør" in svar.text, "Zxq" in svar.text) == (409, False, False)
    assert "netop ikke at blive slettet" in svar.text
    ophæv(db, hun)
    with pytest.raises(Hindret, match="ikke afgjort"):
        slet_for_hånd(db, hun, Slettegrund.FEJL)
    db.rollback()
    assert (len(db.exec(select(Beboer)).all()), len(db.exec(select(Anmodning)).all())) == (1, 1)
    assert db.exec(select(Kvittering)).all() == []


def test_everything_that_is_hers_goes_and_databeskyttelse_has_the_receipt(
    klient: KlientFor, db: Session, personale: Personale, hun: uuid.UUID
) -> None:
    base: dict[str, Any] = {
        "helhedsplan_id": personale.helhedsplan.id,
        "ejer_id": personale.brugere[Rolle.EJENDOMSDRIFT].id,
        "boligorganisation": "aab",
    }
    løs, besøg = Henvisning(**base, oprettet=now()), Aftale(**base, dato=IDAG)
    seal(db, løs, HenvisningData(navn=DATA.navn, telefon=DATA.telefon))
    seal(db, besøg, AftaleData(adresse=DATA.adresse))
    db.add_all([løs, besøg])
    db.commit()
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert "Databeskyttelse får en kvittering" in rådgiver.get(f"/beboere/{hun}/slet").text
    assert rådgiver.send(f"/beboere/{hun}/slet", GRUND).location == "/beboere"
    db.expire_all()
    assert (db.exec(select(Beboer)).all(), db.exec(select(Aftale)).all()) == ([], [])
    assert not is_readable(db, db.exec(select(Henvisning)).one())
    row = db.exec(select(Kvittering)).one()
    assert (row.årsag, row.af) == (Slettegrund.ØNSKE, personale.brugere[Rolle.BEBOERRÅDGIVER].id)
    db.rollback()
    page = klient(Rolle.DATABESKYTTELSE).get("/databeskyttelse/kvitteringer").text
    assert (row.nummer in page, "Beboeren ønsker ikke at stå her" in page) == (True, True)


def test_it_wants_a_fresh_proof_and_the_reason_goes_along(klient: KlientFor, hun: uuid.UUID) -> None:
    url, rådgiver = f"/beboere/{hun}/slet", klient(Rolle.BEBOERRÅDGIVER)
    assert rådgiver.get(url).status_code == 200
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 16, tzinfo=UTC)
    assert unquote(rådgiver.get(url).location) == f"/bekræft?næste={url}"
    asked = rådgiver.send(url, GRUND)
    assert (asked.status_code, f'value="{Slettegrund.ØNSKE}"' in asked.text) == (403, True)
