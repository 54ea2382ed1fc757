"""The pages of the time limits, as databeskyttelse and as a beboerrådgiver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer, Fastholdelse
from rådgivning.database import new_id
from rådgivning.databeskyttelse.models import Kvittering
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.plan.limits import SLAGS
from tests.conftest import IDAG, Klient, Personale, opret_testbruger
from tests.databeskyttelse.retention_cases import Nat, beboer

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
LISTE = "/beboere/slettes-snart"


@pytest.fixture
def nat(kontekst: Nøglekontekst, personale: Personale) -> Nat:
    """The night's run."""
    return Nat(kontekst, personale)


def test_databeskyttelse_sees_the_rules_with_reasons_and_numbers_but_no_name(
    klient: KlientFor, db: Session, nat: Nat
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    side = dpo.get("/databeskyttelse/slettefrister").text
    assert "ikke kørt endnu" in side
    beboer(db, date(2024, 12, 10))
    stopped = beboer(db, date(2024, 11, 1))
    opret_opgave(db, titel="Zxqtitel", frist=IDAG, beboer_id=stopped)
    db.commit()
    nat(IDAG)
    side = dpo.get("/databeskyttelse/slettefrister").text
    for slags in SLAGS.values():
        assert slags.hvad in side or slags.hvad in ("Varsel", "Forlængelse")
    for text in ("24 måneder", "14 dage", "art. 5, stk. 1, litra e", "kørte sidst 20.11.2026", "december 2026"):
        assert text in side
    assert "1 beboer slettes inden for 30 dage." in side
    assert "1 beboer: Der er en opgave, som ikke er udført." in side
    assert "Zxq" not in side
    assert "slettes-snart" not in side
    assert 'href="/databeskyttelse/slettefrister"' in dpo.get("/databeskyttelse").text
    assert dpo.get(LISTE).status_code == 403
    assert klient(Rolle.LEDER).get("/databeskyttelse/slettefrister").status_code == 403


def test_the_owner_keeps_one_with_a_reason_and_deletes_another_at_once(
    klient: KlientFor, db: Session, nat: Nat
) -> None:
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    assert "Ingen af dine beboere slettes snart" in rådgiver.get(LISTE).text
    assert LISTE in rådgiver.get("/beboere").text
    first, second = (beboer(db, date(2024, 11, 1) + timedelta(days=n)) for n in (0, 5))
    open_ = beboer(db, date(2024, 10, 1))
    opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=open_)
    db.commit()
    nat(IDAG)
    assert "1 beboer slettes snart" not in rådgiver.get("/beskeder").text
    assert "2 beboere slettes snart" in rådgiver.get("/beskeder").text
    side = rådgiver.get(LISTE).text
    for text in ("Zxq Prøvesen", "01.11.2024", "20.12.2026", "noget er åbent (1)", "Der er en opgave"):
        assert text in side
    url, fields = f"/beboere/{first}/behold", {"grund": "andet", "forklaring": "", "formular_id": str(new_id())}
    refused = rådgiver.send(url, fields)
    assert refused.status_code == 422
    assert "Skriv, hvilken grund det er." in refused.text
    assert 'value="andet" checked' in refused.text.replace(' id="grund-4"', "")
    assert rådgiver.send(url, {**fields, "forklaring": "010180-1234"}).status_code == 422
    assert rådgiver.send(url, {**fields, "forklaring": "Zxq ringer igen"}).location == LISTE
    assert "beholdes til og med 20.05.2027" in rådgiver.get(LISTE).text
    assert db.exec(select(Fastholdelse)).one().til == date(2027, 5, 20)
    db.rollback()
    assert rådgiver.get(url).location == LISTE
    spørg = rådgiver.get(f"/beboere/{second}/slet-nu").text
    for text in ("Slet beboeren nu?", "20.12.2026", "1 kontakt<", "kan ikke fortrydes"):
        assert text in spørg
    assert rådgiver.get(f"/beboere/{open_}/slet-nu").status_code == 409
    assert rådgiver.send(f"/beboere/{second}/slet-nu").location == LISTE
    assert rådgiver.get(f"/beboere/{second}/slet-nu").status_code == 404
    assert {row.id for row in db.exec(select(Beboer)).all()} == {first, open_}
    assert db.exec(select(Kvittering)).one().årsag == "slettefrist"


def test_a_colleague_is_told_that_only_her_own_adviser_may(
    klient: KlientFor, db: Session, personale: Personale
) -> None:
    hun = beboer(db, date(2024, 11, 1))
    db.expire_on_commit = False
    kollega = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
    db.commit()
    anden = klient(None)
    anden.sign_in(kollega)
    for side in ("behold", "slet-nu"):
        svar = anden.get(f"/beboere/{hun}/{side}")
        assert (svar.status_code, "Det kan kun den beboerrådgiver gøre" in svar.text) == (403, True)
        assert "Din rolle" not in svar.text


def test_a_reason_that_was_used_is_refused_at_the_field(klient: KlientFor, db: Session, nat: Nat) -> None:
    om = beboer(db, date(2023, 1, 1))
    nat(IDAG - timedelta(days=300))
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)

    def behold(**fields: Any) -> Any:
        return rådgiver.send(f"/beboere/{om}/behold", {"formular_id": str(new_id()), "forklaring": "", **fields})

    assert behold(grund="retskrav").status_code == 303
    row = db.exec(select(Fastholdelse)).one()
    row.til = IDAG
    db.add(row)
    db.commit()
    assert "Oplysningerne skal bruges i en klage" in rådgiver.get(f"/beboere/{om}/behold").text
    svar = behold(grund="retskrav", forklaring="Zxq igen")
    assert svar.status_code == 422
    assert "er brugt før" in svar.text
    assert "Zxq igen" in svar.text
    assert behold(grund="tilsyn").status_code == 303
