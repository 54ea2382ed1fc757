"""Which facts count in a month that is open: its own, and in the first open month those that came too late for theirs.

A fact counts once. What stands in the copy of a closed month counts there for ever, whatever becomes of it later; what
is registered in a closed month that does not have it counts in the month after the last closed one.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, insert, literal, or_, select
from sqlmodel import Session

from rådgivning.fakta.models import Faktum, FaktumKolonner, FrossetFaktum
from rådgivning.fakta.rows import Fakta

FRA_ANDET_ÅR = bytes(16)
"""The pseudonym of everybody whose fact is carried over New Year. Her own holds for the old year only, so the threshold
takes all of them for one person: too few rather than too many."""
Copy = dict[uuid.UUID, Fakta]
_live, _frozen = Faktum.__table__.c, FrossetFaktum.__table__.c  # type: ignore[attr-defined]
_TIED = ("måned", "pseudonym")


class Åben(NamedTuple):
    """An open month of a helhedsplan. `lukkede` are the months closed already, which it must not count again; `samler`
    when it is the one that collects what came too late for them."""

    helhedsplan_id: uuid.UUID
    måned: str
    lukkede: frozenset[str]
    samler: bool

    def tæller(self) -> ColumnElement[bool]:
        """The condition on Faktum of counting in this month."""
        return tæller(self.helhedsplan_id, [self.måned], self.lukkede, samler=self.samler)


def tæller(
    helhedsplan_id: uuid.UUID, åbne: Sequence[str], lukkede: Iterable[str], *, samler: bool
) -> ColumnElement[bool]:
    """The condition on Faktum of counting in one of some open months; `samler` when one of them collects."""
    closed = sorted(lukkede)
    months = [*åbne, *closed] if samler else list(åbne)
    own = and_(_live.helhedsplan_id == helhedsplan_id, _live.måned.in_(months))
    if not closed:
        return own
    counted = select(literal(1)).where(_frozen.id == _live.id, _frozen.måned.in_(closed)).exists()
    return and_(own, ~counted)


def opsamler(lukkede: Collection[str], tomme: Collection[str] = ()) -> str:
    """The month that collects: the first after the last closed one, `tomme` passed over; "" when none is closed."""
    month = max(lukkede, default="")
    while month and (month in lukkede or month in tomme):
        month = f"{int(month[:4]) + int(month[5:]) // 12}-{int(month[5:]) % 12 + 1:02}"
    return month


def læs_åben(session: Session, åben: Åben) -> Copy:
    """The facts that count in an open month, as its copy would have them."""
    query = select(_live.id, *(_live[name] for name in Fakta._fields)).where(åben.tæller())
    found: Copy = {}
    for row in session.connection().execute(query):
        fact = Fakta._make(row[1:])
        if fact.måned != åben.måned:
            same_year = fact.måned[:4] == åben.måned[:4]
            code = fact.pseudonym if same_year or fact.pseudonym is None else FRA_ANDET_ÅR
            fact = fact._replace(måned=åben.måned, pseudonym=code)
        found[row[0]] = fact
    return found


def afviger(session: Session, åben: Åben) -> bool:
    """Whether the facts that count in an open month are no longer what its copy says, found by the database."""
    match = and_(_frozen.måned == åben.måned, _frozen.id == _live.id)
    unlike = select(literal(1)).where(åben.tæller(), ~select(literal(1)).where(match, _like()).exists()).limit(1)
    gone = (
        select(literal(1))
        .where(_frozen.helhedsplan_id == åben.helhedsplan_id, _frozen.måned == åben.måned)
        .where(~select(literal(1)).where(_live.id == _frozen.id, åben.tæller()).exists())
        .limit(1)
    )
    connection = session.connection()
    return connection.execute(unlike).first() is not None or connection.execute(gone).first() is not None


def _like() -> ColumnElement[bool]:
    """Whether a fact still says what its copy says; one carried over New Year has another pseudonym there."""
    own_month = case((_frozen.fra == "", _frozen.måned), else_=_frozen.fra)
    carried = and_(_frozen.fra != "", func.substr(_frozen.fra, 1, 4) != func.substr(_frozen.måned, 1, 4))
    same = [_live[name].is_not_distinct_from(_frozen[name]) for name in Fakta._fields if name not in _TIED]
    person = or_(carried, _live.pseudonym.is_not_distinct_from(_frozen.pseudonym))
    return and_(_live.måned == own_month, person, *same)


def kopiér(session: Session, åben: Åben, ids: Sequence[uuid.UUID]) -> None:
    """Copy facts into an open month."""
    changed: Mapping[str, Any] = {
        "måned": literal(åben.måned),
        "fra": case((_live.måned == åben.måned, ""), else_=_live.måned),
        "pseudonym": case(
            (or_(_live.pseudonym.is_(None), func.substr(_live.måned, 1, 4) == åben.måned[:4]), _live.pseudonym),
            else_=literal(FRA_ANDET_ÅR),
        ),
    }
    names = ["id", *FaktumKolonner.model_fields, "fra"]
    source = select(*(changed[name] if name in changed else _live[name] for name in names))
    copies = FrossetFaktum.__table__  # type: ignore[attr-defined]
    session.execute(insert(copies).from_select(names, source.where(_live.id.in_(ids)).order_by(_live.id)))


def efterregistrerede(session: Session, helhedsplan_id: uuid.UUID, måned: str) -> int:
    """How many persons' facts a month counts that came too late for their own."""
    own = (_frozen.helhedsplan_id == helhedsplan_id, _frozen.måned == måned, _frozen.fra != "")
    return _persons_of(session, select(_frozen.enhed, _frozen.antal, _frozen.pseudonym).where(*own))


def rettede(session: Session, helhedsplan_id: uuid.UUID, lukkede: Iterable[str]) -> int:
    """How many persons' facts have been corrected or removed after the month that counts them was closed."""
    query = (
        select(_frozen.enhed, _frozen.antal, _frozen.pseudonym)
        .where(_frozen.helhedsplan_id == helhedsplan_id, _frozen.måned.in_(sorted(lukkede)))
        .where(~select(literal(1)).where(_live.id == _frozen.id, _like()).exists())
    )
    return _persons_of(session, query)


def personer(rows: Iterable[tuple[str, int, bytes | None]]) -> int:
    """How many persons some facts (enhed, antal, pseudonym) are of; each head and each nameless event is one."""
    heads, nameless = 0, 0
    named: set[bytes] = set()
    for enhed, antal, code in rows:
        if enhed == "fremmøde":
            heads += antal
        elif code is None:
            nameless += 1
        else:
            named.add(code)
    return max(heads, len(named) + nameless)


def _persons_of(session: Session, query: Any) -> int:
    return personer((row[0], row[1], row[2]) for row in session.connection().execute(query))
