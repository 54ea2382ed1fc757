"""Adding a second factor to oneself: tried once before it counts. Knows no Flask; the caller commits."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session

from rådgivning.adgang.factors import PASSKEY, TOTP, tilføj
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import BrugerFaktor
from rådgivning.adgang.passkeys import Sted, registrér
from rådgivning.adgang.sessions import med_faktor
from rådgivning.adgang.steps import Trin, begynd, find
from rådgivning.adgang.totp import forsegl_frø, nyt_frø, skridt_for, åbn_frø
from rådgivning.database import now


@dataclass(frozen=True)
class NyPasskey:
    """A passkey that is being made: its row's id, whose, and what she calls it."""

    id: uuid.UUID
    bruger_id: uuid.UUID
    navn: str


def begynd_app(session: Session, bruger_id: uuid.UUID, session_id: uuid.UUID) -> str:
    """A new seed for an app that is being set up in this session; sealed until it has shown a code."""
    frø = nyt_frø()
    begynd(session, Trin.APP, bruger_id=bruger_id, session_id=session_id).data = forsegl_frø(
        session, session_id, bruger_id, frø
    )
    return frø


def påbegyndt_frø(session: Session, bruger_id: uuid.UUID, session_id: uuid.UUID) -> str | None:
    """The seed of the app that is being set up, None when none is or it took too long."""
    trin = find(session, Trin.APP, session_id=session_id)
    if trin is None or trin.bruger_id != bruger_id:
        return None
    return åbn_frø(session, session_id, bruger_id, trin.data)


def ny_app(
    session: Session, faktor_id: uuid.UUID, bruger_id: uuid.UUID, session_id: uuid.UUID, navn: str, kode: str
) -> str:
    """Add the app that shows this code; the session's new token, "" when the code is wrong."""
    lås_bruger(session, bruger_id)
    frø = påbegyndt_frø(session, bruger_id, session_id)
    step = skridt_for(frø, "".join(kode.split()), 0) if frø is not None else 0
    if frø is None or not step:
        return ""
    sealed = forsegl_frø(session, faktor_id, bruger_id, frø)
    made = BrugerFaktor(id=faktor_id, bruger_id=bruger_id, slags=TOTP, navn=navn, nøgle=sealed, oprettet=now())
    made.tæller, made.sidst_brugt = step, now()
    session.delete(find(session, Trin.APP, session_id=session_id))
    tilføj(session, made, session_id)
    return med_faktor(session, session_id, TOTP)


def ny_passkey(session: Session, her: Sted, ny: NyPasskey, session_id: uuid.UUID, svar: str) -> str:
    """Add the passkey that answered the challenge; the session's new token. Raises PasskeyFejl."""
    lås_bruger(session, ny.bruger_id)
    made = registrér(session, her, ny.bruger_id, session_id, svar)
    faktor = BrugerFaktor(
        id=ny.id,
        bruger_id=ny.bruger_id,
        slags=PASSKEY,
        navn=ny.navn,
        nøgle=made.credential_public_key,
        legitimation=made.credential_id,
        tæller=made.sign_count,
        oprettet=now(),
    )
    tilføj(session, faktor, session_id)
    return med_faktor(session, session_id, PASSKEY)
