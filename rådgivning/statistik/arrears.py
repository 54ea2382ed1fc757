"""What a release says of the restancesager behind the delmål on udsættelser: shares, waiting and udsættelser by year.

Everything is worked out from protected figures, so it tells no more than they do. A share of few cases would be the
rounding's and not the work's: it is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from rådgivning.dansk import tal
from rådgivning.plan.agreement import Indikator
from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import FASTE

FÆRREST = 20
"""The smallest rounded number of cases that a share is told of."""
UDELADT = "Kan ikke beregnes: et af tallene er udeladt"
_ENHED = "restancesager"
_TRUFFET = tuple(band for band in FASTE["ventetid"] if band != "ingen")


@dataclass(frozen=True)
class Nøgletal:
    """One figure in words: what it is, its value, and what it is worked out from."""

    titel: str
    værdi: str
    forklaring: str


def nøgletal(release: Release) -> list[Nøgletal]:
    """The key figures of ended cases."""
    reached = _count(release, kontaktet="ja"), _count(release, kontaktet="nej")
    saved = _count(release, afværget="ja"), _count(release, afværget="nej")
    return [
        Nøgletal("Afsluttede restancesager", _told(_count(release)), "Beskyttet som alle tal."),
        Nøgletal(
            "Truffet før ophævelsen",
            _share(*reached),
            f"{_of(*reached)} afsluttede sager: nogen i husstanden blev truffet senest på dagen for ophævelsen.",
        ),
        Nøgletal(
            "Afværget",
            _share(*saved),
            f"{_of(*saved)} sager, der var kommet til ophævelsen eller længere, endte med, at husstanden beholdt eller "
            "fik en bolig.",
        ),
        Nøgletal(
            "Fra listen til første kontakt, median",
            _median(release),
            "Halvdelen af de husstande, der blev truffet, blev det inden for så mange dage.",
        ),
    ]


def _count(release: Release, **dims: str) -> int | None:
    """The published figure; 0 where the report has no such cell, None where it is left out."""
    found = release.celle(_ENHED, **dims)
    return 0 if found is None and not release.har(_ENHED, **dims) else found


def _told(count: int | None) -> str:
    return "∙" if count is None else tal(count)


def _of(part: int | None, rest: int | None) -> str:
    return f"{_told(part)} af {_told(None if part is None or rest is None else part + rest)}"


def _share(part: int | None, rest: int | None) -> str:
    if part is None or rest is None:
        return UDELADT
    if part + rest < FÆRREST:
        return "For få sager til en andel"
    return f"Ca. {tal(round(100 * part / (part + rest)))} %"


def _median(release: Release) -> str:
    """The band in which the middle one of the reached households lies."""
    found = [_count(release, ventetid=band) for band in _TRUFFET]
    counts = [count for count in found if count is not None]
    if len(counts) < len(found):
        return UDELADT
    whole = sum(counts)
    if whole < FÆRREST:
        return "For få sager til en median"
    passed = zip(_TRUFFET, accumulate(counts), strict=True)
    return next(FASTE["ventetid"][band] for band, so_far in passed if 2 * so_far >= whole)


@dataclass(frozen=True)
class Udsættelser:
    """Udsættelser by calendar year beside the ceiling: `kolonner` are an indicator's official number and the casework's
    own by afdeling, `rækker` a year, its figures as text and how the year stands to the ceiling."""

    nøgletal: Sequence[Nøgletal]
    kolonner: Sequence[str]
    rækker: Sequence[Sequence[str]]


def udsættelser(
    indhold: PlanIndhold,
    nøgle: str,
    officielle: Mapping[int, Decimal],
    release: Release,
    år: Mapping[int, Release],
    i_dag: date,
) -> Udsættelser | None:
    """What belongs to an indicator that counts udsættelser; None for another one.

    `officielle` are the indicator's figures by year, `release` the chosen period, `år` the calendar years' releases.
    What the agreement publishes itself is exact, every other afdeling is rounded.
    """
    exact = {
        count.filter.afdeling[0]: name
        for name, count in indhold.optælling.items()
        if count.offentlig and count.filter.udfald == ("udsat",) and len(count.filter.afdeling) == 1
    }
    own = next((afdeling for afdeling, name in exact.items() if indhold.optælling[name].indikator == nøgle), None)
    if own is None:
        return None
    indikator = indhold.indikator[nøgle]
    rows = []
    for year in sorted({*officielle, *år}):
        counts = {afdeling: _udsat(år.get(year), afdeling, exact) for afdeling in indhold.afdeling}
        official = "–" if year not in officielle else tal(officielle[year])
        own_counts = [_shown(år.get(year), afdeling, count) for afdeling, count in counts.items()]
        stand = _stand(indikator, officielle.get(year), counts[own], ended=year < i_dag.year)
        rows.append([str(year), official, stand, *own_counts])
    columns = [
        "År",
        f"Officielt: {indikator.område or indikator.navn}",
        "Mål" if indikator.grænse is None else f"Under {tal(indikator.grænse)}",
        *(value.etiket + (", præcist" if key in exact else ", afrundet") for key, value in indhold.afdeling.items()),
    ]
    return Udsættelser(nøgletal(release), columns, rows)


def _shown(release: Release | None, afdeling: str, count: int | None) -> str:
    if count is not None:
        return tal(count)
    left_out = release is not None and release.har(_ENHED, restance_udfald="udsat", afdeling=afdeling)
    return "∙" if left_out else "–"


def _udsat(release: Release | None, afdeling: str, exact: Mapping[str, str]) -> int | None:
    if release is None:
        return None
    if afdeling in exact:
        return release.offentlig(exact[afdeling])
    return release.celle(_ENHED, restance_udfald="udsat", afdeling=afdeling)


def _stand(indikator: Indikator, official: Decimal | None, own: int | None, *, ended: bool) -> str:
    """Whether the year keeps below the ceiling, by the official number or, before it has come, by the casework's own. A
    year is not won before it is over."""
    known = own if official is None else official
    if known is None or indikator.grænse is None:
        return "–"
    below = "Ja" if ended else "Ja, indtil nu"
    answer = below if known < indikator.grænse else "Nej"
    return answer if official is not None else f"{answer}, efter egne tal"
