"""The report as data: which tables it has, and the true counts of their cells with the persons behind each.

Nothing here leaves the program: the counts go to `rounding.py`, and only what comes back may be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from rådgivning.fakta.arrears import afværget
from rådgivning.fakta.rows import Fakta
from rådgivning.statistik.periods import Periode, months_of

Nøgle = tuple[tuple[str, str | tuple[str, ...]], ...]
UOPLYST = "uoplyst"


class Enhed(NamedTuple):
    """A counting unit: its name in cell keys, the facts it counts, and the fact column behind each dimension."""

    navn: str
    fakta: str
    kolonner: Mapping[str, str]


class Tabel(NamedTuple):
    """A two-way table with margins and grand total. `kun_kalenderår`: a part of a year would be a part of a public
    total, which leaves its cells no room, so only whole years have it."""

    navn: str
    enhed: str
    rækker: str
    kolonner: str
    kun_kalenderår: bool = False


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

_SAME = {name: name for name in ("art", "afdeling", "hovedemne", "aldersgruppe", "kilde", "udfald", "tid")}

_RESTANCE = {
    "restance_udfald": "udfald",
    **{name: name for name in ("afdeling", "fase", "afværget", "kontaktet", "ventetid", "tid")},
}

ENHEDER: Mapping[str, Enhed] = {
    enhed.navn: enhed
    for enhed in (
        Enhed("kontakter", "kontakt", _SAME),
        Enhed("beboere", "kontakt", {"aldersgruppe": "aldersgruppe", "afdeling": "afdeling"}),
        Enhed("restancesager", "restancesag", _RESTANCE),
        Enhed("fremmøde", "fremmøde", {"aldersgruppe": "aldersgruppe", "sted": "sted", "tid": "tid"}),
        Enhed("brobygninger", "brobygning", {"modtager": "modtager", "ledsaget": "ledsaget", "tid": "tid"}),
    )
}

TABELLER = (
    Tabel("kontakter_art_tid", "kontakter", "art", "tid"),
    Tabel("kontakter_art_afdeling", "kontakter", "art", "afdeling"),
    Tabel("kontakter_hovedemne_aldersgruppe", "kontakter", "hovedemne", "aldersgruppe"),
    Tabel("kontakter_kilde_art", "kontakter", "kilde", "art"),
    Tabel("kontakter_udfald_art", "kontakter", "udfald", "art"),
    Tabel("beboere_aldersgruppe_afdeling", "beboere", "aldersgruppe", "afdeling"),
    Tabel("restancesager_udfald_tid", "restancesager", "restance_udfald", "tid"),
    Tabel("restancesager_udfald_afdeling", "restancesager", "restance_udfald", "afdeling", kun_kalenderår=True),
    Tabel("restancesager_fase_udfald", "restancesager", "fase", "restance_udfald"),
    Tabel("restancesager_afværget_udfald", "restancesager", "afværget", "restance_udfald"),
    Tabel("restancesager_ventetid_kontaktet", "restancesager", "ventetid", "kontaktet"),
    Tabel("fremmøde_aldersgruppe_tid", "fremmøde", "aldersgruppe", "tid"),
    Tabel("fremmøde_sted_tid", "fremmøde", "sted", "tid"),
    Tabel("brobygninger_modtager_ledsaget", "brobygninger", "modtager", "ledsaget"),
    Tabel("brobygninger_modtager_tid", "brobygninger", "modtager", "tid"),
)
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


@dataclass
class Optalt:
    """The true counts of a period: cells, the sums that tie them, every category."""

    celler: dict[Nøgle, Tælling]
    summer: list[tuple[Nøgle, tuple[Nøgle, ...]]]
    dims: dict[str, list[str]]


def tabeller_i(periode: Periode) -> list[Tabel]:
    """The tables that a report of this period has."""
    return [tabel for tabel in TABELLER if periode.er_kalenderår or not tabel.kun_kalenderår]


def nøgle(enhed: str, **dims: str | tuple[str, ...]) -> Nøgle:
    """A cell's key; a dimension left out means all of its categories."""
    return tuple(sorted({**dims, "enhed": enhed}.items()))


def tabelnøgler(tabel: Tabel, dims: Mapping[str, Sequence[str]]) -> list[list[Nøgle]]:
    """The keys of a table: inner cells row by row, row margins, column margins, total."""
    rows, across = dims[tabel.rækker], dims[tabel.kolonner]
    pairs = [(row, column) for row in rows for column in across]
    return [
        [nøgle(tabel.enhed, **{tabel.rækker: row, tabel.kolonner: column}) for row, column in pairs],
        [nøgle(tabel.enhed, **{tabel.rækker: row}) for row in rows],
        [nøgle(tabel.enhed, **{tabel.kolonner: column}) for column in across],
        [nøgle(tabel.enhed)],
    ]


def tæl(
    fakta: Iterable[Fakta],
    periode: Periode,
    kategorier: Mapping[str, Sequence[str]],
    tabeller: Sequence[Tabel] = TABELLER,
) -> Optalt:
    """Count a period's facts into every cell of some tables. `kategorier` gives each dimension's keys in order."""
    rows = _by_unit(fakta, periode, {tabel.enhed for tabel in tabeller})
    dims = _categories(rows, periode, kategorier)
    counted = Optalt({}, [], {"enhed": list(ENHEDER), **dims})
    for tabel in tabeller:
        _count_table(counted, tabel, rows[tabel.enhed])
    counted.summer += [tie for tie in afledte(dims) if tie[0] in counted.celler]
    return counted


def afledte(dims: Mapping[str, Sequence[str]]) -> list[tuple[Nøgle, tuple[Nøgle, ...]]]:
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


_NONE = Tælling(0, 0)
Columns = Mapping[str, Sequence[Any]]
"""A unit's facts by column: its dimensions, how many each counts, whose it is, and in which calendar year."""


def _by_unit(fakta: Iterable[Fakta], periode: Periode, enheder: Iterable[str]) -> dict[str, Columns]:
    times = {month: time for time in periode.tider for month in months_of(time) or ()}
    by_fact: dict[str, list[Fakta]] = {enhed.fakta: [] for enhed in ENHEDER.values()}
    for fact in fakta:
        if fact.enhed in by_fact and (fact.enhed != "restancesag" or fact.udfald):
            by_fact[fact.enhed].append(fact)
    units: dict[str, Columns] = {}
    for enhed in map(ENHEDER.__getitem__, enheder):
        rows = by_fact[enhed.fakta] if enhed.navn != "beboere" else _latest(by_fact["kontakt"])
        columns: dict[str, Sequence[Any]] = dict(
            zip(Fakta._fields, zip(*rows, strict=True) if rows else _EMPTY, strict=True)
        )
        units[enhed.navn] = {
            **{
                name: [value or UOPLYST for value in columns[column]]
                for name, column in enhed.kolonner.items()
                if name not in ("tid", "afværget")
            },
            "afværget": [
                afværget(*course) or UOPLYST for course in zip(columns["fase"], columns["udfald"], strict=True)
            ],
            "tid": [times.get(month, "") for month in columns["måned"]],
            "antal": columns["antal"] if enhed.navn != "beboere" else [1] * len(rows),
            "person": [code or number for number, code in enumerate(columns["pseudonym"])],
            "år": [month[:4] for month in columns["måned"]],
        }
    return units


_EMPTY: tuple[tuple[Any, ...], ...] = ((),) * len(Fakta._fields)


def _latest(kontakter: Iterable[Fakta]) -> list[Fakta]:
    """One fact a resident: that of her latest month, and within it the last in key order, always the same."""
    named = [fact for fact in kontakter if fact.pseudonym is not None]
    named.sort(key=attrgetter("måned", "afdeling", "aldersgruppe"))
    return list({fact.pseudonym: fact for fact in named}.values())


def _categories(
    units: Mapping[str, Columns], periode: Periode, kategorier: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Each dimension's categories, and those in the facts that stand in no list: they may not vanish from the sums."""
    dims = {name: list(kategorier.get(name, ())) for name in DIMENSIONER}
    for name in DIMENSIONER[1:]:
        dims[name] += sorted(set().union(*(columns.get(name, ()) for columns in units.values())) - set(dims[name]))
    dims["tid"] = list(periode.tider)
    return dims


def _count_table(counted: Optalt, tabel: Tabel, columns: Columns) -> None:
    """Count a table's cells, unless another table has counted them, and note its sums."""
    keys = tabelnøgler(tabel, counted.dims)
    inner, row_margins, column_margins, (total,) = keys
    for names, made in zip(((tabel.rækker, tabel.kolonner), (tabel.rækker,), (tabel.kolonner,), ()), keys, strict=True):
        if made and made[0] not in counted.celler:
            found = _count(columns, names, heads=tabel.enhed == "fremmøde")
            for key in made:
                limits = dict(key)
                counted.celler[key] = found.get(tuple(str(limits[name]) for name in names), _NONE)
    width = len(column_margins)
    sums = [(margin, tuple(inner[number * width : (number + 1) * width])) for number, margin in enumerate(row_margins)]
    sums += [(margin, tuple(inner[number::width])) for number, margin in enumerate(column_margins)]
    counted.summer += [(whole, parts) for whole, parts in [*sums, (total, tuple(row_margins))] if parts]


def _count(columns: Columns, names: tuple[str, ...], *, heads: bool) -> dict[tuple[str, ...], Tælling]:
    """Count by some dimensions. A pseudonym holds for one calendar year: of several years, the fullest counts.

    `heads` counts each head as a person.
    """
    keys = list(zip(*(columns[name] for name in names), strict=True)) if names else [()] * len(columns["antal"])
    totals: dict[tuple[str, ...], int] = {}
    for key, antal in zip(keys, columns["antal"], strict=True):
        totals[key] = totals.get(key, 0) + antal
    if heads:
        return {key: Tælling(antal, antal) for key, antal in totals.items()}
    persons: dict[tuple[str, ...], int] = {}
    in_year = Counter(map(itemgetter(0, 1), set(zip(keys, columns["år"], columns["person"], strict=True))))
    for (key, _year), number in in_year.items():
        persons[key] = max(persons.get(key, 0), number)
    return {key: Tælling(antal, persons[key]) for key, antal in totals.items()}
