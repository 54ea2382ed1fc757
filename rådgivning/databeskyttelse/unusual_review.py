"""The list of unusual reading as databeskyttelse sees it: found, compared with what was looked at, and looked at."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.users import brugere
from rådgivning.beboere.residents import acting
from rådgivning.database import now
from rådgivning.databeskyttelse.own_home import hjemme
from rådgivning.databeskyttelse.readings import billeder
from rådgivning.databeskyttelse.trail_models import Gennemset, GennemsetData
from rådgivning.databeskyttelse.unusual import VANE, Fund, Kendt, find_usædvanligt, læste_enkeltvis
from rådgivning.databeskyttelse.unusual_own import egne, uden_række
from rådgivning.nøgler.opening import destroy_key, open_many, seal
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv


@dataclass(frozen=True)
class Set:
    """Who looked at a finding, when, and what came out of it."""

    af: uuid.UUID
    tidspunkt: datetime
    forklaring: str


@dataclass(frozen=True)
class Linje:
    """A finding with what was said of it, if it was looked at."""

    fund: Fund
    set: Set | None = None


def usædvanligt(system: Session, helhedsplan_id: uuid.UUID, dage: int) -> list[Fund]:
    """What is unusual in the last so many days. The Session is the program's own (`systemet`); it is committed."""
    fra = now() - timedelta(days=dage)
    seen = billeder(system, str(helhedsplan_id), fra - VANE, now() + timedelta(minutes=1))
    users = brugere(system, helhedsplan_id)
    read = læste_enkeltvis(seen, fra)
    home, own = hjemme(system, read, users), egne(system, helhedsplan_id, fra)
    gone = uden_række(system, (beboer for beboere in read.values() for beboer in beboere))
    known = {str(u.id): Kendt(own.get(str(u.id), set()) | gone, u.spærret, home.get(str(u.id), ())) for u in users}
    system.commit()
    return find_usædvanligt(seen, fra, known)


def gennemgå(session: Session, fund: Sequence[Fund]) -> tuple[list[Linje], list[Linje]]:
    """The findings nobody has looked at, and those somebody has."""
    rows = {row.fund: row for row in _rows(session)}
    texts = open_many(session, rows.values(), GennemsetData, "usædvanlig læsning")
    new, looked = [], []
    for one in fund:
        row = rows.get(one.nøgle)
        if row is None or row.nr < one.nr:
            new.append(Linje(one))
        else:
            data = texts.get(row.id, GennemsetData())
            looked.append(Linje(one, Set(row.ejer_id, row.tidspunkt, data.forklaring)))
    return new, looked


def set_på(session: Session, fund: Fund, forklaring: str) -> None:
    """Say that a finding was looked at and what came out of it; once more says it anew."""
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    row = next((row for row in _rows(session) if row.fund == fund.nøgle), None)
    handling = Handling.ÆNDRET if row else Handling.OPRETTET
    row = row or Gennemset(
        helhedsplan_id=helhedsplan_id, ejer_id=bruger_id, fund=fund.nøgle, slags=fund.slags,
        bruger_id=uuid.UUID(fund.bruger), nr=fund.nr, tidspunkt=now(),
    )  # fmt: skip
    row.ejer_id, row.nr, row.tidspunkt = bruger_id, fund.nr, now()
    seal(session, row, GennemsetData(forklaring=forklaring))
    session.add(row)
    skriv(session, handling, "gennemset", [row.id, row.bruger_id], anledning=f"set på: {fund.slags}")


def slet_gamle_gennemsete(session: Session, før: datetime) -> int:
    """Forget what was said of the helhedsplan's findings before `før`, keys and all; returns how many."""
    old = [row for row in _rows(session) if row.tidspunkt < før]
    for row in old:
        session.delete(row)
        destroy_key(session, row.id, varig=False)
    if old:
        skriv(session, Handling.SLETTET, "gennemset", [row.id for row in old], anledning="slettefrist")
    return len(old)


def _rows(session: Session) -> Sequence[Gennemset]:
    return session.exec(select(Gennemset).where(Gennemset.helhedsplan_id == aktør(session).helhedsplan_id)).all()


def navne(session: Session, helhedsplan_id: uuid.UUID) -> dict[str, str]:
    """Users' names by id; the blocked as well."""
    rows = session.exec(select(Bruger).where(Bruger.helhedsplan_id == helhedsplan_id).order_by(col(Bruger.navn))).all()
    return {str(row.id): row.navn for row in rows}
