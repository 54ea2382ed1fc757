"""The quarter's review of who may what: one decision per user, kept with what it was made on. Knows no Flask."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from rådgivning.adgang.locking import lås_bruger
from rådgivning.adgang.models import Bruger, BrugerFaktor, Rettighedsafgørelse, Rettighedsgennemgang
from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Ret, Rolle, hent
from rådgivning.adgang.users import sidst_brugt
from rådgivning.beboere.residents import acting, arbejdssted
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø_til_rolle
from rådgivning.database import now, today
from rådgivning.databeskyttelse.access import programmet
from rådgivning.databeskyttelse.rights import Brug, brug, sidste_brug
from rådgivning.databeskyttelse.shutting_out import luk_ude
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold, skriv


class Afgørelse(StrEnum):
    """What a review decides about a user."""

    BEHOLDES = "beholdes"
    RETTES = "rettes"
    SPÆRRES = "spærres"


@dataclass(frozen=True)
class Brugerlinje:
    """A user in a review: her rights with their last use, how she proves who she is, and what was decided."""

    bruger: Bruger
    sidst: datetime | None
    faktorer: tuple[str, ...]
    brug: list[Brug]
    afgørelse: Rettighedsafgørelse | None

    @property
    def ubrugte(self) -> int:
        """Rights that were never used, or not for 90 days; that nobody had to break in is no sign."""
        return sum(b.status in {"aldrig", "ubrugt"} and b.ret is not Ret.NØDADGANG for b in self.brug)


def kvartal(dag: date) -> str:
    """The quarter a day is in, as `2026-4`."""
    return f"{dag.year}-{(dag.month - 1) // 3 + 1}"


def dette(session: Session) -> Rettighedsgennemgang | None:
    """This quarter's review, once it is begun or asked for."""
    return session.exec(_of(session).where(Rettighedsgennemgang.kvartal == kvartal(today()))).one_or_none()


def tidligere(session: Session) -> list[Rettighedsgennemgang]:
    """Every review that has something in it, the latest first."""
    done = select(Rettighedsafgørelse.gennemgang_id).distinct()
    query = _of(session).where(col(Rettighedsgennemgang.id).in_(done))
    return list(session.exec(query.order_by(col(Rettighedsgennemgang.begyndt).desc())).all())


def linjer(session: Session) -> list[Brugerlinje]:
    """Every user of the helhedsplan whose name still stands, as she is now, with this quarter's decision."""
    plan_id = arbejdssted(session)
    row = dette(session)
    made = {a.bruger_id: a for a in afgørelser(session, row.id)} if row is not None else {}
    named = (Bruger.helhedsplan_id == plan_id, col(Bruger.navn_slettet).is_(None))
    users = session.exec(select(Bruger).where(*named).order_by(Bruger.navn)).all()
    seen, used, factors = sidst_brugt(session, plan_id), sidste_brug(session, plan_id), _factors(session, plan_id)
    return [
        Brugerlinje(
            bruger,
            seen.get(bruger.id),
            tuple(factors.get(bruger.id, ())),
            brug(Rolle(bruger.rolle), bruger.id, used),
            made.get(bruger.id),
        )
        for bruger in users
    ]


def linje(session: Session, bruger_id: uuid.UUID) -> Brugerlinje:
    """One user in this quarter's review; raises IkkeFundet."""
    hent(session, Bruger, bruger_id)
    line = next((line for line in linjer(session) if line.bruger.id == bruger_id), None)
    if line is None:
        raise IkkeFundet("bruger", bruger_id)
    return line


def afgørelser(session: Session, gennemgang_id: uuid.UUID) -> list[Rettighedsafgørelse]:
    """What a review decided, by name."""
    query = select(Rettighedsafgørelse).where(Rettighedsafgørelse.gennemgang_id == gennemgang_id)
    return list(session.exec(query.order_by(Rettighedsafgørelse.navn, Rettighedsafgørelse.brugernavn)).all())


def afgør(session: Session, bruger_id: uuid.UUID, afgørelse: Afgørelse, note: str) -> Rettighedsafgørelse:
    """Decide about a user in this quarter's review, which begins with the first decision. A later one takes its place
    until the review is closed. `spærres` blocks her at once.

    Raises IkkeFundet, and Konflikt when the review is closed, or the actor would block herself.
    """
    hent(session, Bruger, bruger_id)
    lås_bruger(session, bruger_id)
    hold(session)
    line = linje(session, bruger_id)
    row = _begun(session)
    if row.afsluttet is not None:
        raise Konflikt("Kvartalets gennemgang er afsluttet. Ret brugeren på hendes egen side.")
    if afgørelse is Afgørelse.SPÆRRES and bruger_id == acting(session)[1]:
        raise Konflikt("Du kan ikke spærre dig selv. Bed en anden med rollen databeskyttelse om det.")
    user = line.bruger
    made = session.merge(
        Rettighedsafgørelse(
            gennemgang_id=row.id,
            bruger_id=bruger_id,
            navn=user.navn,
            brugernavn=user.brugernavn,
            rolle=user.rolle,
            boligorganisation=user.boligorganisation,
            faktor=", ".join(line.faktorer),
            spærret=user.spærret is not None,
            brug={b.ret.name: b.sidst.isoformat() if b.sidst else "" for b in line.brug if b.målt},
            afgørelse=afgørelse,
            note=note,
            tidspunkt=now(),
            af=acting(session)[1],
        )
    )
    skriv(session, Handling.ÆNDRET, "rettighedsgennemgang", [row.id, bruger_id], anledning=afgørelse)
    if afgørelse is Afgørelse.SPÆRRES and user.spærret is None:
        luk_ude(session, user)
    return made


def afslut(session: Session) -> Rettighedsgennemgang:
    """Close this quarter's review; raises Konflikt while a user who can sign in has not been decided about."""
    hold(session)
    row = _begun(session)
    missing = [line for line in linjer(session) if line.afgørelse is None and line.bruger.spærret is None]
    if missing:
        raise Konflikt(f"Der mangler {len(missing)} {'bruger' if len(missing) == 1 else 'brugere'} i gennemgangen.")
    if row.afsluttet is None:
        row.afsluttet, row.afsluttet_af = now(), aktør(session).bruger_id
        session.add(row)
        skriv(session, Handling.ÆNDRET, "rettighedsgennemgang", [row.id], anledning="afsluttet")
    return row


def mangler(session: Session, helhedsplan_id: uuid.UUID) -> int:
    """1 while this quarter's review is not closed."""
    query = (
        select(func.count())
        .select_from(Rettighedsgennemgang)
        .where(
            Rettighedsgennemgang.helhedsplan_id == helhedsplan_id,
            Rettighedsgennemgang.kvartal == kvartal(today()),
            col(Rettighedsgennemgang.afsluttet).is_not(None),
        )
    )
    return 1 - min(1, session.exec(query).one())


def varsl_gennemgang(session: Session) -> None:
    """Tell databeskyttelse, once a quarter, that the review is due. Run at sign-ins and at night."""
    plan_id = arbejdssted(session)
    if dette(session) is not None:
        return
    hold(session)
    if dette(session) is None:
        with programmet(session, selv=True):
            _begun(session)
            læg_i_kø_til_rolle(session, plan_id, Rolle.DATABESKYTTELSE, Slags.RETTIGHEDER)


def _begun(session: Session) -> Rettighedsgennemgang:
    row = dette(session)
    if row is None:
        row = Rettighedsgennemgang(helhedsplan_id=arbejdssted(session), kvartal=kvartal(today()), begyndt=now())
        session.add(row)
        session.flush()
        skriv(session, Handling.OPRETTET, "rettighedsgennemgang", [row.id])
    return row


def _factors(session: Session, plan_id: uuid.UUID) -> dict[uuid.UUID, set[str]]:
    query = select(BrugerFaktor.bruger_id, BrugerFaktor.slags).join(Bruger).where(Bruger.helhedsplan_id == plan_id)
    found: dict[uuid.UUID, set[str]] = {}
    for bruger_id, slags in session.exec(query).all():
        found.setdefault(bruger_id, set()).add(slags)
    return found


def _of(session: Session) -> SelectOfScalar[Rettighedsgennemgang]:
    return select(Rettighedsgennemgang).where(Rettighedsgennemgang.helhedsplan_id == aktør(session).helhedsplan_id)
