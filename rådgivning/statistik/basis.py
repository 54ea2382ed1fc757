"""What a report is made from, read in one short transaction: facts, the plan's lists, earlier releases."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from rådgivning.database import today
from rådgivning.fakta.freezing import frys
from rådgivning.fakta.models import Faktum
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import PlanIndhold, liste_for
from rådgivning.settings import Settings
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.periods import Periode, læs_periode, month_of
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.tables import ENHEDER, OffentligtTal, Optalt, tæl


@dataclass(frozen=True)
class Grundlag:
    """Everything the protection needs; after this the database is not touched until the release is recorded.

    `året` is the whole calendar year's counts when the report is of a quarter.
    """

    helhedsplan_id: uuid.UUID
    periode: Periode
    optalt: Optalt
    året: Optalt | None
    stande: Mapping[str, str]
    tidligere: Sequence[Published]
    seneste: int
    regel: Regel
    lister: Mapping[str, Sequence[str]]

    @property
    def egne_stande(self) -> dict[str, str]:
        """The copies of the report's own months."""
        return {month: stand for month, stand in self.stande.items() if month in self.periode.måneder}


def læs_grundlag(session: Session, helhedsplan_id: uuid.UUID, navn: str) -> Grundlag:
    """Read what a report of a period is made from. The caller commits. Raises UkendtPeriode."""
    indhold = plan(session, helhedsplan_id)
    head = indhold.helhedsplan
    periode = læs_periode(navn, head.fra, head.til)
    year = læs_periode(periode.kalenderår, head.fra, head.til) if periode.kalenderår else None
    regel = _rule(session)
    frosset = frys(session, helhedsplan_id, (year or periode).måneder, month_of(today()), tærskel=regel.tærskel)
    earlier, newest = _earlier(session, helhedsplan_id, periode)
    plan_lists = kategorier(indhold)
    lists = _with_published(plan_lists, earlier)
    året = tæl(frosset.fakta, year, lists) if year else None
    own = set(periode.måneder)
    return Grundlag(
        helhedsplan_id,
        periode,
        tæl(
            (fact for fact in frosset.fakta if fact.måned in own),
            periode,
            året.dims if året else lists,  # a quarter has its year's categories, so that it can be rounded inside it
            _public_totals(session, helhedsplan_id, indhold, periode),
        ),
        året,
        frosset.stande,
        earlier,
        newest,
        regel,
        plan_lists,
    )


def _with_published(lists: dict[str, list[str]], earlier: Sequence[Published]) -> dict[str, list[str]]:
    """The lists with every category that an earlier report has shown: what was published may come again."""
    found = {name: list(keys) for name, keys in lists.items()}
    for release in earlier:
        for name, keys in release.content["dims"].items():
            known = found.setdefault(name, [])
            known += [key for key in keys if key not in known]
    return found


def kategorier(indhold: PlanIndhold) -> dict[str, list[str]]:
    """Each dimension's keys in the plan's order, retired ones included: facts may carry them."""
    found: dict[str, list[str]] = {"ledsaget": ["ja", "nej"]}
    for enhed in ENHEDER.values():
        for name, column in enhed.kolonner.items():
            source = liste_for(column, enhed.fakta)
            if source == "afdeling":
                found[name] = list(indhold.afdeling)
            elif source in indhold.liste:
                found[name] = list(indhold.liste[source])  # type: ignore[index]
    return found


def _rule(session: Session) -> Regel:
    settings = session.info.get("settings")
    if isinstance(settings, Settings):
        return Regel(base=settings.rounding_base, tærskel=settings.person_threshold)
    return Regel()


def _public_totals(
    session: Session, helhedsplan_id: uuid.UUID, indhold: PlanIndhold, periode: Periode
) -> list[OffentligtTal]:
    """The totals the agreement itself publishes, counted in the facts as they are now: only for calendar years."""
    if not periode.er_kalenderår:
        return []
    units = {enhed.fakta: enhed for enhed in ENHEDER.values() if enhed.navn != "beboere"}
    totals = []
    for navn, optælling in indhold.optælling.items():
        if not optælling.offentlig or optælling.filter.enhed not in units:
            continue
        enhed = units[optælling.filter.enhed]
        names = {column: name for name, column in enhed.kolonner.items()}
        limits = optælling.filter.dimensioner()
        nøgle = {names.get(column, column): values for column, values in limits.items()}
        antal = _count(session, helhedsplan_id, enhed.fakta, limits, periode)
        totals.append(OffentligtTal(navn, enhed.navn, nøgle, optælling.begrundelse, antal))
    return totals


def _count(
    session: Session,
    helhedsplan_id: uuid.UUID,
    enhed: str,
    limits: Mapping[str, tuple[str, ...]],
    periode: Periode,
) -> int:
    table = Faktum.__table__.c  # type: ignore[attr-defined]
    query = select(func.coalesce(func.sum(table.antal), 0)).where(
        table.helhedsplan_id == helhedsplan_id,
        table.måned.in_(periode.måneder),
        table.enhed == enhed,
        *(table[column].in_(values) for column, values in limits.items()),
    )
    return int(session.connection().execute(query).scalar_one())


def _earlier(session: Session, helhedsplan_id: uuid.UUID, periode: Periode) -> tuple[list[Published], int]:
    """The newest release of every period, and the last release's number.

    Plan years tie the calendar years together, so all of them count. Older releases of the same period tell nothing
    more: a figure only ever grew with its facts. A public total of this period is superseded by the one made now.
    """
    rows = session.exec(
        select_rows(Udgivelse).where(Udgivelse.helhedsplan_id == helhedsplan_id).order_by(col(Udgivelse.nummer).desc())
    ).all()
    newest: dict[str, Published] = {}
    for row in rows:
        if row.periode not in newest:
            content = json.loads(row.indhold)
            if row.periode == periode.navn:
                content["tables"] = [table for table in content["tables"] if not table["name"].startswith("offentlig_")]
            newest[row.periode] = Published(content, dict(row.stande))
    return list(newest.values()), rows[0].nummer if rows else 0
