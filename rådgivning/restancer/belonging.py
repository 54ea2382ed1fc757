"""Restancesager that belong to a tenancy without anybody linking them. Knows no Flask.

A case filed by opkrævning or brought by her list bears the number of its tenancy, but that role neither opens nor
learns of any: so it is done where the beboerrådgiver's side reads (the pages of the rooms in `RUM`), and by the program
itself after an import and when a worker starts. What is not plain stays a question on the case's page.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session, col, select

from rådgivning.beboere.household_cases import Tilhør, knyt_sager
from rådgivning.beboere.households import Husstande, husstande, nøgle
from rådgivning.nøgler.changes import highest
from rådgivning.nøgler.mirrors import Billedregister, billeder
from rådgivning.nøgler.opening import open_unnamed
from rådgivning.nøgler.restriction import restricted
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.worklist import SPEJL, Sagspost
from rådgivning.spor.trail import aktør, hold

FLEST_AD_GANGEN = 100
RUM = frozenset({"restancer", "overblik", "beboere", "kontakter"})
_I_TRIT = "sager i lejemål"


@dataclass(frozen=True)
class Mangler:
    """Open questions of who belongs where that have one answer: cases without their tenancy, except those of restricted
    residents, and deleted cases that a tenancy still names."""

    sager: list[Sagspost]
    slettede: list[uuid.UUID]

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.sager or self.slettede)


def hold_i_trit(session: Session) -> int:
    """Let every case that plainly belongs to a tenancy do so; how many were linked or found deleted.

    Commits as it goes, some at a time, so that nobody waits for long. When nothing has changed since last time it asks
    only that.
    """
    helhedsplan_id = aktør(session).helhedsplan_id
    if helhedsplan_id is None:
        return 0
    register: Billedregister = billeder(session)
    newest = highest(session, helhedsplan_id)
    if register.nået(_I_TRIT, helhedsplan_id) == newest:
        return 0
    linked, rounds = 0, len(_missing(session).sager) // FLEST_AD_GANGEN + 2
    for _round in range(rounds):
        session.commit()
        hold(session)
        newest = highest(session, helhedsplan_id)
        missing = _missing(session)
        if not missing:
            session.commit()
            register.husk(_I_TRIT, helhedsplan_id, newest)
            return linked
        done = _link(session, missing)
        session.commit()
        if not done:  # nobody can read them any more
            register.husk(_I_TRIT, helhedsplan_id, newest)
            return linked
        linked += done
    return linked


def _missing(session: Session) -> Mangler:
    """What is to be done, worked out in memory. The tenancies are read first: a case that one names is then known."""
    homes = husstande(session)
    poster = SPEJL.frisk(session).poster
    sager = [post for post in poster.values() if post.id not in homes.for_sag and _plain(homes, post)]
    kept = restricted(session, {post.beboer for post in sager if post.beboer})
    sager = [post for post in sager if post.beboer not in kept]
    return Mangler(sager, [i for i in homes.for_sag if i not in poster])


def _plain(homes: Husstande, post: Sagspost) -> bool:
    """Whether it is plain where a case belongs: to the tenancy whose number it bears, or else to the one its resident
    lives in. Not when somebody has said that it belongs to none, nor when its resident lives elsewhere."""
    if post.løst:
        return False
    lives = _lives(homes, post)
    if not post.nummer:
        return lives is not None
    return lives is None or lives == homes.for_nummer.get((post.organisation, post.nummer))


def _lives(homes: Husstande, post: Sagspost) -> uuid.UUID | None:
    """The tenancy of the case's resident in the case's own boligorganisation: another's is never looked at."""
    home = homes.for_beboer.get(post.beboer) if post.beboer else None
    return home if home and homes.poster[home].boligorganisation == post.organisation else None


def bor_andetsteds(session: Session, sag: Restancesag, data: RestancesagData) -> bool:
    """Whether the case's resident lives in another tenancy than the one whose number the case bears."""
    post = SPEJL.frisk(session).poster.get(sag.id)
    return post is not None and bool(nøgle(data.lejemål)) and not post.løst and not _plain(husstande(session), post)


def _link(session: Session, missing: Mangler) -> int:
    """Some of it, in the transaction that is open; how many cases."""
    posts = {post.id: post for post in missing.sager[:FLEST_AD_GANGEN]}
    rows = session.exec(select(Restancesag).where(col(Restancesag.id).in_(posts))).all() if posts else []
    opened = open_unnamed(session, rows, RestancesagData) if rows else {}
    homes = husstande(session)
    found: dict[object, Tilhør] = {}
    for sag_id in sorted(opened, key=lambda i: posts[i].plads):
        post, data = posts[sag_id], opened[sag_id]
        number = (post.organisation, post.nummer)
        home = homes.for_nummer.get(number) if post.nummer else _lives(homes, post)
        place = found.setdefault(
            home or number, Tilhør(home, post.organisation, data.lejemål, data.adresse, data.afdeling)
        )
        place.sager.append(sag_id)
        if place.børn is None:
            place.børn = data.børn_i_husstanden
        if post.beboer and post.beboer not in homes.for_beboer and post.beboer not in place.beboere:
            place.beboere.append(post.beboer)
    _once_each(list(found.values()))
    gone = missing.slettede[:FLEST_AD_GANGEN]
    if found or gone:
        knyt_sager(session, list(found.values()), gone)
    return len(opened) + len(gone)


def _once_each(places: list[Tilhør]) -> None:
    """A resident with cases in two tenancies lives in the first of them."""
    seen: set[uuid.UUID] = set()
    for place in places:
        place.beboere = [i for i in place.beboere if i not in seen]
        seen.update(place.beboere)
