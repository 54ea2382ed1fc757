"""The work list of restancesager. Knows no Flask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from rådgivning.beboere.residents import acting
from rådgivning.database import today
from rådgivning.nøgler.opening import open_many
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.phases import FASER, Fase, Tilstand, tilstand

SIDELÆNGDE = 25
VIS = ("åbne", "overskredne", "lukkede", "alle")


@dataclass(frozen=True)
class Sagslinje:
    """A case in a list; `data` is None when the resident is erased, `stand` is derived from the events in `data`."""

    sag: Restancesag
    data: RestancesagData | None
    stand: Tilstand

    @property
    def fase(self) -> Fase:
        """The phase, with the name and the rule of its deadline."""
        return FASER[self.stand.fase]

    @property
    def dage(self) -> int:
        """Days until the deadline; negative when it is missed."""
        return (self.stand.frist - today()).days if self.stand.frist else 0


def sager(session: Session, vis: str, fase: str, side: int) -> tuple[list[Sagslinje], int]:
    """One page of all cases by next deadline, and the number of pages. `fase` may be "" for any."""
    helhedsplan_id, _bruger = acting(session)
    where: list[ColumnElement[bool]] = [col(Restancesag.helhedsplan_id) == helhedsplan_id, *_shown(vis)]
    if fase:
        where.append(col(Restancesag.fase) == fase)
    order = (col(Restancesag.lukket).desc().nulls_first(), col(Restancesag.frist).nulls_last(), col(Restancesag.id))
    rows, sider = page(session, where, order, side)
    data = open_many(session, rows, RestancesagData, "liste over restancesager")
    return [_line(row, data.get(row.id)) for row in rows], sider


def _shown(vis: str) -> list[ColumnElement[bool]]:
    match vis:
        case "åbne":
            return [col(Restancesag.lukket).is_(None)]
        case "overskredne":
            return [col(Restancesag.lukket).is_(None), col(Restancesag.frist) < today()]
        case "lukkede":
            return [col(Restancesag.lukket).is_not(None)]
        case _:
            return []


def page(
    session: Session, where: Sequence[ColumnElement[bool]], order: Sequence[Any], side: int
) -> tuple[Sequence[Restancesag], int]:
    """One page of rows in an order, and the number of pages."""
    antal = session.exec(select(func.count()).select_from(Restancesag).where(*where)).one()
    query = select(Restancesag).where(*where).order_by(*order)
    rows = session.exec(query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)).all()
    return rows, max(1, -(-antal // SIDELÆNGDE))


def _line(sag: Restancesag, data: RestancesagData | None) -> Sagslinje:
    erased = Tilstand(sag.fase, sag.fase, sag.frist, lukket=sag.lukket)
    return Sagslinje(sag, data, tilstand(data.hændelser) if data else erased)


def vis_sag(session: Session, sag: Restancesag) -> Sagslinje:
    """One case for the beboerrådgiver."""
    return _line(sag, open_many(session, [sag], RestancesagData, "vis restancesag").get(sag.id))
