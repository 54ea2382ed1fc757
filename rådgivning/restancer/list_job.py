"""The long part of an import or its undoing, in a thread of the worker; how far it is stands in the list's own row.

A worker that stops takes its threads along: the list then says by its `puls` that nobody works on it, and the page
offers to go on or to take it back.
"""

from __future__ import annotations

import logging
import threading
import uuid
from datetime import timedelta

from rådgivning.adgang.permissions import systemet
from rådgivning.database import now
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.restancer.belonging import hold_i_trit
from rådgivning.restancer.list_import import fortsæt
from rådgivning.restancer.list_undo import fortryd
from rådgivning.restancer.models import Restanceliste
from rådgivning.spor.trail import Aktør

STILLE = timedelta(seconds=60)
_log = logging.getLogger(__name__)


def står_stille(liste: Restanceliste) -> bool:
    """Whether work is left and nobody has done any for a while."""
    return liste.tilstand in ("kører", "fortrydes") and (liste.puls is None or now() - liste.puls > STILLE)


def sæt_i_gang(kontekst: Nøglekontekst, aktør: Aktør, liste_id: uuid.UUID) -> threading.Thread:
    """Work on the list beside the request, as the user who asked for it. Call it after the commit."""
    thread = threading.Thread(target=_work, args=(kontekst, aktør, liste_id), daemon=True, name="restanceliste")
    thread.start()
    return thread


def _work(kontekst: Nøglekontekst, aktør: Aktør, liste_id: uuid.UUID) -> None:
    try:
        with kontekst.session(aktør) as session:
            fortsæt(session, liste_id)
        with kontekst.session(aktør) as session:
            fortryd(session, liste_id)
        if aktør.helhedsplan_id is not None:
            with kontekst.session(systemet(aktør.helhedsplan_id)) as session:
                hold_i_trit(session)
    except Exception as error:  # noqa: BLE001 - nobody above it would hear; the list's own row says that it stands
        _log.error("restanceliste %s: %s", liste_id, type(error).__name__)
        _stopped(kontekst, aktør, liste_id)
    kontekst.empty_logs()


def _stopped(kontekst: Nøglekontekst, aktør: Aktør, liste_id: uuid.UUID) -> None:
    """Say at once that nobody works on it, when the database still answers."""
    try:
        with kontekst.session(aktør) as session:
            liste = session.get(Restanceliste, liste_id)
            if liste is not None:
                liste.puls = None
                session.add(liste)
                session.commit()
    except Exception as error:  # noqa: BLE001 - the page will see it by the clock
        _log.error("restanceliste %s: %s", liste_id, type(error).__name__)
