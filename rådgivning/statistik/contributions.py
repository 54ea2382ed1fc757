"""The casework's own counts as a release has them: those of a delmål, and what each activity did towards it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from rådgivning.plan.schema import Aktivitet, Filter, PlanIndhold
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import ENHEDER

Dimensioner = Mapping[str, tuple[str, ...]]


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
    """What the activities did towards a delmål: a row for each activity, with a figure (or None) for each column."""

    kolonner: Sequence[str]
    rækker: Sequence[tuple[str, Sequence[int | None]]]


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
        columns.setdefault(f"{unit.capitalize()} i alt", (unit, {}))
        if dims:
            columns[indhold.optælling[name].etiket] = (unit, dims)
    rows: dict[str, list[int | None]] = {key: [] for key in activities}
    told = []
    for title, (unit, dims) in columns.items():
        cells = {key: {**dims, "aktivitet": (key,)} for key in activities}
        if not activities or "aktivitet" in dims or not any(_has(release, unit, cell) for cell in cells.values()):
            continue
        told.append(title)
        for key, cell in cells.items():
            rows[key].append(release.sum(unit, **cell))
    return Bidrag(told, [(activities[key].navn, values) for key, values in rows.items()]) if told else None


def celle(valgt: Filter) -> tuple[str, Dimensioner]:
    """A filter over facts in the report's own words: its unit and dimensions; no unit when the report has none such."""
    for unit in ENHEDER.values():
        if unit.fakta == valgt.enhed and unit.navn != "beboere":
            names = {column: name for name, column in unit.kolonner.items()}
            return unit.navn, {names.get(column, column): values for column, values in valgt.dimensioner().items()}
    return "", {}
