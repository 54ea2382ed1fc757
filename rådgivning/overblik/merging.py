"""Two residents who are one: merged, told apart again within 30 days, and after that for good. Knows no Flask.

The one who goes loses her row and everything about her moves to the one who is kept; her key and a sealed account of
what was done stay until it can no longer be undone.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlmodel import Session, col, func, or_, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.beboere.households import erstat_medlem
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import acting, arbejdssted, lås_beboer
from rådgivning.database import today
from rådgivning.fakta.facts import løsriv
from rådgivning.nøgler.changes import note_change
from rådgivning.nøgler.covering import deler_noter
from rådgivning.nøgler.opening import Dækket, Dør, destroy_key, kræv_hel, open_sealed, open_whole, seal
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.overblik.access_owners import giv_adgange_videre
from rådgivning.overblik.combined import FELTER, samlet
from rådgivning.overblik.merged import i_planen, lagt_sammen_med, står
from rådgivning.overblik.models import Sammenlægning, SammenlægningData
from rådgivning.overblik.moving import (
    ANLEDNING,
    FØLGER,
    Rækker,
    bopæl,
    flyt,
    flyt_hjem,
    flyt_kladder,
    flyt_kladder_tilbage,
    heraf,
    rækker_om,
)
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

FORTRYDES_INDEN = timedelta(days=30)


class BeboereÆndret(Konflikt):
    """One of the two was corrected after the page was shown."""

    def __init__(self) -> None:
        super().__init__("En af de to beboere er rettet, mens du så på siden. Gå tilbage, og indlæs siden igen.")


@dataclass(frozen=True)
class Fortrydelse:
    """What undoing would bring: the two as they were, what was corrected since, and what came since and stays."""

    sammenlægning: Sammenlægning
    data: SammenlægningData
    rettet_siden: list[str]
    kommet_til: Rækker


def slå_sammen(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    beholdt_id: uuid.UUID,
    udgået_id: uuid.UUID,
    valg: Mapping[str, str],
    versioner: tuple[int, int],
) -> Sammenlægning:
    """Merge the second resident into the first. The same form twice (the same `id`) gives the first merge back.

    `versioner` are the kept and the other one's as they were shown. Raises IkkeFundet, BeboereÆndret, Konflikt, and
    Dækket unless the actor may see all of both: who keeps the one gets everything about the other. For the
    same reason what she sees of a colleague's for a time is not enough, unless both are one colleague's.
    """
    whose = acting(session)
    hold(session)
    if session.get(Sammenlægning, id) is not None:
        return hent(session, Sammenlægning, id)
    beholdt, udgået = _both(session, beholdt_id, udgået_id, versioner)
    data, moves = _account(session, beholdt, udgået, valg)
    erstat_medlem(session, udgået_id, beholdt_id)
    flyt(session, moves, udgået_id, beholdt_id)
    giv_adgange_videre(session, {beholdt_id}, beholdt.ejer_id, "lagt sammen")
    _correct(session, beholdt, data.efter)
    session.delete(udgået)
    return _store(session, id, whose, (beholdt_id, udgået_id), data)


def _both(
    session: Session, beholdt_id: uuid.UUID, udgået_id: uuid.UUID, versioner: tuple[int, int]
) -> tuple[Beboer, Beboer]:
    """The two, held until the commit, when they are as they were shown and the actor may see all of both."""
    if beholdt_id == udgået_id:
        raise Konflikt("Det er den samme beboer to gange. Gå tilbage, og vælg en anden.")
    rows = {i: lås_beboer(session, i) for i in sorted((beholdt_id, udgået_id))}
    beholdt, udgået = rows[beholdt_id], rows[udgået_id]
    if (beholdt.version, udgået.version) != versioner:
        raise BeboereÆndret
    kræv_hel(session, beholdt)
    kræv_hel(session, udgået)
    if udgået.ejer_id not in (aktør(session).bruger_id, beholdt.ejer_id) and not deler_noter(session):
        raise Dækket(udgået)
    return beholdt, udgået


def _account(
    session: Session, beholdt: Beboer, udgået: Beboer, valg: Mapping[str, str]
) -> tuple[SammenlægningData, Rækker]:
    """What it takes to tell the two apart again, taken down before anything moves but drafts; and the rows to move."""
    før = open_sealed(session, beholdt, BeboerData, ANLEDNING)
    hendes = open_sealed(session, udgået, BeboerData, ANLEDNING)
    moves, stays = rækker_om(session, udgået.id), rækker_om(session, beholdt.id)
    data = SammenlægningData(
        udgået=hendes,
        udgået_ejer=udgået.ejer_id,
        beholdt_ejer=beholdt.ejer_id,
        udgået_oprettet=udgået.oprettet,
        udgået_version=udgået.version,
        før=før,
        efter=samlet(før, hendes, valg),
        flyttet=_ids(moves),
        hos_beholdt=_ids(stays),
        kladder=flyt_kladder(session, moves["kladde"], udgået.id, beholdt.id),
    )
    data.lejemål_id, data.lejemål = bopæl(session, udgået.id)
    return data, moves


def _store(
    session: Session,
    id_: uuid.UUID,
    whose: tuple[uuid.UUID, uuid.UUID],
    to: tuple[uuid.UUID, uuid.UUID],
    data: SammenlægningData,
) -> Sammenlægning:
    """The merge's own row, numbered after the helhedsplan's others."""
    (helhedsplan_id, bruger_id), (beholdt_id, udgået_id) = whose, to
    row = Sammenlægning(
        id=id_,
        helhedsplan_id=helhedsplan_id,
        beholdt_id=beholdt_id,
        udgået_id=udgået_id,
        ejer_id=bruger_id,
        dato=today(),
        nr=1 + (session.exec(i_planen(session, func.max(Sammenlægning.nr))).one() or 0),
    )
    seal(session, row, data)
    session.add(row)
    _record(session, Handling.OPRETTET, row, "lagt sammen", {navn: len(ids) for navn, ids in data.flyttet.items()})
    return row


def hent_fortrydelse(session: Session, id: uuid.UUID) -> Fortrydelse:  # noqa: A002
    """What undoing a merge would bring. Raises IkkeFundet, and Konflikt when it cannot be undone (any more)."""
    row = hent(session, Sammenlægning, id)
    _demand(session, row)
    return _what_undoing_brings(session, row, _open_whole(session, row))


def fortryd(session: Session, id: uuid.UUID) -> Sammenlægning:  # noqa: A002
    """Tell the two apart again: what moved goes back, the stamdata are what they were, and what came or was corrected
    since stays with the kept one. Twice is as once. Raises IkkeFundet and Konflikt."""
    hold(session)
    query = select(Sammenlægning).where(Sammenlægning.id == id).with_for_update()
    if session.exec(query.execution_options(populate_existing=True)).one_or_none() is None:
        raise IkkeFundet("sammenlægning", id)
    row = hent(session, Sammenlægning, id)
    if row.fortrudt is not None:
        return row
    _demand(session, row)
    data = _open_whole(session, row)
    beholdt = lås_beboer(session, row.beholdt_id)
    ejer = _restore(session, row, data, beholdt).ejer_id
    hers = heraf(rækker_om(session, row.beholdt_id), data.flyttet)
    flyt(session, hers, row.beholdt_id, row.udgået_id)
    giv_adgange_videre(session, {row.udgået_id}, ejer, "sammenlægning fortrudt")
    flyt_kladder_tilbage(session, hers["kladde"], data.kladder)
    nu = open_whole(session, beholdt, BeboerData, ANLEDNING, Dør.SAMMENLÆGNING)
    tilbage = {navn: getattr(data.før, navn) for navn in FELTER if navn not in _corrected(nu, data)}
    _correct(session, beholdt, nu.model_copy(update=tilbage))
    flyt_hjem(session, row.udgået_id, row.beholdt_id, data.lejemål_id, data.lejemål)
    row.fortrudt = today()
    _empty(session, row)
    _record(session, Handling.ÆNDRET, row, "sammenlægning fortrudt", {n: len(ids) for n, ids in _ids(hers).items()})
    return row


def kan_fortrydes(session: Session, beboer_id: uuid.UUID) -> Sammenlægning | None:
    """The latest merge into a resident, while it can be undone."""
    mine = i_planen(session).where(*står(), Sammenlægning.beholdt_id == beboer_id)
    row = session.exec(mine.order_by(col(Sammenlægning.nr).desc())).first()
    return row if row is not None and not _too_late(row) else None


def sidste_dag(row: Sammenlægning) -> date:
    """The last day on which a merge can be undone."""
    return row.dato + FORTRYDES_INDEN


def slet_udløbne(session: Session, fredede: Collection[uuid.UUID]) -> None:
    """Make the helhedsplan's merges final that can no longer be undone: the keys that were kept for it go. The account
    of who is part of somebody of whom nothing goes now (`fredede`) waits."""
    hold(session)
    old = i_planen(session).where(*står(), col(Sammenlægning.tømt).is_(False))
    for row in session.exec(old.where(Sammenlægning.dato < today() - FORTRYDES_INDEN)).all():
        if (lagt_sammen_med(session, row.beholdt_id) or row.beholdt_id) in fredede:
            continue
        destroy_key(session, row.udgået_id)
        _empty(session, row)
        _record(session, Handling.SLETTET, row, "kan ikke fortrydes mere")


def glem_sammenlægninger(session: Session, beboer_id: uuid.UUID) -> None:
    """Forget what was merged into a resident who is being erased, and the keys that were kept for undoing it. What was
    counted of those who went leads back to nobody: a frozen month still bears their pseudonyms."""
    names_her = or_(Sammenlægning.beholdt_id == beboer_id, Sammenlægning.udgået_id == beboer_id)
    rows = session.exec(i_planen(session).where(names_her)).all()
    hers = [row.udgået_id for row in rows if row.fortrudt is None and row.beholdt_id == beboer_id]
    for row in rows:
        if row.udgået_id in hers and not row.tømt:
            destroy_key(session, row.udgået_id)
            destroy_key(session, row.id)
        session.delete(row)
    session.flush()
    for udgået_id in hers:
        løsriv(session, arbejdssted(session), partial(pseudonym, session, udgået_id))
        glem_sammenlægninger(session, udgået_id)


def _too_late(row: Sammenlægning) -> bool:
    return row.tømt or today() > sidste_dag(row)


def _demand(session: Session, row: Sammenlægning) -> None:
    """Raises Konflikt unless the merge stands, not too long, and no later one has to be undone before it."""
    if row.fortrudt is not None:
        raise Konflikt("Sammenlægningen er allerede fortrudt.")
    if _too_late(row):
        raise Konflikt("Det er for sent at fortryde: der er gået mere end 30 dage.")
    later = or_(Sammenlægning.beholdt_id == row.beholdt_id, Sammenlægning.udgået_id == row.beholdt_id)
    if session.exec(i_planen(session).where(*står(), later, Sammenlægning.nr > row.nr)).first() is not None:
        raise Konflikt("Beboeren er siden lagt sammen med endnu en. Fortryd den nyeste sammenlægning først.")


def _ids(rækker: Rækker) -> dict[str, list[uuid.UUID]]:
    return {navn: [row.id for row in rows] for navn, rows in rækker.items() if rows}


def _correct(session: Session, beboer: Beboer, data: BeboerData) -> None:
    beboer.version += 1
    seal(session, beboer, data)
    session.add(beboer)


def _record(
    session: Session, handling: Handling, row: Sammenlægning, anledning: str, antal: Mapping[str, int] | None = None
) -> None:
    """One entry that names both; then both are numbered as changed, for every worker's index."""
    both = [row.beholdt_id, row.udgået_id]
    skriv(session, handling, "sammenlægning", [row.id], beboere=both, anledning=anledning, detaljer=antal)
    session.flush()
    for beboer_id in both:
        note_change(session, row.helhedsplan_id, beboer_id)


def _empty(session: Session, row: Sammenlægning) -> None:
    row.sealed, row.tømt = b"", True
    session.add(row)
    destroy_key(session, row.id)


def _restore(session: Session, row: Sammenlægning, data: SammenlægningData, beholdt: Beboer) -> Beboer:
    """The resident who went is there again, as she was. Had both the same beboerrådgiver, they have the same now: the
    kept one may have been handed to another since."""
    hos = beholdt.ejer_id if data.udgået_ejer == data.beholdt_ejer else data.udgået_ejer
    beboer = Beboer(
        id=row.udgået_id,
        helhedsplan_id=row.helhedsplan_id,
        ejer_id=hos or row.ejer_id,
        oprettet=data.udgået_oprettet or row.dato,
        version=data.udgået_version,
    )
    seal(session, beboer, data.udgået)
    session.add(beboer)
    session.flush()
    return beboer


def _open_whole(session: Session, row: Sammenlægning) -> SammenlægningData:
    return open_whole(session, row, SammenlægningData, "fortryd sammenlægning", Dør.SAMMENLÆGNING)


def _what_undoing_brings(session: Session, row: Sammenlægning, data: SammenlægningData) -> Fortrydelse:
    beholdt = hent(session, Beboer, row.beholdt_id)
    nu = open_whole(session, beholdt, BeboerData, "fortryd sammenlægning", Dør.SAMMENLÆGNING)
    known = {i for ids in (*data.flyttet.values(), *data.hos_beholdt.values()) for i in ids}
    now = rækker_om(session, row.beholdt_id)
    new = {n: [r for r in rows if r.id not in known] for n, rows in now.items() if n not in {*FØLGER, "kladde"}}
    return Fortrydelse(row, data, _corrected(nu, data), {n: rows for n, rows in new.items() if rows})


def _corrected(nu: BeboerData, data: SammenlægningData) -> list[str]:
    """The fields of stamdata that somebody has corrected since the merge."""
    return [navn for navn in FELTER if getattr(nu, navn) != getattr(data.efter, navn)]
