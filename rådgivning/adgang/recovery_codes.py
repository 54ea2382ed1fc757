"""Recovery codes: ten on paper, shown once, each good for one sign-in when phone and passkey are gone.

One salt serves a user's ten codes, so that checking one costs a single Argon2id, as a password does.
"""

from __future__ import annotations

import os
import secrets
import uuid
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, delete, func, select, update

from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Genoprettelseskode
from rådgivning.adgang.passwords import LÆSBARE, rå_hash
from rådgivning.database import now

ANTAL: Final = 10
FÅ: Final = 3
_GRUPPER, _TEGN = 3, 4


@dataclass(frozen=True)
class Kodesæt:
    """Ten new codes as they are shown, and what is stored of them."""

    koder: list[str]
    salt: bytes
    hasher: list[bytes]


def nyt_sæt() -> Kodesæt:
    """Ten random codes: 12 characters of 31 each (59 bits). Takes half a second: not inside a transaction."""
    koder = ["-".join(_group() for _ in range(_GRUPPER)) for _ in range(ANTAL)]
    salt = os.urandom(16)
    return Kodesæt(koder, salt, [rå_hash(_clean(kode), salt) for kode in koder])


def gem_sæt(session: Session, bruger_id: uuid.UUID, sæt: Kodesæt) -> None:
    """Store a new set; the codes from before work no more. The user is locked, so that of two at once one is left."""
    lås_bruger(session, bruger_id)
    slet_koder(session, bruger_id)
    for hashed in sæt.hasher:
        session.add(Genoprettelseskode(bruger_id=bruger_id, salt=sæt.salt, hash=hashed, oprettet=now()))


def slet_koder(session: Session, bruger_id: uuid.UUID) -> None:
    """Forget a user's codes."""
    session.exec(delete(Genoprettelseskode).where(col(Genoprettelseskode.bruger_id) == bruger_id))


def tilbage(session: Session, bruger_id: uuid.UUID) -> int:
    """How many of a user's codes are unused."""
    query = select(func.count()).where(
        Genoprettelseskode.bruger_id == bruger_id, col(Genoprettelseskode.brugt).is_(None)
    )
    return session.exec(query).one()


def salt_for(session: Session, bruger_id: uuid.UUID) -> bytes:
    """The salt of a user's codes; a random one when she has none, so that trying takes as long."""
    query = select(Genoprettelseskode.salt).where(Genoprettelseskode.bruger_id == bruger_id)
    return session.exec(query.limit(1)).first() or os.urandom(16)


def hash_kode(kode: str, salt: bytes) -> bytes:
    """The hash of a code as somebody typed it. Takes some 40 ms: not inside a transaction."""
    return rå_hash(_clean(kode), salt)


def brug_hash(session: Session, bruger_id: uuid.UUID, hashed: bytes) -> bool:
    """Use up the code with this hash; False when there is none, or it was used before."""
    hers = (
        col(Genoprettelseskode.bruger_id) == bruger_id,
        col(Genoprettelseskode.hash) == hashed,
        col(Genoprettelseskode.brugt).is_(None),
    )
    done = session.exec(update(Genoprettelseskode).where(*hers).values(brugt=now()))
    return done.rowcount == 1


def _group() -> str:
    return "".join(secrets.choice(LÆSBARE) for _ in range(_TEGN))


def _clean(kode: str) -> str:
    """However it was typed: without spaces and hyphens, in small letters."""
    return "".join(c for c in kode.casefold() if c.isalnum())[: 2 * _GRUPPER * _TEGN]
