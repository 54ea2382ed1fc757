"""Who letters to the residents of a boligorganisation come from, and which template they are written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt
from rådgivning.beboere.residents import acting
from rådgivning.dansk import vis_telefon
from rådgivning.database import now
from rådgivning.plan.models import Brevhoved
from rådgivning.plan.plans import plan
from rådgivning.restancer.letter_content import Hoved
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv


class BrevhovedÆndret(Konflikt):
    """Somebody else saved this letterhead first."""

    def __init__(self) -> None:
        super().__init__("En anden har rettet brevhovedet imens. Gå tilbage, og indlæs siden igen.")


def find_brevhoved(session: Session, boligorganisation: str) -> Brevhoved | None:
    """The letterhead as it is kept; None when nobody has written one. Raises IkkeFundet for no such organisation."""
    helhedsplan_id, _bruger = acting(session)
    if boligorganisation not in plan(session, helhedsplan_id).boligorganisation:
        raise IkkeFundet("boligorganisation")
    mine = (Brevhoved.helhedsplan_id == helhedsplan_id, Brevhoved.boligorganisation == boligorganisation)
    return session.exec(select(Brevhoved).where(*mine)).first()


def hoveder(session: Session) -> dict[str, Hoved]:
    """Every boligorganisation's letterhead, and under "" that of none: the helhedsplan's name alone."""
    helhedsplan_id, _bruger = acting(session)
    rows = session.exec(select(Brevhoved).where(Brevhoved.helhedsplan_id == helhedsplan_id)).all()
    kept = {row.boligorganisation: row for row in rows}
    whole = plan(session, helhedsplan_id)
    return {key: _as_hoved(kept.get(key), whole.helhedsplan.navn) for key in (*whole.boligorganisation, "")}


def _as_hoved(row: Brevhoved | None, navn: str) -> Hoved:
    if row is None:
        return Hoved(navn)
    return Hoved(row.afsender or navn, row.adresse, vis_telefon(row.telefon), row.logo or b"", row.skabelon or b"")


def gem_brevhoved(session: Session, boligorganisation: str, version: int, felter: Mapping[str, Any]) -> Brevhoved:
    """Save fields of the letterhead (version 0: there is none yet). Raises IkkeFundet, or BrevhovedÆndret."""
    helhedsplan_id, bruger_id = acting(session)
    row = find_brevhoved(session, boligorganisation)
    if (row.version if row else 0) != version:
        raise BrevhovedÆndret
    handling = Handling.ÆNDRET if row else Handling.OPRETTET
    if row is None:
        row = Brevhoved(
            helhedsplan_id=helhedsplan_id,
            boligorganisation=boligorganisation,
            version=0,
            rettet_af=bruger_id,
            rettet=now(),
        )
    row.sqlmodel_update({**felter, "version": version + 1, "rettet_af": bruger_id, "rettet": now()})
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise BrevhovedÆndret from None
    skriv(session, handling, "brevhoved", [row.id], detaljer={"version": row.version})
    return row
