"""What a restance list holds: its headings, wherever they stand, and the lines below them. Knows no Flask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rådgivning.felter.sheet import FilFejl, Linje, læs_linjer
from rådgivning.restancer.list_mapping import kendte

__all__ = ["Ark", "FilFejl", "læs_ark"]

FLEST_RÆKKER = 10_000
FLEST_KOLONNER = 60
HOVED_INDEN = 20
LÆNGSTE_OVERSKRIFT = 80


@dataclass(frozen=True)
class Ark:
    """A list as read: the headings, each once, and the lines that are not empty."""

    overskrifter: list[str]
    linjer: list[Linje]


def læs_ark(name: str, data: bytes) -> Ark:
    """The headings and lines of a CSV or XLSX file. Raises FilFejl.

    Titles may stand above the headings: the headings are the line that looks most like ours, among the first.
    """
    read = læs_linjer(name, data, højst_linjer=FLEST_RÆKKER + 100, højst_kolonner=FLEST_KOLONNER)
    lines = [line for line in read if line.fejl or any(line.celler)]
    place = _headings(lines)
    below = lines[place + 1 :]
    if not below:
        raise FilFejl("Filen har overskrifter, men ingen rækker.")
    if len(below) > FLEST_RÆKKER:
        raise FilFejl("Filen har over 10.000 rækker. Del den i mindre filer, og hent dem en ad gangen.")
    return Ark(_once(lines[place].celler), below)


def _headings(lines: Sequence[Linje]) -> int:
    first = lines[:HOVED_INDEN]
    if not first:
        raise FilFejl("Filen er tom.")
    scores = [(len(kendte(line.celler)), sum(map(bool, line.celler)) > 1, -n) for n, line in enumerate(first)]
    found = max(range(len(first)), key=scores.__getitem__)
    if not scores[found][0] and not scores[found][1]:
        raise FilFejl("Der er ingen overskrifter. Første linje skal have kolonnernes navne.")
    return found


def _once(cells: Sequence[str]) -> list[str]:
    """Headings that can be told apart; what a long one says beyond its beginning is left out."""
    seen: Counter[str] = Counter()
    found = []
    for cell in cells:
        name = " ".join(cell.split())[:LÆNGSTE_OVERSKRIFT]
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return found
