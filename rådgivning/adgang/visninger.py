"""How a user wants a list shown: kept for her between visits, so that no filter stands in an address."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlmodel import Session

from rådgivning.adgang.models import Visning


def hent_visning(session: Session, bruger_id: uuid.UUID, liste: str) -> dict[str, str]:
    """What she chose the last time; empty when she never did."""
    kept = session.get(Visning, (bruger_id, liste))
    return dict(kept.valg) if kept is not None else {}


def gem_visning(session: Session, bruger_id: uuid.UUID, liste: str, valg: Mapping[str, str]) -> None:
    """Keep what she chose: keys only, checked by the caller. Nothing chosen is forgotten altogether."""
    kept = session.get(Visning, (bruger_id, liste))
    chosen = {name: value for name, value in valg.items() if value}
    if not chosen:
        if kept is not None:
            session.delete(kept)
        return
    kept = kept or Visning(bruger_id=bruger_id, liste=liste, valg={})
    kept.valg = chosen
    session.add(kept)
