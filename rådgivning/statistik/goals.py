"""Delmål answered: what the agreement started from, what has been measured since, and the protected counts beside it.

Survey figures and casework counts stand side by side and are never added. Pure values: the pages only lay them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

from markupsafe import Markup

from rådgivning.dansk import tal
from rådgivning.plan.agreement import Aktivitet, Delmål, Indikator, Indsatsområde, Retning
from rådgivning.plan.formulas import KanIkkeBeregnes, læs_formel, vis_formel
from rådgivning.plan.models import Måling
from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik.arrears import FÆRREST
from rådgivning.statistik.charts import trend
from rådgivning.statistik.contributions import Bidrag, Sagstal, tæl
from rådgivning.statistik.contributions import bidrag as vis_bidrag
from rådgivning.statistik.periods import Periode, month_days
from rådgivning.statistik.release import Release
from rådgivning.statistik.standing import KAN_IKKE, Status, med_enhed, status


@dataclass(frozen=True)
class Punkt:
    """One year's value in an indicator's series, and where it comes from: the agreement, a måling or the formula."""

    år: int
    værdi: Decimal
    kilde: str
    n: int | None = None


AFTALEN, MÅLING, BEREGNET = "Aftalen", "Måling", "Beregnet"


@dataclass(frozen=True)
class Sammenholdt:
    """The official number of a calendar year beside the casework's own count; neither replaces the other."""

    år: int
    officiel: Måling | None
    sagstal: Sagstal

    @property
    def forskel(self) -> Decimal | None:
        """Official minus casework; None before the official number has come."""
        if self.officiel is None or self.sagstal.værdi is None:
            return None
        return self.officiel.værdi - self.sagstal.værdi


@dataclass(frozen=True)
class Beregning:
    """What a formula gives for the chosen period: the value or why there is none (`svar`), and what it is made of."""

    formel: str
    svar: str
    led: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class IndikatorVisning:
    """An indicator with its målinger since the baseline, oldest first."""

    nøgle: str
    indikator: Indikator
    målinger: Sequence[Måling]
    status: Status
    serie: Sequence[Punkt]
    sammenholdt: Sammenholdt | None
    beregning: Beregning | None = None

    @property
    def mål(self) -> str:
        """The target in words."""
        if self.indikator.grænse is not None:
            return f"Under {tal(self.indikator.grænse)} om året"
        way = "Skal stige" if self.indikator.retning is Retning.OP else "Skal falde"
        return way if self.indikator.mål is None else f"{way} til {med_enhed(self.indikator.mål, self.indikator)}"

    @property
    def målt_siden(self) -> Sequence[Punkt]:
        """The values that a formula has given since the agreement's own."""
        return [point for point in self.serie if point.kilde == BEREGNET]

    @property
    def linjer(self) -> list[tuple[str, float]]:
        """What the series is compared with, by name: baseline, target, the others."""
        lines = []
        if self.indikator.baseline is not None:
            lines.append((f"Baseline {self.indikator.baseline.år}", float(self.indikator.baseline.værdi)))
        if self.indikator.grænse is not None:
            lines.append(("Målet er under", float(self.indikator.grænse)))
        if self.indikator.mål is not None:
            lines.append(("Mål", float(self.indikator.mål)))
        if self.indikator.sammenligning is not None:
            other = self.indikator.sammenligning
            lines.append((f"Andre {other.år}", float(other.værdi)))
        return lines

    @property
    def graf(self) -> Markup | None:
        """The series as a line beside what it is compared with; None when there are not two years to join."""
        if len(self.serie) < 2:
            return None
        points = [(str(point.år), float(point.værdi)) for point in self.serie]
        return trend(self.indikator.navn, points, self.indikator.enhed, self.linjer)

    @property
    def rækker(self) -> list[list[str]]:
        """The series as a table: year, value, where it comes from."""
        return [[str(point.år), tal(point.værdi), point.kilde] for point in self.serie]


@dataclass(frozen=True)
class DelmålVisning:
    """A delmål with everything that answers it."""

    nøgle: str
    delmål: Delmål
    indikatorer: Sequence[IndikatorVisning]
    aktiviteter: Sequence[Aktivitet]
    optællinger: Sequence[Sagstal]
    bidrag: Bidrag | None = None

    @property
    def bare_tekst(self) -> bool:
        """Whether there is nothing to show but the goal itself."""
        return not (self.indikatorer or self.aktiviteter or self.optællinger)


@dataclass(frozen=True)
class OmrådeVisning:
    """An indsatsområde with its delmål, and the activities of which the sources do not say which one they support."""

    indsatsområde: Indsatsområde
    delmål: Sequence[DelmålVisning]
    uden_delmål: Sequence[Aktivitet]


def vis_delmål(
    indhold: PlanIndhold,
    målinger: Sequence[Måling],
    periode: Periode,
    release: Release | None,
    i_dag: date,
    år: Mapping[int, Release] = MappingProxyType({}),
) -> list[OmrådeVisning]:
    """Every indsatsområde and delmål that held in the period. Without a release there are no counts. `år` are the
    calendar years' releases, which formulas are worked out for."""
    first, last = _days(periode)
    tal_ = _Tal(indhold, målinger, periode, release, i_dag, år)
    areas = []
    for key, area in indhold.indsatsområde.items():
        if not area.gælder_mellem(first, last):
            continue
        goals = [
            _goal(tal_, goal_key)
            for goal_key, goal in indhold.delmål.items()
            if goal.indsatsområde == key and goal.gælder_mellem(first, last)
        ]
        loose = [a for a in indhold.aktivitet.values() if a.indsatsområde == key and not a.understøtter]
        areas.append(OmrådeVisning(area, goals, [a for a in loose if a.gælder_mellem(first, last)]))
    return areas


def _days(periode: Periode) -> tuple[date, date]:
    return month_days(periode.måneder[0])[0], month_days(periode.måneder[-1])[1]


@dataclass(frozen=True)
class _Tal:
    """What every delmål is shown from."""

    indhold: PlanIndhold
    målinger: Sequence[Måling]
    periode: Periode
    release: Release | None
    i_dag: date
    år: Mapping[int, Release]


def _goal(tal_: _Tal, key: str) -> DelmålVisning:
    indhold = tal_.indhold
    first, last = _days(tal_.periode)
    counts = {
        name: found
        for name, count in indhold.optælling.items()
        if key in count.delmål and count.gælder_mellem(first, last) and (found := tæl(indhold, name, tal_.release))
    }
    beside = {indhold.optælling[name].indikator: found for name, found in counts.items()}
    activities = {
        name: a for name, a in indhold.aktivitet.items() if key in a.understøtter and a.gælder_mellem(first, last)
    }
    shown = [name for name in counts if not indhold.optælling[name].indikator]
    return DelmålVisning(
        nøgle=key,
        delmål=indhold.delmål[key],
        indikatorer=[
            _indicator(tal_, name, indicator, beside.get(name))
            for name, indicator in indhold.indikator.items()
            if indicator.delmål == key and indicator.gælder_mellem(first, last)
        ],
        aktiviteter=list(activities.values()),
        optællinger=[counts[name] for name in shown],
        bidrag=vis_bidrag(indhold, activities, shown, tal_.release) if tal_.release else None,
    )


def vis_indikator(
    nøgle: str,
    indikator: Indikator,
    målinger: Sequence[Måling],
    periode: Periode,
    sagstal: Sagstal | None,
    i_dag: date,
) -> IndikatorVisning:
    """One indicator: its målinger, its series with one value a year, how it stands, and the two counts side by side."""
    own = [måling for måling in målinger if måling.indikator == nøgle]
    chosen = _one_a_year(own, indikator.datakilde)
    compared = None
    if sagstal is not None and periode.er_kalenderår:
        year = int(periode.navn)
        compared = Sammenholdt(year, chosen.get(year), sagstal)
    return IndikatorVisning(
        nøgle=nøgle,
        indikator=indikator,
        målinger=own,
        status=status(indikator, chosen[max(chosen)] if chosen else None, i_dag),
        serie=_series(indikator, [Punkt(m.år, m.værdi, MÅLING, m.n) for m in chosen.values()]),
        sammenholdt=compared,
    )


def _series(indikator: Indikator, later: Sequence[Punkt]) -> list[Punkt]:
    """One value a year, oldest first; the agreement's own are never overwritten."""
    agreed = {figure.år: Punkt(figure.år, figure.værdi, AFTALEN) for figure in indikator.figurer()}
    return sorted(({point.år: point for point in later} | agreed).values(), key=lambda point: point.år)


def _indicator(tal_: _Tal, nøgle: str, indikator: Indikator, sagstal: Sagstal | None) -> IndikatorVisning:
    shown = vis_indikator(nøgle, indikator, tal_.målinger, tal_.periode, sagstal, tal_.i_dag)
    if not indikator.formel:
        return shown
    years = {year: _worked_out(tal_.indhold, indikator, release) for year, release in tal_.år.items()}
    points = [Punkt(year, value, BEREGNET) for year, value in sorted(years.items()) if isinstance(value, Decimal)]
    ended = [point for point in points if point.år < tal_.i_dag.year]
    latest = ended[-1] if ended else points[-1] if points else None
    return replace(
        shown,
        serie=_series(indikator, points),
        status=status(indikator, latest, tal_.i_dag) if latest else KAN_IKKE,
        beregning=_worked(tal_, indikator),
    )


def _worked_out(indhold: PlanIndhold, indikator: Indikator, release: Release | None) -> Decimal | str:
    """The formula's value from a release's protected figures; or in words why there is none."""
    formula = læs_formel(indikator.formel)
    counts = {name: tæl(indhold, name, release) for name in formula.navne}
    try:
        value = formula.beregn({name: found.værdi if found else None for name, found in counts.items()}, FÆRREST)
    except KanIkkeBeregnes as reason:
        return str(reason)
    return value.quantize(Decimal(1).scaleb(-indikator.decimaler), ROUND_HALF_EVEN)


def _worked(tal_: _Tal, indikator: Indikator) -> Beregning:
    names = {key: count.etiket for key, count in tal_.indhold.optælling.items()}
    value = _worked_out(tal_.indhold, indikator, tal_.release)
    parts = []
    for name in læs_formel(indikator.formel).navne:
        found = tæl(tal_.indhold, name, tal_.release)
        parts.append((names[name], "∙" if found is None or found.værdi is None else tal(found.værdi)))
    told = value if isinstance(value, str) else f"Ca. {med_enhed(value, indikator)}"
    return Beregning(vis_formel(indikator.formel, names), told, parts)


def _one_a_year(målinger: Sequence[Måling], datakilde: str) -> dict[int, Måling]:
    """One måling a year: the one from the indicator's own source, else the last entered."""
    chosen: dict[int, Måling] = {}
    for måling in sorted(målinger, key=lambda m: (m.kilde.casefold() == datakilde.casefold(), m.oprettet)):
        chosen[måling.år] = måling
    return chosen
