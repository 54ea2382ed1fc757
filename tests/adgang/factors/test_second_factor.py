"""Signing in with more than a password: a code after it, and nothing for half of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pyotp
import pytest
from flask import Flask
from sqlmodel import select

from rådgivning import create_app
from rådgivning.adgang.factors import faktorer
from rådgivning.adgang.models import (
    Bruger,
    BrugerFaktor,
    BrugerSession,
    Kladde,
    Mellemtrin,
)
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.recovery_codes import brug_hash, hash_kode, salt_for
from rådgivning.adgang.totp import brug_kode
from rådgivning.beskeder.kinds import Slags
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Tampered
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor.trail import Aktør
from tests.adgang.factors.cases import (
    FRØ,
    NAVN,
    START,
    Klienter,
    anledninger,
    beskeder,
    er_inde,
    gå,
    kode,
    med_app,
    med_koder,
    sqlite,
)
from tests.conftest import Personale
from tests.limit import vent_på


def test_password_and_code_sign_in_and_neither_alone_does(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    client = klient(None)
    half = client.log_ind(NAVN)
    assert (half.status_code, half.location) == (303, "/log-ind/kode")
    assert client.get_cookie("raadgivning") is None
    assert not er_inde(client)
    for sti in ("/", "/beboere", "/to-trin", "/kodeord", "/bekræft"):
        assert client.get(sti).location.startswith("/log-ind?"), sti
    assert client.send("/log-ind/kode", {"kode": "000000"}).status_code == 422
    assert client.send("/log-ind/kode", {}).status_code == 422
    now_ = kode()
    done = client.send("/log-ind/kode?næste=/sessioner", {"kode": f"{now_[:3]} {now_[3:]}"})
    assert (done.status_code, done.location) == (303, "/sessioner")
    assert er_inde(client)
    with kontekst.session(Aktør()) as session:
        row = session.exec(select(BrugerSession)).one()
        assert (row.faktor, row.bevist) == ("totp", START)
        assert session.exec(select(Mellemtrin)).all() == []
    stranger = klient(None)
    assert stranger.send("/log-ind/kode", {"kode": kode(skridt=1)}).location.startswith("/log-ind")
    assert not er_inde(stranger)
    assert "forkert kode" in anledninger(kontekst)


@sqlite
def test_the_first_page_says_the_same_whether_she_has_a_factor_or_not(klient: Klienter, bruger: Bruger) -> None:
    with_, without, unknown = klient(None), klient(None), klient(None)
    pages = [c.log_ind(navn, "forkert").text for c, navn in ((with_, NAVN), (without, "leder"), (unknown, "ingen"))]
    strip = [re.sub(r'(value|content)="[^"]*"', "", page) for page in pages]
    assert strip[0] == strip[1] == strip[2]


@sqlite
def test_a_code_works_once_and_one_step_late_or_early(klient: Klienter, bruger: Bruger) -> None:
    used = kode()
    client = klient(None)
    client.log_ind(NAVN)
    assert client.send("/log-ind/kode", {"kode": used}).status_code == 303
    again = klient(None)
    again.log_ind(NAVN)
    for old in (used, kode(skridt=-1)):
        assert again.send("/log-ind/kode", {"kode": old}).status_code == 422, "also an earlier code than the last used"
    assert again.send("/log-ind/kode", {"kode": kode(skridt=2)}).status_code == 422
    assert again.send("/log-ind/kode", {"kode": kode(skridt=1)}).status_code == 303
    gå(timedelta(minutes=2))
    late = klient(None)
    late.log_ind(NAVN)
    assert late.send("/log-ind/kode", {"kode": kode(skridt=-2)}).status_code == 422
    assert late.send("/log-ind/kode", {"kode": kode(skridt=-1)}).status_code == 303


def test_of_many_at_once_with_one_code_one_gets_in(kontekst: Nøglekontekst, bruger: Bruger) -> None:
    paper = med_koder(kontekst, bruger)[0]
    with kontekst.session(Aktør()) as session:
        hashed = hash_kode(paper, salt_for(session, bruger.id))
    digits, won = kode(), []

    def use() -> None:
        with kontekst.session(Aktør()) as session:
            won.append(brug_kode(session, bruger.id, digits) is not None)
            session.commit()
            won.append(brug_hash(session, bruger.id, hashed))
            session.commit()

    threads = [Thread(target=use) for _ in range(5)]
    for thread in threads:
        thread.start()
    vent_på(threads)
    assert (len(won), won.count(True)) == (10, 2)


@sqlite
def test_half_a_sign_in_ends_after_five_minutes_or_five_wrong_codes_and_she_hears_of_it(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    client = klient(None)
    client.log_ind(NAVN)
    gå(timedelta(minutes=5))
    assert client.get("/log-ind/kode").status_code == 303
    assert client.send("/log-ind/kode", {"kode": kode()}).location == "/log-ind"
    assert "Begynd forfra med din adgangskode" in client.get("/log-ind").text
    client.log_ind(NAVN)
    answers = [client.send("/log-ind/kode", {"kode": "000000"}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 303]
    assert beskeder(kontekst, Slags.ADGANG_FORSØG) == 1
    assert client.send("/log-ind/kode", {"kode": kode()}).location == "/log-ind"
    assert not er_inde(client)


@sqlite
def test_she_hears_of_five_wrong_codes_also_when_the_password_is_given_in_between(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    client = klient(None)
    for wrong, told in ((4, 0), (1, 1)):
        client.log_ind(NAVN)
        for _ in range(wrong):
            assert client.send("/log-ind/kode", {"kode": "000000"}).status_code == 422
        assert beskeder(kontekst, Slags.ADGANG_FORSØG) == told
    gå(timedelta(minutes=2))
    client.log_ind(NAVN)
    assert client.send("/log-ind/kode", {"kode": kode()}).status_code == 303
    client.send("/log-ud")
    client.log_ind(NAVN)
    assert [client.send("/log-ind/kode", {"kode": "000000"}).status_code for _ in range(4)] == [422] * 4
    assert beskeder(kontekst, Slags.ADGANG_FORSØG) == 1, "a right code begins the count anew"


@sqlite
def test_half_a_sign_in_is_worth_nothing_once_she_is_blocked_or_has_another_password(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst, app: Flask
) -> None:
    dpo, client = klient(Rolle.DATABESKYTTELSE), klient(None)
    client.log_ind(NAVN)
    dpo.send(f"/brugere/{bruger.id}/nyt-kodeord")
    assert client.send("/log-ind/kode", {"kode": kode()}).location == "/log-ind"
    assert client.log_ind(NAVN).status_code == 422
    other = klient(None)
    engangskode = re.search(r"<dd>([a-z2-9-]{19})</dd>", dpo.send(f"/brugere/{bruger.id}/nyt-kodeord").text)
    assert engangskode is not None
    other.log_ind(NAVN, engangskode[1])
    dpo.send(f"/brugere/{bruger.id}/spær")
    assert other.send("/log-ind/kode", {"kode": kode()}).location == "/log-ind"
    assert not er_inde(other)


@sqlite
def test_another_users_codes_open_nothing(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst, personale: Personale
) -> None:
    other = personale.brugere[Rolle.INKASSO]
    frø = pyotp.random_base32()
    med_app(kontekst, other, frø)
    hers = med_koder(kontekst, other)[0]
    client = klient(None)
    client.log_ind(NAVN)
    assert client.send("/log-ind/kode", {"kode": kode(frø)}).status_code == 422
    assert client.send("/log-ind/kode", {"kode": hers}).status_code == 422
    assert not er_inde(client)


@sqlite
def test_a_seed_brought_to_another_row_or_user_does_not_open(
    kontekst: Nøglekontekst, bruger: Bruger, personale: Personale
) -> None:
    with kontekst.session(Aktør()) as session:
        mine = faktorer(session, bruger.id)[0]
        assert FRØ.encode() not in mine.nøgle
        other = personale.brugere[Rolle.INKASSO].id
        moved = BrugerFaktor(bruger_id=other, slags="totp", navn="x", nøgle=mine.nøgle, oprettet=now())
        session.add(moved)
        session.flush()
        with pytest.raises(Tampered):
            brug_kode(session, other, kode())


@sqlite
@pytest.mark.parametrize("rolle", list(Rolle))
def test_without_a_factor_she_gets_nowhere_but_to_set_one_up(klient: Klienter, app: Flask, rolle: Rolle) -> None:
    client = klient(None)
    assert client.log_ind(str(rolle)).status_code == 303
    free = {"/to-trin", "/to-trin/app", "/to-trin/passkey", "/kodeord", "/bekræft"}
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or rule.rule in free:
            continue
        answer = client.get(rule.rule)
        if rule.rule in {"/log-ind", "/healthz", "/readyz", "/log-ind/kode"} or rule.rule.startswith("/log-ind/oidc"):
            continue
        assert answer.status_code in {303, 403, 404}, rule.rule
        assert answer.status_code != 303 or answer.location == "/to-trin", rule.rule
    page = client.get("/to-trin").text
    assert "Sæt login i to trin op" in page
    assert "Hovednavigation" not in page
    assert client.send("/log-ud").status_code == 303


@sqlite
def test_a_password_alone_is_refused_as_a_setting_outside_development(settings: Settings) -> None:
    with pytest.raises(SettingsFejl, match="kun med --udvikling"):
        create_app(replace(settings, anden_faktor="kan"))
    with pytest.raises(SettingsFejl, match="skal være skal eller kan"):
        Settings.from_environment({"RAADGIVNING_ANDEN_FAKTOR": "nej"})


@sqlite
def test_a_session_without_its_factor_leaves_no_draft_when_it_ends(
    klient: Klienter, personale: Personale, kontekst: Nøglekontekst
) -> None:
    client = klient(None)
    client.log_ind(NAVN)
    token = client.csrf()
    gå(timedelta(hours=2))
    assert client.post("/kontakter/ny", data={"csrf_token": token, "notat": "Zxq"}).status_code == 303
    with kontekst.session(Aktør()) as session:
        assert session.exec(select(Kladde)).all() == []
