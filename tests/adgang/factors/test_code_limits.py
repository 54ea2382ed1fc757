"""Guessing codes is bounded over weeks, and keeps nobody out of her own browser."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from rådgivning.adgang.browser import limit_key
from rådgivning.adgang.limits import KODER, Forsøg, tæl_forsøg, tæl_kode
from rådgivning.adgang.models import (
    Bruger,
)
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.adgang.factors.cases import (
    NAVN,
    Klienter,
    er_inde,
    gå,
    kode,
    med_koder,
    sqlite,
)


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
