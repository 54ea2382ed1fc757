"""The secret address of a user's calendar feed: made, shown once, renewed, revoked, and what it leads to.

The address is the only key to the feed, so it has 256 random bits, and only its SHA-256 is stored: it is found by its
hash, and how long that takes tells nothing about the token. The feed acts as the user it was made for, with her rights
and no more, and its reads stand in the trail as hers.
"""

from __future__ import annotations

import math
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from rådgivning.adgang.limits import GÆT, HENTNING, stedets_nøgle, tæl_en, tæl_tilbage
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, IkkeFundet, Ret, Rolle
from rådgivning.adgang.sessions import som_indlogget, token_hash
from rådgivning.beboere.residents import acting
from rådgivning.database import now, today
from rådgivning.kalender.agenda import Besøg, besøg_mellem
from rådgivning.kalender.bookings import egen_side
from rådgivning.kalender.feed import Begivenhed, dansk_tid
from rådgivning.kalender.models import Kalenderfeed
from rådgivning.kalender.states import Side, Status
from rådgivning.plan.lister import etiket
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

TILBAGE: Final = timedelta(days=31)
FREM: Final = timedelta(days=366)


class ForMange(Exception):
    """Fetched or guessed too often; `vent` is how many seconds to wait."""

    def __init__(self, vent: timedelta) -> None:
        super().__init__("calendar feed")
        self.vent = math.ceil(vent.total_seconds())


def gældende(session: Session) -> Kalenderfeed | None:
    """The actor's feed; None when there is none or it was revoked."""
    rows = _levende(session, acting(session)[1])
    return rows[0] if rows else None


def ny_adresse(session: Session) -> str:
    """A new token for the actor's feed; the old one ends. It can never be shown again."""
    _helhedsplan, bruger_id = acting(session)
    tilbagekald(session)
    token = secrets.token_urlsafe(32)
    feed = Kalenderfeed(token_hash=token_hash(token), bruger_id=bruger_id, oprettet=now())
    session.add(feed)
    skriv(session, Handling.OPRETTET, "kalenderfeed", [feed.id])
    return token


def tilbagekald(session: Session) -> int:
    """End the actor's feed at once; returns how many addresses ended."""
    return tilbagekald_for(session, acting(session)[1])


def tilbagekald_for(session: Session, bruger_id: uuid.UUID) -> int:
    """End a user's feed at once, as when somebody else may know how she gets in; returns how many addresses ended."""
    hold(session)
    rows = _levende(session, bruger_id)
    for row in rows:
        row.tilbagekaldt = now()
        session.add(row)
        skriv(session, Handling.ÆNDRET, "kalenderfeed", [row.id], anledning="tilbagekaldt")
    return len(rows)


def åbn(session: Session, token: str, nøgle: bytes, adresse: str) -> Kalenderfeed:
    """The feed of a token; the Session acts as its user from here on. Commits the counters.

    Raises IkkeFundet for a token that is unknown or revoked, or whose user is blocked or no longer has a calendar, and
    ForMange. An unknown one counts against the place it was asked from, a known one against itself.
    """
    place = stedets_nøgle(nøgle, "kalenderfeed", adresse)
    _count(tæl_en(session, place, GÆT), session)
    feed = session.get(Kalenderfeed, token_hash(token))
    bruger = session.get(Bruger, feed.bruger_id) if feed is not None else None
    if feed is None or bruger is None:
        session.commit()
        raise IkkeFundet("kalenderfeed")
    tæl_tilbage(session, place, GÆT)
    _count(tæl_en(session, feed.token_hash, HENTNING), session)
    session.info["aktør"] = som_indlogget(bruger).som_aktør()
    allowed = Ret.KALENDER in RETTIGHEDER[Rolle(bruger.rolle)] and bruger.spærret is None
    if feed.tilbagekaldt is not None or not allowed:
        session.commit()
        raise IkkeFundet("kalenderfeed", feed.id)
    feed.sidst_brugt = now()
    session.add(feed)
    session.commit()
    return feed


def indhold(session: Session, *, med_adresse: bool) -> list[Begivenhed]:
    """The actor's visits of the last month and the coming year: ejendomsdrift's all, the beboerrådgiver's own."""
    besøg = besøg_mellem(session, today() - TILBAGE, today() + FREM, "kalenderfeed")
    if egen_side(session) is Side.RÅDGIVER:
        besøg = [b for b in besøg if b.data and b.data.rådgiver_id == aktør(session).bruger_id]
    found = (_begivenhed(session, b, med_adresse=med_adresse) for b in besøg)
    return [begivenhed for begivenhed in found if begivenhed is not None]


def _begivenhed(session: Session, besøg: Besøg, *, med_adresse: bool) -> Begivenhed | None:
    aftale, data = besøg.aftale, besøg.data
    if data is None:
        return None
    words = [etiket(session, aftale.helhedsplan_id, "art", data.art)]
    words.append(etiket(session, aftale.helhedsplan_id, "afdeling", data.afdeling))
    return Begivenhed(
        id=aftale.id,
        titel=", ".join(words),
        start=dansk_tid(aftale.dato, data.start),
        varighed=data.varighed,
        status=Status(aftale.status),
        sekvens=aftale.version - 1,
        ændret=data.ændret or now(),
        sted=data.adresse if med_adresse else "",
    )


def _levende(session: Session, bruger_id: uuid.UUID) -> Sequence[Kalenderfeed]:
    query = select(Kalenderfeed).where(Kalenderfeed.bruger_id == bruger_id, col(Kalenderfeed.tilbagekaldt).is_(None))
    return session.exec(query.order_by(col(Kalenderfeed.oprettet).desc())).all()


def _count(vent: timedelta, session: Session) -> None:
    if vent > timedelta():
        session.commit()
        raise ForMange(vent)
