"""The second step of signing in: a code after the password, or a passkey instead of both. Knows no Flask."""

from __future__ import annotations

import math
import uuid

from sqlmodel import Session

from rådgivning.adgang.factors import PASSKEY, TOTP, underret
from rådgivning.adgang.limits import FORKERTE_I_TRÆK, Forsøg, kode_lykkedes, tæl_forkert_kode, tæl_kode
from rådgivning.adgang.login import Forbindelse, Udfald, afvis, fuldfør
from rådgivning.adgang.models import Bruger, Mellemtrin
from rådgivning.adgang.passkeys import PasskeyFejl, Sted, brug_passkey
from rådgivning.adgang.recovery_codes import brug_hash, hash_kode, salt_for
from rådgivning.adgang.steps import Trin, find
from rådgivning.adgang.totp import brug_kode, ligner_kode

GENOPRETTELSE = "genoprettelse"


def prøv_kode(session: Session, bruger_id: uuid.UUID, forsøg: Forsøg, kode: str) -> tuple[str, int]:
    """Use a code up: which kind of factor it was ("" when it is wrong), and how many seconds to wait before trying.

    Commits the count of the attempt first; what is used up stands in the open transaction.
    """
    kode = "".join(kode.split())
    kort = ligner_kode(kode)
    wait = tæl_kode(session, forsøg, kort=kort)
    salt = salt_for(session, bruger_id)
    session.commit()
    if wait:
        return "", math.ceil(wait.total_seconds())
    hashed = b"" if kort else hash_kode(kode, salt)
    right = brug_kode(session, bruger_id, kode) if kort else brug_hash(session, bruger_id, hashed)
    if not right:
        return "", 0
    kode_lykkedes(session, forsøg, kort=kort)
    return TOTP if kort else GENOPRETTELSE, 0


def fortsæt(session: Session, fra: Forbindelse, trin_id: uuid.UUID | None, kode: str) -> Udfald:
    """The code after the password. Commits itself. After five wrong ones it begins again with the password."""
    bruger = halvvejs(session, trin_id)
    if bruger is None:
        session.commit()
        return Udfald(udløbet=True)
    forsøg = fra.forsøg(session, bruger.brugernavn, bruger.id)
    bruger_id, plan = bruger.id, bruger.helhedsplan_id
    faktor, vent = prøv_kode(session, bruger_id, forsøg, kode)
    if vent:
        afvis(session, bruger_id, plan, "for mange koder")
        session.commit()
        return Udfald(vent=vent)
    if not faktor and tæl_forkert_kode(session, forsøg):
        underret(session, bruger_id, forsøg=True)
    trin = find(session, Trin.KODE, trin_id=trin_id)
    bruger = halvvejs(session, trin_id)
    if trin is None or bruger is None:
        session.rollback()
        return Udfald(udløbet=True)
    if not faktor:
        afvis(session, bruger_id, plan, "forkert kode")
        return _wrong(session, trin)
    session.delete(trin)
    oidc = trin.data
    if faktor == GENOPRETTELSE:
        underret(session, bruger_id)
    return Udfald(fuldfør(session, forsøg, bruger, fra.enhed, faktor, oidc), faktor=faktor)


def halvvejs(session: Session, trin_id: uuid.UUID | None) -> Bruger | None:
    """The user whose password was right a few minutes ago and whose code is missing."""
    trin = find(session, Trin.KODE, trin_id=trin_id)
    bruger = session.get(Bruger, trin.bruger_id) if trin is not None else None
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
