"""What has been released: the list, one release as it was, and the others of its period."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.database import today
from rådgivning.plan.plans import plan
from rådgivning.statistik.basis import seneste, system_navn
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.periods import Periode, læs_periode, perioder
from rådgivning.statistik.release import Release
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.system import METODE, System, rapport

SIDELÆNGDE = 25


@dataclass(frozen=True)
class Linje:
    """One release in the list, without its figures. `udgave` counts those of its period, from 1."""

    id: uuid.UUID
    nummer: int
    periode: Periode
    udgave: int
    oprettet: datetime
    metode: str
    foreløbig: bool
    nøgle_id: str
    sha256: str
    plan_version: int | None
    revision: Mapping[str, Any]
    hentet: Mapping[str, int]


def udgivelser(
    session: Session, helhedsplan_id: uuid.UUID, side: int, periode: str = ""
) -> tuple[Sequence[Linje], int, int]:
    """A page of the releases, newest first, with how many pages and releases there are; of one period when named."""
    own = _own(helhedsplan_id, periode)
    count = session.exec(select(func.count()).select_from(Udgivelse).where(*own)).one()
    pages = max(-(-count // SIDELÆNGDE), 1)
    order = func.row_number().over(partition_by=col(Udgivelse.periode), order_by=col(Udgivelse.nummer))
    columns = [col(getattr(Udgivelse, name)) for name in _SHOWN]
    query = (
        select(*columns, order.label("udgave"))  # type: ignore[call-overload]
        .where(*own)
        .order_by(col(Udgivelse.nummer).desc())
        .offset((min(side, pages) - 1) * SIDELÆNGDE)
        .limit(SIDELÆNGDE)
    )
    head = plan(session, helhedsplan_id).helhedsplan
    rows = session.connection().execute(query).mappings()
    return [_line(dict(row), læs_periode(row["periode"], head.fra, head.til)) for row in rows], pages, count


_SHOWN = (
    "id",
    "nummer",
    "periode",
    "oprettet",
    "metode",
    "åbne",
    "nøgle_id",
    "sha256",
    "plan_version",
    "revision",
    "hentet",
)


def _line(row: Mapping[str, Any], periode: Periode) -> Linje:
    values = {name: row[name] for name in _SHOWN if name not in ("periode", "åbne", "hentet")}
    unclosed = Release.uafsluttede(periode, row["oprettet"], row["åbne"])
    return Linje(**values, periode=periode, udgave=row["udgave"], foreløbig=bool(unclosed), hentet=row["hentet"] or {})


def udgivelse(session: Session, helhedsplan_id: uuid.UUID, id: uuid.UUID) -> Release:  # noqa: A002
    """A release exactly as it was recorded. Raises IkkeFundet."""
    row = session.exec(select(Udgivelse).where(*_own(helhedsplan_id), Udgivelse.id == id)).first()
    if row is None:
        raise IkkeFundet("udgivelse", id)
    head = plan(session, helhedsplan_id).helhedsplan
    return Release.af(row, læs_periode(row.periode, head.fra, head.til))


def nyeste_afrundede(session: Session, helhedsplan_id: uuid.UUID) -> Release | None:
    """The newest release of rounded figures of a whole calendar year."""
    rounded = (col(Udgivelse.metode) == METODE, func.length(Udgivelse.periode) == len("2026"))
    newest = col(Udgivelse.nummer).desc()
    row = session.exec(select(Udgivelse).where(*_own(helhedsplan_id), *rounded).order_by(newest).limit(1)).first()
    head = plan(session, helhedsplan_id).helhedsplan
    return None if row is None else Release.af(row, læs_periode(row.periode, head.fra, head.til))


def seneste_kvartal(session: Session, helhedsplan_id: uuid.UUID, år: Release) -> tuple[Periode, dict[str, Any]] | None:
    """The report of the newest quarter of a rounded year whose months have all begun, as the year's figures give it,
    recorded or not; None when there is none with figures. The attack on the year had all of its quarters."""
    row = seneste(session, helhedsplan_id, system_navn(år.periode.navn))
    head, known = plan(session, helhedsplan_id).helhedsplan, år.indhold
    if row is not None:
        system = System.fra_json(år.periode.navn, row.stande, row.indhold)
        rule = Regel(int(known["known_rule"]["base"]), int(år.revision.get("tærskel", 5)))
        for navn in (name for name in perioder(head.fra, head.til, today()) if name.startswith(f"{år.periode.navn}-K")):
            periode = læs_periode(navn, head.fra, head.til)
            found = rapport([system], periode, known["dims"], rule)
            figures = any(cell["value"] for table in found["tables"] for cell in table["cells"])
            if figures and set(periode.måneder) <= set(row.stande):
                return periode, found
    return None


def andre(session: Session, helhedsplan_id: uuid.UUID, release: Release) -> list[tuple[uuid.UUID, int, datetime]]:
    """The other releases of a release's period, newest first: id, number and time."""
    rows = session.exec(
        select(Udgivelse.id, Udgivelse.nummer, Udgivelse.oprettet)
        .where(*_own(helhedsplan_id, release.periode.navn), Udgivelse.id != release.id)
        .order_by(col(Udgivelse.nummer).desc())
    ).all()
    return [(other, number, made) for other, number, made in rows]


def _own(helhedsplan_id: uuid.UUID, periode: str = "") -> tuple[Any, ...]:
    """The releases of a helhedsplan; the years' systems, which stand in the same table, are none."""
    own = (Udgivelse.helhedsplan_id == helhedsplan_id, ~col(Udgivelse.periode).startswith("system-"))
    return (*own, Udgivelse.periode == periode) if periode else own
