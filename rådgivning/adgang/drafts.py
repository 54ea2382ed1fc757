"""A page's own draft: offered again on GET, thrown away on request, forgotten when it became a row meanwhile."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from rådgivning.adgang.kladder import hent_kladde, slet_kladde
from rådgivning.database import Base
from rådgivning.spor.trail import aktør

Felter = MultiDict[str, str]


def side_kladde(session: Session, model: type[Base] | None = None) -> Felter | None:
    """The draft of this page when it is opened, else None. `model` is what the form makes: its id is the form's."""
    if request.method != "GET":
        return None
    kladde = hent_kladde(session, request.path)
    if kladde is None or model is None or not _became_a_row(session, model, kladde):
        return MultiDict(kladde) if kladde is not None else None
    slet_kladde(session, request.path)
    session.commit()
    return None


def _became_a_row(session: Session, model: type[Base], kladde: dict[str, list[str]]) -> bool:
    """Whether the form was saved after all: the last autosave may arrive behind the form itself."""
    try:
        row = session.get(model, uuid.UUID(kladde["formular_id"][0]))
    except (KeyError, IndexError, ValueError):
        return False
    return row is not None and getattr(row, "helhedsplan_id", None) == aktør(session).helhedsplan_id


def kasseres() -> bool:
    """Whether this request asks to throw the page's draft away."""
    return request.method == "POST" and "kassér" in request.args


def kassér_kladde(session: Session, formular: str = "") -> ResponseReturnValue:
    """Throw the draft of a form (this page's) away and show the form anew."""
    formular = formular or request.path
    slet_kladde(session, formular)
    session.commit()
    flash("Kladden er kasseret.")
    return redirect(formular, 303)
