"""Every kind under its rule: the last day it is kept, the first day it goes, and what a killed run leaves."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlmodel import Session, func, select

from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.models import (
    Bruger,
    BrugerSession,
    Enhed,
    Kladde,
    Mellemtrin,
    Nødadgang,
    NødadgangData,
    Rettighedsafgørelse,
    Rettighedsgennemgang,
    Vikar,
    Visning,
)
from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.adgang.sessions import token_hash
from rådgivning.beboere.models import Beboer
from rådgivning.beskeder.models import Besked
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import Base, now
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering, Udlevering
from rådgivning.databeskyttelse.receipts import kvittér
from rådgivning.databeskyttelse.retention_kinds import ARBEJDER
from rådgivning.databeskyttelse.retention_preview import udsigt
from rådgivning.databeskyttelse.retention_run import kør
from rådgivning.drift.instance import open_instance
from rådgivning.drift.kommandoer import main
from rådgivning.fakta.models import Faktum
from rådgivning.henvisninger.intake import afslut, tag_op
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kalender.models import Aftale, AftaleData, Kalenderfeed
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.models import Begrænsningslæsning
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.restancer.cases import luk_sag
from rådgivning.restancer.models import ListeData, Restanceliste, Restancesag
from rådgivning.samtykker.consents import giv
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import skriv
from rådgivning.statistik.models import Talarbejde
from tests.conftest import LANG, Klient, Personale
from tests.databeskyttelse.retention_cases import SAMTALE, Nat, beboer, på
from tests.henvisninger.factories import henvisning
from tests.killing import Arbejde, Begyndt, Punkt, klartekst, proces
from tests.restancer.factories import sag, skridt

sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
DAG = date(2024, 2, 29)


@pytest.fixture
def nat(kontekst: Nøglekontekst, personale: Personale) -> Nat:
    """The night's run."""
    return Nat(kontekst, personale)


def _fælles(db: Session) -> dict[str, Any]:
    who = db.info["aktør"]
    return {"helhedsplan_id": who.helhedsplan_id, "ejer_id": who.bruger_id}


def _case(db: Session) -> None:
    made = sag(db, skridt("forfalden", DAG - timedelta(days=20)))
    luk_sag(db, made.id, udfald="betalt", dato=DAG, kilde="beboeren", hændelse_id=uuid.uuid4())


def _task(db: Session) -> None:
    udfør(db, opret_opgave(db, titel="Ring", frist=DAG).id)


def _consent(db: Session) -> None:
    giv(db, beboer(db, DAG), SamtykkeData(formål="x", modtagere=["læge"], givet=DAG), til=DAG)


def _booking(db: Session) -> None:
    row = Aftale(**_fælles(db), boligorganisation="aab", dato=DAG)
    seal(db, row, AftaleData(adresse="Opdigtet Allé 7"))
    db.add(row)


def _list(db: Session) -> None:
    row = Restanceliste(**_fælles(db), boligorganisation="aab", dato=DAG, oprettet=now(), tilstand="færdig")
    seal(db, row, ListeData(filnavn="x"))
    db.add(row)


def _session(db: Session) -> None:
    db.add(
        BrugerSession(
            token_hash=token_hash("x"), bruger_id=_fælles(db)["ejer_id"], oprettet=now(), sidst_set=now(), udløber=now()
        )
    )


def _device(db: Session) -> None:
    db.add(Enhed(bruger_id=_fælles(db)["ejer_id"], mærke=b"x", oprettet=now(), sidst_brugt=now()))


def _notice(db: Session) -> None:
    other = db.exec(select(Bruger).where(Bruger.rolle == Rolle.EJENDOMSDRIFT)).one()
    læg_i_kø(db, other.id, "ny_aftale")


def _figures(db: Session) -> None:
    db.add(Talarbejde(helhedsplan_id=_fælles(db)["helhedsplan_id"], navn="2024", mærke="x", startet=now()))


def _request(db: Session) -> None:
    row = Anmodning(**_fælles(db), slags="indsigt", modtaget=DAG, frist=DAG, status="afvist", afgjort=DAG)
    seal(db, row, AnmodningData(navn="Zxq"))
    db.add(row)


def _emergency(db: Session) -> None:
    who = db.info["aktør"]
    row = Nødadgang(
        helhedsplan_id=who.helhedsplan_id,
        bruger_id=who.bruger_id,
        kollega_id=who.bruger_id,
        beboer_id=beboer(db, DAG),
        årsag="andet",
        fra=now(),
        til=now(),
    )
    seal(db, row, NødadgangData(begrundelse="Zxq"))
    db.add(row)


def _stand_in(db: Session) -> None:
    who = db.info["aktør"]
    db.add(Vikar(helhedsplan_id=who.helhedsplan_id, for_id=who.bruger_id, vikar_id=who.bruger_id, fra=DAG, til=DAG,
                 navngivet_af=who.bruger_id, oprettet=now()))  # fmt: skip


def _review(db: Session) -> None:
    who = db.info["aktør"]
    row = Rettighedsgennemgang(helhedsplan_id=who.helhedsplan_id, kvartal="2024-1", begyndt=now())
    db.add(row)
    db.flush()
    db.add(Rettighedsafgørelse(gennemgang_id=row.id, bruger_id=who.bruger_id, navn="Zxq", brugernavn="zxq",
                               rolle="leder", brug={}, afgørelse="x", tidspunkt=now(), af=who.bruger_id))  # fmt: skip


def _feed(db: Session) -> None:
    who = db.info["aktør"]
    for n, called_back in enumerate((now(), None)):
        db.add(Kalenderfeed(token_hash=bytes([n]), bruger_id=who.bruger_id, oprettet=now(), tilbagekaldt=called_back))


CASES: dict[Fristnavn, tuple[type[Base], Callable[[Session], object]]] = {
    Fristnavn.RESTANCESAG: (Restancesag, _case),
    Fristnavn.HENVISNING: (Henvisning, henvisning),
    Fristnavn.ANONYM_KONTAKT: (Kontakt, lambda db: log_kontakt(db, SAMTALE, dato=DAG)),
    Fristnavn.OPGAVE: (Opgave, _task),
    Fristnavn.SAMTYKKE: (Samtykke, _consent),
    Fristnavn.AFTALE: (Aftale, _booking),
    Fristnavn.RESTANCELISTE: (Restanceliste, _list),
    Fristnavn.KLADDE: (Kladde, lambda db: gem_kladde(db, "/kontakter/ny", {"notat": ["Zxq"]})),
    Fristnavn.SESSION: (BrugerSession, _session),
    Fristnavn.ENHED: (Enhed, _device),
    Fristnavn.BESKED: (Besked, _notice),
    Fristnavn.ARBEJDSFIL: (Talarbejde, _figures),
    Fristnavn.ANMODNING: (Anmodning, _request),
    Fristnavn.KVITTERING: (Kvittering, lambda db: kvittér(db, beboer(db, DAG), "slettefrist", af=None)),
    Fristnavn.NØDADGANG: (Nødadgang, _emergency),
    Fristnavn.VIKAR: (Vikar, _stand_in),
    Fristnavn.GENNEMGANG: (Rettighedsgennemgang, _review),
}


def antal(db: Session, model: type[Base]) -> int:
    """How many rows a table has."""
    db.rollback()
    found = db.exec(select(func.count()).select_from(model)).one()
    db.rollback()
    return found


def nøgler(db: Session, model: type[Base]) -> set[tuple[Any, ...]]:
    """Which rows a table has."""
    db.rollback()
    found = {inspect(row).identity for row in db.exec(select(model)).all()}
    db.rollback()
    return found


@sqlite
@pytest.mark.parametrize("navn", list(CASES))
def test_a_kind_is_kept_on_its_last_day_and_gone_the_day_after(db: Session, nat: Nat, navn: Fristnavn) -> None:
    model, make = CASES[navn]
    with på(DAG):
        make(db)
        db.commit()
    facts, made = antal(db, Faktum), nøgler(db, model)
    assert len(made) == 1
    rule = frister(db, nat.plan_id)[navn]
    db.rollback()
    last = rule.udløber(DAG)
    with på(last), nat.session() as session:
        told = udsigt(session, nat.plan_id)
        assert (last + timedelta(days=1)).replace(day=1) in {
            month for month, hvad, _n in told.linjer if hvad == rule.hvad
        }
    assert nat(last).slettet[navn] == 0
    assert made <= nøgler(db, model)
    assert nat(last + timedelta(days=1)).slettet[navn] == 1
    assert nat(last + timedelta(days=1)).slettet[navn] == 0
    assert not made & nøgler(db, model)
    assert antal(db, Faktum) == facts
    db.rollback()
    assert tjek(db, nat.kontekst.audit_key) == []


def test_every_rule_has_a_case_here_or_a_test_of_its_own() -> None:
    assert set(ARBEJDER) - set(CASES) == {Fristnavn.SPOR, Fristnavn.BRUGER, Fristnavn.KALENDERADRESSE}
    assert set(Fristnavn) - set(ARBEJDER) == {Fristnavn.BEBOER, Fristnavn.VARSEL, Fristnavn.BEHOLD}


@sqlite
def test_a_calendar_address_goes_when_it_was_called_back_and_what_was_good_for_minutes_goes_at_night(
    db: Session, nat: Nat
) -> None:
    with på(DAG):
        _feed(db)
        who = db.info["aktør"]
        db.add(Mellemtrin(slags="x", bruger_id=who.bruger_id, udløber=now()))
        db.add(Begrænsningslæsning(bruger_id=who.bruger_id, person_id=uuid.uuid4(), grund="x", til=now()))
        db.add(Udlevering(helhedsplan_id=who.helhedsplan_id, begyndt=now()))
        db.commit()
    assert nat(DAG + timedelta(days=30)).slettet[Fristnavn.KALENDERADRESSE] == 0
    assert nat(DAG + timedelta(days=31)).slettet[Fristnavn.KALENDERADRESSE] == 1
    assert [row.tilbagekaldt for row in db.exec(select(Kalenderfeed)).all()] == [None]
    assert antal(db, Mellemtrin) + antal(db, Begrænsningslæsning) == 0
    nat(date(2029, 2, 28))
    assert antal(db, Udlevering) == 1
    nat(date(2029, 3, 2))
    assert antal(db, Udlevering) == 0


@sqlite
def test_who_left_long_ago_is_a_role_and_a_number_everywhere_and_is_not_let_in_again(
    db: Session, nat: Nat, klient: Callable[[Rolle | None], Klient], personale: Personale
) -> None:
    leder = personale.brugere[Rolle.LEDER]
    with på(DAG):
        row = db.get_one(Bruger, leder.id)
        row.spærret, row.email = now(), "zxq@example.dk"
        db.add_all([row, Visning(bruger_id=leder.id, liste="x", valg={})])
        db.commit()
    with på(date(2028, 2, 1)):
        dpo, review = klient(Rolle.DATABESKYTTELSE), f"/rettigheder/{leder.id}"
        note = {"afgørelse": "beholdes", "note": "Zxqnote om hende"}
        assert dpo.send(review, note).status_code == 303
    assert nat(date(2029, 2, 28)).slettet[Fristnavn.BRUGER] == 0
    assert db.get_one(Bruger, leder.id).navn == leder.navn
    db.rollback()
    assert nat(date(2029, 3, 1)).slettet[Fristnavn.BRUGER] == 1
    assert nat(date(2029, 3, 1)).slettet[Fristnavn.BRUGER] == 0
    row = db.get_one(Bruger, leder.id)
    db.refresh(row)
    assert (row.navn, row.email, row.kodeord) == ("Leder 1 (ikke længere ansat)", "", "")
    assert leder.brugernavn not in row.brugernavn.split()
    assert antal(db, Visning) == 0
    made = db.exec(select(Rettighedsafgørelse)).one()
    db.refresh(made)
    assert (made.navn, made.brugernavn, made.note) == ("Leder 1 (ikke længere ansat)", "", "")
    gennemgang = made.gennemgang_id
    db.rollback()
    dpo = klient(Rolle.DATABESKYTTELSE)
    old = dpo.get(f"/rettigheder/gennemgang/{gennemgang}").text
    assert ("Leder 1" in old, leder.navn in old, "Zxqnote" in old) == (True, False, False)
    assert "ikke længere ansat" not in dpo.get("/rettigheder").text
    assert dpo.get(review).status_code == 404
    page = dpo.get("/brugere").text
    assert "Leder 1 (ikke længere ansat)" in page
    assert leder.navn not in page
    assert dpo.send(f"/brugere/{leder.id}/åbn").status_code == 409


@sqlite
def test_the_trail_is_cut_after_five_years_and_can_still_be_checked(db: Session, nat: Nat) -> None:
    with på(date(2021, 3, 1)):
        for _ in range(3):
            skriv(db, Handling.SYSTEM, "spor", anledning="prøve")
            db.commit()
    assert nat(date(2026, 3, 1)).slettet[Fristnavn.SPOR] == 0
    assert nat(date(2026, 3, 2)).slettet[Fristnavn.SPOR] >= 3
    assert db.exec(select(Spor).where(Spor.anledning == "prøve")).all() == []
    db.rollback()
    assert tjek(db, nat.kontekst.audit_key) == []


@sqlite
def test_a_referral_somebody_is_working_on_is_kept_until_it_is_closed(db: Session, nat: Nat) -> None:
    with på(DAG):
        sendt = henvisning(db).id
        tag_op(db, sendt, beboer_id=None)
        db.commit()
    late = date(2030, 1, 1)
    assert nat(late).slettet[Fristnavn.HENVISNING] == 0
    with på(DAG):
        afslut(db, sendt, udfald="", note="")
        db.commit()
    assert nat(late).slettet[Fristnavn.HENVISNING] == 1


@sqlite
def test_an_anonymous_contacts_key_goes_with_it(db: Session, nat: Nat) -> None:
    with på(DAG):
        gone = log_kontakt(db, SAMTALE, dato=DAG).id
        db.commit()
    nat(date(2026, 11, 20))
    with pytest.raises(Shredded):
        nat.kontekst.keystore.get(gone)


@sqlite
def test_the_verb_shows_runs_and_ends_with_one_line(
    db: Session, nat: Nat, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    om = beboer(db, date(2024, 11, 1))
    nat(date(2026, 10, 10))
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RAADGIVNING_KEY_FILE", str(settings.key_file))
    verb = ["databeskyttelse", "slet-udløbne"]
    assert main([*verb, "--vis"]) == 0
    assert "ville: 1 beboer slettet" in capsys.readouterr().out
    assert main(verb) == 0
    out = capsys.readouterr().out
    assert out.startswith("ishøj-2025: 1 beboer slettet, 0 varslet")
    assert out.count("\n") == 1
    assert db.get(Beboer, om) is None
    db.rollback()
    assert main([*verb, "--plan", "ukendt"]) == 2
    assert main(verb) == 0


@pytest.mark.lang
@sqlite
def test_a_run_that_is_killed_anywhere_leaves_each_resident_whole_or_gone_and_the_next_ends_it(
    db: Session, nat: Nat, settings: Settings, personale: Personale
) -> None:
    points = 100 if LANG else 4
    everybody = [beboer(db, date(2024, 11, 1)) for _ in range(points)]
    nat(date(2026, 10, 10))
    db.rollback()
    nat.kontekst.close()
    draw, left = random.Random(7), everybody
    for number in range(points):
        at = Punkt(sekunder=draw.uniform(0.0, 0.25)) if number % 2 else Punkt(skridt=draw.randint(1, 400))
        proces(_run(settings, nat.plan_id), at)
        left = _whole_or_gone(settings, personale, everybody)
        assert klartekst([settings.instance], ["Zxq"]) == []
    after = open_instance(settings)
    done = kør(lambda: after.session(systemet(nat.plan_id)), nat.plan_id)
    after.close()
    assert done.slettet[Fristnavn.BEBOER] == len(left)
    assert done.fejl == 0
    assert _whole_or_gone(settings, personale, everybody) == []


def _run(settings: Settings, plan_id: uuid.UUID) -> Arbejde:
    """The night's run in a program of its own."""

    def work(begun: Begyndt) -> None:
        kontekst = open_instance(settings)
        begun()
        kør(lambda: kontekst.session(systemet(plan_id)), plan_id)

    return work


def _whole_or_gone(settings: Settings, personale: Personale, everybody: list[uuid.UUID]) -> list[uuid.UUID]:
    """Start again as the program does: who is still there has her contact and her key, who is not has a receipt."""
    kontekst = open_instance(settings)
    whole = []
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        for om in everybody:
            rows = session.exec(select(Kontakt).where(Kontakt.beboer_id == om)).all()
            if session.get(Beboer, om) is not None:
                assert len(rows) == 1
                kontekst.keystore.get(om)
                whole.append(om)
            else:
                assert rows == []
                with pytest.raises(Shredded):
                    kontekst.keystore.get(om)
        assert len(session.exec(select(Kvittering)).all()) == len(everybody) - len(whole)
        session.rollback()
        assert tjek(session, kontekst.audit_key) == []
    kontekst.close()
    return whole
