"""What a resident's owner may do before she is deleted: keep her for a reason, or not wait. Knows no Flask."""

from __future__ import annotations

import uuid
from typing import Final

from sqlmodel import Session, select

from rådgivning.adgang.permissions import Forbudt, Konflikt, hent
from rådgivning.beboere.colleagues import aktive
from rådgivning.beboere.models import Beboer, Fastholdelse, FastholdelseData
from rådgivning.beboere.residents import KUN_EJEREN, Slettegrund, acting, arbejdssted, lås_beboer
from rådgivning.database import today
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.databeskyttelse.receipts import SLETTEFRIST
from rådgivning.databeskyttelse.retention import Beboerfrist, Hindring, beboerfrister
from rådgivning.nøgler.opening import is_readable, kræv_hel, open_many, seal
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

ANDET: Final = "andet"
GRUNDE: Final = {
    "beboerens_ønske": "Beboeren har bedt om, at forløbet holdes åbent",
    "afventer_svar": "Vi venter på svar fra en myndighed eller et andet tilbud",
    "retskrav": "Oplysningerne skal bruges i en klage eller en retssag",
    "tilsyn": "Et tilsyn eller en revision har bedt om dem",
    ANDET: "En anden grund",
}
"""Why a resident may be kept beyond the limit; each of them once."""


class GrundBrugt(Konflikt):
    """This reason has kept the resident before."""

    def __init__(self) -> None:
        super().__init__("Den grund er brugt før for denne beboer. Vælg en anden, eller lad hende blive slettet.")


class Hindret(Konflikt):
    """Something stands against deleting the resident now."""

    def __init__(self, hindringer: tuple[Hindring, ...]) -> None:
        super().__init__(f"Beboeren kan ikke slettes nu. {hindringer[0].value}")
        self.hindringer = hindringer


def mine(session: Session) -> list[Beboerfrist]:
    """The time of the actor's own residents, and of those whose owner does not work as a beboerrådgiver any more."""
    plan_id, bruger_id = acting(session)
    others = aktive(session) - {bruger_id}
    return [frist for frist in beboerfrister(session, plan_id) if frist.ejer_id not in others]


def min_frist(session: Session, beboer_id: uuid.UUID) -> Beboerfrist:
    """The time of one of those residents. Raises IkkeFundet, and Forbudt for a colleague's."""
    beboer = hent(session, Beboer, beboer_id)
    if beboer.ejer_id in aktive(session) - {acting(session)[1]}:
        raise Forbudt("beboer", KUN_EJEREN)
    return beboerfrister(session, beboer.helhedsplan_id, beboer_id)[0]


def behold(session: Session, beboer_id: uuid.UUID, data: FastholdelseData, *, id: uuid.UUID) -> Fastholdelse:  # noqa: A002
    """Keep a resident beyond the limit. The same form twice is one.

    Raises Konflikt when she is not about to be deleted, GrundBrugt for a reason that has been used.
    """
    hold(session)
    lås_beboer(session, beboer_id)
    if session.get(Fastholdelse, id) is not None:
        return hent(session, Fastholdelse, id)
    frist, i_dag = min_frist(session, beboer_id), today()
    if not frist.snart(i_dag):
        raise Konflikt("Beboeren skal ikke slettes endnu, så der er ingen frist at forlænge.")
    if data.grund in {used.grund for _row, used in fastholdelser(session, beboer_id)}:
        raise GrundBrugt
    plan_id, bruger_id = acting(session)
    til = frister(session, plan_id)[Fristnavn.BEHOLD].udløber(max(frist.tidligst, i_dag))
    row = Fastholdelse(id=id, helhedsplan_id=plan_id, beboer_id=beboer_id, ejer_id=bruger_id, dato=i_dag, til=til)
    seal(session, row, data)
    session.add(row)
    glem_varsel(session, session.get_one(Beboer, beboer_id))
    skriv(session, Handling.OPRETTET, "fastholdelse", [row.id], beboere=[beboer_id])
    session.flush()
    return row


def fastholdelser(session: Session, beboer_id: uuid.UUID) -> list[tuple[Fastholdelse, FastholdelseData]]:
    """Why and until when a resident has been kept, oldest first."""
    query = select(Fastholdelse).where(
        Fastholdelse.helhedsplan_id == arbejdssted(session), Fastholdelse.beboer_id == beboer_id
    )
    rows = session.exec(query.order_by(Fastholdelse.dato, Fastholdelse.id)).all()  # type: ignore[arg-type]
    data = open_many(session, rows, FastholdelseData, "slettefrist")
    return [(row, data[row.id]) for row in rows if row.id in data]


def slet_nu(session: Session, beboer_id: uuid.UUID) -> uuid.UUID:
    """Delete a resident whose warning stands, without waiting for its end; the receipt's id. Raises Konflikt."""
    hold(session)
    lås_beboer(session, beboer_id)
    frist = min_frist(session, beboer_id)
    if frist.hindringer:
        raise Hindret(frist.hindringer)
    if not frist.snart(today()):
        raise Konflikt("Beboerens slettefrist er ikke nær. Slet på beboerens egen side, hvis det er en fejl.")
    return _erase(session, beboer_id)


def hindringer(session: Session, beboer: Beboer) -> tuple[Hindring, ...]:
    """What stands against deleting a resident, whoever wants it but databeskyttelse."""
    return beboerfrister(session, beboer.helhedsplan_id, beboer.id)[0].hindringer


def slet_for_hånd(session: Session, beboer_id: uuid.UUID, grund: Slettegrund) -> uuid.UUID:
    """Delete a resident who is not to stand here, with what names her and is not tied to her; the receipt's id.

    Raises Hindret; Dækket for who does not see her whole; IkkeFundet.
    """
    hold(session)
    beboer = lås_beboer(session, beboer_id)
    kræv_hel(session, beboer)
    if stops := hindringer(session, beboer):
        raise Hindret(stops)
    løse = is_readable(session, beboer)
    return slet_person(session, beboer_id, grund.value, grund=grund, af=aktør(session).bruger_id, løse=løse)


def slet_hvis_udløbet(session: Session, beboer_id: uuid.UUID) -> bool:
    """Delete a resident if her time is out this moment, whatever it was when the list was made; whether she went."""
    hold(session)
    if session.get(Beboer, beboer_id) is None:
        return False
    lås_beboer(session, beboer_id)
    [frist] = beboerfrister(session, arbejdssted(session), beboer_id)
    if not frist.nu(today()):
        return False
    _erase(session, beboer_id)
    return True


def glem_varsel(session: Session, beboer: Beboer) -> None:
    """Take a warning back: she is not about to be deleted any more."""
    beboer.varslet = beboer.slettes = None
    session.add(beboer)


def _erase(session: Session, beboer_id: uuid.UUID) -> uuid.UUID:
    who = aktør(session).bruger_id
    return slet_person(session, beboer_id, SLETTEFRIST, grund=Slettegrund.FRIST, af=who, løse=False)
