"""Releases: the only way figures leave. Read, let go of the database, protect, attack, record, then show.

`beskyttet` is what pages and reports call; `læs_grundlag`, `beskyt` and `audit.audit` are its three parts, apart so
that each can be timed. Anything that goes wrong is an exception: there is no path to unprotected figures.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv
from rådgivning.statistik import suppression
from rådgivning.statistik.audit import AuditResult, Verdict
from rådgivning.statistik.basis import (
    Grundlag,
    højeste_nummer,
    læs_grundlag,
    mærke,
    plan_version,
    seneste,
    system_navn,
)
from rådgivning.statistik.methods import IkkeMulig, Metode, metode_for, periodens_metode
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.omitting import Udeladelsesgrundlag, udelad_periode
from rådgivning.statistik.periods import Periode, month_of
from rådgivning.statistik.protection import IkkeBeskyttet, beskyt, cell_key
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.sharing import Årsgrundlag
from rådgivning.statistik.suppression import Udeladt
from rådgivning.statistik.system import METODE, System, rapport
from rådgivning.statistik.tables import Nøgle, Tabel

__all__ = [
    "IkkeBeskyttet",
    "IkkeMulig",
    "Release",
    "beskyt",
    "beskyttet",
    "eksportér",
    "gør_klar",
    "læs_grundlag",
    "rapportér",
    "udgiv",
]
_FORSØG = 3


@dataclass(frozen=True)
class Release:
    """Protected figures of one period, as recorded."""

    id: uuid.UUID
    periode: Periode
    data: bytes
    oprettet: datetime
    revision: Mapping[str, Any]
    nummer: int
    metode: str
    nøgle_id: str
    sha256: str
    plan_version: int | None
    åbne: Sequence[str]
    """The months that were not closed when the figures were last found to hold, those to come included."""
    bekræftet: datetime
    """When that was."""
    noter: Mapping[str, int] = field(default_factory=dict)
    """How many persons' facts, rounded and 0 when few, came too late for their own month (`efterregistrerede`) or had
    been corrected or removed in a closed one (`rettede`)."""
    hentet: Mapping[str, int] = field(default_factory=dict)
    """How often it has left in which format."""
    egne: Sequence[Tabel] = ()
    """What the leder's own tables in it are."""

    @classmethod
    def af(cls, row: Udgivelse, periode: Periode) -> Release:
        """A recorded release, exactly as it was."""
        return cls(
            id=row.id,
            periode=periode,
            data=row.indhold.encode(),
            oprettet=row.oprettet,
            revision=dict(row.revision),
            nummer=row.nummer,
            metode=row.metode,
            nøgle_id=row.nøgle_id,
            sha256=row.sha256,
            plan_version=row.plan_version,
            åbne=cls.uafsluttede(periode, row.oprettet, row.åbne),
            bekræftet=row.bekræftet or row.oprettet,
            noter=dict(row.noter or {}),
            hentet=dict(row.hentet or {}),
            egne=tuple(Tabel(navn, enhed, tuple(dims), False, *text) for navn, enhed, dims, *text in row.egne or ()),
        )

    @staticmethod
    def uafsluttede(periode: Periode, oprettet: datetime, noteret: Sequence[str] | None) -> tuple[str, ...]:
        """The months that were not closed: as noted, or, before that was noted, those that had not ended."""
        unended = [month for month in periode.måneder if month >= month_of(oprettet.date())]
        return tuple(unended if noteret is None else noteret)

    @property
    def foreløbig(self) -> bool:
        """Whether some month of it was not closed, so that its figures may still change."""
        return bool(self.åbne)

    @cached_property
    def tabeller(self) -> tuple[str, ...]:
        """The names of its protected tables, in the report's order; public totals are no such."""
        names = (table["name"] for table in self.indhold["tables"])
        return tuple(name for name in names if not name.startswith("offentlig_"))

    @cached_property
    def indhold(self) -> dict[str, Any]:
        """The published JSON as a value."""
        loaded: dict[str, Any] = json.loads(self.data)
        return loaded

    @cached_property
    def celler(self) -> dict[str, dict[Nøgle, int | None]]:
        """Every table's published values by key, public totals as tables of their own."""
        return {
            table["name"]: {cell_key(cell["key"]): cell["value"] for cell in table["cells"]}
            for table in self.indhold["tables"]
        }

    def celle(self, enhed: str, **dims: str) -> int | None:
        """The published value of a cell, whichever table has it; None when it is left out, or in no table (`har`)."""
        key = cell_key({**dims, "enhed": enhed})
        return next((cells[key] for cells in self._protected() if key in cells), None)

    def har(self, enhed: str, **dims: str) -> bool:
        """Whether the report has a cell, be its value left out."""
        key = cell_key({**dims, "enhed": enhed})
        return any(key in cells for cells in self._protected())

    def sum(self, enhed: str, **dims: tuple[str, ...]) -> int | None:
        """The sum of published cells over several categories; None when one of them is left out or in no table."""
        keys: list[dict[str, str]] = [{}]
        for name, values in dims.items():
            keys = [{**key, name: value} for key in keys for value in values]
        found = [self.celle(enhed, **key) for key in keys]
        return None if None in found else sum(value for value in found if value is not None)

    def offentlig(self, navn: str) -> int | None:
        """A public total by its name in the plan, exact; None when this period does not have it."""
        cells = self.celler.get(f"offentlig_{navn}", {})
        return next(iter(cells.values()), None)

    def _protected(self) -> Iterator[dict[Nøgle, int | None]]:
        return (cells for name, cells in self.celler.items() if not name.startswith("offentlig_"))

    @property
    def tom(self) -> bool:
        """Whether every figure is 0."""
        return not any(value != 0 for cells in self.celler.values() for value in cells.values())


def beskyttet(session: Session, helhedsplan_id: uuid.UUID, periode: str, *, frø: bytes | None = None) -> Release:
    """The protected figures of a period, made now if they must be. Commits the session: no transaction is open while
    the solver works. Pages do not wait for it, see making.py.

    What was published is published again, byte for byte, until enough facts have changed (see fakta/freezing.py).
    Raises UkendtPeriode, IkkeMulig or IkkeBeskyttet. `frø` is the seed of the rounding, the application's own when left
    out.
    """
    seed = current_app.extensions["statistik_frø"] if frø is None else frø
    for _ in range(_FORSØG):
        try:
            grundlag = læs_grundlag(session, helhedsplan_id, periode, seed)
            session.commit()
            made = {year: _make(session, basis, seed) for year, basis in grundlag.mangler.items()}
            return rapportér(session, replace(grundlag, systemer={**grundlag.systemer, **made}, mangler={}), seed)
        except IntegrityError:
            session.rollback()
    raise IkkeBeskyttet("other releases were made at the same time")


def gør_klar(session: Session, helhedsplan_id: uuid.UUID, periode: str, år: str, frø: bytes) -> None:
    """Make and record one of the years that a period needs, if it still must be. Commits. Raises as `beskyttet`."""
    for _ in range(_FORSØG):
        try:
            basis = læs_grundlag(session, helhedsplan_id, periode, frø).mangler.get(år)
            session.commit()
            if basis is not None:
                _make(session, basis, frø)
            return
        except IntegrityError:
            session.rollback()
    raise IkkeBeskyttet("other releases were made at the same time")


def _make(session: Session, basis: Årsgrundlag | Udeladelsesgrundlag, frø: bytes) -> Udgivelse:
    if isinstance(basis, Udeladelsesgrundlag):
        return _record_omitted(session, basis, udelad_periode(basis), frø)
    system, result = beskyt(basis, frø)
    return _record_system(session, basis, system, result, frø)


def udgiv(session: Session, helhedsplan_id: uuid.UUID, periode: str, form: str, *, frø: bytes | None = None) -> Release:
    """The protected figures of a period, with the trail saying that they leave as `form` (a file format). Commits."""
    return eksportér(session, beskyttet(session, helhedsplan_id, periode, frø=frø), form)


def eksportér(session: Session, release: Release, form: str) -> Release:
    """Write in the trail that a release leaves as a file. Commits."""
    row = session.get_one(Udgivelse, release.id)
    row.hentet = {**(row.hentet or {}), form: (row.hentet or {}).get(form, 0) + 1}
    session.add(row)
    detaljer = {"periode": release.periode.navn}
    skriv(session, Handling.EKSPORTERET, "udgivelse", [release.id], anledning=form, detaljer=detaljer)
    session.commit()
    return release


def _record_system(session: Session, basis: Årsgrundlag, system: System, result: AuditResult, frø: bytes) -> Udgivelse:
    """Store a year's system, unless another has been stored since the old one was read."""
    newest = seneste(session, basis.helhedsplan_id, system_navn(basis.deling.år))
    if (newest and System.fra_json(basis.deling.år, newest.stande, newest.indhold)) != basis.gammel:
        raise IntegrityError("a system was made meanwhile", None, Exception())
    if metode_for(session, basis.helhedsplan_id, basis.deling.år).metode is not Metode.AFRUNDING:
        raise IntegrityError("the year's method was chosen meanwhile", None, Exception())
    row = _row(session, basis.helhedsplan_id, system_navn(basis.deling.år), system.som_json(), frø)
    row.mærke = mærke(basis, frø)
    row.stande = dict(basis.stande)
    row.revision = {**result.summary(), "strict": result.strict, "tærskel": basis.regel.tærskel, "base": system.base}
    session.add(row)
    session.commit()
    return row


def _record_omitted(session: Session, basis: Udeladelsesgrundlag, found: Udeladt, frø: bytes) -> Udgivelse:
    """Store a release with blanks, once and for ever, unless another has been stored since it was begun."""
    data = json.dumps(found.indhold, ensure_ascii=False, indent=1) + "\n"
    row = _row(session, basis.helhedsplan_id, basis.periode.navn, data, frø)
    chosen = periodens_metode(session, basis.helhedsplan_id, basis.periode)
    years = {month[:4] for month in basis.periode.måneder}
    rounded = any(seneste(session, basis.helhedsplan_id, system_navn(year)) for year in years)
    if rounded or row.nummer != basis.nummer + 1 or chosen.metode is not Metode.UDELADELSE:
        raise IntegrityError("a release was made meanwhile", None, Exception())
    row.metode, row.mærke = suppression.METODE, basis.mærke(frø)
    row.plan_version = plan_version(session, basis.helhedsplan_id)
    row.åbne, row.bekræftet, row.stande = [], now(), dict(basis.stande)
    blanks = {"primære": found.primære, "supplerende": found.supplerende, "mindst": found.mindst}
    strict = {"strict": found.revision.strict, "tærskel": basis.regel.tærskel}
    shown = {table["name"] for table in found.indhold["tables"]}
    left_out = [tabel.navn for tabel in basis.tabeller if tabel.navn not in shown]
    row.revision = {**found.revision.summary(), **strict, **blanks, "uden_plads": left_out}
    session.add(row)
    skriv(session, Handling.OPRETTET, "udgivelse", [row.id])
    session.commit()
    return row


def rapportér(session: Session, grundlag: Grundlag, frø: bytes) -> Release:
    """The report as recorded, or recorded now when its content is new. The same content may come to hold for more.

    Commits. No year may be missing.
    """
    rows = [grundlag.systemer[year] for year in sorted(grundlag.systemer)]
    if rows and rows[0].metode == suppression.METODE:
        session.commit()
        return Release.af(rows[0], grundlag.periode)
    public = [(total.navn, total.antal) for total in grundlag.offentlige]
    tables = [tabel.ren for tabel in grundlag.tabeller]
    made_from = [grundlag.periode.navn, [row.mærke for row in rows], grundlag.lister, public, tables]
    text = json.dumps(made_from, sort_keys=True)
    mark = hmac.new(frø, b"release:" + text.encode(), hashlib.sha256).hexdigest()
    newest = seneste(session, grundlag.helhedsplan_id, grundlag.periode.navn)
    if newest is None or newest.mærke != mark:
        systems = [System.fra_json(row.periode[-4:], row.stande, row.indhold) for row in rows]
        content = rapport(
            systems, grundlag.periode, grundlag.lister, grundlag.regel, grundlag.offentlige, grundlag.tabeller
        )
        data = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        if newest is None or newest.indhold != data:
            newest = _row(session, grundlag.helhedsplan_id, grundlag.periode.navn, data, frø)
            newest.plan_version = grundlag.plan_version
            newest.egne = [[own.navn, own.enhed, list(own.dimensioner), own.titel, own.note] for own in grundlag.egne]
            skriv(session, Handling.OPRETTET, "udgivelse", [newest.id])
        newest.mærke = mark
        newest.åbne = list(grundlag.åbne)
        newest.bekræftet = now()
        newest.noter = dict(grundlag.noter)
        newest.stande = dict(grundlag.stande)
        newest.revision = _revision(rows, grundlag.regel)
        session.add(newest)
    release = Release.af(newest, grundlag.periode)
    session.commit()
    return release


def _revision(rows: Sequence[Udgivelse], regel: Regel) -> dict[str, Any]:
    """What the attacks on the systems behind a report found."""
    found: dict[str, Any] = {verdict: sum(row.revision[verdict] for row in rows) for verdict in Verdict}
    return {**found, "strict": all(row.revision["strict"] for row in rows), "tærskel": regel.tærskel}


def _row(session: Session, helhedsplan_id: uuid.UUID, navn: str, indhold: str, frø: bytes) -> Udgivelse:
    return Udgivelse(
        helhedsplan_id=helhedsplan_id,
        nummer=højeste_nummer(session, helhedsplan_id) + 1,
        periode=navn,
        oprettet=now(),
        metode=METODE,
        nøgle_id=hmac.new(frø, b"id", hashlib.sha256).hexdigest()[:8],
        indhold=indhold,
        sha256=hashlib.sha256(indhold.encode()).hexdigest(),
        mærke="",
        stande={},
        revision={},
    )
