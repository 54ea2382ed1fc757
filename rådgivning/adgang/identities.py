"""Which account at the sign-in service is which user: tied beforehand, never guessed. Knows no Flask and no service."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from rådgivning.adgang.factors import underret
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Bruger, BrugerIdentitet, BrugerSession, IdentitetInvitation, OidcBrugt
from rådgivning.adgang.passwords import nyt_kodeord
from rådgivning.adgang.sessions import Slut, end_sessions
from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

GYLDIG: Final = timedelta(days=7)
BRUGT: Final = timedelta(hours=1)
_SUBJEKT = re.compile(r"[\x21-\x7e]{1,255}")


class IdentitetFejl(ValueError):
    """The account cannot be tied to the user; one Danish sentence says why."""


def find_identitet(session: Session, udsteder: str, subjekt: str) -> BrugerIdentitet | None:
    """The tie of an account, compared letter for letter."""
    query = select(BrugerIdentitet).where(BrugerIdentitet.udsteder == udsteder, BrugerIdentitet.subjekt == subjekt)
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def brugers_identitet(session: Session, bruger_id: uuid.UUID, udsteder: str) -> BrugerIdentitet | None:
    """A user's account at the service, or None."""
    query = select(BrugerIdentitet).where(BrugerIdentitet.bruger_id == bruger_id, BrugerIdentitet.udsteder == udsteder)
    return session.exec(query).one_or_none()


def knyt(session: Session, bruger: Bruger, udsteder: str, subjekt: str) -> None:
    """Tie an account to a user, in the place of the one she had. Raises IdentitetFejl."""
    subjekt = unicodedata.normalize("NFC", subjekt).strip()
    if not _SUBJEKT.fullmatch(subjekt):
        raise IdentitetFejl("Skriv nummeret, som tjenesten viser det: uden mellemrum og uden æ, ø og å.")
    lås_bruger(session, bruger.id)
    known = find_identitet(session, udsteder, subjekt)
    if known is not None and known.bruger_id == bruger.id:
        return
    if known is not None:
        raise IdentitetFejl("Kontoen er allerede knyttet til en anden bruger.")
    _untie(session, bruger, udsteder)
    row = BrugerIdentitet(bruger_id=bruger.id, udsteder=udsteder, subjekt=subjekt, oprettet=now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise IdentitetFejl("Kontoen er allerede knyttet til en anden bruger.") from None
    skriv(session, Handling.OPRETTET, "bruger_identitet", [bruger.id])
    underret(session, bruger.id)


def fjern(session: Session, bruger: Bruger, udsteder: str) -> bool:
    """Untie a user's account, end the sessions that began with it and take back her codes; False when she had none."""
    lås_bruger(session, bruger.id)
    untied = _untie(session, bruger, udsteder)
    if untied:
        underret(session, bruger.id)
    return untied


def _untie(session: Session, bruger: Bruger, udsteder: str) -> bool:
    glem_koder(session, bruger.id)
    row = brugers_identitet(session, bruger.id, udsteder)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    ended = slut_gennem_tjenesten(session, bruger.id, Slut.IDENTITET)
    skriv(session, Handling.SLETTET, "bruger_identitet", [bruger.id], detaljer={"sessioner": ended})
    return True


def slut_gennem_tjenesten(session: Session, bruger_id: uuid.UUID, slut: Slut) -> int:
    """End a user's sessions that began at the service; how many."""
    hers = select(BrugerSession.id).where(
        BrugerSession.bruger_id == bruger_id,
        col(BrugerSession.oidc_sub).is_not(None),
        col(BrugerSession.afsluttet).is_(None),
    )
    return sum(end_sessions(session, bruger_id, row, slut=slut) for row in session.exec(hers).all())


def ny_kode(session: Session, bruger: Bruger) -> str:
    """A code for the user to tie her account with, shown once; an older one ends, and what has run out is forgotten."""
    lås_bruger(session, bruger.id)
    old = select(IdentitetInvitation.kode_hash).where(col(IdentitetInvitation.udløber) <= now())
    free = old.with_for_update(skip_locked=True)
    session.exec(delete(IdentitetInvitation).where(col(IdentitetInvitation.kode_hash).in_(free)))
    glem_koder(session, bruger.id)
    kode = nyt_kodeord()
    session.add(IdentitetInvitation(kode_hash=_hash(kode), bruger_id=bruger.id, udløber=now() + GYLDIG))
    skriv(session, Handling.OPRETTET, "identitet_invitation", [bruger.id])
    return kode


def passer_kode(session: Session, bruger_id: uuid.UUID, kode: str) -> str:
    """The mark of a code that is this user's and still good, else ""."""
    found = session.get(IdentitetInvitation, _hash(kode))
    good = found is not None and found.bruger_id == bruger_id and found.udløber > now()
    return _hash(kode).hex() if good else ""


def brug_kode(session: Session, bruger_id: uuid.UUID, mærke: str) -> bool:
    """Use a code up; of two at once only one gets True."""
    hers = (
        col(IdentitetInvitation.kode_hash) == bytes.fromhex(mærke),
        col(IdentitetInvitation.bruger_id) == bruger_id,
        col(IdentitetInvitation.udløber) > now(),
    )
    used = delete(IdentitetInvitation).where(*hers).returning(col(IdentitetInvitation.kode_hash))
    return session.execute(used).first() is not None


def glem_koder(session: Session, bruger_id: uuid.UUID) -> None:
    """Take back a user's codes."""
    session.exec(delete(IdentitetInvitation).where(col(IdentitetInvitation.bruger_id) == bruger_id))


def brug_en_gang(session: Session, formål: str, værdi: str) -> bool:
    """Note that a state or a token's id is used; False when it was before. Forgets what is too old to matter."""
    session.exec(delete(OidcBrugt).where(col(OidcBrugt.udløber) < now()))
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    mark = hashlib.sha256(f"{formål}\0{værdi}".encode()).digest()
    row = insert(OidcBrugt).values(mærke=mark, udløber=now() + BRUGT).on_conflict_do_nothing()
    return session.execute(row.returning(col(OidcBrugt.mærke))).first() is not None


def mærke(udsteder: str, værdi: str) -> bytes | None:
    """What is stored of a sub or sid of the service's; None of an empty one."""
    return hashlib.sha256(f"{udsteder}\0{værdi}".encode()).digest() if værdi else None


def _hash(kode: str) -> bytes:
    """Of a code as it is typed: in any case, with or without its hyphens. It has 79 random bits."""
    return hashlib.sha256(re.sub(r"[\W_]", "", kode).lower().encode()).digest()
