"""Working the mail queue, by any number of senders on any number of machines at once.

A sender claims the waiting notices of one user and one kind with an UPDATE that only one of them can win, commits,
talks to the mail server with no transaction open, and writes down how it went. Each mail is sent once; only when a
sender dies between the server's OK and its own commit is it sent a second time, when the claim has run out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select, update

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.kinds import TAL, Slags
from rådgivning.beskeder.mail import Fejl, brev, lever
from rådgivning.beskeder.models import Besked, Post
from rådgivning.beskeder.queue import læg_i_kø_til_rolle
from rådgivning.database import COPENHAGEN, new_id, now
from rådgivning.settings import Postopsætning

# A claim outlasts the longest conversation with a mail server that answers at all.
LEJE = timedelta(minutes=15)
VENT = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)


@dataclass(frozen=True)
class Bundt:
    """What becomes one mail: the claimed notices of one kind to one user.

    `til` is "" when she gets no mail any more. `dag` is the day of the newest, which is the day of a digest's counts.
    """

    lejer: uuid.UUID
    taget: datetime
    til: str
    helhedsplan_id: uuid.UUID
    slags: Slags
    antal: int
    tal: dict[str, int]
    rækker: list[uuid.UUID]
    dag: date
    tekst: str = ""


@dataclass
class Afsendelse:
    """What one working of the queue came to, in mails."""

    sendt: int = 0
    udskudt: int = 0
    opgivet: int = 0


def tøm_køen(session: Session, post: Postopsætning, stop: Callable[[], bool] = lambda: False) -> Afsendelse:
    """Send what is due, until nothing is, the mail server cannot be used, or `stop` says so. Commits as it goes."""
    result = Afsendelse()
    while not stop() and (bundt := _claim(session)) is not None:
        if not bundt.til:
            _finish(session, bundt, post=Post.INGEN)
            continue
        mail = brev(post, bundt.til, bundt.slags, bundt.antal, bundt.tal, bundt.rækker, bundt.dag, bundt.tekst)
        fejl = lever(post, bundt.til, mail)
        if fejl is None:
            _finish(session, bundt, post=Post.SENDT, sendt=now(), fejl="")
            result.sendt += 1
        elif _not_sent(session, bundt, fejl):
            result.opgivet += 1
        else:
            result.udskudt += 1
        if fejl is not None and fejl.hos_os:
            break
    session.rollback()
    return result


def _free(at: datetime) -> list[ColumnElement[bool]]:
    return [col(Besked.post) == Post.VENTER, or_(col(Besked.lejet_til).is_(None), col(Besked.lejet_til) <= at)]


def _claim(session: Session) -> Bundt | None:
    """Claim the longest due kind of a user, with all that waits of it. None when nothing is due."""
    while True:
        at, lejer = now(), new_id()
        due = select(Besked.bruger_id, Besked.slags).where(*_free(at), col(Besked.næste) <= at)
        first = session.exec(due.order_by(col(Besked.næste), col(Besked.id)).limit(1)).first()
        if first is None:
            return None
        mine = (col(Besked.bruger_id) == first[0], col(Besked.slags) == first[1], *_free(at))
        claim = update(Besked).where(*mine).values(lejer=lejer, lejet_til=at + LEJE).returning(col(Besked.id))
        claimed = session.execute(claim).scalars().all()
        bundt = _bundle(session, claimed, lejer, at) if claimed else None
        session.commit()
        if bundt is not None:
            return bundt


def _bundle(session: Session, claimed: Sequence[uuid.UUID], lejer: uuid.UUID, at: datetime) -> Bundt:
    rows = session.exec(select(Besked).where(col(Besked.id).in_(claimed)).order_by(col(Besked.oprettet))).all()
    bruger = session.get_one(Bruger, rows[0].bruger_id)
    return Bundt(
        lejer=lejer,
        taget=at,
        til="" if bruger.spærret else bruger.email,
        helhedsplan_id=bruger.helhedsplan_id,
        slags=Slags(rows[0].slags),
        antal=sum(row.antal for row in rows),
        tal=_together(rows),
        rækker=[row.id for row in rows],
        dag=rows[-1].oprettet.astimezone(COPENHAGEN).date(),
        tekst=rows[-1].tekst,
    )


def _together(rows: Sequence[Besked]) -> dict[str, int]:
    """The lines of a digest; of several that could not be sent the newest counts, and what each had gathered."""
    lines: dict[str, int] = dict(rows[-1].tal)
    for row in rows[:-1]:
        for word, count in row.tal.items():
            if word not in TAL:
                lines[word] = lines.get(word, 0) + count
    return lines


def _mine(bundt: Bundt) -> list[ColumnElement[bool]]:
    """The rows that are still claimed; a claim that has run out and is somebody else's now is left alone."""
    return [col(Besked.id).in_(bundt.rækker), col(Besked.lejer) == bundt.lejer]


def _finish(session: Session, bundt: Bundt, **values: object) -> None:
    """Write down how it went and let go."""
    session.exec(update(Besked).where(*_mine(bundt)).values(lejer=None, lejet_til=None, **values))
    session.commit()


def _not_sent(session: Session, bundt: Bundt, fejl: Fejl) -> bool:
    """Put it off, or give it up and tell databeskyttelse: True. What was not due yet keeps its turn and its tries."""
    given_up = 0
    for row in session.exec(select(Besked).where(*_mine(bundt)).with_for_update()).all():
        row.fejl = fejl
        if row.næste is not None and row.næste <= bundt.taget:
            row.forsøg += 1
            row.næste = now() + VENT[min(row.forsøg, len(VENT)) - 1]
        if fejl.varig or row.forsøg > len(VENT):
            row.post, given_up = Post.OPGIVET, given_up + 1
        row.lejer = row.lejet_til = None
        session.add(row)
    if given_up and bundt.slags != Slags.PRØVE:
        læg_i_kø_til_rolle(session, bundt.helhedsplan_id, Rolle.DATABESKYTTELSE, Slags.MAIL_OPGIVET)
    session.commit()
    return given_up > 0
