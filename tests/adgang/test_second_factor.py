"""Signing in with more than a password: codes from an app, recovery codes, setting both up, losing them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pyotp
import pytest
from flask import Flask
from sqlmodel import col, select

from rådgivning import create_app, database
from rådgivning.adgang.browser import limit_key
from rådgivning.adgang.factors import faktorer, nulstil
from rådgivning.adgang.limits import KODER, Forsøg, tæl_forsøg, tæl_kode
from rådgivning.adgang.models import (
    Bruger,
    BrugerFaktor,
    BrugerSession,
    Genoprettelseskode,
    Kladde,
    Mellemtrin,
)
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.recovery_codes import brug_hash, gem_sæt, hash_kode, nyt_sæt, salt_for
from rådgivning.adgang.steps import Trin, begynd, find
from rådgivning.adgang.totp import brug_kode, forsegl_frø
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Tampered
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import KODEORD, Klient, Personale

Klienter = Callable[[Rolle | None], Klient]
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FRØ = pyotp.random_base32()
ROLLE = Rolle.BEBOERRÅDGIVER
NAVN = str(ROLLE)
sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def gå(skridt: timedelta) -> None:
    """Let time pass since ten o'clock."""
    database.clock.read = lambda: START + skridt


def kode(frø: str = FRØ, skridt: int = 0) -> str:
    """What an app shows now, or some steps from now."""
    clock = pyotp.TOTP(frø)
    return clock.generate_otp(clock.timecode(now()) + skridt)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Every role of the contract must have a second factor, as in production."""
    return replace(settings, anden_faktor="skal", development=False)


@pytest.fixture
def bruger(kontekst: Nøglekontekst, personale: Personale) -> Bruger:
    """The beboerrådgiver, with an app."""
    med_app(kontekst, personale.brugere[ROLLE])
    return personale.brugere[ROLLE]


def med_app(kontekst: Nøglekontekst, bruger: Bruger, frø: str = FRØ) -> None:
    """Give a user an app."""
    with kontekst.session(Aktør()) as session:
        row = new_id()
        sealed = forsegl_frø(session, row, bruger.id, frø)
        session.add(BrugerFaktor(id=row, bruger_id=bruger.id, slags="totp", navn="Prøve", nøgle=sealed, oprettet=now()))
        session.commit()


def med_koder(kontekst: Nøglekontekst, bruger: Bruger) -> list[str]:
    """Give a user recovery codes."""
    sæt = nyt_sæt()
    with kontekst.session(Aktør()) as session:
        gem_sæt(session, bruger.id, sæt)
        session.commit()
    return sæt.koder


def er_inde(client: Klient) -> bool:
    """Whether the client is signed in."""
    return client.get("/sessioner").status_code == 200


def anledninger(kontekst: Nøglekontekst) -> list[str]:
    """The words of every refusal in the trail."""
    refused = col(Spor.handling).in_([Handling.AFVIST, Handling.LOG_IND_AFVIST])
    with kontekst.session(Aktør()) as session:
        return list(session.exec(select(Spor.anledning).where(refused).order_by(col(Spor.nr))).all())


def beskeder(kontekst: Nøglekontekst, slags: Slags) -> int:
    """How many notices of a kind there are."""
    with kontekst.session(Aktør()) as session:
        return len(session.exec(select(Besked).where(Besked.slags == slags)).all())


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
    for thread in threads:
        thread.join()
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
        for thread in threads:
            thread.join()
        found = find(session, Trin.APP, session_id=mine)
        assert found is not None
        assert found.data == b"to"
        assert sorted(session.exec(select(Genoprettelseskode.hash)).all()) == sorted(second.hasher)


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
@pytest.mark.parametrize("rolle", [r for r in Rolle if r is not Rolle.LEDER])
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
def test_the_leder_sees_no_person_and_may_sign_in_with_a_password(klient: Klienter) -> None:
    client = klient(None)
    client.log_ind("leder")
    assert er_inde(client)


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
    assert client.send("/to-trin/app", {"navn": "Telefonen", "kode": "000000"}).status_code == 422
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
    assert client.send(f"/to-trin/{mine}/fjern").status_code == 303
    assert client.send(f"/to-trin/{mine}/fjern").status_code == 404
    late = klient(None)
    late.log_ind(NAVN)
    assert late.send("/log-ind/kode", {"kode": kode(skridt=1)}).status_code == 422
    assert late.send("/log-ind/kode", {"kode": kode(seed, 1)}).status_code == 303


@sqlite
def test_databeskyttelse_resets_what_is_lost_and_the_old_password_is_worth_nothing_after(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    paper = med_koder(kontekst, bruger)[0]
    hers, dpo = klient(ROLLE), klient(Rolle.DATABESKYTTELSE)
    assert "Nulstil login i to trin" in dpo.get(f"/brugere/{bruger.id}").text
    gå(timedelta(minutes=16))
    assert dpo.send(f"/brugere/{bruger.id}/nulstil-to-trin").status_code == 403
    gå(timedelta())
    page = dpo.send(f"/brugere/{bruger.id}/nulstil-to-trin").text
    engangskode = re.search(r"<dd>([a-z2-9-]{19})</dd>", page)
    assert engangskode is not None
    assert not er_inde(hers)
    assert klient(None).log_ind(NAVN).status_code == 422
    new = klient(None)
    assert new.log_ind(NAVN, engangskode[1]).location == "/"
    assert new.get("/beboere").location == "/kodeord"
    assert new.send("/log-ind/kode", {"kode": paper}).location.startswith("/log-ind")
    assert beskeder(kontekst, Slags.ADGANG_ÆNDRET) == 1
    with kontekst.session(Aktør()) as session:
        assert faktorer(session, bruger.id) == []
        entries = session.exec(select(Spor).where(Spor.anledning == "login i to trin nulstillet")).all()
        assert [e.detaljer["fjernet"] for e in entries] == [1]


@sqlite
def test_nobody_resets_her_own_or_anothers_without_the_right(
    klient: Klienter, bruger: Bruger, personale: Personale
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    assert dpo.send(f"/brugere/{personale.brugere[Rolle.DATABESKYTTELSE].id}/nulstil-to-trin").status_code == 409
    for rolle in Rolle:
        if rolle is not Rolle.DATABESKYTTELSE:
            assert klient(rolle).send(f"/brugere/{bruger.id}/nulstil-to-trin").status_code == 403


@sqlite
def test_a_thousand_tries_from_elsewhere_do_not_keep_her_out_of_her_own_browser(
    klient: Klienter, bruger: Bruger, app: Flask, kontekst: Nøglekontekst
) -> None:
    home = klient(None)
    home.log_ind(NAVN)
    home.send("/log-ind/kode", {"kode": kode()})
    home.send("/log-ud")
    with app.app_context():
        nøgle = limit_key()
    with kontekst.session(Aktør()) as session:
        for n in range(1000):  # what log_ind and fortsæt count before they look at anything
            gå(timedelta(seconds=n * 5))
            place = "127.0.0.1" if n % 3 else f"198.51.100.{n % 250}"
            tæl_forsøg(session, Forsøg(nøgle, NAVN, place))
            tæl_kode(session, Forsøg(nøgle, NAVN, place), kort=True)
        session.commit()
    thief = klient(None)
    assert thief.log_ind(NAVN).status_code == 429
    assert home.log_ind(NAVN).status_code == 303
    assert home.send("/log-ind/kode", {"kode": kode()}).status_code == 303
    assert er_inde(home)


@sqlite
def test_guessing_six_digits_is_bounded_over_weeks_wherever_it_comes_from(
    kontekst: Nøglekontekst, bruger: Bruger, settings: Settings
) -> None:
    tried = 0
    with kontekst.session(Aktør()) as session:
        for hour in range(24 * 28):
            gå(timedelta(hours=hour))
            for n in range(3):
                forsøg = Forsøg(b"k" * 32, NAVN, f"198.51.{hour % 250}.{n}")
                tried += not tæl_kode(session, forsøg, kort=True)
        session.commit()
    assert tried <= KODER.antal + timedelta(days=28) / KODER.hver
    assert tried * 3 * 2 / 10**6 < 1 / 500, "three steps of two apps"


@sqlite
def test_when_no_six_digits_are_left_to_try_a_recovery_code_still_works(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst, app: Flask
) -> None:
    paper = med_koder(kontekst, bruger)[0]
    with app.app_context():
        nøgle = limit_key()
    with kontekst.session(Aktør()) as session:
        for n in range(KODER.antal):
            assert not tæl_kode(session, Forsøg(nøgle, NAVN, f"198.51.100.{n}"), kort=True)
        session.commit()
    client = klient(None)
    client.log_ind(NAVN)
    full = client.send("/log-ind/kode", {"kode": kode()})
    assert full.status_code == 429
    assert "Vent 144 minutter" in full.text
    assert client.send("/log-ind/kode", {"kode": paper}).status_code == 303


@sqlite
def test_a_password_alone_is_refused_as_a_setting_outside_development(settings: Settings) -> None:
    with pytest.raises(SettingsFejl, match="kun med --udvikling"):
        create_app(replace(settings, anden_faktor="kan"))
    with pytest.raises(SettingsFejl, match="skal være skal eller kan"):
        Settings.from_environment({"RAADGIVNING_ANDEN_FAKTOR": "nej"})


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
def test_a_reset_forgets_everything_of_the_user_and_nothing_of_others(
    kontekst: Nøglekontekst, bruger: Bruger, personale: Personale, settings: Settings
) -> None:
    other = personale.brugere[Rolle.INKASSO]
    med_app(kontekst, other)
    med_koder(kontekst, other)
    med_koder(kontekst, bruger)
    with kontekst.session(Aktør()) as session:
        session.info["settings"] = settings
        assert nulstil(session, session.get_one(Bruger, bruger.id)) == 1
        session.commit()
        left = [*session.exec(select(BrugerFaktor.bruger_id)), *session.exec(select(Genoprettelseskode.bruger_id))]
        assert left == [other.id] * 11


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
