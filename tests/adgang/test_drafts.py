"""Nothing that was typed is lost: autosaved drafts, and forms whose session had ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask, request
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.kladder import gem_kladde, hent_kladde, ryd_kladder, slet_kladde
from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import Ret, Rolle, kræver
from rådgivning.adgang.users import find_bruger, spær_bruger
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.database import current_session, new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.removal import slet
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Adgang, Aktør
from tests.conftest import IDAG, KODEORD, Klient, Personale, opret_testbruger
from tests.limit import vent_på

Klienter = Callable[[Rolle | None], Klient]
TEKST = "Zxq Prøvesen ringer på mandag"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def gå(skridt: timedelta) -> None:
    """Let time pass since ten o'clock."""
    database.clock.read = lambda: START + skridt


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a form of the smallest kind: it shows its draft, and forgets it when it is sent."""

    @kræver(Ret.KONTAKTER)
    def prøve() -> str:
        session = current_session()
        if request.method == "POST":
            slet_kladde(session, request.path)
            session.commit()
            return "gemt"
        return "|".join((hent_kladde(session, request.path) or {}).get("notat", ["tom"]))

    app.add_url_rule("/prøve", view_func=prøve, methods=["GET", "POST"])
    return app


def test_a_form_sent_after_the_session_ended_is_back_after_signing_in(klient: Klienter) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    token = client.csrf()
    gå(timedelta(hours=2))
    svar = client.post("/prøve", data={"csrf_token": token, "notat": TEKST, "emner": ["a", "b"]})
    assert svar.status_code == 303
    login = client.get(svar.location)
    assert "Det, du skrev, er gemt" in login.text
    data = {"brugernavn": "beboerrådgiver", "kodeord": KODEORD, "csrf_token": client.csrf()}
    onward = client.post(svar.location, data=data)
    assert onward.status_code == 303
    assert client.get(onward.location).text == TEKST
    assert client.send("/prøve").text == "gemt"
    assert client.get("/prøve").text == "tom"


def test_the_contact_form_brings_back_what_a_lost_session_had_typed(klient: Klienter) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    token = client.csrf()
    gå(timedelta(hours=2))
    svar = client.post("/kontakter/ny", data={"csrf_token": token, "dato": "2026-11-19", "notat": TEKST})
    data = {"brugernavn": "beboerrådgiver", "kodeord": KODEORD, "csrf_token": client.csrf()}
    page = client.get(client.post(svar.location, data=data).location).text
    assert TEKST in page
    assert 'value="2026-11-19"' in page


def test_another_user_who_signs_in_there_sees_nothing_of_it(klient: Klienter, kontekst: Nøglekontekst) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    token = client.csrf()
    gå(timedelta(hours=2))
    client.post("/prøve", data={"csrf_token": token, "notat": TEKST})
    with kontekst.session(Aktør(new_id(), "beboerrådgiver", new_id(), {"kladde": Adgang("egne")})) as session:
        assert hent_kladde(session, "/prøve") is None


@pytest.mark.parametrize("rolle", [Rolle.LEDER, Rolle.EJENDOMSDRIFT])
def test_a_role_that_may_not_use_the_form_leaves_no_draft(
    klient: Klienter, kontekst: Nøglekontekst, rolle: Rolle
) -> None:
    client = klient(rolle)
    token = client.csrf()
    gå(timedelta(hours=2))
    svar = client.post("/prøve", data={"csrf_token": token, "notat": TEKST})
    assert svar.status_code == 303
    assert "Du er logget ud." in client.get("/log-ind").text
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(Kladde)).all() == []


def test_a_blocked_user_leaves_no_draft_and_passwords_never_become_one(
    klient: Klienter, kontekst: Nøglekontekst
) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    token = client.csrf()
    gå(timedelta(hours=2))
    client.post("/kodeord", data={"csrf_token": token, "gammelt": KODEORD, "nyt": KODEORD})
    gå(timedelta())
    with kontekst.session(Aktør()) as session:
        bruger = find_bruger(session, "beboerrådgiver")
        assert bruger is not None
        spær_bruger(session, bruger)
        session.commit()
    client.post("/prøve", data={"csrf_token": token, "notat": TEKST})
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(Kladde)).all() == []


def test_a_form_grown_too_old_in_another_tab_is_kept_when_it_is_ours(klient: Klienter) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    old = client.csrf()
    client.log_ind("beboerrådgiver")
    data = {"csrf_token": old, "notat": TEKST}
    assert client.post("/prøve", data=data).status_code == 400
    assert client.get("/prøve").text == "tom"
    svar = client.post("/prøve", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert svar.status_code == 400
    assert "gemt som kladde" in svar.text
    assert client.get("/prøve").text == TEKST


def test_autosave_keeps_the_fields_sealed_and_answers_with_the_time(
    klient: Klienter, settings: Settings, databasetype: str
) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    svar = client.send(
        "/kladde?formular=/prøve", {"notat": TEKST, "kodeord": "hemmeligt", "formular_id": str(new_id())}
    )
    assert svar.status_code == 200
    assert svar.get_json() == {"gemt": "10.00"}
    svar = client.send("/kladde", {"formular": "/prøve", "notat": TEKST + "!"})
    assert svar.status_code == 200
    assert client.get("/prøve").text == TEKST + "!"
    if databasetype == "sqlite":
        for file in Path(settings.instance).rglob("*"):
            assert "Prøvesen".encode() not in file.read_bytes()


def test_autosave_refuses_what_is_no_form_or_too_long_and_says_when_the_session_ended(klient: Klienter) -> None:
    client = klient(Rolle.BEBOERRÅDGIVER)
    not_hers = ("/brugere/ny", "/målinger", "/målinger/ny/Zxq", "/log-ind", "/static/app.js", "/statistik/hent/Zxq.csv")
    not_a_path = (
        "kontakter/vaner",
        "kontakter/ny",
        "/" * 300 + "kontakter/ny",
        "kontakter/importfil",
        "/prøve?navn=Zxq",
        "/prøve#Zxq",
        "/kontakter/ny/Zxq",
    )
    for formular in ("", "/findes-ikke", "https://eksempel.dk/", "/log-ud", "/" + "x" * 300, *not_hers, *not_a_path):
        assert client.send("/kladde", {"formular": formular, "notat": TEKST}).status_code == 422, formular
    assert client.send("/kladde", {"formular": "/prøve", "notat": "x" * 100_001}).status_code == 413
    many = {f"felt{n}": "x" for n in range(501)}
    assert client.send("/kladde", {"formular": "/prøve", **many}).status_code == 413
    assert client.get("/prøve").text == "tom"
    token = client.csrf()
    gå(timedelta(hours=2))
    data = {"csrf_token": token, "formular": "/prøve", "notat": TEKST}
    assert client.post("/kladde", data=data, headers={"Sec-Fetch-Dest": "empty"}).status_code == 401


def test_numbers_that_look_like_cpr_are_left_out_and_ids_are_not(db: Session) -> None:
    looks_like = "a1b2c3d4-e5f6-4a1b-8c2d-a0101901234b"
    felter = {"notat": ["010190-1234"], "andet": ["ja", "0101901234"], "formular_id": [looks_like]}
    assert gem_kladde(db, "/prøve", {**felter, "csrf_token": ["x"], "nyt_kodeord": ["y"]})
    db.commit()
    assert hent_kladde(db, "/prøve") == {"notat": [], "andet": ["ja"], "formular_id": [looks_like]}


def test_a_draft_ends_after_fourteen_days_and_when_its_key_is_gone(db: Session) -> None:
    gem_kladde(db, "/prøve", {"notat": [TEKST]})
    db.commit()
    gå(timedelta(days=14))
    assert hent_kladde(db, "/prøve") is not None
    gå(timedelta(days=15))
    assert hent_kladde(db, "/prøve") is None
    gå(timedelta())
    row = db.exec(select(Kladde)).one()
    db.info["keystore"].destroy([row.id])
    assert hent_kladde(db, "/prøve") is None
    assert gem_kladde(db, "/prøve", {"notat": ["igen"]})
    assert hent_kladde(db, "/prøve") == {"notat": ["igen"]}
    slet_kladde(db, "/prøve")
    slet_kladde(db, "/prøve")
    db.commit()
    assert db.exec(select(Kladde)).all() == []


def test_opening_a_draft_is_in_the_trail_and_a_role_without_envelopes_has_none(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    gem_kladde(db, "/prøve", {"notat": [TEKST]})
    db.commit()
    hent_kladde(db, "/prøve")
    db.commit()
    seen = db.exec(select(Spor.handling).where(Spor.genstand == "kladde")).all()
    assert sorted(seen) == sorted([Handling.OPRETTET, Handling.ÅBNET])
    with kontekst.session(personale.aktør(Rolle.LEDER)) as session:
        assert hent_kladde(session, "/prøve") is None


def test_two_first_savings_at_once_make_one_draft(kontekst: Nøglekontekst, personale: Personale) -> None:
    errors: list[BaseException] = []

    def save(number: int) -> None:
        try:
            with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
                gem_kladde(session, "/prøve", {"notat": [str(number)]})
                session.commit()
        except Exception as error:  # noqa: BLE001 (shown by the assertion below)
            errors.append(error)

    threads = [Thread(target=save, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    vent_på(threads)
    assert errors == []
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        assert len(session.exec(select(Kladde)).all()) == 1
        assert hent_kladde(session, "/prøve") is not None


def test_a_draft_knows_whom_it_is_about_from_the_form_or_its_path(db: Session) -> None:
    her, chosen, task = new_id(), new_id(), new_id()
    about = {
        f"/kontakter/ny/{her}": ({}, her),
        f"/opgaver/ny/{her}": ({"beboer_id": [str(chosen)]}, chosen),
        f"/beboere/{her}/ret": ({"beboer_id": [""]}, her),
        "/kontakter/ny": ({"beboer_id": ["anonym", str(chosen)]}, chosen),
        f"/henvisninger/{task}/tag-op": ({"hvem": [str(chosen)], "beboer_id": [""]}, chosen),
        f"/opgaver/{task}/ret": ({"beboer_id": ["ikke-et-id"]}, None),
    }
    for path, (felter, _whose) in about.items():
        assert gem_kladde(db, path, felter)
    db.commit()
    assert {row.formular: row.beboer_id for row in db.exec(select(Kladde)).all()} == {
        path: whose for path, (_felter, whose) in about.items()
    }


def test_an_erased_resident_takes_every_users_drafts_about_her_with_her(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    her = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    task = opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=her).id
    other = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
    db.commit()
    who = replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=other.id)
    db.rollback()
    with kontekst.session(who) as session:
        for path in (f"/kontakter/ny/{her}", f"/opgaver/{task}/ret", "/beboere/ny"):
            gem_kladde(session, path, {"notat": [TEKST]})
        gem_kladde(session, "/kontakter/ny", {"notat": [TEKST], "beboer_id": [str(her)]})
        session.commit()
    gem_kladde(db, f"/beboere/{her}/ret", {"navn": [TEKST]})
    db.commit()
    gone = {row.id for row in db.exec(select(Kladde)).all() if row.formular != "/beboere/ny"}
    assert len(gone) == 4
    slet(db, her, Slettegrund.ØNSKE)
    db.commit()
    assert [row.formular for row in db.exec(select(Kladde)).all()] == ["/beboere/ny"]
    for key in gone:
        with pytest.raises(Shredded):
            kontekst.keystore.get(key)


def test_signing_in_sweeps_the_drafts_that_have_ended_and_their_keys(
    db: Session, klient: Klienter, kontekst: Nøglekontekst
) -> None:
    gem_kladde(db, "/prøve", {"notat": [TEKST]})
    db.commit()
    old = db.exec(select(Kladde)).one().id
    db.rollback()
    gå(timedelta(days=14))
    klient(None).log_ind("leder")
    gem_kladde(db, "/kontakter/ny", {"notat": [TEKST]})
    db.commit()
    gå(timedelta(days=15))
    klient(None).log_ind("leder")
    assert [row.formular for row in db.exec(select(Kladde)).all()] == ["/kontakter/ny"]
    with pytest.raises(Shredded):
        kontekst.keystore.get(old)
    ryd_kladder(db)
    assert len(db.exec(select(Kladde)).all()) == 1
