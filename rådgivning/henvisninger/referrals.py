"""The referrer's side: sending a referral, following one's own, withdrawing it. Knows no Flask."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Rolle, hent
from rådgivning.beboere.residents import acting
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø_til_rolle
from rådgivning.database import now, today
from rådgivning.fakta import facts
from rådgivning.henvisninger.models import Henvisning, HenvisningData, Status
from rådgivning.nøgler.opening import Dør, destroy_key, open_many, open_present, open_whole_many, seal
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv

SIDELÆNGDE = 25


@dataclass(frozen=True)
class Henvisningslinje:
    """A referral in a list; `data` is None when the resident is erased."""

    henvisning: Henvisning
    data: HenvisningData | None


def henvis(
    session: Session,
    data: HenvisningData,
    *,
    hast: str,
    boligorganisation: str,
    id: uuid.UUID,  # noqa: A002
) -> Henvisning:
    """File a referral and count it. The same form sent twice (the same `id`) gives the first one back."""
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if session.get(Henvisning, id) is not None:
        return hent(session, Henvisning, id, egen=True)
    faktum_id = facts.tilføj(
        session,
        helhedsplan_id=helhedsplan_id,
        enhed="henvisning",
        måned=f"{today():%Y-%m}",
        afdeling=data.afdeling,
        kilde=data.kilde,
    )
    henvisning = Henvisning(
        id=id,
        helhedsplan_id=helhedsplan_id,
        ejer_id=bruger_id,
        boligorganisation=boligorganisation,
        oprettet=now(),
        hast=hast,
    )
    seal(session, henvisning, data.model_copy(update={"faktum_id": faktum_id}))
    try:
        with session.begin_nested():
            session.add(henvisning)
    except IntegrityError:
        facts.fjern(session, faktum_id)
        return hent(session, Henvisning, id, egen=True)
    skriv(session, Handling.OPRETTET, "henvisning", [id])
    læg_i_kø_til_rolle(session, helhedsplan_id, Rolle.BEBOERRÅDGIVER, Slags.NY_HENVISNING)
    return henvisning


def egne(session: Session, boligorganisation: str, side: int) -> tuple[list[Henvisningslinje], int]:
    """One page of the actor's own referrals, the newest first, and the number of pages."""
    helhedsplan_id, bruger_id = acting(session)
    mine = (
        Henvisning.helhedsplan_id == helhedsplan_id,
        Henvisning.ejer_id == bruger_id,
        Henvisning.boligorganisation == boligorganisation,
    )
    antal = session.exec(select(func.count()).select_from(Henvisning).where(*mine)).one()
    query = select(Henvisning).where(*mine).order_by(col(Henvisning.oprettet).desc(), col(Henvisning.id))
    rows = session.exec(query.offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)).all()
    return linjer(session, rows, "egne henvisninger"), max(1, -(-antal // SIDELÆNGDE))


def hent_egen(session: Session, id: uuid.UUID, boligorganisation: str) -> Henvisning:  # noqa: A002
    """The actor's own referral; raises IkkeFundet for everybody else's, and for one sent for another organisation."""
    henvisning = hent(session, Henvisning, id, egen=True)
    if henvisning.boligorganisation != boligorganisation:
        raise IkkeFundet("henvisning", id, fremmed=True)
    return henvisning


def vis_egen(session: Session, henvisning: Henvisning) -> HenvisningData | None:
    """What the referrer may read: all she typed until somebody takes it up, then who it was about. None when erased."""
    data = open_present(session, henvisning, HenvisningData, "egen henvisning")
    if data is None or henvisning.status == Status.MODTAGET:
        return data
    return HenvisningData(navn=data.navn, adresse=data.adresse)


def træk_tilbage(session: Session, id: uuid.UUID) -> None:  # noqa: A002
    """Delete an own referral that nobody has taken up, its count and its key.

    Raises Konflikt when it is too late, and for who sees everybody's but did not send this one.
    """
    henvisning = lås(session, id)
    hent(session, Henvisning, id, egen=aktør(session).omfang("henvisning") != "alle")
    if henvisning.ejer_id != aktør(session).bruger_id:
        raise Konflikt("Kun den, der sendte henvisningen, kan trække den tilbage. Tag den op, og afslut den.")
    if henvisning.status != Status.MODTAGET or henvisning.beboer_id is not None:
        raise Konflikt("Henvisningen er taget op og kan ikke trækkes tilbage. Ring til beboerrådgiveren.")
    data = open_whole_many(session, [henvisning], HenvisningData, "træk tilbage", Dør.SLETNING).get(id)
    if data is not None and data.faktum_id is not None:
        facts.fjern(session, data.faktum_id)
    session.delete(henvisning)
    skriv(session, Handling.SLETTET, "henvisning", [id], anledning="trukket tilbage")
    session.flush()
    destroy_key(session, id)


def linjer(session: Session, rows: Sequence[Henvisning], anledning: str) -> list[Henvisningslinje]:
    """Rows with what is in them, opened as one read."""
    found = open_many(session, rows, HenvisningData, anledning)
    return [Henvisningslinje(row, found.get(row.id)) for row in rows]


def lås(session: Session, id: uuid.UUID) -> Henvisning:  # noqa: A002
    """The row, held until the commit, so that of two who act at once the second sees the first. Raises IkkeFundet."""
    hold(session)
    query = select(Henvisning).where(Henvisning.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("henvisning", id)
    return hent(session, Henvisning, id)
