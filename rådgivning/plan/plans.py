"""Loading plan files into the database and getting the plan back as a typed value."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.database import now, today
from rådgivning.plan.checks import samme
from rådgivning.plan.limits import Regel, slettefrister
from rådgivning.plan.models import Helhedsplan, HelhedsplanVersion
from rådgivning.plan.reader import Fejl, PlanFejl, afkod, læs
from rådgivning.plan.retiring import behold, med_udgåede
from rådgivning.plan.schema import Fristnavn, PlanIndhold
from rådgivning.plan.writing import rå, skriv_plan
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

PLANER = Path(__file__).resolve().parents[1] / "planer"
INDLÆST = "Planfilen er indlæst"
_LARGEST_FILE = 2_000_000
_read: dict[tuple[uuid.UUID, int, str], PlanIndhold] = {}
_MOST_KEPT = 500


def indlæs(session: Session, path: Path, *, grund: str = "", gælder_fra: date | None = None) -> Helhedsplan:
    """Load a plan file: a new helhedsplan, or a new version of the one with the same id. The caller commits.

    The same content again changes nothing. Keys that are no longer in the file are retired, not dropped: rows and facts
    may carry them. Raises PlanFejl.
    """
    fil = unicodedata.normalize("NFC", path.name)
    tekst = afkod(_bytes(path, fil), fil)
    indhold = læs(tekst.encode(), fil)
    row = session.exec(select(Helhedsplan).where(Helhedsplan.nøgle == indhold.helhedsplan.id).with_for_update()).first()
    if row is not None:
        return revidér(session, row, tekst, fil, grund=grund or INDLÆST, gælder_fra=gælder_fra)
    head = indhold.helhedsplan
    row = Helhedsplan(
        nøgle=head.id, navn=head.navn, fra=head.fra, til=head.til, indhold={}, kilde="", indlæst=now(), version=0
    )
    _store(session, row, indhold, tekst, grund or INDLÆST, gælder_fra or head.fra)
    return row


def revidér(
    session: Session, row: Helhedsplan, tekst: str, fil: str, *, grund: str, gælder_fra: date | None = None
) -> Helhedsplan:
    """Make a plan file's text the next version, holding from `gælder_fra` (today). The caller commits.

    The same content is no new version; only its text (comments) is taken over. Raises PlanFejl.
    """
    earlier = plan(session, row.id)
    indhold = behold(læs(tekst.encode(), fil, earlier), earlier, today())
    current = nuværende(session, row)
    session.add(current)
    if samme(indhold, earlier):
        current.tekst = med_udgåede(tekst, indhold, fil)
        current.kilde = row.kilde = _hash(current.tekst)
        session.add(row)
        return row
    _store(session, row, indhold, med_udgåede(tekst, indhold, fil), grund, gælder_fra or today())
    return row


def nuværende(session: Session, row: Helhedsplan) -> HelhedsplanVersion:
    """The version in force. One that was loaded before versions were kept is written from its content, not stored."""
    found = session.get(HelhedsplanVersion, (row.id, row.version))
    if found is not None:
        return found
    return HelhedsplanVersion(
        helhedsplan_id=row.id,
        version=row.version,
        indhold=row.indhold,
        tekst=skriv_plan(rå(plan(session, row.id))),
        kilde=row.kilde,
        gælder_fra=row.fra if row.version == 1 else row.indlæst.date(),
        grund=INDLÆST,
        oprettet=row.indlæst,
    )


def _bytes(path: Path, fil: str) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise PlanFejl(fil, [Fejl(0, "", "Filen er for stor til at være en planfil (over 2 MB).")])
        return path.read_bytes()
    except OSError:
        raise PlanFejl(fil, [Fejl(0, "", "Filen findes ikke eller kan ikke læses.")]) from None


def _hash(tekst: str) -> str:
    return hashlib.sha256(tekst.encode()).hexdigest()


def _store(session: Session, row: Helhedsplan, indhold: PlanIndhold, tekst: str, grund: str, gælder_fra: date) -> None:
    head = indhold.helhedsplan
    row.navn, row.fra, row.til = head.navn, head.fra, head.til
    row.indhold = indhold.model_dump(mode="json")
    row.kilde = _hash(tekst)
    row.indlæst = now()
    row.version += 1
    session.add(row)
    session.flush()
    session.add(
        HelhedsplanVersion(
            helhedsplan_id=row.id,
            version=row.version,
            indhold=row.indhold,
            tekst=tekst,
            kilde=row.kilde,
            gælder_fra=gælder_fra,
            grund=grund,
            bruger_id=aktør(session).bruger_id,
            oprettet=row.indlæst,
        )
    )
    session.flush()
    handling = Handling.OPRETTET if row.version == 1 else Handling.ÆNDRET
    skriv(session, handling, "helhedsplan", [row.id], detaljer={"version": row.version})


def plan(session: Session, helhedsplan_id: uuid.UUID) -> PlanIndhold:
    """The plan as a value; read again only when its version has changed. Raises IkkeFundet."""
    found = session.exec(select(Helhedsplan.version, Helhedsplan.kilde).where(Helhedsplan.id == helhedsplan_id)).first()
    if found is None:
        raise IkkeFundet("helhedsplan", helhedsplan_id)
    key = (helhedsplan_id, *found)
    if key not in _read:
        content = session.exec(select(Helhedsplan.indhold).where(Helhedsplan.id == helhedsplan_id)).one()
        _keep_read(key, PlanIndhold.model_validate(content))
    return _read[key]


def plan_i_version(session: Session, helhedsplan_id: uuid.UUID, version: int) -> PlanIndhold:
    """The plan as it was in a version: what figures made under it are read by. Raises IkkeFundet."""
    query = select(HelhedsplanVersion.kilde).where(
        HelhedsplanVersion.helhedsplan_id == helhedsplan_id, HelhedsplanVersion.version == version
    )
    kilde = session.exec(query).first()
    if kilde is None:
        row = session.get(Helhedsplan, helhedsplan_id)
        if row is None or row.version != version:
            raise IkkeFundet("helhedsplan", helhedsplan_id)
        return plan(session, helhedsplan_id)
    key = (helhedsplan_id, version, kilde)
    if key not in _read:
        found = session.get_one(HelhedsplanVersion, (helhedsplan_id, version))
        _keep_read(key, PlanIndhold.model_validate(found.indhold))
    return _read[key]


def _keep_read(key: tuple[uuid.UUID, int, str], indhold: PlanIndhold) -> None:
    if len(_read) >= _MOST_KEPT:
        _read.clear()
    _read[key] = indhold


def glem_læste() -> None:
    """Read every plan again the next time it is asked for."""
    _read.clear()


def alle_planer(session: Session) -> Sequence[Helhedsplan]:
    """Every helhedsplan, the one that began first first."""
    return session.exec(select(Helhedsplan).order_by(col(Helhedsplan.fra), col(Helhedsplan.nøgle))).all()


def frister(session: Session, helhedsplan_id: uuid.UUID) -> dict[Fristnavn, Regel]:
    """How long each kind is kept in a helhedsplan, as data."""
    return slettefrister(plan(session, helhedsplan_id))
