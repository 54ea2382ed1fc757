"""Who the new cases of a list are about: residents looked for by tenancy, name and phone. The beboerrådgiver's alone.

Opkrævning never gets here: whether a resident is known to the beboerrådgiver is not hers to learn (domæne.md 5.10).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import hent_beboere
from rådgivning.dansk import sorteringsnøgle
from rådgivning.nøgler.opening import destroy_key, open_many
from rådgivning.restancer import cases
from rådgivning.restancer.list_matching import kendte_sager
from rådgivning.restancer.list_people import Beboerliste
from rådgivning.restancer.models import Listesag, Restanceliste, Restancesag, RestancesagData
from rådgivning.restancer.storing import locked
from rådgivning.restancer.tenancies import knyt_lejemål
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

Værdi = TypeVar("Værdi")
SIDELÆNGDE = 20
FLEST_NYE, AD_GANGEN = 200, 20


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
    known = Beboerliste(session)
    found = {
        row.id: known.find(row.boligorganisation, data.lejemål, data.navn, data.telefon)
        for row in rows
        if (data := opened.get(row.id)) is not None
    }
    shown = [i for person in found.values() for i in person.forslag]
    residents = hent_beboere(session, shown, "nye fra listen: mulige beboere")
    doubles = _doubles(session, rows)
    lines = [
        Mangler(
            row,
            opened[row.id],
            [(i, residents[i]) for i in found[row.id].forslag if i in residents],
            found[row.id].sikker,
            row.id in doubles,
        )
        for row in rows
        if row.id in opened
    ]
    return sorted(lines, key=lambda line: [sorteringsnøgle(text) for text in (line.data.lejemål, line.data.navn)])


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


def opret_alle(session: Session, liste: Restanceliste) -> int:
    """Make a resident of every new case that fits nobody who is known; how many. Commits as it goes, some at a time.

    At most FLEST_NYE at once, so that the page answers: whoever presses again makes the next.
    """
    made = 0
    query = _missing(select(Restancesag.id), liste).order_by(col(Restancesag.id))
    waiting = session.exec(query).all()
    session.commit()
    for start in range(0, len(waiting), AD_GANGEN):
        made += _make(session, waiting[start : start + AD_GANGEN])
        if made >= FLEST_NYE:
            break
    skriv(session, Handling.OPRETTET, "beboer", anledning="fra restanceliste", detaljer={"antal": made})
    session.commit()
    return made


def _make(session: Session, ids: Sequence[uuid.UUID]) -> int:
    """Those among them who fit nobody, in one transaction, and then without keys of their own."""
    rows = session.exec(select(Restancesag).where(col(Restancesag.id).in_(ids))).all()
    opened = open_many(session, rows, RestancesagData, "nye fra listen uden beboer")
    known = Beboerliste(session)
    unknown = [
        row.id
        for row in rows
        if (d := opened.get(row.id)) and not known.find(row.boligorganisation, d.lejemål, d.navn, d.telefon).forslag
    ]
    linked = [sag_id for sag_id in unknown if knyt(session, sag_id, None)]
    session.commit()
    for sag_id in linked:
        destroy_key(session, sag_id)
    session.commit()
    return len(linked)
