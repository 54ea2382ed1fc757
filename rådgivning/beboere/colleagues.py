"""The beboerrådgivere of a helhedsplan: who a resident can have, and who somebody can give her to."""

from __future__ import annotations

import uuid

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.residents import arbejdssted
from rådgivning.spor.trail import aktør


def rådgivere(session: Session, *, også_spærrede: bool = False) -> list[Bruger]:
    """The beboerrådgivere of the helhedsplan, by name."""
    query = select(Bruger).where(Bruger.helhedsplan_id == arbejdssted(session), Bruger.rolle == Rolle.BEBOERRÅDGIVER)
    if not også_spærrede:
        query = query.where(col(Bruger.spærret).is_(None))
    return list(session.exec(query.order_by(Bruger.navn, Bruger.brugernavn)).all())


def aktive(session: Session) -> frozenset[uuid.UUID]:
    """Who still works as a beboerrådgiver: neither blocked nor in another role, where she could do nothing for anybody
    whose rows are still hers."""
    return frozenset(bruger.id for bruger in rådgivere(session))


def kolleger(session: Session) -> list[Bruger]:
    """The active ones but the actor herself."""
    return [bruger for bruger in rådgivere(session) if bruger.id != aktør(session).bruger_id]
