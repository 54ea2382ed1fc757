"""Signing in through a service: who is tied beforehand comes in, nobody else does, and each trick has its refusal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pyotp
import pytest
import requests
from flask import Flask
from sqlmodel import select

from rådgivning import create_app, database
from rådgivning.adgang.factors import TOTP
from rådgivning.adgang.models import Bruger, BrugerFaktor, BrugerIdentitet, BrugerSession, Mellemtrin
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.totp import forsegl_frø, nyt_frø
from rådgivning.adgang.users import spær_bruger, åbn_bruger
from rådgivning.database import new_id, now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.adgang.issuer import HEMMELIGHED, KLIENT, Krav, Udsteder, udsteder_kører
from tests.conftest import Klient, Personale

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
BR = Rolle.BEBOERRÅDGIVER
BEGYND = "/log-ind/oidc"


@pytest.fixture
def udsteder() -> Iterator[Udsteder]:
    """The service; whoever signs in there gives a second factor unless a test says otherwise."""
    with udsteder_kører() as made:
        made.bruger = {"sub": "sub-1", "sid": "sid-1", "amr": ["pwd", "mfa"]}
        yield made


@pytest.fixture
def app(settings: Settings, personale: Personale, udsteder: Udsteder, tmp_path: Any) -> Iterator[Flask]:
    """The application with a service set up, as a second one would be on the same database."""
    made = create_app(med_tjeneste(settings, udsteder, tmp_path))
    made.testing = True
    made.test_client_class = Klient
    yield made
    made.extensions["nøgler"].close()


def med_tjeneste(settings: Settings, udsteder: Udsteder, folder: Any) -> Settings:
    """The settings with a service."""
    file = folder / "hemmelighed"
    file.write_text(HEMMELIGHED, encoding="utf-8")
    environ = {
        "RAADGIVNING_OIDC_UDSTEDER": udsteder.adresse,
        "RAADGIVNING_OIDC_KLIENT": KLIENT,
        "RAADGIVNING_OIDC_NAVN": "Prøvetjenesten",
        "RAADGIVNING_OIDC_FAKTOR": "amr=mfa",
        "RAADGIVNING_OIDC_HEMMELIGHED_FIL": str(file),
    }
    return replace(settings, anden_faktor="skal", adresse="http://localhost", environ={**settings.environ, **environ})


@pytest.fixture
def knyttet(kontekst: Nøglekontekst, personale: Personale, udsteder: Udsteder) -> Bruger:
    """The beboerrådgiver, tied to sub-1."""
    bruger = personale.brugere[BR]
    with kontekst.session(Aktør()) as session:
        row = BrugerIdentitet(bruger_id=bruger.id, udsteder=udsteder.adresse, subjekt="sub-1", oprettet=now())
        session.add(row)
        session.commit()
    return bruger


def hen(client: Klient, begynd: str = BEGYND) -> str:
    """To the service; returns the way back, which the browser has not gone yet."""
    gone = client.get(begynd)
    assert gone.status_code == 302
    back = requests.get(gone.location, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def ind(client: Klient, begynd: str = BEGYND) -> Any:
    """There and back."""
    return client.get(hen(client, begynd))


def afviste(kontekst: Nøglekontekst) -> list[str]:
    """Why sign-ins were refused."""
    with kontekst.session(Aktør()) as session:
        rows = session.exec(select(Spor).where(Spor.handling == Handling.LOG_IND_AFVIST)).all()
        return [row.anledning for row in sorted(rows, key=lambda r: (r.tidspunkt, r.nr))]


def sessioner(kontekst: Nøglekontekst) -> list[BrugerSession]:
    """All sessions."""
    with kontekst.session(Aktør()) as session:
        session.expire_on_commit = False
        return list(session.exec(select(BrugerSession)).all())


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
def test_a_proof_that_is_not_old_may_come_from_the_service(
    klient: Callable[[Rolle | None], Klient],
    kontekst: Nøglekontekst,
    personale: Personale,
    udsteder: Udsteder,
) -> None:
    with kontekst.session(Aktør()) as session:
        dpo = personale.brugere[Rolle.DATABESKYTTELSE].id
        session.add(BrugerIdentitet(bruger_id=dpo, udsteder=udsteder.adresse, subjekt="sub-1", oprettet=now()))
        session.commit()
    client, start = klient(None), now()
    assert ind(client).status_code == 303
    database.clock.read = lambda: start + timedelta(minutes=16)
    away = client.get("/brugere/ny")
    assert away.status_code == 303
    page = client.get(away.location).text
    assert "Bekræft hos Prøvetjenesten" in page
    udsteder.bruger["auth_time"] = int(start.timestamp())
    assert ind(client, f"{BEGYND}?formål=bekræft&næste=/brugere/ny").status_code == 400
    assert client.get("/brugere/ny").status_code == 303
    del udsteder.bruger["auth_time"]
    before = client.get_cookie("raadgivning")
    svar = ind(client, f"{BEGYND}?formål=bekræft&næste=/brugere/ny")
    assert (svar.status_code, svar.location) == (303, "/brugere/ny")
    assert udsteder.spurgt["prompt"] == "login"
    assert client.get("/brugere/ny").status_code == 200
    after = client.get_cookie("raadgivning")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    database.clock.read = lambda: start + timedelta(minutes=35)
    side = f"/brugere/{personale.brugere[Rolle.LEDER].id}/spær"
    asked = client.send(side)
    assert asked.status_code == 403
    assert "åbner i et nyt vindue" in asked.text
    assert "Fortsæt</button>" in asked.text
    assert "Luk dette vindue" in ind(client, f"{BEGYND}?formål=bekræft").text
    assert client.send(side).status_code == 303
    database.clock.read = lambda: start + timedelta(minutes=55)
    udsteder.bruger["sub"] = "sub-2"
    assert ind(client, f"{BEGYND}?formål=bekræft&næste=/brugere/ny").status_code == 403
    assert client.get("/brugere/ny").status_code == 303


def kode_fra(page: str) -> str:
    """The code on databeskyttelse's page."""
    found = re.search(r"(?<![\w-])[a-z2-9]{4}(-[a-z2-9]{4}){3}(?![\w-])", page)
    assert found is not None
    return found.group()


@SQLITE
def test_a_user_ties_her_account_with_a_code_from_databeskyttelse_once(
    klient: Callable[[Rolle | None], Klient], personale: Personale, udsteder: Udsteder, kontekst: Nøglekontekst
) -> None:
    dpo, bodil, inkasso = klient(Rolle.DATABESKYTTELSE), klient(BR), klient(Rolle.INKASSO)
    side = f"/brugere/{personale.brugere[BR].id}/konto"
    kode = kode_fra(dpo.send(f"{side}/kode").text)
    assert kode not in dpo.get(side).text
    assert inkasso.send("/identitet", {"kode": kode}).status_code == 422
    assert bodil.send("/identitet", {"kode": "abcd-abcd-abcd-abcd"}).status_code == 422
    assert bodil.get(f"{BEGYND}?formål=knyt").location == "/identitet"
    assert bodil.send("/identitet", {"kode": kode.upper()}).status_code == 303
    assert "Fortsæt hos Prøvetjenesten" in bodil.get("/identitet").text
    udsteder.bruger["auth_time"] = int(now().timestamp()) - 3600
    assert ind(bodil, f"{BEGYND}?formål=knyt").status_code == 400, "a sign-in that lived there already"
    assert "er knyttet siden" not in bodil.get("/identitet").text
    del udsteder.bruger["auth_time"]
    assert ind(bodil, f"{BEGYND}?formål=knyt").location == "/sessioner"
    assert (udsteder.spurgt["prompt"], udsteder.spurgt["max_age"]) == ("login", "0")
    assert "er knyttet siden" in bodil.get("/identitet").text
    assert "1 ændring af, hvordan du logger ind" in bodil.get("/beskeder").text
    assert bodil.send("/identitet", {"kode": kode}).status_code == 422
    new = klient(None)
    assert ind(new).status_code == 303
    assert new.get("/beboere").status_code == 200
    assert "sub-1" in dpo.get(side).text
    assert dpo.send(f"{side}/fjern").status_code == 303
    assert new.get("/beboere").status_code == 303
    assert bodil.get("/beboere").status_code == 200
    assert ind(new).status_code == 403


@SQLITE
def test_databeskyttelse_types_the_number_and_no_account_is_two_users(
    klient: Callable[[Rolle | None], Klient], personale: Personale, udsteder: Udsteder
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    bodil, inkasso = (f"/brugere/{personale.brugere[r].id}/konto" for r in (BR, Rolle.INKASSO))
    assert dpo.send(bodil, {"subjekt": "med mellemrum"}).status_code == 422
    assert dpo.send(bodil, {"subjekt": " sub-1 "}).status_code == 303
    refused = dpo.send(inkasso, {"subjekt": "sub-1"})
    assert refused.status_code == 422
    assert "allerede knyttet til en anden bruger" in refused.text
    assert dpo.send(bodil, {"subjekt": "SUB-1"}).status_code == 303
    assert ind(klient(None)).status_code == 403
    assert dpo.send(f"/brugere/{personale.brugere[Rolle.DATABESKYTTELSE].id}/konto/kode").status_code == 409


def test_signing_out_at_the_service_ends_what_began_there_and_nothing_else(
    klient: Callable[[Rolle | None], Klient], knyttet: Bruger, udsteder: Udsteder, kontekst: Nøglekontekst
) -> None:
    first, second, local = klient(None), klient(None), klient(BR)
    ind(first)
    udsteder.bruger["sid"] = "sid-2"
    ind(second)
    service: Any = klient(None)

    def afmeld(**claims: object) -> int:
        token = udsteder.afmelding(**claims)
        status: int = service.post("/log-ind/oidc/afmeld", data={"logout_token": token}).status_code
        assert service.post("/log-ind/oidc/afmeld", data={"logout_token": token}).status_code == status
        return status

    def inde() -> list[bool]:
        return [c.get("/sessioner").status_code == 200 for c in (first, second, local)]

    assert afmeld(sid="sid-1", nonce="n") == 400
    assert afmeld(sub="sub-2") == 200
    assert inde() == [True, True, True]
    assert afmeld(sid="sid-1") == 200
    assert inde() == [False, True, True]
    assert afmeld(sub="sub-1") == 200
    assert inde() == [False, False, True]
    assert service.post("/log-ind/oidc/afmeld").status_code == 400
    assert {row.slut for row in sessioner(kontekst) if row.oidc_sub} == {"log ind-tjenesten"}


@SQLITE
def test_a_logout_that_names_a_session_ends_hers_whose_sign_in_named_none(
    klient: Callable[[Rolle | None], Klient], knyttet: Bruger, udsteder: Udsteder
) -> None:
    named, unnamed, service = klient(None), klient(None), klient(None)
    ind(named)
    del udsteder.bruger["sid"]
    ind(unnamed)
    for claims, inde in (
        ({"sid": "sid-2"}, [True, True]),
        ({"sub": "sub-2", "sid": "sid-2"}, [True, True]),
        ({"sub": "sub-1", "sid": "sid-2"}, [True, False]),
        ({"sub": "sub-1", "sid": "sid-1"}, [False, False]),
    ):
        service.post("/log-ind/oidc/afmeld", data={"logout_token": udsteder.afmelding(**claims)})
        assert [c.get("/sessioner").status_code == 200 for c in (named, unnamed)] == inde


@SQLITE
def test_the_same_logout_token_ends_no_later_session(
    klient: Callable[[Rolle | None], Klient], knyttet: Bruger, udsteder: Udsteder
) -> None:
    client, service = klient(None), klient(None)
    ind(client)
    token = udsteder.afmelding(sub="sub-1")
    service.post("/log-ind/oidc/afmeld", data={"logout_token": token})
    assert client.get("/sessioner").status_code == 303
    ind(client)
    assert service.post("/log-ind/oidc/afmeld", data={"logout_token": token}).status_code == 200
    assert client.get("/sessioner").status_code == 200


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
