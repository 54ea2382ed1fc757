"""Erasing again, in a restored database, whoever has been erased since the backup was taken."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import Connection
from sqlmodel import Session, select

from rådgivning.database import se_alle, today
from rådgivning.drift.schema import all_tables
from rådgivning.fakta.facts import løsriv
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.plan.models import Helhedsplan

HENDES = ("kontakt_version", "kontakt", "opgave", "samtykke", "bemærkning", "fastholdelse", "kladde")
"""What goes with a resident; a case and a referral stay as rows that nobody can read, for whoever sent them."""


def replay_erasures(connection: Connection, erased: Iterable[uuid.UUID], statistics_key: bytes) -> int:
    """Erase again in the caller's transaction: the rows go here, the keys at the next start, and what was counted leads
    back to nobody.

    Gives how many the backup did not know of.
    """
    se_alle(connection)
    log = all_tables().tables["sletning"]
    known = set(connection.execute(log.select().with_only_columns(log.c.person_id).where(log.c.varig)).scalars())
    new = sorted(set(erased) - known)
    for part in _parts(new):
        connection.execute(log.delete().where(log.c.person_id.in_(part)))
        connection.execute(log.insert(), [{"person_id": id_, "varig": True, "udført": False} for id_ in part])
        _delete_rows(connection, part)
    _untie_facts(connection, new, statistics_key)
    connection.execute(log.update().values(udført=False))
    return len(new)


def _delete_rows(connection: Connection, ids: Sequence[uuid.UUID]) -> None:
    tables = all_tables()
    for table in reversed(tables.sorted_tables):
        if "sealed" not in table.c:
            continue
        for column in ("kontakt_id", "id") if table.name == "kontakt_version" else ("id",):
            connection.execute(table.delete().where(table.c[column].in_(ids)))
        if table.name in HENDES:
            connection.execute(table.delete().where(table.c.beboer_id.in_(ids)))
    sag = tables.tables["restancesag"]
    hers = sag.c.beboer_id.in_(ids)
    connection.execute(sag.update().where(hers, sag.c.lukket.is_(None)).values(lukket=today()))
    connection.execute(sag.update().where(hers).values(frist=None))


def _untie_facts(connection: Connection, ids: Sequence[uuid.UUID], statistics_key: bytes) -> None:
    with Session(connection, join_transaction_mode="rollback_only") as session:
        session.info["statistics_key"] = statistics_key
        for plan_id in session.exec(select(Helhedsplan.id)).all():
            for id_ in ids:
                løsriv(session, plan_id, partial(pseudonym, session, id_))
        session.flush()


def _parts(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]
