"""The beboerrådgiver's side: the incoming list, taking up, matching with a resident, closing. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, hent_beboer, opret_beboer
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø
from rådgivning.dansk import er_helligdag, fold
from rådgivning.database import COPENHAGEN, today
from rådgivning.fakta import facts
from rådgivning.henvisninger.models import (
    Henvisning,
    HenvisningBehandling,
    HenvisningBehandlingData,
    HenvisningData,
    Status,
)
from rådgivning.henvisninger.referrals import SIDELÆNGDE, Henvisningslinje, linjer, lås
from rådgivning.henvisninger.shown import må_vide_om_kontakt
from rådgivning.nøgler.opening import Dør, is_readable, kræv_hel, open_present, open_sealed, open_whole, seal
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.plan.lister import etiket, valg
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

FRIST_DAGE = {"akut": 0, "snarest": 3}
ART = {"indflytningssyn": "indflytningssyn", "servicebesøg": "servicebesøg", "ønsker_rådgivning": "en_til_en"}
VIS = {
    "åbne": (Status.MODTAGET, Status.TAGET_OP, Status.KONTAKT_OPNÅET),
    "modtaget": (Status.MODTAGET,),
    "taget_op": (Status.TAGET_OP,),
    "kontakt_opnået": (Status.KONTAKT_OPNÅET,),
    "afsluttet": (Status.AFSLUTTET,),
    "alle": tuple(Status),
}


def indkomne(session: Session, vis: str, side: int) -> tuple[list[Henvisningslinje], int]:
    """One page of all referrals with a status that `vis` shows, and the number of pages.

    New ones come first, then those taken up; within a status the most urgent and then the oldest.
    """
    helhedsplan_id, _bruger = acting(session)
    where = (Henvisning.helhedsplan_id == helhedsplan_id, col(Henvisning.status).in_(VIS[vis]))
    antal = session.exec(select(func.count()).select_from(Henvisning).where(*where)).one()
    query = select(Henvisning).where(*where).order_by(*_order(session, helhedsplan_id))
    rows = session.exec(query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)).all()
    return linjer(session, rows, "indkomne henvisninger"), max(1, -(-antal // SIDELÆNGDE))


def _order(session: Session, helhedsplan_id: uuid.UUID) -> Sequence[ColumnElement[object]]:
    haste = [key for key, _label in valg(session, helhedsplan_id, "hast")]
    status = case({s.value: n for n, s in enumerate(Status)}, value=col(Henvisning.status))
    hast = case({key: n for n, key in enumerate(haste)}, value=col(Henvisning.hast), else_=len(haste))
    return [status, hast, col(Henvisning.oprettet), col(Henvisning.id)]  # type: ignore[list-item]


def vis_henvisning(session: Session, henvisning: Henvisning) -> tuple[HenvisningData | None, HenvisningBehandlingData]:
    """What was typed (None when the resident is erased) and how it ended."""
    data = open_present(session, henvisning, HenvisningData, "vis henvisning")
    behandling = session.get(HenvisningBehandling, henvisning.id)
    if data is None or behandling is None:
        return data, HenvisningBehandlingData()
    return data, open_sealed(session, behandling, HenvisningBehandlingData, "vis henvisning")


def andre_om_samme(session: Session, henvisning: Henvisning, data: HenvisningData) -> list[Henvisning]:
    """Other referrals about the same resident, or new ones with the same name or phone: the same worry sent twice."""
    helhedsplan_id, _bruger = acting(session)
    others = select(Henvisning).where(Henvisning.helhedsplan_id == helhedsplan_id, Henvisning.id != henvisning.id)
    order = (col(Henvisning.oprettet).desc(), col(Henvisning.id))
    if henvisning.beboer_id is not None:
        return list(session.exec(others.where(Henvisning.beboer_id == henvisning.beboer_id).order_by(*order)).all())
    new = session.exec(others.where(Henvisning.status == Status.MODTAGET).order_by(*order).limit(100)).all()
    return [n.henvisning for n in linjer(session, new, "samme beboer?") if n.data and _same(n.data, data)]


def _same(one: HenvisningData, other: HenvisningData) -> bool:
    return bool(one.telefon and one.telefon == other.telefon) or bool(one.navn and fold(one.navn) == fold(other.navn))


def opfølgning(hast: str) -> date:
    """The working day by which somebody should have tried to reach the resident, a suggestion; akut is today."""
    dage = FRIST_DAGE.get(hast, 7)
    frist = today() + timedelta(days=dage)
    while dage and (frist.weekday() > 4 or er_helligdag(frist)):
        frist += timedelta(days=1)
    return frist


def tag_op(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    beboer_id: uuid.UUID | None,
    ny_beboer: uuid.UUID | None = None,
    frist: date | None = None,
) -> Henvisning:
    """Take a referral up, matched with a resident or, with `ny_beboer`, with a new one of that id made from it.

    `frist` makes a follow-up. The caller commits and then destroys the row's own key when there is a resident: never
    before, or a failed commit would leave an envelope that nobody can open. Raises Konflikt when somebody else has it.
    """
    henvisning = lås(session, id)
    _helhedsplan, bruger_id = acting(session)
    if henvisning.status != Status.MODTAGET:
        if henvisning.rådgiver_id == bruger_id:
            return henvisning
        raise Konflikt("En anden har allerede taget henvisningen op. Gå tilbage til listen, og indlæs den igen.")
    knyt(session, henvisning, beboer_id=beboer_id, ny_beboer=ny_beboer)
    henvisning.status, henvisning.taget_op, henvisning.rådgiver_id = Status.TAGET_OP, today(), bruger_id
    if frist is not None:
        data = open_sealed(session, henvisning, HenvisningData, "tag op")
        grund = etiket(session, henvisning.helhedsplan_id, "henvisning_grund", data.grund)
        opret_opgave(
            session,
            titel=f"Følg op på henvisning: {grund}",
            frist=frist,
            beboer_id=henvisning.beboer_id,
            note="" if henvisning.beboer_id else ", ".join(filter(None, (data.navn, data.adresse))),
            henvisning_id=id,
        )
    _tell(session, henvisning)
    return _changed(session, henvisning, "taget op")


def knyt(
    session: Session, henvisning: Henvisning, *, beboer_id: uuid.UUID | None, ny_beboer: uuid.UUID | None = None
) -> None:
    """Match with a resident and seal both envelopes under her key; without either id nothing changes.

    Matching with another resident later is a correction; the way back to no resident is closed, since the row's own
    key is gone. The caller commits and then destroys that key. Raises Dækket for a colleague's referral: matched with
    an own resident its notes would lie open.
    """
    if beboer_id is None and ny_beboer is None:
        return
    kræv_hel(session, henvisning)
    data = open_whole(session, henvisning, HenvisningData, "knyt til beboer", Dør.HENVISNING)
    behandling = session.get(HenvisningBehandling, henvisning.id)
    note = None
    if behandling is not None:
        note = open_whole(session, behandling, HenvisningBehandlingData, "knyt til beboer", Dør.HENVISNING)
    if beboer_id is None:
        stamdata = BeboerData(navn=data.navn, telefon=data.telefon, adresse=data.adresse, afdeling=data.afdeling)
        beboer_id = opret_beboer(session, stamdata, id=ny_beboer).id
    else:
        hent_beboer(session, beboer_id, "knyt til beboer")
    henvisning.beboer_id = beboer_id
    seal(session, henvisning, data)
    if behandling is not None and note is not None:
        behandling.beboer_id = beboer_id
        seal(session, behandling, note)
        session.add(behandling)
    if data.faktum_id is not None:
        år = henvisning.oprettet.astimezone(COPENHAGEN).year
        facts.ret(session, data.faktum_id, pseudonym=pseudonym(session, beboer_id, år))


def skift_beboer(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    beboer_id: uuid.UUID | None,
    ny_beboer: uuid.UUID | None = None,
) -> Henvisning:
    """Match a referral that was taken up with a resident, or with another one. The caller destroys the own key."""
    henvisning = lås(session, id)
    if henvisning.status == Status.MODTAGET:
        raise Konflikt("Henvisningen er ikke taget op endnu. Gå tilbage, og indlæs siden igen.")
    knyt(session, henvisning, beboer_id=beboer_id, ny_beboer=ny_beboer)
    return _changed(session, henvisning, "knyttet til beboer")


def kontakt_opnået(session: Session, id: uuid.UUID) -> Henvisning:  # noqa: A002
    """Tell the referrer that somebody has talked with the resident."""
    henvisning = lås(session, id)
    if henvisning.status == Status.KONTAKT_OPNÅET:
        return henvisning
    _demand(henvisning, Status.TAGET_OP)
    henvisning.status, henvisning.kontakt_opnået = Status.KONTAKT_OPNÅET, today()
    if må_vide_om_kontakt(session, henvisning):
        _tell(session, henvisning)
    return _changed(session, henvisning, "kontakt opnået")


def afslut(session: Session, id: uuid.UUID, *, udfald: str, note: str) -> Henvisning:  # noqa: A002
    """Close a referral. How it ended goes into the beboerrådgiver's own envelope; the referrer sees only that.

    About an erased resident nothing is written any more: sealing it would give her a new key.
    """
    henvisning = lås(session, id)
    if henvisning.status == Status.AFSLUTTET:
        return henvisning
    _demand(henvisning, Status.TAGET_OP, Status.KONTAKT_OPNÅET)
    henvisning.status, henvisning.afsluttet = Status.AFSLUTTET, today()
    if is_readable(session, henvisning):
        behandling = session.get(HenvisningBehandling, id) or HenvisningBehandling(
            id=id, helhedsplan_id=henvisning.helhedsplan_id
        )
        behandling.beboer_id = henvisning.beboer_id
        seal(session, behandling, HenvisningBehandlingData(udfald=udfald, note=note))
        session.add(behandling)
    _tell(session, henvisning)
    return _changed(session, henvisning, "afsluttet")


def et_skridt_tilbage(session: Session, id: uuid.UUID, fra: str) -> Henvisning:  # noqa: A002
    """Undo the last status. `fra` is the status the page showed, so that a double press steps back once. Raises Dækket
    where a colleague's notes would become everybody's."""
    henvisning = lås(session, id)
    if henvisning.status != fra:
        return henvisning
    if henvisning.status == Status.AFSLUTTET:
        henvisning.status = Status.KONTAKT_OPNÅET if henvisning.kontakt_opnået else Status.TAGET_OP
        henvisning.afsluttet = None
    elif henvisning.status == Status.KONTAKT_OPNÅET:
        henvisning.status, henvisning.kontakt_opnået = Status.TAGET_OP, None
    elif henvisning.status == Status.TAGET_OP:
        kræv_hel(session, henvisning)
        henvisning.status, henvisning.taget_op, henvisning.rådgiver_id = Status.MODTAGET, None, None
    return _changed(session, henvisning, "et skridt tilbage")


def _tell(session: Session, henvisning: Henvisning) -> None:
    """Referrers who never hear back stop referring."""
    læg_i_kø(session, henvisning.ejer_id, Slags.HENVISNING_STATUS)


def _demand(henvisning: Henvisning, *wanted: Status) -> None:
    if henvisning.status not in wanted:
        raise Konflikt("Henvisningens status er ændret i mellemtiden. Gå tilbage, og indlæs siden igen.")


def _changed(session: Session, henvisning: Henvisning, anledning: str) -> Henvisning:
    henvisning.version += 1
    session.add(henvisning)
    beboere = [henvisning.beboer_id] if henvisning.beboer_id else []
    skriv(session, Handling.ÆNDRET, "henvisning", [henvisning.id], beboere=beboere, anledning=anledning)
    return henvisning
