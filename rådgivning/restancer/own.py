"""What the one who filed a case may see of it: her own reports and nothing else. Knows no Flask."""

from __future__ import annotations

import uuid

from sqlmodel import Session, col

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, IkkeFundet, Ret, Rolle, hent
from rådgivning.beboere.residents import acting
from rådgivning.nøgler.opening import open_many
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.phases import Tilstand, tilstand
from rådgivning.restancer.worklist import Sagslinje, page

REPORTED = {"navn", "telefon", "adresse", "lejemål", "afdeling", "måneder", "beløb"}
"""What a reporter wrote herself; everything else in the envelope is the beboerrådgiver's."""


def egne_sager(session: Session, boligorganisation: str, side: int) -> tuple[list[Sagslinje], int]:
    """One page of the cases the actor filed, newest first: the deadline may be from another's event."""
    helhedsplan_id, bruger_id = acting(session)
    where = [
        col(Restancesag.helhedsplan_id) == helhedsplan_id,
        col(Restancesag.ejer_id) == bruger_id,
        col(Restancesag.boligorganisation) == boligorganisation,
    ]
    rows, sider = page(session, where, (col(Restancesag.oprettet).desc(), col(Restancesag.id)), side)
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
    seen = data.model_dump(include=REPORTED)
    return Sagslinje(sag, RestancesagData(**seen, hændelser=own, udfald=stand.udfald), stand)
