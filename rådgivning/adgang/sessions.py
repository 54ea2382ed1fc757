"""Server-side sessions: a random token in a cookie, its SHA-256 in the database, an idle and an absolute end."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, delete, select

from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Bruger, BrugerSession
from rådgivning.adgang.permissions import Indlogget, Rolle
from rådgivning.database import now
from rådgivning.settings import Settings

TOUCH_EVERY = timedelta(seconds=60)
GEMMES = timedelta(days=30)
VISES = 100


class Slut(StrEnum):
    """Why a session was ended before its time; one that ran out has none of these."""

    LOG_UD = "log ud"
    EGEN = "brugeren selv"
    ANDEN = "databeskyttelse"
    SPÆRRET = "spærret"
    KODEORD = "ny adgangskode"
    ROLLE = "ny rolle"
    IGEN = "logget ind igen"
    TJENESTE = "log ind-tjenesten"
    IDENTITET = "konto fjernet"
    FAKTOR = "login i to trin"
    GENDANNET = "gendannet fra kopi"


@dataclass(frozen=True)
class Sessionstilstand:
    """What a cookie leads to: a user, and whether the session is still alive."""

    bruger: Indlogget | None = None
    session_id: uuid.UUID | None = None
    enhed_id: uuid.UUID | None = None
    levende: bool = False
    udløber: datetime | None = None
    spærret: bool = False
    bevist: datetime | None = None
    faktor: str = ""
    oidc: bool = False
    begyndt: datetime | None = None
    bekræftet: datetime | None = None


def find_session(session: Session, token: str) -> Sessionstilstand:
    """Look a cookie's token up and note that it was used; an ended session still tells whose it was."""
    if not token:
        return Sessionstilstand()
    row = session.get(BrugerSession, token_hash(token))
    bruger = session.get(Bruger, row.bruger_id) if row is not None else None
    if row is None or bruger is None:
        return Sessionstilstand()
    idle: timedelta = session.info["settings"].session_idle
    levende = row.afsluttet is None and bruger.spærret is None and now() < row.udløber and now() - row.sidst_set < idle
    if levende and now() - row.sidst_set > TOUCH_EVERY:
        row.sidst_set = now()
        session.add(row)
        session.commit()
    uden = not row.faktor and skal_have_faktor(session.info["settings"])
    return Sessionstilstand(
        replace(som_indlogget(bruger), uden_faktor=uden, skal_skifte=bruger.skal_skifte and row.oidc_sub is None),
        row.id,
        row.enhed_id,
        levende,
        row.udløber,
        bruger.spærret is not None,
        bevist=row.bevist,
        faktor=row.faktor,
        oidc=row.oidc_sub is not None,
        begyndt=row.oprettet,
        bekræftet=row.bekræftet,
    )


def start_session(session: Session, bruger: Bruger, enhed: str, faktor: str = "", oidc: bytes = b"") -> str:
    """A new session for a user who has just proved who she is, with what besides her password; the cookie's token.

    `oidc`: the marks of sub and sid, 32 bytes each, of a session that began at the sign-in service.
    """
    token = secrets.token_urlsafe(32)
    settings: Settings = session.info["settings"]
    session.add(
        BrugerSession(
            token_hash=token_hash(token),
            bruger_id=bruger.id,
            oprettet=now(),
            sidst_set=now(),
            udløber=now() + settings.session_absolute,
            enhed=enhed,
            bevist=now(),
            faktor=faktor,
            oidc_sub=oidc[:32] or None,
            oidc_sid=oidc[32:] or None,
        )
    )
    uden = not faktor and skal_have_faktor(settings)
    session.info["aktør"] = replace(som_indlogget(bruger), uden_faktor=uden).som_aktør()
    return token


def skal_have_faktor(settings: Settings) -> bool:
    """Whether everybody signs in with more than a password, whatever her role: always but in development."""
    return settings.anden_faktor == "skal"


def nyt_token(session: Session, session_id: uuid.UUID) -> str:
    """Another token for the cookie of a session: what was known of the old one is worth nothing."""
    row = _locked(session, session_id)
    token = secrets.token_urlsafe(32)
    row.token_hash = token_hash(token)
    session.add(row)
    return token


def med_faktor(session: Session, session_id: uuid.UUID, faktor: str) -> str:
    """She has added a factor in this session, which counts as begun with it from here on; its new token.

    It is no proof of who she is: whoever sits there adds what she herself has at hand.
    """
    _locked(session, session_id).faktor = faktor
    return nyt_token(session, session_id)


def forny_session(session: Session, session_id: uuid.UUID, faktor: str | None = None) -> str:
    """She has just proved again who she is: note it, and give the session another token.

    `faktor` None: with the password alone, so that what she once used besides it still stands.
    """
    row = _locked(session, session_id)
    row.bevist = row.bekræftet = now()
    row.faktor = row.faktor if faktor is None else faktor
    return nyt_token(session, session_id)


def _locked(session: Session, session_id: uuid.UUID) -> BrugerSession:
    """The session as it is now: two proofs in it at once give it one token after the other."""
    query = select(BrugerSession).where(BrugerSession.id == session_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one()


def egne_sessioner(session: Session, bruger_id: uuid.UUID) -> Sequence[BrugerSession]:
    """A user's living sessions, latest used first."""
    idle: timedelta = session.info["settings"].session_idle
    rows = session.exec(
        select(BrugerSession)
        .where(BrugerSession.bruger_id == bruger_id, col(BrugerSession.afsluttet).is_(None))
        .where(col(BrugerSession.udløber) > now(), col(BrugerSession.sidst_set) > now() - idle)
        .order_by(col(BrugerSession.sidst_set).desc())
    )
    return rows.all()


def endte_sessioner(session: Session, bruger_id: uuid.UUID) -> Sequence[BrugerSession]:
    """A user's sessions of the last 30 days that are over, the latest used first."""
    living = {row.id for row in egne_sessioner(session, bruger_id)}
    query = select(BrugerSession).where(
        BrugerSession.bruger_id == bruger_id, col(BrugerSession.sidst_set) > now() - GEMMES
    )
    rows = session.exec(query.order_by(col(BrugerSession.sidst_set).desc(), col(BrugerSession.id)).limit(VISES)).all()
    return [row for row in rows if row.id not in living]


def end_sessions(
    session: Session,
    bruger_id: uuid.UUID,
    session_id: uuid.UUID | None = None,
    *,
    undtagen: uuid.UUID | None = None,
    slut: Slut = Slut.EGEN,
) -> int:
    """End one of a user's sessions, or all of them (but one), and note why; returns how many were ended."""
    lås_bruger(session, bruger_id)
    query = select(BrugerSession).where(
        BrugerSession.bruger_id == bruger_id, col(BrugerSession.afsluttet).is_(None), col(BrugerSession.udløber) > now()
    )
    rows = [s for s in session.exec(query).all() if session_id in {None, s.id} and s.id != undtagen]
    for row in rows:
        row.afsluttet, row.slut = now(), slut
        session.add(row)
    return len(rows)


def ryd_sessioner(session: Session) -> None:
    """Forget sessions that ran out a month ago; the trail keeps who signed in when."""
    old = select(BrugerSession.id).where(col(BrugerSession.udløber) < now() - GEMMES).with_for_update(skip_locked=True)
    session.exec(delete(BrugerSession).where(col(BrugerSession.id).in_(old)))


def token_hash(token: str) -> bytes:
    """What is stored of a token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def som_indlogget(bruger: Bruger) -> Indlogget:
    """A user with the rights of her role."""
    return Indlogget(
        bruger.id,
        bruger.navn,
        Rolle(bruger.rolle),
        bruger.helhedsplan_id,
        bruger.boligorganisation,
        bruger.skal_skifte,
    )
