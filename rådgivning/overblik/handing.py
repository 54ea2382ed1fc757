"""Handing residents over to a colleague for good, or everything of one who has left; and giving back. Knows no Flask.

Whose a row is stands in clear, and what is covered follows whose resident it is about: nothing is opened and nothing
sealed anew, so databeskyttelse can do it without seeing anybody, and also for a restricted resident, about whom nothing
is changed by it. What somebody has written stays written by her.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Konflikt, Rolle, hent
from rådgivning.beboere.colleagues import rådgivere
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import acting, arbejdssted
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.database import now
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.covering import TAGET, glem_forbindelse
from rådgivning.nøgler.opening import SealedRow
from rådgivning.nøgler.restriction import trods_begrænsning
from rådgivning.opgaver.models import Opgave
from rådgivning.overblik.access_owners import giv_adgange_videre
from rådgivning.overblik.handing_visits import AFTALE, flyt_aftaler_tilbage, tag_aftaler_med
from rådgivning.overblik.handovers import hent_overdragelse, kan_gives_tilbage
from rådgivning.overblik.models import Overdragelse, Sammenlægning
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

FLEST: Final = 100
_PART = 500
_LAGT_SAMMEN = "sammenlægning"
# Whose a row is: the column that says it.
EJER: Final[dict[type[SealedRow], str]] = {
    Beboer: "ejer_id",
    Opgave: "ejer_id",
    Henvisning: "rådgiver_id",
    Restancesag: "ejer_id",
    Kontakt: "ejer_id",
}
OM_BEBOER: Final[tuple[type[Henvisning | Restancesag], ...]] = (Henvisning, Restancesag)
"""What opens to its owner, whosever the resident is it is about."""
Rækker = dict[type[SealedRow], Sequence[Any]]


@dataclass(frozen=True)
class Omfang:
    """How much a user has that goes with everything, by table."""

    bruger: Bruger
    antal: dict[str, int]


def overdrag(
    session: Session,
    beboere: Collection[uuid.UUID],
    til: uuid.UUID,
    grund: str,
    id: uuid.UUID,  # noqa: A002
    *,
    aftaler: Collection[uuid.UUID] = (),
) -> Overdragelse:
    """Give residents of the actor's to a colleague, with her open tasks, referrals and cases about them, and the visits
    she says. The same form twice (the same `id`) gives once.

    Raises IkkeFundet for a user who cannot have them, and Konflikt when one of them is not the actor's any more.
    """
    _plan, giver = acting(session)
    if (made := _made(session, id)) is not None:
        return made
    if til == giver or til not in {b.id for b in rådgivere(session)}:
        raise IkkeFundet("bruger", til)
    hers = _held(session, Beboer, giver, [col(Beboer.id).in_(beboere)])
    if not hers or len(hers) != len(set(beboere)):
        raise Konflikt("En af beboerne er ikke din mere. Gå tilbage til listen, og vælg igen.")
    ids = [row.id for row in hers]
    moved: Rækker = {
        Beboer: hers,
        Opgave: _held(session, Opgave, giver, [col(Opgave.beboer_id).in_(ids), col(Opgave.udført).is_(None)]),
        Henvisning: _held(session, Henvisning, giver, [col(Henvisning.beboer_id).in_(ids)]),
        Restancesag: _held(session, Restancesag, giver, [col(Restancesag.beboer_id).in_(ids)]),
    }
    row = _give(session, Overdragelse(id=id, fra_id=giver, til_id=til, grund=grund, **_fixed(session)), moved)
    tag_aftaler_med(session, row, aftaler)
    return row


def omfang(session: Session, bruger: Bruger) -> Omfang:
    """How much a user has that goes with everything."""
    counts = {
        str(model.__tablename__): cast(
            "int", session.exec(_owned(session, func.count(), model, bruger.id).where(*_what(model))).one()
        )
        for model in _tables(bruger)
    }
    return Omfang(bruger, counts)


def kan_overdrages_helt(session: Session) -> list[Omfang]:
    """Who no longer works as a beboerrådgiver and still has something, by name, with how much."""
    active = {b.id for b in rådgivere(session)}
    query = select(Bruger).where(Bruger.helhedsplan_id == arbejdssted(session)).order_by(Bruger.navn)
    users = session.exec(query).all()
    found = [omfang(session, bruger) for bruger in users if bruger.id not in active]
    return [one for one in found if any(one.antal.values())]


def overdrag_alt(session: Session, fra: uuid.UUID, til: uuid.UUID, grund: str, id: uuid.UUID) -> Overdragelse:  # noqa: A002
    """Give everything of a beboerrådgiver who has left to another: residents, open tasks, referrals, cases, anonymous
    contacts. Of a task about a third one's resident only the task is given, and her notes stay covered; a referral or a
    case about one goes to the third herself, and stays there when the rest is given back.

    For databeskyttelse. Raises Forbudt; IkkeFundet for a user who still works or cannot have them.
    """
    if aktør(session).rolle != Rolle.DATABESKYTTELSE:
        raise Forbudt("overdragelse")
    if (made := _made(session, id)) is not None:
        return made
    if til not in {b.id for b in rådgivere(session)}:
        raise IkkeFundet("bruger", til)
    if fra not in {one.bruger.id for one in kan_overdrages_helt(session)}:
        raise IkkeFundet("bruger", fra)
    tables = _tables(session.get_one(Bruger, fra))
    moved: Rækker = {model: _held(session, model, fra, _what(model)) for model in tables}
    for ejer, rows in _take_others(session, fra, moved).items():
        with trods_begrænsning(session):
            _set_owner(session, rows, ejer, "overdraget")
        læg_i_kø(session, ejer, Slags.SAGER_OVERDRAGET, sum(map(len, rows.values())))
    row = Overdragelse(id=id, fra_id=fra, til_id=til, grund=grund, alt=True, **_fixed(session))
    return _give(session, row, moved)


def giv_tilbage(session: Session, id: uuid.UUID) -> Overdragelse:  # noqa: A002
    """Undo a handover: what moved and is still the receiver's goes back. Twice is as once. Raises IkkeFundet, and
    Konflikt when it is too late or there is nobody to give it back to."""
    hold(session)
    row = hent_overdragelse(session, id)
    if row.tilbage is not None:
        return row
    if not kan_gives_tilbage(session, row):
        raise Konflikt("Det er for sent at give beboerne tilbage her. Overdrag dem i stedet på ny.")
    if not row.alt and row.fra_id not in {b.id for b in rådgivere(session)}:
        raise Konflikt("Kollegaen arbejder her ikke mere. Overdrag beboerne til en anden i stedet.")
    ids = [uuid.UUID(i) for i in row.rækker.get("beboer", ())]
    if _merges(session, ids) - row.rækker.get(_LAGT_SAMMEN, {}).keys():
        raise Konflikt(
            "En af beboerne er lagt sammen med en anden siden. Fortryd først sammenlægningen, eller overdrag på ny."
        )
    moved: Rækker = {model: _still(session, row, model) for model in EJER}
    about = {None, *(beboer.id for beboer in moved[Beboer])}
    moved |= {model: [r for r in moved[model] if r.beboer_id in about] for model in OM_BEBOER}
    if not any(moved.values()) and not row.rækker.get(AFTALE):
        raise Konflikt("Der er ikke noget at give tilbage: alt er udført eller givet videre siden.")
    row.tilbage, row.tilbage_af = now(), aktør(session).bruger_id
    session.add(row)
    with trods_begrænsning(session):
        _set_owner(session, moved, row.fra_id, "givet tilbage")
        for kontakt in moved[Kontakt]:
            kontakt.skrevet_af = None if kontakt.skrevet_af == row.fra_id else kontakt.skrevet_af
        for opgave in moved[Opgave]:
            opgave.adgang = row.rækker["opgave"][str(opgave.id)]
    if not row.alt:
        flyt_aftaler_tilbage(session, row)
    _note(session, Handling.ÆNDRET, row, "givet tilbage", moved)
    return row


def _made(session: Session, id_: uuid.UUID) -> Overdragelse | None:
    hold(session)
    return hent(session, Overdragelse, id_) if session.get(Overdragelse, id_) is not None else None


def _fixed(session: Session) -> dict[str, Any]:
    helhedsplan_id, bruger_id = acting(session)
    return {"helhedsplan_id": helhedsplan_id, "af_id": bruger_id, "tidspunkt": now(), "rækker": {}}


def _tables(bruger: Bruger) -> list[type[SealedRow]]:
    """What goes with everything of hers. A role that files cases keeps them; a referral she sent is nobody's until it
    is taken up."""
    files = bruger.rolle in (Rolle.INKASSO, Rolle.EJENDOMSDRIFT)
    return [model for model in EJER if not (files and model is Restancesag)]


def _what(model: type[SealedRow]) -> list[ColumnElement[bool]]:
    """What of a user's rows goes with everything: not what is done, and not whose contact with a resident it was."""
    if model is Opgave:
        return [col(Opgave.udført).is_(None)]
    return [col(Kontakt.beboer_id).is_(None)] if model is Kontakt else []


def _owned(session: Session, what: Any, model: type[SealedRow], ejer: uuid.UUID) -> Any:
    return select(what).where(col(model.helhedsplan_id) == arbejdssted(session), getattr(model, EJER[model]) == ejer)


def _held(session: Session, model: type[SealedRow], ejer: uuid.UUID, where: Sequence[ColumnElement[bool]]) -> list[Any]:
    """A user's rows of a table, held until the commit."""
    query = _owned(session, model, model, ejer).where(*where).order_by(col(model.id)).with_for_update()
    return list(session.exec(query.execution_options(populate_existing=True)).all())


def _take_others(session: Session, ejer: uuid.UUID, moved: Rækker) -> dict[uuid.UUID, Rækker]:
    """Take a user's rows about a third one's resident out of what moves: by whose they are to be."""
    found: dict[uuid.UUID, Rækker] = {}
    for model in OM_BEBOER:
        query = _owned(session, model.id, model, ejer).join(Beboer, col(Beboer.id) == col(model.beboer_id))
        query = query.add_columns(Beboer.ejer_id).where(col(Beboer.ejer_id) != ejer)
        whose = {row[0]: row[1] for row in session.execute(query)}
        rows = moved.get(model, ())
        moved[model] = [r for r in rows if r.id not in whose]
        for third in {whose[r.id] for r in rows if r.id in whose}:
            found.setdefault(third, {})[model] = [r for r in rows if whose.get(r.id) == third]
    return found


def _still(session: Session, row: Overdragelse, model: type[SealedRow]) -> list[Any]:
    """What moved of a table and has stayed with who received it."""
    ids = [uuid.UUID(i) for i in row.rækker.get(str(model.__tablename__), ())]
    found: list[Any] = []
    for start in range(0, len(ids), _PART):
        where = [col(model.id).in_(ids[start : start + _PART]), *(_what(model))]
        found += _held(session, model, row.til_id, where)
    return found


def _merges(session: Session, beboere: Sequence[uuid.UUID]) -> set[str]:
    """The merges that stand in which one of some residents is: with her goes whoever was merged into her."""
    found: set[str] = set()
    for start in range(0, len(beboere), _PART):
        part = beboere[start : start + _PART]
        either = or_(col(Sammenlægning.beholdt_id).in_(part), col(Sammenlægning.udgået_id).in_(part))
        found.update(
            map(str, session.exec(select(Sammenlægning.id).where(either, col(Sammenlægning.fortrudt).is_(None))).all())
        )
    return found


def _give(session: Session, row: Overdragelse, moved: Rækker) -> Overdragelse:
    row.rækker = {
        str(model.__tablename__): {str(r.id): getattr(r, "adgang", "") for r in rows} for model, rows in moved.items()
    }
    row.rækker[_LAGT_SAMMEN] = dict.fromkeys(_merges(session, [beboer.id for beboer in moved[Beboer]]), "")
    row.beboere, row.sager = len(moved[Beboer]), sum(map(len, moved.values())) - len(moved[Beboer])
    session.add(row)
    hers = {beboer.id for beboer in moved[Beboer]}
    with trods_begrænsning(session):
        for opgave in moved[Opgave]:
            if opgave.beboer_id is not None and opgave.beboer_id not in hers:
                opgave.adgang = TAGET
        for kontakt in moved.get(Kontakt, ()):
            kontakt.skrevet_af = kontakt.skrevet_af or row.fra_id
        _set_owner(session, moved, row.til_id, "overdraget")
    _note(session, Handling.OPRETTET, row, row.grund, moved)
    if warned := sum(beboer.varslet is not None for beboer in moved[Beboer]):
        læg_i_kø(session, row.til_id, Slags.SLETTES_SNART, warned)
    return row


def _set_owner(session: Session, moved: Rækker, ejer: uuid.UUID, anledning: str) -> None:
    for model, rows in moved.items():
        for r in rows:
            setattr(r, EJER[model], ejer)
            session.add(r)
        for start in range(0, len(rows), _PART):
            part = rows[start : start + _PART]
            about = {r.id if model is Beboer else r.beboer_id for r in part} - {None}
            ids = [r.id for r in part]
            skriv(session, Handling.ÆNDRET, str(model.__tablename__), ids, beboere=sorted(about), anledning=anledning)
    giv_adgange_videre(session, {r.id for rows in moved.values() for r in rows}, ejer, anledning)


def _note(session: Session, handling: Handling, row: Overdragelse, anledning: str, moved: Rækker) -> None:
    """The entry that says who gave whom how much, and the notices to the other one of what it was."""
    session.flush()
    glem_forbindelse(session)
    antal: dict[str, str | int] = {"beboere": len(moved[Beboer])}
    skriv(session, handling, "overdragelse", [row.id, row.fra_id, row.til_id], anledning=anledning, detaljer=antal)
    for bruger_id in {row.fra_id, row.til_id} if handling is Handling.ÆNDRET else {row.til_id}:
        for slags, number in _told(moved).items():
            if number:
                læg_i_kø(session, bruger_id, slags, number)


def _told(moved: Rækker) -> dict[Slags, int]:
    """What somebody hears of: residents, with whom everything about them goes, and what is about none of them."""
    hers = {beboer.id for beboer in moved[Beboer]}
    beside = {model: sum(r.beboer_id not in hers for r in rows) for model, rows in moved.items() if model is not Beboer}
    return {
        Slags.OVERDRAGELSE: len(hers),
        Slags.OPGAVER_FULGTE: beside.pop(Opgave),
        Slags.SAGER_FULGTE: sum(beside.values()),
    }
