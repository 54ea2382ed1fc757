"""Restancesager in lists, and what the one who filed a case may see of it. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, IkkeFundet, Ret, Rolle, hent
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
    rows, sider = _page(session, where, order, side)
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


def _page(
    session: Session, where: Sequence[ColumnElement[bool]], order: Sequence[Any], side: int
) -> tuple[Sequence[Restancesag], int]:
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


def egne_sager(session: Session, boligorganisation: str, side: int) -> tuple[list[Sagslinje], int]:
    """One page of the cases the actor filed, newest first: the deadline may be from another's event."""
    helhedsplan_id, bruger_id = acting(session)
    where = [
        col(Restancesag.helhedsplan_id) == helhedsplan_id,
        col(Restancesag.ejer_id) == bruger_id,
        col(Restancesag.boligorganisation) == boligorganisation,
    ]
    rows, sider = _page(session, where, (col(Restancesag.oprettet).desc(), col(Restancesag.id)), side)
    data = open_many(session, rows, RestancesagData, "egne restancesager")
    return [_own_line(row, data.get(row.id), bruger_id) for row in rows], sider


def hent_egen_sag(session: Session, id: uuid.UUID, boligorganisation: str) -> Restancesag:  # noqa: A002
    """The actor's own case; raises IkkeFundet for everybody else's, and for one filed for another organisation."""
    sag = hent(session, Restancesag, id, egen=True)
    if sag.boligorganisation != boligorganisation:
        raise IkkeFundet("restancesag", id, fremmed=True)
    return sag


def vis_egen_sag(session: Session, sag: Restancesag) -> Sagslinje:
    """One case for the one who filed it."""
    data = open_many(session, [sag], RestancesagData, "egen restancesag").get(sag.id)
    return _own_line(sag, data, acting(session)[1])


def er_indberettet(session: Session, sag: Restancesag) -> bool:
    """Whether the landlord filed it, and not the beboerrådgiver on what a resident told."""
    ejer = session.get(Bruger, sag.ejer_id)
    return ejer is not None and Ret.RESTANCER not in RETTIGHEDER[Rolle(ejer.rolle)]


def _own_line(sag: Restancesag, data: RestancesagData | None, bruger_id: uuid.UUID) -> Sagslinje:
    """What she reported herself, and the state that follows from that alone."""
    if data is None:
        return Sagslinje(sag, None, Tilstand("forfalden", "forfalden"))
    own = [h for h in data.hændelser if h.af == bruger_id]
    stand = tilstand(own)
    shown = {"hændelser": own, "udfald": stand.udfald, "årsag": "", "note": "", "faktum_id": None}
    return Sagslinje(sag, data.model_copy(update=shown), stand)
