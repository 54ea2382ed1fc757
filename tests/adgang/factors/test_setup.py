"""Setting a second factor up: an app, codes on paper, and the fresh proof that it wants."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Thread

import pytest
from sqlmodel import select

from rådgivning.adgang.factors import faktorer
from rådgivning.adgang.models import (
    Bruger,
    BrugerSession,
    Genoprettelseskode,
)
from rådgivning.adgang.recovery_codes import gem_sæt, nyt_sæt
from rådgivning.adgang.steps import Trin, begynd, find
from rådgivning.beskeder.kinds import Slags
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.trail import Aktør
from tests.adgang.factors.cases import (
    NAVN,
    ROLLE,
    Klienter,
    beskeder,
    er_inde,
    gå,
    kode,
    med_koder,
    sqlite,
)
from tests.conftest import KODEORD, Personale
from tests.limit import vent_på


@sqlite
def test_recovery_codes_work_once_each_however_they_are_typed_and_few_left_is_said(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    koder = med_koder(kontekst, bruger)
    assert len({*koder}) == 10
    assert all(re.fullmatch("[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", k) for k in koder)
    typed = [k.upper().replace("-", " ") if n % 2 else k for n, k in enumerate(koder)]
    for n, one in enumerate(typed[:7]):
        client = klient(None)
        client.log_ind(NAVN)
        assert client.send("/log-ind/kode", {"kode": one}).status_code == 303
        page = client.get("/sessioner")
        assert page.status_code == 200
        assert ("Du har 3 genoprettelseskoder tilbage" in page.text) == (n == 6)
    client = klient(None)
    client.log_ind(NAVN)
    assert client.send("/log-ind/kode", {"kode": typed[0]}).status_code == 422
    assert beskeder(kontekst, Slags.ADGANG_ÆNDRET) == 7
    with kontekst.session(Aktør()) as session:
        rows = session.exec(select(Genoprettelseskode)).all()
        assert sum(row.brugt is not None for row in rows) == 7
        assert not {r.hash for r in rows} & {k.encode() for k in koder}
        assert session.exec(select(BrugerSession.faktor).distinct()).all() == ["genoprettelse"]


@pytest.mark.parametrize("databasetype", ["postgresql"], indirect=True)
def test_of_two_at_once_in_one_session_the_later_app_and_the_later_codes_are_left(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    client = klient(None)
    client.log_ind(NAVN)
    client.send("/log-ind/kode", {"kode": kode()})
    first, second = nyt_sæt(), nyt_sæt()
    with kontekst.session(Aktør()) as session:
        mine = session.exec(select(BrugerSession.id)).one()

    def app() -> None:
        with kontekst.session(Aktør()) as session:
            begynd(session, Trin.APP, bruger_id=bruger.id, session_id=mine, data=b"to")
            session.commit()

    def codes() -> None:
        with kontekst.session(Aktør()) as session:
            gem_sæt(session, bruger.id, second)
            session.commit()

    with kontekst.session(Aktør()) as session:
        begynd(session, Trin.APP, bruger_id=bruger.id, session_id=mine, data=b"en")
        gem_sæt(session, bruger.id, first)
        session.flush()
        threads = [Thread(target=app), Thread(target=codes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(0.5)
        session.commit()
        vent_på(threads)
        found = find(session, Trin.APP, session_id=mine)
        assert found is not None
        assert found.data == b"to"
        assert sorted(session.exec(select(Genoprettelseskode.hash)).all()) == sorted(second.hasher)


@sqlite
def test_setting_up_an_app_shows_codes_once_and_ends_the_sessions_that_began_without(
    klient: Klienter, personale: Personale, kontekst: Nøglekontekst
) -> None:
    elsewhere, client = klient(None), klient(None)
    elsewhere.log_ind(NAVN)
    client.log_ind(NAVN)
    before = client.get_cookie("raadgivning")
    page = client.get("/to-trin/app").text
    frø = re.search(r'<span class="kodetekst">([A-Z2-7 ]+)</span>', page)
    assert frø is not None
    seed = frø[1].replace(" ", "")
    picture = client.get("/to-trin/app/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert not re.search(r"style=|<script|<style", picture.text)
    for wrong_code in ("000000", "١٢٣٤٥٦", "12345ø", "1' OR '1'='1"):
        assert client.send("/to-trin/app", {"navn": "Telefonen", "kode": wrong_code}).status_code == 422
    wrong = client.send("/to-trin/app", {"navn": "", "kode": kode(seed)})
    assert (wrong.status_code, frø[1] in wrong.text) == (422, True), "the same key, so that the app need not read anew"
    shown = client.send("/to-trin/app", {"navn": "Telefonen", "kode": kode(seed)})
    koder = re.findall(r'kodetekst">([a-z2-9-]{14})<', shown.text)
    assert len(koder) == 10
    after = client.get_cookie("raadgivning")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert er_inde(client)
    assert not er_inde(elsewhere)
    assert "Telefonen" in client.get("/to-trin").text
    assert koder[0] not in client.get("/to-trin").text
    assert client.get("/to-trin/app/qr.svg").status_code == 404, "the seed is never shown again"
    assert beskeder(kontekst, Slags.ADGANG_ÆNDRET) == 2
    again = klient(None)
    again.log_ind(NAVN)
    assert again.send("/log-ind/kode", {"kode": kode(seed)}).status_code == 422, "the code that set it up is used"
    assert again.send("/log-ind/kode", {"kode": koder[3]}).status_code == 303


@sqlite
def test_adding_and_removing_want_a_fresh_proof_with_the_factor_and_the_last_one_stays(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    client = klient(ROLLE)
    with kontekst.session(Aktør()) as session:
        mine = faktorer(session, bruger.id)[0].id
    assert "Din eneste" in client.get("/to-trin").text
    assert client.send(f"/to-trin/{mine}/fjern").status_code == 409
    gå(timedelta(minutes=16))
    for sti in ("/to-trin/app", "/to-trin/passkey", f"/to-trin/{mine}/fjern"):
        assert client.get(sti).location.startswith("/bekr"), sti
    assert client.send("/to-trin/koder").status_code == 403
    alone = client.send("/bekræft", {"bekræft_kodeord": KODEORD})
    assert alone.status_code == 422
    assert "Koden er forkert" in alone.text
    assert client.get("/to-trin/app").status_code == 303
    both = {"bekræft_kodeord": KODEORD, "bekræft_kode": kode()}
    assert client.send("/bekræft", both).status_code == 303
    assert client.send("/bekræft", both).status_code == 422, "the code is used"
    page = client.get("/to-trin/app").text
    frø = re.search(r'kodetekst">([A-Z2-7 ]+)<', page)
    assert frø is not None
    seed = frø[1].replace(" ", "")
    assert "genoprettelseskoder" in client.send("/to-trin/app", {"navn": "Ny", "kode": kode(seed)}).text
    assert client.get("/to-trin/app").status_code == 409, "two apps are as many as she may have"
    assert client.send(f"/to-trin/{mine}/fjern", {"mistet": "bruges ikke"}).status_code == 303
    assert client.send(f"/to-trin/{mine}/fjern", {"mistet": "bruges ikke"}).status_code == 404
    late = klient(None)
    late.log_ind(NAVN)
    assert late.send("/log-ind/kode", {"kode": kode(skridt=1)}).status_code == 422
    assert late.send("/log-ind/kode", {"kode": kode(seed, 1)}).status_code == 303


@sqlite
def test_changing_the_password_gives_another_token_and_counts_as_no_proof_of_the_factor(
    klient: Klienter, bruger: Bruger
) -> None:
    client = klient(ROLLE)
    gå(timedelta(minutes=16))
    before = client.get_cookie("raadgivning")
    new = "en helt anden sætning"
    assert client.send("/kodeord", {"gammelt": KODEORD, "nyt": new, "gentaget": new}).status_code == 303
    after = client.get_cookie("raadgivning")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert client.get("/to-trin/app").location.startswith("/bekr")


@sqlite
def test_where_the_second_factor_lies_at_a_service_a_password_proves_nothing_again(
    klient: Klienter, personale: Personale, kontekst: Nøglekontekst
) -> None:
    client = klient(ROLLE)
    with kontekst.session(Aktør()) as session:
        row = session.exec(select(BrugerSession)).one()
        row.faktor = "oidc"
        session.add(row)
        session.commit()
    gå(timedelta(minutes=16))
    assert "bekræft_kodeord" not in client.get("/bekræft").text
    assert client.send("/bekræft", {"bekræft_kodeord": KODEORD}).status_code == 422
    assert client.get("/to-trin/app").status_code == 303


@sqlite
def test_the_first_factor_is_added_in_a_browser_new_to_databeskyttelse_and_is_no_proof_there(klient: Klienter) -> None:
    first, new, bevis = klient(None), klient(None), {"bekræft_kodeord": KODEORD}
    for client in (first, new):
        client.log_ind("databeskyttelse")
    assert new.get("/brugere").location == "/to-trin"
    found = re.search(r'kodetekst">([A-Z2-7 ]+)<', new.get("/to-trin/app").text)
    assert found is not None
    seed = found[1].replace(" ", "")
    assert "genoprettelseskoder" in new.send("/to-trin/app", {"navn": "Ny", "kode": kode(seed)}).text
    assert new.get("/brugere").location.startswith("/bekr"), "she had nothing to prove it with"
    assert new.send("/bekræft?næste=/brugere", {**bevis, "bekræft_kode": kode(seed, 1)}).location == "/brugere"
    assert new.get("/brugere").status_code == 200
