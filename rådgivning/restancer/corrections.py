"""Corrections of events: what stood before is kept, with when and by whom it was changed. Pure functions."""

from __future__ import annotations

import uuid
from datetime import datetime

from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.phases import ordnet

KAN_RETTES = ("dato", "kilde", "frist", "fremme")
"""What a correction may change. A wrong phase is an event that did not happen: it is annulled and a new one written."""


def rettet(før: Hændelse, skrevet: Hændelse, *, tidspunkt: datetime, af: uuid.UUID | None) -> Hændelse:
    """`før` with what is now typed in its place; the same event when nothing changes.

    It keeps its id, its phase and who wrote it down when, so that the state becomes what it would be, had the right
    thing been typed in the first place.
    """
    efter = ordnet(før.model_copy(update={name: getattr(skrevet, name) for name in KAN_RETTES}))
    return før if efter == før else _with_history(før, efter, tidspunkt, af)


def annulleret(før: Hændelse, *, tidspunkt: datetime, af: uuid.UUID | None) -> Hændelse:
    """The event as one that did not happen: it stays and counts for nothing."""
    return før if før.annulleret else _with_history(før, før.model_copy(update={"annulleret": True}), tidspunkt, af)


def _with_history(før: Hændelse, efter: Hændelse, tidspunkt: datetime, af: uuid.UUID | None) -> Hændelse:
    history = [*før.tidligere, før.model_copy(update={"tidligere": []})]
    return efter.model_copy(update={"rettet": tidspunkt, "rettet_af": af, "tidligere": history})
