"""What a report is made from, read in one short transaction: the years' systems, or the facts to make them from."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from rådgivning.database import today
from rådgivning.fakta.freezing import EFTERREGISTRERING, antal_nu, lukkede, opdatér, sene
from rådgivning.fakta.rows import læs
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import PlanIndhold, liste_for
from rådgivning.settings import Settings
from rådgivning.statistik.blocks import Årsdeling
from rådgivning.statistik.declared import standard
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.periods import Periode, læs_periode, month_of
from rådgivning.statistik.plan_tables import tabeller
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.sharing import Årsgrundlag
from rådgivning.statistik.system import System
from rådgivning.statistik.tables import ENHEDER, FASTE, OffentligtTal, Tabel


@dataclass(frozen=True)
class Grundlag:
    """Everything the protection needs; after this the database is not touched until something is recorded.

    `systemer` are those in force of the calendar years the report touches; `mangler` what the others are made from.
    `åbne` are the report's months that are not closed, `noter` what came too late for its months, `offentlige` its own
    public totals, `tabeller` the tables it is to show.
    """

    helhedsplan_id: uuid.UUID
    periode: Periode
    regel: Regel
    lister: Mapping[str, Sequence[str]]
    stande: Mapping[str, str]
    åbne: Sequence[str]
    plan_version: int
    noter: Mapping[str, int]
    offentlige: Sequence[OffentligtTal]
    systemer: Mapping[str, Udgivelse]
    mangler: Mapping[str, Årsgrundlag]
    tabeller: Sequence[Tabel]

    @property
    def egne(self) -> list[Tabel]:
        """Those of the tables that are the leder's own."""
        declared = {tabel.navn for tabel in standard()}
        return [tabel for tabel in self.tabeller if tabel.navn not in declared]


def læs_grundlag(
    session: Session, helhedsplan_id: uuid.UUID, navn: str, frø: bytes, *, med_fakta: bool = True
) -> Grundlag:
    """Read what a report of a period is made from. The caller commits. Raises UkendtPeriode.

    Without `med_fakta` it is only told which years are missing.
    """
    indhold = plan(session, helhedsplan_id)
    head = indhold.helhedsplan
    periode = læs_periode(navn, head.fra, head.til)
    regel, lister = _rule(session), kategorier(indhold)
    tables = tabeller(session, helhedsplan_id)
    systems: dict[str, Udgivelse] = {}
    missing: dict[str, Årsgrundlag] = {}
    copies: dict[str, str] = {}
    public: list[OffentligtTal] = []
    for year in sorted({month[:4] for month in periode.måneder}):
        deling = Årsdeling(year, head.fra.month)
        stande = opdatér(session, helhedsplan_id, deling.måneder, month_of(today()), regel.tærskel, _due())
        if not stande:
            continue
        copies |= {month: stand for month, stand in stande.items() if month in periode.måneder}
        totals = _public_totals(session, helhedsplan_id, indhold, deling)
        public += totals if periode.er_kalenderår else []
        closed = lukkede(session, helhedsplan_id, deling.måneder)
        basis = Årsgrundlag(helhedsplan_id, deling, (), stande, lister, totals, regel, tables, lukkede=closed)
        newest = seneste(session, helhedsplan_id, system_navn(year))
        if newest is not None and newest.mærke == mærke(basis, frø):
            systems[year] = newest
        else:
            missing[year] = basis
            if not med_fakta:
                continue
            old = None if newest is None else System.fra_json(year, newest.stande, newest.indhold)
            facts = læs(session, helhedsplan_id, stande)
            missing[year] = replace(basis, fakta=facts, gammel=old)
    closed = lukkede(session, helhedsplan_id, periode.måneder)
    return Grundlag(
        helhedsplan_id=helhedsplan_id,
        periode=periode,
        regel=regel,
        lister=lister,
        stande=copies,
        åbne=[month for month in periode.måneder if month not in closed],
        plan_version=plan_version(session, helhedsplan_id),
        noter=_notes(session, helhedsplan_id, periode.måneder, regel, frø),
        offentlige=public,
        systemer=systems,
        mangler=missing,
        tabeller=tables,
    )


def plan_version(session: Session, helhedsplan_id: uuid.UUID) -> int:
    """The version of the plan that figures made now are made under."""
    return session.exec(select(Helhedsplan.version).where(Helhedsplan.id == helhedsplan_id)).one()


def system_navn(år: str) -> str:
    """The name a year's system is recorded under, beside the periods of reports."""
    return f"system-{år}"


def mærke(grundlag: Årsgrundlag, frø: bytes) -> str:
    """A keyed fingerprint of everything a year's system is made from. Facts stand in it as the copies of months."""
    regel, deling = grundlag.regel, grundlag.deling
    public = [(total.navn, total.antal) for total in grundlag.offentlige]
    tables = [tabel.ren for tabel in grundlag.tabeller]
    rule = [regel.base, regel.tærskel]
    made_from = [deling.år, deling.planmåned, grundlag.stande, grundlag.lister, public, *rule, tables]
    text = json.dumps(made_from, ensure_ascii=False, sort_keys=True)
    return hmac.new(frø, b"system:" + text.encode(), hashlib.sha256).hexdigest()


def seneste(session: Session, helhedsplan_id: uuid.UUID, navn: str) -> Udgivelse | None:
    """The newest record of a period or of a year's system."""
    return session.exec(
        select(Udgivelse)
        .where(Udgivelse.helhedsplan_id == helhedsplan_id, Udgivelse.periode == navn)
        .order_by(col(Udgivelse.nummer).desc())
        .limit(1)
    ).first()


def kategorier(indhold: PlanIndhold) -> dict[str, list[str]]:
    """Each dimension's keys in the plan's order, retired ones included: facts may carry them."""
    found: dict[str, list[str]] = {name: list(keys) for name, keys in FASTE.items()}
    for enhed in ENHEDER.values():
        for name, column in enhed.kolonner.items():
            source = liste_for(column, enhed.fakta)
            if source == "afdeling":
                found[name] = list(indhold.afdeling)
            elif source == "aktivitet":
                found[name] = [key for key, own in indhold.aktivitet.items() if own.rådgivning]
            elif source in indhold.liste:
                found[name] = list(indhold.liste[source])  # type: ignore[index]
    return found


def _due() -> str:
    """The month before which months are closed."""
    return month_of(today() - EFTERREGISTRERING)


def _notes(
    session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str], regel: Regel, frø: bytes
) -> dict[str, int]:
    """How much of some months came or was corrected too late: each month's count rounded by a keyed draw, 0 when it is
    below the threshold, so that their sum tells of nobody."""
    notes = {"efterregistrerede": 0, "rettede": 0}
    for month, counts in sene(session, helhedsplan_id, måneder).items():
        for name, count in zip(notes, counts, strict=True):
            if count >= regel.tærskel:
                text = f"note:{helhedsplan_id}:{month}:{name}:{count}"
                draw = int.from_bytes(hmac.digest(frø, text.encode(), hashlib.sha256)[:4]) % regel.base
                notes[name] += regel.base * (count // regel.base + (draw < count % regel.base))
    return notes


def _rule(session: Session) -> Regel:
    settings = session.info.get("settings")
    if isinstance(settings, Settings):
        return Regel(base=settings.rounding_base, tærskel=settings.person_threshold)
    return Regel()


def offentlige_grænser(indhold: PlanIndhold, enhed: str) -> list[frozenset[str]]:
    """By which dimensions each public total of a unit is limited."""
    names = {column: name for name, column in ENHEDER[enhed].kolonner.items()}
    return [
        frozenset(names.get(column, column) for column in optælling.filter.dimensioner())
        for optælling in indhold.optælling.values()
        if optælling.offentlig and optælling.filter.enhed == ENHEDER[enhed].fakta
    ]


def _public_totals(
    session: Session, helhedsplan_id: uuid.UUID, indhold: PlanIndhold, deling: Årsdeling
) -> list[OffentligtTal]:
    """The totals the agreement itself publishes of a calendar year: what closed months have in their copies, and what
    counts in the open ones as it is now."""
    units = {enhed.fakta: enhed for enhed in ENHEDER.values() if enhed.navn != "beboere"}
    totals = []
    for navn, optælling in indhold.optælling.items():
        if not optælling.offentlig or optælling.filter.enhed not in units:
            continue
        enhed = units[optælling.filter.enhed]
        names = {column: name for name, column in enhed.kolonner.items()}
        limits = optælling.filter.dimensioner()
        nøgle = {names.get(column, column): values for column, values in limits.items()}
        antal = antal_nu(session, helhedsplan_id, deling.måneder, enhed.fakta, limits, _due())
        totals.append(OffentligtTal(navn, enhed.navn, nøgle, optælling.begrundelse, antal))
    return totals
