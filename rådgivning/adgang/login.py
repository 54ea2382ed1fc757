"""Signing in and out, and changing one's own password. The password is hashed between two transactions, inside none.

Whoever has a second factor gets no session for a password: second_step.py gives her one for a code or a passkey.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass

from sqlmodel import Session

from rådgivning.adgang.factors import har_faktor, underret
from rådgivning.adgang.kladder import ryd_kladder
from rådgivning.adgang.limits import Forsøg, lykkedes, tæl_forsøg
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.passwords import KodeordFejl, er_forældet, hash_kodeord, passer, tjek_kodeord
from rådgivning.adgang.seen_devices import kendt_hemmelighed
from rådgivning.adgang.sessions import Slut, end_sessions, nyt_token, ryd_sessioner, start_session
from rådgivning.adgang.steps import Trin, begynd
from rådgivning.adgang.users import egne_ord, find_bruger, gem_kodeord, rent_brugernavn
from rådgivning.database import new_id, now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, aktør, skriv


@dataclass(frozen=True)
class Forbindelse:
    """Where an attempt comes from: the counters' key, the address, the browser in words, and its device cookie."""

    nøgle: bytes
    adresse: str = ""
    enhed: str = ""
    cookie: str = ""

    def forsøg(self, session: Session, brugernavn: str, bruger_id: uuid.UUID | None) -> Forsøg:
        """An attempt to be this user. The browser is looked up also when there is none, so that it takes as long."""
        known = kendt_hemmelighed(session, bruger_id or new_id(), self.cookie)
        return Forsøg(self.nøgle, rent_brugernavn(brugernavn), self.adresse, known)


@dataclass(frozen=True)
class Udfald:
    """What came of an attempt: a token for the cookie (or `skiftet`), or seconds to wait, or none (it was wrong).

    `trin_id`: the password was right and the code is missing. `udløbet`: it took too long, or has to begin again.
    `kode`: it was the code that was wrong, not the password. `faktor`: what else than the password was used.
    """

    token: str = ""
    vent: int = 0
    skiftet: bool = False
    trin_id: uuid.UUID | None = None
    udløbet: bool = False
    kode: bool = False
    faktor: str = ""


def log_ind(session: Session, fra: Forbindelse, brugernavn: str, kodeord: str) -> Udfald:
    """Check a name and a password, and start a session for who has no second factor. Commits itself.

    Unknown name, wrong password and blocked user get the same answer after the same work; the trail tells them apart.
    """
    bruger = find_bruger(session, brugernavn)
    forsøg = fra.forsøg(session, brugernavn, bruger.id if bruger is not None else None)
    known = (bruger.id, bruger.helhedsplan_id, bruger.kodeord) if bruger is not None else (None, None, None)
    wait = tæl_forsøg(session, forsøg)
    if wait:
        afvis(session, known[0], known[1], "for mange forsøg")
        session.commit()
        return Udfald(vent=math.ceil(wait.total_seconds()))
    session.commit()
    right = passer(kodeord, known[2])
    renewed = hash_kodeord(kodeord) if right and er_forældet(str(known[2])) else ""
    bruger = lås_bruger(session, known[0]) if right and known[0] is not None else None
    if bruger is None or bruger.spærret is not None or bruger.kodeord != known[2]:
        blocked = bruger is not None and bruger.spærret is not None
        afvis(session, known[0], known[1], "spærret bruger" if blocked else "forkert brugernavn eller adgangskode")
        session.commit()
        return Udfald()
    bruger.kodeord = renewed or bruger.kodeord
    session.add(bruger)
    if har_faktor(session, bruger.id):
        trin_id = begynd(session, Trin.KODE, bruger_id=bruger.id).id
        session.commit()
        return Udfald(trin_id=trin_id)
    return Udfald(fuldfør(session, forsøg, bruger, fra.enhed))


def fuldfør(session: Session, forsøg: Forsøg, bruger: Bruger, enhed: str, faktor: str = "", oidc: bytes = b"") -> str:
    """Start the session of a user who has proved everything asked of her; the cookie's token. Commits itself.

    Her row is locked by the caller, who has seen that she is not blocked.
    """
    lykkedes(session, forsøg)
    ryd_sessioner(session)
    bruger.sidst_logget_ind = now()
    session.add(bruger)
    token = start_session(session, bruger, enhed, faktor, oidc)
    for ryd in (ryd_kladder, *session.info.get("oprydning", ())):
        ryd(session)
    skriv(session, Handling.LOGGET_IND, "bruger", [bruger.id], anledning=faktor)
    session.commit()
    return token


def afvis(session: Session, bruger: uuid.UUID | None, helhedsplan: uuid.UUID | None, anledning: str) -> None:
    """Into the helhedsplan's own chain when the name is known, so that its databeskyttelse sees it."""
    before = aktør(session)
    session.info["aktør"] = Aktør(None, "ingen", helhedsplan)
    skriv(session, Handling.LOG_IND_AFVIST, "bruger", [bruger] if bruger is not None else [], anledning=anledning)
    session.info["aktør"] = before


def log_ud(session: Session, bruger_id: uuid.UUID, session_id: uuid.UUID) -> None:
    """End this session."""
    end_sessions(session, bruger_id, session_id, slut=Slut.LOG_UD)
    skriv(session, Handling.LOGGET_UD, "bruger", [bruger_id])


@dataclass(frozen=True)
class Skift:
    """A change of one's own password: from where, the old one and the new one."""

    fra: Forbindelse
    gammelt: str
    nyt: str


def skift_eget_kodeord(session: Session, bruger_id: uuid.UUID, skift: Skift, behold: uuid.UUID) -> Udfald:
    """Change one's own password and end all sessions but `behold`. Commits itself.

    `skiftet` when it is done, `vent` seconds after too many wrong ones, neither when the old one is wrong. Raises
    KodeordFejl when the new one may not be used.
    """
    bruger = session.get_one(Bruger, bruger_id)
    name, gemt, own = bruger.brugernavn, bruger.kodeord, egne_ord(session, bruger)
    forsøg = skift.fra.forsøg(session, name, bruger_id)
    wait = tæl_forsøg(session, forsøg)
    session.commit()
    if wait:
        return Udfald(vent=math.ceil(wait.total_seconds()))
    if not passer(skift.gammelt, gemt):
        skriv(session, Handling.AFVIST, "bruger", [bruger_id], anledning="forkert adgangskode")
        session.commit()
        return Udfald()
    lykkedes(session, forsøg)
    session.commit()
    tjek_kodeord(skift.nyt, name, own)
    if skift.gammelt == skift.nyt:
        raise KodeordFejl("Den nye adgangskode skal være en anden end den gamle.")
    hashed = hash_kodeord(skift.nyt)
    bruger = lås_bruger(session, bruger_id)
    if (
        bruger.kodeord != gemt or bruger.spærret is not None
    ):  # somebody else was faster: the old one is the old one no more
        session.rollback()
        return Udfald()
    gem_kodeord(session, bruger, hashed, skal_skifte=False, behold=behold)
    underret(session, bruger_id)
    token = nyt_token(session, behold)
    session.commit()
    return Udfald(token, skiftet=True)
