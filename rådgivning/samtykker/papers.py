"""Where the papers are that residents have signed: they are shredded when the resident is deleted. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlmodel import Session, col, select

from rådgivning.beboere.residents import arbejdssted
from rådgivning.nøgler.opening import open_many
from rådgivning.samtykker.models import SKRIFTLIGT, Samtykke, SamtykkeData


def papirer(session: Session, beboere: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """By resident, where each signed consent is kept ("" where nobody has said)."""
    query = select(Samtykke).where(
        Samtykke.helhedsplan_id == arbejdssted(session), col(Samtykke.beboer_id).in_(list(beboere))
    )
    rows = session.exec(query.order_by(col(Samtykke.id))).all()
    found: dict[uuid.UUID, list[str]] = {}
    opened = open_many(session, rows, SamtykkeData, "slettes snart")
    for row in rows:
        data = opened.get(row.id)
        if data is not None and data.måde == SKRIFTLIGT:
            found.setdefault(row.beboer_id, []).append(data.opbevares)
    return found
