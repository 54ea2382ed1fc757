"""Passkeys (WebAuthn): found by the browser without a user name, opened with finger, face or PIN. Knows no Flask."""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from sqlmodel import Session, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from rådgivning.adgang.factors import PASSKEY, brugt, faktorer
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Bruger, BrugerFaktor
from rådgivning.adgang.steps import Trin, begynd, tag
from rådgivning.settings import Settings

TIMEOUT_MS = 120_000
STØRSTE_SVAR = 20_000
NAVN = "rådgivning"
# What the library raises at an answer that no browser would send.
_MISDANNET = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
    struct.error,
)


@dataclass(frozen=True)
class Sted:
    """Where passkeys are good: the origin the browser must have been at, and the name they are bound to."""

    origin: str
    rp_id: str


@dataclass(frozen=True)
class Udfordring:
    """A challenge and its options as JSON."""

    trin_id: uuid.UUID
    json: str


class PasskeyFejl(Exception):
    """The answer proves nothing. `kopi`: the key is right, but its counter says that there are two of it.

    `spurgt`: there was a challenge to answer; without one anybody can send anything, and nobody wants to hear of it.
    """

    def __init__(self, faktor: BrugerFaktor | None = None, *, kopi: bool = False, spurgt: bool = True) -> None:
        super().__init__("kopi" if kopi else "afvist")
        self.faktor = faktor
        self.kopi = kopi
        self.spurgt = spurgt


def sted(settings: Settings, host_url: str) -> Sted | None:
    """Where passkeys are good: the site's own address from the settings; None when nobody said it.

    Without HTTPS (a demo, a test) the browser's `localhost` will do. The request's own host is never believed else.
    """
    url = urlsplit(settings.adresse or host_url)
    known = bool(settings.adresse) or (not settings.https and url.hostname == "localhost")
    if not known or url.hostname is None:
        return None
    return Sted(f"{url.scheme}://{url.netloc}", url.hostname)


def ny_udfordring(session: Session, her: Sted, bruger_id: uuid.UUID, session_id: uuid.UUID) -> str:
    """What the browser needs to make a passkey for this user, as JSON; good once, in this session."""
    bruger = session.get_one(Bruger, bruger_id)
    options = generate_registration_options(
        rp_id=her.rp_id,
        rp_name=NAVN,
        user_id=bruger.id.bytes,
        user_name=bruger.brugernavn,
        user_display_name=bruger.navn,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_own(session, bruger_id),
    )
    begynd(session, Trin.PASSKEY_NY, bruger_id=bruger_id, session_id=session_id, data=options.challenge)
    return str(options_to_json(options))


def registrér(
    session: Session, her: Sted, bruger_id: uuid.UUID, session_id: uuid.UUID, svar: str
) -> VerifiedRegistration:
    """The new passkey's id, key and counter; raises PasskeyFejl. The challenge is used up, whatever comes of it."""
    trin = tag(session, Trin.PASSKEY_NY, session_id=session_id)
    if trin is None or trin.bruger_id != bruger_id or len(svar) > STØRSTE_SVAR:
        raise PasskeyFejl
    try:
        made = verify_registration_response(
            credential=svar,
            expected_challenge=trin.data,
            expected_rp_id=her.rp_id,
            expected_origin=her.origin,
            require_user_verification=True,
        )
    except _MISDANNET as error:
        raise PasskeyFejl from error
    if session.exec(select(BrugerFaktor.id).where(BrugerFaktor.legitimation == made.credential_id)).first():
        raise PasskeyFejl
    return made


def udfordring(session: Session, her: Sted, bruger_id: uuid.UUID | None, session_id: uuid.UUID | None) -> Udfordring:
    """What the browser needs to use a passkey: any of this site's, or (in a session) one of this user's."""
    options = generate_authentication_options(
        rp_id=her.rp_id,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
        allow_credentials=_own(session, bruger_id) if bruger_id is not None else None,
    )
    slags = Trin.PASSKEY_IND if session_id is None else Trin.PASSKEY_IGEN
    trin = begynd(session, slags, bruger_id=bruger_id, session_id=session_id, data=options.challenge)
    return Udfordring(trin.id, str(options_to_json(options)))


def brug_passkey(
    session: Session,
    her: Sted,
    svar: str,
    *,
    trin_id: uuid.UUID | None = None,
    session_id: uuid.UUID | None = None,
) -> BrugerFaktor:
    """The passkey that answered the challenge, which is used up by that; raises PasskeyFejl.

    In a session it must be the very user's. A counter that does not go up means that the passkey was copied.
    """
    slags = Trin.PASSKEY_IND if session_id is None else Trin.PASSKEY_IGEN
    trin = tag(session, slags, trin_id=trin_id, session_id=session_id)
    if trin is None or not svar or len(svar) > STØRSTE_SVAR:
        raise PasskeyFejl(spurgt=trin is not None)
    faktor = None
    try:
        credential = parse_authentication_credential_json(svar)
        faktor = _known(session, credential.raw_id)
        if faktor is None or (trin.bruger_id is not None and trin.bruger_id != faktor.bruger_id):
            raise PasskeyFejl(faktor)
        lås_bruger(session, faktor.bruger_id)
        faktor = _known(session, credential.raw_id, lås=True)
        if faktor is None:
            raise PasskeyFejl
        handle = credential.response.user_handle
        if handle is not None and handle != faktor.bruger_id.bytes:
            raise PasskeyFejl(faktor)
        answer = verify_authentication_response(
            credential=credential,
            expected_challenge=trin.data,
            expected_rp_id=her.rp_id,
            expected_origin=her.origin,
            credential_public_key=faktor.nøgle,
            credential_current_sign_count=0,  # compared below, once the signature is known to be right
            require_user_verification=True,
        )
    except _MISDANNET as error:
        raise PasskeyFejl(faktor) from error
    if (answer.new_sign_count or faktor.tæller) and answer.new_sign_count <= faktor.tæller:
        raise PasskeyFejl(faktor, kopi=True)
    brugt(session, faktor, answer.new_sign_count)
    return faktor


def _known(session: Session, legitimation: bytes, *, lås: bool = False) -> BrugerFaktor | None:
    """The passkey of this name; `lås` once its user is locked, whom only the first look tells."""
    mine = select(BrugerFaktor).where(BrugerFaktor.legitimation == legitimation)
    mine = mine.with_for_update() if lås else mine
    return session.exec(mine.execution_options(populate_existing=True)).one_or_none()


def _own(session: Session, bruger_id: uuid.UUID) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=faktor.legitimation)
        for faktor in faktorer(session, bruger_id)
        if faktor.slags == PASSKEY and faktor.legitimation is not None
    ]
