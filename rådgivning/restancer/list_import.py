"""Importing a restance list: looked through, begun, and worked off in short transactions. Knows no Flask.

Each transaction takes some rows with everything they change and says in the list's own row how far it has come: a crash
leaves a list that is still `kører`, which goes on where it stopped or is taken back as a whole (list_undo.py). SQLite
has one writer at a time, so no transaction works for longer than LÆNGST.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import cast

from sqlmodel import Session, col, select

from rådgivning.adgang.kladder import LEVETID
from rådgivning.adgang.permissions import IkkeFundet, hent
from rådgivning.beboere.residents import acting
from rådgivning.database import new_id, now
from rådgivning.nøgler.keystore import KeyStore
from rådgivning.nøgler.opening import destroy_key, open_many, open_sealed, seal
from rådgivning.nøgler.shredding import newest_root
from rådgivning.restancer import cases
from rådgivning.restancer.list_matching import (
    Fund,
    Kendt,
    frosne_sager,
    genfind,
    hændelser,
    ikke_gjort,
    kendte_sager,
    måneder,
    stand,
)
from rådgivning.restancer.list_people import Valgt, beboer_til
from rådgivning.restancer.list_review import Gennemgang
from rådgivning.restancer.models import (
    ListeData,
    Listerettelse,
    Listerække,
    Listesag,
    Restanceliste,
    Restancesag,
    RestancesagData,
)
from rådgivning.restancer.storing import open_locked
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

LÆNGST = 0.4
FLEST_AD_GANGEN = 100
Fremskridt = Callable[[int], None]


def mærke(session: Session, data: bytes) -> bytes:
    """A keyed hash by which the very same file is known again."""
    secret = cast("bytes", session.info["statistics_key"])
    return hmac.digest(secret, b"restanceliste:" + hashlib.sha256(data).digest(), hashlib.sha256)


def samme_fil(session: Session, fil: bytes, boligorganisation: str) -> Restanceliste | None:
    """An earlier import of the very same file by this user, unless it was taken back."""
    query = select(Restanceliste).where(
        Restanceliste.ejer_id == acting(session)[1],
        Restanceliste.boligorganisation == boligorganisation,
        Restanceliste.mærke == fil,
        col(Restanceliste.tilstand).in_(("kører", "færdig")),
    )
    return session.exec(query.order_by(col(Restanceliste.oprettet).desc())).first()


def husket(session: Session, boligorganisation: str) -> dict[str, str]:
    """The mapping this user used last time for the boligorganisation."""
    query = select(Restanceliste).where(
        Restanceliste.ejer_id == acting(session)[1], Restanceliste.boligorganisation == boligorganisation
    )
    last = session.exec(query.order_by(col(Restanceliste.oprettet).desc())).first()
    opened = open_many(session, [last], ListeData, "kolonner fra sidst") if last else {}
    return next((data.kolonner for data in opened.values()), {})


def begynd(
    session: Session,
    gennemgang: Gennemgang,
    *,
    boligorganisation: str,
    dag: date,
    fil: bytes,
    filnavn: str = "",
    kolonner: Mapping[str, str],
    personer: Mapping[int, Valgt] | None = None,
) -> Restanceliste:
    """Write down what is to be done; `personer` are the residents of new cases by row number. Nothing of it is done
    before `fortsæt`, in transactions of its own."""
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    rows = [
        f.række.model_copy(update={"sag_id": f.sag.id if f.sag else new_id(), "ny": f.sag is None})
        for f in gennemgang.fund
    ]
    for række in rows:
        if række.ny and personer and (person := personer.get(række.nummer)):
            række.beboer_id, række.ny_beboer = person.beboer_id, person.ny
    liste = Restanceliste(
        helhedsplan_id=helhedsplan_id,
        ejer_id=bruger_id,
        boligorganisation=boligorganisation,
        dato=dag,
        oprettet=now(),
        puls=now(),
        mærke=fil,
        i_alt=len(rows),
        afvist=gennemgang.afvist,
    )
    made = [r.beboer_id for r in rows if r.ny_beboer and r.beboer_id]
    data = ListeData(filnavn=filnavn, kolonner=dict(kolonner), fejl=gennemgang.fejl, rækker=rows, nye_beboere=made)
    seal(session, liste, data.model_copy(update={"væk": [k.id for k in gennemgang.væk]}))
    session.add(liste)
    skriv(session, Handling.OPRETTET, "restanceliste", [liste.id])
    session.flush()
    return liste


def lås(session: Session, liste_id: uuid.UUID) -> Restanceliste:
    """The list, held until the commit; raises IkkeFundet."""
    hold(session)
    query = select(Restanceliste).where(Restanceliste.id == liste_id).with_for_update()
    if session.exec(query.execution_options(populate_existing=True)).one_or_none() is None:
        raise IkkeFundet("restanceliste", liste_id)
    return hent(session, Restanceliste, liste_id)


def fortsæt(session: Session, liste_id: uuid.UUID, fremskridt: Fremskridt = lambda _done: None) -> None:
    """Work the list off from where it stands, committing as it goes; returns when nothing is left to do.

    Two who do so at once take turns: each transaction begins where the last one ended.
    """
    liste = lås(session, liste_id)
    if liste.tilstand != "kører":  # one that nobody went on with has lost its key, and is only taken back
        session.rollback()
        return
    data = open_sealed(session, liste, ListeData, "importér restanceliste")
    session.commit()
    while True:
        liste = lås(session, liste_id)
        if liste.tilstand != "kører":
            session.rollback()
            return
        if liste.nået >= len(data.rækker):
            _finish(session, liste, data)
            session.commit()
            fremskridt(len(data.rækker))
            return
        _some(session, liste, data.rækker)
        nået = liste.nået
        session.commit()
        fremskridt(nået)


def _some(session: Session, liste: Restanceliste, rækker: Sequence[Listerække]) -> None:
    """The next rows, as many as there is time for."""
    began = time.monotonic()
    batch = rækker[liste.nået : liste.nået + FLEST_AD_GANGEN]
    _make_keys(session, [række.sag_id for række in batch if række.ny and række.sag_id and not række.beboer_id])
    kendte = {k.id: k for k in kendte_sager(session, liste.boligorganisation, {r.sag_id for r in batch if r.sag_id})}
    frozen = frosne_sager(session)
    for række in batch:
        hvad = _one(session, liste, række, kendte, frozen)
        _count(session, liste, række, hvad)
        liste.nået += 1
        if time.monotonic() - began > LÆNGST:
            break
    liste.puls = now()
    session.add(liste)


def _make_keys(session: Session, ids: Sequence[uuid.UUID]) -> None:
    """All new cases' keys in one transaction of the key store instead of one each."""
    store = cast("KeyStore", session.info["keystore"])
    missing = set(ids) - set(store.get_many(ids))
    if missing:
        store.create_many(sorted(missing), newest_root(session))


def _one(
    session: Session,
    liste: Restanceliste,
    række: Listerække,
    kendte: Mapping[uuid.UUID, Kendt],
    frozen: Collection[uuid.UUID],
) -> str:
    """Do what a row says; ny, ændret, uændret (also when the case was deleted meanwhile), or begrænset: not done."""
    assert række.sag_id is not None  # noqa: S101 - given when the import began
    if række.ny:
        beboer_id = beboer_til(session, række)
        organisation = liste.boligorganisation
        cases.opret_sag(
            session, _new(liste, række), boligorganisation=organisation, beboer_id=beboer_id, id=række.sag_id
        )
        return "ny"
    kendt = kendte.get(række.sag_id)
    if kendt is None:
        return "uændret"
    fund = genfind(række, kendt, liste.dato)
    if fund.hvad == "ændret" and kendt.id in frozen:
        return "begrænset"
    for hændelse in fund.hændelser:
        event = hændelse.model_copy(update={"id": new_id(), "liste_id": liste.id, "registreret": now()})
        cases.tilføj_hændelse(session, kendt.id, event)
    if fund.ændringer:
        _correct(session, liste, fund)
    return fund.hvad


def _new(liste: Restanceliste, række: Listerække) -> RestancesagData:
    events = [h.model_copy(update={"liste_id": liste.id, "registreret": now()}) for h in hændelser(række)]
    return RestancesagData(
        navn=række.navn,
        telefon=række.telefon,
        adresse=række.adresse,
        lejemål=række.lejemål,
        afdeling=række.afdeling,
        måneder=måneder(række),
        beløb=række.beløb,
        hændelser=events,
        listet=stand(række, None, liste.dato),
    )


def _correct(session: Session, liste: Restanceliste, fund: Fund) -> None:
    """Change the fields, and keep with the case what stood before, so that it can be taken back."""
    assert fund.sag is not None  # noqa: S101 - only a known case is corrected
    sag, data = open_locked(session, fund.sag.id)
    after = {**fund.ændringer, "listet": stand(fund.række, data.listet, liste.dato)}
    names = set(after)
    changed = data.model_copy(update=after)
    kept = Listerettelse(
        liste_id=liste.id,
        før=data.model_dump(mode="json", include=names),
        efter=changed.model_dump(mode="json", include=names),
    )
    cases.ret_sag(session, sag.id, {**after, "listerettelser": [*data.listerettelser, kept]}, sag.version)


def _count(session: Session, liste: Restanceliste, række: Listerække, hvad: str) -> None:
    assert række.sag_id is not None  # noqa: S101 - given when the import began
    match hvad:
        case "ny":
            liste.nye += 1
        case "ændret":
            liste.ændrede += 1
        case "begrænset":
            liste.afvist += 1
        case _:
            liste.uændrede += 1
    session.add(Listesag(helhedsplan_id=liste.helhedsplan_id, liste_id=liste.id, sag_id=række.sag_id, hvad=hvad))


def _finish(session: Session, liste: Restanceliste, data: ListeData) -> None:
    """Propose what is gone as betalt, drop proposals about what is back, say which rows were not done because their
    resident has become restricted, and forget the rows."""
    listed = {række.sag_id for række in data.rækker if not række.ny}
    _drop_proposals(session, liste, listed)
    is_open = select(Restancesag.id).where(col(Restancesag.id).in_(data.væk), col(Restancesag.lukket).is_(None))
    still = set(session.exec(is_open).all()) if data.væk else set()
    for sag_id in data.væk:
        row = Listesag(helhedsplan_id=liste.helhedsplan_id, liste_id=liste.id, sag_id=sag_id, hvad="væk")
        row.forslag = "åbent" if sag_id in still else ""
        session.add(row)
    query = select(Listesag.sag_id).where(Listesag.liste_id == liste.id, Listesag.hvad == "begrænset")
    frozen = set(session.exec(query).all())
    fejl = [*data.fejl, *(ikke_gjort(række) for række in data.rækker if række.sag_id in frozen)]
    fejl.sort(key=lambda one: one.række)
    liste.tilstand, liste.puls = "færdig", now()
    seal(session, liste, data.model_copy(update={"rækker": [], "væk": [], "fejl": fejl}))
    session.add(liste)
    counts = {"nye": liste.nye, "ændrede": liste.ændrede, "uændrede": liste.uændrede, "afvist": liste.afvist}
    skriv(session, Handling.IMPORTERET, "restanceliste", [liste.id], detaljer=counts)


def ryd_lister(session: Session) -> None:
    """Nobody went on with it for a fortnight: what was done stands, and the rows that were not are destroyed."""
    helhedsplan_id = aktør(session).helhedsplan_id
    hold(session)
    query = select(Restanceliste).where(
        Restanceliste.helhedsplan_id == helhedsplan_id,
        Restanceliste.tilstand == "kører",
        Restanceliste.oprettet < now() - LEVETID,
    )
    for liste in session.exec(query).all():
        liste.tilstand = "færdig"
        session.add(liste)
        destroy_key(session, liste.id, varig=False)


def _drop_proposals(session: Session, liste: Restanceliste, sager: set[uuid.UUID | None]) -> None:
    query = select(Listesag).where(Listesag.helhedsplan_id == liste.helhedsplan_id, Listesag.forslag == "åbent")
    for row in session.exec(query).all():
        if row.sag_id in sager:
            row.forslag = "bortfaldet"
            session.add(row)
