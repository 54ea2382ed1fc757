"""The daily digest: made once per user and working day, at the time she chose, from counts handed in by `overblik`."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, or_, select, update

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, Rolle
from rådgivning.beskeder.kinds import SLAGS, Levering, Slags
from rådgivning.beskeder.models import STANDARD_KL, Besked, Beskedvalg, Post
from rådgivning.dansk import er_helligdag
from rådgivning.database import COPENHAGEN, now, today

Tæller = Callable[[Session, Bruger, date], Mapping[str, int]]
_OM = SLAGS[Slags.DAGENS_OVERBLIK]


def lav_overblik(session: Session, tæl: Tæller) -> int:
    """Queue the digests that are due; returns how many. Commits as it goes. A day with nothing to tell has none.

    `tæl` counts a user's day: words of kinds.TAL to numbers. Of two senders one makes the digest.
    """
    dag = today()
    made = sum(_make(session, bruger_id, dag, tæl) for bruger_id in _due(session, dag)) if _arbejdsdag(dag) else 0
    session.rollback()
    return made


def _arbejdsdag(dag: date) -> bool:
    return dag.weekday() < 5 and not er_helligdag(dag)


def _due(session: Session, dag: date) -> list[uuid.UUID]:
    kl = f"{now().astimezone(COPENHAGEN):%H:%M}"
    query = (
        select(Bruger, Beskedvalg)
        .join(Beskedvalg, col(Beskedvalg.bruger_id) == col(Bruger.id), isouter=True)
        .where(Bruger.email != "", col(Bruger.spærret).is_(None))
        .where(or_(col(Beskedvalg.overblik_dato).is_(None), col(Beskedvalg.overblik_dato) < dag))
    )
    found: list[tuple[Bruger, Beskedvalg | None]] = list(session.exec(query).all())
    return [bruger.id for bruger, chosen in found if _wants(bruger, chosen) and _kl(chosen) <= kl]


def _wants(bruger: Bruger, chosen: Beskedvalg | None) -> bool:
    levering = chosen.valg.get(Slags.DAGENS_OVERBLIK, _OM.standard) if chosen else _OM.standard
    return levering == Levering.STRAKS and bool(_OM.retter & RETTIGHEDER[Rolle(bruger.rolle)])


def _kl(chosen: Beskedvalg | None) -> str:
    return chosen.overblik_kl if chosen else STANDARD_KL


def _make(session: Session, bruger_id: uuid.UUID, dag: date, tæl: Tæller) -> bool:
    if not _claim(session, bruger_id, dag):
        session.rollback()
        return False
    bruger = session.get_one(Bruger, bruger_id)
    tal = {word: count for word, count in tæl(session, bruger, dag).items() if count} | _gathered(session, bruger_id)
    if tal:
        session.add(
            Besked(
                helhedsplan_id=bruger.helhedsplan_id,
                bruger_id=bruger_id,
                slags=Slags.DAGENS_OVERBLIK,
                tal=tal,
                oprettet=now(),
                i_app=False,
                post=Post.VENTER,
                næste=now(),
            )
        )
    session.commit()
    return bool(tal)


def _claim(session: Session, bruger_id: uuid.UUID, dag: date) -> bool:
    """Whether this sender makes the user's digest of the day."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"bruger_id": bruger_id, "valg": {}, "overblik_kl": STANDARD_KL}
    session.execute(insert(Beskedvalg).values(row).on_conflict_do_nothing())
    undone = or_(col(Beskedvalg.overblik_dato).is_(None), col(Beskedvalg.overblik_dato) < dag)
    mine = update(Beskedvalg).where(col(Beskedvalg.bruger_id) == bruger_id, undone).values(overblik_dato=dag)
    return session.exec(mine).rowcount == 1


def _gathered(session: Session, bruger_id: uuid.UUID) -> dict[str, int]:
    """The notices that waited for the digest, by kind."""
    waiting = (col(Besked.bruger_id) == bruger_id, col(Besked.post) == Post.OVERBLIK)
    taken = update(Besked).where(*waiting).values(post=Post.SAMLET).returning(col(Besked.slags), col(Besked.antal))
    counts: Counter[str] = Counter()
    for slags, antal in session.execute(taken).all():
        counts[slags] += antal
    return dict(sorted(counts.items()))
