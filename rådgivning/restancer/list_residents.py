"""Who the new cases of a list are about: residents looked for by tenancy, name and phone. The beboerrådgiver's alone.

Opkrævning never gets here: whether a resident is known to the beboerrådgiver is not hers to learn (domæne.md 5.10).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, hent_beboere
from rådgivning.beboere.search import fresh_index
from rådgivning.dansk import fold, sorteringsnøgle
from rådgivning.nøgler.opening import open_many
from rådgivning.restancer import cases
from rådgivning.restancer.list_matching import kendte_sager
from rådgivning.restancer.models import Listesag, Restanceliste, Restancesag, RestancesagData
from rådgivning.restancer.storing import locked
from rådgivning.restancer.tenancies import knyt_lejemål

Værdi = TypeVar("Værdi")
SIDELÆNGDE = 20
FLEST_FORSLAG = 5


@dataclass(frozen=True)
class Mangler:
    """A new case without a resident: those it may be, and the one it surely is."""

    sag: Restancesag
    data: RestancesagData
    forslag: list[tuple[uuid.UUID, BeboerData]] = field(default_factory=list)
    sikker: uuid.UUID | None = None
    dobbelt: bool = False


def antal_uden_beboer(session: Session, liste: Restanceliste) -> int:
    """How many of the list's new cases are open and have no resident."""
    return session.exec(_missing(select(func.count()).select_from(Restancesag), liste)).one()


def uden_beboer(session: Session, liste: Restanceliste, side: int = 1) -> list[Mangler]:
    """One page of the list's new cases that have no resident, by tenancy, with whom each may be about."""
    query = _missing(select(Restancesag), liste).order_by(col(Restancesag.id))
    rows = list(session.exec(query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)).all())
    opened = open_many(session, rows, RestancesagData, "nye fra listen uden beboer")
    helhedsplan_id, _bruger = acting(session)
    index = fresh_index(session, helhedsplan_id)
    homes = households.husstande(session)
    candidates: dict[uuid.UUID, list[uuid.UUID]] = {}
    living: dict[uuid.UUID, set[uuid.UUID]] = {}
    for row in rows:
        data = opened.get(row.id)
        if data is None:
            continue
        home = households.find_lejemål(session, row.boligorganisation, data.lejemål)
        living[row.id] = set(homes.poster[home].medlemmer) if home else set()
        asked = [text for text in (data.telefon, data.navn) if text]
        hits = [hit for text in asked for hit in index.search(text, FLEST_FORSLAG)]
        candidates[row.id] = list(dict.fromkeys([*sorted(living[row.id]), *hits]))[:FLEST_FORSLAG]
    known = hent_beboere(session, [i for ids in candidates.values() for i in ids], "nye fra listen: mulige beboere")
    doubles = _doubles(session, rows)
    lines = [
        _line(row, opened[row.id], {i: known[i] for i in candidates[row.id] if i in known}, living[row.id], doubles)
        for row in rows
        if row.id in opened
    ]
    return sorted(lines, key=lambda line: [sorteringsnøgle(text) for text in (line.data.lejemål, line.data.navn)])


def _line(
    sag: Restancesag,
    data: RestancesagData,
    known: Mapping[uuid.UUID, BeboerData],
    living: set[uuid.UUID],
    doubles: set[uuid.UUID],
) -> Mangler:
    """Sure is one alone who has the name and either the phone or the tenancy."""
    name = fold(data.navn)
    sure = [
        i
        for i, b in known.items()
        if name and fold(b.navn) == name and (i in living or (data.telefon and b.telefon == data.telefon))
    ]
    return Mangler(sag, data, list(known.items()), sure[0] if len(sure) == 1 else None, sag.id in doubles)


def _missing(query: SelectOfScalar[Værdi], liste: Restanceliste) -> SelectOfScalar[Værdi]:
    """The query, of the list's new cases that are open and have no resident."""
    return (
        query.join(Listesag, col(Listesag.sag_id) == col(Restancesag.id))
        .where(Listesag.liste_id == liste.id, Listesag.hvad == "ny")
        .where(col(Restancesag.beboer_id).is_(None), col(Restancesag.lukket).is_(None))
    )


def _doubles(session: Session, rows: list[Restancesag]) -> set[uuid.UUID]:
    """Those whose tenancy has another open case with the beboerrådgiver already: filed by hand, or by a colleague."""
    found: set[uuid.UUID] = set()
    for organisation in {row.boligorganisation for row in rows}:
        by_number: dict[str, list[uuid.UUID]] = {}
        for kendt in kendte_sager(session, organisation):
            if kendt.lukket is None and households.nøgle(kendt.data.lejemål):
                by_number.setdefault(households.nøgle(kendt.data.lejemål), []).append(kendt.id)
        found |= {i for ids in by_number.values() if len(ids) > 1 for i in ids}
    return found


def knyt(session: Session, sag_id: uuid.UUID, beboer_id: uuid.UUID | None) -> bool:
    """Link a case with a resident, or with a new one made from it (None), and with the tenancy it names.

    False, and nothing is done, when somebody has linked it meanwhile. The caller commits and then destroys the case's
    own key.
    """
    if locked(session, sag_id).beboer_id is not None:
        return False
    cases.knyt_beboer(session, sag_id, beboer_id=beboer_id)
    knyt_lejemål(session, sag_id)
    return True
