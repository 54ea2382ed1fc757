"""databeskyttelse's pages: from the networks that may, and from a browser that is known or has been proved in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlmodel import col, select

from rådgivning import database
from rådgivning.adgang.administration import fra_tilladt_net
from rådgivning.adgang.factors import faktorer
from rådgivning.adgang.models import Enhed
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.models import Besked
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.adgang.factors.cases import kode, med_app
from tests.conftest import KODEORD, Klient, Personale, opret_testbruger

Klienter = Callable[[Rolle | None], Klient]
SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
DPO = Rolle.DATABESKYTTELSE
SIDER = ("/brugere", "/brugere/ny", "/spor", "/rettigheder", "/databeskyttelse/anmodninger", "/databeskyttelse")
BEVIS = {"bekræft_kodeord": KODEORD}
NET = {"RAADGIVNING_ADMINISTRATION_NET": "192.0.2.0/24, 2001:db8:77::/48"}


def fra(adresse: str) -> Any:
    """Keyword arguments of a request from an address."""
    return {"environ_overrides": {"REMOTE_ADDR": adresse}}


@pytest.fixture
def kontor(app: Flask, settings: Settings) -> Flask:
    """The application with two networks from which databeskyttelse administers."""
    nets = Settings.from_environment(NET).admin_net
    app.extensions["settings"] = replace(settings, admin_net=nets)
    return app


@SQLITE
def test_administration_from_another_network_is_refused_with_a_page_and_a_trail_entry(
    kontor: Flask, klient: Klienter, kontekst: Nøglekontekst
) -> None:
    dpo = klient(DPO)
    for sti in SIDER:
        assert dpo.get(sti, **fra("192.0.2.200")).status_code in {200, 308}, sti
        refused = dpo.get(sti, **fra("198.51.100.9"))
        assert (refused.status_code, "fra de netværk, I har valgt" in refused.text) == (403, True), sti
    assert dpo.get("/brugere", **fra("2001:db8:77:5::1")).status_code == 200
    assert dpo.get("/brugere", **fra("2001:db8:78::1")).status_code == 403
    kept = dpo.send("/brugere/ny", {"navn": "Testa Opdigtet"}, **fra("198.51.100.9"))
    assert (kept.status_code, "er gemt og står klar" in kept.text) == (403, True)
    assert "Testa Opdigtet" in dpo.get("/brugere/ny", **fra("192.0.2.1")).text
    with kontekst.session(Aktør()) as session:
        words = [e.anledning for e in session.exec(select(Spor).where(Spor.handling == "afvist")).all()]
        assert words == ["administration fra et andet netværk"] * (len(SIDER) + 2)


@SQLITE
def test_the_networks_bind_administration_alone(kontor: Flask, klient: Klienter) -> None:
    far = fra("198.51.100.9")
    dpo = klient(DPO)
    assert dpo.get("/sessioner", **far).status_code == 200
    assert dpo.get("/to-trin", **far).status_code == 200
    assert klient(Rolle.BEBOERRÅDGIVER).get("/beboere", **far).status_code == 200
    assert klient(Rolle.LEDER).get("/målinger", **far).status_code == 200
    assert klient(Rolle.LEDER).get("/brugere", **far).status_code == 403


@SQLITE
def test_an_address_in_two_spellings_is_one_and_an_unknown_one_is_none(settings: Settings) -> None:
    bound = replace(settings, admin_net=Settings.from_environment(NET).admin_net)
    assert fra_tilladt_net(bound, "::ffff:192.0.2.7")
    assert not fra_tilladt_net(bound, "::ffff:198.51.100.7")
    assert not fra_tilladt_net(bound, "")
    assert fra_tilladt_net(settings, "")
    with pytest.raises(SettingsFejl, match="skal være net, fx"):
        Settings.from_environment({"RAADGIVNING_ADMINISTRATION_NET": "kontoret"})


def test_a_new_browser_wants_a_fresh_proof_at_once_and_the_others_are_told(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        opret_testbruger(session, personale.helhedsplan, DPO, "kollega")
        session.commit()
    first, new, office = klient(None), klient(None), klient(Rolle.LEDER)
    first.log_ind("databeskyttelse")
    assert first.get("/brugere").status_code == 200, "the very first browser has none to be compared with"
    new.log_ind("databeskyttelse")
    asked = new.get("/brugere?side=1")
    assert (asked.status_code, unquote(asked.location)) == (303, "/bekræft?næste=/brugere?side=1")
    assert "fra en browser, du ikke har brugt før" in new.get(asked.location).text
    assert new.get("/sessioner").status_code == 200, "her own pages are no administration"
    form = new.send(f"/brugere/{personale.brugere[Rolle.LEDER].id}/spær")
    assert (form.status_code, "fra en browser, du ikke har brugt før" in form.text) == (403, True)
    assert office.get("/sessioner").status_code == 200
    assert new.send(asked.location, {"bekræft_kodeord": "forkert"}).status_code == 422
    assert new.get("/spor").status_code == 303
    assert new.send(asked.location, BEVIS).location == "/brugere?side=1"
    assert new.get("/brugere").status_code == 200
    with kontekst.session(Aktør()) as session:
        told = session.exec(select(Besked).where(Besked.slags == Slags.DATABESKYTTELSE_ENHED)).all()
        assert len(told) == 1
        assert told[0].bruger_id not in {bruger.id for bruger in personale.brugere.values()}
    kollega = klient(None)
    kollega.log_ind("kollega")
    page = kollega.get("/beskeder").text
    assert "1 kollega i databeskyttelse har logget ind på en ny enhed" in page
    new.send("/log-ud")
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 1, tzinfo=UTC)
    new.log_ind("databeskyttelse")
    assert new.get("/brugere").status_code == 200, "the browser is known from the session before"


@SQLITE
def test_a_form_sent_from_a_new_browser_goes_through_with_the_proof_and_not_without(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    klient(None).log_ind("databeskyttelse")
    new = klient(None)
    new.log_ind("databeskyttelse")
    side = f"/brugere/{personale.brugere[Rolle.LEDER].id}/email"
    asked = new.send(side, {"email": "ny@example.dk"})
    assert (asked.status_code, 'value="ny@example.dk"' in asked.text) == (403, True)
    assert new.send(side, {"email": "ny@example.dk", "bekræft_kodeord": "forkert"}).status_code == 422
    assert new.send(side, {"email": "ny@example.dk", **BEVIS}).status_code == 303
    assert new.get("/brugere").status_code == 200


@SQLITE
def test_a_browser_she_has_called_hers_from_another_is_not_new(klient: Klienter, kontekst: Nøglekontekst) -> None:
    first, new = klient(None), klient(None)
    first.log_ind("databeskyttelse")
    new.log_ind("databeskyttelse")
    with kontekst.session(Aktør()) as session:
        [device] = session.exec(select(Enhed.id).where(col(Enhed.godkendt).is_(None))).all()
    assert new.get("/brugere").status_code == 303
    assert first.send(f"/sessioner/enheder/{device}/min").status_code == 303
    assert new.get("/brugere").status_code == 200


def ind(client: Klient, code: str) -> None:
    """Sign in as databeskyttelse with a password and a code."""
    client.log_ind("databeskyttelse")
    assert client.send("/log-ind/kode", {"kode": code}).status_code == 303


def nyt_frø(client: Klient) -> str:
    """The seed on the page where an app is added."""
    found = re.search(r'kodetekst">([A-Z2-7 ]+)<', client.get("/to-trin/app").text)
    assert found is not None
    return found[1].replace(" ", "")


@SQLITE
def test_a_factor_added_in_a_new_browser_is_no_proof_and_is_not_added_without_one(
    klient: Klienter, kontekst: Nøglekontekst, personale: Personale
) -> None:
    dpo = personale.brugere[DPO]
    med_app(kontekst, dpo)
    ind(klient(None), kode())
    thief = klient(None)
    ind(thief, kode(skridt=1))
    with kontekst.session(Aktør()) as session:
        [hers] = [faktor.id for faktor in faktorer(session, dpo.id)]
    for sti in ("/to-trin/app", "/to-trin/passkey", f"/to-trin/{hers}/fjern"):
        assert unquote(thief.get(sti).location) == f"/bekræft?næste={sti}"
        assert thief.send(sti, {"navn": "Min egen"}).status_code == 403
    assert thief.send("/to-trin/koder").status_code == 403
    assert thief.get("/brugere").status_code == 303
    with kontekst.session(Aktør()) as session:
        assert [faktor.id for faktor in faktorer(session, dpo.id)] == [hers]
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 2, tzinfo=UTC)
    assert thief.send("/bekræft", {**BEVIS, "bekræft_kode": kode()}).status_code == 303
    assert "genoprettelseskoder" in thief.send("/to-trin/app", {"navn": "Ny", "kode": kode(nyt_frø(thief))}).text


@SQLITE
@pytest.mark.parametrize("rolle", [DPO, Rolle.LEDER])
def test_a_new_browser_calls_no_other_one_hers_until_it_is_proved_who_sits_there(
    klient: Klienter, kontekst: Nøglekontekst, rolle: Rolle
) -> None:
    first, thief, another = klient(None), klient(None), klient(None)
    for client in (first, thief, another):
        client.log_ind(str(rolle))
    [other] = re.findall(r'action="(/sessioner/enheder/[^"]+/min)"', thief.get("/sessioner").text)
    side = str(other)
    asked = thief.send(side)
    assert (asked.status_code, "fra en browser, du ikke har brugt før" in asked.text) == (403, True)
    assert thief.send(side, {"bekræft_kodeord": "forkert"}).status_code == 422
    with kontekst.session(Aktør()) as session:
        assert len(session.exec(select(Enhed).where(col(Enhed.godkendt).is_(None))).all()) == 2
    assert thief.send(side, BEVIS).status_code == 303
    with kontekst.session(Aktør()) as session:
        assert len(session.exec(select(Enhed).where(col(Enhed.godkendt).is_(None))).all()) == 1
