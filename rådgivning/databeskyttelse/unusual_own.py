"""Whose residents are whose, as unusual reading asks: by what the work has given a user, never by what she writes
herself. A task or a contact about a colleague's resident makes her nobody else's: anybody can write one."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from rådgivning.adgang.models import Bruger, Nødadgang, Vikar
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Beboer
from rådgivning.database import COPENHAGEN, today
from rådgivning.henvisninger.models import Henvisning
from rådgivning.opgaver.models import Opgave
from rådgivning.overblik.models import Overdragelse
from rådgivning.plan.plans import plan
from rådgivning.restancer.models import Restancesag

_PART = 500
Egne = dict[str, set[str]]


def egne(session: Session, plan_id: uuid.UUID, fra: datetime) -> Egne:
    """By user, the residents who are hers, or were at some time from `fra` on: whom she has or had, for whose owner she
    stands in, about whom that owner gave her a task, or whom she opened with nødadgang. Of a referral that she took up
    she says herself whom it is about: it makes a colleague's resident no more hers than a task she has written.

    Who files referrals or cases opens no others'. Where the team shares its notes every resident is everybody's.
    """
    own, dag = _residents_of(session, plan_id), fra.astimezone(COPENHAGEN).date()
    stands_in = (col(Vikar.helhedsplan_id) == plan_id, col(Vikar.til) >= dag, col(Vikar.fra) <= today())
    ended = or_(col(Vikar.sluttet).is_(None), col(Vikar.sluttet) >= fra)
    query = select(col(Vikar.vikar_id), col(Vikar.for_id)).where(*stands_in, ended)
    pairs: list[tuple[object, object]] = [(row[0], row[1]) for row in session.execute(query)]
    if plan(session, plan_id).helhedsplan.noter_deles:
        rådgivere = (col(Bruger.helhedsplan_id) == plan_id, col(Bruger.rolle) == Rolle.BEBOERRÅDGIVER)
        team = session.execute(select(col(Bruger.id)).where(*rådgivere)).scalars().all()
        pairs += [(one, other) for one in team for other in own]
    found: Egne = defaultdict(set, {user: set(hers) for user, hers in own.items()})
    for user, colleague in pairs:
        found[str(user)] |= own.get(str(colleague), set())
    for user, beboer in _given(session, plan_id, fra):
        found[str(user)].add(str(beboer))
    for row in session.execute(_handed(plan_id, fra)).scalars():
        for user in (row.fra_id, row.til_id):
            found[str(user)].update(row.rækker.get("beboer", ()))
    return found


def uden_række(session: Session, læste: Iterable[uuid.UUID]) -> set[str]:
    """Of some residents those who are erased or merged: whose they were is not known any more."""
    ids, there = sorted(set(læste)), set[uuid.UUID]()
    for start in range(0, len(ids), _PART):
        part = select(col(Beboer.id)).where(col(Beboer.id).in_(ids[start : start + _PART]))
        there.update(session.execute(part).scalars())
    return {str(i) for i in ids if i not in there}


def _residents_of(session: Session, plan_id: uuid.UUID) -> Egne:
    own: Egne = defaultdict(set)
    query = select(col(Beboer.ejer_id), col(Beboer.id)).where(col(Beboer.helhedsplan_id) == plan_id)
    for user, beboer in session.execute(query):
        own[str(user)].add(str(beboer))
    return own


def _given(session: Session, plan_id: uuid.UUID, fra: datetime) -> Iterable[tuple[uuid.UUID, uuid.UUID]]:
    dag = fra.astimezone(COPENHAGEN).date()
    files = col(Bruger.rolle).in_([Rolle.INKASSO, Rolle.EJENDOMSDRIFT])
    filing = select(col(Bruger.id)).where(files, col(Bruger.helhedsplan_id) == plan_id)
    still = or_(col(Opgave.udført).is_(None), col(Opgave.udført) >= dag)
    sources: list[tuple[Any, Any, list[ColumnElement[bool]]]] = [
        (Opgave, Opgave.ejer_id, [col(Opgave.adgang) == "givet", still]),
        (Nødadgang, Nødadgang.bruger_id, [col(Nødadgang.til) >= fra]),
        (Henvisning, Henvisning.ejer_id, [col(Henvisning.ejer_id).in_(filing)]),
        (Restancesag, Restancesag.ejer_id, [col(Restancesag.ejer_id).in_(filing)]),
    ]
    for model, user, where in sources:
        about = col(model.beboer_id)
        query = select(user, about).where(col(model.helhedsplan_id) == plan_id, about.is_not(None), *where)
        yield from ((row[0], row[1]) for row in session.execute(query.distinct()))


def _handed(plan_id: uuid.UUID, fra: datetime) -> Any:
    return select(Overdragelse).where(
        col(Overdragelse.helhedsplan_id) == plan_id,
        or_(col(Overdragelse.tidspunkt) >= fra, col(Overdragelse.tilbage) >= fra),
    )
