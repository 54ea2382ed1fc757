"""The casework's own counts as a release has them: those of a delmål, and what each activity did towards it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from rådgivning.dansk import tal
from rådgivning.plan.agreement import Aktivitet, Filter
from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import ENHEDER

Dimensioner = Mapping[str, tuple[str, ...]]
UDELADT = "∙"
ENHED_I_ALT = {
    "kontakter": "Kontakter",
    "brobygninger": "Brobygninger",
    "restancesager": "Restancesager",
    "fremmøde": "Fremmødte",
}
_ALENE = {"fremmøde": "sundhedstjek"}
"""Units that one activity makes all of: heads are counted at Sundhedstjek alone."""


@dataclass(frozen=True)
class Sagstal:
    """A casework count of the chosen period. `offentlig` ones are exact, others rounded; `flere` are sums of such.
    `værdi` is None where it is left out of the figures."""

    etiket: str
    værdi: int | None
    offentlig: bool = False
    flere: bool = False
    begrundelse: str = ""


@dataclass(frozen=True)
class Bidrag:
    """What the activities did towards a delmål: for each activity a figure, "∙" (left out) or "–" in each column."""

    kolonner: Sequence[str]
    rækker: Sequence[tuple[str, Sequence[str]]]


def tæl(indhold: PlanIndhold, name: str, release: Release | None) -> Sagstal | None:
    """The count as the release has it; None when the release has no such cell."""
    count = indhold.optælling[name]
    if release is None:
        return None
    if count.offentlig:
        exact = release.offentlig(name)
        return None if exact is None else Sagstal(count.etiket, exact, offentlig=True, begrundelse=count.begrundelse)
    unit, dims = celle(count.filter)
    if not unit or not _has(release, unit, dims):
        return None
    several = any(len(values) > 1 for values in dims.values())
    return Sagstal(count.etiket, release.sum(unit, **dims), flere=several)


def _has(release: Release, unit: str, dims: Dimensioner) -> bool:
    """Whether the release has every cell of a count, be some left out."""
    keys = product(*([(name, value) for value in values] for name, values in dims.items()))
    return all(release.har(unit, **dict(key)) for key in keys)


def bidrag(
    indhold: PlanIndhold, activities: Mapping[str, Aktivitet], counts: Sequence[str], release: Release
) -> Bidrag | None:
    """What each activity did, as far as the release tells it by activity: all of each unit, and the delmål's counts."""
    columns: dict[str, tuple[str, Dimensioner]] = {}
    for name in counts:
        unit, dims = celle(indhold.optælling[name].filter)
        columns.setdefault(f"{ENHED_I_ALT.get(unit, unit)} i alt", (unit, {}))
        if dims:
            columns[indhold.optælling[name].etiket] = (unit, dims)
    told = {
        title: shown
        for title, (unit, dims) in columns.items()
        if "aktivitet" not in dims and any(shown := [_part(release, unit, dims, key) for key in activities])
    }
    if not told:
        return None
    rows = zip(activities.values(), zip(*told.values(), strict=True), strict=True)
    return Bidrag(list(told), [(activity.navn, [value or "–" for value in values]) for activity, values in rows])


def _part(release: Release, unit: str, dims: Dimensioner, key: str) -> str:
    """An activity's part of a count as it is shown; "" when the release does not tell it."""
    cell = dims if _ALENE.get(unit) == key else {**dims, "aktivitet": (key,)}
    if not _has(release, unit, cell):
        return ""
    value = release.sum(unit, **cell)
    return UDELADT if value is None else tal(value)


def celle(valgt: Filter) -> tuple[str, Dimensioner]:
    """A filter over facts in the report's own words: its unit and dimensions; no unit when the report has none such."""
    for unit in ENHEDER.values():
        if unit.fakta == valgt.enhed and unit.navn != "beboere":
            names = {column: name for name, column in unit.kolonner.items()}
            return unit.navn, {names.get(column, column): values for column, values in valgt.dimensioner().items()}
    return "", {}
