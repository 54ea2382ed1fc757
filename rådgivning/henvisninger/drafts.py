"""A page's own draft: offered again on GET, thrown away on request, forgotten when it became a row meanwhile."""

from __future__ import annotations

import uuid

from flask import request
from sqlmodel import Session

from rådgivning.adgang.kladder import hent_kladde, slet_kladde
from rådgivning.database import Base

Felter = dict[str, list[str]]


def side_kladde(session: Session, model: type[Base] | None = None) -> Felter | None:
    """The draft of this page when it is opened, else None. `model` is what the form makes: its id is the form's."""
    if request.method != "GET":
        return None
    kladde = hent_kladde(session, request.path)
    if kladde is None or model is None or not _became_a_row(session, model, kladde):
        return kladde
    slet_kladde(session, request.path)
    session.commit()
    return None


def _became_a_row(session: Session, model: type[Base], kladde: Felter) -> bool:
    """Whether the form was saved after all: the last autosave may arrive behind the form itself."""
    try:
        return session.get(model, uuid.UUID(kladde["formular_id"][0])) is not None
    except (KeyError, IndexError, ValueError):
        return False


def kasseret(session: Session) -> bool:
    """Throw this page's draft away when that is what was asked for."""
    if request.method != "POST" or "kassér" not in request.args:
        return False
    slet_kladde(session, request.path)
    session.commit()
    return True
