"""The second step of signing in: a code after the password, or a passkey instead of both. Knows no Flask."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass

from sqlmodel import Session

from rådgivning.adgang.factors import PASSKEY, TOTP, underret
from rådgivning.adgang.limits import FORKERTE_I_TRÆK, Forsøg, kode_lykkedes, tæl_forkert_kode, tæl_kode
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.login import Forbindelse, Udfald, afvis, fuldfør
from rådgivning.adgang.models import Bruger, Mellemtrin
from rådgivning.adgang.passkeys import PasskeyFejl, Sted, brug_passkey
from rådgivning.adgang.recovery_codes import brug_hash, hash_kode, salt_for
from rådgivning.adgang.steps import Trin, find, hvis
from rådgivning.adgang.totp import brug_kode, ligner_kode

GENOPRETTELSE = "genoprettelse"


@dataclass(frozen=True)
class Kodeforsøg:
    """A code that has been counted and not yet looked at: how many seconds to wait instead, and its hash if it is long
    enough for one from paper."""

    kode: str
    vent: int = 0
    hashet: bytes = b""


def tæl_koden(session: Session, bruger_id: uuid.UUID, forsøg: Forsøg, kode: str) -> Kodeforsøg:
    """Count the attempt and commit that; what takes time is done after, in no transaction."""
    kode = "".join(kode.split())
    kort = ligner_kode(kode)
    wait = tæl_kode(session, forsøg, kort=kort)
    salt = salt_for(session, bruger_id)
    session.commit()
    if wait:
        return Kodeforsøg(kode, vent=math.ceil(wait.total_seconds()))
    return Kodeforsøg(kode, hashet=b"" if kort else hash_kode(kode, salt))


def brug_koden(session: Session, bruger_id: uuid.UUID, forsøg: Forsøg, prøvet: Kodeforsøg) -> str:
    """Use a code up in the open transaction, which holds the user; which kind of factor it was, "" when it is wrong."""
    kort = not prøvet.hashet
    right = brug_kode(session, bruger_id, prøvet.kode) if kort else brug_hash(session, bruger_id, prøvet.hashet)
    if not right:
        return ""
    kode_lykkedes(session, forsøg, kort=kort)
    return TOTP if kort else GENOPRETTELSE


def fortsæt(session: Session, fra: Forbindelse, trin_id: uuid.UUID | None, kode: str) -> Udfald:
    """The code after the password. Commits itself. After five wrong ones it begins again with the password."""
    bruger = halvvejs(session, trin_id)
    if bruger is None:
        session.commit()
        return Udfald(udløbet=True)
    forsøg = fra.forsøg(session, bruger.brugernavn, bruger.id)
    prøvet = tæl_koden(session, bruger.id, forsøg, kode)
    bruger = lås_bruger(session, bruger.id)
    if prøvet.vent:
        afvis(session, bruger.id, bruger.helhedsplan_id, "for mange koder")
        session.commit()
        return Udfald(vent=prøvet.vent)
    trin = find(session, Trin.KODE, trin_id=trin_id)
    if trin is None or bruger.spærret is not None:
        session.rollback()
        return Udfald(udløbet=True)
    faktor = brug_koden(session, bruger.id, forsøg, prøvet)
    if not faktor:
        if tæl_forkert_kode(session, forsøg):
            underret(session, bruger.id, forsøg=True)
        afvis(session, bruger.id, bruger.helhedsplan_id, "forkert kode")
        return _wrong(session, trin)
    oidc = trin.data
    session.delete(trin)
    if faktor == GENOPRETTELSE:
        underret(session, bruger.id)
    return Udfald(fuldfør(session, forsøg, bruger, fra.enhed, faktor, oidc), faktor=faktor)


def halvvejs(session: Session, trin_id: uuid.UUID | None) -> Bruger | None:
    """The user whose password was right a few minutes ago and whose code is missing."""
    found = hvis(session, Trin.KODE, trin_id)
    bruger = session.get(Bruger, found) if found is not None else None
    return bruger if bruger is not None and bruger.spærret is None else None


def _wrong(session: Session, trin: Mellemtrin) -> Udfald:
    trin.forsøg += 1
    session.add(trin)
    again = trin.forsøg >= FORKERTE_I_TRÆK
    if again:
        session.delete(trin)
    session.commit()
    return Udfald(udløbet=again)


def log_ind_med_passkey(session: Session, fra: Forbindelse, her: Sted, trin_id: uuid.UUID | None, svar: str) -> Udfald:
    """Sign in whoever the passkey belongs to, without a name and a password. Commits itself."""
    try:
        faktor = brug_passkey(session, her, svar, trin_id=trin_id)
    except PasskeyFejl as fejl:
        afvis_passkey(session, fejl)
        session.commit()
        return Udfald()
    bruger = session.get_one(Bruger, faktor.bruger_id)
    if bruger.spærret is not None:
        session.rollback()
        afvis(session, bruger.id, bruger.helhedsplan_id, "spærret bruger")
        session.commit()
        return Udfald()
    forsøg = fra.forsøg(session, bruger.brugernavn, bruger.id)
    return Udfald(fuldfør(session, forsøg, bruger, fra.enhed, PASSKEY))


def afvis_passkey(session: Session, fejl: PasskeyFejl) -> None:
    """Put a refused passkey into the trail; a copied one is also told to its user."""
    bruger = session.get(Bruger, fejl.faktor.bruger_id) if fejl.faktor is not None else None
    anledning = "passkey er kopieret" if fejl.kopi else "passkey afvist"
    if fejl.spurgt and bruger is None:
        afvis(session, None, None, anledning)
    if bruger is None:
        return
    afvis(session, bruger.id, bruger.helhedsplan_id, anledning)
    if fejl.kopi:
        underret(session, bruger.id, forsøg=True)
