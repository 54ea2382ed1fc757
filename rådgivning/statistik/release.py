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
from rådgivning.statistik.attack import AngrebFejl
from rådgivning.statistik.audit import AuditResult, audit
from rådgivning.statistik.basis import Grundlag, læs_grundlag
from rådgivning.statistik.earlier import bounds
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.periods import Periode
from rådgivning.statistik.rounding import Opgave, Regel, RundingFejl, afrund
from rådgivning.statistik.tables import MINDRE_END, Nøgle, Optalt

METODE = "controlled-rounding"
_ATTEMPTS = 5


class IkkeBeskyttet(Exception):
    """The figures could not be made safe, so they are not shown. `revision` is the attack that found them wanting."""

    def __init__(self, reason: str, revision: AuditResult | None = None) -> None:
        super().__init__(reason)
        self.revision = revision


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
            table["name"]: {_key(cell["key"]): cell["value"] for cell in table["cells"]}
            for table in self.indhold["tables"]
        }

    def celle(self, enhed: str, **dims: str) -> int | None:
        """The published value of a cell, whichever table has it; None when the report does not have that cell."""
        key = _key({**dims, "enhed": enhed})
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


def beskyt(grundlag: Grundlag, frø: bytes) -> tuple[bytes, AuditResult]:
    """Round and attack, with other draws when the attack succeeds; raises IkkeBeskyttet when all of them fail."""
    result: AuditResult | None = None
    for attempt in range(_ATTEMPTS):
        try:
            data = _publish(grundlag, _round(grundlag, frø, attempt))
            result = audit(
                [Published(json.loads(data), grundlag.stande), *grundlag.tidligere], threshold=grundlag.regel.tærskel
            )
        except (RundingFejl, AngrebFejl) as fejl:
            raise IkkeBeskyttet(str(fejl)) from fejl
        if result.passed:
            return data, result
    raise IkkeBeskyttet("the attack comes too close to somebody", result)


def _round(grundlag: Grundlag, frø: bytes, attempt: int) -> dict[Nøgle, int]:
    """Round the report. A quarter is rounded inside its year, so that the two can never contradict each other."""
    earlier = list(grundlag.tidligere)
    if grundlag.året is not None:
        year = _round_one(grundlag, grundlag.året, earlier, frø, attempt)
        earlier.append(Published(json.loads(_content(grundlag.året, year, grundlag.regel)), grundlag.stande))
    return _round_one(grundlag, grundlag.optalt, earlier, frø, attempt)


def _round_one(
    grundlag: Grundlag, optalt: Optalt, earlier: list[Published], frø: bytes, attempt: int
) -> dict[Nøgle, int]:
    limits = bounds(optalt, grundlag.stande, earlier, grundlag.regel.base)
    opgave = Opgave(optalt.celler, optalt.summer, limits.mindst, limits.højst, _pairs(optalt))
    own = Published({"dims": optalt.dims}, grundlag.stande)
    marks = {key: _mark(grundlag, own, key) for key in optalt.celler}
    return afrund(opgave, grundlag.regel, frø, marks, attempt)


def _pairs(optalt: Optalt) -> list[tuple[Nøgle, Nøgle]]:
    pairs = []
    for small, large in MINDRE_END:
        for key in optalt.celler:
            other = _key({**dict(key), "enhed": large})
            if ("enhed", small) in key and other in optalt.celler:
                pairs.append((key, other))
    return pairs


def _mark(grundlag: Grundlag, own: Published, key: Nøgle) -> bytes:
    """What a cell counts, the same in every report: helhedsplan, unit, limits, months."""
    cell = own.cell(dict(key))
    limits = sorted((name, sorted(values)) for name, values in cell.limits)
    months = sorted(month.partition("@")[0] for month in cell.months)
    return json.dumps([str(grundlag.helhedsplan_id), cell.unit, limits, months], ensure_ascii=False).encode()


def _publish(grundlag: Grundlag, values: Mapping[Nøgle, int]) -> bytes:
    return _content(grundlag.optalt, values, grundlag.regel)


def _content(optalt: Optalt, values: Mapping[Nøgle, int], regel: Regel) -> bytes:
    """The JSON of design.md section 6, always the same bytes for the same figures."""
    tables: list[dict[str, Any]] = [
        {"name": name, "cells": [{"key": dict(key), "value": values[key]} for key in keys]}
        for name, keys in optalt.tabeller.items()
    ]
    for total in optalt.offentlige:
        key = {name: chosen[0] if len(chosen) == 1 else list(chosen) for name, chosen in total.nøgle.items()}
        cell = {"key": {**key, "enhed": total.enhed}, "value": total.antal, "public": True}
        tables.append({"name": f"offentlig_{total.navn}", "cells": [cell]})
    content = {"tables": tables, "dims": optalt.dims, "known_rule": {"method": METODE, "base": regel.base}}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _key(key: Mapping[str, Any]) -> Nøgle:
    return tuple(sorted((name, tuple(value) if isinstance(value, list) else value) for name, value in key.items()))


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
