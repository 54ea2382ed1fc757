"""What a proof from the sign-in service leads to: a session, a renewed one, a tie, or a refusal. Knows no Flask."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlmodel import Session, col, or_, select

from rådgivning.adgang.factors import har_faktor
from rådgivning.adgang.identities import (
    IdentitetFejl,
    brug_en_gang,
    brug_kode,
    find_identitet,
    knyt,
    mærke,
)
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.login import Forbindelse, Udfald, afvis, fuldfør
from rådgivning.adgang.models import Bruger, BrugerIdentitet, BrugerSession
from rådgivning.adgang.oidc_setup import OidcFejl
from rådgivning.adgang.sessions import Slut, end_sessions, forny_session
from rådgivning.adgang.steps import Trin, begynd
from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, aktør, skriv

if TYPE_CHECKING:
    from rådgivning.adgang.oidc_tokens import Bevis

OIDC = "oidc"


class UkendtKonto(Exception):
    """Nobody here may sign in with that account: nobody's, or a blocked user's."""


def log_ind_gennem(session: Session, bevis: Bevis, fra: Forbindelse) -> Udfald:
    """Sign in whoever the account is tied to; a code of hers is asked for unless the service vouches for the second
    factor. Commits itself. Raises UkendtKonto."""
    tied, bruger = _user(session, bevis)
    tied.sidst_brugt = now()
    session.add(tied)
    known = (mærke(bevis.udsteder, bevis.sub) or b"") + (mærke(bevis.udsteder, bevis.sid) or b"")
    if not bevis.anden_faktor and har_faktor(session, bruger.id):
        trin_id = begynd(session, Trin.KODE, bruger_id=bruger.id, data=known).id
        session.commit()
        return Udfald(trin_id=trin_id)
    forsøg = fra.forsøg(session, bruger.brugernavn, bruger.id)
    faktor = OIDC if bevis.anden_faktor else ""
    return Udfald(fuldfør(session, forsøg, bruger, fra.enhed, faktor, oidc=known))


def bekræft_gennem(session: Session, bevis: Bevis, bruger_id: uuid.UUID, session_id: uuid.UUID, faktor: str) -> str:
    """The signed-in user has signed in at the service once more; her session's new token. Commits itself.

    Raises UkendtKonto when it was somebody else's account, and OidcFejl when the session began with a second factor
    (`faktor`) and the service does not vouch for one now.
    """
    _tied, bruger = _user(session, bevis)
    if bruger.id != bruger_id:
        session.rollback()
        afvis(session, bruger_id, bruger.helhedsplan_id, "en andens konto")
        session.commit()
        raise UkendtKonto
    if not bevis.anden_faktor and faktor:
        raise OidcFejl("mangler anden faktor")
    token = forny_session(session, session_id, OIDC if bevis.anden_faktor else None)
    skriv(session, Handling.ÆNDRET, "brugersession", [session_id], anledning="bekræftet igen")
    session.commit()
    return token


def knyt_gennem(session: Session, bevis: Bevis, bruger_id: uuid.UUID, kode: str) -> None:
    """Tie the account to the signed-in user, for the code that databeskyttelse gave her. Commits itself.

    Raises IdentitetFejl.
    """
    bruger = lås_bruger(session, bruger_id)
    if not brug_kode(session, bruger_id, kode):
        session.rollback()
        raise IdentitetFejl("Koden er brugt, taget tilbage eller for gammel. Bed om en ny.")
    knyt(session, bruger, bevis.udsteder, bevis.subjekt)
    session.commit()


def afmeld_gennem(session: Session, udsteder: str, sub: str, sid: str, jti: str) -> int:
    """She has signed out at the service: end the sessions that began there. How many; commits itself.

    A session whose sign-in told no `sid` may be the one that ended there, and ends too when the token says whose it
    is. A token seen before ends nothing more.
    """
    if not brug_en_gang(session, f"afmelding {udsteder}", jti):
        session.commit()
        return 0
    began = col(BrugerSession.oidc_sid) == mærke(udsteder, sid)
    hers = [or_(began, col(BrugerSession.oidc_sid).is_(None)) if sub else began] if sid else []
    hers += [col(BrugerSession.oidc_sub) == mærke(udsteder, sub)] if sub else []
    living = select(BrugerSession).where(*hers, col(BrugerSession.afsluttet).is_(None))
    folk = {who: lås_bruger(session, who) for who in sorted({row.bruger_id for row in session.exec(living).all()})}
    rows = [
        row for row in session.exec(living.execution_options(populate_existing=True)).all() if row.bruger_id in folk
    ]
    ended = 0
    for row in sorted(rows, key=lambda row: str(folk[row.bruger_id].helhedsplan_id)):
        bruger, before = folk[row.bruger_id], aktør(session)
        session.info["aktør"] = Aktør(helhedsplan_id=bruger.helhedsplan_id)
        ended += end_sessions(session, bruger.id, row.id, slut=Slut.TJENESTE)
        skriv(session, Handling.LOGGET_UD, "brugersession", [row.id], anledning="logget ud hos tjenesten")
        session.info["aktør"] = before
    session.commit()
    return ended


def afvis_svar(session: Session, fejl: OidcFejl, metode: str, sted: str) -> None:
    """An answer that cannot be used, into the trail. Commits itself; `sted` marks where a stranger sent it from."""
    detaljer: dict[str, str | int] = {"status": 400, "metode": metode}
    anledning = fejl.årsag
    skriv(session, Handling.LOG_IND_AFVIST, "bruger_identitet", anledning=anledning, detaljer=detaljer, sted=sted)
    session.commit()


def _user(session: Session, bevis: Bevis) -> tuple[BrugerIdentitet, Bruger]:
    tied = find_identitet(session, bevis.udsteder, bevis.subjekt)
    bruger = lås_bruger(session, tied.bruger_id) if tied is not None else None
    tied = find_identitet(session, bevis.udsteder, bevis.subjekt)
    if tied is None or bruger is None or tied.bruger_id != bruger.id:
        afvis(session, None, None, "ukendt konto hos tjenesten")
    elif bruger.spærret is not None:
        afvis(session, bruger.id, bruger.helhedsplan_id, "spærret bruger")
    else:
        return tied, bruger
    session.commit()
    raise UkendtKonto
