"""The versions of a helhedsplan: told newest first, read, compared and brought back. None is ever changed or lost."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.plan.models import Helhedsplan, HelhedsplanVersion
from rådgivning.plan.plans import nuværende, plan_i_version, revidér
from rådgivning.plan.schema import PlanIndhold

KOMMANDOLINJEN = "Kommandolinjen"


@dataclass(frozen=True)
class Planversion:
    """One version: its number, from which day it holds, why and by whom it was made."""

    nr: int
    gælder_fra: date
    grund: str
    hvem: str
    oprettet: datetime
    gælder: bool


def hent_plan(session: Session, helhedsplan_id: uuid.UUID) -> Helhedsplan:
    """The helhedsplan's row. Raises IkkeFundet."""
    row = session.get(Helhedsplan, helhedsplan_id)
    if row is None:
        raise IkkeFundet("helhedsplan", helhedsplan_id)
    return row


def versioner(session: Session, helhedsplan_id: uuid.UUID) -> list[Planversion]:
    """Every version that is kept, the newest first."""
    row = hent_plan(session, helhedsplan_id)
    query = select(HelhedsplanVersion).where(HelhedsplanVersion.helhedsplan_id == helhedsplan_id)
    found = list(session.exec(query.order_by(col(HelhedsplanVersion.version).desc())))
    if not found or found[0].version != row.version:
        found.insert(0, nuværende(session, row))
    return _told(session, row, found)


def hent_version(session: Session, helhedsplan_id: uuid.UUID, nr: int) -> tuple[Planversion, PlanIndhold]:
    """One version and what it said. Raises IkkeFundet."""
    row = hent_plan(session, helhedsplan_id)
    found = _row(session, row, nr)
    return _told(session, row, [found])[0], plan_i_version(session, helhedsplan_id, nr)


def tekst(session: Session, helhedsplan_id: uuid.UUID, nr: int | None = None) -> str:
    """A version's plan file, the version in force when none is named. Raises IkkeFundet."""
    row = hent_plan(session, helhedsplan_id)
    return _row(session, row, row.version if nr is None else nr).tekst


def gendan(session: Session, helhedsplan_id: uuid.UUID, nr: int, grund: str) -> Helhedsplan:
    """Make an earlier version the next one; what came after it is retired. Raises IkkeFundet, PlanFejl."""
    row = hent_plan(session, helhedsplan_id)
    session.refresh(row, with_for_update=True)
    return revidér(
        session, row, _row(session, row, nr).tekst, f"version {nr}", grund=f"Tilbage til version {nr}: {grund}"
    )


def _row(session: Session, row: Helhedsplan, nr: int) -> HelhedsplanVersion:
    if nr == row.version:
        return nuværende(session, row)
    found = session.get(HelhedsplanVersion, (row.id, nr))
    if found is None:
        raise IkkeFundet("helhedsplan_version", row.id)
    return found


def _told(session: Session, row: Helhedsplan, found: Sequence[HelhedsplanVersion]) -> list[Planversion]:
    who = {v.bruger_id for v in found if v.bruger_id is not None}
    names = dict(session.exec(select(Bruger.id, Bruger.navn).where(col(Bruger.id).in_(who))).all()) if who else {}
    return [
        Planversion(
            nr=version.version,
            gælder_fra=version.gælder_fra,
            grund=version.grund,
            hvem=names.get(version.bruger_id, KOMMANDOLINJEN) if version.bruger_id else KOMMANDOLINJEN,
            oprettet=version.oprettet,
            gælder=version.version == row.version,
        )
        for version in found
    ]
