"""Who is part of whom by the merges that stand. Knows no Flask."""

from __future__ import annotations

import uuid
from typing import Any

from sqlmodel import Session, col, select

from rådgivning.overblik.models import Sammenlægning
from rådgivning.spor.trail import aktør


def lagt_sammen_med(session: Session, beboer_id: uuid.UUID) -> uuid.UUID | None:
    """Who a resident without a row is part of now, or None when she was not merged."""
    found, now = None, beboer_id
    while (row := session.exec(i_planen(session).where(*står(), Sammenlægning.udgået_id == now)).first()) is not None:
        found = now = row.beholdt_id
    return found


def lagt_ind_i(session: Session, beboer_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Who a resident has been besides: whoever was merged into her, and into them, as far as it stands."""
    found, latest = set[uuid.UUID](), {beboer_id}
    while latest:
        into = (*står(), col(Sammenlægning.beholdt_id).in_(latest))
        latest = set(session.exec(i_planen(session, Sammenlægning.udgået_id).where(*into)).all()) - found
        found |= latest
    return frozenset(found)


def i_planen(session: Session, what: Any = Sammenlægning) -> Any:
    """A query of the helhedsplan's merges."""
    return select(what).where(Sammenlægning.helhedsplan_id == aktør(session).helhedsplan_id)


def står() -> list[Any]:
    """What is true of a merge that was not undone."""
    return [col(Sammenlægning.fortrudt).is_(None)]
