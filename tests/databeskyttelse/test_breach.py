"""The breach page: what was opened and taken out, by whom, where and when, and nobody's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, func, select, update

from rådgivning import database
from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import Base, new_id, now
from rådgivning.databeskyttelse.breach import OPLYSNINGER, Afgrænsning, brudfakta
from rådgivning.drift.schema import all_tables
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_many
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import aktør, skriv
from tests.conftest import IDAG, Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
DAG = datetime(2026, 11, 20, tzinfo=UTC)


def at(hour: int) -> None:
    """The clock of what is done next, 20 November 2026, UTC."""
    database.clock.read = lambda: DAG.replace(hour=hour)


def test_only_what_lies_in_the_span_and_is_the_users_or_the_devices_counts(db: Session, personale: Personale) -> None:
    anna, zoe, række, device = new_id(), new_id(), new_id(), new_id()
    at(8)
    skriv(db, Handling.ÅBNET, "beboer", [anna], beboere=[anna], anledning="vis beboer")
    at(9)
    skriv(db, Handling.ÅBNET, "kontakt", [new_id(), new_id()], beboere=[anna, zoe], anledning="vis kontakter")
    skriv(db, Handling.ÅBNET, "henvisning", [række], anledning="vis henvisning")
    skriv(db, Handling.EKSPORTERET, "udgivelse", [new_id()], anledning="xlsx")
    skriv(db, Handling.ÆNDRET, "kontakt", [new_id()])
    skriv(db, Handling.AFVIST, "beboer", [new_id()])
    skriv(db, Handling.INDEKSERET, "beboer", detaljer={"antal": 100})
    db.info["aktør"] = replace(aktør(db), enhed=str(device))
    at(10)
    skriv(db, Handling.ÅBNET, "beboer", [zoe], beboere=[zoe], anledning="vis beboer")
    db.info["aktør"] = personale.aktør(Rolle.INKASSO)
    skriv(db, Handling.ÅBNET, "restancesag", [new_id()], beboere=[anna])
    db.commit()
    bruger = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    day = Afgrænsning(str(personale.helhedsplan.id), DAG, DAG.replace(day=21))
    whole = brudfakta(db, day)
    assert whole.beboere == {str(anna): 3, str(zoe): 2}
    assert whole.kuverter == {"beboer": 2, "kontakt": 2, "henvisning": 1, "restancesag": 1}
    assert (len(whole.udtræk), whole.afvist, dict(whole.ændret)) == (1, 1, {"ændret kontakt": 1})
    assert whole.uden_beboer == {f"henvisning {række}"}
    assert len(whole.brugere) == 2
    hour = brudfakta(db, replace(day, fra=DAG.replace(hour=9), til=DAG.replace(hour=10)))
    assert hour.beboere == {str(anna): 1, str(zoe): 1}
    assert (hour.første, hour.sidste) == (DAG.replace(hour=9),) * 2
    assert "restancesag" not in brudfakta(db, replace(day, bruger=bruger)).kuverter
    assert brudfakta(db, replace(day, enhed=device)).beboere == {str(zoe): 1}
    assert brudfakta(db, replace(day, enhed=new_id())).tom


def test_a_list_of_what_is_about_residents_and_about_nobody_counts_both(db: Session, personale: Personale) -> None:
    hun = opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld")
    om, løs = (log_kontakt(db, data, dato=IDAG, beboer_id=beboer) for beboer in (hun, None))
    db.commit()
    nr, fra = db.exec(select(func.max(Spor.nr))).one(), now()
    open_many(db, [løs, om], KontaktData, "vis kontakter")
    db.commit()
    [about, nobody] = db.exec(select(Spor).where(Spor.nr > nr, Spor.handling == Handling.ÅBNET).order_by(col(Spor.nr)))
    assert (about.rækker, about.beboere) == ([str(om.id)], [str(hun)])
    assert (nobody.rækker, nobody.beboere) == ([str(løs.id)], [])
    assert tjek(db, db.info["audit_key"]) == []
    loose = f"kontakt {løs.id}"
    facts = brudfakta(db, Afgrænsning(str(personale.helhedsplan.id), fra, now() + timedelta(hours=1)))
    assert facts.uden_beboer == {loose}
    assert facts.kuverter["kontakt"] == 2


def test_every_sealed_table_has_words_for_a_notification() -> None:
    all_tables()
    sealed = {name for name, table in Base.metadata.tables.items() if "sealed" in table.c}
    assert sealed == set(OPLYSNINGER)


def test_the_first_act_is_the_earliest_also_when_it_was_entered_last(db: Session, personale: Personale) -> None:
    for hour in (12, 1, 9):
        at(hour)
        skriv(db, Handling.ÅBNET, "beboer", [new_id()], anledning="vis beboer")
    db.commit()
    facts = brudfakta(db, Afgrænsning(str(personale.helhedsplan.id), DAG, DAG.replace(day=21)))
    assert (facts.første, facts.sidste) == (DAG.replace(hour=1), DAG.replace(hour=12))


@pytest.mark.usefixtures("som_ejer")
def test_the_page_drafts_the_notification_without_a_name(
    klient: Klienter, db: Session, personale: Personale, kontekst: Nøglekontekst
) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Testa Opdigtet", adresse="Prøveager 1")).id
    db.commit()
    rådgiver, dpo = klient(Rolle.BEBOERRÅDGIVER), klient(Rolle.DATABESKYTTELSE)
    assert rådgiver.get(f"/beboere/{beboer}").status_code == 200
    bruger = personale.brugere[Rolle.BEBOERRÅDGIVER]
    device = db.exec(select(BrugerSession.id).where(BrugerSession.bruger_id == bruger.id)).one()
    db.rollback()
    query = {"fra": "20.11.2026", "til": "20.11.2026", "bruger": str(bruger.id), "enhed": str(device)}
    page = dpo.get("/spor/brud", query_string={**query, "kendt": "20.11.2026", "kendt_kl": "10.30"}).text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "1 beboer" in text
    assert "stamdata: navn, adresse" in text
    assert "23.11.2026 kl. 10.30" in text
    assert str(beboer) in page
    assert "Opdigtet" not in text
    assert "Prøveager" not in text
    looked = db.exec(select(Spor).where(Spor.anledning == "undersøg brud")).one()
    assert looked.detaljer == {"beboere": 1}
    assert tjek(db, kontekst.audit_key) == []
    opened = db.exec(select(Spor.nr).where(Spor.enhed == str(device)).limit(1)).one()
    db.exec(update(Spor).where(col(Spor.nr) == opened, col(Spor.enhed) == str(device)).values(enhed=""))
    db.commit()
    assert len(tjek(db, kontekst.audit_key)) == 1, "on which device it was done cannot be taken away unseen"


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"fra": "20.11.2026", "til": "19.11.2026"}, "Slutningen skal ligge efter begyndelsen"),
        ({"fra": "", "til": "19.11.2026"}, "Skriv den dag, det kan være begyndt"),
        ({"fra": "20.11.2026", "fra_kl": "12.00", "til": "20.11.2026", "til_kl": "11.00"}, "efter begyndelsen"),
        ({"fra": "32.13.2026", "til": "20.11.2026"}, "32.13.2026"),
        ({"fra": "20.11.2026", "til": "20.11.2026", "bruger": str(new_id())}, "Bruger"),
    ],
)
def test_what_is_no_span_is_said_at_the_field(klient: Klienter, query: dict[str, str], said: str) -> None:
    svar = klient(Rolle.DATABESKYTTELSE).get("/spor/brud", query_string=query)
    assert svar.status_code == 422
    assert said in svar.text


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_nothing_in_the_span_is_said_and_only_the_databeskyttelse_role_may_look(klient: Klienter) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    assert dpo.get("/spor/brud").status_code == 200
    empty = dpo.get("/spor/brud", query_string={"fra": "01.01.2026", "til": "02.01.2026"})
    assert "Der er ikke åbnet, hentet eller ændret noget" in empty.text
    assert klient(Rolle.LEDER).get("/spor/brud").status_code == 403
