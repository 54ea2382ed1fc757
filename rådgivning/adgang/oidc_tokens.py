"""Reading what the service signed: its ID token and its logout token, and every reason to refuse one.

Signatures of public keys only: a token signed with a shared secret, or not at all, is nobody's. Needs the extra `oidc`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from rådgivning.adgang.oidc_setup import OidcFejl, OidcOpsætning
from rådgivning.database import now

ALGORITMER: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
SKÆVT: Final = 60
"""Seconds that the service's clock and ours may differ."""
ALDER: Final = 600
"""Seconds from when a token was issued until it is no longer taken."""
AFMELDING: Final = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST: Final = 255
_CLAIMS: Final = frozenset(
    {"iss", "sub", "aud", "azp", "exp", "nbf", "iat", "nonce", "at_hash", "auth_time", "amr", "jti"}
)


class Nøgler(Protocol):
    """Gives the service's keys, with `ny` fetched again."""

    def __call__(self, kid: str | None, *, ny: bool = False) -> KeySet:
        """The keys."""
        ...


@dataclass(frozen=True)
class Forventet:
    """What an ID token is held against. `frisk_siden`: she must have signed in at the service after that."""

    opsætning: OidcOpsætning
    nonce: str
    frisk_siden: datetime | None = None
    access_token: str | None = None


@dataclass(frozen=True)
class Bevis:
    """What the service vouches for. `subjekt` is by what a user is known here, `sub` and `sid` what it says when she
    signs out there; `anden_faktor`: whether one of the settings' claims says that she gave more than a password."""

    udsteder: str
    subjekt: str
    sub: str
    sid: str
    anden_faktor: bool


def læs_bevis(token: str, forventet: Forventet, nøgler: Nøgler) -> Bevis:
    """Check an ID token whole. Raises OidcFejl with the reason."""
    opsætning = forventet.opsætning
    header, claims = _open(token, nøgler)
    _claims(header, claims, opsætning, forventet)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), forventet.nonce.encode()):
        raise OidcFejl("forkert nonce")
    if forventet.frisk_siden is not None:
        _fresh(claims.get("auth_time"), forventet.frisk_siden)
    subject, sub = claims.get(opsætning.bruger), claims.get("sub")
    if not isinstance(subject, str) or not isinstance(sub, str) or not 0 < len(subject) <= _LONGEST:
        raise OidcFejl(f"mangler {opsætning.bruger}")
    second = any(value in _values(claims.get(claim)) for claim, value in opsætning.faktor)
    return Bevis(opsætning.udsteder, subject, sub, str(claims.get("sid", "")), second)


def læs_afmelding(token: str, opsætning: OidcOpsætning, nøgler: Nøgler) -> tuple[str, str, str]:
    """Sub, sid and jti of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). Raises OidcFejl."""
    header, claims = _open(token, nøgler)
    if str(header.get("typ", "")).lower().removeprefix("application/") != "logout+jwt":
        raise OidcFejl("ikke en afmelding")
    _claims(header, {"sub": "", **claims}, opsætning, None)
    events, sub, sid, jti = (claims.get(name) for name in ("events", "sub", "sid", "jti"))
    if not isinstance(events, dict) or not isinstance(events.get(AFMELDING), dict) or "nonce" in claims:
        raise OidcFejl("ikke en afmelding")
    if not isinstance(jti, str) or not jti or not (sub or sid):
        raise OidcFejl("ikke en afmelding")
    return str(sub or ""), str(sid or ""), jti


def _open(token: str, nøgler: Nøgler) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Header and claims of a token with a right signature; an unknown key is looked for once more."""
    try:
        try:
            return _decode(token, nøgler, ny=False)
        except InvalidKeyIdError:
            return _decode(token, nøgler, ny=True)
    except InvalidKeyIdError:
        raise OidcFejl("ukendt nøgle") from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise OidcFejl("forkert signatur") from None


def _decode(token: str, nøgler: Nøgler, *, ny: bool) -> tuple[Mapping[str, Any], dict[str, Any]]:
    registry = JWSRegistry(algorithms=ALGORITMER, strict_check_header=False)

    def key(signed: Any) -> RSAKey | ECKey | OKPKey:
        header = signed.headers()
        registry.get_alg(str(header.get("alg")))  # raises before any key is looked at
        known = nøgler(header.get("kid"), ny=ny)
        found = known.get_by_kid(header.get("kid"), {"use": "sig", "alg": header["alg"]})
        if not isinstance(found, RSAKey | ECKey | OKPKey):
            raise InvalidKeyIdError("not a public key")
        return found

    read = jwt.decode(token, key, registry=registry)
    return read.header, read.claims


def _claims(
    header: Mapping[str, Any], claims: Mapping[str, Any], opsætning: OidcOpsætning, forventet: Forventet | None
) -> None:
    """Issuer, audience, authorized party and times."""
    options = {
        "iss": {"essential": True, "value": opsætning.udsteder},
        "aud": {"essential": True, "value": opsætning.klient},
    }
    params = {"client_id": opsætning.klient}
    if forventet is not None:
        params |= {"nonce": forventet.nonce}
        if forventet.access_token:
            params |= {"access_token": forventet.access_token}
    at = int(now().timestamp())
    try:
        CodeIDToken(dict(claims), header, options, params).validate(now=at, leeway=SKÆVT)
    except ClaimError as fejl:
        raise OidcFejl(f"forkert {fejl.claim}" if fejl.claim in _CLAIMS else "forkert indhold") from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise OidcFejl("forkert indhold") from None
    if _values(claims["aud"]) != [opsætning.klient]:
        raise OidcFejl("forkert aud")
    if at - claims["iat"] > ALDER + SKÆVT:
        raise OidcFejl("forkert iat")


def _fresh(auth_time: object, siden: datetime) -> None:
    if isinstance(auth_time, bool) or not isinstance(auth_time, int | float):
        raise OidcFejl("mangler auth_time")
    if not auth_time >= siden.timestamp() - SKÆVT:  # so written for a NaN, which is no time either
        raise OidcFejl("ikke bekræftet igen")


def _values(claim: object) -> list[object]:
    return list(claim) if isinstance(claim, list) else [claim]
