"""Loading plan files into the database and getting the plan back as a typed value."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.database import now, today
from rådgivning.plan.checks import SEKTIONER, tabeller
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.reader import Fejl, PlanFejl, læs
from rådgivning.plan.schema import Gyldig, ListeVærdi, PlanIndhold
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

PLANER = Path(__file__).resolve().parents[1] / "planer"
_LARGEST_FILE = 2_000_000
_read: dict[tuple[uuid.UUID, int, str], PlanIndhold] = {}
_MOST_KEPT = 500


def indlæs(session: Session, path: Path) -> Helhedsplan:
    """Load a plan file: a new helhedsplan, or a new version of the one with the same id. The caller commits.

    The same content again changes nothing. Keys that are no longer in the file are retired, not dropped: rows and facts
    may carry them. Raises PlanFejl.
    """
    fil = unicodedata.normalize("NFC", path.name)
    data = _bytes(path, fil)
    indhold = læs(data, fil)
    row = session.exec(select(Helhedsplan).where(Helhedsplan.nøgle == indhold.helhedsplan.id).with_for_update()).first()
    if row is not None:
        earlier = plan(session, row.id)
        indhold = _keep(læs(data, fil, earlier), earlier, today())
        if indhold == earlier:
            return row
    return _store(session, row, indhold, hashlib.sha256(data).hexdigest())


def _bytes(path: Path, fil: str) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise PlanFejl(fil, [Fejl(0, "", "Filen er for stor til at være en planfil (over 2 MB).")])
        return path.read_bytes()
    except OSError:
        raise PlanFejl(fil, [Fejl(0, "", "Filen findes ikke eller kan ikke læses.")]) from None


def _store(session: Session, row: Helhedsplan | None, indhold: PlanIndhold, kilde: str) -> Helhedsplan:
    head = indhold.helhedsplan
    handling = Handling.OPRETTET if row is None else Handling.ÆNDRET
    values: dict[str, Any] = {
        "navn": head.navn,
        "fra": head.fra,
        "til": head.til,
        "indhold": indhold.model_dump(mode="json"),
        "kilde": kilde,
        "indlæst": now(),
    }
    if row is None:
        row = Helhedsplan(nøgle=head.id, **values)
    else:
        row.sqlmodel_update({**values, "version": row.version + 1})
    session.add(row)
    session.flush()
    skriv(session, handling, "helhedsplan", [row.id], detaljer={"version": row.version})
    return row


def _keep(indhold: PlanIndhold, earlier: PlanIndhold, dag: date) -> PlanIndhold:
    """The new plan with the earlier plan's missing keys added, retired from `dag` on."""
    present = tabeller(indhold)
    merged = {sti: _with_retired(present.get(sti, {}), values, dag) for sti, values in tabeller(earlier).items()}
    sections = {name: merged[(name,)] for name in SEKTIONER}
    lists = {name: cast("dict[str, ListeVærdi]", merged.get(("liste", name.value), {})) for name in indhold.liste}
    texts = indhold.indkaldelse.model_copy(update={"sprog": merged["indkaldelse", "sprog"]})
    return indhold.model_copy(update={**sections, "liste": lists, "indkaldelse": texts})


def _with_retired(present: Mapping[str, Gyldig], earlier: Mapping[str, Gyldig], dag: date) -> dict[str, Gyldig]:
    kept = dict(present)
    last = dag - timedelta(days=1)
    for key, value in earlier.items():
        if key not in kept:
            kept[key] = value if value.til and value.til <= last else value.model_copy(update={"til": last})
    return kept


def plan(session: Session, helhedsplan_id: uuid.UUID) -> PlanIndhold:
    """The plan as a value; read again only when its version has changed. Raises IkkeFundet."""
    found = session.exec(select(Helhedsplan.version, Helhedsplan.kilde).where(Helhedsplan.id == helhedsplan_id)).first()
    if found is None:
        raise IkkeFundet("helhedsplan", helhedsplan_id)
    key = (helhedsplan_id, *found)
    if key not in _read:
        if len(_read) >= _MOST_KEPT:
            _read.clear()
        content = session.exec(select(Helhedsplan.indhold).where(Helhedsplan.id == helhedsplan_id)).one()
        _read[key] = PlanIndhold.model_validate(content)
    return _read[key]


def alle_planer(session: Session) -> Sequence[Helhedsplan]:
    """Every helhedsplan, the one that began first first."""
    return session.exec(select(Helhedsplan).order_by(col(Helhedsplan.fra), col(Helhedsplan.nøgle))).all()
