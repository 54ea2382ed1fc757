"""A release as tables to look at: rows and columns with labels and protected values. Pages, XLSX and CSV share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rådgivning.dansk import tal
from rådgivning.statistik.labels import DIMENSION, ENHED, Etiketter, noter
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import Tabel, tabeller_i

I_ALT = "I alt"


@dataclass(frozen=True)
class Visning:
    """One table: `rækker` are (label, values); the last row and the last column are the margins."""

    navn: str
    titel: str
    enhed: str
    hoved: str
    kolonner: list[str]
    rækker: Sequence[tuple[str, Sequence[int]]]
    noter: Sequence[str] = ()

    @property
    def indre(self) -> Sequence[tuple[str, Sequence[int]]]:
        """Rows and columns without margins, for charts."""
        return [(label, values[:-1]) for label, values in self.rækker[:-1]]

    @property
    def tekstrækker(self) -> list[list[str]]:
        """Rows as they are shown: label and Danish numbers."""
        return [[label, *(tal(value) for value in values)] for label, values in self.rækker]


@dataclass(frozen=True)
class OffentligVisning:
    """A total that the agreement publishes: exact, with the reason."""

    navn: str
    titel: str
    værdi: int
    begrundelse: str


def visninger(release: Release, etiketter: Etiketter) -> list[Visning]:
    """Every table of a release in the report's order."""
    return [_table(release, tabel, etiketter) for tabel in tabeller_i(release.periode)]


def offentlige(release: Release, etiketter: Etiketter) -> list[OffentligVisning]:
    """The public totals of a release."""
    return [
        OffentligVisning(name, etiketter.titel(name), table["cells"][0]["value"], etiketter.begrundelser.get(name, ""))
        for table in release.indhold["tables"]
        if (name := table["name"]).startswith("offentlig_")
    ]


def _table(release: Release, tabel: Tabel, etiketter: Etiketter) -> Visning:
    dims = release.indhold["dims"]
    rows, columns = dims[tabel.rækker], dims[tabel.kolonner]

    def value(**key: str) -> int:
        found = release.celle(tabel.enhed, **key)
        assert found is not None  # noqa: S101  # a release has every cell of its tables
        return found

    def line(label: str, **key: str) -> tuple[str, list[int]]:
        return label, [*(value(**key, **{tabel.kolonner: column}) for column in columns), value(**key)]

    return Visning(
        tabel.navn,
        etiketter.titel(tabel.navn),
        ENHED[tabel.enhed],
        DIMENSION[tabel.rækker],
        [*(etiketter.kategori(tabel.kolonner, column) for column in columns), I_ALT],
        [
            *(line(etiketter.kategori(tabel.rækker, row), **{tabel.rækker: row}) for row in rows),
            line(I_ALT),
        ],
        noter(tabel.navn, release.periode),
    )
