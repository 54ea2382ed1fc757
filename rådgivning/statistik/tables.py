"""The report as data: which tables it has, and the true counts of their cells with the persons behind each.

Nothing here leaves the program: the counts go to `rounding.py`, and only what comes back may be shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

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


class _Row(NamedTuple):
    """A fact with its categories spelled out and its person as something that can be counted."""

    værdier: dict[str, str]
    antal: int
    person: object
    år: str


def _by_unit(fakta: Iterable[Fakta], periode: Periode) -> dict[str, list[_Row]]:
    times = {month: time for time in periode.tider for month in months_of(time) or ()}
    rows: dict[str, list[_Row]] = {name: [] for name in ENHEDER}
    by_fact = {enhed.fakta: enhed for enhed in ENHEDER.values() if enhed.navn != "beboere"}
    latest: dict[bytes, Fakta] = {}
    for number, fact in enumerate(fakta):
        enhed = by_fact.get(fact.enhed)
        if enhed is None or (enhed.navn == "restancesager" and not fact.udfald):
            continue
        values = {dim: getattr(fact, column) or UOPLYST for dim, column in enhed.kolonner.items() if dim != "tid"}
        values["tid"] = times[fact.måned]
        rows[enhed.navn].append(_Row(values, fact.antal, fact.pseudonym or number, fact.måned[:4]))
        if enhed.navn == "kontakter" and fact.pseudonym is not None:
            earlier = latest.get(fact.pseudonym)
            if earlier is None or _order(fact) > _order(earlier):
                latest[fact.pseudonym] = fact
    rows["beboere"] = [
        _Row({dim: getattr(fact, dim) or UOPLYST for dim in ENHEDER["beboere"].kolonner}, 1, person, fact.måned[:4])
        for person, fact in latest.items()
    ]
    return rows


def _order(fact: Fakta) -> tuple[str, str, str]:
    """A resident counts where her latest month puts her; within that month the last in key order, always the same."""
    return (fact.måned, fact.afdeling, fact.aldersgruppe)


def _categories(
    rows: Mapping[str, list[_Row]], periode: Periode, kategorier: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Each dimension's categories, and those among them that stand in no list: they may not vanish from the sums."""
    dims = {name: list(kategorier.get(name, ())) for name in DIMENSIONER}
    dims["tid"] = list(periode.tider)
    unlisted: dict[str, list[str]] = {}
    for name in DIMENSIONER:
        used = {row.værdier[name] for enhed in rows.values() for row in enhed if name in row.værdier}
        unlisted[name] = sorted(used - set(dims[name]))
        dims[name] += unlisted[name]
    return dims, unlisted


def _count_table(counted: Optalt, tabel: Tabel, rows: list[_Row], dims: Mapping[str, list[str]]) -> None:
    inner = _count_inner(tabel, rows)
    heads = tabel.enhed == "fremmøde"
    row_keys, column_keys = dims[tabel.rækker], dims[tabel.kolonner]
    keys: list[Nøgle] = []

    def add(key: Nøgle, members: Iterable[tuple[str, str]]) -> None:
        keys.append(key)
        if key not in counted.celler:
            counted.celler[key] = _join([inner[pair] for pair in members if pair in inner], heads=heads)

    cell = {
        (row, column): nøgle(tabel.enhed, **{tabel.rækker: row, tabel.kolonner: column})
        for row in row_keys
        for column in column_keys
    }
    total = nøgle(tabel.enhed)
    row_margin = {row: nøgle(tabel.enhed, **{tabel.rækker: row}) for row in row_keys}
    column_margin = {column: nøgle(tabel.enhed, **{tabel.kolonner: column}) for column in column_keys}
    for row in row_keys:
        for column in column_keys:
            add(cell[row, column], [(row, column)])
        add(row_margin[row], [(row, column) for column in column_keys])
        counted.summer.append((row_margin[row], tuple(cell[row, column] for column in column_keys)))
    for column in column_keys:
        add(column_margin[column], [(row, column) for row in row_keys])
        counted.summer.append((column_margin[column], tuple(cell[row, column] for row in row_keys)))
    add(total, cell)
    counted.summer.append((total, tuple(row_margin.values())))
    counted.tabeller[tabel.navn] = keys


@dataclass
class _Inner:
    antal: int = 0
    personer: dict[str, set[object]] = field(default_factory=lambda: defaultdict(set))


def _count_inner(tabel: Tabel, rows: list[_Row]) -> dict[tuple[str, str], _Inner]:
    inner: dict[tuple[str, str], _Inner] = {}
    row_dim, column_dim = tabel.rækker, tabel.kolonner
    for values, antal, person, år in rows:
        key = (values[row_dim], values[column_dim])
        cell = inner.get(key)
        if cell is None:
            cell = inner[key] = _Inner()
        cell.antal += antal
        cell.personer[år].add(person)
    return inner


def _join(cells: list[_Inner], *, heads: bool) -> Tælling:
    """Sum cells and count their persons. A pseudonym holds for one calendar year: of several, the fullest counts."""
    antal = sum(cell.antal for cell in cells)
    if heads:
        return Tælling(antal, antal)
    years = {year for cell in cells for year in cell.personer}
    persons = max((len(set().union(*(cell.personer.get(year, ()) for cell in cells))) for year in years), default=0)
    return Tælling(antal, persons)
