"""Users: made, blocked, given another password. Called by the pages and by `raadgivning bruger`."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from rådgivning.adgang.factors import underret
from rådgivning.adgang.kladder import slet_alle_kladder
from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Bruger, BrugerSession
from rådgivning.adgang.passwords import KodeordFejl, hash_kodeord, nyt_kodeord, tjek_kodeord
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import Slut, end_sessions
from rådgivning.adgang.steps import glem_trin
from rådgivning.database import findes_allerede, new_id, now, på_tværs
from rådgivning.settings import EMAIL
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

__all__ = [
    "BrugerFejl",
    "KodeordFejl",
    "brugere",
    "find_bruger",
    "gem_kodeord",
    "hash_kodeord",
    "nyt_kodeord",
    "opret_bruger",
    "ren_email",
    "sidst_brugt",
    "skift_email",
    "skift_kodeord",
    "skift_rolle",
    "spær_bruger",
    "tjek_bruger",
    "åbn_bruger",
]

# Only these work on behalf of one boligorganisation; the others work for the whole helhedsplan.
MED_ORGANISATION = frozenset({Rolle.EJENDOMSDRIFT, Rolle.INKASSO})
MED_ELLER_UDEN = "Vælg boligorganisation for ejendomsdrift og inkasso, og kun for dem."
OPTAGET = "Brugernavnet er optaget. Vælg et andet."
_BRUGERNAVN = re.compile(r"[a-zæøå0-9][a-zæøå0-9._-]{1,39}")


class BrugerFejl(ValueError):
    """The user cannot be made like that; one Danish sentence says why."""


def rent_brugernavn(text: str) -> str:
    """A user name as it is stored and compared: NFC, lower case, without outer space."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def tjek_bruger(brugernavn: str, kodeord: str) -> str:
    """The user name as it is stored; raises BrugerFejl or KodeordFejl when name or password cannot be used."""
    name = rent_brugernavn(brugernavn)
    if not _BRUGERNAVN.fullmatch(name):
        raise BrugerFejl("Brugernavnet skal have 2-40 tegn: bogstaver, tal, punktum, bindestreg og understregning.")
    tjek_kodeord(kodeord, name)
    return name


def find_bruger(session: Session, brugernavn: str) -> Bruger | None:
    """The user of a name, however it is typed."""
    with på_tværs(session):
        return session.exec(select(Bruger).where(Bruger.brugernavn == rent_brugernavn(brugernavn))).one_or_none()


def brugere(session: Session, helhedsplan_id: uuid.UUID) -> Sequence[Bruger]:
    """All users of a helhedsplan by name, blocked ones included."""
    query = select(Bruger).where(Bruger.helhedsplan_id == helhedsplan_id).order_by(Bruger.navn, Bruger.brugernavn)
    return session.exec(query).all()


def sidst_brugt(session: Session, helhedsplan_id: uuid.UUID) -> dict[uuid.UUID, datetime]:
    """When each user of a helhedsplan last did something, by user id; those who never signed in are left out."""
    query = (
        select(Bruger.id, Bruger.sidst_logget_ind, func.max(col(BrugerSession.sidst_set)))
        .join(BrugerSession, isouter=True)
        .where(Bruger.helhedsplan_id == helhedsplan_id)
        .group_by(col(Bruger.id), col(Bruger.sidst_logget_ind))
    )
    found = {who: [t for t in (signed_in, seen) if t is not None] for who, signed_in, seen in session.exec(query)}
    return {who: max(times) for who, times in found.items() if times}


def opret_bruger(
    session: Session,
    helhedsplan_id: uuid.UUID,
    brugernavn: str,
    navn: str,
    rolle: Rolle,
    kodeord: str,
    *,
    boligorganisation: str = "",
    skal_skifte: bool = False,
    id: uuid.UUID | None = None,  # noqa: A002
) -> Bruger:
    """A new user; raises BrugerFejl or KodeordFejl. Hashes before the first query, so begin without a transaction.

    `skal_skifte`: the password was chosen by somebody else and must be changed at the first sign-in.
    """
    name = tjek_bruger(brugernavn, kodeord)
    if (rolle in MED_ORGANISATION) != bool(boligorganisation):
        raise BrugerFejl(MED_ELLER_UDEN)
    hashed = hash_kodeord(kodeord)
    if find_bruger(session, name) is not None:
        raise BrugerFejl(OPTAGET)
    bruger = Bruger(
        id=id or new_id(),
        helhedsplan_id=helhedsplan_id,
        brugernavn=name,
        navn=unicodedata.normalize("NFC", navn).strip(),
        rolle=rolle,
        boligorganisation=boligorganisation,
        kodeord=hashed,
        skal_skifte=skal_skifte,
        oprettet=now(),
    )
    try:
        with session.begin_nested():
            session.add(bruger)
    except IntegrityError as fejl:
        if findes_allerede(fejl):
            raise
        raise BrugerFejl(OPTAGET) from None
    skriv(session, Handling.OPRETTET, "bruger", [bruger.id], detaljer={"rolle": str(rolle)})
    return bruger


def ren_email(text: str) -> str:
    """An e-mail address as it is stored, with a domain in letters a-z; "" for none. Raises BrugerFejl."""
    local, _at, domain = unicodedata.normalize("NFC", text).strip().rpartition("@")
    try:
        email = f"{local}@{domain.encode('idna').decode()}" if local or domain else ""
    except UnicodeError:
        email = "-"
    if email and (len(email) > 254 or not EMAIL.fullmatch(email)):
        raise BrugerFejl("Skriv en e-mailadresse som navn@example.dk.")
    return email


def skift_email(session: Session, bruger: Bruger, email: str) -> None:
    """Set where a user's notices are mailed, "" for nowhere; she is told in any case. Raises BrugerFejl.

    The address is in no trail entry.
    """
    ny = ren_email(email)
    if ny == bruger.email:
        return
    bruger = lås_bruger(session, bruger.id)
    bruger.email = ny
    session.add(bruger)
    anledning = "ny e-mailadresse" if ny else "uden e-mailadresse"
    skriv(session, Handling.ÆNDRET, "bruger", [bruger.id], anledning=anledning)
    underret(session, bruger.id)


def spær_bruger(session: Session, bruger: Bruger) -> None:
    """Shut a user out at once: every session of hers ends with this transaction, and what she had not saved goes."""
    bruger = lås_bruger(session, bruger.id)
    bruger.spærret = bruger.spærret or now()
    session.add(bruger)
    ended = end_sessions(session, bruger.id, slut=Slut.SPÆRRET)
    glem_trin(session, bruger.id)
    slet_alle_kladder(session, bruger.id)
    skriv(session, Handling.ÆNDRET, "bruger", [bruger.id], anledning="spærret", detaljer={"sessioner": ended})


def åbn_bruger(session: Session, bruger: Bruger) -> None:
    """Let a blocked user in again. Her old sessions stay ended, also one that began while she was being blocked."""
    bruger = lås_bruger(session, bruger.id)
    end_sessions(session, bruger.id, slut=Slut.SPÆRRET)
    bruger.spærret = None
    session.add(bruger)
    skriv(session, Handling.ÆNDRET, "bruger", [bruger.id], anledning="åbnet igen")


def skift_rolle(session: Session, bruger: Bruger, rolle: Rolle, boligorganisation: str) -> int:
    """Give a user another role or boligorganisation, and end her sessions; returns how many ended. Raises BrugerFejl.

    What she had typed and not saved goes too: it was typed in a role she no longer has.
    """
    if (rolle in MED_ORGANISATION) != bool(boligorganisation):
        raise BrugerFejl(MED_ELLER_UDEN)
    bruger = lås_bruger(session, bruger.id)
    bruger.rolle, bruger.boligorganisation = rolle, boligorganisation
    session.add(bruger)
    ended = end_sessions(session, bruger.id, slut=Slut.ROLLE)
    glem_trin(session, bruger.id)
    slet_alle_kladder(session, bruger.id)
    detaljer: dict[str, str | int] = {"rolle": str(rolle), "sessioner": ended}
    skriv(session, Handling.ÆNDRET, "bruger", [bruger.id], anledning="ny rolle", detaljer=detaljer)
    return ended


def egne_ord(session: Session, bruger: Bruger) -> list[str]:
    """What nobody may build a password of: her own name, and the names of her helhedsplan and its places."""
    places = [text for find in session.info.get("stedord", ()) for text in find(session, bruger.helhedsplan_id)]
    return [bruger.navn, *places]


def skift_kodeord(
    session: Session,
    bruger: Bruger,
    kodeord: str,
    *,
    skal_skifte: bool = False,
    behold: uuid.UUID | None = None,
) -> None:
    """Give a user another password and end her sessions, all but `behold`. Raises KodeordFejl."""
    tjek_kodeord(kodeord, bruger.brugernavn, egne_ord(session, bruger))
    gem_kodeord(session, bruger, hash_kodeord(kodeord), skal_skifte=skal_skifte, behold=behold)


def gem_kodeord(
    session: Session, bruger: Bruger, hashed: str, *, skal_skifte: bool, behold: uuid.UUID | None = None
) -> None:
    """As skift_kodeord, with a hash made before the transaction began."""
    bruger = lås_bruger(session, bruger.id)
    bruger.kodeord, bruger.skal_skifte = hashed, skal_skifte
    session.add(bruger)
    ended = end_sessions(session, bruger.id, undtagen=behold, slut=Slut.KODEORD)
    glem_trin(session, bruger.id)
    anledning = "ny engangskode" if skal_skifte else "ny adgangskode"
    skriv(session, Handling.ÆNDRET, "bruger", [bruger.id], anledning=anledning, detaljer={"sessioner": ended})
