"""The service users may sign in through: what it says about itself, where to send them, what it answers.

Code flow with PKCE, state and nonce; only the scope `openid`, since nothing but who she is and how she proved it is
needed. Nothing here touches the database. Needs the extra `oidc`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from urllib.parse import quote, urlencode

import requests
import urllib3.exceptions
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from rådgivning.adgang.oidc_http import gennem_døren
from rådgivning.adgang.oidc_setup import SVAR, UD, OidcFejl, OidcOpsætning, er_lokal, sikker_adresse
from rådgivning.adgang.oidc_tokens import Bevis, Forventet, læs_afmelding, læs_bevis
from rådgivning.database import now

GEMMES: Final = timedelta(hours=1)
IGEN: Final = timedelta(seconds=30)
PAUSE: Final = timedelta(seconds=10)
_TIMEOUT: Final = (5, 10)
_LARGEST: Final = 512 * 1024
_UNREACHABLE = (requests.RequestException, urllib3.exceptions.HTTPError, AuthlibBaseError, ValueError, OSError)


@dataclass(frozen=True)
class Anmodning:
    """The three secrets of one visit to the service, and whether it must ask her anew."""

    state: str
    nonce: str
    verifier: str
    frisk: bool = False


class Udbyder:
    """One service. What it says about itself and its keys is kept for an hour; an unknown key is asked for at once, but
    not twice in half a minute, so that forged tokens make us no nuisance to it. When it does not answer, it is left
    alone for ten seconds, so that those who click meanwhile do not all wait for it."""

    def __init__(self, opsætning: OidcOpsætning) -> None:
        self.opsætning = opsætning
        self._lock = Lock()
        self._metadata: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._silent: datetime | None = None

    def adresse(self, anmodning: Anmodning) -> str:
        """Where to send the browser."""
        asked = {
            "response_type": "code",
            "client_id": self.opsætning.klient,
            "redirect_uri": self.opsætning.adresse + SVAR,
            "scope": "openid",
            "state": anmodning.state,
            "nonce": anmodning.nonce,
            "code_challenge": create_s256_code_challenge(anmodning.verifier),
            "code_challenge_method": "S256",
        }
        if self.opsætning.acr:
            asked["acr_values"] = self.opsætning.acr
        if anmodning.frisk:
            asked |= {"prompt": "login", "max_age": "0"}
        return _with_query(self._endpoint("authorization_endpoint"), asked)

    def bevis(self, anmodning: Anmodning, svar: Mapping[str, str], siden: datetime) -> Bevis:
        """Exchange the code of an answer and read who she is. `siden`: when she was sent there. Raises OidcFejl."""
        self._right_service(svar.get("iss"))
        code = svar.get("code", "")
        if svar.get("error") or not code:
            raise OidcFejl("afbrudt hos tjenesten" if svar.get("error") == "access_denied" else "tjenesten sagde nej")
        token = self._exchange(code, anmodning.verifier)
        wanted = Forventet(
            self.opsætning, anmodning.nonce, siden if anmodning.frisk else None, token.get("access_token")
        )
        return læs_bevis(str(token.get("id_token", "")), wanted, self._key_set)

    def afmelding(self, token: str) -> tuple[str, str, str]:
        """Sub, sid and id of a logout token from the service. Raises OidcFejl."""
        return læs_afmelding(token, self.opsætning, self._key_set)

    def ud_adresse(self) -> str:
        """Where one signs out of the service itself; "" when it has no such page or cannot be asked."""
        try:
            url = str(self.metadata().get("end_session_endpoint", ""))
        except OidcFejl:
            return ""
        if not sikker_adresse(url, lokal=er_lokal(self.opsætning.udsteder)):
            return ""
        back = self.opsætning.adresse + UD
        return _with_query(url, {"client_id": self.opsætning.klient, "post_logout_redirect_uri": back})

    def metadata(self) -> Mapping[str, Any]:
        """What the service says about itself. Raises OidcFejl when it cannot be asked or is another one."""
        with self._lock:
            if self._metadata is None or now() - self._metadata[0] >= GEMMES:
                found = self._fetch(self.opsætning.udsteder.rstrip("/") + "/.well-known/openid-configuration")
                if found.get("issuer") != self.opsætning.udsteder:
                    raise OidcFejl("forkert udsteder i opslag", os=True)
                self._metadata = now(), found
            return self._metadata[1]

    def _key_set(self, kid: str | None, *, ny: bool = False) -> KeySet:
        """The service's keys, fetched anew when they are old, or when `ny` and the last time is not just now."""
        url = self._endpoint("jwks_uri")
        with self._lock:
            age = None if self._keys is None else now() - self._keys[0]
            if self._keys is None or age is None or age >= (IGEN if ny else GEMMES):
                try:
                    self._keys = now(), KeySet.import_key_set(self._fetch(url))  # type: ignore[arg-type]
                except (JoseError, KeyError, TypeError, AttributeError):
                    raise OidcFejl("tjenestens nøgler kan ikke læses", os=True) from None
            return self._keys[1]

    def _right_service(self, iss: str | None) -> None:
        """RFC 9207: an answer that says from whom it is must be from the one that was asked."""
        says = self.metadata().get("authorization_response_iss_parameter_supported") is True
        if (says or iss is not None) and iss != self.opsætning.udsteder:
            raise OidcFejl("svar fra en anden tjeneste")

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        methods = self.metadata().get("token_endpoint_auth_methods_supported", [])
        method, pair = "client_secret_post", (self.opsætning.klient, self.opsætning.hemmelighed)
        if method not in methods:  # RFC 6749, 2.3.1: in the header both are percent-encoded, which Authlib leaves to us
            method, pair = "client_secret_basic", (quote(pair[0], safe=""), quote(pair[1], safe=""))
        url = self._endpoint("token_endpoint")
        with OAuth2Session(*pair, method, redirect_uri=self.opsætning.adresse + SVAR) as client:
            gennem_døren(client, self.opsætning.udgang)
            try:
                token: Mapping[str, Any] = client.fetch_token(
                    url,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                )
            except AuthlibBaseError:
                raise OidcFejl("koden blev afvist") from None
            except _UNREACHABLE:
                raise OidcFejl("tjenesten svarer ikke", os=True) from None
        return token

    def _endpoint(self, name: str) -> str:
        url = str(self.metadata().get(name, ""))
        if not sikker_adresse(url, lokal=er_lokal(self.opsætning.udsteder)):
            raise OidcFejl("usikker adresse i opslag", os=True)
        return url

    def _fetch(self, url: str) -> dict[str, Any]:
        if self._silent is not None and now() - self._silent < PAUSE:
            raise OidcFejl("tjenesten svarer ikke", os=True)
        try:
            with (
                gennem_døren(requests.Session(), self.opsætning.udgang) as client,
                client.get(url, timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer,
            ):
                body = answer.raw.read(_LARGEST + 1, decode_content=True)
                found = json.loads(body) if answer.status_code == 200 and len(body) <= _LARGEST else None
        except _UNREACHABLE:
            found = None
        self._silent = None if isinstance(found, dict) else now()
        if not isinstance(found, dict):
            raise OidcFejl("tjenesten svarer ikke", os=True)
        return found


def _with_query(url: str, asked: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"
