"""Erasing a resident: nothing opens any more, everything about her is gone, and a killed run leaves no half state."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import opret_beboer, søg_beboere
from rådgivning.beboere.restriction import begræns, ophæv
from rådgivning.database import new_id, now
from rådgivning.databeskyttelse import requests
from rådgivning.databeskyttelse.collecting import rækker
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering, Slags
from rådgivning.databeskyttelse.receipts import ANMODNING, kvittering_for
from rådgivning.databeskyttelse.requests import identificér, registrér
from rådgivning.databeskyttelse.trail_models import Gennemset, GennemsetData
from rådgivning.drift.instance import open_instance
from rådgivning.drift.kommandoer import main
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote, AftaleNoteData
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import SealedRow, is_readable, open_many, seal
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.moving import tabeller
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from tests.conftest import IDAG, LANG, Klient, Personale
from tests.killing import Arbejde, Begyndt, klartekst, proces, punkter

PÅ_SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
NAVN, ADRESSE = "Zxq Prøvesen", "Opdigtet Allé 7"
DATA = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld", notat="Zxqnote")


def beboer(db: Session, navn: str = NAVN) -> uuid.UUID:
    """A resident with a contact, a task and a draft."""
    made = opret_beboer(db, BeboerData(navn=navn, adresse=ADRESSE, telefon="+4520121234")).id
    log_kontakt(db, DATA, dato=IDAG, beboer_id=made)
    opret_opgave(db, titel="Zxqopgave", frist=IDAG, beboer_id=made)
    gem_kladde(db, f"/kontakter/ny/{made}", {"notat": ["Zxqkladde"]})
    return made


def række(db: Session, row: SealedRow, value: object) -> SealedRow:
    """Seal and add."""
    seal(db, row, value)  # type: ignore[arg-type]
    db.add(row)
    db.flush()
    return row


@PÅ_SQLITE
def test_databeskyttelse_erases_with_a_typed_word_and_gets_a_receipt_and_nothing_opens(
    klient: KlientFor, db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    hun = beboer(db)
    base: dict[str, Any] = {
        "helhedsplan_id": personale.helhedsplan.id,
        "ejer_id": personale.brugere[Rolle.BEBOERRÅDGIVER].id,
    }
    løs = række(db, Henvisning(**base, oprettet=now()), HenvisningData(navn=NAVN, telefon="+4520121234")).id
    besøg = række(db, Aftale(**base, boligorganisation="aab", dato=IDAG), AftaleData(adresse=ADRESSE))
    række(db, AftaleNote(id=besøg.id, helhedsplan_id=besøg.helhedsplan_id), AftaleNoteData(note="Zxqnote"))
    id_ = registrér(db, Slags.SLETNING, modtaget=IDAG, ønske="Zxqønske", beboer_id=hun, id=new_id()).id
    identificér(db, id_, "kendt")
    db.commit()
    url, dpo = f"/databeskyttelse/anmodninger/{id_}", klient(Rolle.DATABESKYTTELSE)
    page = dpo.get(f"{url}/slet").text
    assert "1 kontakt med noter" in page
    assert NAVN not in page
    assert dpo.send(f"{url}/slet", {"retskrav": "nej", "ordet": "slet"}).status_code == 422
    assert dpo.send(f"{url}/slet", {"ordet": "SLET"}).status_code == 422
    svar = dpo.send(f"{url}/slet", {"retskrav": "nej", "ordet": "SLET"})
    assert svar.status_code == 303
    assert dpo.send(f"{url}/slet", {"retskrav": "nej", "ordet": "SLET"}).location == svar.location
    receipt = dpo.get(svar.location).text
    assert "21. december 2026" in receipt
    assert "19. februar 2027" in receipt
    assert "1 aftale i kalenderen" in receipt
    assert dpo.get(url).status_code == 200
    assert klient(Rolle.BEBOERRÅDGIVER).get(f"/beboere/{hun}").status_code == 404
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        assert søg_beboere(session, "Prøvesen") == []
        for model in tabeller().values():
            left = session.exec(select(model).where(model.beboer_id == hun)).all()  # type: ignore[attr-defined]
            assert not any(is_readable(session, row) for row in left), model
        assert session.exec(select(Kladde)).all() == []
        assert session.exec(select(Aftale)).all() + session.exec(select(AftaleNote)).all() == []  # type: ignore[operator]
        assert not is_readable(session, session.get_one(Henvisning, løs))
        row = session.get_one(Anmodning, id_)
        assert (row.status, row.kvittering_id) == ("imødekommet", session.exec(select(Kvittering.id)).one())
        with pytest.raises(Shredded):
            kontekst.keystore.get(hun)
        session.rollback()
        assert tjek(session, kontekst.audit_key) == []


@PÅ_SQLITE
def test_what_else_she_has_asked_for_is_answered_before_she_is_erased_or_with_the_receipt(
    klient: KlientFor, db: Session
) -> None:
    hun = beboer(db)
    a, b, c = (
        registrér(db, slags, modtaget=IDAG, beboer_id=hun, id=new_id()).id
        for slags in (Slags.SLETNING, Slags.INDSIGT, Slags.INDSIGELSE)
    )
    for id_ in (a, b, c):
        identificér(db, id_, "kendt")
    db.commit()
    dpo, url = klient(Rolle.DATABESKYTTELSE), "/databeskyttelse/anmodninger"
    assert "en anmodning om indsigt" in dpo.get(f"{url}/{a}/slet", follow_redirects=True).text
    felter = {"retskrav": "nej", "ordet": "SLET"}
    assert dpo.send(f"{url}/{a}/slet", felter).status_code == 409
    assert db.get(Beboer, hun) is not None
    db.rollback()
    assert dpo.send(f"{url}/{b}/afvis", {"grund": "overdreven", "forklaring": "Hun fik den i går"}).status_code == 303
    assert dpo.send(f"{url}/{a}/slet", felter).status_code == 303
    asked, objected = db.get_one(Anmodning, a), db.get_one(Anmodning, c)
    assert (asked.status, objected.status) == ("imødekommet", "imødekommet")
    assert asked.kvittering_id == objected.kvittering_id is not None
    assert objected.afgjort == IDAG
    db.rollback()
    assert dpo.get(f"{url}/{c}/brev").status_code == 200
    assert requests.antal_åbne(db, db.info["aktør"].helhedsplan_id) == 0


@PÅ_SQLITE
def test_a_request_from_before_she_was_erased_is_decided_without_its_words(klient: KlientFor, db: Session) -> None:
    hun = beboer(db)
    id_ = registrér(db, Slags.INDSIGT, modtaget=IDAG, beboer_id=hun, id=new_id()).id
    identificér(db, id_, "kendt")
    db.commit()
    slet_person(db, hun, ANMODNING, af=None)
    db.commit()
    row = db.get_one(Anmodning, id_)
    assert (row.status, row.afgjort_af) == ("imødekommet", None)
    row.status, row.kvittering_id, row.afgjort = "modtaget", None, None
    db.commit()
    dpo, url = klient(Rolle.DATABESKYTTELSE), f"/databeskyttelse/anmodninger/{id_}"
    assert dpo.send(f"{url}/forlæng", {"begrundelse": "x"}).status_code == 303
    assert dpo.send(f"{url}/afvis", {"grund": "overdreven", "forklaring": "x"}).status_code == 303
    db.expire_all()
    row = db.get_one(Anmodning, id_)
    assert (row.status, row.afslag, row.forlænget) == ("afvist", "overdreven", IDAG)


@PÅ_SQLITE
def test_a_restricted_resident_is_not_erased_and_another_in_the_home_keeps_the_visit(
    klient: KlientFor, db: Session
) -> None:
    hun = beboer(db)
    id_ = registrér(db, Slags.SLETNING, modtaget=IDAG, beboer_id=hun, id=new_id()).id
    identificér(db, id_, "kendt")
    begræns(db, hun)
    db.commit()
    url, dpo = f"/databeskyttelse/anmodninger/{id_}/slet", klient(Rolle.DATABESKYTTELSE)
    assert "Ophæv begrænsningen først" in dpo.get(url).text
    assert dpo.send(url, {"retskrav": "nej", "ordet": "SLET"}).status_code == 409
    assert db.exec(select(Kvittering)).all() == []
    ophæv(db, hun)
    db.commit()
    assert dpo.send(url, {"retskrav": "nej", "ordet": "SLET"}).status_code == 303


@PÅ_SQLITE
def test_a_loose_row_that_may_be_about_another_of_her_name_outlives_her(db: Session, personale: Personale) -> None:
    hun = beboer(db)
    opret_beboer(db, BeboerData(navn=NAVN, adresse=ADRESSE, telefon="+4520999999"))
    base: dict[str, Any] = {
        "helhedsplan_id": personale.helhedsplan.id,
        "ejer_id": personale.brugere[Rolle.BEBOERRÅDGIVER].id,
    }
    sted = række(db, Henvisning(**base, oprettet=now()), HenvisningData(navn=NAVN, adresse=ADRESSE))
    nummer = række(db, Henvisning(**base, oprettet=now()), HenvisningData(navn=NAVN, telefon="+4520121234"))
    db.commit()
    slet_person(db, hun, ANMODNING, af=None)
    db.commit()
    assert is_readable(db, sted)
    assert not is_readable(db, nummer)


@PÅ_SQLITE
def test_requests_and_reviews_that_name_her_are_hers_and_go_with_her(db: Session, personale: Personale) -> None:
    hun = beboer(db)
    opret_beboer(db, BeboerData(navn=f"{NAVN} Andersen"))
    ejer = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    base: dict[str, Any] = {"helhedsplan_id": personale.helhedsplan.id, "ejer_id": ejer}
    asked: dict[str, Any] = {**base, "slags": "indsigt", "modtaget": IDAG, "frist": IDAG}
    svaret = række(db, Anmodning(**asked, status="afvist", afgjort=IDAG), AnmodningData(navn=NAVN, adresse=ADRESSE))
    venter = række(db, Anmodning(**asked), AnmodningData(navn=NAVN, adresse=ADRESSE))
    anden = række(db, Anmodning(**asked, status="afvist", afgjort=IDAG), AnmodningData(navn=NAVN, adresse="Andetsteds"))
    set_ = {
        tekst: række(
            db,
            Gennemset(**base, fund=tekst[-9:], slags="prøve", bruger_id=ejer, nr=1, tidspunkt=now()),
            GennemsetData(forklaring=tekst),
        ).id
        for tekst in (f"Ringede om {NAVN}", f"Ringede om {NAVN} Andersen")
    }
    db.commit()
    found = rækker(db, db.get_one(Beboer, hun))
    assert {row.id for row in found["anmodning"]} == {svaret.id, venter.id}
    slet_person(db, hun, ANMODNING, af=None)
    db.commit()
    assert [is_readable(db, row) for row in (svaret, venter, anden)] == [False, True, True]
    assert [db.get(Gennemset, id_) is None for id_ in set_.values()] == [True, False]


@PÅ_SQLITE
def test_the_verbs_write_a_file_only_the_owner_reads_and_erase_once(
    db: Session, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hun = beboer(db)
    db.commit()
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RAADGIVNING_HTTPS", "0")
    out = tmp_path / "indsigt.zip"
    assert main(["databeskyttelse", "indsigt", str(hun), "--ud", str(out)]) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert main(["databeskyttelse", "indsigt", str(hun), "--ud", str(out)]) == 2
    assert main(["databeskyttelse", "indsigt", str(new_id()), "--ud", str(tmp_path / "x.zip")]) == 2
    assert "findes allerede" in capsys.readouterr().err
    assert main(["databeskyttelse", "slet", str(hun), "--ja"]) == 0
    first = capsys.readouterr().out
    assert "Kvittering SL-" in first
    assert main(["databeskyttelse", "slet", str(hun)]) == 0
    assert capsys.readouterr().out == first
    assert main(["databeskyttelse", "slet", str(new_id()), "--ja"]) == 2


@pytest.mark.lang
@PÅ_SQLITE
def test_killed_at_any_moment_a_resident_is_whole_or_gone_and_the_next_run_goes_on(
    db: Session, kontekst: Nøglekontekst, personale: Personale, settings: Settings, tmp_path: Path
) -> None:
    gange = 100 if LANG else 4
    everybody = [beboer(db, f"Zxq Nummer {n}") for n in range(2 * gange + 2)]
    db.commit()
    plan_id = personale.helhedsplan.id
    kontekst.close()
    killed, left = 0, everybody[:-2]
    for punkt in punkter(lambda: _erase(settings, plan_id, everybody[-2:]), gange, seed=5):
        killed += proces(_erase(settings, plan_id, left[:2]), punkt, tmp_path).dræbt
        left = _whole_or_gone(settings, personale, everybody)
        assert klartekst([settings.instance], ["Zxq", "Opdigtet Allé"]) == []
    while left:
        assert proces(_erase(settings, plan_id, left[:2])).kode == 0
        left = _whole_or_gone(settings, personale, everybody)
    assert killed >= gange // 2


def _erase(settings: Settings, plan_id: uuid.UUID, ids: list[uuid.UUID]) -> Arbejde:
    """Erasing one after the other, in a program of its own."""

    def work(begun: Begyndt) -> None:
        kontekst = open_instance(settings)
        begun()
        for beboer_id in ids:
            with kontekst.session(systemet(plan_id)) as session:
                slet_person(session, beboer_id, ANMODNING, af=None)
                session.commit()
        kontekst.close()

    return work


def _whole_or_gone(settings: Settings, personale: Personale, ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """Start again as the program does; those who are still there, whole."""
    kontekst = open_instance(settings)
    whole = []
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        for beboer_id in ids:
            rows = session.exec(select(Kontakt).where(Kontakt.beboer_id == beboer_id)).all()
            receipt = kvittering_for(session, beboer_id)
            if session.get(Beboer, beboer_id) is None:
                assert receipt is not None
                assert list(rows) == []
                with pytest.raises(Shredded):
                    kontekst.keystore.get(beboer_id)
            else:
                assert receipt is None
                assert [d.notat for d in open_many(session, rows, KontaktData, "prøve").values()] == ["Zxqnote"]
                whole.append(beboer_id)
        session.rollback()
        assert tjek(session, kontekst.audit_key) == []
    kontekst.close()
    return whole
