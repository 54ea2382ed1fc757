"""A form whose number is the id of a row that is not the actor's: answered as any form that cannot be saved.

PostgreSQL hides another helhedsplan's row until the new one is added beside it, SQLite shows it before; either way the
page is asked once more without the number, and comes back with another one and everything that was typed.
"""

from __future__ import annotations

import uuid

from flask import request
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import ImmutableMultiDict

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.database import current_session, findes_allerede
from rådgivning.felter.text import UUID_TEXT
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

_FELT = "formular_id"


def uden_nummer(fejl: IkkeFundet | IntegrityError) -> bool:
    """Undo what was begun, note the refusal and take the number out of the form, where that is what was wrong."""
    number = request.form.get(_FELT, "").strip().lower()
    if not UUID_TEXT.fullmatch(number):
        return False
    if not (findes_allerede(fejl) if isinstance(fejl, IntegrityError) else str(fejl.række) == number):
        return False
    session = current_session()
    session.rollback()
    skriv(
        session,
        Handling.AFVIST,
        str(request.endpoint),
        [uuid.UUID(number)],
        anledning="formularens nummer er optaget",
        detaljer={"status": 422, "metode": "POST"},
    )
    request.form = ImmutableMultiDict(
        (name, "" if name == _FELT else text) for name, text in request.form.items(multi=True)
    )
    return True
