"""The texts of an invitation as they hold now: those of the plan file, or what somebody has corrected here since."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Konflikt
from rådgivning.database import now, today
from rådgivning.plan.invitations import retning
from rådgivning.plan.models import Indkaldelsesrettelse
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import Indkaldelsestekst
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, skriv

GENNEMLÆST = "gennemlæst"


@dataclass(frozen=True)
class Sprogtekst:
    """The text of one language that holds now. `version` counts the corrections; 0 is the plan file's own text."""

    sprog: str
    tekst: Indkaldelsestekst
    version: int = 0
    rettet: bool = False

    @property
    def gennemlæst(self) -> bool:
        """Whether somebody who knows the language has read it through."""
        return self.tekst.status == GENNEMLÆST

    @property
    def retning(self) -> str:
        """`rtl` or `ltr`."""
        return retning(self.sprog)


@dataclass(frozen=True)
class Ændring:
    """One correction in the history of a text. `til_planen`: the correction was given up again."""

    version: int
    hvem: str
    hvornår: datetime
    gennemlæst: bool
    til_planen: bool


class TekstÆndret(Konflikt):
    """Somebody else saved this text first."""

    def __init__(self) -> None:
        super().__init__("En anden har rettet teksten, mens du skrev. Det, du skrev, står her stadig.")


def tekster(session: Session, helhedsplan_id: uuid.UUID) -> dict[str, Sprogtekst]:
    """The languages that may be chosen today, in the plan's order; empty when the plan has no invitation."""
    found = alle_tekster(session, helhedsplan_id)
    known = plan(session, helhedsplan_id).indkaldelse.sprog
    return {key: text for key, text in found.items() if known[key].gælder(today())}


def alle_tekster(session: Session, helhedsplan_id: uuid.UUID) -> dict[str, Sprogtekst]:
    """Every language the plan has or had."""
    query = select(Indkaldelsesrettelse).where(Indkaldelsesrettelse.helhedsplan_id == helhedsplan_id)
    newest = {row.sprog: row for row in session.exec(query.order_by(col(Indkaldelsesrettelse.version))).all()}
    return {
        key: _holds(key, text, newest.get(key)) for key, text in plan(session, helhedsplan_id).indkaldelse.sprog.items()
    }


def _holds(sprog: str, own: Indkaldelsestekst, rettelse: Indkaldelsesrettelse | None) -> Sprogtekst:
    if rettelse is None:
        return Sprogtekst(sprog, own)
    if rettelse.indhold is None:
        return Sprogtekst(sprog, own, rettelse.version)
    return Sprogtekst(sprog, Indkaldelsestekst.model_validate(rettelse.indhold), rettelse.version, rettet=True)


def hent_tekst(session: Session, helhedsplan_id: uuid.UUID, sprog: str) -> Sprogtekst:
    """The text of one language; raises IkkeFundet."""
    found = alle_tekster(session, helhedsplan_id).get(sprog)
    if found is None:
        raise IkkeFundet("indkaldelsestekst")
    return found


def gem_tekst(session: Session, sprog: str, tekst: Indkaldelsestekst | None, version: int) -> Indkaldelsesrettelse:
    """Save a corrected text, or None to go back to the plan file's. Raises IkkeFundet, or TekstÆndret when the text is
    no longer `version`."""
    who = aktør(session)
    if who.helhedsplan_id is None or who.bruger_id is None:
        raise Forbudt("indkaldelsestekst")
    if hent_tekst(session, who.helhedsplan_id, sprog).version != version:
        raise TekstÆndret
    row = Indkaldelsesrettelse(
        helhedsplan_id=who.helhedsplan_id,
        sprog=sprog,
        version=version + 1,
        indhold=tekst.model_dump(mode="json") if tekst else None,
        rettet_af=who.bruger_id,
        rettet=now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise TekstÆndret from None
    skriv(session, Handling.ÆNDRET, "indkaldelsesrettelse", [row.id], detaljer={"version": row.version})
    return row


def markér_gennemlæst(session: Session, sprog: str, version: int) -> Indkaldelsesrettelse:
    """Mark the text as read through by somebody who knows the language. Raises as `gem_tekst`."""
    who = aktør(session)
    if who.helhedsplan_id is None:
        raise Forbudt("indkaldelsestekst")
    found = hent_tekst(session, who.helhedsplan_id, sprog)
    return gem_tekst(session, sprog, found.tekst.model_copy(update={"status": GENNEMLÆST}), version)


def historik(session: Session, helhedsplan_id: uuid.UUID, sprog: str) -> Sequence[Ændring]:
    """What was done to a text, newest first."""
    query = (
        select(Indkaldelsesrettelse, Bruger.navn)
        .join(Bruger, col(Bruger.id) == Indkaldelsesrettelse.rettet_af)
        .where(Indkaldelsesrettelse.helhedsplan_id == helhedsplan_id, Indkaldelsesrettelse.sprog == sprog)
        .order_by(col(Indkaldelsesrettelse.version).desc())
    )
    return [
        Ændring(
            row.version,
            name,
            row.rettet,
            gennemlæst=(row.indhold or {}).get("status") == GENNEMLÆST,
            til_planen=row.indhold is None,
        )
        for row, name in session.exec(query).all()
    ]
