"""Whom the rows of a list are about, before anything is done: residents looked for by tenancy, name and phone.

For the beboerrådgiver's own list alone. Opkrævning never gets here: whether a resident is known to the beboerrådgiver
is not hers to learn (domæne.md 5.10), so her rows are asked about on a page afterwards, which she does not see.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from sqlmodel import Session, col, select

from rådgivning.beboere import households, likeness
from rådgivning.beboere.likeness import Kendetegn, kendetegn
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import acting, opret_beboer
from rådgivning.beboere.search import BeboerIndex, fresh_index
from rådgivning.database import new_id
from rådgivning.nøgler.opening import is_readable
from rådgivning.restancer.models import Listerække
from rådgivning.spor.trail import aktør

FLEST_FORSLAG = 5
FLEST_SØGT = 1_000
NY, INGEN = "ny", "ingen"


@dataclass(frozen=True)
class Person:
    """Whom a row may be about: `sikker` is one alone who has the name and either the phone or the tenancy, and is not
    restricted: a case can then not be linked with her."""

    forslag: list[uuid.UUID] = field(default_factory=list)
    sikker: uuid.UUID | None = None


@dataclass(frozen=True)
class Valgt:
    """The resident a new case is about, `ny` when she is made from its row."""

    beboer_id: uuid.UUID
    ny: bool = False


class Beboerliste:
    """The helhedsplan's residents as they are looked for: read from memory, with nobody opened."""

    def __init__(self, session: Session) -> None:
        helhedsplan_id, _bruger = acting(session)
        self._homes = households.husstande(session)
        self._index: BeboerIndex = fresh_index(session, helhedsplan_id)
        frozen = select(Beboer.id).where(Beboer.helhedsplan_id == helhedsplan_id, col(Beboer.begrænset).is_not(None))
        self._frozen = set(session.exec(frozen).all())
        self._marks = cast("Mapping[uuid.UUID, Kendetegn]", likeness.SPEJL.frisk(session).poster)

    def find(self, boligorganisation: str, lejemål: str, navn: str, telefon: str) -> Person:
        """Those who live in the tenancy, then those with the phone, then those with the name."""
        number = households.nøgle(lejemål)
        home = self._homes.for_nummer.get((boligorganisation, number)) if number else None
        living = self._homes.poster[home].medlemmer if home else []
        hits = [hit for text in (telefon, navn) if text for hit in self._index.search(text, FLEST_FORSLAG)]
        found = [i for i in dict.fromkeys([*sorted(living), *hits]) if i in self._marks]
        marks = kendetegn(BeboerData(navn=navn, telefon=telefon))
        sure = [i for i in found if self._is(marks, i, i in living)]
        shown = [*sure, *(i for i in found if i not in sure)]
        return Person(shown[:FLEST_FORSLAG], sure[0] if len(sure) == 1 and sure[0] not in self._frozen else None)

    def _is(self, marks: Kendetegn, beboer_id: uuid.UUID, lives: bool) -> bool:
        other = self._marks[beboer_id]
        same_phone = bool(marks.telefon) and marks.telefon == other.telefon
        return bool(marks.ord) and marks.ord == other.ord and (lives or same_phone)


def find_personer(session: Session, boligorganisation: str, rækker: Iterable[Listerække]) -> dict[int, Person]:
    """Whom each new row may be about, by row number: of the first rows, and with no transaction open meanwhile. The
    rest are asked about when they are in."""
    known = Beboerliste(session)
    session.commit()
    some = list(rækker)[:FLEST_SØGT]
    return {r.nummer: known.find(boligorganisation, r.lejemål, r.navn, r.telefon) for r in some}


def valgte(
    rækker: Sequence[Listerække], personer: Mapping[int, Person], svar: Mapping[int, str], ingen_træf: str
) -> dict[int, Valgt]:
    """The residents of new rows by row number: the answer, else the one it surely is; `ingen_træf` is the one answer
    for all rows that nobody fits. A row that nobody was asked about, and an answer that was not offered, have none."""
    found = {}
    for række in rækker:
        person = personer.get(række.nummer)
        if person is None:
            continue
        answer = svar.get(række.nummer, ingen_træf if not person.forslag else str(person.sikker or INGEN))
        if answer == NY:
            found[række.nummer] = Valgt(new_id(), ny=True)
        elif offered := next((i for i in person.forslag if str(i) == answer), None):
            found[række.nummer] = Valgt(offered)
    return found


def beboer_til(session: Session, række: Listerække) -> uuid.UUID | None:
    """The resident a row's new case is about, made when that was chosen; None when there is none, when she is erased or
    restricted since (the case is then linked later), and for everybody but the beboerrådgiver."""
    if række.beboer_id is None or aktør(session).omfang("beboer") != "alle":
        return None
    row = session.get(Beboer, række.beboer_id)
    if row is None and række.ny_beboer:
        data = BeboerData(navn=række.navn, telefon=række.telefon, adresse=række.adresse, afdeling=række.afdeling)
        return opret_beboer(session, data, id=række.beboer_id).id
    if row is None or row.helhedsplan_id != aktør(session).helhedsplan_id or row.begrænset is not None:
        return None
    return row.id if is_readable(session, row) else None
