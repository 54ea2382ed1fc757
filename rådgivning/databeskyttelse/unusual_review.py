"""The list of unusual reading as databeskyttelse sees it: found, compared with what was looked at, and looked at."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.users import brugere
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import acting
from rådgivning.database import now
from rådgivning.databeskyttelse.own_home import hjemme
from rådgivning.databeskyttelse.readings import billeder
from rådgivning.databeskyttelse.trail_models import Gennemset, GennemsetData
from rådgivning.databeskyttelse.unusual import VANE, Fund, Kendt, find_usædvanligt, læste_enkeltvis
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.opening import destroy_key, open_many, seal
from rådgivning.opgaver.models import Opgave
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

EJER = (Kontakt, Opgave, Restancesag)


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
    home = hjemme(system, læste_enkeltvis(seen, fra), users)
    own = _own_cases(system, helhedsplan_id)
    known = {str(u.id): Kendt(own[str(u.id)], u.spærret, home.get(str(u.id), ())) for u in users}
    system.commit()
    return find_usædvanligt(seen, fra, known)


def _own_cases(session: Session, helhedsplan_id: uuid.UUID) -> dict[str, set[str]]:
    """Whose residents are whose, by the columns that stand in clear."""
    own: dict[str, set[str]] = defaultdict(set)
    pairs: list[tuple[Any, Any, Any]] = [(col(Beboer.ejer_id), col(Beboer.id), col(Beboer.helhedsplan_id))]
    pairs += [(col(m.ejer_id), col(m.beboer_id), col(m.helhedsplan_id)) for m in EJER]
    pairs.append((col(Henvisning.rådgiver_id), col(Henvisning.beboer_id), col(Henvisning.helhedsplan_id)))
    for user_id, beboer_id, plan_id in pairs:
        for user, beboer in session.execute(
            select_rows(user_id, beboer_id).where(plan_id == helhedsplan_id).distinct()
        ):
            if user is not None and beboer is not None:
                own[str(user)].add(str(beboer))
    return own


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
