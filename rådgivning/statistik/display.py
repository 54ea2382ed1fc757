"""A release as tables to look at: rows and columns with labels and protected values. Pages and files share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rådgivning.dansk import tal
from rådgivning.statistik.declared import standard
from rådgivning.statistik.labels import DIMENSION, ENHED, Etiketter, noter
from rådgivning.statistik.protection import cell_key
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import GROVE, UOPLYST, Nøgle, Tabel, Værdi

I_ALT = "I alt"
UDELADT = "∙"


@dataclass(frozen=True)
class Visning:
    """One table: `rækker` are (label, values); the last row is the margin, and the last column when there are several.

    A value is None when it is left out. `tabel` is the released table it shows, or a part of which.
    """

    navn: str
    titel: str
    enhed: str
    hoved: str
    kolonner: list[str]
    rækker: Sequence[tuple[str, Sequence[int | None]]]
    noter: Sequence[str] = ()
    tabel: str = ""

    @property
    def serier(self) -> list[str]:
        """The columns without their margin; the only one when there are no more."""
        return self.kolonner[:-1] or self.kolonner

    @property
    def indre(self) -> Sequence[tuple[str, Sequence[int | None]]]:
        """Rows and columns without margins, for charts."""
        return [(label, values[: len(self.serier)]) for label, values in self.rækker[:-1]]

    @property
    def summer(self) -> Sequence[int | None]:
        """The rows' own sums, for charts: of a row with something left out they cannot be worked out."""
        return [values[-1] for _label, values in self.rækker[:-1]]

    @property
    def tekstrækker(self) -> list[list[str]]:
        """Rows as they are shown: label and Danish numbers."""
        return [[label, *map(vis, values)] for label, values in self.rækker]

    @property
    def udeladte(self) -> bool:
        """Whether some value is left out."""
        return any(value is None for _label, values in self.rækker for value in values)


def vis(værdi: int | None) -> str:
    """A value as it is shown: a Danish number, or the sign for what is left out."""
    return UDELADT if værdi is None else tal(værdi)


@dataclass(frozen=True)
class OffentligVisning:
    """A total that the agreement publishes: exact, with the reason."""

    navn: str
    titel: str
    værdi: int
    begrundelse: str


def visninger(release: Release, etiketter: Etiketter) -> list[Visning]:
    """Every table of a release in the report's order; one of three dimensions is a table for each category of the last
    one, and one for all of them."""
    tables = {table["name"]: table["cells"] for table in release.indhold["tables"]}
    return [view for name in release.tabeller for view in _views(release, name, tables[name], etiketter)]


def offentlige(release: Release, etiketter: Etiketter) -> list[OffentligVisning]:
    """The public totals of a release."""
    return [
        OffentligVisning(
            name, etiketter.offentlig(name), table["cells"][0]["value"], etiketter.begrundelser.get(name, "")
        )
        for table in release.indhold["tables"]
        if (name := table["name"]).startswith("offentlig_")
    ]


@dataclass(frozen=True)
class _Udgivet:
    """A released table: its dimensions with the fact dimension of each, their categories as released, its cells."""

    tabel: Tabel
    fine: Sequence[str]
    værdier: Mapping[str, Sequence[Værdi]]
    celler: Mapping[Nøgle, int | None]

    def rækker(self, etiketter: Etiketter, fast: Mapping[str, Værdi]) -> list[tuple[str, list[int | None]]]:
        """Rows by the first dimension, columns by the second, with margins."""
        name, fine = self.tabel.rækker, self.fine[0]
        rows = [(etiketter.kategori(name, value), self._line({**fast, fine: value})) for value in self.værdier[fine]]
        return [*rows, (I_ALT, self._line(fast))]

    def _line(self, fast: Mapping[str, Værdi]) -> list[int | None]:
        across = [{self.fine[1]: value} for value in self.værdier[self.fine[1]]] if len(self.fine) > 1 else []
        return [self.celler[cell_key({**fast, **own, "enhed": self.tabel.enhed})] for own in (*across, {})]


def _views(release: Release, name: str, cells: Sequence[Mapping[str, Any]], etiketter: Etiketter) -> list[Visning]:
    values = {cell_key(cell["key"]): cell["value"] for cell in cells}
    tabel = erklæring(name, next(iter(values)), release.egne)
    fine = [GROVE.get(dimension, dimension) for dimension in tabel.dimensioner]
    seen = {dimension: _shown(dimension, values) for dimension in fine}
    found = _Udgivet(tabel, fine, seen, values)
    heads = [etiketter.kategori(tabel.kolonner, value) for value in seen[fine[1]]] if len(fine) > 1 else []
    slices: list[tuple[str, str, Mapping[str, Værdi]]] = [("", "", {})]
    if len(fine) > 2:
        third = tabel.dimensioner[2]
        slices = [
            (f"_{number}", f". {DIMENSION[third]}: {etiketter.kategori(third, value)}", {fine[2]: value})
            for number, value in enumerate(seen[fine[2]], 1)
        ]
        slices.append(("_i_alt", f". {DIMENSION[third]}: i alt", {}))
    return [
        Visning(
            name + mark,
            tabel.titel + added,
            ENHED[tabel.enhed],
            DIMENSION[tabel.rækker],
            [*heads, I_ALT],
            found.rækker(etiketter, own),
            noter(tabel, release.periode),
            name,
        )
        for mark, added, own in slices
    ]


def _shown(dimension: str, values: Mapping[Nøgle, int | None]) -> list[Værdi]:
    """A dimension's categories in the table's order; `uoplyst` only where something else than 0 is published of it."""
    seen = list(dict.fromkeys(value for key in values for own, value in key if own == dimension))
    told = any(value != 0 for key, value in values.items() if (dimension, UOPLYST) in key)
    return [value for value in seen if told or value != UOPLYST]


def erklæring(navn: str, celle: Nøgle, egne: Sequence[Tabel] = ()) -> Tabel:
    """What is declared of a released table; of one that no longer is, what one of its inner cells tells."""
    dimensions = tuple(name for name, _value in celle if name != "enhed")
    told = Tabel(navn, str(dict(celle).get("enhed", "")), dimensions, titel=navn)
    return next((tabel for tabel in (*egne, *standard()) if tabel.navn == navn), told)
