"""Taking a whole import back: its events annulled, its corrections undone, its new cases deleted. Knows no Flask.

A new case in which somebody has worked since is left to the beboerrådgiver and listed for her. It stops being the
sender's: she sees every case of a list she has taken back go alike, and so cannot tell in which one there was work.
It goes to whose resident it is about, so that nobody comes by a colleague's notes by taking a list back.

A restricted resident's case (art. 18) is never deleted. What opkrævning reported in it is hers to take back as in any
other; what a beboerrådgiver's own list brought stays, and is listed.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Konflikt, Rolle
from rådgivning.beboere.households import flyt_ud
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import Slettegrund, slet_beboer
from rådgivning.database import now
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.opening import Dør, is_readable, open_many, open_whole, open_whole_many, seal
from rådgivning.nøgler.restriction import restricted, trods_begrænsning
from rådgivning.opgaver.models import Opgave
from rådgivning.restancer import cases, own
from rådgivning.restancer.list_import import FLEST_AD_GANGEN, LÆNGST, Fremskridt, lås
from rådgivning.restancer.models import (
    Hændelse,
    ListeData,
    Listerettelse,
    Listesag,
    Restanceliste,
    Restancesag,
    RestancesagData,
)
from rådgivning.restancer.storing import changed, locked
from rådgivning.samtykker.models import Samtykke
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

FORTRUDT = "fortrudt"
OM_BEBOEREN: tuple[type[Kontakt | Opgave | Henvisning | Samtykke | Restancesag], ...] = (
    Kontakt,
    Opgave,
    Henvisning,
    Samtykke,
    Restancesag,
)
SENERE = "En senere liste har de samme sager. Fortryd den først, så ingen sag forsvinder, som den seneste liste nævner."


def begynd_fortryd(session: Session, liste_id: uuid.UUID) -> Restanceliste:
    """Decide that a list is taken back; an import that still runs stops. A second time nothing happens.

    Raises Konflikt while a later list of the same sender builds on it.
    """
    liste = lås(session, liste_id)
    if liste.tilstand in ("kører", "færdig"):
        if senere_bygger_på(session, liste):
            raise Konflikt(SENERE)
        liste.tilstand, liste.puls, liste.nået, liste.i_alt = "fortrydes", now(), 0, _count(session, liste_id)
        session.add(liste)
        skriv(session, Handling.ÆNDRET, "restanceliste", [liste_id], anledning="fortryd import")
    return liste


def senere_bygger_på(session: Session, liste: Restanceliste) -> bool:
    """Whether a later list of the same sender names a case this one brought: it would vanish although it is owed."""
    brought = select(Listesag.sag_id).where(Listesag.liste_id == liste.id, Listesag.hvad == "ny")
    query = (
        select(Restanceliste.id)
        .join(Listesag, col(Listesag.liste_id) == col(Restanceliste.id))
        .where(Restanceliste.ejer_id == liste.ejer_id, Restanceliste.oprettet > liste.oprettet)
        .where(col(Restanceliste.tilstand).in_(("kører", "færdig")))
        .where(col(Listesag.sag_id).in_(brought), Listesag.hvad != "væk")
    )
    return session.exec(query.limit(1)).first() is not None


def fortryd(session: Session, liste_id: uuid.UUID, fremskridt: Fremskridt = lambda _done: None) -> None:
    """Take back what is left of a list that is to be taken back, committing as it goes."""
    while True:
        liste = lås(session, liste_id)
        if liste.tilstand != "fortrydes":
            session.rollback()
            return
        rows = _next(session, liste_id)
        if not rows:
            _finish(session, liste)
            session.commit()
            return
        _some(session, liste, rows)
        nået = liste.nået
        session.commit()
        fremskridt(nået)


def _count(session: Session, liste_id: uuid.UUID) -> int:
    return session.exec(select(func.count()).select_from(Listesag).where(Listesag.liste_id == liste_id)).one()


def _next(session: Session, liste_id: uuid.UUID) -> list[Listesag]:
    """The next of the list's cases that are not taken back yet."""
    query = select(Listesag).where(Listesag.liste_id == liste_id, Listesag.hvad != FORTRUDT)
    return list(session.exec(query.order_by(col(Listesag.id)).limit(FLEST_AD_GANGEN)).all())


def _some(session: Session, liste: Restanceliste, rows: list[Listesag]) -> None:
    began = time.monotonic()
    kept: list[uuid.UUID] = []
    made = set(_content(session, liste).nye_beboere)
    for row in rows:
        if not _take_back(session, liste, row, made):
            kept.append(row.sag_id)
        row.hvad, row.forslag = FORTRUDT, "" if row.forslag == "åbent" else row.forslag
        session.add(row)
        liste.nået += 1
        if time.monotonic() - began > LÆNGST:
            break
    liste.puls = now()
    if kept:
        _store(session, liste, kept)
    session.add(liste)


def _content(session: Session, liste: Restanceliste) -> ListeData:
    """What the list says of itself; nothing any more when it was left unfinished for too long."""
    return open_many(session, [liste], ListeData, "fortryd import").get(liste.id, ListeData())


def _store(session: Session, liste: Restanceliste, kept: list[uuid.UUID]) -> None:
    """Name the cases that are kept, and forget the rows; a list whose key is gone says nothing more."""
    if is_readable(session, liste):
        data = _content(session, liste)
        changes = {"rækker": [], "væk": [], "beholdt": [*data.beholdt, *kept]}
        seal(session, liste, data.model_copy(update=changes))
    session.add(liste)


def _take_back(session: Session, liste: Restanceliste, row: Listesag, nye_beboere: Collection[uuid.UUID]) -> bool:
    """Undo what the list did to one case; False when the case is kept, because somebody has worked in it or because its
    resident is restricted."""
    if session.get(Restancesag, row.sag_id) is None:
        return True
    sag = locked(session, row.sag_id)
    if not _frozen(session, sag):
        return _undo(session, liste, row, sag, nye_beboere)
    if not own.er_indberettet(session, liste):
        return row.hvad not in ("ny", "ændret") and row.forslag != "godtaget"
    with trods_begrænsning(session):
        return _undo(session, liste, row, sag, nye_beboere)


def _frozen(session: Session, sag: Restancesag) -> bool:
    return sag.beboer_id is not None and bool(restricted(session, [sag.beboer_id]))


def _undo(
    session: Session, liste: Restanceliste, row: Listesag, sag: Restancesag, nye_beboere: Collection[uuid.UUID]
) -> bool:
    data = open_whole_many(session, [sag], RestancesagData, "fortryd import", Dør.RESTANCELISTE).get(sag.id)
    if data is None:
        return True
    if row.hvad == "ny":
        return _remove(session, sag, nye_beboere)
    _annul(session, sag, data, liste.id, row)
    _restore(session, sag, liste.id)
    return True


def _remove(session: Session, sag: Restancesag, nye_beboere: Collection[uuid.UUID]) -> bool:
    """Delete a case nobody has touched, with the resident who was made from its row and has nothing else; hand any
    other over, unless it is a beboerrådgiver's already."""
    if sag.version == 1 and not _frozen(session, sag):
        beboer_id = sag.beboer_id
        cases.slet_sag(session, sag.id, cases.Slettegrund.FEJL)
        if beboer_id is not None and beboer_id in nye_beboere:
            _remove_resident(session, beboer_id)
        return True
    heir = _heir(session, sag) if own.er_indberettet(session, sag) else None
    if heir is not None:
        sag.ejer_id = heir
        session.add(sag)
        skriv(session, Handling.ÆNDRET, "restancesag", [sag.id], anledning="overtaget efter fortrudt import")
    return False


def _remove_resident(session: Session, beboer_id: uuid.UUID) -> None:
    row = session.get(Beboer, beboer_id)
    has_more = any(session.exec(select(om.id).where(om.beboer_id == beboer_id).limit(1)).first() for om in OM_BEBOEREN)
    if row is not None and row.version == 1 and not has_more:
        flyt_ud(session, beboer_id)
        slet_beboer(session, beboer_id, Slettegrund.FEJL)


def _heir(session: Session, sag: Restancesag) -> uuid.UUID | None:
    """Who takes a case over: whose resident it is about. About nobody known the actor when she is a beboerrådgiver,
    else one of the helhedsplan: while it was the sender's, every beboerrådgiver read it."""
    beboer = session.get(Beboer, sag.beboer_id) if sag.beboer_id is not None else None
    if beboer is not None:
        return beboer.ejer_id
    who = aktør(session)
    if who.rolle == Rolle.BEBOERRÅDGIVER:
        return who.bruger_id
    query = select(Bruger.id).where(
        Bruger.helhedsplan_id == sag.helhedsplan_id,
        Bruger.rolle == Rolle.BEBOERRÅDGIVER,
        col(Bruger.spærret).is_(None),
    )
    return session.exec(query.order_by(col(Bruger.oprettet), col(Bruger.id))).first()


def _annul(session: Session, sag: Restancesag, data: RestancesagData, liste_id: uuid.UUID, row: Listesag) -> None:
    """The list's events, and the closing that was made on its word. Whoever sent the list annuls her own also where
    somebody else has: she does not know."""
    for h in data.hændelser:
        if not _of(h, liste_id, row):
            continue
        if not h.annulleret:
            cases.annullér_hændelse(session, sag.id, h.id)
        elif h.af == aktør(session).bruger_id:
            own.annullér_egen(session, sag.id, h.id)


def _of(h: Hændelse, liste_id: uuid.UUID, row: Listesag) -> bool:
    return h.liste_id == liste_id or h.id == row.id


def _restore(session: Session, sag: Restancesag, liste_id: uuid.UUID) -> None:
    """The fields as they were, where nobody has changed them since."""
    row = locked(session, sag.id)
    data = open_whole(session, row, RestancesagData, "fortryd import", Dør.RESTANCELISTE)
    for kept in data.listerettelser:
        if kept.liste_id == liste_id:
            now_stands = data.model_dump(mode="json", include=set(kept.efter))
            before = {name: value for name, value in kept.før.items() if now_stands[name] == kept.efter[name]}
            data = _with(data, before)
    rest: list[Listerettelse] = [kept for kept in data.listerettelser if kept.liste_id != liste_id]
    if len(rest) != len(data.listerettelser):
        changed(session, row, data.model_copy(update={"listerettelser": rest}), "import fortrudt")


def _with(data: RestancesagData, values: dict[str, Any]) -> RestancesagData:
    """The data with some fields as JSON had them."""
    read = RestancesagData.model_validate(values)
    return data.model_copy(update={name: getattr(read, name) for name in values})


def _finish(session: Session, liste: Restanceliste) -> None:
    data = _content(session, liste)
    liste.tilstand, liste.puls = FORTRUDT, now()
    _store(session, liste, [])
    counts = {"sager": liste.nået, "beholdt": len(data.beholdt)}
    skriv(session, Handling.ÆNDRET, "restanceliste", [liste.id], anledning="import fortrudt", detaljer=counts)
