"""Whoever is blocked or gets another role is out at once, in every worker, by every door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from rådgivning import create_app
from rådgivning.adgang.models import Bruger, BrugerSession, Kladde
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import start_session
from rådgivning.drift.kommandoer import main
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
BR = Rolle.BEBOERRÅDGIVER


@pytest.fixture
def anden(settings: Settings, app: Flask) -> Iterator[Flask]:
    """A second worker on the same database."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = app.jinja_env.bytecode_cache
    made.test_client_class = Klient
    yield made
    made.extensions["nøgler"].close()


def samme_browser(client: Klient, worker: Flask) -> Klient:
    """The same cookies, met by another worker."""
    other: Any = worker.test_client()
    for name in ("raadgivning", "formular"):
        cookie = client.get_cookie(name)
        if cookie is not None:
            other.set_cookie(name, cookie.value)
    return other  # type: ignore[no-any-return]


def feed(client: Klient) -> str:
    """The path of a new calendar feed."""
    page: str = client.send("/kalender/abonnement/ny").text
    return "/kalender/hent/" + page.partition("/kalender/hent/")[2].partition(".ics")[0] + ".ics"


def test_a_blocked_user_is_out_of_every_worker_and_stays_out_of_what_she_had_when_she_is_let_in_again(
    klient: Klienter, anden: Flask, personale: Personale, kontekst: Nøglekontekst
) -> None:
    bodil, dpo = klient(BR), klient(Rolle.DATABESKYTTELSE)
    there = samme_browser(bodil, anden)
    address = feed(bodil)
    assert there.get("/sessioner").status_code == 200
    assert there.get(address).status_code == 200
    side = f"/brugere/{personale.brugere[BR].id}"
    there.send("/kladde?formular=/kontakter/ny", {"notat": "halvt skrevet"})
    with kontekst.session(Aktør()) as session:
        draft = session.exec(select(Kladde.id)).one()
    assert dpo.send(f"{side}/spær").status_code == 303
    assert there.get("/beboere").status_code == 303
    with kontekst.session(Aktør()) as session, pytest.raises(Shredded):
        session.info["keystore"].get(draft)
    assert there.get(address).status_code == 404
    there.send("/kladde?formular=/kontakter/ny", {"notat": "skrevet af en spærret"})
    assert there.log_ind("beboerrådgiver").status_code == 422
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(Kladde)).all() == []
        session.info["settings"] = anden.extensions["settings"]
        token = start_session(session, session.get_one(Bruger, personale.brugere[BR].id), "kappløb")
        session.commit()
    there.set_cookie("raadgivning", token)
    assert there.get("/sessioner").status_code == 303
    assert dpo.send(f"{side}/åbn").status_code == 303
    assert there.get("/sessioner").status_code == 303
    assert bodil.get("/sessioner").status_code == 303
    assert there.get(address).status_code == 404
    assert there.log_ind("beboerrådgiver").status_code == 303
    assert "Brugeren blev spærret" in dpo.get(side).text


@SQLITE
def test_another_role_ends_sessions_feed_and_drafts_and_is_told_where_it_cannot_be(
    klient: Klienter, anden: Flask, personale: Personale, kontekst: Nøglekontekst
) -> None:
    bodil, dpo = klient(BR), klient(Rolle.DATABESKYTTELSE)
    there = samme_browser(bodil, anden)
    address = feed(bodil)
    bodil.send("/kladde?formular=/kontakter/ny", {"notat": "skrevet i den gamle rolle"})
    side = f"/brugere/{personale.brugere[BR].id}"
    assert "Rollen er den samme" in dpo.send(f"{side}/rolle", {"rolle": BR}, follow_redirects=True).text
    assert there.get("/beboere").status_code == 200
    refused = dpo.send(f"{side}/rolle", {"rolle": "inkasso"})
    assert refused.status_code == 422
    assert "Vælg boligorganisation" in refused.text
    assert dpo.send(f"{side}/rolle", {"rolle": "ejendomsdrift", "boligorganisation": "aab"}).status_code == 303
    assert there.get("/beboere").status_code == 303
    assert there.get(address).status_code == 404
    assert there.log_ind("beboerrådgiver").status_code == 303
    assert there.get("/beboere").status_code == 403
    assert "Ejendomsdrift" in dpo.get(side).text
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(Kladde)).all() == []
        entry = session.exec(select(Spor).where(Spor.anledning == "ny rolle")).one()
        assert entry.detaljer == {"rolle": "ejendomsdrift", "sessioner": 1}


@SQLITE
def test_databeskyttelse_sees_a_users_sessions_and_ends_one(
    klient: Klienter, personale: Personale, kontekst: Nøglekontekst
) -> None:
    first, second, dpo = klient(Rolle.LEDER), klient(Rolle.LEDER), klient(Rolle.DATABESKYTTELSE)
    side = f"/brugere/{personale.brugere[Rolle.LEDER].id}"
    with kontekst.session(Aktør()) as session:
        rows = session.exec(select(BrugerSession)).all()
        hers = [row.id for row in rows if row.bruger_id == personale.brugere[Rolle.LEDER].id]
        own = next(row.id for row in rows if row.id not in hers)
    assert dpo.get(side).text.count("Afslut</button>") == 2
    assert dpo.send(f"{side}/sessioner/{hers[0]}/afslut").status_code == 303
    assert sorted(c.get("/sessioner").status_code for c in (first, second)) == [200, 303]
    assert "Afsluttet af databeskyttelse" in dpo.get(side).text
    assert dpo.send(f"{side}/sessioner/{hers[0]}/afslut").status_code == 404
    assert dpo.send(f"{side}/sessioner/{own}/afslut").status_code == 404
    assert klient(Rolle.LEDER).send(f"{side}/sessioner/{hers[1]}/afslut").status_code == 403


@SQLITE
def test_the_command_closes_the_same_doors(
    klient: Klienter, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodil = klient(BR)
    address = feed(bodil)
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RAADGIVNING_HTTPS", "0")
    assert main(["bruger", "spær", "beboerrådgiver"]) == 0
    assert bodil.get("/beboere").status_code == 303
    assert klient(None).get(address).status_code == 404
