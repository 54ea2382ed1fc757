"""What a report is made from, read in one short transaction: the years' systems, or the facts to make them from."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import Session, col, func, select

from rådgivning.database import today
from rådgivning.fakta.freezing import EFTERREGISTRERING, antal_nu, lukkede, opdatér, sene
from rådgivning.fakta.rows import læs
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import PlanIndhold, liste_for
from rådgivning.settings import Settings
from rådgivning.statistik import suppression
from rådgivning.statistik.blocks import Årsdeling
from rådgivning.statistik.coarsening import forgrovet, forgrovet_tid
from rådgivning.statistik.declared import standard
from rådgivning.statistik.knowledge import Published
from rådgivning.statistik.methods import IkkeMulig, Metode, Metodevalg, periodens_metode
from rådgivning.statistik.models import Udgivelse
from rådgivning.statistik.omitting import Udeladelsesgrundlag, viste_tabeller
from rådgivning.statistik.periods import Periode, læs_periode, month_days, month_of
from rådgivning.statistik.plan_tables import tabeller
from rådgivning.statistik.rounding import Regel
from rådgivning.statistik.sharing import Årsgrundlag
from rådgivning.statistik.system import System
from rådgivning.statistik.tables import ENHEDER, FASTE, UOPLYST, OffentligtTal, Tabel


@dataclass(frozen=True)
class Grundlag:
    """Everything the protection needs; after this the database is not touched until something is recorded.

    `systemer` are those in force of the calendar years the report touches; `mangler` what the others are made from.
    Where figures are left out instead of rounded, the period's own release stands in their place.
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
    mangler: Mapping[str, Årsgrundlag | Udeladelsesgrundlag]
    tabeller: Sequence[Tabel]

    @property
    def egne(self) -> list[Tabel]:
        """Those of the tables that are the leder's own."""
        declared = {tabel.navn for tabel in standard()}
        return [tabel for tabel in self.tabeller if tabel.navn not in declared]


def læs_grundlag(
    session: Session, helhedsplan_id: uuid.UUID, navn: str, frø: bytes, *, med_fakta: bool = True
) -> Grundlag:
    """Read what a report of a period is made from. The caller commits. Raises UkendtPeriode, IkkeMulig.

    Without `med_fakta` it is only told which years are missing.
    """
    indhold = plan(session, helhedsplan_id)
    head = indhold.helhedsplan
    periode = læs_periode(navn, head.fra, head.til)
    regel, lister = regel_for(session, helhedsplan_id), kategorier(indhold)
    tables = tabeller(session, helhedsplan_id)
    choice = periodens_metode(session, helhedsplan_id, periode)
    if choice.metode is Metode.UDELADELSE:
        return _omitting(session, helhedsplan_id, indhold, periode, choice, frø, med_fakta=med_fakta)
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


def _omitting(
    session: Session,
    helhedsplan_id: uuid.UUID,
    indhold: PlanIndhold,
    periode: Periode,
    valg: Metodevalg,
    frø: bytes,
    *,
    med_fakta: bool,
) -> Grundlag:
    """The same where figures are left out: the recorded release, or what it is made from. Raises IkkeMulig."""
    regel, lister = regel_for(session, helhedsplan_id), kategorier(indhold)
    years = [Årsdeling(year, indhold.helhedsplan.fra.month) for year in sorted({m[:4] for m in periode.måneder})]
    copies: dict[str, str] = {}
    for year in years:
        copies |= opdatér(session, helhedsplan_id, year.måneder, month_of(today()), regel.tærskel, _due())
    tables = forgrovet(tabeller(session, helhedsplan_id), valg.grovere, indhold)
    times = forgrovet_tid(periode, valg.grovere)
    public = _public_totals(session, helhedsplan_id, indhold, years[0]) if periode.er_kalenderår else []
    found = Grundlag(
        helhedsplan_id=helhedsplan_id,
        periode=periode,
        regel=regel,
        lister=lister,
        stande={month: copies[month] for month in periode.måneder if month in copies},
        åbne=[],
        plan_version=plan_version(session, helhedsplan_id),
        noter=_notes(session, helhedsplan_id, periode.måneder, regel, frø),
        offentlige=public,
        systemer={},
        mangler={},
        tabeller=viste_tabeller(tables, times, public),
    )
    newest = seneste(session, helhedsplan_id, periode.navn)
    if newest is not None:
        return replace(found, systemer={periode.navn: newest})
    if not lukkede(session, helhedsplan_id, periode.måneder).issuperset(periode.måneder):
        raise IkkeMulig(lukkes(periode.måneder[-1]), "not all months of the period are closed")
    earlier = overlappende(session, helhedsplan_id, periode.måneder)
    months = set(periode.måneder).union(*(row.stande for row in earlier))
    basis = Udeladelsesgrundlag(
        helhedsplan_id=helhedsplan_id,
        periode=times,
        fakta=læs(session, helhedsplan_id, months) if med_fakta else (),
        stande=found.stande,
        lister=lister,
        tabeller=found.tabeller,
        offentlige=public,
        regel=regel,
        tidligere=[Published(json.loads(row.indhold), row.stande) for row in earlier],
        nummer=højeste_nummer(session, helhedsplan_id),
    )
    return replace(found, mangler={periode.navn: basis})


def lukkes(måned: str) -> date:
    """The day from which a month is closed."""
    return month_days(måned)[1] + timedelta(days=1) + EFTERREGISTRERING


def højeste_nummer(session: Session, helhedsplan_id: uuid.UUID) -> int:
    """The number of the newest release of all; 0 before the first."""
    return session.exec(select(func.max(Udgivelse.nummer)).where(Udgivelse.helhedsplan_id == helhedsplan_id)).one() or 0


def overlappende(session: Session, helhedsplan_id: uuid.UUID, måneder: Sequence[str]) -> list[Udgivelse]:
    """The recorded releases with blanks that share a month with a period, or with one that does, and so on."""
    own = (Udgivelse.helhedsplan_id == helhedsplan_id, Udgivelse.metode == suppression.METODE)
    left = list(session.exec(select(Udgivelse).where(*own).order_by(col(Udgivelse.nummer))).all())
    reach, found = set(måneder), list[Udgivelse]()
    while new := [row for row in left if reach.intersection(row.stande)]:
        found += new
        left = [row for row in left if row not in new]
        reach.update(*(row.stande for row in new))
    return sorted(found, key=lambda row: row.nummer)


def plan_version(session: Session, helhedsplan_id: uuid.UUID) -> int:
    """The version of the plan that figures made now are made under."""
    return session.exec(select(Helhedsplan.version).where(Helhedsplan.id == helhedsplan_id)).one()


def system_navn(år: str) -> str:
    """The name a year's system is recorded under, beside the periods of reports."""
    return f"system-{år}"


def mærke(grundlag: Årsgrundlag | Udeladelsesgrundlag, frø: bytes) -> str:
    """A keyed fingerprint of everything a year's system is made from. Facts stand in it as the copies of months."""
    if isinstance(grundlag, Udeladelsesgrundlag):
        return grundlag.mærke(frø)
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
    """Each dimension's keys in the plan's order, retired ones included: facts may carry them, or none of them."""
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
    return {name: [*keys, UOPLYST] for name, keys in found.items()}


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


def regel_for(session: Session, helhedsplan_id: uuid.UUID) -> Regel:
    """The instance's rule, with the base that the plan's first figures were made with: figures of the same facts under
    two bases would close in on the truth from two sides."""
    settings = session.info.get("settings")
    rule = Regel()
    if isinstance(settings, Settings):
        rule = Regel(base=settings.rounding_base, tærskel=settings.person_threshold)
    of_a_year = (Udgivelse.helhedsplan_id == helhedsplan_id, col(Udgivelse.periode).startswith(system_navn("")))
    first = session.exec(select(Udgivelse.revision).where(*of_a_year).order_by(col(Udgivelse.nummer)).limit(1)).first()
    return rule if first is None else replace(rule, base=int(first.get("base", Regel.base)))


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
