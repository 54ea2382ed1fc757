"""Yearly målinger: later values of the indicators, entered, corrected and removed by the leder; nothing is lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.dansk import tal
from rådgivning.database import findes_allerede, now, today
from rådgivning.plan.agreement import Indikator, decimaler
from rådgivning.plan.checks import passer
from rådgivning.plan.models import Måling, MålingVersion
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

YEARS_BACK = 20
FINDES = "Der er allerede en måling for {år} fra den kilde. Ret den i stedet."


class MålingÆndret(Konflikt):
    """Somebody else corrected or removed the måling after it was shown."""

    def __init__(self) -> None:
        super().__init__("En anden har rettet målingen, mens du skrev. Se, hvad der står nu, og gem igen.")


@dataclass(frozen=True)
class MålingData:
    """What the leder enters. `værdi` and `sammenligning` are in the indicator's unit; `n` is how many answered."""

    indikator: str
    år: int
    værdi: Decimal
    kilde: str
    sammenligning: Decimal | None = None
    gruppe: str = ""
    tæller: int | None = None
    nævner: int | None = None
    n: int | None = None
    note: str = ""


def mangler(data: MålingData, indicator: Indikator) -> Iterator[tuple[str, str]]:
    """What cannot be right about a måling: (field, Danish sentence)."""
    latest = today().year
    if not latest - YEARS_BACK <= data.år <= latest:
        yield "år", f"Året skal ligge mellem {latest - YEARS_BACK} og {latest}."
    for field, value in (("værdi", data.værdi), ("sammenligning", data.sammenligning)):
        if value is None:
            continue
        if indicator.enhed == "%" and value > 100:
            yield field, "En procent ligger mellem 0 og 100."
        if decimaler(value.normalize()) > indicator.decimaler:
            yield field, f"Skriv tallet med {_decimals(indicator.decimaler)}."
    if indicator.sammenligning is None and (data.sammenligning is None) == bool(data.gruppe):
        yield "sammenligning" if data.gruppe else "gruppe", "Værdi og gruppe hører sammen: udfyld begge eller ingen."
    yield from _fraction(data, indicator)


def _decimals(number: int) -> str:
    return f"højst {number} {'decimal' if number == 1 else 'decimaler'}" if number else "hele tal"


def _fraction(data: MålingData, indicator: Indikator) -> Iterator[tuple[str, str]]:
    if (data.tæller is None) != (data.nævner is None):
        yield "nævner" if data.nævner is None else "tæller", "Tæller og nævner hører sammen: udfyld begge eller ingen."
    elif data.tæller is not None and data.nævner is not None:
        if data.nævner == 0 or data.tæller > data.nævner:
            yield "tæller", "Tælleren kan ikke være større end nævneren."
        elif indicator.enhed == "%" and not passer(data.værdi, data.tæller, data.nævner):
            share = Decimal(100 * data.tæller) / data.nævner
            yield "værdi", f"Tæller og nævner giver {tal(share, max(1, indicator.decimaler))} %."


def alle_målinger(session: Session, helhedsplan_id: uuid.UUID) -> Sequence[Måling]:
    """The målinger that stand, oldest year first."""
    query = select(Måling).where(Måling.helhedsplan_id == helhedsplan_id, col(Måling.slettet).is_(None))
    return session.exec(query.order_by(col(Måling.år), col(Måling.oprettet), col(Måling.id))).all()


def hent_måling(session: Session, måling_id: uuid.UUID) -> Måling:
    """A måling of the actor's helhedsplan that stands. Raises IkkeFundet."""
    måling = hent(session, Måling, måling_id)
    if måling.slettet is not None:
        raise IkkeFundet("måling", måling_id)
    return måling


def tidligere(session: Session, måling: Måling) -> Sequence[MålingVersion]:
    """What the måling said before, newest first."""
    query = select(MålingVersion).where(MålingVersion.måling_id == måling.id)
    return session.exec(query.order_by(col(MålingVersion.version).desc())).all()


def slettede(session: Session, helhedsplan_id: uuid.UUID) -> Sequence[Måling]:
    """The målinger that were removed, the last removed first."""
    query = select(Måling).where(Måling.helhedsplan_id == helhedsplan_id, col(Måling.slettet).is_not(None))
    return session.exec(query.order_by(col(Måling.slettet).desc(), col(Måling.id))).all()


def findes(session: Session, helhedsplan_id: uuid.UUID, data: MålingData, egen: uuid.UUID | None = None) -> bool:
    """Whether another måling stands for the same indicator, year and source."""
    query = select(Måling.id).where(
        Måling.helhedsplan_id == helhedsplan_id,
        Måling.indikator == data.indikator,
        Måling.år == data.år,
        Måling.kilde == data.kilde,
        col(Måling.slettet).is_(None),
    )
    return any(found != egen for found in session.exec(query))


def opret_måling(
    session: Session, helhedsplan_id: uuid.UUID, indicator: Indikator, data: MålingData, måling_id: uuid.UUID
) -> Måling:
    """Enter a måling; the same form sent twice (same `måling_id`) makes one. Raises Konflikt."""
    if session.get(Måling, måling_id) is not None:
        return hent(session, Måling, måling_id)
    måling = Måling(
        id=måling_id,
        helhedsplan_id=helhedsplan_id,
        enhed=indicator.enhed,
        indtastet_af=aktør(session).bruger_id,
        oprettet=now(),
        ændret=now(),
        **asdict(data),
    )
    _flush(session, måling, data)
    skriv(session, Handling.OPRETTET, "måling", [måling.id])
    return måling


def ret_måling(session: Session, måling: Måling, data: MålingData, version: int) -> None:
    """Correct a måling that was shown in `version`; what it said before is kept. Raises Konflikt."""
    _check_version(session, måling, version)
    before = {field: getattr(måling, field) for field in asdict(data)}
    if before == asdict(data):
        return
    session.add(_kept(måling))
    for field, value in asdict(data).items():
        setattr(måling, field, value)
    måling.version += 1
    måling.indtastet_af = aktør(session).bruger_id
    måling.ændret = now()
    _flush(session, måling, data)
    skriv(session, Handling.ÆNDRET, "måling", [måling.id], detaljer={"version": måling.version})


def slet_måling(session: Session, måling: Måling, version: int) -> None:
    """Take a måling away from the pages; it stays among the removed ones. Raises Konflikt."""
    _check_version(session, måling, version)
    måling.slettet = now()
    session.add(måling)
    session.flush()
    skriv(session, Handling.SLETTET, "måling", [måling.id])


def _check_version(session: Session, måling: Måling, version: int) -> None:
    session.refresh(måling, with_for_update=True)
    if måling.version != version or måling.slettet is not None:
        raise MålingÆndret


def _kept(måling: Måling) -> MålingVersion:
    return MålingVersion(
        måling_id=måling.id,
        version=måling.version,
        helhedsplan_id=måling.helhedsplan_id,
        indhold={
            "år": måling.år,
            "værdi": str(måling.værdi),
            "sammenligning": None if måling.sammenligning is None else str(måling.sammenligning),
            "gruppe": måling.gruppe,
            "tæller": måling.tæller,
            "nævner": måling.nævner,
            "n": måling.n,
            "kilde": måling.kilde,
            "note": måling.note,
        },
        indtastet_af=måling.indtastet_af,
        gemt=måling.ændret,
    )


def _flush(session: Session, måling: Måling, data: MålingData) -> None:
    try:
        with session.begin_nested():
            session.add(måling)
    except IntegrityError as fejl:
        if findes_allerede(fejl):
            raise
        raise Konflikt(FINDES.format(år=data.år)) from None
