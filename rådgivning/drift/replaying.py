"""Erasing again, in a restored database, whoever has been erased since the backup was taken."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import Connection, Table, func, or_, select
from sqlmodel import Session

from rådgivning.adgang.kladder import slet_kladder_om
from rådgivning.adgang.permissions import systemet
from rådgivning.beboere.households import flyt_ud, husstande, løs_sag
from rådgivning.database import se_alle, today
from rådgivning.drift.schema import all_tables
from rådgivning.fakta.facts import løsriv
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.keystore import personnøgle
from rådgivning.nøgler.pseudonyms import pseudonym

HENDES = ("kontakt_version", "kontakt", "opgave", "samtykke", "bemærkning", "fastholdelse")
"""What goes with a resident; a case and a referral stay as rows that nobody can read, for whoever sent them."""

SEGLET_FOR = {"kladde": ("id",), "kontakt_version": ("beboer_id", "kontakt_id")}
"""Whose key seals a row where it is not its resident's, or without one its own: the first of these that is there."""


def without_key(connection: Connection, kontekst: Nøglekontekst) -> set[uuid.UUID]:
    """Who has rows here and no key in a key store that is newer than they are: they were erased meanwhile."""
    se_alle(connection)
    persons: set[uuid.UUID] = set()
    for table in _sealed():
        columns = [table.c[n] for n in SEGLET_FOR.get(table.name, ("beboer_id", "id")) if n in table.c]
        whose = func.coalesce(*columns) if len(columns) > 1 else columns[0]
        persons |= set(connection.execute(select(whose).where(table.c.sealed != b"").distinct()).scalars())
    with kontekst.keystore.engine.connect() as keys:
        persons -= set(keys.execute(select(personnøgle.c.person_id)).scalars())
    return persons


def replay_erasures(connection: Connection, erased: Iterable[uuid.UUID], kontekst: Nøglekontekst) -> int:
    """Erase again in the caller's transaction: the rows go here, the keys at the next start, and what was counted leads
    back to nobody. `kontekst` has the keyring and the key store that the restored database will run with.

    Gives how many the backup did not know of.
    """
    se_alle(connection)
    log = all_tables().tables["sletning"]
    known = set(connection.execute(select(log.c.person_id).where(log.c.varig)).scalars())
    merged = _with_merged(connection, set(erased) - known)
    new = sorted(merged - known)
    rows = _Om(connection, new)
    for part in _parts(new):
        connection.execute(log.delete().where(log.c.person_id.in_(part)))
        connection.execute(log.insert(), [{"person_id": id_, "varig": True, "udført": False} for id_ in part])
        _delete_rows(connection, part)
    for plan_id, hers in rows.hendes.items():
        with kontekst.session(systemet(plan_id), connection) as session:
            _forget_by_opening(session, hers, rows.sager)
            session.flush()
    _untie_facts(connection, sorted(merged), kontekst)
    connection.execute(log.update().values(udført=False))
    return len(new)


class _Om:
    """What the backup holds about those who are erased, looked up before it goes: themselves and their rows by
    helhedsplan, and the cases, also those that are linked to nobody."""

    def __init__(self, connection: Connection, ids: Sequence[uuid.UUID]) -> None:
        self.hendes: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        self.sager: set[uuid.UUID] = set()
        for part in _parts(ids):
            for table in _sealed():
                self._look(connection, table, part)

    def _look(self, connection: Connection, table: Table, ids: Sequence[uuid.UUID]) -> None:
        wanted, about = set(ids), table.c.beboer_id if "beboer_id" in table.c else table.c.id
        query = select(table.c.id, about, table.c.helhedsplan_id).where(or_(about.in_(ids), table.c.id.in_(ids)))
        for id_, whose, plan_id in connection.execute(query):
            self.hendes[plan_id].add(id_)
            if whose in wanted:  # a row whose own key is gone may be a living resident's
                self.hendes[plan_id].add(whose)
            if table.name == "restancesag":
                self.sager.add(id_)


def _sealed() -> list[Table]:
    """The tables with envelopes, those that refer to others first."""
    return [table for table in reversed(all_tables().sorted_tables) if "sealed" in table.c]


def _with_merged(connection: Connection, ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """These, and whoever was merged into one of them; the merges go."""
    merges = all_tables().tables["sammenlægning"]
    stands = select(merges.c.beholdt_id, merges.c.udgået_id).where(merges.c.fortrudt.is_(None))
    into = [(kept, gone) for kept, gone in connection.execute(stands)]
    found = set(ids)
    while more := {gone for kept, gone in into if kept in found} - found:
        found |= more
    for part in _parts(sorted(found)):
        connection.execute(merges.delete().where(or_(merges.c.beholdt_id.in_(part), merges.c.udgået_id.in_(part))))
    return found


def _delete_rows(connection: Connection, ids: Sequence[uuid.UUID]) -> None:
    for table in _sealed():
        for column in ("kontakt_id", "id") if table.name == "kontakt_version" else ("id",):
            connection.execute(table.delete().where(table.c[column].in_(ids)))
        if table.name in HENDES:
            connection.execute(table.delete().where(table.c.beboer_id.in_(ids)))
    sag = all_tables().tables["restancesag"]
    hers = sag.c.beboer_id.in_(ids)
    connection.execute(sag.update().where(hers, sag.c.lukket.is_(None)).values(lukket=today()))
    connection.execute(sag.update().where(hers).values(frist=None))


def _forget_by_opening(session: Session, hers: Collection[uuid.UUID], sager: Collection[uuid.UUID]) -> None:
    """What no column says: where they lived, which tenancy a case belongs to, and drafts at the pages of theirs."""
    homes = husstande(session)
    for beboer_id in sorted(homes.for_beboer.keys() & hers):
        flyt_ud(session, beboer_id)
    for sag_id in sorted(homes.for_sag.keys() & sager):
        løs_sag(session, sag_id)
    slet_kladder_om(session, hers)


def _untie_facts(connection: Connection, ids: Collection[uuid.UUID], kontekst: Nøglekontekst) -> None:
    """Only who has facts in a plan is untied there: it may be thousands who are erased, and hundreds of plans."""
    se_alle(connection)
    found: defaultdict[uuid.UUID, set[tuple[int, bytes]]] = defaultdict(set)
    for name in ("faktum", "frosset_faktum") if ids else ():
        c = all_tables().tables[name].c
        query = select(c.helhedsplan_id, c.måned, c.pseudonym).where(c.pseudonym.is_not(None)).distinct()
        for plan_id, month, code in connection.execute(query):
            found[plan_id].add((int(month[:4]), code))
    for plan_id, codes in found.items():
        with kontekst.session(systemet(plan_id), connection) as session:
            years = {year for year, _code in codes}
            for id_ in ids:
                kode = partial(pseudonym, session, id_)
                if any((year, kode(year)) in codes for year in years):
                    løsriv(session, plan_id, kode)
            session.flush()
    se_alle(connection)


def _parts(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]
