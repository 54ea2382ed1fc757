"""Codes from an app (TOTP, RFC 6238): six digits, thirty seconds, each good for one sign-in."""

from __future__ import annotations

import hmac
import uuid

import pyotp
from sqlmodel import Session, col, select, update

from rådgivning.adgang.factors import TOTP
from rådgivning.adgang.models import BrugerFaktor
from rådgivning.database import now
from rådgivning.nøgler.envelope import open_bytes, seal_bytes

UDSTEDER = "rådgivning"
CIFRE = 6
# A phone's clock may be wrong by one step either way.
SKRIDT = 1


def nyt_frø() -> str:
    """A random seed of 160 bits in base32, as an app takes it."""
    return pyotp.random_base32()


def forsegl_frø(session: Session, faktor_id: uuid.UUID, bruger_id: uuid.UUID, frø: str) -> bytes:
    """The seed as it is stored: sealed to its row and its user."""
    return seal_bytes(session.info["factor_key"], 0, ("bruger_faktor", faktor_id, bruger_id), frø.encode())


def åbn_frø(session: Session, faktor_id: uuid.UUID, bruger_id: uuid.UUID, forseglet: bytes) -> str:
    """The seed; raises Tampered when it was changed or brought from another row."""
    return open_bytes(session.info["factor_key"], ("bruger_faktor", faktor_id, bruger_id), forseglet).decode()


def adresse(frø: str, brugernavn: str) -> str:
    """What the app reads from the QR code."""
    return pyotp.TOTP(frø, name=brugernavn, issuer=UDSTEDER).provisioning_uri()


def ligner_kode(kode: str) -> bool:
    """Whether it is six digits; anything else may be a recovery code."""
    return len(kode) == CIFRE and kode.isascii() and kode.isdecimal()


def skridt_for(frø: str, kode: str, efter: int) -> int:
    """The time step the code belongs to, 0 when it is wrong, too old, of the future, or not after step `efter`."""
    clock = pyotp.TOTP(frø)
    present = clock.timecode(now())
    found = 0
    for step in range(present - SKRIDT, present + SKRIDT + 1):
        if hmac.compare_digest(clock.generate_otp(step).encode(), kode.encode()) and step > efter:
            found = step
    return found


def brug_kode(session: Session, bruger_id: uuid.UUID, kode: str) -> BrugerFaktor | None:
    """The app that shows this code, which is used by that; None when the code is wrong or was used before."""
    query = select(BrugerFaktor).where(BrugerFaktor.bruger_id == bruger_id, BrugerFaktor.slags == TOTP)
    for faktor in session.exec(query).all():
        step = skridt_for(åbn_frø(session, faktor.id, bruger_id, faktor.nøgle), kode, faktor.tæller)
        if step and _advance(session, faktor.id, step):
            session.refresh(faktor)
            return faktor
    return None


def _advance(session: Session, faktor_id: uuid.UUID, step: int) -> bool:
    """Note the step as used; False when another request was first."""
    later = col(BrugerFaktor.id) == faktor_id, col(BrugerFaktor.tæller) < step
    done = session.exec(update(BrugerFaktor).where(*later).values(tæller=step, sidst_brugt=now()))
    return done.rowcount == 1
