"""Signing in through a service: who is tied beforehand comes in, nobody else does, and each trick has its refusal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pyotp
import pytest
from flask import Flask
from sqlmodel import select

from rådgivning import create_app, database
from rådgivning.adgang.factors import TOTP
from rådgivning.adgang.models import Bruger, BrugerFaktor, Mellemtrin
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.totp import forsegl_frø, nyt_frø
from rådgivning.adgang.users import spær_bruger, åbn_bruger
from rådgivning.database import new_id, now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.adgang.issuer import Krav, Udsteder
from tests.adgang.oidc.cases import BEGYND, BR, afviste, hen, ind, med_tjeneste, sessioner
from tests.conftest import Klient, Personale

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def test_who_is_tied_comes_in_where_she_was_going_with_the_second_factor_given(
    klient: Callable[[Rolle | None], Klient], kontekst: Nøglekontekst, knyttet: Bruger
) -> None:
    client = klient(None)
    assert "Log ind med Prøvetjenesten" in client.get("/log-ind?næste=/opgaver").text
    svar = ind(client, f"{BEGYND}?næste=/opgaver")
    assert (svar.status_code, svar.location) == (303, "/opgaver")
    assert client.get("/beboere").status_code == 200
    [row] = sessioner(kontekst)
    assert (row.bruger_id, row.faktor) == (knyttet.id, "oidc")
    assert row.oidc_sub is not None
    assert b"sub-1" not in row.oidc_sub
    assert "Prøvetjenesten" in client.get("/sessioner").text
    assert client.get_cookie("enhed") is not None
    ud = client.send("/log-ud")
    page = client.get(ud.location).text
    assert "/ud?client_id=" in page
    assert client.get("/beboere").status_code == 303


@SQLITE
def test_an_account_nobody_tied_gets_a_page_a_trail_entry_and_no_user(
    klient: Callable[[Rolle | None], Klient], kontekst: Nøglekontekst, personale: Personale, udsteder: Udsteder
) -> None:
    udsteder.bruger |= {"email": "leder@example.dk", "preferred_username": "leder", "name": "Testa Leder"}
    client = klient(None)
    svar = ind(client)
    assert svar.status_code == 403
    assert "ikke knyttet til en bruger her" in svar.text
    assert "sub-1" in svar.text
    assert client.get("/sessioner").status_code == 303
    assert afviste(kontekst) == ["ukendt konto hos tjenesten"]
    with kontekst.session(Aktør()) as session:
        assert len(session.exec(select(Bruger)).all()) == len(Rolle)


@SQLITE
def test_a_blocked_user_does_not_come_in_by_her_account_either(
    klient: Callable[[Rolle | None], Klient], kontekst: Nøglekontekst, knyttet: Bruger
) -> None:
    client = klient(None)
    assert ind(client).status_code == 303
    with kontekst.session(Aktør()) as session:
        bruger = session.get_one(Bruger, knyttet.id)
        spær_bruger(session, bruger)
        session.commit()
        assert client.get("/beboere").status_code == 303
        assert ind(client).status_code == 403
        assert afviste(kontekst) == ["spærret bruger"]
        åbn_bruger(session, bruger)
        session.commit()
    assert client.get("/beboere").status_code == 303
    assert ind(client).status_code == 303


@SQLITE
def test_without_the_second_factor_at_the_service_ours_is_asked_for(
    klient: Callable[[Rolle | None], Klient], kontekst: Nøglekontekst, knyttet: Bruger, udsteder: Udsteder
) -> None:
    udsteder.bruger["amr"] = ["pwd"]
    client = klient(None)
    assert ind(client).status_code == 303
    assert client.get("/beboere").location == "/to-trin"
    assert sessioner(kontekst)[0].faktor == ""


@SQLITE
def test_a_user_with_an_app_gives_its_code_and_the_session_is_still_the_services(
    klient: Callable[[Rolle | None], Klient], kontekst: Nøglekontekst, knyttet: Bruger, udsteder: Udsteder
) -> None:
    udsteder.bruger["amr"], frø, id_ = ["pwd"], nyt_frø(), new_id()
    with kontekst.session(Aktør()) as session:
        sealed = forsegl_frø(session, id_, knyttet.id, frø)
        session.add(
            BrugerFaktor(id=id_, bruger_id=knyttet.id, slags=TOTP, navn="Telefonen", nøgle=sealed, oprettet=now())
        )
        session.commit()
    client = klient(None)
    svar = ind(client, f"{BEGYND}?næste=/opgaver")
    assert unquote(svar.location) == "/log-ind/kode?næste=/opgaver"
    assert sessioner(kontekst) == []
    assert client.get("/beboere").status_code == 303
    assert client.send(svar.location, {"kode": "000000"}).status_code == 422
    done = client.send(svar.location, {"kode": pyotp.TOTP(frø).at(now())})
    assert (done.status_code, done.location) == (303, "/opgaver")
    [row] = sessioner(kontekst)
    assert row.faktor == "totp"
    assert (
        klient(None).post("/log-ind/oidc/afmeld", data={"logout_token": udsteder.afmelding(sid="sid-1")}).status_code
        == 200
    )
    assert client.get("/beboere").status_code == 303


@SQLITE
def test_the_state_belongs_to_one_browser_is_used_once_and_grows_old(
    klient: Callable[[Rolle | None], Klient], kontekst: Nøglekontekst, knyttet: Bruger
) -> None:
    mine, stranger = klient(None), klient(None)
    back = hen(mine)
    start = now()
    assert stranger.get(back).status_code == 400
    kept = mine.get_cookie("formular")
    assert kept is not None
    assert mine.get(back).status_code == 303
    assert mine.get(back).status_code == 400
    mine.delete_cookie("raadgivning")
    mine.set_cookie("formular", kept.value)
    database.clock.read = lambda: start + timedelta(minutes=1)
    assert mine.get(back).status_code == 400
    assert mine.get("/log-ind/oidc/svar?code=x&state=gættet").status_code == 400
    late = hen(stranger)
    database.clock.read = lambda: start + timedelta(minutes=12)
    assert stranger.get(late).status_code == 400
    assert len(sessioner(kontekst)) == 1
    assert {"ukendt state", "brugt state", "for gammel state"} <= set(afviste(kontekst))


@SQLITE
def test_two_tabs_may_be_on_their_way_at_once(klient: Callable[[Rolle | None], Klient], knyttet: Bruger) -> None:
    client = klient(None)
    first, second = hen(client), hen(client)
    assert client.get(second).status_code == 303
    assert client.get("/sessioner").status_code == 200
    assert client.get(first).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "årsag"),
    [({"aud": "en-anden"}, "forkert aud"), ({"nonce": "en-andens"}, "forkert nonce"), ({"exp": 1}, "forkert exp")],
)
@SQLITE
def test_a_wrong_answer_is_refused_with_its_reason_in_the_trail_alone(
    klient: Callable[[Rolle | None], Klient],
    kontekst: Nøglekontekst,
    knyttet: Bruger,
    udsteder: Udsteder,
    wrong: Krav,
    årsag: str,
) -> None:
    udsteder.ret = lambda claims: claims | wrong
    svar = ind(klient(None))
    assert svar.status_code == 400
    assert årsag not in svar.text
    assert [a[:10] for a in afviste(kontekst)] == [årsag[:10]]
    assert sessioner(kontekst) == []


@SQLITE
def test_nobody_is_sent_to_the_service_by_another_site(klient: Callable[[Rolle | None], Klient]) -> None:
    client = klient(None)
    away = client.get(BEGYND, headers={"Sec-Fetch-Site": "cross-site"})
    assert (away.status_code, away.location) == (303, "/log-ind")
    assert client.get(BEGYND, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302
    for næste in ("https://angriber.example/", "//angriber.example", "/findes/ikke"):
        with client.session_transaction() as cookie:
            cookie.clear()
        client.get(BEGYND, query_string={"næste": næste})
        with client.session_transaction() as cookie:
            assert [vej["næste"] for vej in cookie["oidc"].values()] == ["/"]


@SQLITE
def test_a_service_that_is_down_says_so_and_the_password_still_works(
    klient: Callable[[Rolle | None], Klient], udsteder: Udsteder, knyttet: Bruger
) -> None:
    udsteder.opslag = {"issuer": "https://login.example.dk"}
    svar = klient(None).get(BEGYND)
    assert svar.status_code == 503
    assert "Prøv igen om lidt" in svar.text
    assert klient(None).log_ind("leder").status_code == 303


@SQLITE
def test_a_one_time_password_she_never_got_does_not_stop_who_comes_through_the_service(
    klient: Callable[[Rolle | None], Klient], knyttet: Bruger, kontekst: Nøglekontekst
) -> None:
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, knyttet.id).skal_skifte = True
        session.commit()
    client = klient(None)
    ind(client)
    assert client.get("/beboere").status_code == 200
    assert client.get("/").status_code == 200


@SQLITE
def test_a_half_sign_in_through_the_service_ends_when_she_is_blocked(
    klient: Callable[[Rolle | None], Klient], kontekst: Nøglekontekst, knyttet: Bruger
) -> None:
    from rådgivning.adgang.steps import Trin, begynd

    with kontekst.session(Aktør()) as session:
        begynd(session, Trin.KODE, bruger_id=knyttet.id)
        spær_bruger(session, session.get_one(Bruger, knyttet.id))
        session.commit()
        assert session.exec(select(Mellemtrin)).all() == []


@SQLITE
def test_without_the_extra_the_program_says_what_is_missing(
    settings: Settings, udsteder: Udsteder, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in sys.modules if n.startswith("rådgivning.adgang.oidc") and "setup" not in n]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "authlib.oauth2.rfc7636", None)
    made = create_app(med_tjeneste(settings, udsteder, tmp_path))
    svar = made.test_client().get("/")
    assert svar.status_code == 503
    assert "requirements-oidc.lock" in svar.text


@SQLITE
def test_without_a_service_its_pages_say_so(klient: Callable[[Rolle | None], Klient], app: Flask) -> None:
    app.extensions["oidc"] = None
    client = klient(None)
    assert "Log ind med Prøvetjenesten" not in client.get("/log-ind").text
    assert client.get(BEGYND).location == "/log-ind"
    assert client.get("/log-ind/oidc/svar").location == "/log-ind"
    assert client.post("/log-ind/oidc/afmeld").status_code == 400
    assert "ikke sat op" in klient(BR).get("/identitet").text
