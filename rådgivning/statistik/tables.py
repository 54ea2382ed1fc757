"""What is counted and in which tables: units, dimensions, coarser dimensions, and the keys of a table's cells.

`tabeller.toml` declares the standard tables, `declared.py` reads it; a leder's own tables come beside them
(`plan_tables.py`). `counting.py` counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

from rådgivning.fakta.arrears import afværget
from rådgivning.statistik.periods import Periode

Værdi = str | tuple[str, ...]
"""A category, or several of a fine dimension that together are one of a coarser."""
Nøgle = tuple[tuple[str, Værdi], ...]
Grupper = tuple[tuple[str, tuple[str, ...]], ...]
"""A coarser dimension's categories: the key of each and the fine categories in it."""
UOPLYST = "uoplyst"
FLEST_DIMENSIONER = 3


class Enhed(NamedTuple):
    """A counting unit: its name in cell keys, the facts it counts, and the fact column behind each dimension.

    `hoveder`: each head counts as a person.
    """

    navn: str
    fakta: str
    kolonner: Mapping[str, str]
    hoveder: bool = False


class Tabel(NamedTuple):
    """A table of one to three dimensions with all its margins. `kun_kalenderår`: a part of a year would be a part of a
    public total, which leaves its cells no room, so only whole years have it. `grupper` are those of each coarser
    dimension in it, as the plan has them."""

    navn: str
    enhed: str
    dimensioner: tuple[str, ...]
    kun_kalenderår: bool = False
    titel: str = ""
    note: str = ""
    grupper: tuple[tuple[str, Grupper], ...] = ()

    @property
    def rækker(self) -> str:
        """The first dimension."""
        return self.dimensioner[0]

    @property
    def kolonner(self) -> str:
        """The second dimension; "" in a table of one."""
        return self.dimensioner[1] if len(self.dimensioner) > 1 else ""

    @property
    def ren(self) -> Tabel:
        """The table without its texts: what figures are made from."""
        return self._replace(titel="", note="")

    @property
    def over_tid(self) -> bool:
        """Whether its cells go by time."""
        return "tid" in self.dimensioner


FASTE: Mapping[str, Mapping[str, str]] = {
    "ledsaget": {"ja": "Ledsaget", "nej": "Ikke ledsaget"},
    "kontaktet": {"ja": "Truffet i tide", "nej": "Ikke truffet i tide"},
    "afværget": {"ja": "Afværget", "nej": "Ikke afværget", "ikke_ophævet": "Ikke kommet til ophævelse"},
    "ventetid": {
        "0-1": "0-1 dag",
        "2-3": "2-3 dage",
        "4-7": "4-7 dage",
        "8-14": "8-14 dage",
        "15-30": "15-30 dage",
        "31+": "Over 30 dage",
        "ingen": "Aldrig truffet",
    },
}
"""Dimensions that no plan decides: their keys in order, with Danish labels."""

GROVE: Mapping[str, str] = {"boligområde": "afdeling", "emnegruppe": "hovedemne", "aldersgruppe_grov": "aldersgruppe"}
"""Coarser dimensions and the fine one whose categories each of them gathers."""

_KONTAKT = {
    name: name
    for name in (
        "art",
        "aktivitet",
        "afdeling",
        "hovedemne",
        "aldersgruppe",
        "kilde",
        "form",
        "anledning",
        "udfald",
        "tid",
    )
}
_BROBYGNING = {name: name for name in ("modtager", "ledsaget", "aktivitet", "afdeling", "aldersgruppe", "tid")}
_RESTANCE = {
    "restance_udfald": "udfald",
    **{name: name for name in ("afdeling", "fase", "afværget", "kontaktet", "ventetid", "tid")},
}

ENHEDER: Mapping[str, Enhed] = {
    enhed.navn: enhed
    for enhed in (
        Enhed("kontakter", "kontakt", _KONTAKT),
        Enhed("beboere", "kontakt", {"aldersgruppe": "aldersgruppe", "afdeling": "afdeling"}),
        Enhed("restancesager", "restancesag", _RESTANCE),
        Enhed(
            "fremmøde",
            "fremmøde",
            {"aldersgruppe": "aldersgruppe", "sted": "sted", "tema": "tema", "tid": "tid"},
            hoveder=True,
        ),
        Enhed("brobygninger", "brobygning", _BROBYGNING),
    )
}
DIMENSIONER = ("tid", *dict.fromkeys(d for enhed in ENHEDER.values() for d in enhed.kolonner if d != "tid"))
IKKE_ADDITIVE = frozenset({"beboere"})
"""Units that count distinct persons: a year is not the sum of its quarters."""
MINDRE_END = (("beboere", "kontakter"),)
"""A resident counts in a cell only when she has a contact in it: the first unit's cell never exceeds the second's."""


class Tælling(NamedTuple):
    """How many, and how many distinct persons behind them."""

    antal: int
    personer: int


class OffentligtTal(NamedTuple):
    """A total that the agreement itself publishes: shown exact, with the reason. Dimensions as in cell keys."""

    navn: str
    enhed: str
    nøgle: Mapping[str, tuple[str, ...]]
    begrundelse: str
    antal: int = 0

    def som_nøgle(self) -> dict[str, Any]:
        """Its cell's key in a release."""
        shown = {name: chosen[0] if len(chosen) == 1 else list(chosen) for name, chosen in self.nøgle.items()}
        return {**shown, "enhed": self.enhed}


def i_perioden(tabeller: Sequence[Tabel], periode: Periode) -> list[Tabel]:
    """Those of some tables that a report of this period has."""
    return [tabel for tabel in tabeller if periode.er_kalenderår or not tabel.kun_kalenderår]


def nøgle(enhed: str, **dims: Værdi) -> Nøgle:
    """A cell's key; a dimension left out means all of its categories."""
    return tuple(sorted({**dims, "enhed": enhed}.items()))


def liste(værdi: Værdi) -> tuple[str, ...]:
    """One category or several, as several."""
    return (værdi,) if isinstance(værdi, str) else tuple(værdi)


def orden(key: Nøgle) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What keys are sorted by: a category and several cannot be compared as they are."""
    return tuple((name, liste(value)) for name, value in key)


class Led(NamedTuple):
    """One dimension of a table: its name, the fact dimension its cells are keyed by, its categories in order."""

    navn: str
    fin: str
    værdier: list[Værdi]


def led(tabel: Tabel, dims: Mapping[str, Sequence[str]]) -> list[Led]:
    """A table's dimensions. What no group of a coarser one has is a category of its own, after the groups."""
    found = []
    for name in tabel.dimensioner:
        fine = GROVE.get(name, name)
        values: list[Værdi] = list(dims[fine])
        if name != fine:
            groups = dict(tabel.grupper).get(name, ())
            grouped = [tuple(key for key in dims[fine] if key in keys) for _group, keys in groups]
            taken = {key for keys in grouped for key in keys}
            values = [keys[0] if len(keys) == 1 else keys for keys in grouped if keys]
            values += [key for key in dims[fine] if key not in taken]
        found.append(Led(name, fine, values))
    return found


def tabelnøgler(tabel: Tabel, dims: Mapping[str, Sequence[str]]) -> list[list[Nøgle]]:
    """The keys of a table: inner cells first, then its margins with ever fewer dimensions, at last the total."""
    return [
        [nøgle(tabel.enhed, **dict(zip([d.fin for d in chosen], values, strict=True))) for values in _product(chosen)]
        for chosen in udvalg(led(tabel, dims))
    ]


def udvalg(dimensioner: Sequence[Led]) -> Iterator[tuple[Led, ...]]:
    """All of some dimensions, then every choice of one fewer, and so on to none."""
    for size in range(len(dimensioner), -1, -1):
        yield from combinations(dimensioner, size)


def _product(dimensioner: Sequence[Led]) -> Iterator[tuple[Værdi, ...]]:
    return product(*(dimension.værdier for dimension in dimensioner))


Summer = list[tuple[Nøgle, tuple[Nøgle, ...]]]


def tabelsummer(tabel: Tabel, dims: Mapping[str, Sequence[str]]) -> Summer:
    """Which of a table's cells is the sum of which: each margin over the first dimension it lacks."""
    whole = led(tabel, dims)
    sums: Summer = []
    for chosen in udvalg(whole):
        lacking = next((dimension for dimension in whole if dimension not in chosen and dimension.værdier), None)
        if lacking is None:
            continue
        for values in _product(chosen):
            own = dict(zip([dimension.fin for dimension in chosen], values, strict=True))
            parts = tuple(nøgle(tabel.enhed, **own, **{lacking.fin: value}) for value in lacking.værdier)
            sums.append((nøgle(tabel.enhed, **own), parts))
    return sums


def dele(key: Nøgle, findes: Callable[[Nøgle], bool]) -> Iterator[tuple[Nøgle, tuple[Nøgle, ...]]]:
    """A coarse cell as the sum of finer ones, one dimension at a time, where all of these exist."""
    for place, (name, value) in enumerate(key):
        if not isinstance(value, str):
            parts = tuple((*key[:place], (name, one), *key[place + 1 :]) for one in value)
            if all(map(findes, parts)):
                yield key, parts


def afledte(dims: Mapping[str, Sequence[str]]) -> Summer:
    """Cells whose count follows from cells of another table: whether a case was averted follows from its furthest phase
    and its outcome."""
    unit = "restancesager"
    return [
        (
            nøgle(unit, afværget=value, restance_udfald=outcome),
            tuple(
                nøgle(unit, fase=fase, restance_udfald=outcome)
                for fase in dims["fase"]
                if (afværget(fase, outcome) or UOPLYST) == value
            ),
        )
        for outcome in dims["restance_udfald"]
        for value in dims["afværget"]
    ]
