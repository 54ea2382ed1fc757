"""A user's own notices and what she has chosen about them. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select, update

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Konflikt
from rådgivning.beskeder.kinds import SLAGS, Levering, Slags, valgbare
from rådgivning.beskeder.models import Besked, Beskedvalg, Post
from rådgivning.beskeder.queue import LEVETID, kan_sende
from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

SIDELÆNGDE = 25
PRØVE_IGEN = timedelta(minutes=2)


def _shown(bruger_id: uuid.UUID) -> list[ColumnElement[bool]]:
    return [
        col(Besked.bruger_id) == bruger_id,
        col(Besked.i_app).is_(True),
        col(Besked.oprettet) >= now() - LEVETID,
    ]


def antal_ulæste(session: Session, bruger_id: uuid.UUID) -> int:
    """How many notices she has not read: one look into one index, for every page."""
    with session.no_autoflush:
        unread = (*_shown(bruger_id), col(Besked.læst).is_(None))
        return session.exec(select(func.count()).select_from(Besked).where(*unread)).one()


def egne_beskeder(session: Session, bruger_id: uuid.UUID, side: int) -> tuple[Sequence[Besked], int]:
    """One page of her notices, the newest first, and the number of pages. What is over 90 days old is gone."""
    mine = _shown(bruger_id)
    antal = session.exec(select(func.count()).select_from(Besked).where(*mine)).one()
    query = select(Besked).where(*mine).order_by(col(Besked.oprettet).desc(), col(Besked.id))
    rows = session.exec(query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)).all()
    return rows, max(1, -(-antal // SIDELÆNGDE))


def læs_alle(session: Session, bruger_id: uuid.UUID) -> None:
    """Mark all of her notices as read."""
    unread = (col(Besked.bruger_id) == bruger_id, col(Besked.læst).is_(None))
    session.exec(update(Besked).where(*unread).values(læst=now()))


def hent_valg(session: Session, bruger_id: uuid.UUID) -> Beskedvalg:
    """What she has chosen, or the defaults."""
    return session.get(Beskedvalg, bruger_id) or Beskedvalg(bruger_id=bruger_id)


def leveringer(bruger: Bruger, valg: Mapping[str, str]) -> dict[Slags, Levering]:
    """How each kind that her role may get comes to her, with these choices."""
    return {slags: Levering(valg.get(slags, SLAGS[slags].standard)) for slags in valgbare(bruger.rolle)}


def gem_valg(session: Session, bruger: Bruger, valg: Mapping[str, str], overblik_kl: str) -> None:
    """Save what she has chosen; nothing is written when nothing changed."""
    chosen = hent_valg(session, bruger.id)
    if leveringer(bruger, valg) == leveringer(bruger, chosen.valg) and overblik_kl == chosen.overblik_kl:
        return
    chosen.valg, chosen.overblik_kl = dict(valg), overblik_kl
    session.add(chosen)
    skriv(session, Handling.ÆNDRET, "beskedvalg", [bruger.id])


def seneste_prøve(session: Session, bruger_id: uuid.UUID) -> Besked | None:
    """Her last trial notice, with what became of it."""
    mine = select(Besked).where(Besked.bruger_id == bruger_id, Besked.slags == Slags.PRØVE)
    return session.exec(mine.order_by(col(Besked.oprettet).desc()).limit(1)).first()


def send_prøve(session: Session, bruger: Bruger) -> None:
    """Queue a trial notice to herself. Raises Konflikt where it cannot be sent, and when one was just asked for."""
    if not kan_sende(session) or not bruger.email:
        raise Konflikt("Der er ingen e-mailadresse at sende til. Gem den først.")
    last = seneste_prøve(session, bruger.id)
    if last is not None and (last.post == Post.VENTER or last.oprettet > now() - PRØVE_IGEN):
        raise Konflikt("Der er lige bedt om en prøvebesked. Vent et par minutter, og se, om den kommer.")
    row = Besked(
        helhedsplan_id=bruger.helhedsplan_id,
        bruger_id=bruger.id,
        slags=Slags.PRØVE,
        oprettet=now(),
        i_app=False,
        post=Post.VENTER,
        næste=now(),
    )
    session.add(row)
    skriv(session, Handling.OPRETTET, "besked", [row.id], anledning="prøvebesked")


def seneste_fejl(session: Session, bruger_id: uuid.UUID) -> Besked | None:
    """The last notice to her that has met an error; None when a later one got through."""
    tried = (Besked.bruger_id == bruger_id, col(Besked.post).in_([Post.SENDT, Post.OPGIVET, Post.VENTER]))
    touched = select(Besked).where(*tried).order_by(col(Besked.oprettet).desc(), col(Besked.id)).limit(1)
    last = session.exec(touched).first()
    return last if last is not None and last.fejl else None


def ikke_leveret(session: Session, helhedsplan_id: uuid.UUID) -> Sequence[tuple[Besked, str]]:
    """The mails of a helhedsplan that were given up or have met an error, newest first, with whom they were to."""
    query = (
        select(Besked, Bruger.navn)
        .join(Bruger, col(Bruger.id) == col(Besked.bruger_id))
        .where(Besked.helhedsplan_id == helhedsplan_id, Besked.fejl != "")
        .where(col(Besked.post).in_([Post.OPGIVET, Post.VENTER]))
        .order_by(col(Besked.oprettet).desc(), col(Besked.id))
    )
    return session.exec(query.limit(100)).all()


def send_opgivne_igen(session: Session, helhedsplan_id: uuid.UUID) -> int:
    """Queue the helhedsplan's mails that were given up once more, with all their tries; how many.

    Raises Konflikt where there is no mail server.
    """
    if not kan_sende(session):
        raise Konflikt("Der er ingen mailserver i indstillingerne. E-mail kan ikke sendes.")
    given_up = (Besked.helhedsplan_id == helhedsplan_id, Besked.post == Post.OPGIVET)
    rows = session.exec(select(Besked).where(*given_up).with_for_update()).all()
    for row in rows:
        row.post, row.forsøg, row.næste = Post.VENTER, 0, now()
        session.add(row)
    if rows:
        skriv(session, Handling.ÆNDRET, "besked", [row.id for row in rows], anledning="sendes igen")
    return len(rows)


def ventende(session: Session, helhedsplan_id: uuid.UUID) -> tuple[int, Besked | None]:
    """How many notices wait to be mailed, and the oldest of them that nobody has tried to send."""
    waiting = (Besked.helhedsplan_id == helhedsplan_id, Besked.post == Post.VENTER)
    antal = session.exec(select(func.count()).select_from(Besked).where(*waiting)).one()
    untried = select(Besked).where(*waiting, Besked.fejl == "", col(Besked.lejer).is_(None))
    return antal, session.exec(untried.order_by(col(Besked.oprettet)).limit(1)).first()
