"""The list of residents who may be registered twice, and the answer that two are two. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from rådgivning.adgang.permissions import hent
from rådgivning.beboere.likeness import SPEJL, Lighed, Ligheder, Parnøgle
from rådgivning.beboere.models import Beboer, BeboerData, IkkeSamme
from rådgivning.beboere.residents import acting, hent_beboere
from rådgivning.nøgler.pseudonyms import parmærke
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

SIDELÆNGDE = 20


@dataclass(frozen=True)
class Kandidat:
    """One of two residents in the list."""

    id: uuid.UUID
    data: BeboerData


@dataclass(frozen=True)
class Dubletpar:
    """Two residents who may be one, and why, in words."""

    en: Kandidat
    anden: Kandidat
    grund: str


def dubletter(session: Session, side: int, *, afviste: bool = False) -> tuple[list[Dubletpar], int]:
    """One page of the helhedsplan's likely pairs (with `afviste`: those that are said to be two), the likeliest first,
    and the number of pages. Those shown are traced as read."""
    found = _par(session, afviste=afviste)
    order = sorted(found, key=lambda pair: (-found[pair].point, pair))
    page = order[(side - 1) * SIDELÆNGDE : side * SIDELÆNGDE]
    known = hent_beboere(session, {i for pair in page for i in pair}, "mulige dubletter")
    linjer = [
        Dubletpar(Kandidat(a, known[a]), Kandidat(b, known[b]), ", ".join(found[a, b].grunde))
        for a, b in page
        if a in known and b in known
    ]
    return linjer, -(-len(found) // SIDELÆNGDE)


def antal_dubletter(session: Session) -> int:
    """How many likely pairs there are; opens nobody by name."""
    return len(_par(session))


def ligner(session: Session, beboer_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    """Those who may be the same person as this resident, the likeliest first, and why."""
    hits = [(pair, alike) for pair, alike in _par(session).items() if beboer_id in pair]
    hits.sort(key=lambda hit: (-hit[1].point, hit[0]))
    return [(a if b == beboer_id else b, ", ".join(alike.grunde)) for (a, b), alike in hits]


def ikke_den_samme(session: Session, a: uuid.UUID, b: uuid.UUID) -> None:
    """Two residents are two: the pair does not come again. Raises IkkeFundet. Twice is as once."""
    _answer(session, a, b, "ikke den samme")
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"mærke": parmærke(session, a, b), "helhedsplan_id": acting(session)[0]}
    session.execute(insert(IkkeSamme).values(row).on_conflict_do_nothing())


def måske_den_samme(session: Session, a: uuid.UUID, b: uuid.UUID) -> None:
    """Take that back: the pair stands on the list again. Raises IkkeFundet."""
    _answer(session, a, b, "måske den samme")
    row = session.get(IkkeSamme, parmærke(session, a, b))
    if row is not None:
        session.delete(row)


def _answer(session: Session, a: uuid.UUID, b: uuid.UUID, anledning: str) -> None:
    hold(session)
    pair = sorted({hent(session, Beboer, i).id for i in (a, b)})
    skriv(session, Handling.ÆNDRET, "ikke_samme", beboere=pair, anledning=anledning)


def _par(session: Session, *, afviste: bool = False) -> Mapping[Parnøgle, Lighed]:
    """The likely pairs without, or only, those that are said to be two."""
    pairs = cast("Ligheder", SPEJL.frisk(session)).par()
    helhedsplan_id, _bruger = acting(session)
    two = set(session.exec(select(IkkeSamme.mærke).where(IkkeSamme.helhedsplan_id == helhedsplan_id)).all())
    if not two:
        return {} if afviste else pairs
    return {pair: alike for pair, alike in pairs.items() if (parmærke(session, *pair) in two) == afviste}
