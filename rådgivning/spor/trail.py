"""Writing the trail: one function, called in the same transaction as the act it records."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, cast

from sqlalchemy import event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, select

from rådgivning.database import now
from rådgivning.spor.chain import entry_mac, head_seal, nævnt
from rådgivning.spor.models import Handling, Spor, SporHoved, SporNævnt
from rådgivning.spor.strangers import is_first, take_closed

Omfang = Literal["alle", "organisation", "egne", "person"]
SYSTEM = "system"
NY_KÆDE = "ny kæde"
GENTAGET = "gentaget i samme minut"
SLETTEFRIST = "slettefrist"
# A tripwire, not a filter: a name begins with a capital, a phone number or a CPR number has eight digits or more.
_LOOKS_PERSONAL = re.compile(r"[A-ZÆØÅ][a-zæøå]|\d{8}|\d{6}-?\d{4}|@|\n")
_LONGEST = 80


@dataclass(frozen=True)
class Adgang:
    """Which rows of a table an actor opens, and which parts of their envelopes.

    All in the helhedsplan, those of the actor's boligorganisation, own rows only, or those sealed for `personer`.
    `ser`: the only parts her role sees at all (None: every part). `kun_ejer`: parts that of a colleague's row stay
    covered; `forsøg.note` is the note of each of several.
    """

    omfang: Omfang
    ser: frozenset[str] | None = None
    kun_ejer: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Aktør:
    """Who acts. `åbner` says which tables' envelopes this actor may open, and how far. `enhed` is the session's id."""

    bruger_id: uuid.UUID | None = None
    rolle: str = "system"
    helhedsplan_id: uuid.UUID | None = None
    åbner: Mapping[str, Adgang] = field(default_factory=dict)
    boligorganisation: str = ""
    enhed: str = ""
    personer: frozenset[uuid.UUID] = frozenset()

    def omfang(self, tabel: str) -> Omfang | None:
        """Which rows of a table this actor opens; None for no row."""
        adgang = self.åbner.get(tabel)
        return adgang.omfang if adgang is not None else None

    def samme_organisation(self, row: object) -> bool:
        """Whether a row belongs to the actor's boligorganisation; nobody shares an empty one."""
        theirs = getattr(row, "boligorganisation", "")
        return bool(theirs) and theirs == self.boligorganisation


@dataclass(frozen=True)
class Del:
    """What one entry names: rows, residents, and counts or fixed words."""

    rækker: Sequence[uuid.UUID] = ()
    beboere: Sequence[uuid.UUID] = ()
    detaljer: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Opslag:
    """The values of one entry before it has a number; kept so that a read or a refusal survives a rollback."""

    aktør: Aktør
    handling: Handling
    genstand: str
    rækker: tuple[str, ...]
    beboere: tuple[str, ...]
    anledning: str
    detaljer: dict[str, str | int]
    tidspunkt: datetime
    sted: str = ""


# What has happened although nothing came of the transaction: somebody was shown something, or was turned away.
SURVIVES_ROLLBACK = frozenset(
    {Handling.ÅBNET, Handling.AFVIST, Handling.LOG_IND_AFVIST, Handling.INDEKSERET, Handling.EKSPORTERET}
)


@dataclass
class _Pending:
    """A Session's entries that no commit has made durable: in the open transaction, and thrown out by a rollback.

    `marks`: how many were written when each open savepoint was set.
    """

    written: list[Opslag] = field(default_factory=list)
    lost: list[Opslag] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)


def prepare(session: Session, audit_key: bytes, aktør: Aktør) -> None:
    """Give a new Session its audit key and its actor, and let its next commit write again what a rollback threw out."""
    session.info.update(audit_key=audit_key, aktør=aktør, pending=_Pending())
    event.listen(session, "before_commit", _write_lost)
    event.listen(session, "after_commit", _durable)
    event.listen(session, "after_rollback", _rolled_back)
    event.listen(session, "after_transaction_create", _savepoint_set)


def _pending(session: Session) -> _Pending:
    return cast("_Pending", session.info["pending"])


def _write_lost(session: Session) -> None:
    pending = _pending(session)
    lost, pending.lost = pending.lost, []
    for opslag in lost:
        pending.written.append(opslag)
        _append(session, opslag)


def _savepoint_set(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        pending = _pending(session)
        pending.marks.append(len(pending.written))


def _durable(session: Session) -> None:
    pending = _pending(session)
    if session.in_nested_transaction():
        pending.marks.pop()
    else:
        pending.written.clear()


def _rolled_back(session: Session) -> None:
    pending = _pending(session)
    mark = 0
    if session.in_nested_transaction():
        mark = pending.marks.pop()
    else:
        pending.marks.clear()
    pending.lost += [opslag for opslag in pending.written[mark:] if opslag.handling in SURVIVES_ROLLBACK]
    del pending.written[mark:]


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
    sted: str = "",
) -> None:
    """Add one entry in the Session's transaction.

    `genstand` is a table's name, `anledning` and `detaljer` fixed words and counts: never anything personal. `sted`
    marks where a stranger knocks: the same refusal again within a minute is counted, and stands in the trail as one
    entry when the minute is over (strangers.py). Raises ValueError for a word that looks like a name, an address, a
    number or a note.
    """
    opslag = _opslag(session, handling, genstand, Del(rækker, beboere, detaljer or {}), anledning, sted)
    _pending(session).written.append(opslag)
    _append(session, opslag)


def skriv_hver(session: Session, handling: Handling, genstand: str, dele: Sequence[Del], anledning: str) -> None:
    """As skriv, an entry for each part of one act, in one go."""
    opslag = [_opslag(session, handling, genstand, del_, anledning) for del_ in dele]
    _pending(session).written += opslag
    append(session, *opslag)


def _opslag(session: Session, handling: Handling, genstand: str, del_: Del, anledning: str, sted: str = "") -> Opslag:
    detaljer = del_.detaljer
    for word in (genstand, anledning, *detaljer, *detaljer.values()):
        if isinstance(word, str) and (len(word) > _LONGEST or _LOOKS_PERSONAL.search(word)):
            raise ValueError("the trail takes fixed words only")
    return Opslag(
        aktør(session),
        handling,
        genstand,
        tuple(str(r) for r in del_.rækker),
        tuple(sorted({str(b) for b in del_.beboere})),
        anledning,
        dict(detaljer),
        now(),
        sted,
    )


def afslut_fremmede(session: Session) -> None:
    """Write into the trail what strangers were refused again and again in the minutes that are over."""
    for row in take_closed(session, now()):
        detaljer: dict[str, str | int] = {
            "antal": row.antal - 1,
            "minut": f"{row.minut.astimezone(UTC):%Y-%m-%dT%H:%M}",
            "status": row.status,
            "metode": row.metode,
            "sted": row.sted,
        }
        again = Opslag(Aktør(rolle="ingen"), Handling.AFVIST, row.genstand, (), (), GENTAGET, detaljer, now())
        append(session, again)


def hold(session: Session) -> None:
    """Take the actor's chain before any row lock, so that two who act at once wait and never lock each other out.

    Users alone are locked before it (`adgang.locking`): whoever signs in or out holds hers and goes on to the chain.
    """
    lock_head(session, str(aktør(session).helhedsplan_id or SYSTEM))


def finish(session: Session, *, keep: bool) -> None:
    """End a request: no read leaves without its trace.

    With `keep` an open transaction that wrote to the trail is committed. Without, the work is undone, and what survives
    that is written again in a transaction of its own.
    """
    pending = _pending(session)
    if not (keep and pending.written):
        session.rollback()
    if pending.written or pending.lost:
        session.commit()


def _append(session: Session, opslag: Opslag) -> None:
    if opslag.sted:
        afslut_fremmede(session)
        status, metode = int(opslag.detaljer["status"]), str(opslag.detaljer["metode"])
        if not is_first(session, opslag.tidspunkt, opslag.sted, opslag.genstand, status, metode):
            return
    append(session, opslag)


def append(session: Session, *flere: Opslag) -> None:
    """Give entries of one actor's the next numbers of their chain; only this room writes without `skriv`."""
    hoved = lock_head(session, str(flere[0].aktør.helhedsplan_id or SYSTEM))
    key: bytes = session.info["audit_key"]
    entries = [_entry(opslag, hoved, key) for opslag in flere]
    hoved.segl = head_seal(key, hoved)
    session.add_all([*entries, hoved])
    session.flush()
    if named := [{"kæde": hoved.kæde, "nr": entry.nr, **row} for entry in entries for row in nævnt(entry)]:
        session.execute(insert(SporNævnt), named)


def _entry(opslag: Opslag, hoved: SporHoved, key: bytes) -> Spor:
    """The next entry of a chain, whose head moves on to it."""
    entry = Spor(
        kæde=hoved.kæde,
        nr=hoved.nr + 1,
        tidspunkt=opslag.tidspunkt,
        aktør=opslag.aktør.bruger_id,
        rolle=opslag.aktør.rolle,
        handling=opslag.handling,
        genstand=opslag.genstand,
        anledning=opslag.anledning,
        rækker=list(opslag.rækker),
        beboere=list(opslag.beboere),
        detaljer=opslag.detaljer,
        enhed=opslag.aktør.enhed,
        mac=b"",
    )
    entry.mac = entry_mac(key, hoved.mac, entry)
    hoved.nr, hoved.mac = entry.nr, entry.mac
    return entry


def lock_head(session: Session, kæde: str) -> SporHoved:
    """The chain's head, locked. A new chain is named in the system's chain, so that it cannot vanish as a whole."""
    query = select(SporHoved).where(SporHoved.kæde == kæde).with_for_update()
    hoved = session.exec(query.execution_options(populate_existing=True)).one_or_none()
    if hoved is None:
        if kæde != SYSTEM:
            append(session, Opslag(Aktør(), Handling.SYSTEM, "spor", (kæde,), (), NY_KÆDE, {}, now()))
        upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        empty = upsert(SporHoved).values(kæde=kæde, nr=0, mac=b"", segl=b"").on_conflict_do_nothing()
        session.execute(empty)
        hoved = session.exec(query).one()
    return hoved
