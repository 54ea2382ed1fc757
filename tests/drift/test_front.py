"""The web server in front: the configuration that the verb writes, in the real nginx, before the real program."""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from rådgivning.adgang.models import BrugerSession
from rådgivning.adgang.permissions import Rolle
from rådgivning.drift.kommandoer import main
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import KODEORD, Personale
from tests.drift.front import NAVN, Browser, Foran, foran

GODE = ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256")


@pytest.fixture
def front(settings: Settings, kontekst: Nøglekontekst, personale: Personale, tmp_path: Path) -> Iterator[Foran]:
    """Both servers."""
    with foran(settings.instance, tmp_path / "foran") as running:
        yield running


def _client(front: Foran, version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> tuple[str, str]:
    """What comes of a client that speaks this version only: version and suite, or "afvist"."""
    kontekst = front.kontekst()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        kontekst.minimum_version = kontekst.maximum_version = version
    kontekst.set_ciphers(ciphers)
    try:
        with front.tls(kontekst) as sock:
            return sock.version() or "", (sock.cipher() or ("", "", 0))[0]
    except (ssl.SSLError, ConnectionResetError):
        return "afvist", ""


def _tls(front: Foran) -> None:
    v = ssl.TLSVersion
    assert [_client(front, one)[0] for one in (v.TLSv1, v.TLSv1_1)] == ["afvist", "afvist"]
    assert _client(front, v.TLSv1_3) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    with front.tls(front.kontekst()) as sock:
        assert sock.version() == "TLSv1.3"
    # the strongest first, also for a client that would rather have it the other way round
    assert _client(front, v.TLSv1_2, ":".join(reversed(GODE))) == ("TLSv1.2", GODE[0])
    for suite in GODE:
        assert _client(front, v.TLSv1_2, suite) == ("TLSv1.2", suite)
    for weak in ("ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-CCM", "NULL", "AES128-SHA"):
        assert _client(front, v.TLSv1_2, f"{weak}:@SECLEVEL=0")[0] == "afvist", weak
    with pytest.raises(ssl.SSLError):  # a name that is not ours is not even shown a certificate
        front.tls(front.kontekst(), "andre.example").close()


def _without_tls(front: Foran) -> None:
    for path in ("/", "/log-ind", "/beboere?side=2"):
        assert front.uden_tls("GET", path)[::2] == (301, f"https://{NAVN}:{front.https}{path}")
    for method, path in (
        ("POST", "/log-ind"),
        ("PUT", "/"),
        ("GET", "/kalender/hent/abc.ics"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/static/app.css"),
        ("POST", "/log-ind/oidc/afmeld"),
        ("GET", "/log-ind/oidc/svar?code=x"),
    ):
        assert front.uden_tls(method, path) == (403, "Brug https.\n", ""), path
    with pytest.raises(ConnectionError):
        front.uden_tls("GET", "/", host="andre.example")


def _headers(browser: Browser) -> None:
    assert browser.get("/log-ind")[0] == 200
    found = browser.hoveder
    names = [name for name, _value in found]
    for once in ("strict-transport-security", "content-security-policy", "cache-control", "x-content-type-options"):
        assert names.count(once) == 1, once
    said = dict(found)
    assert said["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert said["cache-control"] == "no-store"
    assert said["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert said["server"] == "nginx"
    assert "content-encoding" not in said
    cookies = [value for name, value in found if name == "set-cookie"]
    assert cookies
    assert all(c.startswith("__Host-") and "; Secure" in c and "Path=/" in c and "HttpOnly" in c for c in cookies)
    browser.get("/static/app.css")
    assert dict(browser.hoveder)["cache-control"] == "public, max-age=3600"


def test_the_whole_way_through_the_web_server_in_front(
    front: Foran, kontekst: Nøglekontekst, personale: Personale
) -> None:
    _tls(front)
    _without_tls(front)
    _headers(front.klient())
    assert stat.S_IMODE((front.mappe / "web.sock").stat().st_mode) == 0o660
    shutil.rmtree(front.mappe / "tmp")  # whatever nginx would put on the disk from now on fails
    _signs_in_from_where_she_is(front, kontekst)
    token = _feed(front, kontekst, personale)
    _too_large(front)
    os.killpg(front.server.pid, signal.SIGKILL)
    front.server.wait(60)
    browser = front.klient()
    status, text, _ = browser.get(f"/kalender/hent/{token}.ics?Zxq=hemmelig")
    assert (status, text) == (503, "Programmet svarer ikke lige nu. Prøv igen om lidt.\n")
    assert [dict(browser.hoveder).get(name) is not None for name in ("strict-transport-security", "cache-control")] == [
        True,
        True,
    ]
    log = front.log(sidste=" GET /kalender 503 502 ")
    assert " GET /kalender 503 502 " in log
    assert " POST /log-ind 303 " in log
    for secret in (token, "Zxq", "hemmelig", "127.0.0.1", "127.0.1.1", "9.9.9.9", "code=x", "Mozilla"):
        assert secret not in log, secret


def _signs_in_from_where_she_is(front: Foran, kontekst: Nøglekontekst) -> None:
    """The address is the connection's, whatever the browser claims."""
    forged = {
        "X_Forwarded_For": "9.9.9.9",
        "Forwarded": "for=9.9.9.9",
        "X_Real_IP": "9.9.9.9",
        "User_Agent": "Mozilla/5.0",
    }
    for fra in ("127.0.0.1", "127.0.1.1"):
        browser = front.klient(fra, **forged, X_Forwarded_Host="andre.example", X_Forwarded_Proto="http")
        origin = {"Origin": f"https://{NAVN}:{front.https}"}
        browser.send_med |= origin
        assert browser.log_ind("leder", KODEORD) == 303
        assert browser.get("/hjælp")[0] == 200
        assert any(name.startswith("__Host-raadgivning") for name in browser.cookies)
    stranger = front.klient("127.0.2.1", **forged)
    assert stranger.get("/findes-ikke")[0] in {303, 404}
    with Session(kontekst.engine) as session:
        nets = session.exec(select(BrugerSession.netværk).order_by(col(BrugerSession.oprettet))).all()
    assert list(nets) == ["127.0.0.x", "127.0.1.x"]


def _feed(front: Foran, kontekst: Nøglekontekst, personale: Personale) -> str:
    """A calendar's secret address works, and an upload as large as may be goes through memory alone."""
    from rådgivning.kalender.subscriptions import ny_adresse

    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        token = ny_adresse(session)
        session.commit()
    status, text, _ = front.klient().get(f"/kalender/hent/{token}.ics?Zxq=hemmelig")
    assert status == 200
    assert text.startswith("BEGIN:VCALENDAR")
    with Session(kontekst.engine) as session:
        refused = session.exec(select(Spor).where(Spor.handling == Handling.AFVIST, Spor.genstand == "kalender")).all()
    assert refused == []
    return token


def _too_large(front: Foran) -> None:
    browser = front.klient()
    browser.get("/log-ind")
    status, _text, _ = browser.post("/log-ind", {"brugernavn": "x" * (23 * 2**20), "kodeord": "y"})
    assert status in {413, 422, 400}
    assert "content-security-policy" in dict(browser.hoveder)
    status, text, _ = browser.request("POST", "/log-ind", "x" * (24 * 2**20 + 1))
    assert (status, text) == (413, "Filen er for stor. En forespørgsel må højst fylde 24 MB.\n")


def test_the_verb_refuses_what_would_not_work(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nginx = ["drift", "opsætning", "nginx"]
    assert main(nginx) == 2
    assert "--navn sager.example.dk" in capsys.readouterr().err
    assert main([*nginx, "--navn", "sager.example.dk", "--log", "/x; evil"]) == 2
    monkeypatch.setenv("RAADGIVNING_PROXYER", "2")
    assert main([*nginx, "--navn", "sager.example.dk"]) == 2
    assert "RAADGIVNING_PROXYER=1" in capsys.readouterr().err
    monkeypatch.setenv("RAADGIVNING_PROXYER", "1")
    monkeypatch.setenv("RAADGIVNING_ADRESSE", "https://sager.example.dk")
    assert main(nginx) == 0
    text = capsys.readouterr().out
    assert "/etc/letsencrypt/live/sager.example.dk/fullchain.pem" in text
    assert "listen [::]:443 ssl http2;" in text
    assert "proxy_set_header Host sager.example.dk;" in text
    assert "@" not in text.replace("@for_stor", "").replace("@nede", "")


def test_the_server_speaks_http_to_its_own_machine_only(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(settings.instance))
    for bind in ("0.0.0.0:8000", "[::]:8000", "10.0.0.5:80", "8000"):
        assert main(["start", "--bind", bind]) == 2
        assert "Serveren taler ukrypteret" in capsys.readouterr().err
