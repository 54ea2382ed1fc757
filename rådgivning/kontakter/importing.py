"""Importing contacts: every good row in one transaction; the same file twice adds nothing. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from sqlmodel import Session, col, select

from rådgivning.beboere.residents import acting, opret_beboer
from rådgivning.kontakter.log import gem_ny
from rådgivning.kontakter.matching import FlerePasser, Person, Personer, chunks
from rådgivning.kontakter.models import Kontakt
from rådgivning.kontakter.rows import GodRække, Kontrolleret, Regler, Rækkefejl, kontrollér
from rådgivning.kontakter.sheet import FilFejl, Rækker, læs_fil
from rådgivning.nøgler.keystore import KeyStore
from rådgivning.nøgler.shredding import newest_root
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

__all__ = [
    "FilFejl",
    "Forberedt",
    "Resultat",
    "Rækkefejl",
    "Rækker",
    "forbered",
    "importér",
    "kontrollér_først",
    "læs_fil",
]

FLERE_PASSER = "Flere beboere passer på navn og telefon eller adresse. Ret dem først, eller log kontakten i hånden."
STEP = 50


@dataclass(frozen=True)
class Resultat:
    """How an import ended. A contact has no number of its own in a spreadsheet, so none is ever changed by one."""

    nye: int = 0
    ændrede: int = 0
    uændrede: int = 0
    afvist: int = 0
    fejl: Sequence[Rækkefejl] = ()

    @property
    def linje(self) -> str:
        """The one line every import ends with."""
        return f"{self.nye} nye, {self.ændrede} ændrede, {self.uændrede} uændrede, {self.afvist} afvist"


@dataclass
class Forberedt:
    """What an import would do: rows to add with their resident (None: anonymous), rows already there, rows refused."""

    nye: list[tuple[GodRække, Person | None]] = field(default_factory=list)
    uændrede: int = 0
    fejl: list[Rækkefejl] = field(default_factory=list)

    @property
    def personer(self) -> dict[uuid.UUID, Person]:
        """The residents of the rows to add."""
        return {person.id: person for _row, person in self.nye if person is not None}

    @property
    def nye_personer(self) -> list[Person]:
        """Those that are not registered yet."""
        return [person for person in self.personer.values() if person.ny]

    @property
    def afvist(self) -> int:
        """How many rows are refused; one row can have several faults."""
        return len({fejl.række for fejl in self.fejl})

    def resultat(self) -> Resultat:
        """The counts."""
        return Resultat(len(self.nye), 0, self.uændrede, self.afvist, tuple(self.fejl))


def kontrollér_først(session: Session, rækker: Rækker) -> Kontrolleret:
    """Check every row with no transaction open, so that nobody waits meanwhile. Commits what was read for it."""
    regler = Regler(session)
    session.commit()
    return regler.kontrollér(rækker)


def forbered(session: Session, rækker: Rækker | Kontrolleret) -> Forberedt:
    """Check every row that is not checked yet and find out whose it is, without saving anything."""
    kontrolleret = rækker if isinstance(rækker, Kontrolleret) else kontrollér(session, rækker)
    gode = kontrolleret.gode
    found = Forberedt(fejl=list(kontrolleret.fejl))
    there = _already_there(session, gode)
    personer = Personer(session, [row.beboer for row in gode if row.beboer is not None])
    for row in gode:
        owner = there.get(row.id)
        if row.beboer is not None and owner is not None:
            personer.husk(session, row.beboer, owner)
    for row in gode:
        if row.id in there:
            found.uændrede += 1
            continue
        try:
            found.nye.append((row, personer.find(row.beboer) if row.beboer is not None else None))
        except FlerePasser:
            found.fejl.append(Rækkefejl(row.nummer, "beboer_navn", FLERE_PASSER))
    found.fejl.sort(key=lambda fejl: fejl.række)
    return found


def importér(
    session: Session, rækker: Rækker | Kontrolleret, progress: Callable[[int], None] = lambda _done: None
) -> Resultat:
    """Add the good rows that are not there yet, in the caller's transaction. `progress` gets the rows done so far.

    The caller commits; nothing of the import is there before.
    """
    hold(session)
    found = forbered(session, rækker)
    _make_keys(session, found)
    for new in found.nye_personer:
        opret_beboer(session, new.data, new.id)
    for done, (row, person) in enumerate(found.nye, 1):
        _add(session, row, person)
        if done % STEP == 0:
            progress(done)
    progress(len(found.nye))
    _trace(session, found)
    return found.resultat()


def _already_there(session: Session, gode: Sequence[GodRække]) -> dict[uuid.UUID, uuid.UUID | None]:
    """Resident by contact, of the rows that an earlier import has added."""
    helhedsplan_id, _bruger = acting(session)
    ids = [row.id for row in gode]
    found: dict[uuid.UUID, uuid.UUID | None] = {}
    for chunk in chunks(ids):
        query = select(Kontakt.id, Kontakt.beboer_id).where(Kontakt.helhedsplan_id == helhedsplan_id)
        found.update(
            cast(
                "Sequence[tuple[uuid.UUID, uuid.UUID | None]]",
                session.exec(query.where(col(Kontakt.id).in_(chunk))).all(),
            )
        )
    return found


def _make_keys(session: Session, found: Forberedt) -> None:
    """All new persons' keys in one transaction of the key store instead of one each."""
    store = cast("KeyStore", session.info["keystore"])
    wanted = [person.id for person in found.nye_personer] + [row.id for row, person in found.nye if person is None]
    missing = set(wanted) - set(store.get_many(wanted))
    if missing:
        store.create_many(sorted(missing), newest_root(session))


def _add(session: Session, row: GodRække, person: Person | None) -> None:
    """One contact; the age group the row states holds, unless the resident's birth date is known."""
    stamdata = None
    if person is not None:
        stamdata = person.data
        if row.data.aldersgruppe not in ("", "ukendt"):
            stamdata = stamdata.model_copy(update={"aldersgruppe": row.data.aldersgruppe})
    beboer_id = person.id if person is not None else None
    gem_ny(session, row.data, stamdata, id=row.id, dato=row.dato, beboer_id=beboer_id)


def _trace(session: Session, found: Forberedt) -> None:
    counts = {"nye": len(found.nye), "uændrede": found.uændrede, "afvist": found.afvist}
    ids = [row.id for row, _person in found.nye]
    skriv(session, Handling.IMPORTERET, "kontakt", ids, beboere=list(found.personer), detaljer=counts)
