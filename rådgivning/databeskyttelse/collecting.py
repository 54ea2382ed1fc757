"""Everything that is kept about one resident, from every sealed table, and who has looked at it. Knows no Flask.

A sealed table with a `beboer_id` takes part by itself. One without is named in SÆRLIGE, which says how her rows are
found in it, or in UDEN_BEBOER, which says why there are none; a test holds every table to that.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, cast

from sqlalchemy import Table
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import hent
from rådgivning.adgang.users import brugere
from rådgivning.beboere.households import husstande, nøgle
from rådgivning.beboere.likeness import SPEJL, Kendetegn, kendetegn, samme_person
from rådgivning.beboere.models import Beboer, BeboerData, Lejemål
from rådgivning.databeskyttelse.access import om, programmet
from rådgivning.databeskyttelse.export_words import SKJULT
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData
from rådgivning.databeskyttelse.trail_models import Gennemset, GennemsetData
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote
from rådgivning.nøgler.opening import Dør, SealedRow, open_unnamed, open_whole_many
from rådgivning.overblik.merged import lagt_ind_i
from rådgivning.overblik.models import Sammenlægning
from rådgivning.overblik.moving import Indhold, tabeller
from rådgivning.restancer.models import ListeData, Restanceliste, Restancesag, RestancesagData
from rådgivning.spor.models import Handling, Spor, SporNævnt

UDEN_BEBOER: Final = {"optaget": "hvornår en rådgiver er optaget: hverken hvor eller hos hvem"}
ANLEDNING: Final = "indsigt"
_SET: Final = (Handling.ÅBNET, Handling.EKSPORTERET)
Værdi = Any


@dataclass(frozen=True)
class Post:
    """One row: its clear columns and what is in its envelope, as JSON has them."""

    tabel: str
    id: str
    række: dict[str, Værdi]
    indhold: dict[str, Værdi]


@dataclass(frozen=True)
class Læsning:
    """Somebody looked: when, in which role, at what, and by which act. `bruger` is her id."""

    tid: datetime
    rolle: str
    bruger: str
    handling: str
    genstand: str
    anledning: str


@dataclass
class Samling:
    """All of it. `navne` and `roller` are the users' by id, `ulæselige` how many rows could not be opened."""

    beboer_id: uuid.UUID
    helhedsplan_id: uuid.UUID
    poster: dict[str, list[Post]] = field(default_factory=dict)
    læst: list[Læsning] = field(default_factory=list)
    navne: dict[str, str] = field(default_factory=dict)
    roller: dict[str, str] = field(default_factory=dict)
    ulæselige: int = 0

    @property
    def antal(self) -> int:
        """How many rows."""
        return sum(map(len, self.poster.values()))


def saml(session: Session, beboer_id: uuid.UUID, anledning: str = ANLEDNING) -> Samling:
    """Collect and open everything about a resident; each row is named in the trail. Raises IkkeFundet."""
    beboer = hent(session, Beboer, beboer_id)
    samling = Samling(beboer_id, beboer.helhedsplan_id)
    for user in brugere(session, beboer.helhedsplan_id):
        samling.navne[str(user.id)], samling.roller[str(user.id)] = user.navn, user.rolle
    for tabel, rows in rækker(session, beboer).items():
        with om(session, rows):
            opened = open_whole_many(session, rows, Indhold, anledning, Dør.INDSIGT)
        samling.ulæselige += len(rows) - len(opened)
        poster = [_post(tabel, row, opened[row.id].root) for row in rows if row.id in opened]
        samling.poster[tabel] = [_only_hers(post, samling) for post in poster]
    samling.læst = _reads(session, beboer)
    return samling


def rækker(session: Session, beboer: Beboer) -> dict[str, list[SealedRow]]:
    """Her rows by table, oldest key first; opens nothing that is shown."""
    found: dict[str, list[SealedRow]] = {"beboer": [beboer]}
    for tabel, model in tabeller().items():
        columns = cast("Table", model.__table__).c  # type: ignore[attr-defined]
        query = select(model).where(model.helhedsplan_id == beboer.helhedsplan_id, columns.beboer_id == beboer.id)
        found[tabel] = list(session.exec(query.order_by(col(model.id))).all())
    hendes = Hendes(session, beboer, [row.id for row in found.get("restancesag", [])])
    for tabel, find in SÆRLIGE.items():
        kept = found.setdefault(tabel, [])
        kept += [row for row in find(hendes) if row.id not in {k.id for k in kept}]
    return {tabel: [row for row in rows if row.sealed] for tabel, rows in found.items() if rows}


class Hendes:
    """By what her rows are found where no column names her: her marks, her tenancy, her cases. Nobody is shown."""

    def __init__(self, session: Session, beboer: Beboer, sager: Sequence[uuid.UUID]) -> None:
        self.session, self.beboer, self.sager = session, beboer, list(sager)
        with programmet(session):
            poster = SPEJL.frisk(session).poster
            self.mærker = poster.get(beboer.id)
            self.andre = [other for id_, other in poster.items() if id_ != beboer.id]
            known = husstande(session)
            self.hjem_id = known.for_beboer.get(beboer.id)
            self.hjem = known.poster.get(self.hjem_id) if self.hjem_id else None

    def er_hende(self, data: Any) -> bool:
        """Whether somebody who is written down without being linked to a resident is she."""
        return self.mærker is not None and samme_person(self.mærker, _marks(data))

    def kun_hendes(self, rows: list[SealedRow], slags: type[Any]) -> list[SealedRow]:
        """Those of the rows about her that might not as well be about another resident of her name."""
        return [row for row, d in self.åbne(rows, slags) if not any(samme_person(a, _marks(d)) for a in self.andre)]

    def nævnt(self, text: str) -> bool:
        """Whether her whole name stands in a text."""
        return self.mærker is not None and bool(self.mærker.ord) and set(self.mærker.ord) <= _words(text)

    def kun_hun_nævnt(self, rows: list[SealedRow]) -> list[SealedRow]:
        """Those of the reviews that name her in which no name of another resident's may be meant."""
        mine = set(self.mærker.ord) if self.mærker else set()
        alike = [set(other.ord) for other in self.andre if mine <= set(other.ord)]
        opened = self.åbne(rows, GennemsetData)
        return [row for row, d in opened if not any(name <= _words(d.forklaring) for name in alike)]

    def alle(self, model: type[SealedRow], *where: Any) -> list[SealedRow]:
        """The helhedsplan's rows of a table."""
        query = select(model).where(model.helhedsplan_id == self.beboer.helhedsplan_id, *where)
        return list(self.session.exec(query.order_by(col(model.id))).all())

    def åbne(self, rows: list[SealedRow], slags: type[Any]) -> Iterable[tuple[SealedRow, Any]]:
        """The rows with what they say, for comparing."""
        with programmet(self.session):
            opened = open_unnamed(self.session, rows, slags) if rows else {}
        return [(row, opened[row.id]) for row in rows if row.id in opened]


def _marks(data: Any) -> Kendetegn:
    said = {name: getattr(data, name) for name in ("navn", "telefon", "adresse", "fødselsdato") if hasattr(data, name)}
    return kendetegn(BeboerData(**said))


def _words(text: str) -> set[str]:
    return set(kendetegn(BeboerData(navn=text)).ord)


def _tenancy(hendes: Hendes) -> list[SealedRow]:
    row = hendes.session.get(Lejemål, hendes.hjem_id) if hendes.hjem_id else None
    return [row] if row is not None else []


def _visits(hendes: Hendes) -> list[SealedRow]:
    """Bookings at her address or her tenancy; whether they were hers is for databeskyttelse to say (masking.py)."""
    mine = hendes.mærker.adresse if hendes.mærker else ""
    number = nøgle(hendes.hjem.nummer) if hendes.hjem else ""
    found = []
    for row, data in hendes.åbne(hendes.alle(Aftale), AftaleData):
        theirs = kendetegn(BeboerData(adresse=data.adresse)).adresse
        same_number = (
            number and nøgle(data.lejemål) == number and data.afdeling == (hendes.hjem and hendes.hjem.afdeling)
        )
        if (mine and theirs == mine) or same_number:
            found.append(row)
    return found


def _visit_notes(hendes: Hendes) -> list[SealedRow]:
    notes = [hendes.session.get(AftaleNote, row.id) for row in _visits(hendes)]
    return [row for row in notes if row is not None]


def _loose_referrals(hendes: Hendes) -> list[SealedRow]:
    loose = hendes.alle(Henvisning, col(Henvisning.beboer_id).is_(None))
    return [r for r, d in hendes.åbne(loose, HenvisningData) if hendes.er_hende(d)]


def _loose_cases(hendes: Hendes) -> list[SealedRow]:
    loose = hendes.alle(Restancesag, col(Restancesag.beboer_id).is_(None))
    return [r for r, d in hendes.åbne(loose, RestancesagData) if hendes.er_hende(d)]


def _lists(hendes: Hendes) -> list[SealedRow]:
    """Imported lists that still hold a row about her."""
    wanted = {hendes.beboer.id, *hendes.sager}
    opened = hendes.åbne(hendes.alle(Restanceliste), ListeData)
    return [row for row, d in opened if any({r.beboer_id, r.sag_id} & wanted for r in d.rækker)]


def _merges(hendes: Hendes) -> list[SealedRow]:
    been = (hendes.beboer.id, *lagt_ind_i(hendes.session, hendes.beboer.id))
    return hendes.alle(Sammenlægning, col(Sammenlægning.beholdt_id).in_(been), col(Sammenlægning.tømt).is_(False))


def _named_in_reviews(hendes: Hendes) -> list[SealedRow]:
    """What databeskyttelse wrote about somebody's unusual reading, where her whole name stands in it."""
    opened = hendes.åbne(hendes.alle(Gennemset), GennemsetData)
    return [row for row, d in opened if hendes.nævnt(d.forklaring)]


def _loose_requests(hendes: Hendes) -> list[SealedRow]:
    loose = hendes.alle(Anmodning, col(Anmodning.beboer_id).is_(None))
    return [r for r, d in hendes.åbne(loose, AnmodningData) if hendes.er_hende(d)]


SÆRLIGE: Final[dict[str, Callable[[Hendes], list[SealedRow]]]] = {
    "lejemål": _tenancy,
    "aftale": _visits,
    "aftale_note": _visit_notes,
    "henvisning": _loose_referrals,
    "restancesag": _loose_cases,
    "restanceliste": _lists,
    "sammenlægning": _merges,
    "gennemset": _named_in_reviews,
    "anmodning": _loose_requests,
    "beboer": lambda _hendes: [],
}


def _post(tabel: str, row: SealedRow, indhold: dict[str, Værdi]) -> Post:
    columns = cast("Table", type(row).__table__).c  # type: ignore[attr-defined]
    clear = {c.name: _plain(getattr(row, c.name)) for c in columns if c.name not in {*SKJULT, "id"}}
    if tabel == "restanceliste":
        clear = {name: clear[name] for name in ("dato", "boligorganisation")}
    return Post(tabel, str(row.id), clear, indhold)


def _plain(value: object) -> Værdi:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _only_hers(post: Post, samling: Samling) -> Post:
    """Without what is about others: who else lives there, other rows of a list, what else moved in a merge."""
    mine = {str(samling.beboer_id), *(p.id for p in samling.poster.get("restancesag", []))}
    content = dict(post.indhold)
    if post.tabel == "lejemål":
        content.pop("medlemmer", None)
        content["sager"] = [sag for sag in content.get("sager", []) if sag in mine]
    if post.tabel == "restanceliste":
        wanted = [r for r in content.get("rækker", []) if {r.get("beboer_id"), r.get("sag_id")} & mine]
        content = {"rækker": wanted}
    if post.tabel == "sammenlægning":
        content = {name: content.get(name) for name in ("udgået", "før", "efter")}
    return Post(post.tabel, post.id, post.række, _without_facts(content))


def _without_facts(content: dict[str, Værdi]) -> dict[str, Værdi]:
    """Without the ids of what was counted: on paper they would tie an anonymous figure to her."""
    return {name: value for name, value in content.items() if not name.endswith("faktum_id") and name not in SKJULT}


def _reads(session: Session, beboer: Beboer) -> list[Læsning]:
    """Who has looked at her, or at whoever was merged into her, oldest first."""
    kæde, been = str(beboer.helhedsplan_id), [str(i) for i in (beboer.id, *lagt_ind_i(session, beboer.id))]
    named = select(SporNævnt.nr).where(SporNævnt.kæde == kæde, col(SporNævnt.om).in_(been), col(SporNævnt.beboer))
    query = select(Spor).where(Spor.kæde == kæde, col(Spor.nr).in_(named), col(Spor.handling).in_(map(str, _SET)))
    return [
        Læsning(s.tidspunkt, s.rolle, str(s.aktør or ""), s.handling, s.genstand, s.anledning)
        for s in session.exec(query.order_by(col(Spor.nr))).all()
    ]
