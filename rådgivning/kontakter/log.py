"""The daily log: a contact is logged, corrected with its history kept, and deleted. Knows no Flask."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlmodel import Session, col, delete, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import acting, arbejdssted
from rådgivning.database import new_id, now
from rådgivning.kontakter.counting import glem, tæl
from rådgivning.kontakter.models import Kontakt, KontaktData, KontaktVersion, KontaktVersionData
from rådgivning.nøgler.opening import destroy_key, kræv_hel, open_many, open_sealed, seal
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import opret_opgave, slet_opgave
from rådgivning.plan import lister
from rådgivning.samtykker.sharing import kræv_brobygning
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

FORTRYD_INDEN = timedelta(minutes=10)
UKENDT = "ukendt"


class Slettegrund(StrEnum):
    """Why a contact is deleted; the word stands in the trail, so it is one of these and never free text."""

    FEJL = "logget ved en fejl"
    DOBBELT = "logget to gange"
    ØNSKE = "beboeren ønsker ikke, at det står her"
    FORTRUDT = "fortrudt"


@dataclass(frozen=True)
class Opfølgning:
    """A follow-up to be made together with the contact."""

    frist: date
    titel: str = ""


class KontaktÆndret(Konflikt):
    """Somebody else saved this contact first; carries what stands there now and what was to be saved."""

    def __init__(self, kontakt: Kontakt, gældende: KontaktData, forsøgt: KontaktData) -> None:
        super().__init__("En anden har rettet kontakten, mens du skrev. Begge udgaver vises.")
        self.kontakt = kontakt
        self.gældende = gældende
        self.forsøgt = forsøgt


class AfdelingMangler(Exception):
    """Neither the contact nor the resident says which afdeling it was in."""


def log_kontakt(
    session: Session,
    data: KontaktData,
    *,
    dato: date,
    beboer_id: uuid.UUID | None = None,
    opfølgning: Opfølgning | None = None,
    id: uuid.UUID | None = None,  # noqa: A002
) -> Kontakt:
    """Log a contact with a resident or an anonymous one: row, facts, follow-up and trace in the caller's transaction.

    An `id` that is already logged (the same form twice) gives the first one back unchanged. Empty afdeling and
    aldersgruppe are taken from the resident. Raises IkkeFundet when the resident is gone, AfdelingMangler, and
    SamtykkeMangler when somebody was told something that the resident had not consented to.
    """
    hold(session)
    if id is not None and session.get(Kontakt, id) is not None:
        return hent(session, Kontakt, id, egen=True)
    stamdata = _resident(session, beboer_id)
    _demand_consent(session, data, beboer_id, dato)
    opgave_id = new_id() if opfølgning is not None else None
    data = data.model_copy(update={"opgave_id": opgave_id})
    kontakt = gem_ny(session, data, stamdata, id=id or new_id(), dato=dato, beboer_id=beboer_id)
    skriv(session, Handling.OPRETTET, "kontakt", [kontakt.id], beboere=_whose(kontakt))
    _follow(session, kontakt.id, beboer_id, dato, data)
    if opfølgning is not None:
        titel = opfølgning.titel or "Følg op"
        opret_opgave(
            session, titel=titel, frist=opfølgning.frist, beboer_id=beboer_id, kontakt_id=kontakt.id, id=opgave_id
        )
    return kontakt


def gem_ny(
    session: Session,
    data: KontaktData,
    stamdata: BeboerData | None,
    *,
    id: uuid.UUID,  # noqa: A002
    dato: date,
    beboer_id: uuid.UUID | None,
) -> Kontakt:
    """Seal and add a new contact of the actor's with its facts; the caller writes the trace (an import one for all)."""
    helhedsplan_id, bruger_id = acting(session)
    kontakt = Kontakt(
        id=id, helhedsplan_id=helhedsplan_id, beboer_id=beboer_id, ejer_id=bruger_id, dato=dato, oprettet=now()
    )
    data = data.model_copy(update={"faktum_id": None, "brobygning_faktum_id": None})
    seal(session, kontakt, tæl(session, kontakt, med_stamdata(session, kontakt, data, stamdata)))
    session.add(kontakt)
    return kontakt


def hent_kontakt(session: Session, id: uuid.UUID, anledning: str = "vis kontakt") -> tuple[Kontakt, KontaktData]:  # noqa: A002
    """A contact and what it says; raises IkkeFundet, or Shredded when its key is destroyed."""
    kontakt = hent(session, Kontakt, id)
    return kontakt, open_sealed(session, kontakt, KontaktData, anledning)


def ret_kontakt(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    data: KontaktData,
    *,
    dato: date,
    beboer_id: uuid.UUID | None,
    version: int,
) -> Kontakt:
    """Correct a contact; what stood before is kept. Its facts follow, also into another month or to another resident.

    Raises KontaktÆndret when it is no longer `version`, IkkeFundet when the resident is gone, AfdelingMangler,
    SamtykkeMangler as log_kontakt where it was changed that something was told, to whom, of whom or on which day, and
    Dækket for a colleague's whose notes the actor does not see.
    """
    kontakt = _lock(session, id)
    kræv_hel(session, kontakt)
    stamdata = _resident(session, beboer_id)
    before = open_sealed(session, kontakt, KontaktData, "ret kontakt")
    if kontakt.version != version:
        raise KontaktÆndret(kontakt, before, data)
    told = (before.brobygning_delt, before.brobygning_til, kontakt.beboer_id, kontakt.dato)
    if (data.brobygning_delt, data.brobygning_til, beboer_id, dato) != told:
        _demand_consent(session, data, beboer_id, dato)
    earlier = KontaktVersionData(**before.model_dump(), dato=kontakt.dato, anonym=kontakt.beboer_id is None)
    other_person = kontakt.beboer_id != beboer_id
    versions = versioner(session, kontakt) if other_person else []
    was, kontakt.beboer_id, kontakt.dato = (kontakt.beboer_id, kontakt.dato), beboer_id, dato
    kept = before.model_dump(include={"faktum_id", "brobygning_faktum_id", "opgave_id"})
    data = med_stamdata(session, kontakt, data.model_copy(update=kept), stamdata)
    if data == before and was == (beboer_id, dato):
        return kontakt
    for version_row, content in [*versions, (_new_version(session, kontakt), earlier)]:
        version_row.beboer_id = beboer_id
        seal(session, version_row, content)
        session.add(version_row)
    kontakt.version += 1
    seal(session, kontakt, tæl(session, kontakt, data))
    session.add(kontakt)
    skriv(session, Handling.ÆNDRET, "kontakt", [id], beboere=[b for b in (was[0], beboer_id) if b is not None])
    if other_person:
        _follow(session, id, was[0], dato, None)
    _follow(session, id, beboer_id, dato, data)
    return kontakt


def versioner(session: Session, kontakt: Kontakt) -> list[tuple[KontaktVersion, KontaktVersionData]]:
    """What the contact said before, oldest first."""
    query = select(KontaktVersion).where(KontaktVersion.kontakt_id == kontakt.id).order_by(col(KontaktVersion.nr))
    rows = session.exec(query).all()
    contents = open_many(session, rows, KontaktVersionData, "vis historik")
    return [(row, contents[row.id]) for row in rows if row.id in contents]


def slet_kontakt(session: Session, id: uuid.UUID, grund: Slettegrund) -> None:  # noqa: A002
    """Delete a contact that should not be there: row, history, facts, and its follow-up when that is still open.

    Raises Dækket for a colleague's whose notes the actor does not see.
    """
    kontakt = _lock(session, id)
    kræv_hel(session, kontakt)
    data = open_sealed(session, kontakt, KontaktData, "slet kontakt")
    glem(session, data)
    opgave = session.get(Opgave, data.opgave_id) if data.opgave_id else None
    if opgave is not None and opgave.udført is None:
        slet_opgave(session, opgave.id)
    skriv(session, Handling.SLETTET, "kontakt", [id], beboere=_whose(kontakt), anledning=grund)
    _follow(session, id, kontakt.beboer_id, kontakt.dato, None)
    fjern_rækker(session, [kontakt])


def kan_fortrydes(kontakt: Kontakt, bruger_id: uuid.UUID) -> bool:
    """Whether this user has just logged it and nobody has corrected it since."""
    return kontakt.ejer_id == bruger_id and kontakt.version == 1 and now() - kontakt.oprettet <= FORTRYD_INDEN


def fortryd_kontakt(session: Session, id: uuid.UUID) -> None:  # noqa: A002
    """Take back a contact the actor has just logged. Raises Konflikt when it is too late."""
    kontakt = _lock(session, id)
    if not kan_fortrydes(kontakt, acting(session)[1]):
        raise Konflikt("Det er for sent at fortryde. Kontakten kan rettes eller slettes på sin egen side.")
    slet_kontakt(session, id, Slettegrund.FORTRUDT)


def slet_beboers_kontakter(session: Session, beboer_id: uuid.UUID) -> int:
    """Delete every contact of a resident who is being erased; returns how many. Their facts stay, anonymous."""
    helhedsplan_id = arbejdssted(session)
    query = select(Kontakt).where(Kontakt.helhedsplan_id == helhedsplan_id, Kontakt.beboer_id == beboer_id)
    hold(session)
    rows = list(session.exec(query).all())
    if rows:
        skriv(session, Handling.SLETTET, "kontakt", [row.id for row in rows], beboere=[beboer_id])
        fjern_rækker(session, rows)
    return len(rows)


def med_stamdata(session: Session, kontakt: Kontakt, data: KontaktData, stamdata: BeboerData | None) -> KontaktData:
    """The data with afdeling and age group settled: the age on the day of the event, from the birth date if known."""
    stamdata = stamdata or BeboerData()
    gruppe = stamdata.aldersgruppe or data.aldersgruppe or UKENDT
    if stamdata.fødselsdato is not None:
        gruppe = lister.aldersgruppe(session, kontakt.helhedsplan_id, stamdata.fødselsdato, kontakt.dato)
    afdeling = data.afdeling or stamdata.afdeling
    if not afdeling:
        raise AfdelingMangler
    return data.model_copy(update={"aldersgruppe": gruppe, "afdeling": afdeling})


def _demand_consent(session: Session, data: KontaktData, beboer_id: uuid.UUID | None, dato: date) -> None:
    """Sharing with a partner needs a consent that held on the day of the contact."""
    if data.brobygning_delt and data.brobygning_til:
        kræv_brobygning(session, beboer_id, data.brobygning_til, dato)


def _resident(session: Session, beboer_id: uuid.UUID | None) -> BeboerData | None:
    """Her stamdata. Her row is held first: deleting her waits for the contact, or the contact finds her gone."""
    if beboer_id is None:
        return None
    hold(session)
    held = select(Beboer).where(Beboer.id == beboer_id).with_for_update(read=True)
    if session.exec(held).one_or_none() is None:
        raise IkkeFundet("beboer", beboer_id)
    return open_sealed(session, hent(session, Beboer, beboer_id), BeboerData, "log kontakt")


def _follow(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    beboer_id: uuid.UUID | None,
    dato: date,
    data: KontaktData | None,
) -> None:
    """Tell the rooms below that asked for it (`efter_kontakt`) what became of a contact with a resident."""
    for follow in session.info.get("efter_kontakt", ()) if beboer_id is not None else ():
        follow(session, id, beboer_id, dato, data)


def _lock(session: Session, id: uuid.UUID) -> Kontakt:  # noqa: A002
    """The row, held until the commit, so that of two who save at once the second sees the first."""
    hold(session)
    query = select(Kontakt).where(Kontakt.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("kontakt", id)
    return hent(session, Kontakt, id)


def _new_version(session: Session, kontakt: Kontakt) -> KontaktVersion:
    return KontaktVersion(
        helhedsplan_id=kontakt.helhedsplan_id,
        kontakt_id=kontakt.id,
        nr=kontakt.version,
        ændret_af=acting(session)[1],
        ændret=now(),
    )


def fjern_rækker(session: Session, rows: list[Kontakt]) -> None:
    """Take contacts away with their history and the keys of the anonymous ones; their facts stay."""
    ids = [row.id for row in rows]
    session.execute(delete(KontaktVersion).where(col(KontaktVersion.kontakt_id).in_(ids)))
    for row in rows:
        session.delete(row)
    session.flush()
    for kontakt_id in ids:
        destroy_key(session, kontakt_id)


def _whose(kontakt: Kontakt) -> list[uuid.UUID]:
    return [] if kontakt.beboer_id is None else [kontakt.beboer_id]
