"""Consents: given, renewed, withdrawn and listed. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, or_, select

from rådgivning.adgang.permissions import IkkeFundet, hent
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, arbejdssted, beboer_nu, hent_beboere
from rådgivning.database import today
from rådgivning.nøgler.opening import Dør, is_readable, open_many, open_sealed, open_whole, seal
from rådgivning.nøgler.restriction import trods_begrænsning
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

OPKRÆVNING = "opkrævning"
ANDET = "andet"
SNART = timedelta(days=30)
SIDELÆNGDE = 30


class Tilstand(Enum):
    """How a consent stands: what it is called, and the kind of mark it is shown with."""

    GYLDIGT = ("Gyldigt", "ok")
    UDLØBER = ("Udløber snart", "advarsel")
    UDLØBET = ("Udløbet", "neutral")
    TRUKKET = ("Trukket tilbage", "neutral")
    FORNYET = ("Fornyet", "neutral")

    @property
    def etiket(self) -> str:
        """What people read."""
        return self.value[0]

    @property
    def slags(self) -> str:
        """The mark's kind, see docs/udseende.md."""
        return self.value[1]

    @property
    def gælder(self) -> bool:
        """Whether it still permits anything."""
        return self in {Tilstand.GYLDIGT, Tilstand.UDLØBER}


@dataclass(frozen=True)
class Samtykkelinje:
    """A consent in a list. `data` and `beboer` are None when the resident is erased."""

    samtykke: Samtykke
    data: SamtykkeData | None
    stand: Tilstand
    beboer: BeboerData | None = None


def tilstand(til: date | None, trukket: date | None, dag: date, fornyet: date | None = None) -> Tilstand:
    """How a consent stands on a day; it holds through its last day."""
    if trukket is not None:
        return Tilstand.TRUKKET
    if fornyet is not None:
        return Tilstand.FORNYET
    if til is None or til > dag + SNART:
        return Tilstand.GYLDIGT
    return Tilstand.UDLØBER if til >= dag else Tilstand.UDLØBET


def giv(
    session: Session,
    beboer_id: uuid.UUID,
    data: SamtykkeData,
    *,
    til: date | None,
    id: uuid.UUID | None = None,  # noqa: A002
) -> Samtykke:
    """Write a consent down. With an `id` that is already a consent's (the same form twice) that one is given back.

    One that it takes over from (`data.fornyer`) ends with it. Raises IkkeFundet when the resident is not there any more
    or the other one is not hers.
    """
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if not is_readable(session, beboer_nu(session, beboer_id)):
        raise IkkeFundet("beboer", beboer_id)
    if id is not None and session.get(Samtykke, id) is not None:
        return hent(session, Samtykke, id)
    _renewed(session, beboer_id, data.fornyer)
    samtykke = Samtykke(helhedsplan_id=helhedsplan_id, ejer_id=bruger_id, beboer_id=beboer_id, til=til)
    samtykke.id = id or samtykke.id
    samtykke.deler_restance = OPKRÆVNING in data.modtagere
    seal(session, samtykke, data)
    try:
        with session.begin_nested():
            session.add(samtykke)
    except IntegrityError:
        return hent(session, Samtykke, samtykke.id)
    skriv(session, Handling.OPRETTET, "samtykke", [samtykke.id], beboere=[beboer_id])
    return samtykke


def _renewed(session: Session, beboer_id: uuid.UUID, fornyer: uuid.UUID | None) -> None:
    """The one that is renewed permits nothing more by itself."""
    if fornyer is None:
        return
    old = _lock(session, fornyer)
    if old.beboer_id != beboer_id:
        raise IkkeFundet("samtykke", fornyer)
    if old.trukket is None and old.fornyet is None:
        old.fornyet = today()
        session.add(old)
        skriv(session, Handling.ÆNDRET, "samtykke", [old.id], beboere=[beboer_id], anledning="fornyet")
        _follow(session, old)


def træk_tilbage(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    den: date | None = None,
    måde: str = "",
    virkning: str = "",
) -> Samtykke:
    """Withdraw a consent as of now; `den` is the day on which the resident said so, how, and what is to be done about
    what was told already. There is no way back: a resident who changes her mind gives a new one. It is her right also
    while she is restricted, and whoever she says it to can do it."""
    samtykke = _lock(session, id)
    if samtykke.trukket is not None:
        return samtykke
    with trods_begrænsning(session):
        if is_readable(session, samtykke):
            data = open_whole(session, samtykke, SamtykkeData, "træk samtykke tilbage", Dør.TILBAGETRÆKNING)
            seal(session, samtykke, data.model_copy(update={"trukket_måde": måde, "virkning": virkning}))
        samtykke.trukket = den or today()
        session.add(samtykke)
        skriv(session, Handling.ÆNDRET, "samtykke", [id], beboere=[samtykke.beboer_id], anledning="trukket tilbage")
        _follow(session, samtykke)
    return samtykke


def _lock(session: Session, id: uuid.UUID) -> Samtykke:  # noqa: A002
    hold(session)
    query = select(Samtykke).where(Samtykke.id == id).with_for_update().execution_options(populate_existing=True)
    session.exec(query).one_or_none()
    return hent(session, Samtykke, id)


def _follow(session: Session, samtykke: Samtykke) -> None:
    """Tell the rooms below that asked for it (`efter_samtykke`) that a consent was withdrawn or renewed."""
    session.flush()
    for follow in session.info.get("efter_samtykke", ()):
        follow(session, samtykke)


def hent_samtykke(session: Session, id: uuid.UUID, anledning: str) -> Samtykkelinje:  # noqa: A002
    """One consent; raises IkkeFundet, or Shredded when the resident is erased."""
    samtykke = hent(session, Samtykke, id)
    data = open_sealed(session, samtykke, SamtykkeData, anledning)
    return Samtykkelinje(samtykke, data, tilstand(samtykke.til, samtykke.trukket, today(), samtykke.fornyet))


def hent_til_tilbagetrækning(session: Session, id: uuid.UUID) -> Samtykkelinje:  # noqa: A002
    """As hent_samtykke, without asking why she is read while she is restricted: to withdraw is to be as easy as to give
    (art. 7(3))."""
    with trods_begrænsning(session):
        return hent_samtykke(session, id, "træk samtykke tilbage")


def samtykker_fra(session: Session, beboer_id: uuid.UUID) -> list[Samtykkelinje]:
    """Every consent of a resident, those that hold first."""
    helhedsplan_id, _bruger = acting(session)
    where = (Samtykke.helhedsplan_id == helhedsplan_id, Samtykke.beboer_id == beboer_id)
    rows = session.exec(select(Samtykke).where(*where)).all()
    found = _lines(session, rows, "vis beboer")
    return sorted(found, key=lambda s: (not s.stand.gælder, -(s.samtykke.til or date.max).toordinal(), s.samtykke.id))


@dataclass(frozen=True)
class Antal:
    """How many consents there are under each heading of the overview."""

    gyldige: int
    udløber: int
    ophørte: int


def antal(session: Session) -> Antal:
    """Count the helhedsplan's consents; opens nothing."""
    helhedsplan_id, _bruger = acting(session)

    def count(vis: str) -> int:
        query = select(func.count()).select_from(Samtykke).where(Samtykke.helhedsplan_id == helhedsplan_id)
        return session.exec(query.where(*_shown(vis))).one()

    return Antal(count("gyldige"), count("udløber"), count("ophørte"))


def samtykker(session: Session, vis: str, side: int) -> tuple[list[Samtykkelinje], int]:
    """One page of the helhedsplan's consents: `gyldige`, `udløber` (within 30 days) or `ophørte`; and the pages."""
    helhedsplan_id, _bruger = acting(session)
    where = [col(Samtykke.helhedsplan_id) == helhedsplan_id, *_shown(vis)]
    total = session.exec(select(func.count()).select_from(Samtykke).where(*where)).one()
    order = (col(Samtykke.til).nulls_last(), col(Samtykke.id))
    query = select(Samtykke).where(*where).order_by(*order).offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)
    rows = session.exec(query).all()
    beboere = hent_beboere(session, [row.beboer_id for row in rows], "liste over samtykker")
    return _lines(session, rows, "liste over samtykker", beboere), max(1, -(-total // SIDELÆNGDE))


def slet_beboers_samtykker(session: Session, beboer_id: uuid.UUID) -> int:
    """Delete all consents of a resident who is being deleted; returns how many."""
    helhedsplan_id = arbejdssted(session)
    hold(session)
    query = select(Samtykke).where(Samtykke.helhedsplan_id == helhedsplan_id, Samtykke.beboer_id == beboer_id)
    rows = session.exec(query).all()
    for row in rows:
        session.delete(row)
    if rows:
        skriv(session, Handling.SLETTET, "samtykke", [row.id for row in rows], beboere=[beboer_id])
    return len(rows)


def gælder_den(dag: date) -> list[ColumnElement[bool]]:
    """The condition of holding on a day, in clear columns."""
    open_ended = or_(col(Samtykke.til).is_(None), col(Samtykke.til) >= dag)
    return [col(Samtykke.trukket).is_(None), col(Samtykke.fornyet).is_(None), open_ended]


def _shown(vis: str) -> list[ColumnElement[bool]]:
    dag = today()
    match vis:
        case "ophørte":
            ended = (col(Samtykke.trukket).is_not(None), col(Samtykke.fornyet).is_not(None), col(Samtykke.til) < dag)
            return [or_(*ended)]
        case "udløber":
            return [*gælder_den(dag), col(Samtykke.til) <= dag + SNART]
        case _:
            return gælder_den(dag)


def _lines(
    session: Session, rows: Sequence[Samtykke], anledning: str, beboere: dict[uuid.UUID, BeboerData] | None = None
) -> list[Samtykkelinje]:
    data, dag, known = open_many(session, rows, SamtykkeData, anledning), today(), beboere or {}
    return [
        Samtykkelinje(r, data.get(r.id), tilstand(r.til, r.trukket, dag, r.fornyet), known.get(r.beboer_id))
        for r in rows
    ]
