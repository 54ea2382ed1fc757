"""Tasks listed by deadline, and how many there are of each urgency. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Bruger
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, hent_beboere
from rådgivning.database import Base, today
from rådgivning.nøgler.opening import open_many
from rådgivning.nøgler.restriction import BEGRÆNSET, borte
from rådgivning.opgaver.deadlines import Hast, hast, ugens_slutning
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.opgaver.recurring import Gentagelse

SIDELÆNGDE = 30


@dataclass(frozen=True)
class Opgavelinje:
    """A task in a list. `data` and `beboer` are None when their key is destroyed; `beboer` also when there is none.
    `overdraget_af` is the name of who handed the task over, "" when nobody did; `om` the referral or restancesag it is
    about, as long as that is there."""

    opgave: Opgave
    data: OpgaveData | None
    beboer: BeboerData | None
    overdraget_af: str = ""
    om: frozenset[uuid.UUID] = frozenset()
    borte: str = "Slettet opgave"

    @property
    def begrænset(self) -> bool:
        """Whether its resident is restricted: it stays as it is."""
        return self.borte == BEGRÆNSET

    @property
    def titel(self) -> str:
        """What to do, or why it cannot be read."""
        return self.data.titel if self.data else self.borte

    @property
    def gentages(self) -> str:
        """How often it comes again, in words; "" when it does not."""
        return Gentagelse(self.data.gentages).etiket if self.data and self.data.gentages else ""


def åbne_opgaver(
    session: Session, *, alle: bool = False, til: date | None = None, side: int = 1
) -> tuple[list[Opgavelinje], int]:
    """One page of open tasks by deadline (`til` and earlier), own or all; and the number of pages."""
    where = [col(Opgave.udført).is_(None), *([col(Opgave.frist) <= til] if til else [])]
    return _page(session, [*where, *_whose(session, alle)], [col(Opgave.frist), col(Opgave.id)], side)


def udførte_opgaver(session: Session, *, alle: bool = False, side: int = 1) -> tuple[list[Opgavelinje], int]:
    """One page of tasks that are done, the last one first; and the number of pages."""
    where = [col(Opgave.udført).is_not(None), *_whose(session, alle)]
    return _page(session, where, [col(Opgave.udført).desc(), col(Opgave.id)], side)


def opgaver_om(session: Session, beboer_id: uuid.UUID) -> list[Opgavelinje]:
    """Every task about a resident, open and done, by deadline."""
    helhedsplan_id, _bruger = acting(session)
    query = select(Opgave).where(Opgave.helhedsplan_id == helhedsplan_id, Opgave.beboer_id == beboer_id)
    rows = session.exec(query.order_by(col(Opgave.frist), col(Opgave.id))).all()
    return _lines(session, rows, open_many(session, rows, OpgaveData, "vis beboer"), {})


def antal_åbne(session: Session, *, alle: bool = False) -> dict[Hast, int]:
    """How many open tasks there are of each urgency, own or all; opens nothing."""
    dag, frist = today(), col(Opgave.frist)
    uge = ugens_slutning(dag)
    ranges = {
        Hast.OVERSKREDET: frist < dag,
        Hast.I_DAG: frist == dag,
        Hast.DENNE_UGE: (frist > dag) & (frist <= uge),
        Hast.SENERE: frist > uge,
    }
    counts = [func.count().filter(condition) for condition in ranges.values()]
    query = sa_select(*counts).select_from(Opgave).where(col(Opgave.udført).is_(None), *_whose(session, alle))
    return dict(zip(ranges, session.connection().execute(query).one(), strict=True))


def i_grupper(linjer: Sequence[Opgavelinje], dag: date) -> dict[Hast, list[Opgavelinje]]:
    """The tasks under each heading that has any, most urgent first."""
    groups: dict[Hast, list[Opgavelinje]] = {h: [] for h in Hast}
    for linje in linjer:
        groups[hast(linje.opgave.frist, dag)].append(linje)
    return {h: found for h, found in groups.items() if found}


def _whose(session: Session, alle: bool) -> list[ColumnElement[bool]]:
    helhedsplan_id, bruger_id = acting(session)
    plan = col(Opgave.helhedsplan_id) == helhedsplan_id
    return [plan] if alle else [plan, col(Opgave.ejer_id) == bruger_id]


def _page(
    session: Session, where: Sequence[ColumnElement[bool]], order: Sequence[SQLColumnExpression[Any]], side: int
) -> tuple[list[Opgavelinje], int]:
    antal = session.exec(select(func.count()).select_from(Opgave).where(*where)).one()
    query = select(Opgave).where(*where).order_by(*order).offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)
    rows = session.exec(query).all()
    data = open_many(session, rows, OpgaveData, "liste")
    beboere = hent_beboere(session, [row.beboer_id for row in rows], "opgaveliste")
    return _lines(session, rows, data, beboere), -(-antal // SIDELÆNGDE)


def _lines(
    session: Session,
    rows: Sequence[Opgave],
    data: dict[uuid.UUID, OpgaveData],
    beboere: dict[uuid.UUID, BeboerData],
) -> list[Opgavelinje]:
    givers = {d.overdraget_af for d in data.values() if d.overdraget_af}
    query = select(Bruger).where(col(Bruger.id).in_(givers))
    names = {b.id: b.navn for b in session.exec(query).all()} if givers else {}
    there, found = findes(session, data.values()), []
    for row in rows:
        d = data.get(row.id)
        giver = names.get(d.overdraget_af, "") if d and d.overdraget_af else ""
        om = frozenset(i for i in (d.restancesag_id, d.henvisning_id) if i in there) if d else frozenset()
        word = "" if d else borte(session, row.beboer_id, "Slettet opgave")
        found.append(Opgavelinje(row, d, beboere.get(row.beboer_id) if row.beboer_id else None, giver, om, word))
    return found


def findes(session: Session, data: Iterable[OpgaveData]) -> set[uuid.UUID]:
    """The referrals and restancesager of these tasks that have not been deleted since. Asked of their tables by name:
    the rooms that own them come after this one."""
    tasks, found = list(data), set()
    for table, wanted in (
        ("restancesag", {d.restancesag_id for d in tasks if d.restancesag_id}),
        ("henvisning", {d.henvisning_id for d in tasks if d.henvisning_id}),
    ):
        id_ = Base.metadata.tables[table].c.id
        if wanted:
            found |= set(session.execute(sa_select(id_).where(id_.in_(wanted))).scalars())
    return found
