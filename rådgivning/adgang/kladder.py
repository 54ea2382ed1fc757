"""Sealed drafts: what a user has typed but not saved, bound to her and to one form. Never in the browser."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel
from sqlmodel import Session, select

from rådgivning.adgang.models import Kladde
from rådgivning.dansk import ligner_cpr
from rådgivning.database import now, today
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import destroy_key, open_sealed, seal
from rådgivning.spor.trail import aktør

LEVETID = timedelta(days=14)
MAX_TEGN = 100_000
SKJULTE = frozenset({"csrf_token"})


class KladdeData(BaseModel):
    """A form's fields as they were sent: name to list of values."""

    felter: dict[str, list[str]]


def gem_kladde(session: Session, formular: str, felter: Mapping[str, list[str]]) -> bool:
    """Keep a form's fields; False (nothing kept) when they are too large. What looks like a CPR number is left out."""
    rene = {navn: [v for v in værdier if not ligner_cpr(v)] for navn, værdier in felter.items() if navn not in SKJULTE}
    if sum(len(v) for værdier in rene.values() for v in værdier) > MAX_TEGN:
        return False
    kladde = _find(session, formular)
    if kladde is None:
        who = aktør(session)
        if who.bruger_id is None or who.helhedsplan_id is None:
            return False
        kladde = Kladde(
            helhedsplan_id=who.helhedsplan_id,
            ejer_id=who.bruger_id,
            formular=formular,
            gemt=now(),
            udløber=today() + LEVETID,
        )
    kladde.gemt, kladde.udløber = now(), today() + LEVETID
    seal(session, kladde, KladdeData(felter=rene))
    session.add(kladde)
    return True


def hent_kladde(session: Session, formular: str) -> dict[str, list[str]] | None:
    """The draft of this user and form, or None."""
    kladde = _find(session, formular)
    if kladde is None or kladde.udløber < today():
        return None
    try:
        return open_sealed(session, kladde, KladdeData, "fortsæt kladde").felter
    except Shredded:
        return None


def slet_kladde(session: Session, formular: str) -> None:
    """Forget the draft: the form was saved, or the user does not want it."""
    kladde = _find(session, formular)
    if kladde is not None:
        session.delete(kladde)
        destroy_key(session, kladde.id)


def _find(session: Session, formular: str) -> Kladde | None:
    bruger: uuid.UUID | None = aktør(session).bruger_id
    query = select(Kladde).where(Kladde.ejer_id == bruger, Kladde.formular == formular)
    return session.exec(query).one_or_none()
