"""A little sign-in service of our own: a real HTTP server on this machine that signs real tokens, right or wrong ones.

It does what a service does: says what it is, sends the browser back with a code, exchanges the code once for the one
who can prove that the way began with it, and signs with a key it may change. What a test wants wrong, it sets.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from rådgivning.database import now

Krav = dict[str, Any]
KLIENT = "raadgivning:prøve"
HEMMELIGHED = "en hemmelighed: med/tegn+"
AFMELDING = "http://schemas.openid.net/event/backchannel-logout"


def ny_nøgle(kid: str) -> RSAKey:
    """A signing key."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


class Udsteder:
    """One service. `bruger` are the claims of whoever signs in next; `ret` may change every ID token's claims,
    `underskriv` is how it is signed, `opslag` and `svar` change what it says about itself and sends back, `nede` has
    it say nothing, `pakning` has it say that it packed what it did not."""

    def __init__(self) -> None:
        self.nøgler = [ny_nøgle("første")]
        self.bruger: Krav = {"sub": "sub-1"}
        self.ret: Callable[[Krav], Krav] = lambda claims: claims
        self.underskriv: Callable[[Krav], str] = self.signér
        self.opslag: Krav = {}
        self.svar: dict[str, str] = {}
        self.nede = False
        self.pakning = "identity"
        self.hentet: list[str] = []
        self.spurgt: Krav = {}
        self._codes: dict[str, Krav] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.adresse = f"http://127.0.0.1:{self._server.server_port}"

    def signér(self, claims: Krav, **header: Any) -> str:
        """A token signed with the newest key."""
        key = self.nøgler[-1]
        return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, claims, key, default_type=None)

    def afmelding(self, **changed: Any) -> str:
        """A logout token; `typ` changes its header."""
        typ = changed.pop("typ", "logout+jwt")
        at = int(now().timestamp())
        claims = {
            "iss": self.adresse, "aud": KLIENT, "iat": at, "exp": at + 120, "jti": secrets.token_hex(8),
            "events": {AFMELDING: {}}, **changed,
        }  # fmt: skip
        return self.signér({k: v for k, v in claims.items() if v is not None}, typ=typ)

    def stands(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def start(self) -> None:
        """Serve until stopped."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def om_sig_selv(self) -> Krav:
        """The discovery document."""
        own = {name: f"{self.adresse}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        return {"issuer": self.adresse, **own, "end_session_endpoint": f"{self.adresse}/ud", **self.opslag}

    def log_ind(self, spurgt: Krav) -> str:
        """The way back for a browser that came to sign in."""
        self.spurgt = spurgt
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**spurgt, "bruger": dict(self.bruger), "at": int(now().timestamp())}
        back = {"code": code, "state": spurgt["state"], **self.svar}
        return f"{spurgt['redirect_uri']}?{urlencode(back)}"

    def indløs(self, asked: Krav, authorization: str) -> Krav:
        """The answer of the token endpoint; an error for a code used before, or by somebody else."""
        begun = self._codes.pop(asked.get("code", ""), None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = begun is not None and begun["code_challenge"] == challenge
        if not right or begun is None or not _is_client(authorization, asked):
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.adresse, "aud": KLIENT, "iat": begun["at"], "exp": begun["at"] + 300,
            "nonce": begun["nonce"], "auth_time": begun["at"], **begun["bruger"],
        }  # fmt: skip
        claims = {name: value for name, value in self.ret(claims).items() if value is not None}
        return {"access_token": "adgang", "token_type": "Bearer", "id_token": self.underskriv(claims)}


def _is_client(authorization: str, asked: Krav) -> bool:
    if not authorization:
        return (asked.get("client_id"), asked.get("client_secret")) == (KLIENT, HEMMELIGHED)
    name, _colon, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    return (unquote(name), unquote(secret)) == (KLIENT, HEMMELIGHED)


def _handler(udsteder: Udsteder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path)
            udsteder.hentet.append(path.path)
            if udsteder.nede:
                self._answer(503, {})
            elif path.path == "/authorization_endpoint":
                asked = {name: values[0] for name, values in parse_qs(path.query).items()}
                self._answer(302, {}, udsteder.log_ind(asked))
            elif path.path == "/jwks_uri":
                self._answer(200, {"keys": [key.as_dict(private=False) for key in udsteder.nøgler]})
            elif path.path == "/.well-known/openid-configuration":
                self._answer(200, udsteder.om_sig_selv())
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            answer = udsteder.indløs(asked, self.headers.get("Authorization", ""))
            self._answer(400 if "error" in answer else 200, answer)

        def _answer(self, status: int, body: Krav, location: str = "") -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Encoding", udsteder.pakning)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: object) -> None:
            pass

    return Handler


@contextmanager
def udsteder_kører() -> Iterator[Udsteder]:
    """A service for as long as a test runs."""
    udsteder = Udsteder()
    udsteder.start()
    yield udsteder
    udsteder.stands()
