"""Putting a notice in the queue, in the transaction of the event it tells about. Knows no Flask and no mail server."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.kinds import SLAGS, Levering, Slags
from rådgivning.beskeder.models import Besked, Beskedvalg, Post
from rådgivning.database import now
from rådgivning.settings import Settings
from rådgivning.spor.trail import aktør

LEVETID = timedelta(days=90)


def læg_i_kø(session: Session, modtager_id: uuid.UUID, slags: str, antal: int = 1) -> None:
    """Tell one user that something has happened; commits with the event.

    Nothing is queued for a blocked user, for the actor herself, or for who has chosen not to hear of it. Raises
    ValueError for a kind that does not exist.
    """
    users = select(Bruger).where(Bruger.id == modtager_id, col(Bruger.spærret).is_(None))
    _queue(session, session.exec(users).all(), Slags(slags), antal)


def læg_i_kø_til_rolle(
    session: Session, helhedsplan_id: uuid.UUID, rolle: Rolle, slags: str, antal: int = 1, tekst: str = ""
) -> None:
    """Tell every active user of a role in a helhedsplan, as læg_i_kø tells one. `tekst`: see Besked."""
    users = select(Bruger).where(
        Bruger.helhedsplan_id == helhedsplan_id, Bruger.rolle == rolle, col(Bruger.spærret).is_(None)
    )
    _queue(session, session.exec(users).all(), Slags(slags), antal, tekst=tekst)


def varsl_ny_enhed(session: Session, bruger_id: uuid.UUID, beskrivelse: str) -> None:
    """Tell a user that somebody, we hope she herself, has signed in as her on a device not seen before.

    Of one who administers, the others who do are told as well.
    """
    bruger = session.get_one(Bruger, bruger_id)
    _queue(session, [bruger], Slags.NY_ENHED, 1, {beskrivelse: 1}, også_aktøren=True)
    if bruger.rolle == Rolle.DATABESKYTTELSE:
        læg_i_kø_til_rolle(session, bruger.helhedsplan_id, Rolle.DATABESKYTTELSE, Slags.DATABESKYTTELSE_ENHED)


def varsl_adgang(session: Session, bruger_id: uuid.UUID, *, forsøg: bool) -> None:
    """Tell a user that how she signs in was changed, or that somebody with her password failed at the second step."""
    slags = Slags.ADGANG_FORSØG if forsøg else Slags.ADGANG_ÆNDRET
    _queue(session, [session.get_one(Bruger, bruger_id)], slags, 1, også_aktøren=True)


def _queue(
    session: Session,
    modtagere: Sequence[Bruger],
    slags: Slags,
    antal: int,
    tal: dict[str, int] | None = None,
    *,
    også_aktøren: bool = False,
    tekst: str = "",
) -> None:
    chosen = valgte(session, [bruger.id for bruger in modtagere], slags)
    mail = kan_sende(session)
    for bruger in modtagere:
        herself = bruger.id == aktør(session).bruger_id and not også_aktøren
        if herself or chosen[bruger.id] == Levering.INGEN:
            continue
        post = _post(chosen[bruger.id]) if mail and bruger.email else Post.INGEN
        session.add(
            Besked(
                helhedsplan_id=bruger.helhedsplan_id,
                bruger_id=bruger.id,
                slags=slags,
                antal=antal,
                tal=tal or {},
                tekst=tekst,
                oprettet=now(),
                post=post,
                næste=now() if post == Post.VENTER else None,
            )
        )


def _post(levering: Levering) -> Post:
    return {Levering.STRAKS: Post.VENTER, Levering.OVERBLIK: Post.OVERBLIK}.get(levering, Post.INGEN)


def valgte(session: Session, brugere: Collection[uuid.UUID], slags: Slags) -> dict[uuid.UUID, Levering]:
    """How each of these users wants a kind."""
    rows = session.exec(select(Beskedvalg).where(col(Beskedvalg.bruger_id).in_(brugere))).all() if brugere else []
    standard = SLAGS[slags].standard
    known = {row.bruger_id: Levering(row.valg.get(slags, standard)) for row in rows}
    return {bruger: known.get(bruger, standard) for bruger in brugere}


def kan_sende(session: Session) -> bool:
    """Whether this instance has a mail server; without one nothing is queued for mail."""
    settings: Settings | None = session.info.get("settings")
    return settings is not None and settings.post is not None


def ryd_gamle(session: Session) -> None:
    """Delete what is older than 90 days, read or not: at every sign-in, and each time the mail queue is worked."""
    session.exec(delete(Besked).where(col(Besked.oprettet) < now() - LEVETID))
