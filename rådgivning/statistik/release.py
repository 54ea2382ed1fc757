"""Releases: the only way figures leave. Read, let go of the database, protect, attack, record, then show.

`beskyttet` is what pages and reports call; `læs_grundlag`, `beskyt` and `audit.audit` are its three parts, apart so
that each can be timed. Anything that goes wrong is an exception: there is no path to unprotected figures.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from rådgivning.database import now
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv
from rådgivning.statistik.audit import AuditResult
from rådgivning.statistik.basis import Grundlag, læs_grundlag
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.periods import Periode
from rådgivning.statistik.protection import METODE, IkkeBeskyttet, beskyt, cell_key
from rådgivning.statistik.tables import Nøgle

__all__ = ["IkkeBeskyttet", "Release", "beskyt", "beskyttet", "læs_grundlag", "udgiv"]


@dataclass(frozen=True)
class Release:
    """Protected figures of one period, as recorded."""

    id: uuid.UUID
    periode: Periode
    data: bytes
    oprettet: datetime
    revision: Mapping[str, Any]

    @cached_property
    def indhold(self) -> dict[str, Any]:
        """The published JSON as a value."""
        loaded: dict[str, Any] = json.loads(self.data)
        return loaded

    @cached_property
    def _cells(self) -> dict[str, dict[Nøgle, int]]:
        return {
            table["name"]: {cell_key(cell["key"]): cell["value"] for cell in table["cells"]}
            for table in self.indhold["tables"]
        }

    def celle(self, enhed: str, **dims: str) -> int | None:
        """The published value of a cell, whichever table has it; None when the report does not have that cell."""
        key = cell_key({**dims, "enhed": enhed})
        return next((cells[key] for cells in self._rounded() if key in cells), None)

    def sum(self, enhed: str, **dims: tuple[str, ...]) -> int | None:
        """The sum of published cells over several categories; None when the report does not have one of them."""
        keys: list[dict[str, str]] = [{}]
        for name, values in dims.items():
            keys = [{**key, name: value} for key in keys for value in values]
        found = [self.celle(enhed, **key) for key in keys]
        return None if None in found else sum(value for value in found if value is not None)

    def offentlig(self, navn: str) -> int | None:
        """A public total by its name in the plan, exact; None when this period does not have it."""
        cells = self._cells.get(f"offentlig_{navn}", {})
        return next(iter(cells.values()), None)

    def _rounded(self) -> Iterator[dict[Nøgle, int]]:
        return (cells for name, cells in self._cells.items() if not name.startswith("offentlig_"))

    @property
    def tom(self) -> bool:
        """Whether every figure is 0."""
        return not any(value for cells in self._cells.values() for value in cells.values())


def beskyttet(session: Session, helhedsplan_id: uuid.UUID, periode: str, *, frø: bytes | None = None) -> Release:
    """The protected figures of a period. Commits the session: no transaction is open while the solver works.

    What was published is published again, byte for byte, until enough facts have changed (see fakta/freezing.py).
    Raises UkendtPeriode or IkkeBeskyttet. `frø` is the seed of the rounding, the application's own when left out.
    """
    seed = current_app.extensions["statistik_frø"] if frø is None else frø
    for _ in range(3):
        try:
            grundlag = læs_grundlag(session, helhedsplan_id, periode)
            mærke = _fingerprint(grundlag, seed)
            stored = session.exec(
                select(Udgivelse)
                .where(Udgivelse.helhedsplan_id == helhedsplan_id, Udgivelse.mærke == mærke)
                .order_by(col(Udgivelse.nummer).desc())
            ).first()
            session.commit()
            if stored is not None:
                return _release(stored, grundlag.periode)
            data, result = beskyt(grundlag, seed)
            return _record(session, grundlag, _Made(mærke, data, result, seed))
        except IntegrityError:
            session.rollback()
    raise IkkeBeskyttet("other releases were made at the same time")


def udgiv(session: Session, helhedsplan_id: uuid.UUID, periode: str, form: str, *, frø: bytes | None = None) -> Release:
    """The protected figures of a period, with the trail saying that they leave as `form` (json, xlsx, csv). Commits."""
    release = beskyttet(session, helhedsplan_id, periode, frø=frø)
    skriv(session, Handling.EKSPORTERET, "udgivelse", [release.id], anledning=form, detaljer={"periode": periode})
    session.commit()
    return release


@dataclass(frozen=True)
class _Made:
    mærke: str
    data: bytes
    result: AuditResult
    frø: bytes


def _fingerprint(grundlag: Grundlag, frø: bytes) -> str:
    """Everything the report is made from. The facts stand in it as the copies of their months."""
    regel = grundlag.regel
    public = [(total.navn, total.antal) for total in grundlag.optalt.offentlige]
    made_from = [grundlag.periode.navn, grundlag.egne_stande, grundlag.lister, public, regel.base, regel.tærskel]
    text = json.dumps(made_from, ensure_ascii=False, sort_keys=True)
    return hmac.new(frø, b"release:" + text.encode(), hashlib.sha256).hexdigest()


def _record(session: Session, grundlag: Grundlag, made: _Made) -> Release:
    """Store the release. The same content again only learns which copies of the months it also holds for."""
    newest = select(func.max(Udgivelse.nummer)).where(Udgivelse.helhedsplan_id == grundlag.helhedsplan_id)
    if (session.exec(newest).one() or 0) != grundlag.seneste:
        raise IntegrityError("a release was made meanwhile", None, Exception())
    digest = hashlib.sha256(made.data).hexdigest()
    row = session.exec(
        select(Udgivelse)
        .where(Udgivelse.helhedsplan_id == grundlag.helhedsplan_id, Udgivelse.periode == grundlag.periode.navn)
        .order_by(col(Udgivelse.nummer).desc())
    ).first()
    if row is None or row.sha256 != digest:
        row = Udgivelse(
            helhedsplan_id=grundlag.helhedsplan_id,
            nummer=grundlag.seneste + 1,
            periode=grundlag.periode.navn,
            oprettet=now(),
            metode=METODE,
            nøgle_id=hmac.new(made.frø, b"id", hashlib.sha256).hexdigest()[:8],
            indhold=made.data.decode(),
            sha256=digest,
            mærke="",
            stande={},
            revision={},
        )
        skriv(session, Handling.OPRETTET, "udgivelse", [row.id])
    row.mærke = made.mærke
    row.stande = dict(grundlag.egne_stande)
    row.revision = {
        **made.result.summary(),
        "strict": made.result.strict,
        "tærskel": grundlag.regel.tærskel,
        "releases": len(grundlag.tidligere) + 1,
    }
    session.add(row)
    session.commit()
    return _release(row, grundlag.periode)


def _release(row: Udgivelse, periode: Periode) -> Release:
    return Release(row.id, periode, row.indhold.encode(), row.oprettet, dict(row.revision))
