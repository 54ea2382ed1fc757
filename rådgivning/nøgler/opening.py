"""The one door: sealing values into rows and opening them again, with a trace for every opening.

A value comes without the parts that are covered for the actor (covering.py) and cannot be sealed again so, nor can its
row: what a colleague wrote is never lost by an edit of somebody who did not see it. Work of the program's own, which
must carry everything on, opens whole through `open_whole`, and the trail says what work it was.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, cast

from pydantic import BaseModel
from sqlmodel import Session, col, select

from rådgivning.nøgler.covering import ÅBEN, Kuvertindhold, ser, tildæk, åbninger
from rådgivning.nøgler.envelope import open_bytes, seal_bytes
from rådgivning.nøgler.errors import Shredded, Tampered
from rådgivning.nøgler.keystore import EPOCH, KeyStore
from rådgivning.nøgler.restriction import check_readable, unread, whose
from rådgivning.nøgler.rows import Dækket, Dør, MåIkkeÅbne, SealedRow, beboer_of
from rådgivning.nøgler.shredding import data_key, destroy_key
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, Del, aktør, skriv, skriv_hver

__all__ = [
    "Dækket",
    "Dør",
    "Kuvertindhold",
    "MåIkkeÅbne",
    "SealedRow",
    "destroy_key",
    "is_readable",
    "kræv_hel",
    "open_in_turns",
    "open_many",
    "open_present",
    "open_sealed",
    "open_unnamed",
    "open_whole",
    "open_whole_many",
    "seal",
]

Værdi = TypeVar("Værdi", bound=BaseModel)
Række = TypeVar("Række", bound="SealedRow")
AD_GANGEN = 100
_HELE, _DÆKKEDE = "åbnet hele", "åbnet dækkede"


def _keystore(session: Session) -> KeyStore:
    return cast("KeyStore", session.info["keystore"])


def seal(session: Session, row: SealedRow, value: BaseModel) -> None:
    """Put `value` into the row's envelope; the person's key is made first when there is none.

    A row that changes person (a referral taken up) is sealed anew; destroying its old own key is the caller's act.
    Raises Shredded for a person whose key is destroyed: what is erased is never sealed again; and Dækket for a value
    that was opened with covered parts, and for a row that is covered for the actor and was not opened whole.
    """
    if isinstance(value, Kuvertindhold) and value.skjult:
        raise Dækket(row)
    if row.sealed:
        kræv_hel(session, row)
    key = data_key(session, row.person_id)
    row.sealed = seal_bytes(key, EPOCH, row.place, value.model_dump_json().encode())
    _opened(session, [row.id], whole=True)


def kræv_hel(session: Session, row: SealedRow) -> None:
    """Raises Dækket unless the actor sees the whole row, or has opened it whole in this Session.

    A row that was opened with covered parts stays so, whatever becomes of its columns, until it is opened whole.
    """
    if row.id in _noted(session, _HELE):
        return
    if row.id in _noted(session, _DÆKKEDE) or ser(session, row) is not None or _covered(session, row):
        raise Dækket(row)


def _covered(session: Session, row: SealedRow) -> bool:
    found = åbninger(session, [row]).get(row.id)
    return found is not None and bool(found.skjult)


def open_sealed(session: Session, row: SealedRow, value_type: type[Værdi], anledning: str) -> Værdi:
    """The row's value, as far as the actor may see it. Writes the read to the trail in the same transaction.

    Raises MåIkkeÅbne (no right), Begrænset (a restricted resident, without a reason), Shredded (key destroyed),
    Tampered (not this row's blob).
    """
    _check_right(session, [row])
    check_readable(session, row, aktør(session).omfang(str(row.__tablename__)))
    value = _open(_keystore(session).get(row.person_id), row, value_type)
    seen, ved = _as_seen(session, [row], {row.id: value})
    _trace(session, [row], anledning, ved)
    return seen[row.id]


def open_whole(session: Session, row: SealedRow, value_type: type[Værdi], anledning: str, dør: Dør) -> Værdi:
    """As open_sealed, with nothing covered: for work of the program's own, never to be shown."""
    _check_right(session, [row])
    check_readable(session, row, aktør(session).omfang(str(row.__tablename__)))
    value = _open(_keystore(session).get(row.person_id), row, value_type)
    _opened(session, [row.id], whole=True)
    _trace(session, [row], anledning, {}, dør)
    return value


def open_many(
    session: Session, rows: Iterable[SealedRow], value_type: type[Værdi], anledning: str
) -> dict[uuid.UUID, Værdi]:
    """Values by row id, opened as one batch and traced together: an entry that names the rows, and one of its own for
    those about nobody.

    Shredded rows are left out, and so are those of a restricted resident (`borte` says which it is), and tampered ones,
    each with an entry of its own: one bad row closes no list.
    """
    batch = list(rows)
    if not batch:
        return {}
    _check_right(session, batch)
    closed = unread(session, batch, aktør(session).omfang(str(batch[0].__tablename__)))
    batch = [row for row in batch if whose(row) not in closed] if closed else batch
    if not batch:
        return {}
    values, ved = _as_seen(session, batch, _open_batch(session, batch, value_type))
    if values:
        _trace(session, [row for row in batch if row.id in values], anledning, ved)
    return values


def open_present(session: Session, row: SealedRow, value_type: type[Værdi], anledning: str) -> Værdi | None:
    """As open_sealed, for a page of one row that stays when her key is gone: None for what is shredded or tampered."""
    _check_right(session, [row])
    check_readable(session, row, aktør(session).omfang(str(row.__tablename__)))
    return open_many(session, [row], value_type, anledning).get(row.id)


def open_whole_many(
    session: Session, rows: Iterable[SealedRow], value_type: type[Værdi], anledning: str, dør: Dør
) -> dict[uuid.UUID, Værdi]:
    """As open_many, with nothing covered: for work of the program's own, never to be shown."""
    batch = list(rows)
    if not batch:
        return {}
    _check_right(session, batch)
    values = _open_batch(session, batch, value_type)
    if values:
        _opened(session, values, whole=True)
        _trace(session, [row for row in batch if row.id in values], anledning, {}, dør)
    return values


def open_unnamed(session: Session, rows: Iterable[SealedRow], value_type: type[Værdi]) -> dict[uuid.UUID, Værdi]:
    """As open_whole_many, for what the program keeps in memory alone: traced as one count, since nobody looks at
    anybody yet."""
    batch = list(rows)
    _check_right(session, batch)
    values = _open_batch(session, batch, value_type)
    if batch:
        skriv(session, Handling.INDEKSERET, str(batch[0].__tablename__), detaljer={"antal": len(values)})
    return values


def open_in_turns(
    session: Session, tabel: type[Række], ids: Sequence[uuid.UUID], value_type: type[Værdi]
) -> Iterator[list[tuple[Række, Værdi | None]]]:
    """As open_unnamed, some rows at a time and each time in a transaction of its own, so that nobody waits meanwhile.

    The count is in the trail before the first row is opened. A row that nobody can open comes with None; one that is
    gone by then does not come. Commits what the session has done so far.
    """
    skriv(session, Handling.INDEKSERET, str(tabel.__tablename__), detaljer={"antal": len(ids)})
    session.commit()
    for start in range(0, len(ids), AD_GANGEN):
        rows = session.exec(select(tabel).where(col(tabel.id).in_(ids[start : start + AD_GANGEN]))).all()
        _check_right(session, rows)
        values = _open_batch(session, rows, value_type)
        yield [(row, values.get(row.id)) for row in rows]
        session.commit()


def is_readable(session: Session, row: SealedRow) -> bool:
    """Whether the row's person key still exists."""
    try:
        _keystore(session).get(row.person_id)
    except Shredded:
        return False
    return True


def _open_batch(session: Session, batch: Sequence[SealedRow], value_type: type[Værdi]) -> dict[uuid.UUID, Værdi]:
    keys = _keystore(session).get_many(row.person_id for row in batch)
    values: dict[uuid.UUID, Værdi] = {}
    for row in batch:
        if row.person_id not in keys:
            continue
        try:
            values[row.id] = _open(keys[row.person_id], row, value_type)
        except Tampered:
            skriv(session, Handling.AFVIST, str(row.__tablename__), [row.id], anledning="kuverten er ændret")
    return values


def _open(key: bytes, row: SealedRow, value_type: type[Værdi]) -> Værdi:
    return value_type.model_validate_json(open_bytes(key, row.place, row.sealed))


def _check_right(session: Session, rows: Sequence[SealedRow]) -> None:
    who = aktør(session)
    for row in rows:
        if row.helhedsplan_id != who.helhedsplan_id or not _in_scope(who, row):
            raise MåIkkeÅbne(str(row.__tablename__))


def _in_scope(who: Aktør, row: SealedRow) -> bool:
    omfang = who.omfang(str(row.__tablename__))
    if omfang == "egne":
        own = getattr(row, "ejer_id", None)
        return own is not None and own == who.bruger_id
    if omfang == "person":
        return row.person_id in who.personer
    return omfang == "alle" or (omfang == "organisation" and who.samme_organisation(row))


def _as_seen(
    session: Session, rows: Sequence[SealedRow], values: dict[uuid.UUID, Værdi]
) -> tuple[dict[uuid.UUID, Værdi], dict[uuid.UUID, str]]:
    """The values without what is covered for the actor; and by what each of a colleague's rows was open to her."""
    kinds, only = åbninger(session, rows), ser(session, rows[0])
    if not kinds and only is None:
        return values, {}
    seen, ved, covered = dict(values), dict[uuid.UUID, str](), set[uuid.UUID]()
    never: frozenset[str] = frozenset()
    if only is not None:
        never = frozenset(type(next(iter(values.values()))).model_fields) - only if values else frozenset()
    for id_, value in values.items():
        kind = kinds.get(id_, ÅBEN)
        if kind.ved:
            ved[id_] = kind.ved
        if skjult := never | kind.skjult:
            seen[id_] = tildæk(value, skjult)
            covered.add(id_)
    _opened(session, covered, whole=False)
    _opened(session, values.keys() - covered, whole=True)
    return seen, ved


def _noted(session: Session, which: str) -> set[uuid.UUID]:
    return cast("set[uuid.UUID]", session.info.setdefault(which, set()))


def _opened(session: Session, ids: Iterable[uuid.UUID], *, whole: bool) -> None:
    """Remember for this Session which rows it has opened whole, and which with covered parts."""
    now, before = (_HELE, _DÆKKEDE) if whole else (_DÆKKEDE, _HELE)
    _noted(session, now).update(ids)
    _noted(session, before).difference_update(ids)


def _trace(
    session: Session, rows: Sequence[SealedRow], anledning: str, ved: Mapping[uuid.UUID, str], dør: Dør | None = None
) -> None:
    """One entry, or two when some of the rows are about nobody: whoever looks for those must find them."""
    about, nobody = [row for row in rows if beboer_of(row)], [row for row in rows if not beboer_of(row)]
    dele = [_part(part, ved, dør) for part in (about, nobody) if part]
    skriv_hver(session, Handling.ÅBNET, str(rows[0].__tablename__), dele, anledning)


def _part(rows: Sequence[SealedRow], ved: Mapping[uuid.UUID, str], dør: Dør | None) -> Del:
    """`ved`: by what a colleague's row was open to her."""
    detaljer: dict[str, str | int] = (
        {"dør": dør} if dør else dict(Counter(ved[row.id] for row in rows if row.id in ved))
    )
    return Del([row.id for row in rows], [b for row in rows if (b := beboer_of(row)) is not None], detaljer)
