"""What the sign-in service answers is held against everything it must be; each lie has its own refusal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt

from rådgivning import database
from rådgivning.adgang.oidc import Anmodning, Udbyder
from rådgivning.adgang.oidc_setup import OidcFejl, OidcOpsætning, læs_oidc
from rådgivning.adgang.oidc_tokens import Bevis
from rådgivning.database import now
from rådgivning.settings import Settings, SettingsFejl
from tests.adgang.issuer import AFMELDING, HEMMELIGHED, KLIENT, Krav, Udsteder, ny_nøgle, udsteder_kører

ANMODNING = Anmodning("state-af-os", "nonce-af-os", "v" * 43)


@pytest.fixture
def udsteder() -> Iterator[Udsteder]:
    """The service."""
    with udsteder_kører() as made:
        yield made


@pytest.fixture
def udbyder(udsteder: Udsteder) -> Udbyder:
    """The service as the program knows it."""
    return Udbyder(opsætning(udsteder))


def opsætning(udsteder: Udsteder) -> OidcOpsætning:
    """Our side of it."""
    pairs = frozenset({("amr", "mfa"), ("loa", "Substantial"), ("loa", "High")})
    return OidcOpsætning(udsteder.adresse, KLIENT, "Prøve", "http://localhost", faktor=pairs, hemmelighed=HEMMELIGHED)


def svar(udbyder: Udbyder, anmodning: Anmodning = ANMODNING) -> dict[str, str]:
    """What the browser brings back."""
    gone = requests.get(udbyder.adresse(anmodning), allow_redirects=False, timeout=5)
    return {name: values[0] for name, values in parse_qs(urlsplit(gone.headers["Location"]).query).items()}


def bevis(udbyder: Udbyder, anmodning: Anmodning = ANMODNING) -> Bevis:
    """There and back."""
    return udbyder.bevis(anmodning, svar(udbyder, anmodning), now())


def test_who_she_is_comes_back_and_nothing_more_is_asked_for(udsteder: Udsteder, udbyder: Udbyder) -> None:
    udsteder.bruger = {"sub": "sub-1", "sid": "s-9", "email": "nogen@example.dk", "amr": ["pwd", "mfa"]}
    assert bevis(udbyder) == Bevis(udsteder.adresse, "sub-1", "sub-1", "s-9", anden_faktor=True)
    asked = udsteder.spurgt
    assert (asked["scope"], asked["code_challenge_method"], asked["nonce"]) == ("openid", "S256", ANMODNING.nonce)
    assert "v" * 43 not in asked.values()
    assert not {"prompt", "max_age", "acr_values"} & set(asked)


@pytest.mark.parametrize(
    ("claims", "given"),
    [
        ({"amr": ["pwd"]}, False),
        ({"amr": ["pwdmfa"]}, False),
        ({"loa": "Substantial"}, True),
        ({"loa": "Low"}, False),
        ({"acr": "mfa"}, False),
        ({}, False),
    ],
)
def test_the_second_factor_counts_only_where_the_settings_say_so(
    udsteder: Udsteder, udbyder: Udbyder, claims: Krav, given: bool
) -> None:
    udsteder.bruger = {"sub": "sub-1", **claims}
    assert bevis(udbyder).anden_faktor is given


def test_entra_knows_a_user_by_oid(udsteder: Udsteder) -> None:
    entra = Udbyder(replace(opsætning(udsteder), bruger="oid", acr="c1"))
    udsteder.bruger = {"sub": "par", "oid": "11111111-2222"}
    found = bevis(entra)
    assert (found.subjekt, found.sub) == ("11111111-2222", "par")
    assert udsteder.spurgt["acr_values"] == "c1"
    udsteder.bruger = {"sub": "par"}
    with pytest.raises(OidcFejl, match="mangler oid"):
        bevis(entra)


FORKERTE: list[tuple[Krav, str]] = [
    ({"aud": "en-anden"}, "forkert aud"),
    ({"aud": [KLIENT, "en-anden"], "azp": KLIENT}, "forkert aud"),
    ({"aud": None}, "forkert aud"),
    ({"azp": "en-anden"}, "forkert azp"),
    ({"iss": "https://login.example.dk"}, "forkert iss"),
    ({"iss": None}, "forkert iss"),
    ({"nonce": "en-andens"}, "forkert nonce"),
    ({"nonce": None}, "forkert nonce"),
    ({"exp": 1}, "forkert exp"),
    ({"exp": None}, "forkert exp"),
    ({"exp": float("nan")}, "forkert exp"),
    ({"iat": 1}, "forkert iat"),
    ({"iat": 10**12}, "forkert iat"),
    ({"nbf": 10**12}, "forkert nbf"),
    ({"sub": None}, "forkert sub"),
    ({"sub": 7}, "forkert sub"),
    ({"sub": ""}, "mangler sub"),
    ({"sub": "x" * 256}, "mangler sub"),
    ({"at_hash": "forkert"}, "forkert at_hash"),
    ({"amr": "mfa"}, "forkert amr"),
]


@pytest.mark.parametrize(("wrong", "årsag"), FORKERTE)
def test_a_token_with_a_wrong_claim_is_refused(udsteder: Udsteder, udbyder: Udbyder, wrong: Krav, årsag: str) -> None:
    udsteder.ret = lambda claims: claims | wrong
    with pytest.raises(OidcFejl, match=årsag) as refused:
        bevis(udbyder)
    assert not refused.value.os


def _unsigned(_udsteder: Udsteder, claims: Krav, **header: str) -> str:
    parts = [{"alg": "none", **header}, claims]
    head, body = (base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts)
    return f"{head}.{body}."


def _hmac(udsteder: Udsteder, claims: Krav) -> str:
    """Signed with what everybody knows: the public key, taken for a shared secret."""
    head, body = _unsigned(udsteder, claims, alg="HS256", kid="første").split(".")[:2]
    mac = hmac.digest(udsteder.nøgler[0].as_pem(private=False), f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _stranger(_udsteder: Udsteder, claims: Krav) -> str:
    return jwt.encode({"alg": "RS256", "kid": "første"}, claims, ny_nøgle("første"))


def _another_kid(_udsteder: Udsteder, claims: Krav) -> str:
    return jwt.encode({"alg": "RS256", "kid": "ukendt"}, claims, ny_nøgle("ukendt"))


def _changed(udsteder: Udsteder, claims: Krav) -> str:
    head, _body, signature = udsteder.signér(claims).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "en anden"}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    ("sign", "årsag"),
    [
        (_unsigned, "forkert signatur"),
        (_hmac, "forkert signatur"),
        (_stranger, "forkert signatur"),
        (_another_kid, "ukendt nøgle"),
        (_changed, "forkert signatur"),
        (lambda _u, _c: "ikke et token", "forkert signatur"),
        (lambda _u, _c: "", "forkert signatur"),
    ],
)
def test_a_token_that_is_not_signed_by_the_service_is_refused(
    udsteder: Udsteder, udbyder: Udbyder, sign: Callable[[Udsteder, Krav], str], årsag: str
) -> None:
    udsteder.underskriv = lambda claims: sign(udsteder, claims)
    with pytest.raises(OidcFejl, match=årsag):
        bevis(udbyder)


def test_a_new_key_of_the_services_is_fetched_once_and_not_again_at_once(udsteder: Udsteder, udbyder: Udbyder) -> None:
    start = now()
    bevis(udbyder)
    assert udsteder.hentet.count("/jwks_uri") == 1
    database.clock.read = lambda: start + timedelta(minutes=1)
    udsteder.nøgler.append(ny_nøgle("anden"))
    assert bevis(udbyder).sub == "sub-1"
    assert udsteder.hentet.count("/jwks_uri") == 2
    udsteder.underskriv = lambda claims: _another_kid(udsteder, claims)
    for _ in range(3):
        with pytest.raises(OidcFejl, match="ukendt nøgle"):
            bevis(udbyder)
    assert udsteder.hentet.count("/jwks_uri") == 2
    udsteder.underskriv = udsteder.signér
    udsteder.nøgler = [ny_nøgle("tredje")]
    database.clock.read = lambda: start + timedelta(hours=2)
    assert bevis(udbyder).sub == "sub-1"
    assert udsteder.hentet.count("/.well-known/openid-configuration") == 2


def test_a_code_is_used_once_and_only_with_the_secret_it_was_begun_with(udsteder: Udsteder, udbyder: Udbyder) -> None:
    back = svar(udbyder)
    with pytest.raises(OidcFejl, match="koden blev afvist"):
        udbyder.bevis(replace(ANMODNING, verifier="w" * 43), back, now())
    back = svar(udbyder)
    assert udbyder.bevis(ANMODNING, back, now()).sub == "sub-1"
    with pytest.raises(OidcFejl, match="koden blev afvist"):
        udbyder.bevis(ANMODNING, back, now())
    udsteder.opslag = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert bevis(Udbyder(opsætning(udsteder))).sub == "sub-1"
    stranger = Udbyder(replace(opsætning(udsteder), hemmelighed="gættet"))
    with pytest.raises(OidcFejl, match="koden blev afvist"):
        bevis(stranger)


def test_an_answer_from_another_service_is_not_exchanged(udsteder: Udsteder, udbyder: Udbyder) -> None:
    udsteder.svar = {"iss": "https://angriber.example"}
    with pytest.raises(OidcFejl, match="svar fra en anden tjeneste"):
        bevis(udbyder)
    udsteder.svar = {"iss": udsteder.adresse}
    assert bevis(udbyder).sub == "sub-1"
    udsteder.svar, udsteder.opslag = {}, {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(OidcFejl, match="svar fra en anden tjeneste"):
        bevis(Udbyder(opsætning(udsteder)))


@pytest.mark.parametrize(
    ("opslag", "årsag"),
    [
        ({"issuer": "https://login.example.dk"}, "forkert udsteder"),
        ({"token_endpoint": "http://192.0.2.1/token"}, "usikker adresse"),
        ({"token_endpoint": "file:///etc/passwd"}, "usikker adresse"),
        ({"jwks_uri": ""}, "usikker adresse"),
        ({"jwks_uri": "http://127.0.0.1:9/"}, "svarer ikke"),
    ],
)
def test_a_service_that_says_what_cannot_be_is_not_used(udsteder: Udsteder, opslag: Krav, årsag: str) -> None:
    udsteder.opslag = opslag
    with pytest.raises(OidcFejl, match=årsag) as refused:
        bevis(Udbyder(opsætning(udsteder)))
    assert refused.value.os


def test_a_service_that_does_not_answer_is_told_apart_from_one_that_refuses(udsteder: Udsteder) -> None:
    gone = Udbyder(replace(opsætning(udsteder), udsteder="http://127.0.0.1:9"))
    with pytest.raises(OidcFejl, match="svarer ikke") as refused:
        gone.adresse(ANMODNING)
    assert refused.value.os
    assert gone.ud_adresse() == ""


def test_an_answer_that_cannot_be_unpacked_is_none(udsteder: Udsteder, udbyder: Udbyder) -> None:
    udsteder.pakning = "gzip"
    with pytest.raises(OidcFejl, match="svarer ikke") as refused:
        udbyder.adresse(ANMODNING)
    assert refused.value.os


def test_a_service_that_was_silent_is_not_asked_again_at_once(udsteder: Udsteder, udbyder: Udbyder) -> None:
    start, path = now(), "/.well-known/openid-configuration"
    udsteder.nede = True
    for _ in range(3):
        with pytest.raises(OidcFejl, match="svarer ikke"):
            udbyder.adresse(ANMODNING)
    assert udsteder.hentet.count(path) == 1
    udsteder.nede = False
    database.clock.read = lambda: start + timedelta(seconds=11)
    assert bevis(udbyder).sub == "sub-1"


@pytest.mark.parametrize(
    ("answer", "årsag"),
    [({"error": "access_denied"}, "afbrudt"), ({"error": "server_error"}, "sagde nej"), ({}, "sagde nej")],
)
def test_without_a_code_there_is_nothing_to_exchange(udbyder: Udbyder, answer: dict[str, str], årsag: str) -> None:
    with pytest.raises(OidcFejl, match=årsag):
        udbyder.bevis(ANMODNING, answer, now())


def test_a_fresh_proof_wants_a_sign_in_that_is_newer_than_the_question(udsteder: Udsteder, udbyder: Udbyder) -> None:
    fresh = replace(ANMODNING, frisk=True)
    assert bevis(udbyder, fresh).sub == "sub-1"
    assert (udsteder.spurgt["prompt"], udsteder.spurgt["max_age"]) == ("login", "0")
    old = int((now() - timedelta(minutes=5)).timestamp())
    for auth_time, årsag in ((old, "ikke bekræftet igen"), (None, "mangler auth_time"), ("nu", "auth_time")):
        udsteder.bruger = {"sub": "sub-1", "auth_time": auth_time}
        with pytest.raises(OidcFejl, match=årsag):
            bevis(udbyder, fresh)


def test_clocks_may_differ_by_a_minute_and_no_more(udsteder: Udsteder, udbyder: Udbyder) -> None:
    start = now()
    for seconds, taken in ((50, True), (70, False)):
        udsteder.ret = lambda claims, s=seconds: claims | {"iat": claims["iat"] + s}  # type: ignore[misc]
        if taken:
            assert bevis(udbyder).sub == "sub-1"
        else:
            with pytest.raises(OidcFejl, match="forkert iat"):
                bevis(udbyder)
    udsteder.ret = lambda claims: claims
    back = svar(udbyder)
    database.clock.read = lambda: start + timedelta(seconds=350)
    assert udbyder.bevis(ANMODNING, back, start).sub == "sub-1"
    database.clock.read = lambda: start
    back = svar(udbyder)
    database.clock.read = lambda: start + timedelta(seconds=370)
    with pytest.raises(OidcFejl, match="forkert exp"):
        udbyder.bevis(ANMODNING, back, start)


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": "JWT"},
        {"events": {}},
        {"events": {AFMELDING: "ja"}},
        {"nonce": "n"},
        {"jti": None},
        {"sub": None},
        {"aud": "en-anden"},
        {"iss": "https://login.example.dk"},
        {"iat": 1},
        {"exp": None},
    ],
)
def test_a_logout_token_must_be_one(udsteder: Udsteder, udbyder: Udbyder, changed: Krav) -> None:
    assert udbyder.afmelding(udsteder.afmelding(sub="sub-1"))[:2] == ("sub-1", "")
    with pytest.raises(OidcFejl):
        udbyder.afmelding(udsteder.afmelding(**{"sub": "sub-1", **changed}))


def test_an_id_token_is_no_logout_token(udsteder: Udsteder, udbyder: Udbyder) -> None:
    at = int(datetime(2026, 11, 20, 9, 0, tzinfo=UTC).timestamp())
    claims = {
        "iss": udsteder.adresse,
        "aud": KLIENT,
        "sub": "sub-1",
        "iat": at,
        "exp": at + 60,
        "nonce": "n",
        "jti": "1",
    }
    with pytest.raises(OidcFejl, match="ikke en afmelding"):
        udbyder.afmelding(udsteder.signér(claims))


RIGTIG = {
    "RAADGIVNING_ADRESSE": "https://sager.example.dk",
    "RAADGIVNING_OIDC_UDSTEDER": "https://login.example.dk/x/v2.0",
    "RAADGIVNING_OIDC_KLIENT": "abc",
    "RAADGIVNING_OIDC_FAKTOR": "amr=mfa https://data.gov.dk/concept/core/nsis/loa=Substantial",
}


def test_the_settings_are_read_and_the_secret_comes_from_a_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("oidc")
    (folder / "raadgivning.oidc").write_text("hemmelig\n", encoding="utf-8")
    found = læs_oidc(Settings.from_environment(RIGTIG | {"CREDENTIALS_DIRECTORY": str(folder)}, folder))
    assert found is not None
    assert (found.hemmelighed, found.bruger, found.navn) == ("hemmelig", "sub", "jeres organisation")
    assert ("https://data.gov.dk/concept/core/nsis/loa", "Substantial") in found.faktor
    assert "hemmelig" not in repr(found)
    assert læs_oidc(Settings.from_environment({}, folder)) is None


@pytest.mark.parametrize(
    ("name", "value", "besked"),
    [
        ("RAADGIVNING_OIDC_UDSTEDER", "http://login.example.dk", "RAADGIVNING_OIDC_UDSTEDER skal"),
        ("RAADGIVNING_OIDC_KLIENT", "", "RAADGIVNING_OIDC_KLIENT mangler"),
        ("RAADGIVNING_OIDC_HEMMELIGHED_FIL", "", "HEMMELIGHED_FIL mangler"),
        ("RAADGIVNING_OIDC_HEMMELIGHED_FIL", "/findes/ikke", "kan ikke læses"),
        ("RAADGIVNING_OIDC_BRUGER", "email", "sub eller oid"),
        ("RAADGIVNING_OIDC_FAKTOR", "mfa", "felt=værdi"),
        ("RAADGIVNING_ADRESSE", "", "RAADGIVNING_ADRESSE skal"),
        ("RAADGIVNING_ADRESSE", "http://sager.example.dk", "RAADGIVNING_ADRESSE skal"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str, besked: str
) -> None:
    folder = tmp_path_factory.mktemp("oidc")
    file = folder / "hemmelighed"
    file.write_text("hemmelig", encoding="utf-8")
    environ = RIGTIG | {"RAADGIVNING_OIDC_HEMMELIGHED_FIL": str(file)} | {name: value}
    with pytest.raises(SettingsFejl, match=besked):
        læs_oidc(Settings.from_environment(environ, folder))
