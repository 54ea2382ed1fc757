"""How a calendar year is cut into the pieces that every report of it is a sum of.

Quarters, cut once more where the plan year begins, are the blocks; tables over time go down to months. The tree says in
which order a year is shared out: halves, quarters, blocks, months, always in two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rådgivning.statistik.periods import Periode, months_between

Måneder = tuple[str, ...]


@dataclass(frozen=True)
class Knude:
    """A stretch of months and the two it is shared between. `i_blok` when it is only a part of a block."""

    måneder: Måneder
    dele: tuple[Knude, ...] = ()
    blok: bool = False
    i_blok: bool = False

    def alle(self) -> Iterator[Knude]:
        """This stretch and every part of it, down to the last."""
        yield self
        for part in self.dele:
            yield from part.alle()


def kode(måneder: Sequence[str]) -> str:
    """The time code of consecutive months."""
    return måneder[0] if len(måneder) == 1 else f"{måneder[0]}/{måneder[-1]}"


@dataclass(frozen=True)
class Årsdeling:
    """A calendar year and the month (1-12) in which plan years begin."""

    år: str
    planmåned: int

    @property
    def måneder(self) -> Måneder:
        """The year's months."""
        return months_between(f"{self.år}-01", f"{self.år}-12")

    @cached_property
    def kvartaler(self) -> list[Måneder]:
        """The months of each quarter."""
        return [self.måneder[start : start + 3] for start in range(0, 12, 3)]

    @cached_property
    def planstykker(self) -> list[Måneder]:
        """The year's share of each plan year that touches it; the year itself when plan years begin in January."""
        cut = self.planmåned - 1
        return [part for part in (self.måneder[:cut], self.måneder[cut:]) if part]

    @cached_property
    def blokke(self) -> list[Måneder]:
        """The coarsest pieces of which the year, its quarters and its shares of plan years are sums."""
        return [block for quarter in self.kvartaler for block in self._cut(quarter)]

    @cached_property
    def spænd(self) -> list[Måneder]:
        """Each stretch that some report covers: the year, its quarters, its shares of plan years."""
        return list(dict.fromkeys([self.måneder, *self.kvartaler, *self.planstykker]))

    def træ(self) -> Knude:
        """The year as a tree."""
        return _halved([_halved([self._block(block) for block in self._cut(quarter)]) for quarter in self.kvartaler])

    def rapporter(self) -> list[Periode]:
        """All that is ever published of the year, each report at its finest."""
        quarters = tuple(f"{self.år}-K{number}" for number in range(1, 5))
        found = [Periode(self.år, self.måneder, quarters)]
        found += [Periode(name, months, months) for name, months in zip(quarters, self.kvartaler, strict=True)]
        for months in self.planstykker:
            spans: dict[int, list[str]] = {}
            for month in months:
                spans.setdefault((int(month[5:]) - self.planmåned) % 12 // 3, []).append(month)
            found.append(Periode(kode(months), months, tuple(kode(span) for span in spans.values())))
        return found

    def _cut(self, months: Måneder) -> list[Måneder]:
        inside = [tuple(month for month in months if month in part) for part in self.planstykker]
        return [part for part in inside if part]

    def _block(self, months: Måneder) -> Knude:
        if len(months) == 1:
            return Knude(months, blok=True)
        parts = _halved([Knude((month,), i_blok=True) for month in months], i_blok=True).dele
        return Knude(months, parts, blok=True)


def _halved(parts: list[Knude], *, i_blok: bool = False) -> Knude:
    if len(parts) == 1:
        return parts[0]
    half = (len(parts) + 1) // 2
    pair = _halved(parts[:half], i_blok=i_blok), _halved(parts[half:], i_blok=i_blok)
    return Knude(pair[0].måneder + pair[1].måneder, pair, i_blok=i_blok)
