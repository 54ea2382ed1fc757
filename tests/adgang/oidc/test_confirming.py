"""Confirming who one is at the service, and tying one's account there to oneself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest

from rådgivning import database
from rådgivning.adgang.models import Bruger, BrugerIdentitet
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.trail import Aktør
from tests.adgang.issuer import Udsteder
from tests.adgang.oidc.cases import BEGYND, BR, ind
from tests.conftest import Klient, Personale

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def kode_fra(page: str) -> str:
    """The code on databeskyttelse's page."""
    found = re.search(r"(?<![\w-])[a-z2-9]{4}(-[a-z2-9]{4}){3}(?![\w-])", page)
    assert found is not None
    return found.group()


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


@SQLITE
def test_a_refusal_speaks_of_what_she_was_doing(
    klient: Callable[[Rolle | None], Klient],
    personale: Personale,
    udsteder: Udsteder,
    knyttet: Bruger,
    kontekst: Nøglekontekst,
) -> None:
    stranger, bodil = klient(None), klient(BR)
    udsteder.ret = lambda claims: claims | {"nonce": "en-andens"}
    page = ind(stranger, f"{BEGYND}?næste=/opgaver").text
    assert "<h1>Du blev ikke logget ind</h1>" in page
    assert "stadig logget ind" not in page
    assert unquote(page).count("/log-ind?næste=/opgaver") == 1
    page = ind(bodil, f"{BEGYND}?formål=bekræft&næste=/to-trin/app").text
    assert "<h1>Det er ikke bekræftet, at det er dig</h1>" in page
    assert "/bekræft?næste=/to-trin/app" in unquote(page)
    assert "blev ikke logget ind" not in page
    assert "Du er stadig logget ind her." in page
    kode = kode_fra(klient(Rolle.DATABESKYTTELSE).send(f"/brugere/{knyttet.id}/konto/kode").text)
    bodil.send("/identitet", {"kode": kode})
    page = ind(bodil, f"{BEGYND}?formål=knyt").text
    assert "<h1>Din konto blev ikke knyttet</h1>" in page
    assert 'href="/identitet"' in page
    page = bodil.get("/log-ind/oidc/svar?code=x&state=gættet").text
    assert "<h1>Svaret kunne ikke bruges</h1>" in page
    udsteder.ret = lambda claims: claims
    udsteder.bruger["sub"] = "sub-2"
    refused = ind(bodil, f"{BEGYND}?formål=bekræft&næste=/to-trin/app")
    assert (refused.status_code, "Bekræft med din egen konto." in refused.text) == (403, True)
    assert "Bed den, der opretter brugere" not in refused.text
    udsteder.bruger |= {"sub": "sub-1", "amr": ["pwd"]}
    page = ind(bodil, f"{BEGYND}?formål=bekræft&næste=/to-trin/app").text
    assert "ikke, at du har brugt to trin. Bekræft med din adgangskode og kode her i stedet." in page
