"""Writing the trail: one function, called in the same transaction as the act it records."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from rådgivning.database import now
from rådgivning.spor.models import Handling, Spor, SporHoved

Omfang = Literal["alle", "egne"]


@dataclass(frozen=True)
class Aktør:
    """Who acts. `åbner` says which tables' envelopes this actor may open: all in the helhedsplan, or own rows only."""

    bruger_id: uuid.UUID | None = None
    rolle: str = "system"
    helhedsplan_id: uuid.UUID | None = None
    åbner: Mapping[str, Omfang] = field(default_factory=dict)


@dataclass(frozen=True)
class Opslag:
    """The values of one entry before it has a number; kept so that a refusal survives the request's rollback."""

    aktør: Aktør
    handling: Handling
    genstand: str
    rækker: tuple[str, ...]
    beboere: tuple[str, ...]
    anledning: str
    detaljer: dict[str, str | int]


def prepare(session: Session, audit_key: bytes, aktør: Aktør) -> None:
    """Give a new Session its audit key and its actor; forgets pending entries when a commit has made them durable."""
    session.info["audit_key"] = audit_key
    session.info["aktør"] = aktør
    session.info["pending"] = []
    event.listen(session, "after_commit", lambda s: s.info["pending"].clear())


def aktør(session: Session) -> Aktør:
    """The actor of this Session."""
    return cast("Aktør", session.info["aktør"])


def skriv(
    session: Session,
    handling: Handling,
    genstand: str,
    rækker: Sequence[uuid.UUID] = (),
    *,
    beboere: Sequence[uuid.UUID] = (),
    anledning: str = "",
    detaljer: Mapping[str, str | int] | None = None,
) -> None:
    """Add one entry in the Session's transaction.

    `genstand` is a table's name, `anledning` and `detaljer` fixed words and counts: never anything personal.
    """
    opslag = Opslag(
        aktør(session),
        handling,
        genstand,
        tuple(str(r) for r in rækker),
        tuple(sorted({str(b) for b in beboere})),
        anledning,
        dict(detaljer or {}),
    )
    session.info["pending"].append(opslag)
    _append(session, opslag)


def finish(session: Session, *, keep: bool) -> None:
    """End a request: no read leaves without its trace.

    With `keep` an open transaction that wrote to the trail is committed. Without, the work is undone and the entries
    written again in a transaction of their own.
    """
    pending: list[Opslag] = list(session.info["pending"])
    if pending and keep:
        session.commit()
        return
    session.rollback()
    session.info["pending"].clear()
    if pending:
        for opslag in pending:
            if opslag.handling in _SURVIVES_ROLLBACK:
                _append(session, opslag)
        session.commit()


_SURVIVES_ROLLBACK = {
    Handling.ÅBNET,
    Handling.AFVIST,
    Handling.LOG_IND_AFVIST,
    Handling.INDEKSERET,
    Handling.EKSPORTERET,
}


def _append(session: Session, opslag: Opslag) -> None:
    kæde = str(opslag.aktør.helhedsplan_id or "system")
    hoved = _lock_head(session, kæde)
    entry = Spor(
        kæde=kæde,
        nr=hoved.nr + 1,
        tidspunkt=now(),
        aktør=opslag.aktør.bruger_id,
        rolle=opslag.aktør.rolle,
        handling=opslag.handling,
        genstand=opslag.genstand,
        anledning=opslag.anledning,
        rækker=list(opslag.rækker),
        beboere=list(opslag.beboere),
        detaljer=opslag.detaljer,
        mac=b"",
    )
    key: bytes = session.info["audit_key"]
    entry.mac = entry_mac(key, hoved.mac, entry)
    hoved.nr, hoved.mac = entry.nr, entry.mac
    hoved.segl = head_seal(key, hoved)
    session.add(entry)
    session.add(hoved)
    session.flush()


def _lock_head(session: Session, kæde: str) -> SporHoved:
    query = select(SporHoved).where(SporHoved.kæde == kæde).with_for_update()
    hoved = session.exec(query.execution_options(populate_existing=True)).one_or_none()
    if hoved is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        empty = insert(SporHoved).values(kæde=kæde, nr=0, mac=b"", segl=b"").on_conflict_do_nothing()
        session.execute(empty)
        hoved = session.exec(query).one()
    return hoved


def entry_mac(key: bytes, previous: bytes, entry: Spor) -> bytes:
    """HMAC-SHA256 over the previous entry's mac and every field of this one, in a canonical form."""
    fields = [
        entry.kæde,
        entry.nr,
        entry.tidspunkt.isoformat(),
        str(entry.aktør or ""),
        entry.rolle,
        entry.handling,
        entry.genstand,
        entry.anledning,
        entry.rækker,
        entry.beboere,
        entry.detaljer,
    ]
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, previous + text.encode(), hashlib.sha256)


def head_seal(key: bytes, hoved: SporHoved) -> bytes:
    """HMAC-SHA256 over a chain's length and end: the head cannot be rewritten to hide a removed tail."""
    return hmac.digest(key, b"head" + f"{hoved.kæde}:{hoved.nr}:".encode() + hoved.mac, hashlib.sha256)
