"""What a report file shows, whatever its format: the period, the method, the tables, the public totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rådgivning.dansk import dato
from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik.display import OffentligVisning, Visning, offentlige, visninger
from rådgivning.statistik.labels import Etiketter, metode, periode_navn
from rådgivning.statistik.release import Release


@dataclass(frozen=True)
class Rapport:
    """A release with everything a reader needs beside its numbers."""

    release: Release
    plan: str
    periode: str
    dato: str
    metode: str
    tabeller: Sequence[Visning]
    offentlige: Sequence[OffentligVisning]


def rapport(indhold: PlanIndhold, release: Release) -> Rapport:
    """The report of a release of this plan."""
    labels = Etiketter(indhold)
    return Rapport(
        release,
        indhold.helhedsplan.navn,
        periode_navn(release.periode),
        dato(release.oprettet),
        metode(release),
        visninger(release, labels),
        offentlige(release, labels),
    )
