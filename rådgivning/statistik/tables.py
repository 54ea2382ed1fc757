"""The report as data: which tables it has, and the true counts of their cells with the persons behind each.

Nothing here leaves the program: the counts go to `rounding.py`, and only what comes back may be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

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
    """A two-way table with margins and grand total."""

    navn: str
    enhed: str
    rækker: str
    kolonner: str


_SAME = {name: name for name in ("art", "afdeling", "hovedemne", "aldersgruppe", "kilde", "udfald", "tid")}

ENHEDER: Mapping[str, Enhed] = {
    enhed.navn: enhed
    for enhed in (
        Enhed("kontakter", "kontakt", _SAME),
        Enhed("beboere", "kontakt", {"aldersgruppe": "aldersgruppe", "afdeling": "afdeling"}),
        Enhed("restancesager", "restancesag", {"restance_udfald": "udfald", "tid": "tid"}),
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
    Tabel("fremmøde_aldersgruppe_tid", "fremmøde", "aldersgruppe", "tid"),
    Tabel("fremmøde_sted_tid", "fremmøde", "sted", "tid"),
    Tabel("brobygninger_modtager_ledsaget", "brobygninger", "modtager", "ledsaget"),
    Tabel("brobygninger_modtager_tid", "brobygninger", "modtager", "tid"),
)
DIMENSIONER = ("tid", *dict.fromkeys(d for enhed in ENHEDER.values() for d in enhed.kolonner if d != "tid"))
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


@dataclass
class Optalt:
    """The true counts of a report: cells, the sums that tie them, the keys of each table, every category.

    `sete` are cells of categories that are shown only because facts have them: such a cell is known not to be 0.
    """

    celler: dict[Nøgle, Tælling]
    summer: list[tuple[Nøgle, tuple[Nøgle, ...]]]
    tabeller: dict[str, list[Nøgle]]
    dims: dict[str, list[str]]
    sete: set[Nøgle] = field(default_factory=set)
    offentlige: tuple[OffentligtTal, ...] = ()


def nøgle(enhed: str, **dims: str | tuple[str, ...]) -> Nøgle:
    """A cell's key; a dimension left out means all of its categories."""
    return tuple(sorted({**dims, "enhed": enhed}.items()))


def mindre_end(optalt: Optalt) -> list[tuple[Nøgle, Nøgle]]:
    """The pairs of cells whose first can never count more than the second."""
    pairs = []
    for small, large in MINDRE_END:
        for key in optalt.celler:
            other = tuple(sorted({**dict(key), "enhed": large}.items()))
            if ("enhed", small) in key and other in optalt.celler:
                pairs.append((key, other))
    return pairs


def tæl(
    fakta: Iterable[Fakta],
    periode: Periode,
    kategorier: Mapping[str, Sequence[str]],
    offentlige: Sequence[OffentligtTal] = (),
) -> Optalt:
    """Count a period's facts into every cell of the report. `kategorier` gives each dimension's keys in order."""
    rows = _by_unit(fakta, periode)
    dims, unlisted = _categories(rows, periode, kategorier)
    counted = Optalt({}, [], {}, {"enhed": list(ENHEDER), **dims}, offentlige=tuple(offentlige))
    for tabel in TABELLER:
        _count_table(counted, tabel, rows[tabel.enhed], dims)
    for name, keys in unlisted.items():
        for unit, key in product(ENHEDER, keys):
            margin = nøgle(unit, **{name: key})
            if counted.celler.get(margin, _NONE).antal:
                counted.sete.add(margin)
    return counted


_NONE = Tælling(0, 0)
Columns = Mapping[str, Sequence[Any]]
"""A unit's facts by column: its dimensions, how many each counts, whose it is, and in which calendar year."""


def _by_unit(fakta: Iterable[Fakta], periode: Periode) -> dict[str, Columns]:
    times = {month: time for time in periode.tider for month in months_of(time) or ()}
    by_fact: dict[str, list[Fakta]] = {enhed.fakta: [] for enhed in ENHEDER.values()}
    for fact in fakta:
        if fact.enhed in by_fact and (fact.enhed != "restancesag" or fact.udfald):
            by_fact[fact.enhed].append(fact)
    units: dict[str, Columns] = {}
    for enhed in ENHEDER.values():
        rows = by_fact[enhed.fakta] if enhed.navn != "beboere" else _latest(by_fact["kontakt"])
        columns: dict[str, Sequence[Any]] = dict(
            zip(Fakta._fields, zip(*rows, strict=True) if rows else _EMPTY, strict=True)
        )
        units[enhed.navn] = {
            **{
                name: [value or UOPLYST for value in columns[column]]
                for name, column in enhed.kolonner.items()
                if name != "tid"
            },
            "tid": [times[month] for month in columns["måned"]],
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
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Each dimension's categories, and those among them that stand in no list: they may not vanish from the sums."""
    dims = {name: list(kategorier.get(name, ())) for name in DIMENSIONER}
    dims["tid"] = list(periode.tider)
    unlisted: dict[str, list[str]] = {}
    for name in DIMENSIONER:
        used = set().union(*(columns.get(name, ()) for columns in units.values()))
        unlisted[name] = sorted(used - set(dims[name]))
        dims[name] += unlisted[name]
    return dims, unlisted


def _count_table(counted: Optalt, tabel: Tabel, columns: Columns, dims: Mapping[str, list[str]]) -> None:
    """Count a table's cells, unless another table has counted them, and note its sums."""
    rows, across = dims[tabel.rækker], dims[tabel.kolonner]
    total = nøgle(tabel.enhed)
    keys: list[Nøgle] = []

    def count(names: tuple[str, ...], categories: Iterable[tuple[str, ...]]) -> list[Nøgle]:
        made = [nøgle(tabel.enhed, **dict(zip(names, values, strict=True))) for values in categories]
        if made and made[0] not in counted.celler:
            found = _count(columns, names, heads=tabel.enhed == "fremmøde")
            counted.celler.update((key, found.get(values, _NONE)) for key, values in zip(made, categories, strict=True))
        keys.extend(made)
        return made

    inner = count((tabel.rækker, tabel.kolonner), [(row, column) for row in rows for column in across])
    row_margins = count((tabel.rækker,), [(row,) for row in rows])
    column_margins = count((tabel.kolonner,), [(column,) for column in across])
    count((), [()])
    width = len(across)
    for number, margin in enumerate(row_margins):
        counted.summer.append((margin, tuple(inner[number * width : (number + 1) * width])))
    for number, margin in enumerate(column_margins):
        counted.summer.append((margin, tuple(inner[number::width])))
    counted.summer.append((total, tuple(row_margins)))
    counted.tabeller[tabel.navn] = keys


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
