"""Rounding or suppression: one choice a calendar year, made before its first figure is recorded and never after."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv
from rådgivning.statistik import suppression
from rådgivning.statistik.models import Statistikmetode, Udgivelse
from rådgivning.statistik.periods import Periode


class Metode(StrEnum):
    """How a year's figures are protected."""

    AFRUNDING = "afrunding"
    UDELADELSE = "udeladelse"


class Metodevalg(NamedTuple):
    """A year's method, and the coarser categories chosen with it."""

    metode: Metode
    grovere: tuple[str, ...] = ()


class IkkeMulig(Exception):
    """A period has no figures under the method chosen: not before `fra`, or never when that is None."""

    def __init__(self, fra: date | None, reason: str) -> None:
        super().__init__(reason)
        self.fra = fra


class MetodeLåst(Exception):
    """A figure of the year is recorded, so that its method stands."""


STANDARD = Metodevalg(Metode.AFRUNDING)


def metode_for(session: Session, helhedsplan_id: uuid.UUID, år: str) -> Metodevalg:
    """A calendar year's method."""
    row = session.get(Statistikmetode, (helhedsplan_id, år))
    return STANDARD if row is None else Metodevalg(Metode(row.metode), tuple(row.grovere))


def periodens_metode(session: Session, helhedsplan_id: uuid.UUID, periode: Periode) -> Metodevalg:
    """The method of a period. Raises IkkeMulig when its two calendar years differ."""
    years = sorted({month[:4] for month in periode.måneder})
    found = [metode_for(session, helhedsplan_id, year) for year in years]
    if len({choice.metode for choice in found}) > 1:
        raise IkkeMulig(None, "the period's two calendar years are protected in different ways")
    coarser = dict.fromkeys(name for choice in found for name in choice.grovere)
    return Metodevalg(found[0].metode, tuple(coarser))


def er_låst(session: Session, helhedsplan_id: uuid.UUID, år: str) -> bool:
    """Whether some figure of a year is recorded."""
    kinds = or_(col(Udgivelse.periode) == f"system-{år}", col(Udgivelse.metode) == suppression.METODE)
    rows = session.exec(
        select(Udgivelse.periode, Udgivelse.stande).where(Udgivelse.helhedsplan_id == helhedsplan_id, kinds)
    )
    return any(name == f"system-{år}" or any(month.startswith(år) for month in copies) for name, copies in rows)


def vælg_metode(
    session: Session, helhedsplan_id: uuid.UUID, år: str, metode: Metode, grovere: Sequence[str] = ()
) -> None:
    """Choose a year's method, with a trail entry. The caller commits. Raises MetodeLåst."""
    if er_låst(session, helhedsplan_id, år):
        raise MetodeLåst
    row = session.get(Statistikmetode, (helhedsplan_id, år))
    if row is None:
        row = Statistikmetode(helhedsplan_id=helhedsplan_id, år=år, metode=metode, valgt=now())
    row.metode, row.valgt = metode, now()
    row.grovere = list(grovere) if metode is Metode.UDELADELSE else []
    session.add(row)
    skriv(session, Handling.ÆNDRET, "statistikmetode", anledning=metode, detaljer={"år": år})
