"""Filling a worker's memory before its first page: the work list then answers at once, also just after a restart."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Sequence

from sqlmodel import Session, select

from rådgivning.adgang.permissions import systemet
from rådgivning.beboere import households
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.models import Helhedsplan
from rådgivning.restancer import worklist
from rådgivning.restancer.belonging import hold_i_trit

VENT_HØJST = 5.0
_log = logging.getLogger(__name__)


def varm_op(kontekst: Nøglekontekst, vent: float = VENT_HØJST) -> threading.Thread:
    """Build what the work lists of all helhedsplaner are made from, and wait for it so many seconds at the most.

    One helhedsplan is ready well before that; of a hundred the rest is built beside the first pages, and a page that
    comes before its turn builds its own. The thread ends with its work and holds nobody up.
    """
    with Session(kontekst.engine) as session:
        planer = session.exec(select(Helhedsplan.id)).all()
    thread = threading.Thread(target=_work, args=(kontekst, planer), daemon=True, name="opvarmning")
    thread.start()
    thread.join(vent)
    return thread


def _work(kontekst: Nøglekontekst, planer: Sequence[uuid.UUID]) -> None:
    """As the program itself: the trail gets one count of each table of each helhedsplan."""
    for plan_id in planer:
        try:
            with kontekst.session(systemet(plan_id)) as session:
                households.SPEJL.varm(session)
                worklist.SPEJL.varm(session)
                hold_i_trit(session)
        except Exception as error:  # noqa: BLE001 - nobody above it would hear; the first page builds its own
            _log.error("opvarmning %s: %s", plan_id, type(error).__name__)
