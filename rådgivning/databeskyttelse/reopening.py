"""What was handed out is closed when the request is answered: it opens again for a reason, for an hour, and no more
after 30 days. Knows no Flask."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Final

from sqlmodel import Session

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.residents import acting
from rådgivning.database import now, today
from rådgivning.databeskyttelse import requests
from rådgivning.databeskyttelse.models import Anmodning, Slags, Status
from rådgivning.spor.trail import aktør

KAN_ÅBNES_I: Final = timedelta(days=30)
ÅBEN_I: Final = timedelta(hours=1)
UDLEVERES: Final = (Slags.INDSIGT, Slags.DATAPORTABILITET)
LUKKET: Final = "Anmodningen er besvaret. Skriv først, hvorfor materialet skal åbnes igen."
FOR_SENT: Final = (
    "Der er gået mere end 30 dage, siden anmodningen blev besvaret. Har beboeren brug for oplysningerne igen,"
    " så registrér en ny anmodning."
)


def er_åben(session: Session, row: Anmodning) -> bool:
    """Whether the actor may open what is collected: the request waits for its answer, or she has opened it again."""
    if row.status == Status.MODTAGET:
        return True
    mine = row.åbnet_af is not None and row.åbnet_af == aktør(session).bruger_id
    return mine and row.status == Status.IMØDEKOMMET and row.åbnet_til is not None and now() < row.åbnet_til


def sidste_dag(row: Anmodning) -> date | None:
    """The last day on which an answered request can be opened again; None for one that never can."""
    given = row.status == Status.IMØDEKOMMET and row.slags in UDLEVERES and row.afgjort is not None
    return row.afgjort + KAN_ÅBNES_I if given and row.afgjort else None


def kræv_åben(session: Session, row: Anmodning) -> None:
    """Raises Konflikt when what was collected is closed, with what can be done about it."""
    if not er_åben(session, row):
        last = sidste_dag(row)
        raise Konflikt(FOR_SENT if last is not None and last < today() else LUKKET)


def kræv_kan_åbnes(row: Anmodning) -> None:
    """Raises Konflikt for what is not answered, and for what was answered too long ago."""
    last = sidste_dag(row)
    if last is None:
        raise Konflikt("Kun en besvaret anmodning, hvor noget er udleveret, kan åbnes igen.")
    if last < today():
        raise Konflikt(FOR_SENT)


def åbn_igen(session: Session, id: uuid.UUID, grund: str) -> None:  # noqa: A002
    """Open what was handed out for the actor, for an hour. `grund` is a key of GENÅBNING, and stands in the trail.
    Raises IkkeFundet, and Konflikt for what is not answered or was answered too long ago."""
    row = requests.lås(session, id, åben=False)
    kræv_kan_åbnes(row)
    row.åbnet_til, row.åbnet_af = now() + ÅBEN_I, acting(session)[1]
    requests.gem(session, row, f"åbnet igen, {grund}")
