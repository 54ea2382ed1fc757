"""The trail as a stream of lines for another system, and the trail compared with such a stream that was kept there.

A line names an entry and holds its value in the chain: whoever rewrites the trail here, with the audit key and all,
cannot rewrite the lines that left. No line names a resident or a row, only how many there were.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from rådgivning.spor.check import Brud
from rådgivning.spor.models import Spor, SporHoved, SporSendt
from rådgivning.spor.trail import afslut_fremmede

AD_GANGEN = 1000
_HIGHEST = 1 << 62
_ENTRY = re.compile(r'\{"kaede": ?"[^{}]*\}')


def linje(entry: Spor) -> str:
    """One entry as JSON in ASCII, which no log system on the way changes."""
    return json.dumps(
        {
            "kaede": entry.kæde,
            "nr": entry.nr,
            "tid": entry.tidspunkt.astimezone(UTC).isoformat(),
            "handling": entry.handling,
            "genstand": entry.genstand,
            "anledning": entry.anledning,
            "aktoer": str(entry.aktør or ""),
            "rolle": entry.rolle,
            "raekker": len(entry.rækker),
            "beboere": len(entry.beboere),
            "mac": entry.mac.hex(),
        }
    )


def næste(session: Session) -> Sequence[Spor]:
    """The oldest entries of one chain that have not been sent, in order; none when all have that are there. Leaves no
    transaction."""
    afslut_fremmede(session)
    session.commit()
    found: Sequence[Spor] = ()
    for kæde, nr in _behind(session):
        query = select(Spor).where(Spor.kæde == kæde, col(Spor.nr) > nr).order_by(col(Spor.nr)).limit(AD_GANGEN)
        found = session.exec(query).all()
        if found:  # a chain whose entries somebody took away keeps no other waiting
            break
    session.expunge_all()
    session.rollback()
    return found


def _behind(session: Session) -> list[tuple[str, int]]:
    """The chains that have entries which were not sent, and after which number; the one furthest behind first, so that
    a busy chain keeps no other waiting."""
    sent = {row.kæde: row.nr for row in session.exec(select(SporSendt)).all()}
    heads = session.exec(select(SporHoved).order_by(col(SporHoved.kæde))).all()
    after = [(head, max(sent.get(head.kæde, 0), head.fra)) for head in heads]
    after.sort(key=lambda pair: pair[1] - pair[0].nr)
    return [(head.kæde, nr) for head, nr in after if nr < head.nr]


def ældste_usendte(session: Session) -> datetime | None:
    """When the oldest entry was written that nobody outside has yet; None when all have left."""
    firsts = [
        session.exec(select(Spor.tidspunkt).where(Spor.kæde == kæde, Spor.nr > nr).order_by(col(Spor.nr))).first()
        for kæde, nr in _behind(session)
    ]
    return min((first for first in firsts if first is not None), default=None)


def uden_poster(session: Session) -> Sequence[str]:
    """The chains whose heads count entries that were not sent and are not there any more. One statement, so that
    whoever writes meanwhile is not taken for damage."""
    sent = func.coalesce(SporSendt.nr, 0)
    there = select(Spor.nr).where(Spor.kæde == SporHoved.kæde, Spor.nr > sent, Spor.nr > SporHoved.fra).exists()
    query = (
        select(SporHoved.kæde)
        .outerjoin(SporSendt, col(SporSendt.kæde) == SporHoved.kæde)
        .where(SporHoved.nr > sent, SporHoved.nr > SporHoved.fra, ~there)
        .order_by(SporHoved.kæde)
    )
    return session.exec(query).all()


def gem_sendt(session: Session, entry: Spor) -> None:
    """Remember that a chain was sent up to this entry; never backwards, when two send at once."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(SporSendt).values(kæde=entry.kæde, nr=entry.nr)
    later = row.on_conflict_do_update(
        index_elements=["kæde"], set_={"nr": row.excluded.nr}, where=col(SporSendt.nr) < row.excluded.nr
    )
    session.execute(later)
    session.commit()


def læs_strøm(lines: Iterable[str]) -> Iterator[tuple[str, int, bytes]]:
    """Chain, number and value of each line that holds an entry, whatever the receiver wrote before and after it."""
    for line in lines:
        for text in _ENTRY.findall(line):
            try:
                found = json.loads(text)
                kæde, nr, mac = str(found["kaede"]), int(found["nr"]), bytes.fromhex(found["mac"])
            except (ValueError, KeyError, TypeError):
                continue
            if 0 < nr < _HIGHEST:
                yield kæde, nr, mac


def sammenlign(session: Session, strøm: Iterable[tuple[str, int, bytes]]) -> tuple[list[Brud], int]:
    """Where the trail is another than the stream that was kept, each chain once; and how many lines were compared.

    Entries that the retention rule has deleted since are passed over. Reads in short transactions.
    """
    heads = {row.kæde: (row.fra, row.nr, row.fra_mac) for row in session.exec(select(SporHoved)).all()}
    session.rollback()
    brud: dict[str, Brud] = {}
    holes, count = _Holes(), 0
    for batch in _batches(strøm):
        count += len(batch)
        ours = _macs(session, batch)
        for kæde, nr, mac in batch:
            holes.seen(kæde, nr)
            fra, last, cut = heads.get(kæde, (0, 0, None))
            if nr < fra or (kæde in brud and brud[kæde].nr <= nr):
                continue
            if nr == fra and cut is not None:
                ours[kæde, nr] = cut
            if nr > last:
                brud[kæde] = Brud(kæde, nr, f"Post {nr} blev sendt, men findes ikke mere: sporet er kappet.")
            elif not hmac.compare_digest(ours.get((kæde, nr), b""), mac):
                brud[kæde] = Brud(kæde, nr, f"Post {nr} er en anden end den, der blev sendt: sporet er skrevet om.")
    missing = [Brud(kæde, first, f"Post {first} til {last} mangler i strømmen.") for kæde, first, last in holes.left()]
    return [*brud.values(), *missing], count


class _Holes:
    """Numbers a stream leaves out between its first and its last, each chain for itself; a later line may fill one."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._open: dict[str, list[tuple[int, int]]] = {}

    def seen(self, kæde: str, nr: int) -> None:
        """Count a line."""
        last = self._last.get(kæde, nr - 1)
        holes = self._open.setdefault(kæde, [])
        if nr > last:
            self._last[kæde] = nr
            if nr > last + 1:
                holes.append((last + 1, nr - 1))
            return
        for at, (first, end) in enumerate(holes):
            if first <= nr <= end:
                holes[at : at + 1] = [(a, b) for a, b in ((first, nr - 1), (nr + 1, end)) if a <= b]
                return

    def left(self) -> Iterator[tuple[str, int, int]]:
        """Chain, first and last number of each hole."""
        for kæde, holes in self._open.items():
            yield from ((kæde, first, last) for first, last in holes)


def _batches(strøm: Iterable[tuple[str, int, bytes]]) -> Iterator[list[tuple[str, int, bytes]]]:
    batch: list[tuple[str, int, bytes]] = []
    for entry in strøm:
        batch.append(entry)
        if len(batch) == AD_GANGEN:
            yield batch
            batch = []
    if batch:
        yield batch


def _macs(session: Session, batch: Sequence[tuple[str, int, bytes]]) -> dict[tuple[str, int], bytes]:
    found: dict[tuple[str, int], bytes] = {}
    for kæde in {kæde for kæde, _nr, _mac in batch}:
        numbers = [nr for other, nr, _mac in batch if other == kæde]
        query = select(Spor.nr, Spor.mac).where(Spor.kæde == kæde, col(Spor.nr).in_(numbers))
        found |= {(kæde, nr): mac for nr, mac in session.exec(query).all()}
    session.rollback()
    return found
