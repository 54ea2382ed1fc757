"""Residents: created, corrected, found, deleted. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from rådgivning.adgang.kladder import slet_kladder_om
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Konflikt, hent
from rådgivning.beboere.likeness import SANDSYNLIG, SPEJL, Ligheder, kendetegn
from rådgivning.beboere.models import Beboer, BeboerData, Fastholdelse
from rådgivning.beboere.search import fresh_index
from rådgivning.database import today
from rådgivning.fakta.facts import løsriv
from rådgivning.nøgler.changes import note_change
from rådgivning.nøgler.opening import destroy_key, is_readable, open_many, open_sealed, seal
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.nøgler.restriction import BEGRÆNSET, restricted
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

SIDELÆNGDE = 25
FLEST_DUBLETTER = 8


class Slettegrund(StrEnum):
    """Why a resident is deleted, as it stands in the trail: by hand, or by the plan's time limit (FRIST)."""

    FEJL = "oprettet ved en fejl"
    DUBLET = "findes to gange"
    FRIST = "slettefrist"
    ØNSKE = "beboeren ønsker ikke at stå her"


@dataclass(frozen=True)
class Træf:
    """What a list shows of a resident; `afdeling` is a plan key."""

    id: uuid.UUID
    navn: str
    adresse: str
    telefon: str
    afdeling: str


class BeboerÆndret(Konflikt):
    """Somebody else saved this resident first; carries what stands there now."""

    def __init__(self, version: int, gældende: BeboerData) -> None:
        super().__init__("En anden har rettet beboeren, mens du skrev. Gå tilbage, og indlæs siden igen.")
        self.version = version
        self.gældende = gældende


KUN_EJEREN = "Det kan kun den beboerrådgiver gøre, der har beboeren."


def acting(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    """Helhedsplan and user of the actor; casework is always somebody's. Raises Forbudt for the system itself."""
    who = aktør(session)
    if who.helhedsplan_id is None or who.bruger_id is None:
        raise Forbudt("beboer")
    return who.helhedsplan_id, who.bruger_id


def arbejdssted(session: Session) -> uuid.UUID:
    """Helhedsplan of the actor, for what the program also does by itself when a time limit is reached. Raises Forbudt
    for an actor of no helhedsplan."""
    helhedsplan_id = aktør(session).helhedsplan_id
    if helhedsplan_id is None:
        raise Forbudt("beboer")
    return helhedsplan_id


def opret_beboer(session: Session, data: BeboerData, id: uuid.UUID | None = None) -> Beboer:  # noqa: A002
    """Register a resident. With an `id` that is already hers (the same form twice) the first one is given back."""
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if id is not None and session.get(Beboer, id) is not None:
        return hent(session, Beboer, id)
    beboer = Beboer(helhedsplan_id=helhedsplan_id, ejer_id=bruger_id, oprettet=today())
    beboer.id = id or beboer.id
    seal(session, beboer, data)
    try:
        with session.begin_nested():
            session.add(beboer)
    except IntegrityError:
        return hent(session, Beboer, beboer.id)
    _record(session, Handling.OPRETTET, beboer.id)
    return beboer


def hent_beboer(session: Session, id: uuid.UUID, anledning: str = "vis beboer") -> tuple[Beboer, BeboerData]:  # noqa: A002
    """A resident and her stamdata; raises IkkeFundet, or Shredded when her key is destroyed."""
    beboer = beboer_nu(session, id)
    return beboer, open_sealed(session, beboer, BeboerData, anledning)


def beboer_nu(session: Session, id: uuid.UUID) -> Beboer:  # noqa: A002
    """Her row as the database has it now: one read earlier in the transaction may have been merged with another since.

    Raises IkkeFundet.
    """
    seen = session.identity_map.get(session.identity_key(Beboer, id))
    if seen is not None and seen not in session.dirty:
        session.expire(seen)
    return hent(session, Beboer, id)


def hent_beboere(session: Session, ids: Iterable[uuid.UUID | None], anledning: str) -> dict[uuid.UUID, BeboerData]:
    """Stamdata of several residents for a list, as one read; those who are deleted are left out, and a restricted one
    stands there with that in the place of her name, so that whose she is finds the way to her page."""
    rows = _rows(session, {i for i in ids if i is not None})
    found = open_many(session, rows, BeboerData, anledning)
    closed = restricted(session, {row.id for row in rows} - found.keys())
    return {**found, **{beboer_id: _restricted() for beboer_id in closed}}


def _restricted() -> BeboerData:
    """What a list shows of a restricted resident; it cannot be sealed."""
    data = BeboerData(navn=BEGRÆNSET)
    data.mærk(frozenset(BeboerData.model_fields), frozenset())
    return data


def ret_beboer(session: Session, id: uuid.UUID, data: BeboerData, version: int) -> Beboer:  # noqa: A002
    """Save corrected stamdata; raises BeboerÆndret when it is no longer `version`, IkkeFundet when she is erased."""
    beboer = lås_beboer(session, id)
    if not is_readable(session, beboer):
        raise IkkeFundet("beboer", id)
    if beboer.version != version:
        raise BeboerÆndret(beboer.version, open_sealed(session, beboer, BeboerData, "samtidig rettelse"))
    beboer.version += 1
    seal(session, beboer, data)
    session.add(beboer)
    _record(session, Handling.ÆNDRET, beboer.id)
    return beboer


def slet_beboer(session: Session, id: uuid.UUID, grund: Slettegrund) -> None:  # noqa: A002
    """Delete a resident for good: her row, every user's drafts about her, her key, and what ties her facts to her.

    What other rooms hold about her can then not be read any more; what was counted stays, anonymous.
    """
    beboer = lås_beboer(session, id)
    slet_kladder_om(session, {id})
    løsriv(session, beboer.helhedsplan_id, lambda år: pseudonym(session, id, år))
    session.exec(delete(Fastholdelse).where(col(Fastholdelse.beboer_id) == id))
    session.delete(beboer)
    _record(session, Handling.SLETTET, id, anledning=grund)
    session.flush()
    destroy_key(session, id)


def søg_beboere(session: Session, tekst: str, højst: int = 10) -> list[Træf]:
    """Residents that fit a name, an address or part of a phone number, best first; those shown are traced as read."""
    helhedsplan_id, _bruger = acting(session)
    ids = fresh_index(session, helhedsplan_id).search(tekst, højst)
    return _træf(session, ids, "søgning")


def mulige_dubletter(
    session: Session, data: BeboerData, undtagen: uuid.UUID | None = None, mindst: int = SANDSYNLIG
) -> list[Træf]:
    """Residents that may be the same person, best first; those shown are traced as read. See likeness.py."""
    like = cast("Ligheder", SPEJL.frisk(session)).som(kendetegn(data), mindst)
    return _træf(session, [i for i, _lighed in like if i != undtagen][:FLEST_DUBLETTER], "mulige dubletter")


def seneste_beboere(session: Session, side: int) -> tuple[list[Træf], int]:
    """One page of the actor's residents, newest first, and the number of pages."""
    helhedsplan_id, bruger_id = acting(session)
    mine = (col(Beboer.helhedsplan_id) == helhedsplan_id, col(Beboer.ejer_id) == bruger_id)
    antal = session.exec(select(func.count()).select_from(Beboer).where(*mine)).one()
    order = (col(Beboer.oprettet).desc(), col(Beboer.id))
    page = select(Beboer.id).where(*mine).order_by(*order).offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)
    return _træf(session, session.exec(page).all(), "liste"), -(-antal // SIDELÆNGDE)


def alle_beboere(session: Session, side: int) -> tuple[list[Træf], int]:
    """One page of all residents in Danish order, and the number of pages."""
    helhedsplan_id, _bruger = acting(session)
    ids = fresh_index(session, helhedsplan_id).in_order()
    page = ids[(side - 1) * SIDELÆNGDE : side * SIDELÆNGDE]
    return _træf(session, page, "liste"), -(-len(ids) // SIDELÆNGDE)


def lås_beboer(session: Session, id: uuid.UUID) -> Beboer:  # noqa: A002
    """The row, held until the commit, so that of two who save at once the second sees the first."""
    hold(session)
    query = select(Beboer).where(Beboer.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("beboer", id)
    return hent(session, Beboer, id)


def _record(session: Session, handling: Handling, id: uuid.UUID, anledning: str = "") -> None:  # noqa: A002
    """Trail first: it holds the helhedsplan's chain until the commit, so changes of the index are numbered in order."""
    skriv(session, handling, "beboer", [id], beboere=[id], anledning=anledning)
    note_change(session, arbejdssted(session), id)


def _rows(session: Session, ids: Iterable[uuid.UUID]) -> Sequence[Beboer]:
    wanted = list(ids)
    if not wanted:
        return []
    helhedsplan_id, _bruger = acting(session)
    query = select(Beboer).where(Beboer.helhedsplan_id == helhedsplan_id, col(Beboer.id).in_(wanted))
    return session.exec(query).all()


def _træf(session: Session, ids: Sequence[uuid.UUID], anledning: str) -> list[Træf]:
    found = hent_beboere(session, ids, anledning)
    return [_as_træf(i, found[i]) for i in ids if i in found]


def _as_træf(id: uuid.UUID, data: BeboerData) -> Træf:  # noqa: A002
    return Træf(id, data.navn, data.adresse, data.telefon, data.afdeling)
