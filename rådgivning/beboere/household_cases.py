"""Many restancesager put into the tenancies they belong to at once, after an import. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from rådgivning.beboere.households import husstande
from rådgivning.beboere.models import Lejemål, LejemålData
from rådgivning.nøgler.changes import note_change
from rådgivning.nøgler.opening import destroy_key, open_unnamed, seal
from rådgivning.nøgler.restriction import restricted
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv


@dataclass
class Tilhør:
    """Cases that belong to a tenancy: a known one (`id`), or one that is registered with this number. `beboere` live
    there from now on, and lived nowhere before; `børn` is what the cases say, where the household has not answered and
    nobody who lives there is restricted."""

    id: uuid.UUID | None
    boligorganisation: str
    nummer: str = ""
    adresse: str = ""
    afdeling: str = ""
    børn: bool | None = None
    sager: list[uuid.UUID] = field(default_factory=list)
    beboere: list[uuid.UUID] = field(default_factory=list)


def knyt_sager(session: Session, tilhør: Sequence[Tilhør], slettede: Collection[uuid.UUID] = ()) -> None:
    """Many cases at once, each of a tenancy it has by number; `slettede` belong to none any more. The trail has one
    entry, with counts. That none of them belongs anywhere yet, and no new number is known, is the caller's to see to,
    who holds the chain."""
    helhedsplan_id = aktør(session).helhedsplan_id
    assert helhedsplan_id is not None  # noqa: S101 - casework is always some helhedsplan's
    known = husstande(session)
    ids = {t.id for t in tilhør if t.id} | {known.for_sag[i] for i in slettede if i in known.for_sag}
    query = select(Lejemål).where(col(Lejemål.id).in_(ids)).with_for_update().execution_options(populate_existing=True)
    rows = {row.id: row for row in session.exec(query).all()} if ids else {}
    opened = open_unnamed(session, rows.values(), LejemålData) if rows else {}
    for data in opened.values():
        data.sager = [i for i in data.sager if i not in slettede]
    for t in tilhør:
        row, data = _place(rows, opened, t, helhedsplan_id)
        opened[row.id] = data
        if t.børn is not None and data.børn_i_husstanden is None and not restricted(session, data.medlemmer):
            data.børn_i_husstanden = t.børn
    counts = {"sager": sum(len(t.sager) for t in tilhør), "lejemål": len(opened), "slettede": len(slettede)}
    skriv(session, Handling.ÆNDRET, "lejemål", anledning="sager knyttet til lejemål", detaljer=counts)
    for lejemål_id, data in opened.items():
        _store(session, rows[lejemål_id], data)


def _place(
    rows: dict[uuid.UUID, Lejemål], opened: dict[uuid.UUID, LejemålData], t: Tilhør, helhedsplan_id: uuid.UUID
) -> tuple[Lejemål, LejemålData]:
    """The tenancy, new where there is none, with the cases and whom they are about."""
    row = rows.get(t.id) if t.id else None
    if row is None or row.id not in opened:
        row = Lejemål(helhedsplan_id=helhedsplan_id, version=0)
        rows[row.id] = row
        data = LejemålData(
            nummer=t.nummer, adresse=t.adresse, afdeling=t.afdeling, boligorganisation=t.boligorganisation
        )
    else:
        data = opened[row.id]
    data.sager += t.sager
    data.medlemmer += t.beboere
    return row, data


def _store(session: Session, lejemål: Lejemål, data: LejemålData) -> None:
    """Keep a tenancy, or let it go, key and all, when nobody and nothing is left in it."""
    if data.medlemmer or data.sager:
        lejemål.version += 1
        seal(session, lejemål, data)
        session.add(lejemål)
        session.flush()
        note_change(session, lejemål.helhedsplan_id, lejemål.id)
        return
    session.delete(lejemål)
    session.flush()
    note_change(session, lejemål.helhedsplan_id, lejemål.id)
    destroy_key(session, lejemål.id)
