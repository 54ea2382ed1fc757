"""What has a time limit of its own beside residents: how each kind is counted and deleted, under the plan's rule.

Each deletion takes at most so many rows in the Session's transaction, so that others can write in between and a run
that was ended can be run again. Knows no Flask.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, null, select
from sqlmodel import Session, col, or_

from rådgivning.adgang.kladder import slet_kladder_fra_før
from rådgivning.adgang.limits import VINDUE
from rådgivning.adgang.models import (
    Bruger,
    BrugerSession,
    Enhed,
    Kladde,
    Loginforsøg,
    Nødadgang,
    Rettighedsgennemgang,
    Vikar,
)
from rådgivning.beskeder.models import Besked
from rådgivning.database import COPENHAGEN, Base, now, today
from rådgivning.databeskyttelse.models import Anmodning, Kvittering, Udlevering
from rådgivning.databeskyttelse.retention import fredede
from rådgivning.databeskyttelse.retention_users import (
    feed_dage,
    slet_feeds,
    slet_gennemgange,
    slet_navne,
    slet_vikarer,
    spærret_dage,
)
from rådgivning.databeskyttelse.trail_search import midnat
from rådgivning.databeskyttelse.unusual_review import slet_gamle_gennemsete
from rådgivning.henvisninger.retention import dage_uden_beboer, slet_gamle_henvisninger
from rådgivning.kalender.models import Aftale
from rådgivning.kalender.retention import slet_udløbne
from rådgivning.kontakter.models import Kontakt
from rådgivning.kontakter.retention import slet_gamle_anonyme
from rådgivning.nøgler.opening import destroy_key
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.retention import slet_gamle_opgaver
from rådgivning.plan.limits import Regel
from rådgivning.plan.schema import Fristnavn
from rådgivning.restancer.erasure import slet_gamle_lister, slet_gamle_sager
from rådgivning.restancer.models import Restanceliste, Restancesag
from rådgivning.samtykker.retention import ophørte, slet_gamle_samtykker
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.retention import slet_gamle
from rådgivning.spor.trail import hold, skriv

Dag = tuple[date, uuid.UUID | None]
Dage = Callable[[Session, uuid.UUID, date], Iterable[Dag]]


@dataclass(frozen=True)
class Arbejde:
    """One kind: the days before a day that its rows are counted from (each row once), each with the resident who keeps
    it where she may; and deleting those rows."""

    dage: Dage
    slet: Callable[[Session, uuid.UUID, date, int], int]


def udløbne(session: Session, plan_id: uuid.UUID, regel: Regel) -> int:
    """How many rows of a kind the next run deletes."""
    kept = fredede(session, plan_id)
    return sum(om not in kept for _dag, om in ARBEJDER[regel.navn].dage(session, plan_id, regel.grænse(today())))


def _dag(at: date) -> date:
    return at.astimezone(COPENHAGEN).date() if isinstance(at, datetime) else at


def _read(session: Session, day: Any, før: date | datetime, *where: ColumnElement[bool], om: Any = None) -> list[Dag]:
    """The days in one column, before a day, and whom the rows are about."""
    query = select(day, null() if om is None else om).where(day < før, *where)
    return [(_dag(at), whose) for at, whose in session.execute(query)]


def _days(model: type[Any], day: Any, *where: ColumnElement[bool], tid: bool = False, om: Any = None) -> Dage:
    """The days in one column of a table's rows of a helhedsplan; with `tid` the column holds instants. `om`: the column
    of the residents of whom nothing is deleted while they are kept."""
    return lambda session, plan_id, før: _read(
        session, day, midnat(før) if tid else før, model.helhedsplan_id == plan_id, *where, om=om
    )


def _about_nobody(dage: Callable[[Session, uuid.UUID, date], Iterable[date]]) -> Dage:
    return lambda session, plan_id, før: [(day, None) for day in dage(session, plan_id, før)]


def _cases(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    return slet_gamle_sager(session, før, højst, frozenset(fredede(session, plan_id)))


def _consents(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    return slet_gamle_samtykker(session, før, højst, frozenset(fredede(session, plan_id)))


def _bookings(session: Session, _plan_id: uuid.UUID, _før: date, _højst: int) -> int:
    """All at once, as at every sign-in; afterwards there is none left to delete."""
    return slet_udløbne(session)


def _sealed(model: type[Any], day: Any, *, tid: bool = False) -> Arbejde:
    """A kind of rows that nothing hangs on: deleted with the key of those that have one of their own, and named in the
    trail. What is about a resident of whom nothing goes now is kept."""
    about = getattr(model, "beboer_id", None)

    def delete_old(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
        hold(session)
        old = [model.helhedsplan_id == plan_id, day < (midnat(før) if tid else før)]
        if about is not None:
            old.append(or_(about.is_(None), about.not_in(frozenset(fredede(session, plan_id)))))
        rows = session.execute(select(model).where(*old).order_by(model.id).limit(højst)).scalars().all()
        if rows:
            skriv(
                session, Handling.SLETTET, str(model.__tablename__), [row.id for row in rows], anledning="slettefrist"
            )
        for row in rows:
            session.delete(row)
            if hasattr(row, "sealed") and row.beboer_id is None:
                destroy_key(session, row.id, varig=False)
        session.flush()
        return len(rows)

    return Arbejde(_days(model, day, tid=tid, om=about), delete_old)


def _requests(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    """The decided requests; and what is written down of files handed out, which may have been without a request."""
    old = (col(Udlevering.helhedsplan_id) == plan_id, col(Udlevering.begyndt) < midnat(før))
    asked = select(col(Anmodning.id)).where(col(Anmodning.helhedsplan_id) == plan_id)
    orphan = col(Udlevering.anmodning_id).is_(None) | col(Udlevering.anmodning_id).not_in(asked)
    gone = _sealed(Anmodning, col(Anmodning.afgjort)).slet(session, plan_id, før, højst)
    session.execute(delete(Udlevering).where(*old, orphan))
    return gone


def _users(plan_id: uuid.UUID) -> Any:
    return select(col(Bruger.id)).where(col(Bruger.helhedsplan_id) == plan_id)


def _session_days(session: Session, plan_id: uuid.UUID, før: date) -> list[Dag]:
    return _read(session, col(BrugerSession.udløber), midnat(før), col(BrugerSession.bruger_id).in_(_users(plan_id)))


def _sessions(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    old = col(BrugerSession.bruger_id).in_(_users(plan_id)), col(BrugerSession.udløber) < midnat(før)
    return _delete(session, BrugerSession, col(BrugerSession.id), old, højst)


def _device_days(session: Session, plan_id: uuid.UUID, før: date) -> list[Dag]:
    return _read(session, col(Enhed.sidst_brugt), midnat(før), col(Enhed.bruger_id).in_(_users(plan_id)))


def _devices(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    """The devices; and the counters of sign-ins that have run out: keyed hashes, which tell of no helhedsplan."""
    known = col(Loginforsøg.kendt_til).is_(None) | (col(Loginforsøg.kendt_til) < now())
    session.execute(delete(Loginforsøg).where(col(Loginforsøg.vindue_slut) < now() - VINDUE, known))
    old = col(Enhed.bruger_id).in_(_users(plan_id)), col(Enhed.sidst_brugt) < midnat(før)
    return _delete(session, Enhed, col(Enhed.id), old, højst)


def _notices(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    old = col(Besked.helhedsplan_id) == plan_id, col(Besked.oprettet) < midnat(før)
    return _delete(session, Besked, col(Besked.id), old, højst)


def _working() -> Any:
    """The figures' own table, by name: the rooms of figures come after this one."""
    table: Table = Base.metadata.tables["talarbejde"]
    return table.c


def _working_days(session: Session, plan_id: uuid.UUID, før: date) -> list[Dag]:
    c = _working()
    return _read(session, c.startet, midnat(før), c.helhedsplan_id == plan_id, c.puls.is_(None))


def _working_files(session: Session, plan_id: uuid.UUID, før: date, _højst: int) -> int:
    c = _working()
    old = c.helhedsplan_id == plan_id, c.puls.is_(None), c.startet < midnat(før)
    return int(session.execute(delete(c.startet.table).where(*old)).rowcount)  # type: ignore[attr-defined]


def _trail_days(session: Session, plan_id: uuid.UUID, før: date) -> list[Dag]:
    return _read(session, col(Spor.tidspunkt), midnat(før), col(Spor.kæde) == str(plan_id))


def _trail(session: Session, plan_id: uuid.UUID, før: date, højst: int) -> int:
    """The entries, and what was said of unusual reading that nobody can look up any more."""
    slet_gamle_gennemsete(session, midnat(før))
    return slet_gamle(session, plan_id, før=midnat(før), højst=højst)


def _delete(session: Session, model: type[Any], key: Any, where: Iterable[ColumnElement[bool]], højst: int) -> int:
    """Rows that are about nobody whose trail must be kept: at most so many."""
    keys = list(session.execute(select(key).where(*where).limit(højst)).scalars())
    session.execute(delete(model).where(key.in_(keys)))
    return len(keys)


ARBEJDER: Mapping[Fristnavn, Arbejde] = {
    Fristnavn.RESTANCESAG: Arbejde(_days(Restancesag, col(Restancesag.lukket), om=col(Restancesag.beboer_id)), _cases),
    Fristnavn.HENVISNING: Arbejde(
        lambda session, plan_id, før: [(day, None) for _id, day in dage_uden_beboer(session, plan_id) if day < før],
        lambda session, _plan_id, før, højst: slet_gamle_henvisninger(session, før, højst),
    ),
    Fristnavn.ANONYM_KONTAKT: Arbejde(
        _days(Kontakt, col(Kontakt.dato), col(Kontakt.beboer_id).is_(None)),
        lambda session, _plan_id, før, højst: slet_gamle_anonyme(session, før, højst),
    ),
    Fristnavn.OPGAVE: Arbejde(
        _days(Opgave, col(Opgave.udført), col(Opgave.beboer_id).is_(None)),
        lambda session, _plan_id, før, højst: slet_gamle_opgaver(session, før, højst),
    ),
    Fristnavn.SAMTYKKE: Arbejde(
        lambda session, plan_id, før: [(day, row.beboer_id) for row, day in ophørte(session, plan_id) if day < før],
        _consents,
    ),
    Fristnavn.AFTALE: Arbejde(_days(Aftale, col(Aftale.dato)), _bookings),
    Fristnavn.RESTANCELISTE: Arbejde(
        _days(
            Restanceliste,
            col(Restanceliste.oprettet),
            col(Restanceliste.tilstand).in_(["færdig", "fortrudt"]),
            tid=True,
        ),
        lambda session, _plan_id, før, højst: slet_gamle_lister(session, midnat(før), højst),
    ),
    Fristnavn.KLADDE: Arbejde(
        _days(Kladde, col(Kladde.gemt), tid=True),
        lambda session, _plan_id, før, højst: slet_kladder_fra_før(session, midnat(før), højst),
    ),
    Fristnavn.SESSION: Arbejde(_session_days, _sessions),
    Fristnavn.ENHED: Arbejde(_device_days, _devices),
    Fristnavn.BESKED: Arbejde(_days(Besked, col(Besked.oprettet), tid=True), _notices),
    Fristnavn.ARBEJDSFIL: Arbejde(_working_days, _working_files),
    Fristnavn.ANMODNING: Arbejde(_days(Anmodning, col(Anmodning.afgjort), om=col(Anmodning.beboer_id)), _requests),
    Fristnavn.KVITTERING: _sealed(Kvittering, col(Kvittering.tidspunkt), tid=True),
    Fristnavn.NØDADGANG: _sealed(Nødadgang, col(Nødadgang.til), tid=True),
    Fristnavn.VIKAR: Arbejde(_days(Vikar, col(Vikar.til)), slet_vikarer),
    Fristnavn.GENNEMGANG: Arbejde(
        _days(Rettighedsgennemgang, col(Rettighedsgennemgang.begyndt), tid=True), slet_gennemgange
    ),
    Fristnavn.KALENDERADRESSE: Arbejde(_about_nobody(feed_dage), slet_feeds),
    Fristnavn.BRUGER: Arbejde(_about_nobody(spærret_dage), slet_navne),
    Fristnavn.SPOR: Arbejde(_trail_days, _trail),
}
"""Every rule that is not about residents as such. The order is the order of the run: what is read from goes last."""
