"""The quarter's review of rights: what is used, one decision per user, kept as it was; the table is the code's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.models import Bruger, Rettighedsafgørelse
from rådgivning.adgang.permissions import RETTIGHEDER, ÅBNER, Ret, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beskeder.models import Besked
from rådgivning.database import Base, now
from rådgivning.databeskyttelse.rights import ALLES, BRUGES_PÅ, UDEN_SPOR, brug, sidste_brug, tabellen
from rådgivning.databeskyttelse.rights_review import kvartal, varsl_gennemgang
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]


def test_every_right_that_not_everybody_has_is_measured_or_said_not_to_be(settings: object) -> None:
    given = set(Ret) - ALLES
    assert set(BRUGES_PÅ) | UDEN_SPOR == given
    assert not set(BRUGES_PÅ) & UDEN_SPOR
    tables = set(Base.metadata.tables)
    assert {what for things in BRUGES_PÅ.values() for what in things} - {"rapport"} <= tables


def test_the_table_that_is_shown_is_the_one_that_is_enforced(klient: KlientFor) -> None:
    assert {rolle: {line.tabel for line in lines} for rolle, lines in tabellen().items()} == {
        rolle: {tabel.replace("_", " ") for tabel in ÅBNER[rolle]} for rolle in Rolle
    }
    page = klient(Rolle.DATABESKYTTELSE).get("/rettigheder/roller").text
    for rolle in Rolle:
        assert all(ret.value in page for ret in RETTIGHEDER[rolle])
    assert "note i forsøg" in page
    assert "notat, tredjepart" in page


def test_a_right_is_used_unused_or_never_used(db: Session, personale: Personale) -> None:
    me = personale.brugere[Rolle.BEBOERRÅDGIVER]
    opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    db.commit()

    def status() -> dict[Ret, str]:
        used = sidste_brug(db, personale.helhedsplan.id)
        return {b.ret: b.status for b in brug(Rolle.BEBOERRÅDGIVER, me.id, used)}

    assert (status()[Ret.BEBOERE], status()[Ret.KONTAKTER], status()[Ret.DELMÅL]) == ("brugt", "aldrig", "")
    later = now() + timedelta(days=90)
    database.clock.read = lambda: later
    assert status()[Ret.BEBOERE] == "ubrugt"


def test_each_user_gets_a_decision_and_the_review_is_closed_kept_and_readable_next_quarter(
    klient: KlientFor, personale: Personale, db: Session
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    assert "5 brugere mangler" in dpo.get("/rettigheder").text
    dpo.send("/rettigheder/afslut")
    assert "Der mangler 5 brugere" in dpo.get("/rettigheder").text
    ids = {rolle: bruger.id for rolle, bruger in personale.brugere.items()}
    ids_url = {rolle: f"/rettigheder/{id_}" for rolle, id_ in ids.items()}
    assert "Aldrig" in dpo.get(ids_url[Rolle.INKASSO]).text
    without = dpo.send(ids_url[Rolle.INKASSO], {"afgørelse": "rettes", "note": ""})
    assert (without.status_code, "Skriv, hvad der skal rettes" in without.text) == (422, True)
    herself = dpo.send(ids_url[Rolle.DATABESKYTTELSE], {"afgørelse": "spærres", "note": "Holder op"})
    assert (herself.status_code, "Du kan ikke spærre dig selv" in herself.text) == (422, True)
    for rolle in Rolle:
        form = {"afgørelse": "beholdes", "note": ""}
        if rolle is Rolle.LEDER:
            form = {"afgørelse": "spærres", "note": "Er holdt op"}
        assert dpo.send(ids_url[rolle], form).status_code == 303
    assert db.get_one(Bruger, ids[Rolle.LEDER]).spærret is not None
    db.commit()
    assert dpo.send("/rettigheder/afslut").status_code == 303
    late = dpo.send(ids_url[Rolle.INKASSO], {"afgørelse": "rettes", "note": "For sent"})
    assert (late.status_code, "afsluttet" in late.text) == (422, True)
    made = db.exec(select(Rettighedsafgørelse).where(Rettighedsafgørelse.bruger_id == ids[Rolle.LEDER])).one()
    assert (made.afgørelse, made.note, made.brug["STATISTIK"]) == ("spærres", "Er holdt op", "")
    old = f"/rettigheder/gennemgang/{made.gennemgang_id}"
    db.commit()
    assert "Er holdt op" in dpo.get(old).text
    later = now() + timedelta(days=92)
    database.clock.read = lambda: later
    dpo = klient(Rolle.DATABESKYTTELSE)
    page = dpo.get("/rettigheder").text
    assert "brugere mangler" in page
    assert "4. kvartal 2026" in page
    assert "Er holdt op" in dpo.get(old).text
    assert dpo.get("/databeskyttelse").status_code == 200
    assert klient(Rolle.BEBOERRÅDGIVER).get("/rettigheder").status_code == 403


def test_databeskyttelse_is_told_once_a_quarter(kontekst: Nøglekontekst, personale: Personale) -> None:
    told = select(Besked.bruger_id).where(Besked.slags == "rettigheder")
    with kontekst.session(Aktør(helhedsplan_id=personale.helhedsplan.id)) as session:
        for _ in range(2):
            varsl_gennemgang(session)
            session.commit()
        assert session.exec(told).all() == [personale.brugere[Rolle.DATABESKYTTELSE].id]
        assert kvartal(database.today()) == "2026-4"
        later = now() + timedelta(days=60)
        database.clock.read = lambda: later
        varsl_gennemgang(session)
        session.commit()
        assert len(session.exec(told).all()) == 2
