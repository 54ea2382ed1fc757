"""A user's second factors: which she has, adding and removing them, taking them all away. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlmodel import Session, col, delete, select

from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Bruger, BrugerFaktor
from rådgivning.adgang.permissions import IkkeFundet, Konflikt
from rådgivning.adgang.recovery_codes import slet_koder
from rådgivning.adgang.seen_devices import glem_andre
from rådgivning.adgang.sessions import Slut, end_sessions
from rådgivning.adgang.steps import glem_trin
from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

PASSKEY, TOTP = "passkey", "totp"
HØJST = {PASSKEY: 8, TOTP: 2}
ORD = {PASSKEY: "passkey", TOTP: "app"}


def faktorer(session: Session, bruger_id: uuid.UUID) -> Sequence[BrugerFaktor]:
    """A user's factors, the oldest first."""
    query = select(BrugerFaktor).where(BrugerFaktor.bruger_id == bruger_id)
    return session.exec(query.order_by(col(BrugerFaktor.oprettet), col(BrugerFaktor.id))).all()


def har_faktor(session: Session, bruger_id: uuid.UUID) -> bool:
    """Whether a user has any."""
    return session.exec(select(BrugerFaktor.id).where(BrugerFaktor.bruger_id == bruger_id)).first() is not None


def hent_faktor(session: Session, bruger_id: uuid.UUID, faktor_id: uuid.UUID) -> BrugerFaktor:
    """A user's own factor; raises IkkeFundet for others' and for none."""
    found = session.get(BrugerFaktor, faktor_id, populate_existing=True)
    if found is None or found.bruger_id != bruger_id:
        raise IkkeFundet("bruger_faktor", faktor_id, fremmed=found is not None)
    return found


def findes_faktor(session: Session, bruger_id: uuid.UUID, faktor_id: uuid.UUID) -> bool:
    """Whether the user has that factor already (the same form twice); raises IkkeFundet for another user's."""
    if session.get(BrugerFaktor, faktor_id) is None:
        return False
    hent_faktor(session, bruger_id, faktor_id)
    return True


def tjek_antal(session: Session, bruger_id: uuid.UUID, slags: str) -> None:
    """Raises Konflikt when a user has as many of a kind as she may."""
    if sum(faktor.slags == slags for faktor in faktorer(session, bruger_id)) >= HØJST[slags]:
        raise Konflikt("Du har så mange, som du kan have. Fjern en, du ikke bruger mere, og prøv igen.")


def tilføj(session: Session, faktor: BrugerFaktor, behold: uuid.UUID) -> None:
    """Store a factor that has just been tried. Her first one ends every session but `behold`: they began without.

    The caller holds her row. Raises Konflikt when she has as many as she may.
    """
    tjek_antal(session, faktor.bruger_id, faktor.slags)
    first = not har_faktor(session, faktor.bruger_id)
    session.add(faktor)
    skriv(session, Handling.OPRETTET, "bruger_faktor", [faktor.id], anledning=f"ny {ORD[faktor.slags]}")
    if first:
        end_sessions(session, faktor.bruger_id, undtagen=behold, slut=Slut.FAKTOR)
    underret(session, faktor.bruger_id)


def fjern(session: Session, faktor: BrugerFaktor, behold: uuid.UUID, *, mistet: bool = False) -> None:
    """Remove a factor and end every session but `behold`: one of them may have begun with it.

    `mistet`: somebody else may have it, so that nothing she had at hand where it was counts as hers any more
    (`mistet_enhed`). Raises Konflikt for the last one, without which she could not sign in, IkkeFundet when it is gone.
    """
    bruger_id, faktor_id = faktor.bruger_id, faktor.id
    lås_bruger(session, bruger_id)
    faktor = hent_faktor(session, bruger_id, faktor_id)
    if len(faktorer(session, bruger_id)) < 2:
        raise Konflikt("Det er din eneste. Tilføj en anden passkey eller app, før du fjerner den.")
    ended = slut_andre(session, bruger_id, behold)
    if mistet:
        mistet_enhed(session, bruger_id, behold)
    session.delete(faktor)
    session.flush()
    details: dict[str, str | int] = {"sessioner": ended}
    anledning = f"{'mistet' if mistet else 'fjernet'} {ORD[faktor.slags]}"
    skriv(session, Handling.SLETTET, "bruger_faktor", [faktor_id], anledning=anledning, detaljer=details)
    underret(session, bruger_id)


def slut_andre(session: Session, bruger_id: uuid.UUID, behold: uuid.UUID | None = None) -> int:
    """End what a user has begun and her sessions, all but `behold`, since what they began with is good no more."""
    ended = end_sessions(session, bruger_id, undtagen=behold, slut=Slut.FAKTOR)
    glem_trin(session, bruger_id)
    return ended


def mistet_enhed(session: Session, bruger_id: uuid.UUID, behold: uuid.UUID | None = None) -> None:
    """Something of hers is in other hands: no browser but that of the session `behold` is known as hers any more, and
    whatever else she may have had on it (`session.info["mistet"]`) is taken back."""
    glem_andre(session, bruger_id, behold)
    for tag_tilbage in session.info.get("mistet", ()):
        tag_tilbage(session, bruger_id)


def nulstil(session: Session, bruger: Bruger) -> int:
    """Forget every factor, recovery code and known browser of a user and end her sessions; how many factors there were.

    Her password must be replaced in the same transaction: an old one alone would otherwise let somebody else in.
    """
    lås_bruger(session, bruger.id)
    found = len(faktorer(session, bruger.id))
    ended = slut_andre(session, bruger.id)
    session.exec(delete(BrugerFaktor).where(col(BrugerFaktor.bruger_id) == bruger.id))
    slet_koder(session, bruger.id)
    mistet_enhed(session, bruger.id)
    details: dict[str, str | int] = {"fjernet": found, "sessioner": ended}
    skriv(session, Handling.ÆNDRET, "bruger", [bruger.id], anledning="login i to trin nulstillet", detaljer=details)
    underret(session, bruger.id)
    return found


def brugt(session: Session, faktor: BrugerFaktor, tæller: int) -> None:
    """Note that a factor was used."""
    faktor.sidst_brugt, faktor.tæller = now(), tæller
    session.add(faktor)


def underret(session: Session, bruger_id: uuid.UUID, *, forsøg: bool = False) -> None:
    """Tell a user that how she signs in has changed, or (`forsøg`) that somebody knows her password but no code."""
    for tell in session.info.get("adgang_ændret", ()):
        tell(session, bruger_id, forsøg=forsøg)
