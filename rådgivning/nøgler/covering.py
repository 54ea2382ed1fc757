"""Which parts of an envelope are covered for the actor: what the permission table keeps for the owner of a row alone.

A beboerrådgiver sees a colleague's residents, tasks and cases; the free text in them stays the colleague's, until the
actor is the resident's owner, has been handed a task about her, stands in as planned, or has opened with nødadgang.
What is about nobody is its owner's, her stand-in's, and by nødadgang a colleague's.
Asked of the tables by name: the rooms that own them come after this one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, PrivateAttr
from sqlalchemy import Table, select
from sqlmodel import Session

from rådgivning.database import Base, now, today
from rådgivning.spor.trail import Adgang, Aktør, aktør

if TYPE_CHECKING:
    from rådgivning.nøgler.rows import SealedRow

BEBOERRÅDGIVER = "beboerrådgiver"
TAGET = "overtaget"
"""A task that somebody took over herself, from a colleague whose notes she does not see."""
NØDADGANG, VIKAR, OVERDRAGET = "nødadgang", "vikar", "overdraget"
# Whose a row is, where its own `ejer_id` does not say: the column, or the row it belongs to.
EJES_AF = {"henvisning": "rådgiver_id"}
INDSENDES = frozenset({"restancesag"})
"""Tables of which who is no beboerrådgiver owns rows that she has filed: they are no colleague's. Whoever owns another
row was one, also when her role is another now."""
FØLGER = {"kontakt_version": ("kontakt", "kontakt_id"), "henvisning_behandling": ("henvisning", "id")}
_KEPT = "forbindelse"
_FEW = 300


class Kuvertindhold(BaseModel):
    """What is sealed in a row of which a part may be covered: it knows what was left out when it was opened."""

    model_config = ConfigDict(hide_input_in_errors=True)

    _skjult: frozenset[str] = PrivateAttr(default=frozenset())
    _gemt: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def skjult(self) -> frozenset[str]:
        """The parts that were not opened, whether anything stands in them or not."""
        return self._skjult

    @property
    def gemt(self) -> frozenset[str]:
        """Those of them in which something stands."""
        return self._gemt

    def mærk(self, skjult: frozenset[str], gemt: frozenset[str]) -> None:
        """Say what was left out."""
        self._skjult, self._gemt = skjult, gemt


Værdi = TypeVar("Værdi", bound=BaseModel)


@dataclass(frozen=True)
class Åbning:
    """What the actor may open of one row: the parts that are covered, and by what a colleague's row is open to her."""

    skjult: frozenset[str] = frozenset()
    ved: str = ""


ÅBEN = Åbning()


@dataclass
class _Forbindelse:
    """What ties the actor to her colleagues' rows, as one transaction sees it; the rest is read with the first such
    row (`hel`)."""

    deles: bool
    rådgivere: frozenset[uuid.UUID] = frozenset()
    hel: bool = False
    vikar_for: frozenset[uuid.UUID] = frozenset()
    nødadgang: list[tuple[uuid.UUID, datetime, datetime]] = field(default_factory=list)
    overdraget: frozenset[uuid.UUID] = frozenset()

    def åbnet(self) -> frozenset[uuid.UUID]:
        """The residents, and the rows about nobody, that stand open by nødadgang this moment."""
        nu = now()
        return frozenset(person for person, fra, til in self.nødadgang if fra <= nu < til)


def åbninger(session: Session, rows: Sequence[SealedRow]) -> dict[uuid.UUID, Åbning]:
    """What is covered in rows of one table, by row id; rows that are open whole, to whom they belong, are left out."""
    who = aktør(session)
    adgang = who.åbner.get(str(rows[0].__tablename__)) if rows else None
    if adgang is None or not adgang.kun_ejer:
        return {}
    known = _forbindelse(session, who)
    return {} if known.deles else _covered(session, rows, who, adgang, known)


def ser(session: Session, row: SealedRow) -> frozenset[str] | None:
    """The only parts of a table's envelopes that the actor's role sees at all; None for every part."""
    adgang = aktør(session).åbner.get(str(row.__tablename__))
    return adgang.ser if adgang is not None else None


def glem_forbindelse(session: Session) -> None:
    """Look again who may see what: an access was given or ended in this transaction."""
    session.info.pop(_KEPT, None)


def ejer(session: Session, row: SealedRow) -> uuid.UUID | None:
    """Whose a row is; None for a referral that nobody has taken up."""
    return _owners(session, [row])[row.id]


def deler_noter(session: Session) -> bool:
    """Whether the actor's team shares its notes: it says so in the plan, or she is the only one."""
    return _forbindelse(session, aktør(session)).deles


def tildæk(value: Værdi, skjult: Iterable[str]) -> Værdi:
    """The value, which was just opened and is nobody else's, without the covered parts, and marked so that it cannot be
    sealed again."""
    if not isinstance(value, Kuvertindhold):
        raise TypeError(f"{type(value).__name__} cannot say that it is covered")
    known, gemt = type(value).model_fields, set[str]()
    for path in skjult:
        name, _, rest = path.partition(".")
        if name not in known:
            continue
        before = getattr(value, name)
        after = _without(before, rest) if rest else known[name].get_default(call_default_factory=True)
        if after != before:
            gemt.add(path)
            setattr(value, name, after)
    value.mærk(frozenset(skjult), frozenset(gemt))
    return value


def _without(value: Any, path: str) -> Any:
    """A value object, or each of a list of them, without one of its fields."""
    if isinstance(value, list):
        return [_without(one, path) for one in value]
    name, _, rest = path.partition(".")
    kind = type(value).model_fields[name]
    part = _without(getattr(value, name), rest) if rest else kind.get_default(call_default_factory=True)
    return value.model_copy(update={name: part})


def _covered(
    session: Session, rows: Sequence[SealedRow], who: Aktør, adgang: Adgang, known: _Forbindelse
) -> dict[uuid.UUID, Åbning]:
    ejere, others = _owners(session, rows), []
    for row in rows:
        beboer = _resident(row)
        if ejere.get(row.id) != who.bruger_id or (beboer is not None and getattr(row, "adgang", "") == TAGET):
            others.append((row, beboer))
    if not others:
        return {}
    _complete(session, who, known)
    residents = _residents(session, {beboer for _row, beboer in others if beboer is not None}, who, known)
    åbnet, found = known.åbnet(), {}
    for row, beboer in others:
        if beboer is None:
            ved = _about_nobody(row, ejere.get(row.id), known)
        elif beboer in residents:
            ved = VIKAR if residents[beboer] != who.bruger_id else None
        else:
            ved = OVERDRAGET if beboer in known.overdraget else ""
        if ved is not None:
            ved = ved or (NØDADGANG if row.person_id in åbnet else "")
            found[row.id] = Åbning(ved=ved) if ved else Åbning(adgang.kun_ejer)
    return found


def _about_nobody(row: SealedRow, ejer_id: uuid.UUID | None, known: _Forbindelse) -> str | None:
    """By what a row about nobody is open, "" for nothing; None when it is no colleague's."""
    if ejer_id in known.vikar_for:
        return VIKAR
    filed = row.__tablename__ in INDSENDES and ejer_id not in known.rådgivere
    return None if ejer_id is None or filed else ""


def _resident(row: SealedRow) -> uuid.UUID | None:
    return row.id if row.__tablename__ == "beboer" else getattr(row, "beboer_id", None)


def _owners(session: Session, rows: Sequence[SealedRow]) -> dict[uuid.UUID, uuid.UUID | None]:
    """Whose each row is; None for a referral that nobody has taken up."""
    table = str(rows[0].__tablename__)
    if table not in FØLGER:
        column = EJES_AF.get(table, "ejer_id")
        return {row.id: getattr(row, column) for row in rows}
    parent, pointer = FØLGER[table]
    columns = _table(parent).c
    owner = columns[EJES_AF.get(parent, "ejer_id")]
    wanted = {row.id: getattr(row, pointer) for row in rows}
    owners: dict[uuid.UUID, uuid.UUID | None] = {}
    ids = list(set(wanted.values()))
    for start in range(0, len(ids), _FEW):
        part = select(columns.id, owner).where(columns.id.in_(ids[start : start + _FEW]))
        owners.update((id_, ejer) for id_, ejer in session.execute(part))
    return {row_id: owners.get(parent_id) for row_id, parent_id in wanted.items()}


def _residents(session: Session, ids: set[uuid.UUID], who: Aktør, known: _Forbindelse) -> dict[uuid.UUID, uuid.UUID]:
    """Of some residents those whose owner the actor is or stands in for, with the owner."""
    if not ids:
        return {}
    beboer = _table("beboer").c
    mine = select(beboer.id, beboer.ejer_id).where(beboer.ejer_id.in_([who.bruger_id, *known.vikar_for]))
    if len(ids) <= _FEW:
        mine = mine.where(beboer.id.in_(ids))
    else:
        mine = mine.where(beboer.helhedsplan_id == who.helhedsplan_id)
    return {row[0]: row[1] for row in session.execute(mine)}


def _forbindelse(session: Session, who: Aktør) -> _Forbindelse:
    """Read once per transaction; the times in it are compared with the clock at every opening."""
    transaction, kept = session.info.get(_KEPT) or (None, None)
    if kept is None or transaction is not session.get_transaction():
        kept = _read(session, who)
        session.info[_KEPT] = session.get_transaction(), kept
    return cast("_Forbindelse", kept)


def _read(session: Session, who: Aktør) -> _Forbindelse:
    if who.bruger_id is None:
        return _Forbindelse(deles=True)
    bruger = _table("bruger").c
    team = select(bruger.id, bruger.spærret).where(
        bruger.helhedsplan_id == who.helhedsplan_id, bruger.rolle == BEBOERRÅDGIVER
    )
    rådgivere = {row[0]: row[1] for row in session.execute(team)}
    others = [id_ for id_, spærret in rådgivere.items() if spærret is None and id_ != who.bruger_id]
    if not others or _plan_says(session, who):
        return _Forbindelse(deles=True)
    return _Forbindelse(deles=False, rådgivere=frozenset(rådgivere))


def _complete(session: Session, who: Aktør, known: _Forbindelse) -> None:
    if not known.hel:
        known.vikar_for, known.nødadgang = _stands_in_for(session, who), _emergencies(session, who)
        known.overdraget, known.hel = _handed(session, who), True


def _plan_says(session: Session, who: Aktør) -> bool:
    """Whether the plan file says that the team shares its notes."""
    plan = _table("helhedsplan").c
    found = session.execute(
        select(plan.indhold["helhedsplan"]["noter_deles"].as_boolean()).where(plan.id == who.helhedsplan_id)
    ).scalar()
    return bool(found)


def _stands_in_for(session: Session, who: Aktør) -> frozenset[uuid.UUID]:
    vikar, dag = _table("vikar").c, today()
    query = select(vikar.for_id).where(
        vikar.vikar_id == who.bruger_id, vikar.fra <= dag, vikar.til >= dag, vikar.sluttet.is_(None)
    )
    return frozenset(session.execute(query).scalars())


def _emergencies(session: Session, who: Aktør) -> list[tuple[uuid.UUID, datetime, datetime]]:
    nød = _table("nødadgang").c
    query = select(nød.beboer_id, nød.række_id, nød.fra, nød.til).where(
        nød.bruger_id == who.bruger_id, nød.til > now(), nød.sluttet.is_(None)
    )
    return [(beboer or række, fra, til) for beboer, række, fra, til in session.execute(query)]


def _handed(session: Session, who: Aktør) -> frozenset[uuid.UUID]:
    """The residents about whom somebody who may see all has handed her a task that is still open."""
    opgave = _table("opgave").c
    query = select(opgave.beboer_id).where(
        opgave.ejer_id == who.bruger_id,
        opgave.adgang == "givet",
        opgave.udført.is_(None),
        opgave.beboer_id.is_not(None),
    )
    return frozenset(session.execute(query).scalars())


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
