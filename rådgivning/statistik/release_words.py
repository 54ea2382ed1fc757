"""A release in words: what of it is provisional, how it was tried, what came too late, and how two of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rådgivning.dansk import tal
from rådgivning.statistik.audit import REFUSED, Verdict
from rådgivning.statistik.display import erklæring
from rådgivning.statistik.labels import DIMENSION, ENHED, Etiketter, tid
from rådgivning.statistik.periods import months_between
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import Nøgle, Tabel

METODER: Mapping[str, str] = {
    "controlled-rounding": "Afrunding",
    "afrunding": "Afrunding",
    "suppression": "Udeladelse",
    "udeladelse": "Udeladelse",
}


def metodenavn(release: Release) -> str:
    """The method in a word, with the base of a rounding."""
    name = METODER.get(release.metode, release.metode)
    base = release.indhold["known_rule"].get("base")
    return f"{name} til {base}" if base else name


def stand(release: Release) -> str:
    """Whether the figures may still change, and why."""
    if not release.foreløbig:
        return "Alle måneder er lukket, så tallene ændres ikke mere."
    return f"Endnu ikke lukket: {måneder(release.åbne)}. I de måneder kan tallene ændre sig; i de andre ligger de fast."


def måneder(navne: Sequence[str]) -> str:
    """Months in words, those that follow each other as a span: `marts 2026, juli – september 2026`."""
    ordered = sorted(navne)
    place = {month: number for number, month in enumerate(months_between(ordered[0], ordered[-1]))} if ordered else {}
    runs = [list(run) for _, run in groupby(ordered, key=lambda month: place[month] - ordered.index(month))]
    return ", ".join(_span(run[0], run[-1]) for run in runs)


def _span(first: str, last: str) -> str:
    if first == last:
        return tid(first)
    begin = tid(first)[:-5] if first[:4] == last[:4] else tid(first)
    return f"{begin} – {tid(last)}"


def angreb(release: Release) -> str:
    """What the attack before the release found, in words."""
    found = {verdict: int(release.revision.get(verdict, 0)) for verdict in Verdict}
    tried, near = sum(found.values()), sum(found[verdict] for verdict in REFUSED)
    text = (
        f"{tal(tried)} tal er prøvet mod gætteri under ét. "
        + ("Ingen af dem" if near == 0 else f"{tal(near)} af dem")
        + f" røber noget om færre end {release.revision.get('tærskel', 5)} personer."
    )
    return text if release.revision.get("strict", True) else f"{text} Enkelte tal ligger længere fra det rigtige."


def prøvet(revision: Mapping[str, Any]) -> str:
    """The outcome of an attack in two words."""
    return "intet fundet" if not any(revision.get(verdict) for verdict in REFUSED) else "noget fundet"


def efterslæb(release: Release) -> list[str]:
    """What came too late for the figures, as far as there is enough of it to be told of."""
    notes = []
    if late := release.noter.get("efterregistrerede"):
        notes.append(
            f"Omkring {tal(late)} personers registreringer kom, da deres egen måned var lukket, "
            "og er talt med i den første måned, der var åben."
        )
    if corrected := release.noter.get("rettede"):
        notes.append(
            f"Omkring {tal(corrected)} personers registreringer i tidligere måneder er rettet eller slettet, "
            "efter at måneden var lukket. Det ændrer ingen tal."
        )
    return notes


@dataclass(frozen=True)
class Forskel:
    """A cell that two releases of a period do not show alike; None where one of them does not show it."""

    tabel: str
    celle: str
    før: int | None
    efter: int | None


def forskelle(første: Release, anden: Release, etiketter: Etiketter) -> list[Forskel]:
    """The protected cells and the public totals that differ, each once, in the reports' order."""
    before, after = _values(første), _values(anden)
    own = (*anden.egne, *første.egne)
    found = []
    for key, (table, _value) in {**before, **after}.items():
        old, new = (values.get(key, ("", None))[1] for values in (before, after))
        if old != new or (key in before) != (key in after):
            found.append(Forskel(_title(table, key[1], etiketter, own), _cell(key[1], etiketter), old, new))
    return found


def antal_celler(release: Release) -> int:
    """How many different cells a release has."""
    return len(_values(release))


def _values(release: Release) -> dict[tuple[bool, Nøgle], tuple[str, int | None]]:
    """Each cell once: the first table that has it, and its value. A public total is no rounded cell's double."""
    found: dict[tuple[bool, Nøgle], tuple[str, int | None]] = {}
    for table, cells in release.celler.items():
        for key, value in cells.items():
            found.setdefault((table.startswith("offentlig_"), key), (table, value))
    return found


def _title(navn: str, celle: Nøgle, etiketter: Etiketter, egne: Sequence[Tabel]) -> str:
    return etiketter.offentlig(navn) if navn.startswith("offentlig_") else erklæring(navn, celle, egne).titel


def _cell(key: Nøgle, etiketter: Etiketter) -> str:
    """A cell in words: its unit and the categories it is limited to."""
    dims = dict(key)
    unit = ENHED[str(dims.pop("enhed"))]
    parts = [f"{DIMENSION[name].lower()}: {etiketter.kategori(name, value)}" for name, value in dims.items()]
    return f"{unit}, {'; '.join(parts)}" if parts else f"{unit} i alt"
