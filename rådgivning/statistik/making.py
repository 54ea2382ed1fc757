"""Figures made beside the request: no page waits for the solver.

A page shows what is recorded. When facts have come since, or nothing is recorded yet, a thread of the worker makes the
figures; table `talarbejde` says so to the other workers, and in the end how it went. A worker that stops takes its
thread along: its `puls` stops, and the next page that asks begins again.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rådgivning.database import now
from rådgivning.plan.plans import plan
from rådgivning.statistik.basis import Grundlag, læs_grundlag, mærke, seneste
from rådgivning.statistik.models import Talarbejde
from rådgivning.statistik.periods import Periode, læs_periode
from rådgivning.statistik.release import IkkeBeskyttet, IkkeMulig, Release, gør_klar, rapportér

STILLE = timedelta(seconds=60)
"""A maker that has not been heard of for so long is gone."""
PRØV_IGEN = timedelta(hours=1)
"""So long it is not tried again to protect the same facts in vain."""
_SLAG = 15.0
_FORSØG = 3
Nøgle = tuple[uuid.UUID, str]
LavSession = Callable[[uuid.UUID], AbstractContextManager[Session]]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tal:
    """What a page can show of a period now. `på_vej`: since when newer figures are being made; `sekunder`: how long
    that took last time; `fejlet`: the newest facts could not be protected; `umulig`: the period has no figures yet, or
    never, under the method chosen."""

    periode: Periode
    release: Release | None
    på_vej: datetime | None = None
    sekunder: int | None = None
    fejlet: bool = False
    umulig: IkkeMulig | None = None

    @property
    def plejer(self) -> str:
        """In words, and no more exactly than that, how long it takes."""
        if self.sekunder is None:
            return "Det tager som regel under et par minutter."
        minutes = round(self.sekunder / 60)
        told = (
            "under et minut" if minutes < 1 else "omkring et minut" if minutes == 1 else f"omkring {minutes} minutter"
        )
        return f"Det plejer at tage {told}."


class TalLaves(Exception):
    """There is nothing to show yet: the page says that the figures are being made."""

    def __init__(self, tal: Tal) -> None:
        super().__init__("the figures are being made")
        self.tal = tal


class Værksted:
    """One worker's threads that make figures, at most one for each helhedsplan and year."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: dict[Nøgle, threading.Thread] = {}

    @property
    def nøgler(self) -> frozenset[Nøgle]:
        """What this worker has made or is making."""
        return frozenset(self._threads)

    def begynd(self, nøgle: Nøgle, arbejde: Callable[[], None]) -> None:
        """Let a thread do it, unless one is at it."""
        with self._lock:
            running = self._threads.get(nøgle)
            if running is None or not running.is_alive():
                self._threads[nøgle] = threading.Thread(target=arbejde, daemon=True, name=f"tal-{nøgle[1]}")
                self._threads[nøgle].start()

    def vent(self, nøgler: Iterable[Nøgle], sekunder: float) -> None:
        """Wait a little for what this worker makes itself."""
        threads = [thread for nøgle in nøgler if (thread := self._threads.get(nøgle)) is not None]
        for thread in threads:
            thread.join(sekunder / len(threads))


def tal_for(session: Session, helhedsplan_id: uuid.UUID, periode: str) -> Tal:
    """What a page can show of a period, at once; what is missing is made beside the request. Commits.

    Raises UkendtPeriode.
    """
    for _ in range(_FORSØG):
        try:
            return _tal_for(session, helhedsplan_id, periode, current_app.extensions["statistik_frø"])
        except IntegrityError:  # another copied the same month, or recorded the same report, at the same time
            session.rollback()
    return _tal_for(session, helhedsplan_id, periode, current_app.extensions["statistik_frø"])


def _tal_for(session: Session, helhedsplan_id: uuid.UUID, periode: str, frø: bytes) -> Tal:
    try:
        grundlag = læs_grundlag(session, helhedsplan_id, periode, frø, med_fakta=False)
    except IkkeMulig as fejl:
        session.commit()
        head = plan(session, helhedsplan_id).helhedsplan
        return Tal(læs_periode(periode, head.fra, head.til), None, umulig=fejl)
    if not grundlag.mangler:
        return Tal(grundlag.periode, rapportér(session, grundlag, frø))
    states = [_order(session, grundlag, navn, frø) for navn in grundlag.mangler]
    session.commit()
    _begin(grundlag, frø, [navn for navn, claimed in zip(grundlag.mangler, states, strict=True) if claimed])
    return _shown(session, grundlag, frø)


def vist(tal: Tal) -> Release | None:
    """The release to show; None when the figures cannot be protected. Raises TalLaves when they are being made."""
    if tal.release is None and tal.på_vej is not None:
        raise TalLaves(tal)
    return tal.release


def _begin(grundlag: Grundlag, frø: bytes, claimed: Iterable[str]) -> None:
    shop: Værksted = current_app.extensions["talværksted"]
    make_session: LavSession = current_app.extensions["statistik_session"]
    plan, periode = grundlag.helhedsplan_id, grundlag.periode.navn
    for navn in claimed:
        shop.begynd((plan, navn), lambda navn=navn: _work(make_session, plan, periode, navn, frø))  # type: ignore[misc]
    shop.vent([(plan, navn) for navn in grundlag.mangler], float(current_app.config.get("TAL_VENT", 0.5)))


def _shown(session: Session, grundlag: Grundlag, frø: bytes) -> Tal:
    """How it stands after the short wait: all made, or what was recorded before."""
    fresh = læs_grundlag(session, grundlag.helhedsplan_id, grundlag.periode.navn, frø, med_fakta=False)
    if not fresh.mangler:
        return Tal(fresh.periode, rapportér(session, fresh, frø))
    rows = [session.get(Talarbejde, (grundlag.helhedsplan_id, navn)) for navn in fresh.mangler]
    begun = [row.startet for row in rows if row is not None and not row.fejl]
    seconds = [row.sekunder for row in rows if row is not None and row.sekunder is not None]
    newest = seneste(session, grundlag.helhedsplan_id, grundlag.periode.navn)
    old = None if newest is None else Release.af(newest, grundlag.periode)
    session.commit()
    failed = any(row is not None and row.fejl for row in rows)
    since = None if failed else min(begun, default=now())
    return Tal(grundlag.periode, old, since, max(seconds, default=None), failed)


def _order(session: Session, grundlag: Grundlag, navn: str, frø: bytes) -> bool:
    """Whether it falls to this request to have a year made: nobody is at it, and it did not just fail."""
    mark = mærke(grundlag.mangler[navn], frø)
    row = session.get(Talarbejde, (grundlag.helhedsplan_id, navn), with_for_update=True)
    if row is None:
        row = Talarbejde(helhedsplan_id=grundlag.helhedsplan_id, navn=navn, mærke=mark, startet=now(), puls=now())
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            return False
        return True
    if row.puls is not None and now() - row.puls < STILLE:
        return False
    if row.fejl and row.mærke == mark and now() - row.startet < PRØV_IGEN:
        return False
    row.mærke, row.startet, row.puls, row.fejl = mark, now(), now(), ""
    session.add(row)
    return True


def _work(make_session: LavSession, helhedsplan_id: uuid.UUID, periode: str, navn: str, frø: bytes) -> None:
    """Make a year's figures, with a pulse while it lasts; the row tells how it went."""
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(make_session, helhedsplan_id, navn, done), daemon=True, name="tal-puls")
    beat.start()
    fault = ""
    try:
        with make_session(helhedsplan_id) as session:
            gør_klar(session, helhedsplan_id, periode, navn, frø)
    except IkkeBeskyttet as fejl:
        fault = "ikke beskyttet"
        _log.error("statistik: tallene for %s kunne ikke beskyttes: %s", navn, fejl)
    except Exception as error:  # noqa: BLE001 - nobody above it would hear; the row tells the page
        fault = "fejl"
        _log.error("statistik: tallene for %s blev ikke lavet: %s", navn, type(error).__name__)
    finally:
        done.set()
        beat.join()
    _end(make_session, helhedsplan_id, navn, fault)


def _beat(make_session: LavSession, helhedsplan_id: uuid.UUID, navn: str, done: threading.Event) -> None:
    while not done.wait(_SLAG):
        _update(make_session, helhedsplan_id, navn, puls=now())


def _end(make_session: LavSession, helhedsplan_id: uuid.UUID, navn: str, fault: str) -> None:
    _update(make_session, helhedsplan_id, navn, puls=None, fejl=fault, færdig=not fault)


def _update(
    make_session: LavSession,
    helhedsplan_id: uuid.UUID,
    navn: str,
    *,
    puls: datetime | None,
    fejl: str = "",
    færdig: bool = False,
) -> None:
    """Write how it goes. When the database does not answer, the page sees by the clock that nobody is at it."""
    try:
        with make_session(helhedsplan_id) as session:
            row = session.get(Talarbejde, (helhedsplan_id, navn))
            if row is not None:
                row.puls, row.fejl = puls, fejl
                if færdig:
                    row.sekunder = round((now() - row.startet).total_seconds())
                session.add(row)
                session.commit()
    except Exception as error:  # noqa: BLE001
        _log.error("talarbejde %s: %s", navn, type(error).__name__)
