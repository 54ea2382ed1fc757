"""Passkeys: made, used to sign in without a name and to prove oneself again; everything else is refused."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from rådgivning.adgang.factors import faktorer
from rådgivning.adgang.limits import ADRESSE
from rådgivning.adgang.models import BrugerSession, Mellemtrin
from rådgivning.adgang.passkeys import PasskeyFejl, Sted, brug_passkey, registrér, sted
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.steps import Trin, begynd
from rådgivning.adgang.users import find_bruger, spær_bruger
from rådgivning.beskeder.kinds import Slags
from rådgivning.database import new_id
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.adgang.authenticator import Nøgle
from tests.adgang.factors.cases import NAVN, ROLLE, Klienter, anledninger, beskeder, er_inde, gå
from tests.conftest import KODEORD, Klient, Personale

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def spørg(client: Klient, sti: str) -> dict[str, Any]:
    """The options the page's script fetches."""
    answer = client.post(sti, headers={"X-CSRFToken": client.csrf()})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def ny(client: Klient, nøgle: Nøgle | None = None, navn: str = "Min bærbare") -> Nøgle:
    """Make a passkey in a session."""
    nøgle = nøgle or Nøgle()
    svar = nøgle.lav(spørg(client, "/to-trin/passkey/udfordring"))
    assert client.send("/to-trin/passkey", {"navn": navn, "svar": svar}).status_code in {200, 303}
    return nøgle


def ind(client: Klient, nøgle: Nøgle, **andet: Any) -> Klient:
    """Try to sign in with a passkey."""
    client.send("/log-ind/passkey", {"svar": nøgle.svar(spørg(client, "/log-ind/passkey/udfordring"), **andet)})
    return client


def test_a_passkey_is_made_at_the_first_sign_in_and_signs_in_without_a_name(
    klient: Klienter, kontekst: Nøglekontekst
) -> None:
    client = klient(None)
    client.log_ind(NAVN)
    options = spørg(client, "/to-trin/passkey/udfordring")
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["rp"] == {"name": "rådgivning", "id": "localhost"}
    nøgle = Nøgle()
    page = client.send("/to-trin/passkey", {"navn": "Min bærbare", "svar": nøgle.lav(options)})
    assert page.text.count("kodetekst") == 10
    assert er_inde(client)
    assert spørg(client, "/to-trin/passkey/udfordring")["excludeCredentials"] != []
    other = klient(None)
    options = spørg(other, "/log-ind/passkey/udfordring")
    assert options["userVerification"] == "required"
    assert options.get("allowCredentials", []) == [], "the page tells nothing about anybody"
    done = other.send("/log-ind/passkey?næste=/sessioner", {"svar": nøgle.svar(options)})
    assert (done.status_code, done.location) == (303, "/sessioner")
    assert er_inde(other)
    with kontekst.session(Aktør()) as session:
        rows = session.exec(select(BrugerSession).order_by(col(BrugerSession.oprettet))).all()
        assert {row.faktor for row in rows} == {"passkey"}
        signed = session.exec(
            select(Spor.anledning).where(Spor.handling == Handling.LOGGET_IND, Spor.genstand == "bruger")
        )
        assert list(signed) == ["", "passkey"]
    half = klient(None)
    assert half.log_ind(NAVN).location == "/log-ind/kode"
    assert "Brug din passkey" in half.get("/log-ind/kode").text
    assert er_inde(ind(half, nøgle))


def test_step_up_takes_ones_own_passkey_and_nobody_elses(klient: Klienter, kontekst: Nøglekontekst) -> None:
    mine, other = klient(ROLLE), klient(Rolle.INKASSO)
    min_nøgle, anden = ny(mine), ny(other)
    gå(timedelta(minutes=16))
    assert mine.get("/to-trin/app").status_code == 303
    options = spørg(mine, "/bekræft/passkey")
    assert len(options["allowCredentials"]) == 1
    anden.bruger = min_nøgle.bruger
    for handle in (min_nøgle.bruger, anden.bruger, b""):
        anden.bruger = handle
        options = spørg(mine, "/bekræft/passkey")
        assert mine.send("/bekræft", {"bekræft_passkey": anden.svar(options)}).status_code == 422
    answer = min_nøgle.svar(spørg(mine, "/bekræft/passkey"))
    assert other.send("/bekræft", {"bekræft_passkey": answer}).status_code == 422, "another session's challenge"
    assert mine.send("/bekræft?næste=/to-trin/app", {"bekræft_passkey": answer}).location == "/to-trin/app"
    assert mine.get("/to-trin/app").status_code == 200
    gå(timedelta(minutes=32))
    assert mine.send("/bekræft", {"bekræft_passkey": answer}).status_code == 422, "used"
    assert mine.get("/to-trin/app").status_code == 303
    assert "passkey afvist" in anledninger(kontekst)


def test_a_challenge_is_good_once_and_for_five_minutes_and_in_one_browser(klient: Klienter) -> None:
    nøgle = ny(klient(ROLLE))
    client, other = klient(None), klient(None)
    options = spørg(client, "/log-ind/passkey/udfordring")
    answer = nøgle.svar(options)
    other.send("/log-ind/passkey", {"svar": answer})
    assert not er_inde(other)
    gå(timedelta(minutes=5))
    client.send("/log-ind/passkey", {"svar": answer})
    assert not er_inde(client)
    options = spørg(client, "/log-ind/passkey/udfordring")
    client.send("/log-ind/passkey", {"svar": "{}"})
    client.send("/log-ind/passkey", {"svar": nøgle.svar(options)})
    assert not er_inde(client), "a wrong answer uses the challenge up"
    assert er_inde(ind(client, nøgle))
    client.send("/log-ud")
    client.send("/log-ind/passkey", {"svar": nøgle.svar(options)})
    assert not er_inde(client)


def test_a_copied_passkey_is_refused_and_its_user_hears_of_it(klient: Klienter, kontekst: Nøglekontekst) -> None:
    nøgle = ny(klient(ROLLE))
    copied = copy(nøgle)
    assert er_inde(ind(klient(None), nøgle))
    assert er_inde(ind(klient(None), nøgle))
    assert not er_inde(ind(klient(None), copied))
    assert "passkey er kopieret" in anledninger(kontekst)
    assert beskeder(kontekst, Slags.ADGANG_FORSØG) == 1
    assert er_inde(ind(klient(None), nøgle)), "the refusal keeps nobody out"


def test_a_passkey_that_does_not_count_is_as_good(klient: Klienter) -> None:
    nøgle = ny(klient(ROLLE))
    for _ in range(2):
        nøgle.tæller = -1
        assert er_inde(ind(klient(None), nøgle))


@pytest.mark.parametrize(
    "fault",
    [
        {"uv": False},
        {"origin": "https://localhost.eksempel.dk"},
        {"origin": "http://localhost:8080"},
        {"rp_id": "eksempel.dk"},
        {"bruger": b"x" * 16},
        {"id": b"ukendt" * 5},
        {"privat": Nøgle().privat},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_an_answer_that_is_wrong_in_one_thing_opens_nothing(klient: Klienter, fault: dict[str, Any]) -> None:
    nøgle = ny(klient(ROLLE))
    assert not er_inde(ind(klient(None), replace(nøgle, **fault)))
    assert er_inde(ind(klient(None), nøgle))


def test_a_passkey_is_not_registered_without_its_challenge_its_proof_or_twice(
    klient: Klienter, personale: Personale, kontekst: Nøglekontekst
) -> None:
    client, other = klient(ROLLE), klient(Rolle.INKASSO)
    nøgle = Nøgle()
    options = spørg(client, "/to-trin/passkey/udfordring")

    def register(who: Klient, svar: str) -> int:
        return int(who.send("/to-trin/passkey", {"navn": "x", "svar": svar}).status_code)

    assert register(other, nøgle.lav(options)) == 422
    assert register(client, nøgle.lav(options, type="webauthn.get")) == 422
    assert register(client, nøgle.lav(options)) == 422, "the challenge is used up"
    assert register(client, replace(nøgle, uv=False).lav(spørg(client, "/to-trin/passkey/udfordring"))) == 422
    assert register(client, "x" * 30_000) == 422
    assert register(client, nøgle.lav(spørg(client, "/to-trin/passkey/udfordring"))) == 200
    assert register(other, nøgle.lav(spørg(other, "/to-trin/passkey/udfordring"))) == 422, "somebody has it already"
    with kontekst.session(Aktør()) as session:
        assert len(faktorer(session, personale.brugere[ROLLE].id)) == 1
        assert len(faktorer(session, personale.brugere[Rolle.INKASSO].id)) == 0
        assert session.exec(select(Mellemtrin)).all() == []


def test_a_blocked_user_and_one_whose_passkey_is_removed_stay_out(klient: Klienter, kontekst: Nøglekontekst) -> None:
    home = klient(ROLLE)
    first, second = ny(home), ny(home, navn="Nummer to")
    with kontekst.session(Aktør()) as session:
        found = find_bruger(session, NAVN)
        assert found is not None
        removed = next(f.id for f in faktorer(session, found.id) if f.navn == "Nummer to")
    assert home.send(f"/to-trin/{removed}/fjern", {"mistet": "bruges ikke"}).status_code == 303
    assert not er_inde(ind(klient(None), second))
    with kontekst.session(Aktør()) as session:
        found = find_bruger(session, NAVN)
        assert found is not None
        spær_bruger(session, found)
        session.commit()
    assert not er_inde(ind(klient(None), first))
    assert "spærret bruger" in anledninger(kontekst)


def test_challenges_from_one_place_are_slowed_down(klient: Klienter) -> None:
    client = klient(None)
    headers = {"X-CSRFToken": client.csrf()}
    answers = [client.post("/log-ind/passkey/udfordring", headers=headers) for _ in range(ADRESSE.frie + 1)]
    assert [a.status_code for a in answers] == [200] * ADRESSE.frie + [429]
    assert answers[-1].headers["Retry-After"] == "6"


def test_sign_ins_that_succeed_slow_nobody_and_a_known_browser_is_counted_alone(klient: Klienter) -> None:
    nøgle = ny(klient(ROLLE))
    known, stranger = klient(None), klient(None)
    for _ in range(2):
        assert er_inde(ind(known, nøgle))
        known.send("/log-ud")
    headers = {"X-CSRFToken": stranger.csrf()}
    answers = [stranger.post("/log-ind/passkey/udfordring", headers=headers) for _ in range(ADRESSE.frie + 1)]
    assert [a.status_code for a in answers] == [200] * ADRESSE.frie + [429], "the two before are taken back"
    assert er_inde(ind(known, nøgle))


def test_where_passkeys_are_good_comes_from_the_settings_and_never_from_the_request(settings: Settings) -> None:
    drift = replace(settings, https=True, adresse="https://sager.example.dk")
    assert sted(drift, "https://ond.example/") == Sted("https://sager.example.dk", "sager.example.dk")
    assert sted(replace(drift, adresse=""), "https://sager.example.dk/") is None
    assert sted(replace(drift, adresse=""), "https://localhost/") is None
    assert sted(settings, "http://127.0.0.1:8080/") is None
    assert sted(settings, "http://localhost:8080/") == Sted("http://localhost:8080", "localhost")


def test_without_an_address_the_pages_offer_no_passkey(klient: Klienter, app: Flask) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], https=True)
    client = klient(ROLLE)
    assert "Passkey" not in client.get("/to-trin").text.partition("Tilføj")[2].partition("App med koder")[0]
    assert "passkey" not in klient(None).get("/log-ind").text
    assert client.get("/to-trin/passkey").location == "/to-trin"
    assert "Passkeys kan ikke bruges her endnu" in client.get("/to-trin").text
    assert client.send("/log-ind/passkey", {"svar": "{}"}).status_code == 404


JSON_ = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "x"]), inner, max_size=6
        )
    ),
    max_leaves=10,
)


def test_no_answer_whatever_crashes_anything(kontekst: Nøglekontekst, personale: Personale) -> None:
    her, me, mine = Sted("http://localhost", "localhost"), personale.brugere[ROLLE].id, new_id()
    good = json.loads(Nøgle().svar({"challenge": "AAAA"}))

    @given(
        st.text(max_size=200) | JSON_.map(json.dumps) | JSON_.map(lambda part: json.dumps(good | {"response": part}))
    )
    def refused(svar: str) -> None:
        with kontekst.session(Aktør()) as session:
            begynd(session, Trin.PASSKEY_IGEN, bruger_id=me, session_id=mine, data=b"x" * 64)
            with pytest.raises(PasskeyFejl):
                brug_passkey(session, her, svar, session_id=mine)
            begynd(session, Trin.PASSKEY_NY, bruger_id=me, session_id=mine, data=b"x" * 64)
            with pytest.raises(PasskeyFejl):
                registrér(session, her, me, mine, svar)

    refused()


def test_a_password_and_a_passkey_of_another_do_not_add_up(klient: Klienter) -> None:
    other = ny(klient(Rolle.INKASSO))
    ny(klient(ROLLE))
    client = klient(None)
    assert client.log_ind(NAVN, KODEORD).location == "/log-ind/kode"
    ind(client, other)
    assert "Testa Inkasso" in client.get("/sessioner").text, "she is who the passkey says, not who the password said"
