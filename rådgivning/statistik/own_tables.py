"""The leder's own cross tables: what may be composed, how large it is, and whether its cells would be too small.

What is said of the size comes from the plan's lists and from published figures, never from what was counted.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.database import now
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import PlanIndhold
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv
from rådgivning.statistik.basis import kategorier, offentlige_grænser
from rådgivning.statistik.declared import erklæret, forkert, standard
from rådgivning.statistik.models import EgenTabel, Udgivelse
from rådgivning.statistik.plan_tables import egne_tabeller, med_grupper, som_tabel
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import ENHEDER, GROVE, Tabel, i_perioden, led

HØJST_TABELLER = 10
HØJST_CELLER = 400
SMÅ = 5
"""A table whose cells would hold fewer than this on average is mostly noughts and fives."""
_IKKE_EGNE = frozenset({"afværget"})
"""Follows from furthest phase and outcome, which the standard tables show: crossed further, it would tell of those."""
_KVARTALER = ("1", "2", "3", "4")


@dataclass(frozen=True)
class Forslag:
    """A coarser dimension in place of a fine one, and what the table would be then."""

    fin: str
    grov: str
    celler: int
    per_celle: int | None


@dataclass(frozen=True)
class Størrelse:
    """How large a table is: its inner cells, about how many each would hold (None before anything is published), and
    what would make it coarser."""

    celler: int
    per_celle: int | None
    forslag: Sequence[Forslag]

    @property
    def for_små(self) -> bool:
        """Whether most cells would be too small."""
        return self.per_celle is not None and self.per_celle < SMÅ


def dimensioner(enhed: str) -> list[tuple[str, str]]:
    """What a unit may be divided by, coarser dimensions after their fine one: key and name."""
    fine = [name for name in ENHEDER[enhed].kolonner if name not in _IKKE_EGNE]
    names = [name for one in fine for name in (one, *(coarse for coarse, own in GROVE.items() if own == one))]
    return [(name, erklæret().dimensioner[name]) for name in names]


def mangler(session: Session, helhedsplan_id: uuid.UUID, tabel: Tabel) -> Iterator[tuple[str, str]]:
    """What is wrong with a table that the leder composes: (field, Danish sentence)."""
    wrong = [*forkert(tabel.enhed, tabel.dimensioner)]
    if wrong or _IKKE_EGNE & set(tabel.dimensioner):
        yield "dimension_1", "Vælg en til tre forskellige dimensioner, som passer til det, der tælles."
        return
    indhold = plan(session, helhedsplan_id)
    if _overlap(indhold, tabel) == "ingen":
        yield "dimension_1", UDEN_FOR_AFTALENS_TAL
    if (found := størrelse(session, helhedsplan_id, tabel).celler) > HØJST_CELLER:
        yield "dimension_1", f"Tabellen får {found} celler; højst {HØJST_CELLER} kan vises. Vælg færre eller grovere."
    own = egne_tabeller(session, helhedsplan_id)
    others = [*standard(), *map(som_tabel, own)]
    known = {(other.enhed, frozenset(other.dimensioner)): other.titel for other in others}
    if same := known.get((tabel.enhed, frozenset(tabel.dimensioner))):
        yield "dimension_1", f"Den tabel findes allerede: »{same}«."
    if tabel.titel in {other.titel for other in others}:
        yield "titel", "En anden tabel hedder det samme."
    if len(own) >= HØJST_TABELLER:
        yield "titel", f"Der kan være {HØJST_TABELLER} egne tabeller. Fjern en, før du laver en ny."


UDEN_FOR_AFTALENS_TAL = (
    "Aftalen offentliggør et præcist tal, som denne tabel ville dele op. Så er der intet sted at skjule nogen. Vælg "
    "færre dimensioner, eller dem alene uden tid."
)


def opret_tabel(session: Session, helhedsplan_id: uuid.UUID, tabel: Tabel, id: uuid.UUID) -> EgenTabel:  # noqa: A002
    """Add an own table. It is in every report of every year that is made from now on. The caller commits."""
    row = EgenTabel(
        id=id,
        helhedsplan_id=helhedsplan_id,
        titel=tabel.titel,
        enhed=tabel.enhed,
        dimensioner=list(tabel.dimensioner),
        kun_kalenderår=_overlap(plan(session, helhedsplan_id), tabel) == "år",
        oprettet=now(),
    )
    session.add(row)
    skriv(session, Handling.OPRETTET, "egen_tabel", [row.id])
    return row


def hent_tabel(session: Session, tabel_id: uuid.UUID) -> EgenTabel:
    """An own table that is not taken away."""
    row = hent(session, EgenTabel, tabel_id)
    if row.fjernet is not None:
        raise IkkeFundet("egen_tabel", tabel_id)
    return row


def fjern_tabel(session: Session, row: EgenTabel) -> None:
    """Take an own table away from reports to come. What was published with it stays published and is still attacked
    together with all else. The caller commits."""
    if row.fjernet is not None:
        raise Konflikt("Tabellen er allerede fjernet.")
    row.fjernet = now()
    session.add(row)
    skriv(session, Handling.SLETTET, "egen_tabel", [row.id])


def størrelse(session: Session, helhedsplan_id: uuid.UUID, tabel: Tabel) -> Størrelse:
    """How large a table is, by the plan's lists and the newest published year."""
    indhold = plan(session, helhedsplan_id)
    total = seneste_ialt(session, helhedsplan_id, tabel.enhed)
    cells, share = _size(tabel, indhold, total)
    proposals = []
    for place, name in enumerate(tabel.dimensioner):
        for coarse in (coarse for coarse, fine in GROVE.items() if fine == name):
            wider = tabel._replace(dimensioner=(*tabel.dimensioner[:place], coarse, *tabel.dimensioner[place + 1 :]))
            proposals.append(Forslag(name, coarse, *_size(wider, indhold, total)))
    return Størrelse(cells, share, [proposal for proposal in proposals if proposal.celler < cells])


def _size(tabel: Tabel, indhold: PlanIndhold, total: int | None) -> tuple[int, int | None]:
    dims: Mapping[str, Sequence[str]] = {**kategorier(indhold), "tid": _KVARTALER}
    (grouped,) = med_grupper([tabel], indhold)
    cells = prod(len(dimension.værdier) for dimension in led(grouped, dims))
    return cells, None if total is None or not cells else total // cells


def seneste_ialt(session: Session, helhedsplan_id: uuid.UUID, enhed: str) -> int | None:
    """The published total of a unit in the newest release of a whole calendar year; None when there is none."""
    row = session.exec(
        select(Udgivelse)
        .where(Udgivelse.helhedsplan_id == helhedsplan_id, func.length(Udgivelse.periode) == 4)
        .order_by(col(Udgivelse.periode).desc(), col(Udgivelse.nummer).desc())
        .limit(1)
    ).first()
    tables = json.loads(row.indhold)["tables"] if row else []
    found = (cell["value"] for table in tables for cell in table["cells"] if cell["key"] == {"enhed": enhed})
    return next(found, None)


def uden_plads(session: Session, helhedsplan_id: uuid.UUID, release: Release) -> list[str]:
    """The titles of own tables that should be in a release, but found no room beside what was published before."""
    own = egne_tabeller(session, helhedsplan_id)
    should = i_perioden([som_tabel(row) for row in own if row.oprettet <= release.bekræftet], release.periode)
    left_out = release.revision.get("uden_plads", ())
    declared = [tabel for tabel in standard() if tabel.navn in left_out]
    return [tabel.titel for tabel in (*declared, *should) if tabel.navn not in release.tabeller]


def _overlap(indhold: PlanIndhold, tabel: Tabel) -> str:
    """How a table may stand beside the exact totals that the agreement publishes: its cells would be parts of one
    (`ingen`), or would be when they went by less than a year (`år`)."""
    fine = {GROVE.get(name, name) for name in tabel.dimensioner}
    found = ""
    for limits in offentlige_grænser(indhold, tabel.enhed):
        if limits < fine:
            return "ingen"
        found = "år" if limits == fine else found
    return found
