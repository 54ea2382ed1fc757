"""The categories of a dimension as all releases tell them; bands of numbers that overlap become the bands they share.

`0-17` and `0-19` are different names, but the attacker sees that one lies inside the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations, pairwise

_FROM_TO = re.compile(r"(\d{1,4})\s*[-–]\s*(\d{1,4})")
_AND_UP = re.compile(r"(\d{1,4})\s*\+")
_ENDLESS = 10**9
Band = tuple[int, int]


class Categories:
    """Every dimension's categories. A category that overlaps another stands for the pieces they are made of."""

    def __init__(self, releases: Iterable[Mapping[str, Sequence[str]]]) -> None:
        found: dict[str, dict[str, None]] = {}
        for dims in releases:
            for name, categories in dims.items():
                found.setdefault(name, {}).update(dict.fromkeys(categories))
        self._names: dict[str, list[str]] = {name: list(categories) for name, categories in found.items()}
        self._pieces = {name: _pieces(categories) for name, categories in found.items()}
        self._known: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}

    def of(self, name: str, categories: Collection[str]) -> frozenset[str]:
        """What categories of a dimension stand for."""
        asked = name, tuple(categories)
        if asked not in self._known:
            pieces = self._pieces.get(name, {})
            self._known[asked] = frozenset(one for category in asked[1] for one in pieces.get(category, (category,)))
        return self._known[asked]

    def everything(self, name: str) -> frozenset[str]:
        """All of a dimension."""
        return self.of(name, self._names.get(name, ()))


def _pieces(categories: Collection[str]) -> dict[str, tuple[str, ...]]:
    bands = {category: band for category in categories if (band := _band(category)) is not None}
    if not any(one[0] <= other[1] and other[0] <= one[1] for one, other in combinations(bands.values(), 2)):
        return {}
    ends = sorted({end for first, last in bands.values() for end in (first, last + 1)})
    return {
        category: tuple(f"{start}-{end - 1}" for start, end in pairwise(ends) if first <= start and end - 1 <= last)
        for category, (first, last) in bands.items()
    }


def _band(category: str) -> Band | None:
    if match := _FROM_TO.fullmatch(category):
        first, last = int(match[1]), int(match[2])
        return (first, last) if first <= last else None
    match = _AND_UP.fullmatch(category)
    return (int(match[1]), _ENDLESS) if match else None
