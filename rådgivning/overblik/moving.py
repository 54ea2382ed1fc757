"""Giving what the rooms hold about one resident to another: every sealed row, its history, its facts, drafts about her.

Rooms are not named: a sealed table with a `beboer_id` takes part, and an envelope names its facts in fields that end in
`faktum_id`. What is in an envelope is carried over unread, so that no room's form of it can be lost on the way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import ConfigDict, RootModel
from sqlalchemy import Table
from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.households import (
    LejemålFindes,
    erstat_medlem,
    flyt_ind,
    hent_lejemål,
    husstande,
    opret_lejemål,
)
from rådgivning.beboere.models import Lejemål, LejemålData
from rådgivning.beboere.residents import acting
from rådgivning.fakta import facts
from rådgivning.fakta.models import Faktum
from rådgivning.nøgler.opening import Dør, SealedRow, open_whole_many, seal
from rådgivning.nøgler.pseudonyms import pseudonym

# Rows that belong to another row and go where it goes: table, whose row it is, and the column that says which.
FØLGER = {"kontakt_version": ("kontakt", "kontakt_id"), "henvisning_behandling": ("henvisning", "id")}
ANLEDNING = "sammenlægning"
_PART = 500
Rækker = dict[str, list[SealedRow]]


class Indhold(RootModel[Any]):
    """Whatever a room has sealed."""

    model_config = ConfigDict(hide_input_in_errors=True)


def tabeller() -> dict[str, type[SealedRow]]:
    """Every sealed table whose rows may be about a resident, by name."""
    found = {str(model.__tablename__): model for model in _tables(SealedRow)}
    return {navn: found[navn] for navn in sorted(found) if "beboer_id" in _columns(found[navn])}


def _tables(base: type[SealedRow]) -> Iterator[type[SealedRow]]:
    for model in base.__subclasses__():
        if hasattr(model, "__table__"):
            yield model
        yield from _tables(model)


def _columns(model: type[SealedRow]) -> Any:
    return cast("Table", model.__table__).c  # type: ignore[attr-defined]


def rækker_om(session: Session, beboer_id: uuid.UUID) -> Rækker:
    """All rows about a resident by table, held until the commit; opens nothing."""
    helhedsplan_id, _bruger = acting(session)
    found: Rækker = {}
    for navn, model in tabeller().items():
        query = select(model).where(model.helhedsplan_id == helhedsplan_id, _columns(model).beboer_id == beboer_id)
        held = query.order_by(col(model.id)).with_for_update().execution_options(populate_existing=True)
        found[navn] = list(session.exec(held).all())
    return found


def antal_om(session: Session, beboer_id: uuid.UUID) -> dict[str, int]:
    """How many rows there are about a resident, by table."""
    return {
        navn: session.exec(select(func.count()).select_from(model).where(_columns(model).beboer_id == beboer_id)).one()
        for navn, model in tabeller().items()
    }


def flyt(session: Session, rækker: Mapping[str, Sequence[SealedRow]], fra: uuid.UUID, til: uuid.UUID) -> None:
    """Make rows about one resident rows about another: sealed under her key, counted under her pseudonym.

    Raises Konflikt, before anything is changed, when one of them cannot be opened: it could not be opened later either.
    """
    opened = {navn: _open(session, rows, fra) for navn, rows in rækker.items()}
    for navn, rows in rækker.items():
        for row in rows:
            cast("Any", row).beboer_id = til
            if row.id in opened[navn]:
                seal(session, row, opened[navn][row.id])
            session.add(row)
    session.flush()
    _tæl_om(session, (value.root for values in opened.values() for value in values.values()), fra, til)


def _open(session: Session, rows: Sequence[SealedRow], person: uuid.UUID) -> dict[uuid.UUID, Indhold]:
    """What is sealed under the resident's key; a draft has a key of its own and stays in it."""
    hers = [row for row in rows if row.person_id == person]
    opened = open_whole_many(session, hers, Indhold, ANLEDNING, Dør.SAMMENLÆGNING)
    if len(opened) < len(hers):
        raise Konflikt("Noget af det, der står om beboeren, kan ikke læses. Kontakt den, der driver systemet.")
    return opened


def _tæl_om(session: Session, contents: Iterable[Any], fra: uuid.UUID, til: uuid.UUID) -> None:
    """Give the rows' facts the other resident's pseudonym. One that bears neither's (a household's) stays."""
    ids = {
        uuid.UUID(value)
        for content in contents
        if isinstance(content, dict)
        for name, value in content.items()
        if name.endswith("faktum_id") and value
    }
    codes: dict[tuple[uuid.UUID, int], bytes] = {}

    def code(person: uuid.UUID, år: int) -> bytes:
        return codes.setdefault((person, år), pseudonym(session, person, år))

    wanted = sorted(ids)
    for start in range(0, len(wanted), _PART):
        found = session.exec(select(Faktum).where(col(Faktum.id).in_(wanted[start : start + _PART]))).all()
        for faktum in found:
            år = int(faktum.måned[:4])
            if faktum.pseudonym == code(fra, år):
                facts.ret(session, faktum.id, pseudonym=code(til, år))


def heraf(rækker: Rækker, flyttet: Mapping[str, Sequence[uuid.UUID]]) -> Rækker:
    """Of some rows those that once were moved, and what has been added to them since."""
    moved = {navn: set(ids) for navn, ids in flyttet.items()}
    back = {navn: [row for row in rows if row.id in moved.get(navn, ())] for navn, rows in rækker.items()}
    for navn, (whose, column) in FØLGER.items():
        parents = {row.id for row in back[whose]}
        back[navn] = [row for row in rækker[navn] if getattr(row, column) in parents]
    return back


def flyt_kladder(
    session: Session, kladder: Sequence[SealedRow], fra: uuid.UUID, til: uuid.UUID
) -> dict[uuid.UUID, str]:
    """Let drafts at pages that name the one resident stand at the other's; gives where they stood. One of her own
    stamdata stays where it is, and so does one whose place is taken by the same user's draft about the other."""
    stood: dict[uuid.UUID, str] = {}
    for kladde in cast("Sequence[Kladde]", kladder):
        path = kladde.formular.replace(str(fra), str(til))
        if not path.startswith("/beboere/") and _place(session, kladde, path):
            stood[kladde.id] = path.replace(str(til), str(fra))
    return stood


def flyt_kladder_tilbage(session: Session, kladder: Sequence[SealedRow], stod: Mapping[uuid.UUID, str]) -> None:
    """Let drafts stand where they stood, unless the place is taken."""
    for kladde in cast("Sequence[Kladde]", kladder):
        _place(session, kladde, stod.get(kladde.id, kladde.formular))


def _place(session: Session, kladde: Kladde, path: str) -> bool:
    """Put a draft at another page, if its user has no other there; whether it moved."""
    taken = select(Kladde.id).where(Kladde.ejer_id == kladde.ejer_id, Kladde.formular == path)
    if path == kladde.formular or session.exec(taken).first() is not None:
        return False
    kladde.formular = path
    session.add(kladde)
    session.flush()
    return True


def bopæl(session: Session, beboer_id: uuid.UUID) -> tuple[uuid.UUID | None, LejemålData | None]:
    """The tenancy a resident lives in, as it stands."""
    lejemål_id = husstande(session).for_beboer.get(beboer_id)
    return (lejemål_id, hent_lejemål(session, lejemål_id, ANLEDNING)[1]) if lejemål_id is not None else (None, None)


def flyt_hjem(
    session: Session, beboer_id: uuid.UUID, beholdt_id: uuid.UUID, lejemål_id: uuid.UUID | None, før: LejemålData | None
) -> None:
    """A resident lives again where she lived (`før`: the tenancy as it was), and the kept one no longer does, if she
    only did as her. A tenancy that went when it was left empty is registered again."""
    if lejemål_id is None or før is None:
        return
    if husstande(session).for_beboer.get(beholdt_id) == lejemål_id and beholdt_id not in før.medlemmer:
        erstat_medlem(session, beholdt_id, beboer_id)
    elif session.get(Lejemål, lejemål_id) is not None:
        flyt_ind(session, beboer_id, lejemål_id)
    else:
        again = før.model_copy(update={"medlemmer": [beboer_id], "sager": []})
        try:
            opret_lejemål(session, again)
        except LejemålFindes as findes:
            flyt_ind(session, beboer_id, findes.id)
