"""The household on a resident's page: where she lives, who else does, and the tenancy's restancesager."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from rådgivning.beboere.households import husstand
from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.beboere.residents import hent_beboere
from rådgivning.nøgler.opening import open_many
from rådgivning.restancer.models import Restancesag, RestancesagData

ANLEDNING = "vis beboer"


@dataclass(frozen=True)
class Hjem:
    """A tenancy, the others who live there by id, and its cases that are filed in another's name or in nobody's."""

    lejemål: LejemålData
    andre: dict[uuid.UUID, BeboerData]
    sager: list[tuple[Restancesag, RestancesagData | None]]


def hjem(session: Session, beboer_id: uuid.UUID, egne: Collection[uuid.UUID]) -> Hjem | None:
    """Where a resident lives; `egne` are the cases shown as her own. None when nobody has said."""
    found = husstand(session, beboer_id, ANLEDNING)
    if found is None:
        return None
    data = found[1]
    andre = hent_beboere(session, [m for m in data.medlemmer if m != beboer_id], ANLEDNING)
    return Hjem(data, andre, _cases(session, [i for i in data.sager if i not in egne]))


def _cases(session: Session, ids: Collection[uuid.UUID]) -> list[tuple[Restancesag, RestancesagData | None]]:
    order = (col(Restancesag.lukket).desc().nulls_first(), col(Restancesag.frist).nulls_last(), col(Restancesag.id))
    rows = session.exec(select(Restancesag).where(col(Restancesag.id).in_(ids)).order_by(*order)).all()
    data = open_many(session, rows, RestancesagData, ANLEDNING)
    return [(row, data.get(row.id)) for row in rows]
