"""The work list of restancesager: filtered and ordered in memory, since what is filtered by is sealed. Knows no Flask.

Only the rows of the page that is shown are opened by name; keeping the list fresh is traced as one count.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from rådgivning.beboere.households import Husstande, husstande, nøgle
from rådgivning.database import today
from rådgivning.nøgler.mirrors import Billede, Spejl
from rådgivning.nøgler.opening import open_many, open_present
from rådgivning.restancer.attempts import gyldige, seneste
from rådgivning.restancer.models import Kontaktforsøg, Restancesag, RestancesagData
from rådgivning.restancer.phases import FASER, Fase, Tilstand, tilstand

SIDELÆNGDE, TIL_UDSKRIFT = 25, 500
VIS = ("åbne", "i_dag", "overskredne", "lukkede", "alle")
ORDEN = ("frist", "forsøg", "fase", "afdeling")
JA_NEJ = {"ja": True, "nej": False, "ukendt": None}


@dataclass(frozen=True)
class Udsnit:
    """What the list shows and in which order; "" means any. `kontaktet` is ja or nej, `børn` ja, nej or ukendt."""

    vis: str = "åbne"
    fase: str = ""
    afdeling: str = ""
    organisation: str = ""
    kontaktet: str = ""
    børn: str = ""
    orden: str = "frist"

    @property
    def filtre(self) -> int:
        """How many filters are set, beside which cases and the order."""
        chosen = (self.fase, self.afdeling, self.organisation, self.kontaktet, self.børn)
        return sum(bool(value) for value in chosen)


FELTER = tuple(field.name for field in fields(Udsnit))


@dataclass(frozen=True, slots=True)
class Sagspost:
    """What the list knows of a case without opening it: no name and no address. `plads` is its place by deadline,
    worked out once: open cases first, then the closed ones, last closed first; ids make it the same every time.
    `nummer` (of its tenancy, as numbers are compared), `beboer` and `løst` say where it belongs: see belonging.py."""

    id: uuid.UUID
    plads: tuple[bool, int, date, int]
    fase: str
    frist: date | None
    lukket: date | None
    organisation: str
    afdeling: str = ""
    kontaktet: bool = False
    børn: bool | None = None
    forsøgt: date | None = None
    nummer: str = ""
    beboer: uuid.UUID | None = None
    løst: bool = False


@dataclass(frozen=True)
class Sagslinje:
    """A case in a list; `data` is None when the resident is erased, `stand` is derived from the events in `data`.
    `børn` is the household's answer."""

    sag: Restancesag
    data: RestancesagData | None
    stand: Tilstand
    børn: bool | None = None

    @property
    def fase(self) -> Fase:
        """The phase, with the name and the rule of its deadline."""
        return FASER[self.stand.fase]

    @property
    def dage(self) -> int:
        """Days until the deadline; negative when it is missed."""
        return (self.stand.frist - today()).days if self.stand.frist else 0

    @cached_property
    def forsøg(self) -> list[Kontaktforsøg]:
        """The attempts at contact that count, newest first."""
        return gyldige(self.data) if self.data else []


@dataclass(frozen=True)
class Listeside:
    """One page of the list: its lines, how many pages there are, how many cases fit, and how many are open at all."""

    linjer: list[Sagslinje]
    sider: int
    antal: int
    åbne: int


@dataclass(frozen=True)
class Frister:
    """What must be done today, missed deadlines first, and what comes next: the first lines of each and how many."""

    nu: list[Sagslinje]
    antal_nu: int
    snart: list[Sagslinje]
    antal_snart: int


def _post(sag: Restancesag, data: RestancesagData | None) -> Sagspost | None:
    """What is kept of a case. A closed one that nobody can open is nothing for anybody to look at any more; an open one
    is kept, so that somebody sees that it is there."""
    if data is None and sag.lukket is not None:
        return None
    closed = -sag.lukket.toordinal() if sag.lukket else 0
    plads = (sag.lukket is not None, closed, sag.frist or date.max, sag.id.int)
    kept = Sagspost(sag.id, plads, sag.fase, sag.frist, sag.lukket, sag.boligorganisation)
    if data is None:
        return kept
    last = seneste(data)
    return Sagspost(
        sag.id,
        plads,
        sag.fase,
        sag.frist,
        sag.lukket,
        sag.boligorganisation,
        data.afdeling,
        data.kontaktet is not None,
        data.børn_i_husstanden,
        last.dato if last else None,
        nøgle(data.lejemål),
        sag.beboer_id,
        data.løst_fra_lejemål,
    )


SPEJL: Spejl[Sagspost] = Spejl(Restancesag, RestancesagData, _post, Billede)


def sager(
    session: Session, udsnit: Udsnit, side: int, afdelinger: Sequence[str], længde: int = SIDELÆNGDE
) -> Listeside:
    """One page of what fits. `afdelinger` are their keys in the plan's order, which is what they are ordered by."""
    poster = SPEJL.frisk(session).poster
    homes = husstande(session)
    fits = _fits(udsnit, homes)
    chosen = [post for post in poster.values() if fits(post)]
    chosen.sort(key=_order(udsnit.orden, afdelinger))
    page_ids = [post.id for post in chosen[(side - 1) * længde : side * længde]]
    linjer = _lines(session, page_ids, homes)
    open_cases = sum(post.lukket is None for post in poster.values())
    return Listeside(linjer, max(1, -(-len(chosen) // længde)), len(chosen), open_cases)


def _lines(session: Session, ids: Sequence[uuid.UUID], homes: Husstande) -> list[Sagslinje]:
    rows = {row.id: row for row in session.exec(select(Restancesag).where(col(Restancesag.id).in_(ids))).all()}
    data = open_many(session, rows.values(), RestancesagData, "liste over restancesager")
    found = [(rows[i], data.get(i)) for i in ids if i in rows]
    return [_line(row, opened, homes) for row, opened in found]


def _fits(udsnit: Udsnit, homes: Husstande) -> Callable[[Sagspost], bool]:
    """Whether a case belongs in the list; only what is asked for is looked at."""
    dag = today()
    tests: list[Callable[[Sagspost], bool]] = []
    match udsnit.vis:
        case "åbne":
            tests.append(lambda post: post.lukket is None)
        case "i_dag":
            tests.append(lambda post: post.lukket is None and post.frist is not None and post.frist <= dag)
        case "overskredne":
            tests.append(lambda post: post.lukket is None and post.frist is not None and post.frist < dag)
        case "lukkede":
            tests.append(lambda post: post.lukket is not None)
    if udsnit.fase:
        tests.append(lambda post: post.fase == udsnit.fase)
    if udsnit.afdeling:
        tests.append(lambda post: post.afdeling == udsnit.afdeling)
    if udsnit.organisation:
        tests.append(lambda post: post.organisation == udsnit.organisation)
    if udsnit.kontaktet:
        tests.append(lambda post: post.kontaktet is (udsnit.kontaktet == "ja"))
    if udsnit.børn:
        tests.append(lambda post: _children(homes, post.id, post.børn) is JA_NEJ[udsnit.børn])
    return tests[0] if len(tests) == 1 else lambda post: all(test(post) for test in tests)


def _order(orden: str, afdelinger: Sequence[str]) -> Callable[[Sagspost], Any]:
    """Open cases first, then as asked for, then by deadline."""
    match orden:
        case "forsøg":
            return lambda post: (post.lukket is not None, post.forsøgt or date.min, post.plads)
        case "fase":
            return lambda post: (post.lukket is not None, -FASER[post.fase].rang, post.plads)
        case "afdeling":
            places = {key: place for place, key in enumerate(afdelinger)}
            return lambda post: (places.get(post.afdeling, len(places)), post.plads)
        case _:
            return attrgetter("plads")


def _children(homes: Husstande, sag_id: uuid.UUID, own: bool | None) -> bool | None:
    """Whether children live there: the household's answer where the case has one, else what the case itself says."""
    home = homes.for_sag.get(sag_id)
    answer = homes.poster[home].børn_i_husstanden if home else None
    return own if answer is None else answer


def frister(session: Session, dage: timedelta, højst: int) -> Frister:
    """The open cases whose deadline is today or missed, and those that follow in the next days."""
    dag = today()
    poster = SPEJL.frisk(session).poster.values()
    near = [post for post in poster if post.lukket is None and post.frist is not None and post.frist <= dag + dage]
    near.sort(key=_order("frist", ()))
    due = sum(post.frist is not None and post.frist <= dag for post in near)
    shown = [*near[: min(due, højst)], *near[due : due + højst]]
    lines = _lines(session, [post.id for post in shown], husstande(session))
    return Frister(
        [line for line in lines if line.dage <= 0], due, [line for line in lines if line.dage > 0], len(near) - due
    )


def page(
    session: Session, where: Sequence[ColumnElement[bool]], order: Sequence[Any], side: int
) -> tuple[Sequence[Restancesag], int]:
    """One page of rows in an order, and the number of pages; for whoever may open her own rows alone."""
    antal = session.exec(select(func.count()).select_from(Restancesag).where(*where)).one()
    query = select(Restancesag).where(*where).order_by(*order)
    rows = session.exec(query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)).all()
    return rows, max(1, -(-antal // SIDELÆNGDE))


def _line(sag: Restancesag, data: RestancesagData | None, homes: Husstande) -> Sagslinje:
    erased = Tilstand(sag.fase, sag.fase, sag.frist, lukket=sag.lukket)
    børn = _children(homes, sag.id, data.børn_i_husstanden if data else None)
    return Sagslinje(sag, data, tilstand(data.hændelser) if data else erased, børn)


def vis_sag(session: Session, sag: Restancesag) -> Sagslinje:
    """One case for the beboerrådgiver."""
    data = open_present(session, sag, RestancesagData, "vis restancesag")
    return _line(sag, data, husstande(session))
