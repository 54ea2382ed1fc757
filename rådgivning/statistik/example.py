"""The worked example of the help page: an invented table, rounded by the very code that rounds the real ones.

Nothing on it is written by hand, so that what the page says of it stays true whatever becomes of the rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rådgivning.statistik.rounding import Opgave, Regel, afrund
from rådgivning.statistik.tables import Nøgle, Tælling, nøgle

I_ALT = "I alt"
_AFDELINGER = ("Nord", "Syd", "Vest")
_OPTALT = {
    "Gæld": ((14, 9), (3, 3), (8, 6)),
    "Husleje og restance": ((22, 15), (11, 7), (6, 5)),
    "Ensomhed og netværk": ((2, 2), (6, 5), (0, 0)),
    "Digital hjælp": ((7, 6), (16, 12), (1, 1)),
}
"""Contacts and the persons behind them, by topic and afdeling."""
_DRAWS = 50


@dataclass(frozen=True)
class Celle:
    """One cell of the example: what was counted, and what is shown."""

    række: str
    kolonne: str
    antal: int
    vist: int


@dataclass(frozen=True)
class Eksempel:
    """The example's cells row by row, the margins last; `op` and `ned` are the cells that the page speaks of."""

    regel: Regel
    kolonner: Sequence[str]
    rækker: Sequence[tuple[str, Sequence[Celle]]]

    @property
    def optalt(self) -> list[list[str]]:
        """The table that nobody gets to see."""
        return [[label, *(str(cell.antal) for cell in cells)] for label, cells in self.rækker]

    @property
    def vist(self) -> list[list[str]]:
        """The table as it is published."""
        return [[label, *(str(cell.vist) for cell in cells)] for label, cells in self.rækker]

    @property
    def op(self) -> Celle | None:
        """A few that are shown as the base."""
        return next((cell for cell in self._few if cell.vist == self.regel.base), None)

    @property
    def ned(self) -> Celle | None:
        """A few that are shown as 0."""
        return next((cell for cell in self._few if cell.vist == 0), None)

    @property
    def _few(self) -> list[Celle]:
        inner = [cell for _label, cells in self.rækker[:-1] for cell in cells[:-1]]
        return [cell for cell in inner if 0 < cell.antal < self.regel.base]

    @property
    def tydeligt(self) -> bool:
        """Whether it has both a figure that went up and one that went down, and none that went far."""
        far = any(abs(cell.vist - cell.antal) >= self.regel.base for _label, cells in self.rækker for cell in cells)
        return self.op is not None and self.ned is not None and not far


@lru_cache(maxsize=8)
def eksempel(base: int, tærskel: int) -> Eksempel:
    """The example under a base and a threshold: the first of some fixed draws that shows what there is to show."""
    rule = Regel(base=base, tærskel=tærskel)
    draws = [b"invented figures %d" % number for number in range(_DRAWS)]
    found = (_rounded(rule, draw) for draw in draws)
    return next((example for example in found if example.tydeligt), _rounded(rule, draws[0]))


def _rounded(regel: Regel, frø: bytes) -> Eksempel:
    opgave = _opgave()
    shown = afrund(opgave, regel, frø)

    def cell(row: str, column: str) -> Celle:
        key = _key(row, column)
        return Celle(row, column, opgave.celler[key].antal, shown[key])

    columns = [*_AFDELINGER, I_ALT]
    return Eksempel(regel, columns, [(row, [cell(row, column) for column in columns]) for row in (*_OPTALT, I_ALT)])


def _opgave() -> Opgave:
    cells = {
        _key(row, column): Tælling(*count)
        for row, counts in _OPTALT.items()
        for column, count in zip(_AFDELINGER, counts, strict=True)
    }
    sums = [(_key(row, I_ALT), tuple(_key(row, column) for column in _AFDELINGER)) for row in _OPTALT]
    sums += [(_key(I_ALT, column), tuple(_key(row, column) for row in _OPTALT)) for column in _AFDELINGER]
    sums.append((_key(I_ALT, I_ALT), tuple(_key(I_ALT, column) for column in _AFDELINGER)))
    for whole, parts in sums:
        counts = [cells[part] for part in parts]
        cells[whole] = Tælling(sum(count.antal for count in counts), sum(count.personer for count in counts))
    return Opgave(cells, sums)


def _key(row: str, column: str) -> Nøgle:
    limits = {"hovedemne": row, "afdeling": column}
    return nøgle("kontakter", **{name: value for name, value in limits.items() if value != I_ALT})
