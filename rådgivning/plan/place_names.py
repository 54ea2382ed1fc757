"""The names a helhedsplan is known by: what passwords must not be built of."""

from __future__ import annotations

import uuid

from sqlmodel import Session

from rådgivning.plan.lister import valg
from rådgivning.plan.models import Helhedsplan


def stedord(session: Session, helhedsplan_id: uuid.UUID) -> list[str]:
    """The name of the plan, of its boligorganisationer and of its afdelinger."""
    places = [*valg(session, helhedsplan_id, "boligorganisation"), *valg(session, helhedsplan_id, "afdeling")]
    return [session.get_one(Helhedsplan, helhedsplan_id).navn, *(label for _key, label in places)]
