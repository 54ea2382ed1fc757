"""Which requests hold a resident's restriction: it lasts until none does (GDPR art. 18 and 21). Knows no Flask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from rådgivning.beboere import restriction
from rådgivning.dansk import dato
from rådgivning.database import today
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData
from rådgivning.databeskyttelse.request_words import BEGRÆNSNINGSGRUNDE

AFGJORT: Final = "Indsigelsen er afgjort, så behandlingen er ikke længere begrænset på grund af den."


def afgjort(underrettet: date | None) -> str:
    """Why a restriction ends with the decision, and when she was told before it did (art. 18(3))."""
    return f"{AFGJORT}\n{besked(underrettet)}" if underrettet else AFGJORT


def besked(dag: date) -> str:
    """When she was told that it would end."""
    return f"Underretning om det er givet {dato(dag)}."


def holder(row: Anmodning) -> bool:
    """Whether she is restricted on account of this request."""
    return row.begrænset_fra is not None and row.begrænset_til is None


def andre(session: Session, row: Anmodning) -> Sequence[Anmodning]:
    """Her other requests that hold the restriction too."""
    if row.beboer_id is None:
        return []
    hers = (Anmodning.beboer_id == row.beboer_id, Anmodning.helhedsplan_id == row.helhedsplan_id)
    held = (col(Anmodning.begrænset_fra).is_not(None), col(Anmodning.begrænset_til).is_(None))
    return session.exec(select(Anmodning).where(*hers, *held, col(Anmodning.id) != row.id)).all()


def alene(session: Session, row: Anmodning) -> bool:
    """Whether this request, and no other, holds the restriction."""
    return holder(row) and not andre(session, row)


def begræns(session: Session, row: Anmodning, data: AnmodningData) -> AnmodningData:
    """Restrict her on account of this request; twice is as once. The words, where nothing is lifted any more. Raises
    IkkeFundet."""
    if row.beboer_id is None or holder(row):
        return data
    restriction.begræns(session, row.beboer_id)
    row.begrænset_fra, row.begrænset_til = today(), None
    return data.model_copy(update={"ophævet": ""})


def slip(session: Session, row: Anmodning, data: AnmodningData, hvorfor: str) -> AnmodningData:
    """This request holds the restriction no more; it is lifted when no other does. The words, with what was done."""
    if row.beboer_id is None or not holder(row):
        return data
    row.begrænset_til = today()
    session.add(row)
    session.flush()
    if not andre(session, row):
        restriction.ophæv(session, row.beboer_id)
    weighed = data.begrundelse == BEGRÆNSNINGSGRUNDE["indsigelse"]
    return data.model_copy(update={"ophævet": hvorfor, **({"begrundelse": ""} if weighed else {})})
