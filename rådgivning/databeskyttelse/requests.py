"""Requests by the rights of GDPR chapter III: written down, found, given time, decided. Knows no Flask."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, cast

from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import Konflikt, Rolle, hent
from rådgivning.beboere.likeness import SPEJL, Ligheder, kendetegn, samme_person
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import acting, arbejdssted
from rådgivning.beskeder.kinds import Slags as Beskedslags
from rådgivning.beskeder.models import Besked
from rådgivning.beskeder.queue import læg_i_kø_til_rolle
from rådgivning.dansk import om_måneder
from rådgivning.database import COPENHAGEN, today
from rådgivning.databeskyttelse.access import om, programmet
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Slags, Status
from rådgivning.databeskyttelse.restricting import afgjort, andre, holder, slip
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import open_sealed, seal
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

SNART: Final = timedelta(days=7)
SIDELÆNGDE: Final = 25
AFGJORT: Final = "Anmodningen er allerede afgjort."


@dataclass(frozen=True)
class Søgt:
    """What somebody who writes to us says of herself: a name, and her birth date or her address."""

    navn: str
    fødselsdato: date | None = None
    adresse: str = ""


def registrér(
    session: Session,
    slags: Slags,
    *,
    modtaget: date,
    ønske: str = "",
    beboer_id: uuid.UUID,
    id: uuid.UUID,  # noqa: A002
) -> Anmodning:
    """Write down what a resident has asked her beboerrådgiver for; databeskyttelse is told. Twice is as once.

    Raises IkkeFundet.
    """
    hold(session)
    hent(session, Beboer, beboer_id)
    return _add(session, slags, modtaget, AnmodningData(ønske=ønske), beboer_id, 1, id)


def registrér_henvendelse(
    session: Session,
    slags: Slags,
    *,
    modtaget: date,
    søgt: Søgt,
    ønske: str = "",
    id: uuid.UUID,  # noqa: A002
) -> Anmodning:
    """Write down what somebody has asked databeskyttelse for, and find out whether she is a resident.

    The program compares; nobody is shown. She is found when one resident alone has exactly that name and that birth
    date or address. Otherwise what was said of her is sealed under a key of the request's own. Twice is as once.
    """
    hold(session)
    found = find_præcis(session, søgt)
    data = AnmodningData(navn=søgt.navn, fødselsdato=søgt.fødselsdato, adresse=søgt.adresse, ønske=ønske)
    beboer_id = found[0] if len(found) == 1 else None
    return _add(session, slags, modtaget, data, beboer_id, len(found), id)


def find_præcis(session: Session, søgt: Søgt) -> list[uuid.UUID]:
    """The residents with exactly this name and this birth date or address, and no other birth date."""
    marks = kendetegn(BeboerData(navn=søgt.navn, fødselsdato=søgt.fødselsdato, adresse=søgt.adresse))
    with programmet(session):
        known = cast("Ligheder", SPEJL.frisk(session)).poster.items()
    return [beboer_id for beboer_id, other in known if samme_person(marks, other)]


def _add(
    session: Session,
    slags: Slags,
    modtaget: date,
    data: AnmodningData,
    beboer_id: uuid.UUID | None,
    fundet: int,
    id: uuid.UUID,  # noqa: A002
) -> Anmodning:
    if session.get(Anmodning, id) is not None:
        return hent(session, Anmodning, id)
    helhedsplan_id, bruger_id = acting(session)
    row = Anmodning(
        id=id,
        helhedsplan_id=helhedsplan_id,
        beboer_id=beboer_id,
        ejer_id=bruger_id,
        slags=slags,
        modtaget=modtaget,
        frist=om_måneder(modtaget, 1),
        fundet=fundet,
    )
    seal(session, row, data)
    session.add(row)
    _trace(session, row, Handling.OPRETTET, f"anmodning om {slags}")
    læg_i_kø_til_rolle(session, helhedsplan_id, Rolle.DATABESKYTTELSE, Beskedslags.NY_ANMODNING)
    return row


def tekst(session: Session, row: Anmodning, anledning: str = "vis anmodning") -> AnmodningData | None:
    """What was asked in words; None once the resident is erased. One door for this row alone."""
    with om(session, [row]):
        try:
            return open_sealed(session, row, AnmodningData, anledning)
        except Shredded:
            return None


def gem(session: Session, row: Anmodning, anledning: str, data: AnmodningData | None = None) -> None:
    """Keep a changed request; without the words once the resident is erased."""
    row.version += 1
    if data is not None:
        with contextlib.suppress(Shredded):
            seal(session, row, data)
    session.add(row)
    _trace(session, row, Handling.ÆNDRET, anledning)
    session.flush()


def lås(session: Session, id: uuid.UUID, *, åben: bool = True) -> Anmodning:  # noqa: A002
    """The request, held until the commit. Raises IkkeFundet, and Konflikt for one that is decided (with `åben`)."""
    hold(session)
    query = select(Anmodning).where(Anmodning.id == id).with_for_update().execution_options(populate_existing=True)
    session.exec(query).one_or_none()
    row = hent(session, Anmodning, id)
    if åben and row.status != Status.MODTAGET:
        raise Konflikt(AFGJORT)
    return row


def identificér(session: Session, id: uuid.UUID, måde: str) -> None:  # noqa: A002
    """It is made sure that it is she who asks; `måde` is a key of IDENTITET."""
    row = lås(session, id)
    row.identitet = måde
    gem(session, row, "identitet fastslået")


def forlæng(session: Session, id: uuid.UUID, begrundelse: str) -> None:  # noqa: A002
    """Two months more, once, because it is complex or there are many (art. 12(3)). Raises Konflikt."""
    row = lås(session, id)
    if row.forlænget is not None or row.frist < today():
        raise Konflikt("Fristen kan kun forlænges én gang, og inden den er udløbet.")
    data = tekst(session, row, "forlæng frist") or AnmodningData()
    row.forlænget, row.frist = today(), om_måneder(row.modtaget, 3)
    gem(session, row, "frist forlænget", data.model_copy(update={"forlænget": begrundelse}))


def afvis(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    grund: str,
    forklaring: str,
    underrettet: date | None = None,
) -> Anmodning:
    """Refuse; `grund` is a key of AFSLAG. What was restricted meanwhile is lifted, `underrettet` when she was told."""
    row = lås(session, id)
    data = tekst(session, row, "afvis anmodning") or AnmodningData()
    row.afslag = grund
    data = slip(session, row, data, afgjort(underrettet))
    _decide(session, row, Status.AFVIST, data.model_copy(update={"afslag": forklaring}), acting(session)[1])
    return row


def ophæv(session: Session, id: uuid.UUID, hvorfor: str) -> None:  # noqa: A002
    """Lift a resident's restriction, whichever of her requests hold it: each says so from now on. Raises Konflikt for
    a request that holds none."""
    row = lås(session, id, åben=False)
    if not holder(row):
        raise Konflikt("Behandlingen er ikke begrænset på grund af denne anmodning.")
    for held in (row, *andre(session, row)):
        data = tekst(session, held, "begrænsning ophæves") or AnmodningData()
        gem(session, held, "begrænsning ophævet", slip(session, held, data, hvorfor))


def imødekom(session: Session, row: Anmodning, data: AnmodningData | None = None) -> None:
    """What was asked for is done."""
    _decide(session, row, Status.IMØDEKOMMET, data, acting(session)[1])


def forhindrer_sletning(session: Session, row: Anmodning) -> list[str]:
    """What else the resident waits for that cannot be given when she is erased; erasing her answers the rest."""
    kinds = set(session.exec(select(Anmodning.slags).where(*_waiting(row.beboer_id))).all())
    return sorted(kinds - {Slags.SLETNING, Slags.INDSIGELSE})


def besvar_slettet(session: Session, beboer_id: uuid.UUID, kvittering_id: uuid.UUID, af: uuid.UUID | None) -> None:
    """A resident is erased: whatever she waits for is answered with the receipt, since there is nothing else to say."""
    hold(session)
    query = select(Anmodning).where(*_waiting(beboer_id)).order_by(col(Anmodning.id)).with_for_update()
    for row in session.exec(query.execution_options(populate_existing=True)).all():
        row.kvittering_id = kvittering_id
        _decide(session, row, Status.IMØDEKOMMET, None, af)


def _waiting(beboer_id: uuid.UUID | None) -> tuple[Any, ...]:
    """A resident's requests that are not answered."""
    return Anmodning.beboer_id == beboer_id, Anmodning.status == Status.MODTAGET


def _decide(session: Session, row: Anmodning, status: Status, data: AnmodningData | None, af: uuid.UUID | None) -> None:
    row.status, row.afgjort, row.afgjort_af = status, today(), af
    gem(session, row, f"anmodning {status}", data)


def anmodninger(session: Session, *, åbne: bool, side: int) -> tuple[Sequence[Anmodning], int]:
    """One page of the helhedsplan's requests: those to answer, soonest first, or the answered, newest first."""
    plan_id, _bruger = acting(session)
    which = col(Anmodning.status) == Status.MODTAGET if åbne else col(Anmodning.status) != Status.MODTAGET
    mine = (Anmodning.helhedsplan_id == plan_id, which)
    antal = session.exec(select(func.count()).select_from(Anmodning).where(*mine)).one()
    order = (col(Anmodning.frist), col(Anmodning.id)) if åbne else (col(Anmodning.afgjort).desc(), col(Anmodning.id))
    rows = session.exec(
        select(Anmodning).where(*mine).order_by(*order).offset((side - 1) * SIDELÆNGDE).limit(SIDELÆNGDE)
    ).all()
    return rows, max(1, -(-antal // SIDELÆNGDE))


def antal_åbne(session: Session, plan_id: uuid.UUID) -> int:
    """How many wait for an answer."""
    return _count(session, plan_id, None)


def antal_over_frist(session: Session, plan_id: uuid.UUID) -> int:
    """How many have waited too long."""
    return _count(session, plan_id, today() - timedelta(days=1))


def varsle_frister(session: Session) -> None:
    """Tell databeskyttelse, once a day, of requests whose deadline is near or past. Run at sign-ins and at night."""
    plan_id = arbejdssted(session)
    midnight = datetime.combine(today(), time(), COPENHAGEN)
    told = (Besked.helhedsplan_id == plan_id, Besked.slags == Beskedslags.ANMODNING_FRIST)
    antal = _count(session, plan_id, today() + SNART)
    if antal and session.exec(select(Besked.id).where(*told, col(Besked.oprettet) >= midnight)).first() is None:
        with programmet(session, selv=True):
            læg_i_kø_til_rolle(session, plan_id, Rolle.DATABESKYTTELSE, Beskedslags.ANMODNING_FRIST, antal)


def _count(session: Session, plan_id: uuid.UUID, senest: date | None) -> int:
    waiting = [Anmodning.helhedsplan_id == plan_id, Anmodning.status == Status.MODTAGET]
    if senest is not None:
        waiting.append(col(Anmodning.frist) <= senest)  # type: ignore[arg-type]
    return session.exec(select(func.count()).select_from(Anmodning).where(*waiting)).one()


def _trace(session: Session, row: Anmodning, handling: Handling, anledning: str) -> None:
    beboere = [row.beboer_id] if row.beboer_id is not None else []
    skriv(session, handling, "anmodning", [row.id], beboere=beboere, anledning=anledning)
